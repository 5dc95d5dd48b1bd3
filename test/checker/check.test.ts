/** Verdicts, their proofs and their sentences, on histories written by hand and on long generated ones. */
import { expect, test } from 'vitest';
import {
  casRegister,
  check,
  guessModel,
  ModelError,
  register,
  REJECTED,
  staleness,
  verify,
  type Call,
  type History,
  type Json,
  type Model,
  type Operation,
} from '../../checker/index.ts';
import { keyed } from '../../src/base/random.ts';
import { randomHistory } from './generate.ts';
import { longHistory } from './long-history.ts';

interface Draft {
  readonly f?: string;
  readonly value?: Json;
  readonly key?: string;
  readonly at: readonly [callNs: number, returnNs: number | 'never'];
  readonly output?: Json;
}

function history(...drafts: readonly Draft[]): History {
  const operations = drafts.map(({ f = 'read', value = null, key = 'x', at, output = null }, id): Operation => ({
    id,
    process: id,
    input: { f, key, value },
    callNs: at[0],
    outcome: at[1] === 'never' ? { kind: 'unknown', reason: 'timeout' } : { kind: 'ok', output, returnNs: at[1] },
  }));
  return { operations, failed: [], warnings: [] };
}

test('an empty history is linearizable', () => {
  expect(check(history(), casRegister)).toMatchObject({ kind: 'ok', parts: [], anomalies: [] });
});

test('keys are judged alone, in the order in which they first appear', () => {
  const { kind, parts } = check(
    history(
      { key: 'y', at: [0, 1], output: 9 },
      { key: 'x', at: [2, 3] },
      { key: 'y', f: 'write', value: 9, at: [4, 5] },
    ),
    casRegister,
  );
  expect(kind).toBe('violation');
  expect(parts.map((part) => [part.part, part.kind])).toEqual([
    ['y', 'violation'],
    ['x', 'ok'],
  ]);
});

test('a stale compare-and-set register read names the clients, the newer value and the gap', () => {
  const stale = history(
    { f: 'write', value: 4, at: [0, 1_000_000] },
    { f: 'write', value: 5, at: [2_000_000, 3_000_000] },
    { at: [321_400_000, 322_000_000], output: 4 },
  );
  const { anomalies, parts } = check({ ...stale, clients: 2 }, register);
  expect(anomalies).toHaveLength(1);
  expect(anomalies[0]).toMatchObject({
    id: 'a1',
    class: 'stale-read',
    sentence: 'Client 0 read x = 4 at 0.321 s, although x = 5 had been acknowledged 318 ms before.',
    newer: { operation: 1, value: 5, sinceNs: 3_000_000, gapNs: 318_400_000, versions: 1 },
  });
  expect(parts[0]).toMatchObject({
    counterexample: { culprit: { id: 2 }, prefix: [0, 1], states: [{ state: 'x = 5', reason: 'the read saw 4' }] },
  });
});

test('every stale read of a bad key is an anomaly of its own, the stalest first', () => {
  const { anomalies } = check(
    history(
      { f: 'write', value: 4, at: [0, 1] },
      { f: 'write', value: 5, at: [2, 3] },
      { at: [10, 11], output: 4 },
      { at: [12, 13], output: 5 },
      { at: [14, 15], output: 4 },
    ),
    register,
  );
  expect(anomalies.map(({ id, operation }) => [id, operation])).toEqual([
    ['a1', 4],
    ['a2', 2],
  ]);
});

test('a budget that runs out is unknown and says how far it came', () => {
  const operations = longHistory(keyed('budget'), { operations: 400, clients: 20, values: 2, crashed: 20 });
  const whole: History = { operations, failed: [], warnings: [] };
  expect(check(whole, casRegister).kind).toBe('ok');
  const [part] = check(whole, casRegister, { maxSteps: 20, maxBytes: 1 << 20 }).parts;
  expect(part).toMatchObject({ kind: 'unknown', limit: 'steps' });
  expect(part?.kind === 'unknown' && part.progress).toMatch(
    /^ran out of steps after placing \d+ of 400 operations, \d+ of them with unknown outcome; more steps, values that are written once, and fewer unknown outcomes help$/,
  );
});

test('a check that is told to stop is unknown', () => {
  const operations = longHistory(keyed('stop'), { operations: 20_000, clients: 20, values: 2, crashed: 0 });
  const budget = { maxSteps: 1e9, maxBytes: 1e9, shouldStop: () => true };
  expect(check({ operations, failed: [], warnings: [] }, casRegister, budget).parts[0]).toMatchObject({
    kind: 'unknown',
    limit: 'stopped',
  });
});

test.each([0, 300])(
  'a good history of 30,000 unique values, 20 clients and %i crashes costs about a step an operation',
  (crashed) => {
    const operations = longHistory(keyed('long', crashed), { operations: 30_000, clients: 20, values: 0, crashed });
    const { kind, parts } = check({ operations, failed: [], warnings: [] }, casRegister);
    expect(kind).toBe('ok');
    expect(parts[0]!.steps).toBeLessThan(60_000);
    expect(parts[0]!.configurations).toBeLessThan(6_000);
  },
);

test.each([0.01, 0.5, 0.99])(
  'a stale read at %d of a long history is found at once, with at most four operations',
  (share) => {
    const operations = longHistory(keyed('stale', share), {
      operations: 30_000,
      clients: 20,
      values: 0,
      crashed: 100,
      staleAt: share,
    });
    const { kind, parts, anomalies } = check({ operations, failed: [], warnings: [] }, casRegister);
    expect(kind).toBe('violation');
    expect(parts[0]!.steps).toBe(0);
    expect(anomalies).toHaveLength(1);
    expect(anomalies[0]!.class).toBe('stale-read');
    expect(anomalies[0]!.minimal.length).toBeLessThanOrEqual(4);
  },
);

test('the same history gives the same verdict, to the last step', () => {
  const operations = longHistory(keyed('same'), { operations: 3_000, clients: 10, values: 3, crashed: 10 });
  const once = check({ operations, failed: [], warnings: [] }, casRegister);
  expect(check({ operations, failed: [], warnings: [] }, casRegister)).toEqual(once);
});

test('a model of which only the step is known gives the same verdicts', () => {
  const plain: typeof casRegister = { ...casRegister };
  delete (plain as { asRegister?: unknown }).asRegister;
  let violations = 0;
  for (let i = 0; i < 1_500; i++) {
    const random = keyed('plain', i);
    const operations = randomHistory(random, {
      operations: random.between(2, 14),
      processes: 4,
      values: 3,
      cas: true,
      crashChance: 0.1,
      mutations: random.int(8),
    });
    const whole: History = { operations, failed: [], warnings: [] };
    const { kind } = check(whole, casRegister);
    const told = check(whole, plain);
    expect([i, told.kind]).toEqual([i, kind]);
    if (kind !== 'violation') continue;
    violations++;
    const minimal = told.anomalies[0]!.minimal.map(({ operation }) => operation);
    expect(check({ operations: minimal, failed: [], warnings: [] }, plain).kind).toBe('violation');
  }
  expect(violations).toBeGreaterThan(300);
});

test('a model of one’s own is judged by its step: a counter', () => {
  const counter: Model<number, Call, Json> = {
    name: 'counter',
    initial: 0,
    key: (state) => state,
    isRead: ({ f }) => f === 'read',
    step: (state, { f }, output) => (f === 'add' ? state + 1 : output === state ? state : REJECTED),
  };
  const add = { f: 'add', at: [0, 10] } as const;
  expect(check(history(add, add, { at: [1, 5], output: 2 }), counter).kind).toBe('ok');
  const { anomalies, parts } = check(history(add, add, { at: [11, 12], output: 1 }), counter);
  expect(anomalies[0]).toMatchObject({ class: 'wrong-count', operation: 2 });
  expect(parts[0]).toMatchObject({ counterexample: { states: [{ state: '2', reason: 'the read saw 1' }] } });
});

test('an operation that the model does not know is refused by name', () => {
  expect(() => check(history({ f: 'append', value: 1, at: [0, 1] }), register)).toThrow(ModelError);
  expect(() => check(history({ f: 'cas', value: 1, at: [0, 1] }), casRegister)).toThrow(
    'the value of a cas is [expected, new], not 1',
  );
});

test('the model is guessed from the operations', () => {
  const guess = (...fs: string[]): string | undefined =>
    guessModel(history(...fs.map((f) => ({ f, at: [0, 1] as const })))).model?.name;
  expect(guess('read', 'write')).toBe('register');
  expect(guess('read', 'cas')).toBe('cas-register');
  expect(guessModel(history({ f: 'frobnicate', at: [0, 1] }))).toEqual({
    model: undefined,
    reason: 'no model is known that has "frobnicate"',
  });
});

test('verify refuses an order that real time, the model or the history refuses', () => {
  const { operations } = history(
    { f: 'write', value: 1, at: [0, 1] },
    { f: 'write', value: 2, at: [2, 3] },
    { at: [2, 9], output: 2 },
  );
  expect(verify(operations, [0, 1, 2], register)).toBeUndefined();
  expect(verify(operations, [1, 0, 2], register)).toContain('after one that was called after its return');
  expect(verify(operations, [0, 2, 1], register)).toContain('not possible where it stands');
  expect(verify(operations, [0, 1], register)).toContain('missing');
  expect(verify(operations, [0, 1, 1, 2], register)).toContain('twice');
});

test('staleness counts the newer values and measures from the first of them to be shown', () => {
  const reads = staleness(
    history(
      { f: 'write', value: 1, at: [0, 10] },
      { f: 'write', value: 2, at: [20, 90] },
      { at: [30, 40], output: 2 },
      { f: 'write', value: 3, at: [91, 95] },
      { at: [100, 110], output: 1 },
      { at: [94, 120], output: 2 },
    ),
    register,
  )[0]!;
  expect(reads).toEqual({
    part: 'x',
    reads: [
      { operation: 2, versions: 0, gapNs: 0 },
      { operation: 5, versions: 0, gapNs: 0 },
      { operation: 4, versions: 2, gapNs: 60 },
    ],
    leftOut: 0,
  });
});

test('a read of a value that was written twice has no known age', () => {
  const twice = history(
    { f: 'write', value: 1, at: [0, 1] },
    { f: 'write', value: 1, at: [2, 3] },
    { at: [4, 5], output: 1 },
  );
  expect(staleness(twice, register)).toEqual([{ part: 'x', reads: [], leftOut: 1 }]);
});

test('staleness agrees with its definition, pair by pair', () => {
  let stale = 0;
  for (let i = 0; i < 800; i++) {
    const random = keyed('staleness', i);
    const operations = randomHistory(random, {
      operations: 14,
      processes: 4,
      values: 0,
      cas: true,
      crashChance: 0.1,
      mutations: 4,
    });
    for (const { operation, versions } of staleness({ operations, failed: [], warnings: [] }, casRegister)[0]!.reads) {
      expect([i, operation, versions]).toEqual([i, operation, versionsByDefinition(operations, operation)]);
      stale += Number(versions > 0);
    }
  }
  expect(stale).toBeGreaterThan(100);
});

function versionsByDefinition(operations: readonly Operation[], read: number): number {
  const written = ({ input }: Operation): Json | undefined =>
    input.f === 'write' ? input.value : input.f === 'cas' ? (input.value as Json[])[1] : undefined;
  const seen = ({ input, outcome }: Operation): Json | undefined =>
    outcome.kind !== 'ok'
      ? undefined
      : input.f === 'read'
        ? outcome.output
        : input.f === 'cas' && outcome.output === true
          ? (input.value as Json[])[0]
          : undefined;
  const took = (operation: Operation): boolean => operation.outcome.kind !== 'ok' || operation.outcome.output !== false;
  const shownNs = (value: Json): number =>
    Math.min(
      ...operations.map((o) =>
        o.outcome.kind === 'ok' && took(o) && (written(o) === value || seen(o) === value)
          ? o.outcome.returnNs
          : Infinity,
      ),
    );
  const reader = operations.find(({ id }) => id === read)!;
  const value = seen(reader)!;
  const ownNs = value === null ? -Infinity : shownNs(value);
  return operations.filter(
    (o) => written(o) !== undefined && took(o) && o.callNs > ownNs && shownNs(written(o)!) < reader.callNs,
  ).length;
}
