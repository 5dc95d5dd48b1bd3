/** Verdicts on random histories of every model against the definition of linearizability. */
import { expect, test } from 'vitest';
import { check, type Json, type Operation } from '../../../checker/index.ts';
import { modelNamed } from '../../../checker/model/named.ts';
import { keyed } from '../../../src/base/random.ts';
import { randomModelHistory, type ModelShape } from './generate-model.ts';
import { faultOf, hasOrder, hasOrderBySets } from './oracle-model.ts';
import { plainNames, type PlainName } from './plain-objects.ts';

/** `STALEMATE_SEED=… npx vitest run test/checker/model/agreement.test.ts` replays one history of each model. */
const only = process.env['STALEMATE_SEED'];
const BUDGET = { maxSteps: 1_000_000, maxBytes: 1 << 26 };

const INITIAL: Readonly<Record<PlainName, Json>> = {
  register: 2,
  'cas-register': 2,
  'multi-register': 0,
  kv: 'a',
  queue: [1, 2, 1],
  'unordered-queue': [1, 2, 1],
  stack: [1, 2, 1],
  set: [1, 2],
  lock: true,
  counter: -1,
  list: [1, 2],
};

function shapeOf(model: PlainName, seed: string, [low, high]: readonly [number, number]): ModelShape {
  const random = keyed(seed, 'shape', model);
  return {
    model,
    operations: random.between(low, model === 'unordered-queue' ? Math.min(high, 20) : high),
    // Values put in at the same time may stand in any order: too many orders for the oracle where many clients put them in.
    processes: random.between(2, high > 8 ? 3 : 5),
    // What a crashed dequeue may have taken multiplies with every value that is in.
    values: random.pick(high > 8 && model === 'unordered-queue' ? [2, 3] : [0, 2, 3, 5]),
    crashChance: random.pick(high > 8 ? [0, 0.03, 0.06] : [0, 0.1, 0.4]),
    mutations: random.int(8),
    takes: random.pick([0.5, 0.65]),
    keys: random.pick([1, 1, 2]),
    ...(random.chance(0.3) ? { initial: INITIAL[model] } : {}),
  };
}

interface Counts {
  histories: number;
  violations: number;
  crashed: number;
}

/** Holds the verdicts on so many histories against the oracle. */
function compare(
  model: PlainName,
  histories: number,
  sizes: readonly [number, number],
  oracle: (model: PlainName, operations: readonly Operation[], initial?: Json) => boolean,
): Counts {
  const counts = { histories: 0, violations: 0, crashed: 0 };
  const seeds = only === undefined ? Array.from({ length: histories }, (_none, i) => `m${i}`) : [only];
  for (const seed of seeds) {
    const shape = shapeOf(model, seed, sizes);
    const operations = randomModelHistory(keyed(seed, 'history', model), shape);
    const isGood = oracle(model, operations, shape.initial);
    const problem = disagreement(operations, shape, isGood);
    if (problem !== undefined) {
      const lines = operations.map((operation) => JSON.stringify(operation)).join('\n');
      throw new Error(
        `seed ${seed}: ${problem}\n${JSON.stringify(shape)}\n${lines}\nSTALEMATE_SEED=${seed} npx vitest run test/checker/model/agreement.test.ts -t ${model}`,
      );
    }
    counts.histories++;
    counts.violations += Number(!isGood);
    counts.crashed += Number(operations.some(({ outcome }) => outcome.kind === 'unknown'));
  }
  return counts;
}

function disagreement(operations: readonly Operation[], shape: ModelShape, isGood: boolean): string | undefined {
  const { model, initial, mutations } = shape;
  if (!isGood && mutations === 0) return 'the generator made a bad history that it did not change';
  const judge = modelNamed(model, initial === undefined ? {} : { initial })!;
  const verdict = check({ operations, failed: [], warnings: [] }, judge, BUDGET);
  const expected = isGood ? 'ok' : 'violation';
  if (verdict.kind !== expected) return `the checker says ${verdict.kind}, the oracle ${expected}`;
  for (const part of verdict.parts) {
    if (part.kind !== 'ok') continue;
    const its = operations.filter((operation) =>
      objectsOf(model, operation).every((name) => part.part.split(', ').includes(name)),
    );
    const fault = faultOf(model, its, part.order, initial);
    if (fault !== undefined) return `the order of ${part.part} does not hold: ${fault}`;
  }
  return undefined;
}

/** The keys, or the registers of a transaction. */
function objectsOf(model: PlainName, { input }: Operation): readonly string[] {
  if (model !== 'multi-register' || input.f !== 'txn') return [input.key ?? ''];
  return (input.value as readonly (readonly [string, string, Json])[]).map(([, name]) => name);
}

test.each(plainNames)('%s agrees with every order of up to 8 operations', (model) => {
  const { histories, violations, crashed } = compare(model, 600, [1, 8], hasOrder);
  if (only !== undefined) return;
  expect(violations / histories).toBeGreaterThan(0.12);
  expect(violations / histories).toBeLessThan(0.75);
  expect(crashed / histories).toBeGreaterThan(0.3);
});

test.each(plainNames)('%s agrees with a plain search on 10 to 32 operations', (model) => {
  const { histories, violations, crashed } = compare(model, 60, [10, 32], hasOrderBySets);
  if (only !== undefined) return;
  expect(violations / histories).toBeGreaterThan(0.2);
  expect(violations / histories).toBeLessThan(0.8);
  expect(crashed / histories).toBeGreaterThan(0.3);
});

test('the two oracles agree', () => {
  for (const model of plainNames) {
    for (let i = 0; i < 100; i++) {
      const shape = shapeOf(model, `o${i}`, [1, 7]);
      const operations = randomModelHistory(keyed(`o${i}`, 'history', model), shape);
      const bySets = hasOrderBySets(model, operations, shape.initial);
      expect(hasOrder(model, operations, shape.initial), `${model} o${i}`).toBe(bySets);
    }
  }
});
