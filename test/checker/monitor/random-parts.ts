/** Random histories of collections as the monitors take them, and a search for the first return that nothing can pass. */
import type { Call, Json, Operation } from '../../../checker/index.ts';
import { tableOf } from '../../../checker/history/table.ts';
import { columnsOfParts, partsOf } from '../../../checker/linear/parts.ts';
import { queue, stack, unorderedQueue } from '../../../checker/model/collections.ts';
import type { Model } from '../../../checker/model/model.ts';
import { set } from '../../../checker/model/set.ts';
import type { Explanation } from '../../../checker/explain/anomalies.ts';
import { explainCollection } from '../../../checker/explain/collection.ts';
import { collectionPartOf, type CollectionPart } from '../../../checker/monitor/collection-part.ts';
import { monitor } from '../../../checker/monitor/monitor.ts';
import { keyed } from '../../../src/base/random.ts';
import { randomModelHistory } from '../model/generate-model.ts';
import { hasOrderBySets } from '../model/oracle-model.ts';

export const STRUCTURES = ['queue', 'stack', 'unordered-queue', 'set'] as const;
export type Structure = (typeof STRUCTURES)[number];

const MODELS: Readonly<Record<Structure, Model<never, Call, Json>>> = {
  queue: queue() as Model<never, Call, Json>,
  stack: stack() as Model<never, Call, Json>,
  'unordered-queue': unorderedQueue() as Model<never, Call, Json>,
  set: set() as Model<never, Call, Json>,
};

/** The part that these operations of one object are. */
export function partOf(
  operations: readonly Operation[],
  structure: Structure | Model<never, Call, Json>,
): CollectionPart | undefined {
  const model = typeof structure === 'string' ? MODELS[structure] : structure;
  const table = tableOf({ operations, failed: [], warnings: [] });
  const parts = partsOf(table, model);
  if (parts.length !== 1) throw new Error(`${parts.length} parts`);
  return collectionPartOf(table, { rows: parts[0]!.rows, columns: columnsOfParts(table, parts)[0]! }, model);
}

/** The explanation of a part that has no order; undefined for one that has, or that its monitor leaves open. */
export function explained(part: CollectionPart, operations: readonly Operation[]): Explanation | undefined {
  const violation = monitor(part);
  if (violation?.kind !== 'violation') return undefined;
  const list = { length: operations.length, at: (i: number): Operation => operations[i]! };
  return explainCollection({ name: '', clients: undefined, untimed: false, part, violation, operations: list });
}

/** One operation or more. Values are put in once mostly; a set is not read as a whole. */
export function randomOperations(
  structure: Structure,
  seed: string,
  { low, high, crashes }: { readonly low: number; readonly high: number; readonly crashes: boolean },
): Operation[] {
  const random = keyed(seed, 'shape', structure);
  const operations = randomModelHistory(keyed(seed, 'history'), {
    model: structure,
    operations: random.between(low, high),
    processes: random.between(2, high > 8 ? 4 : 5),
    values: structure === 'set' ? random.pick([2, 3, 4]) : random.pick([0, 0, 0, 12]),
    crashChance: crashes ? random.pick([0, 0.1, 0.4]) : 0,
    mutations: random.int(6),
  }).filter(({ input }) => input.f !== 'read');
  return operations.length > 0 ? operations : randomOperations(structure, `${seed}'`, { low: 4, high, crashes });
}

/** True if nothing stands in the way of a decision: no value is put in twice, no take went unanswered. */
export function isPlain(operations: readonly Operation[]): boolean {
  const puts = operations.filter(({ input }) => input.f === 'enqueue' || input.f === 'push');
  return (
    new Set(puts.map(({ input }) => input.value)).size === puts.length &&
    operations.every(({ input, outcome }) => outcome.kind === 'ok' || (input.f !== 'dequeue' && input.f !== 'pop'))
  );
}

/**
 * The first operation whose return nothing can pass. Whoever has not returned by then may have taken effect, and then answered
 * what it did answer, or not: every choice is tried.
 */
export function firstImpossible(structure: Structure, operations: readonly Operation[]): Operation | undefined {
  const { ret, call } = partOf(operations, structure)!;
  const answered = operations.map((_operation, i) => i).filter((i) => operations[i]!.outcome.kind === 'ok');
  return answered
    .sort((a, b) => ret[a]! - ret[b]!)
    .map((last) => {
      const done = answered.filter((i) => ret[i]! <= ret[last]!);
      const open = answered.filter((i) => ret[i]! > ret[last]! && call[i]! < ret[last]!);
      const crashed = operations.filter(({ outcome }, i) => outcome.kind === 'unknown' && call[i]! < ret[last]!);
      const choices = Array.from({ length: 1 << open.length }, (_none, choice) => [
        ...done.map((i) => operations[i]!),
        ...open.filter((_i, bit) => (choice & (1 << bit)) !== 0).map((i) => operations[i]!),
        ...crashed,
      ]);
      return choices.some((choice) => hasOrderBySets(structure, choice)) ? undefined : operations[last]!;
    })
    .find((operation) => operation !== undefined);
}
