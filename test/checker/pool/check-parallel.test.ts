/** The pool: the same verdict at any number of threads, the lowest violation, and nothing left running. */
import { expect, test } from 'vitest';
import {
  casRegister,
  check,
  DEFAULT_BUDGET,
  ModelError,
  register,
  type Call,
  type History,
  type Json,
  type Model,
  type Operation,
  type Verdict,
} from '../../../checker/index.ts';
import { checkTuned, type ParallelOptions } from '../../../checker/pool/check-parallel.ts';
import { checkParallel, type ModelReference, type Progress } from '../../../checker/pool/index.ts';
import { modelNamed, referenceOf } from '../../../checker/model/named.ts';
import { keyed } from '../../../src/base/random.ts';
import { randomHistory } from '../generate.ts';

const MANY = 3_000;

/** With threads from so few operations on that a test of them need not be long. */
function checkOnThreads<S>(
  history: History,
  model: Model<S, Call, Json> | ModelReference,
  options: ParallelOptions = {},
): Promise<Verdict> {
  const tuning = { patienceMs: 0, leastBatch: 100 };
  return checkTuned(history, model as Model<unknown, Call, Json> | ModelReference, options, tuning);
}

interface Shape {
  readonly keys: number;
  readonly operations: number;
  /** Keys of which a read saw what was never written. */
  readonly spoiled: readonly number[];
}

/** A history of many keys, one after another in id but all at the same time. */
function manyKeys(seed: string, { keys, operations, spoiled }: Shape): History {
  const all: Operation[] = [];
  for (let key = 0; key < keys; key++) {
    const random = keyed(seed, key);
    const shape = { operations, processes: 3, values: 4, cas: true, crashChance: 0.02, mutations: 0 };
    const drafts = randomHistory(random, shape);
    const read = drafts.findLast(({ input, outcome }) => input.f === 'read' && outcome.kind === 'ok');
    for (const draft of drafts) {
      const operation: Operation =
        draft === read && spoiled.includes(key)
          ? { ...draft, outcome: { ...draft.outcome, output: 99 } as Operation['outcome'] }
          : draft;
      // A key begins a moment after the one before it, so that parts come in the order of keys.
      const { input, outcome } = operation;
      const shiftNs = key - drafts[0]!.callNs * keys;
      all.push({
        ...operation,
        id: key * operations * 2 + operation.id,
        input: { ...input, key: `k${key}` },
        callNs: operation.callNs * keys + shiftNs,
        outcome: outcome.kind === 'ok' ? { ...outcome, returnNs: outcome.returnNs * keys + shiftNs } : outcome,
      });
    }
  }
  return { operations: all, failed: [], clients: 3, warnings: [] };
}

test.each([
  ['few large keys', { keys: 6, operations: MANY / 6, spoiled: [] }],
  ['many small keys', { keys: MANY / 10, operations: 10, spoiled: [17, 40, 270] }],
  ['keys in between', { keys: 30, operations: MANY / 30, spoiled: [3, 25, 29] }],
])('the verdict is that of check, at any number of threads: %s', async (name, shape) => {
  const history = manyKeys(name, shape);
  const expected = check(history, casRegister);
  for (const jobs of [1, 2]) {
    expect([jobs, await checkOnThreads(history, casRegister, { jobs, all: true })]).toEqual([jobs, expected]);
  }
  const first = expected.parts.findIndex(({ kind }) => kind === 'violation');
  expect(first).toBe(shape.spoiled[0] ?? -1);
});

test('it stops at the violation of the lowest part, whichever is found first', async () => {
  const history = manyKeys('stops', { keys: 40, operations: MANY / 40, spoiled: [20, 30, 31, 39] });
  const whole = check(history, casRegister);
  const lowest = whole.parts.findIndex(({ kind }) => kind === 'violation');
  expect(lowest).toBe(20);
  expect(whole.parts.filter(({ kind }) => kind === 'violation').length).toBeGreaterThan(1);
  for (const jobs of [1, 3]) {
    const verdict = await checkOnThreads(history, casRegister, { jobs });
    expect([jobs, verdict.kind, verdict.parts.length, verdict.keys]).toEqual([jobs, 'violation', lowest + 1, 40]);
    expect(verdict.parts).toEqual(whole.parts.slice(0, lowest + 1));
    expect(new Set(verdict.anomalies.map(({ part }) => part))).toEqual(new Set([whole.parts[lowest]!.part]));
  }
});

test('an operation that is not the model’s is the same error, unless a violation comes before it', async () => {
  const history = manyKeys('foreign', { keys: 30, operations: MANY / 30, spoiled: [12] });
  const at = (key: number): History => {
    const place = history.operations.findIndex(({ input }) => input.key === `k${key}`);
    const operations = [...history.operations];
    operations[place] = { ...operations[place]!, input: { f: 'levitate', key: `k${key}`, value: null } };
    return { ...history, operations };
  };
  for (const jobs of [1, 2]) {
    const error = await checkOnThreads(at(5), casRegister, { jobs }).catch((it: unknown) => it);
    expect(error).toBeInstanceOf(ModelError);
    expect((error as Error).message).toContain('levitate');
    expect(await checkOnThreads(at(25), casRegister, { jobs })).toMatchObject({ kind: 'violation', keys: 30 });
    await expect(checkOnThreads(at(25), casRegister, { jobs, all: true })).rejects.toThrow(ModelError);
  }
});

test('a budget is of a part and does not depend on the threads', async () => {
  const history = manyKeys('budget', { keys: 12, operations: MANY / 12, spoiled: [] });
  const steps = check(history, casRegister).parts.map((part) => part.steps);
  const budget = { ...DEFAULT_BUDGET, maxSteps: steps.sort((a, b) => a - b)[6]! };
  const alone = await checkParallel(history, casRegister, { all: true, budget });
  expect(alone).toEqual(check(history, casRegister, budget));
  expect(await checkOnThreads(history, casRegister, { jobs: 2, all: true, budget })).toEqual(alone);
  expect(alone.parts.filter(({ kind }) => kind === 'unknown').length).toBeGreaterThan(2);
  expect(alone.parts.filter(({ kind }) => kind === 'ok').length).toBeGreaterThan(2);
});

test('progress grows to the whole', async () => {
  const history = manyKeys('progress', { keys: 60, operations: MANY / 60, spoiled: [] });
  for (const jobs of [1, 2]) {
    const seen: Progress[] = [];
    await checkOnThreads(history, casRegister, { jobs, onProgress: (it) => seen.push(it) });
    const of = { parts: 60, operations: history.operations.length };
    expect(seen.at(-1)).toEqual({ ...of, of });
    expect(seen.length).toBeGreaterThan(4);
    expect(seen.every((it, i) => i === 0 || it.operations > seen[i - 1]!.operations)).toBe(true);
  }
});

test('a signal ends it with its reason, before and during the check', async () => {
  const history = manyKeys('signal', { keys: 60, operations: MANY / 60, spoiled: [] });
  const reason = new Error('enough');
  await expect(checkParallel(history, casRegister, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  for (const jobs of [1, 2]) {
    const controller = new AbortController();
    const checking = checkOnThreads(history, casRegister, {
      jobs,
      signal: controller.signal,
      onProgress: ({ parts }) => parts < 60 && controller.abort(reason),
    });
    await expect(checking).rejects.toBe(reason);
  }
});

test('what a callback throws ends the check', async () => {
  const history = manyKeys('callback', { keys: 60, operations: MANY / 60, spoiled: [] });
  for (const jobs of [1, 2]) {
    const onProgress = (): never => {
      throw new Error('no terminal');
    };
    await expect(checkOnThreads(history, casRegister, { jobs, onProgress })).rejects.toThrow('no terminal');
  }
});

test('a full process leaves what is undecided unknown, under a cause of its own', async () => {
  const history = manyKeys('memory', { keys: 60, operations: MANY / 60, spoiled: [] });
  for (const jobs of [1, 2]) {
    const { kind, parts, keys } = await checkOnThreads(history, casRegister, { jobs, maxResidentBytes: 1 });
    expect([kind, parts.length, keys]).toEqual(['unknown', 60, 60]);
    for (const part of parts) {
      const progress = expect.stringContaining('depends on the machine') as string;
      expect(part).toMatchObject({ kind: 'unknown', limit: 'resident-memory', progress });
    }
  }
});

test('a thread that runs out of heap leaves its part unknown, and its other parts to another', async () => {
  const operations: Operation[] = [];
  for (const [key, count] of [
    ['a', 50],
    ['large', 250_000],
    ['b', 50],
    ['c', 50],
  ] as const) {
    for (let i = 0; i < count; i++) {
      const id = operations.length;
      const outcome = { kind: 'ok', output: null, returnNs: id * 10 + 5 } as const;
      operations.push({ id, process: 0, input: { f: 'increment', key, value: null }, callNs: id * 10, outcome });
    }
  }
  const tuning = { patienceMs: 0, leastBatch: 1_000, heapMib: 64 };
  const history: History = { operations, failed: [], warnings: [] };
  const { kind, parts } = await checkTuned(history, { name: 'counter' }, { jobs: 2, all: true }, tuning);
  expect(kind).toBe('unknown');
  expect(parts.map((part) => [part.part, part.kind])).toEqual([
    ['a', 'ok'],
    ['large', 'unknown'],
    ['b', 'ok'],
    ['c', 'ok'],
  ]);
  const progress = expect.stringContaining('a thread came to the limit of its heap') as string;
  expect(parts[1]).toMatchObject({ limit: 'resident-memory', progress });
});

test('a request to stop leaves what is undecided unknown', async () => {
  const history = manyKeys('stop', { keys: 12, operations: MANY / 12, spoiled: [] });
  for (const jobs of [1, 2]) {
    const budget = { ...DEFAULT_BUDGET, shouldStop: () => true };
    const { parts, keys } = await checkOnThreads(history, casRegister, { jobs, all: true, budget });
    expect(parts).toHaveLength(keys);
    for (const part of parts) if (part.kind === 'unknown') expect(part.limit).toBe('stopped');
  }
});

test('a model of one’s own is judged, on this thread', async () => {
  const history = manyKeys('own', { keys: 12, operations: MANY / 12, spoiled: [3] });
  const own: Model<Json, Call, Json> = { ...casRegister, describe: ({ f }) => `my ${f}` };
  expect(await checkOnThreads(history, own, { jobs: 2, all: true })).toEqual(check(history, own));
});

test('the library’s own models are known from others, and by their initial values', () => {
  expect(referenceOf(casRegister)).toEqual({ name: 'cas-register' });
  expect(referenceOf(modelNamed('mutex', { initial: 'held' })!)).toEqual({ name: 'lock', initial: 'held' });
  expect(referenceOf({ ...casRegister })).toBeUndefined();
});

test('a model is named with its initial value', async () => {
  const operations: Operation[] = [
    {
      id: 0,
      process: 0,
      input: { f: 'read', value: null },
      callNs: 0,
      outcome: { kind: 'ok', output: 7, returnNs: 1 },
    },
  ];
  const history: History = { operations, failed: [], warnings: [] };
  expect((await checkParallel(history, { name: 'register', initial: 7 })).kind).toBe('ok');
  expect((await checkParallel(history, { name: 'register' })).kind).toBe('violation');
  await expect(checkParallel(history, { name: 'registry' })).rejects.toThrow('no model is called registry');
});

test('jobs that are no number of threads are refused', async () => {
  const history: History = { operations: [], failed: [], warnings: [] };
  await expect(checkParallel(history, register, { jobs: 0 })).rejects.toThrow('jobs must be a whole number from 1 on');
  expect(await checkParallel(history, register, { jobs: 2 })).toMatchObject({ kind: 'ok', keys: 0 });
});

test('no thread is made for a small history, and none is left', async () => {
  const threads = (): number => process.getActiveResourcesInfo().filter((it) => it === 'MessagePort').length;
  const before = threads();
  let during = 0;
  const onProgress = (): void => {
    during = Math.max(during, threads());
  };
  const history = manyKeys('few', { keys: 60, operations: MANY / 60, spoiled: [] });
  await checkParallel(history, casRegister, { jobs: 2, onProgress });
  expect(during).toBe(before);
  await checkOnThreads(history, casRegister, { jobs: 2, onProgress });
  expect(during).toBeGreaterThan(before);
  expect(threads()).toBe(before);
});

test('whenever its patience ends, threads go on where it is', async () => {
  const history = manyKeys('hard', { keys: 60, operations: MANY / 60, spoiled: [40] });
  const expected = check(history, casRegister);
  for (const patienceMs of [1, 5, Infinity]) {
    const verdict = await checkTuned(history, casRegister, { jobs: 2, all: true }, { patienceMs, leastBatch: 100 });
    expect(verdict).toEqual(expected);
  }
});

test('the part that it is at when its patience ends is judged anew', async () => {
  const history = manyKeys('anew', { keys: 2, operations: 2_000, spoiled: [] });
  const stopped = check(history, casRegister, { ...DEFAULT_BUDGET, shouldStop: () => true });
  expect(stopped.parts[0]).toMatchObject({ kind: 'unknown', limit: 'stopped' });
  // Looked at once to begin with and once before the first part, and then over: within the first part.
  let looks = 0;
  const tuning = { patienceMs: 2, nowMs: () => looks++, leastBatch: 100 };
  const verdict = await checkTuned(history, casRegister, { jobs: 2, all: true }, tuning);
  expect(verdict).toEqual(check(history, casRegister));
  expect([verdict.kind, looks]).toEqual(['ok', 3]);
});
