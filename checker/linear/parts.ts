/**
 * Splits a history into the parts that are judged alone (locality: Herlihy & Wing 1990), and numbers the events of each part
 * from 0 on, all parts in one pass over the events.
 */
import type { Call } from '../history/operation.ts';
import { callAt, FAILED, NEVER, NO_NAME, type Table } from '../history/table.ts';
import type { Model } from '../model/model.ts';
import type { Columns } from './columns.ts';

/** The rows of one part, in order of invocation. Parts come in the order of their first operation. */
export interface PartRows {
  readonly name: string;
  /** Answered operations and those of unknown outcome. */
  readonly rows: Int32Array;
  /** Operations that were proven to have had no effect. */
  readonly failed: Int32Array;
}

/** The parts of a table under a model. A part that has only failed operations is none. */
export function partsOf(
  table: Table,
  model: Pick<Model<never, Call, never>, 'partition' | 'touches' | 'partitionedByKey'>,
): readonly PartRows[] {
  const { count, state } = table;
  const { partOf, names } = assign(table, model);
  const sizes = new Int32Array(names.length);
  const failedSizes = new Int32Array(names.length);
  for (let row = 0; row < count; row++) {
    if (state[row] === FAILED) failedSizes[partOf[row]!]!++;
    else sizes[partOf[row]!]!++;
  }
  const parts = names.map((name, p) => ({
    name,
    rows: new Int32Array(sizes[p]!),
    failed: new Int32Array(failedSizes[p]!),
  }));
  sizes.fill(0);
  failedSizes.fill(0);
  for (let row = 0; row < count; row++) {
    const p = partOf[row]!;
    if (state[row] === FAILED) parts[p]!.failed[failedSizes[p]!++] = row;
    else parts[p]!.rows[sizes[p]!++] = row;
  }
  return parts.filter(({ rows }) => rows.length > 0).sort((a, b) => a.rows[0]! - b.rows[0]!);
}

/** By row the number of its part. */
interface Assignment {
  readonly partOf: Int32Array;
  readonly names: readonly string[];
}

function assign(
  table: Table,
  model: Pick<Model<never, Call, never>, 'partition' | 'touches' | 'partitionedByKey'>,
): Assignment {
  if (model.touches !== undefined) return byTouches(table, (row) => model.touches!(callAt(table, row)));
  if (model.partitionedByKey === true) return byKey(table);
  if (model.partition === undefined) return { partOf: new Int32Array(table.count), names: [''] };
  return byName(table, (row) => model.partition!(callAt(table, row)));
}

function byKey(table: Table): Assignment {
  const numberOf = new Int32Array(table.names.length + 1).fill(-1);
  const partOf = new Int32Array(table.count);
  const names: string[] = [];
  for (let row = 0; row < table.count; row++) {
    const key = table.key[row]!;
    let number = numberOf[key + 1]!;
    if (number === -1) {
      number = names.push(key === NO_NAME ? '' : table.names[key]!) - 1;
      numberOf[key + 1] = number;
    }
    partOf[row] = number;
  }
  return { partOf, names };
}

function byName(table: Table, nameOf: (row: number) => string): Assignment {
  const numbers = new Map<string, number>();
  const partOf = new Int32Array(table.count);
  for (let row = 0; row < table.count; row++) {
    const name = nameOf(row);
    let number = numbers.get(name);
    if (number === undefined) numbers.set(name, (number = numbers.size));
    partOf[row] = number;
  }
  return { partOf, names: [...numbers.keys()] };
}

/** Things that some operation touches together are of one part (union-find), which is called after all of them. */
function byTouches(table: Table, touched: (row: number) => readonly string[]): Assignment {
  const numbers = new Map<string, number>();
  const parent: number[] = [];
  const find = (thing: number): number => {
    let root = thing;
    while (parent[root] !== root) root = parent[root]!;
    for (let at = thing; at !== root;) {
      const up = parent[at]!;
      parent[at] = root;
      at = up;
    }
    return root;
  };
  const numberOf = (thing: string): number => {
    const known = numbers.get(thing);
    if (known !== undefined) return known;
    numbers.set(thing, parent.length);
    return parent.push(parent.length) - 1;
  };
  const firstOf = new Int32Array(table.count);
  for (let row = 0; row < table.count; row++) {
    const things = touched(row).map(numberOf);
    if (things.length === 0) things.push(numberOf(''));
    for (const thing of things) parent[find(thing)] = find(things[0]!);
    firstOf[row] = things[0]!;
  }
  const groups = new Map<number, string[]>();
  for (const [thing, number] of numbers) {
    const root = find(number);
    groups.set(root, [...(groups.get(root) ?? []), thing]);
  }
  const roots = [...groups.keys()];
  const partNumber = new Map(roots.map((root, i) => [root, i]));
  return {
    partOf: firstOf.map((thing) => partNumber.get(find(thing))!),
    names: roots.map((root) => groups.get(root)!.sort().join(', ')),
  };
}

/** The columns of each part, its events numbered from 0 on. */
export function columnsOfParts(table: Table, parts: readonly PartRows[]): readonly Columns[] {
  if (parts.length === 1 && parts[0]!.rows.length === table.count) {
    const { count, call, ret, end } = table;
    return [{ count, call: call.subarray(0, count), ret: ret.subarray(0, count), end }];
  }
  const columns = parts.map(({ rows }) => ({
    count: rows.length,
    call: new Int32Array(rows.length),
    ret: new Int32Array(rows.length).fill(NEVER),
    end: 0,
  }));
  // By event: the part and the place in it, as the row's; returns are told by the sign.
  const partOf = new Int32Array(table.count).fill(-1);
  const placeOf = new Int32Array(table.count);
  const rowAt = new Int32Array(table.end).fill(NEVER);
  parts.forEach(({ rows }, p) => {
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i]!;
      partOf[row] = p;
      placeOf[row] = i;
    }
  });
  // In order of row, which is nearly that of the events: a look at a million places all over would cost more than all the rest.
  for (let row = 0; row < table.count; row++) {
    if (partOf[row] === -1) continue;
    rowAt[table.call[row]!] = row;
    if (table.ret[row] !== NEVER) rowAt[table.ret[row]!] = ~row;
  }
  for (let event = 0; event < table.end; event++) {
    const entry = rowAt[event]!;
    if (entry === NEVER) continue;
    const row = entry < 0 ? ~entry : entry;
    const part = columns[partOf[row]!]!;
    if (entry < 0) part.ret[placeOf[row]!] = part.end++;
    else part.call[placeOf[row]!] = part.end++;
  }
  return columns;
}
