/**
 * What the monitors of queues, stacks and bags cost: `npx tsx test/bench/monitors.ts`. Histories are good by construction and made
 * as tables: clients that are nearly always busy, each operation taking effect at an instant of its own. Printed are
 * milliseconds of CPU from the table to a verified order, the least of several runs, and the growth exponent between the two longest.
 */
import { Rows, OK } from '../../checker/history/table.ts';
import { NULL_VALUE } from '../../checker/history/values.ts';
import { columnsOfParts, partsOf } from '../../checker/linear/parts.ts';
import { queue, stack, unorderedQueue } from '../../checker/model/collections.ts';
import type { Model } from '../../checker/model/model.ts';
import type { Call, Json } from '../../checker/history/operation.ts';
import { collectionPartOf } from '../../checker/monitor/collection-part.ts';
import { monitor } from '../../checker/monitor/monitor.ts';
import { verifyCollection } from '../../checker/monitor/verify-collection.ts';
import { keyed, type Random } from '../../src/base/random.ts';

const RUNS = 5;

interface Structure {
  readonly name: string;
  readonly model: Model<string, Call, Json> | Model<readonly string[], Call, Json>;
  readonly put: string;
  readonly take: string;
  /** Takes one out of the items. */
  readonly next: (items: Items) => number;
}

/** What is in: a ring would do, but this is not measured. */
interface Items {
  readonly list: number[];
  head: number;
}

const STRUCTURES: readonly Structure[] = [
  { name: 'queue', model: queue(), put: 'enqueue', take: 'dequeue', next: (items) => items.list[items.head++]! },
  { name: 'stack', model: stack(), put: 'push', take: 'pop', next: (items) => items.list.pop()! },
  {
    name: 'unordered-queue',
    model: unorderedQueue(),
    put: 'enqueue',
    take: 'dequeue',
    next: (items) => items.list[items.head++]!,
  },
];

/** A good history: at each moment a client begins, takes effect or returns. */
function history(random: Random, structure: Structure, shape: { operations: number; clients: number }): Rows {
  const rows = new Rows();
  const [put, take] = [rows.name(structure.put), rows.name(structure.take)];
  const items: Items = { list: [], head: 0 };
  const pending: number[] = [];
  const effective: number[] = [];
  const idle = Array.from({ length: shape.clients }, (_none, client) => client);
  while (rows.count < shape.operations || pending.length + effective.length > 0) {
    const canCall = rows.count < shape.operations && idle.length > 0;
    if (canCall && random.chance(0.8)) {
      const isPut = random.chance(0.5);
      const row = rows.addRow(isPut ? put : take, isPut ? rows.values.ofNumber(rows.count) : NULL_VALUE);
      rows.id[row] = row;
      rows.process[row] = idle.splice(random.int(idle.length), 1)[0]!;
      pending.push(row);
    } else if (pending.length > 0 && random.chance(0.5)) {
      const row = removed(random, pending);
      const size = items.list.length - items.head;
      if (rows.f[row] === put) items.list.push(rows.input[row]!);
      rows.output[row] = rows.f[row] === put || size === 0 ? NULL_VALUE : structure.next(items);
      effective.push(row);
    } else if (effective.length > 0) {
      const row = removed(random, effective);
      rows.ret[row] = rows.end++;
      rows.state[row] = OK;
      idle.push(rows.process[row]!);
    }
  }
  return rows;
}

function removed(random: Random, from: number[]): number {
  const at = random.int(from.length);
  const item = from[at]!;
  from[at] = from.at(-1)!;
  from.pop();
  return item;
}

function concurrency({ count, call, ret, end }: Rows): number {
  let open = 0;
  for (let row = 0; row < count; row++) open += ret[row]! - call[row]!;
  return open / end;
}

function costMs(table: Rows, model: Structure['model']): { readonly totalMs: number; readonly verdict: string } {
  const before = process.cpuUsage();
  const parts = partsOf(table, model as Model<never, Call, never>);
  const columns = columnsOfParts(table, parts);
  const part = collectionPartOf(
    table,
    { rows: parts[0]!.rows, columns: columns[0]! },
    model as Model<never, Call, Json>,
  );
  const result = part === undefined ? undefined : monitor(part);
  const fault = result?.kind === 'ok' ? verifyCollection(part!, result) : 'no order';
  const { user, system } = process.cpuUsage(before);
  return { totalMs: (user + system) / 1000, verdict: fault ?? 'ok' };
}

console.log('structure        clients  concurrency  operations    CPU ms  exponent');
for (const structure of STRUCTURES) {
  for (const clients of [2, 10, 50]) {
    let previousMs = NaN;
    for (const operations of [10_000, 100_000, 1_000_000]) {
      const table = history(keyed('monitors', structure.name, clients, operations), structure, { operations, clients });
      const runs = Array.from({ length: RUNS }, () => costMs(table, structure.model));
      if (runs.some(({ verdict }) => verdict !== 'ok')) throw new Error(`${structure.name}: ${runs[0]!.verdict}`);
      const ms = Math.min(...runs.map(({ totalMs }) => totalMs));
      const exponent = Math.log10(ms / previousMs);
      console.log(
        [
          structure.name.padEnd(16),
          String(clients).padStart(7),
          concurrency(table).toFixed(1).padStart(12),
          String(operations).padStart(11),
          ms.toFixed(1).padStart(9),
          (Number.isNaN(exponent) ? '' : exponent.toFixed(2)).padStart(9),
        ].join(' '),
      );
      previousMs = ms;
    }
  }
}
