/** The generic search against the definition: every order of small histories, and sets of operations on longer ones. */
import { expect, test } from 'vitest';
import type { Json, Operation } from '../../../checker/index.ts';
import { decidePart, type ModelDecision } from '../../../checker/generic/decide.ts';
import { modelPartOf } from '../../../checker/generic/model-part.ts';
import { modelNamed } from '../../../checker/model/named.ts';
import { keyed } from '../../../src/base/random.ts';
import { randomModelHistory, type ModelShape } from '../model/generate-model.ts';
import { faultOf, hasOrder, hasOrderBySets } from '../model/oracle-model.ts';
import type { PlainName } from '../model/plain-objects.ts';

/** `STALEMATE_SEED=… npx vitest run test/checker/generic/decide.test.ts` replays one history of each test. */
const only = process.env['STALEMATE_SEED'];
const scale = Number(process.env['STALEMATE_SCALE'] ?? 1);
const BUDGET = { maxSteps: 2_000_000, maxBytes: 1 << 28 };

const MODELS: readonly PlainName[] = [
  'multi-register',
  'kv',
  'queue',
  'unordered-queue',
  'stack',
  'set',
  'lock',
  'counter',
  'list',
];

function shapeOf(seed: string, model: PlainName, { low, high }: { low: number; high: number }): ModelShape {
  const random = keyed(seed, 'shape');
  return {
    model,
    operations: random.between(low, high),
    processes: random.between(2, 5),
    values: random.pick([0, 2, 3]),
    crashChance: random.pick([0, 0.1, 0.4]),
    mutations: random.int(4),
  };
}

interface Compared {
  readonly histories: number;
  readonly sizes: { readonly low: number; readonly high: number };
  readonly oracle: (model: PlainName, operations: readonly Operation[]) => boolean;
}

/** Decides random histories and holds each decision against the oracle; gives the share of violations. */
function compare(model: PlainName, { histories, sizes, oracle }: Compared): number {
  let violations = 0;
  const seeds = only === undefined ? Array.from({ length: histories * scale }, (_none, i) => `g${i}`) : [only];
  for (const seed of seeds) {
    const operations = randomModelHistory(keyed(seed, 'history', model), shapeOf(seed, model, sizes));
    const expected = oracle(model, operations) ? 'ok' : 'violation';
    violations += Number(expected === 'violation');
    const fault = disagreement(model, operations, { expected, oracle });
    if (fault === undefined) continue;
    const lines = operations.map((operation) => JSON.stringify(operation)).join('\n');
    const replay = `STALEMATE_SEED=${seed} npx vitest run test/checker/generic/decide.test.ts`;
    throw new Error(`seed ${seed}, ${model}: ${fault}\n${lines}\n${replay}`);
  }
  return violations / seeds.length;
}

function disagreement(
  model: PlainName,
  operations: readonly Operation[],
  { expected, oracle }: { expected: string; oracle: Compared['oracle'] },
): string | undefined {
  const decision: ModelDecision = decidePart(modelPartOf(operations, modelNamed(model)!), BUDGET);
  if (decision.kind !== expected) return `the search says ${decision.kind}, the oracle ${expected}`;
  const forced = decidePart(modelPartOf(operations, modelNamed(model)!), BUDGET, { refuteAfter: 0 });
  if (forced.kind !== expected)
    return `with refutation from the first step it says ${forced.kind}, the oracle ${expected}`;
  if (forced.kind === 'violation' && decision.kind === 'violation' && forced.impossible !== decision.impossible) {
    return `refutation finds operation ${forced.impossible} misplaced, the search ${decision.impossible}`;
  }
  const ids = (numbers: readonly number[]): number[] => numbers.map((i) => operations[i]!.id);
  if (decision.kind === 'ok') return faultOf(model, operations, ids(decision.order));
  if (decision.kind !== 'violation') return undefined;
  const { impossible, progress } = decision;
  const prefix = operations.filter((_operation, i) => progress.prefix.includes(i));
  const fault = faultOf(model, prefix, ids(progress.prefix));
  if (fault !== undefined) return `the prefix is none: ${fault}`;
  if (operations[impossible]!.outcome.kind !== 'ok') return 'the first misplaced completion is none';
  if (hasOrderUntil(model, operations, { culprit: operations[impossible]!, isPast: true, oracle })) {
    return 'the culprit is too early';
  }
  return hasOrderUntil(model, operations, { culprit: operations[impossible]!, isPast: false, oracle })
    ? undefined
    : 'the culprit is too late';
}

/**
 * Whether the history up to a return, or to just before it, has an order: what has not returned by then takes effect as it was
 * answered later, or not at all.
 */
function hasOrderUntil(
  model: PlainName,
  operations: readonly Operation[],
  { culprit, isPast, oracle }: { culprit: Operation; isPast: boolean; oracle: Compared['oracle'] },
): boolean {
  const returnNs = ({ outcome }: Operation): number => (outcome.kind === 'ok' ? outcome.returnNs : Infinity);
  const place = operations.indexOf(culprit);
  const called = operations.filter(({ callNs }) => callNs <= returnNs(culprit));
  const isOpen = (operation: Operation): boolean =>
    operation === culprit
      ? !isPast
      : operation.outcome.kind === 'ok' &&
        (returnNs(operation) > returnNs(culprit) ||
          (returnNs(operation) === returnNs(culprit) && operations.indexOf(operation) > place));
  const open = called.filter(isOpen);
  for (let subset = 0; subset < 1 << open.length; subset++) {
    const tried = called.flatMap((operation): Operation[] => {
      const at = open.indexOf(operation);
      if (at === -1) return [operation];
      const output = operation.outcome.kind === 'ok' ? operation.outcome.output : null;
      return (subset & (1 << at)) === 0 ? [] : [{ ...operation, outcome: { kind: 'ok', output, returnNs: 1e9 } }];
    });
    if (oracle(model, tried)) return true;
  }
  return false;
}

for (const model of MODELS) {
  test(`agrees with every order of up to 8 operations of a ${model}`, () => {
    const share = compare(model, { histories: 600, sizes: { low: 1, high: 8 }, oracle: hasOrder });
    if (only === undefined) expect(share).toBeGreaterThan(0.1);
    if (only === undefined) expect(share).toBeLessThan(0.9);
  });

  test(`agrees with a search by sets on 10 to 18 operations of a ${model}`, () => {
    const share = compare(model, {
      histories: 40,
      sizes: { low: 10, high: model === 'list' ? 13 : 18 },
      oracle: hasOrderBySets,
    });
    if (only === undefined) expect(share).toBeGreaterThan(0.1);
    if (only === undefined) expect(share).toBeLessThan(0.95);
  });
}

test('a violation far from the beginning is refuted by what is near, and a small budget is honoured', () => {
  const turns: Operation[] = [];
  const add = (process: number, f: string, callNs: number, returnNs: number): void => {
    const outcome = { kind: 'ok', output: null, returnNs } as const;
    turns.push({ id: turns.length, process, input: { f, key: 'x', value: null }, callNs, outcome });
  };
  // Two clients take turns, each asking while the other still holds: any acquire could be that of either.
  for (let turn = 0; turn < 300; turn++) {
    add(turn % 2, 'acquire', 10 * turn, 10 * turn + 12);
    add(turn % 2, 'release', 10 * turn + 13, 10 * turn + 21);
  }
  add(2, 'acquire', 10_000, 10_001);
  add(3, 'acquire', 10_002, 10_003);
  const part = modelPartOf(turns, modelNamed('lock')!);
  const refuted = decidePart(part, BUDGET, { refuteAfter: 0 });
  expect(refuted).toMatchObject({ kind: 'violation', impossible: turns.length - 1 });
  expect(decidePart(part, { ...BUDGET, maxSteps: 100 })).toMatchObject({ kind: 'unknown', limit: 'steps' });
  expect(decidePart(part, { ...BUDGET, maxBytes: 10_000 })).toMatchObject({ kind: 'unknown', limit: 'memory' });
  expect(decidePart(part, { ...BUDGET, maxSteps: 20_000 }, { refuteAfter: 20_000 }).kind).toBe('violation');
});

test('a request to stop is heard', () => {
  const operations = randomModelHistory(keyed('stop', 'history'), {
    model: 'lock',
    operations: 20_000,
    processes: 4,
    values: 2,
    crashChance: 0,
    mutations: 0,
  });
  const decision = decidePart(modelPartOf(operations, modelNamed('lock')!), { ...BUDGET, shouldStop: () => true });
  expect(decision).toMatchObject({ kind: 'unknown', limit: 'stopped' });
});

/** Adds one operation after the other, each on its own; what has no answer never returns. */
function adderTo(operations: Operation[]): (f: string, value: Json, output?: Json) => void {
  return (f, value, output) => {
    const id = operations.length;
    const outcome: Operation['outcome'] =
      output === undefined ? { kind: 'unknown', reason: 'stuck' } : { kind: 'ok', output, returnNs: 2 * id + 1 };
    operations.push({ id, process: id, callNs: 2 * id, input: { f, key: 'x', value }, outcome });
  };
}

/** Appends that never return; then others return and are read one by one, and every third time one of the former was seen before. */
function listWithStuckAppends(stuck: number, values: (i: number) => number): Operation[] {
  const operations: Operation[] = [];
  const list: number[] = [];
  const add = adderTo(operations);
  for (let i = 0; i < stuck; i++) add('append', values(i));
  for (let i = 0; i < stuck; i++) {
    // The latest first: nothing about the order of the calls helps.
    if (i % 3 === 0) list.push(values(stuck - 1 - i));
    list.push(values(stuck + i));
    add('append', values(stuck + i), null);
    add('read', null, [...list]);
  }
  return operations;
}

test.each([
  ['its own', (i: number): number => i],
  ['one of five', (i: number): number => i % 5],
])('thirty appends of unknown outcome, each of a value of %s, cost no search to speak of', (_name, values) => {
  const operations = listWithStuckAppends(30, values);
  const good = decidePart(modelPartOf(operations, modelNamed('list')!), BUDGET);
  expect(good).toMatchObject({ kind: 'ok' });
  expect(good.steps).toBeLessThan(20_000);
  const late = operations.at(-1)!;
  const read = late.outcome.kind === 'ok' ? (late.outcome.output as number[]) : [];
  const stale = { ...late, outcome: { ...late.outcome, output: read.slice(0, -3) } } as Operation;
  const bad = decidePart(modelPartOf([...operations.slice(0, -1), stale], modelNamed('list')!), BUDGET);
  expect(bad).toMatchObject({ kind: 'violation', impossible: operations.length - 1 });
  expect(bad.steps).toBeLessThan(20_000);
});

/** As above, of texts: the appends of each round never return, a put ends it, and what is got shows some of them. */
function textsWithStuckAppends(stuck: number, rounds: number): Operation[] {
  const operations: Operation[] = [];
  const add = adderTo(operations);
  for (let round = 0; round < rounds; round++) {
    add('put', '', null);
    for (let i = 0; i < stuck; i++) add('append', `[${round}.${i}]`);
    let text = '';
    for (let i = 0; i < stuck; i++) {
      text += `[${round}.${(7 * i) % stuck}]`;
      if (i % 3 === 2 || i === stuck - 1) add('get', null, text);
    }
  }
  return operations;
}

test('texts that no get shows are one: twenty-five appends of unknown outcome, and four times as many, are decided', () => {
  for (const rounds of [1, 4]) {
    const operations = textsWithStuckAppends(25, rounds);
    const good = decidePart(modelPartOf(operations, modelNamed('kv')!), BUDGET);
    expect(good).toMatchObject({ kind: 'ok' });
    expect(good.steps).toBeLessThan(20_000);
    const late = operations.at(-1)!;
    const wrong = { ...late, outcome: { ...late.outcome, output: '[9.9]' } } as Operation;
    const bad = decidePart(modelPartOf([...operations.slice(0, -1), wrong], modelNamed('kv')!), BUDGET);
    expect(bad).toMatchObject({ kind: 'violation', impossible: operations.length - 1 });
    expect(bad.steps).toBeLessThan(20_000);
  }
});
