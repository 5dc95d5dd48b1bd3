/** The recorder: what it writes is a history that the reader takes, whatever the calls of a test come to. */
import { expect, test, vi } from 'vitest';
import { casRegister, check, readJsonl, type Json } from '../../../checker/index.ts';
import { MOST_CLIENTS, recorder, type Recorder } from '../../../checker/record/recorder.ts';
import { notApplied } from '../../../checker/record/outcome.ts';
import { keyed } from '../../../src/base/random.ts';

/** A clock that advances by a microsecond whenever it is looked at. */
function ticking(): () => number {
  let nowNs = 5_000_000;
  return () => (nowNs += 1_000);
}

function linesOf(recording: Recorder): Record<string, Json>[] {
  return recording
    .jsonl()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, Json>);
}

/** A call that is answered when the test says so. */
function pending<T>(): { readonly run: () => Promise<T>; readonly answer: (value: T) => void } {
  let answer!: (value: T) => void;
  const promise = new Promise<T>((resolve) => (answer = resolve));
  return { run: () => promise, answer: (value) => answer(value) };
}

test('it writes the lines of history.jsonl to the letter', async () => {
  const recording = recorder({ nowNs: ticking(), clients: 3 });
  const one = recording.client({ node: 'n2' });
  await one.write('x', 5, (answeredBy) => answeredBy({ node: 'n1', term: 2, applied: 17 }));
  await recording.client().read('x', () => 5);
  await one.cas('x', { from: 5, to: 6 }, () => Promise.reject(new Error('timeout')));
  await recording.client().cas('x', { from: 4, to: 6 }, () => Promise.resolve(false));
  await one.invoke({ f: 'tick' }, () => Promise.resolve());
  expect(recording.jsonl()).toBe(
    `${[
      '{"index":0,"time":1000,"process":0,"type":"invoke","f":"write","key":"x","value":5,"node":"n2"}',
      '{"index":1,"time":2000,"process":0,"type":"ok","f":"write","key":"x","value":5,"node":"n1","term":2,"applied":17}',
      '{"index":2,"time":3000,"process":1,"type":"invoke","f":"read","key":"x","value":null}',
      '{"index":3,"time":4000,"process":1,"type":"ok","f":"read","key":"x","value":5}',
      '{"index":4,"time":5000,"process":0,"type":"invoke","f":"cas","key":"x","value":[5,6],"node":"n2"}',
      '{"index":5,"time":6000,"process":0,"type":"info","f":"cas","key":"x","value":[5,6],"error":"timeout"}',
      '{"index":6,"time":7000,"process":2,"type":"invoke","f":"cas","key":"x","value":[4,6]}',
      '{"index":7,"time":8000,"process":2,"type":"fail","f":"cas","key":"x","value":[4,6],"error":"mismatch"}',
      '{"index":8,"time":9000,"process":3,"type":"invoke","f":"tick","value":null,"node":"n2"}',
      '{"index":9,"time":10000,"process":3,"type":"ok","f":"tick","value":null}',
    ].join('\n')}\n`,
  );
});

test('the invocation is written before the call is made and the completion after its answer', async () => {
  const seen: string[] = [];
  const recording = recorder({ lines: (line) => seen.push((JSON.parse(line) as { type: string }).type) });
  await recording.client().read('x', async () => {
    seen.push('call');
    await Promise.resolve();
    seen.push('answer');
    return null;
  });
  expect(seen).toEqual(['invoke', 'call', 'answer', 'ok']);
});

test('what a call comes to is handed on', async () => {
  const client = recorder().client();
  const trouble = new Error('reset');
  expect(await client.read('x', () => 'v')).toEqual({ type: 'ok', value: 'v' });
  expect(await client.cas('x', { from: 1, to: 2 }, () => false)).toEqual({
    type: 'fail',
    error: 'mismatch',
    cause: undefined,
  });
  expect(await client.write('x', 1, () => Promise.reject(trouble))).toEqual({
    type: 'info',
    error: 'reset',
    cause: trouble,
  });
});

test('a throw is of unknown outcome, and the client goes on under a new process number', async () => {
  const recording = recorder({ clients: 4 });
  recording.client();
  const client = recording.client();
  await client.write('x', 1, () => {
    throw new Error('before the first await');
  });
  expect(client.process).toBe(5);
  await client.write('x', 2, () => Promise.reject(new Error('later')));
  await client.read('x', () => 2);
  expect(linesOf(recording).map(({ process, type }) => [process, type])).toEqual([
    [1, 'invoke'],
    [1, 'info'],
    [5, 'invoke'],
    [5, 'info'],
    [9, 'invoke'],
    [9, 'ok'],
  ]);
  expect(recording.history().clients).toBe(4);
});

test('without their number there is room for a thousand clients, each found by its process', async () => {
  const recording = recorder();
  recording.client();
  const client = recording.client();
  await client.write('x', 1, () => Promise.reject(new Error('timeout')));
  expect([client.process, recording.history().clients]).toEqual([1 + MOST_CLIENTS, MOST_CLIENTS]);
  for (let made = 2; made < MOST_CLIENTS; made++) recording.client();
  expect(() => recording.client()).toThrow('give recorder() their number');
});

test('a refusal is a failure only where the author proves it', async () => {
  const recording = recorder({
    classify: (thrown) => {
      const message = thrown instanceof Error ? thrown.message : undefined;
      return message === 'refused' ? 'fail' : message === 'conflict' ? 'mismatch' : undefined;
    },
  });
  const client = recording.client();
  const rejecting = (thrown: unknown) => () => Promise.reject(thrown as Error);
  await client.write('x', 1, rejecting(new Error('refused')));
  await client.write('x', 2, rejecting(notApplied(new Error('read-only'))));
  await client.cas('x', { from: 1, to: 2 }, rejecting(new Error('conflict')));
  await client.cas('x', { from: 1, to: 2 }, rejecting(notApplied('mismatch')));
  await client.write('x', 3, rejecting(new Error('timeout')));
  await client.write('x', 4, rejecting('a string'));
  await client.write('x', 5, rejecting(undefined));
  const completions = linesOf(recording).filter(({ type }) => type !== 'invoke');
  expect(completions.map(({ type, error }) => [type, error])).toEqual([
    ['fail', 'refused'],
    ['fail', 'read-only'],
    ['fail', 'mismatch'],
    // Not an observation, whatever the database calls it.
    ['fail', 'not applied: mismatch'],
    ['info', 'timeout'],
    ['info', 'a string'],
    ['info', 'undefined was thrown'],
  ]);
  const { operations, failed } = recording.history();
  expect(failed.map(({ error }) => error)).toEqual(['refused', 'read-only', 'not applied: mismatch']);
  expect(operations.map(({ outcome }) => (outcome.kind === 'ok' ? outcome.output : outcome.reason))).toEqual([
    false,
    'timeout',
    'a string',
    'undefined was thrown',
  ]);
});

test('a second call at the same time on one client is a mistake, and not made', async () => {
  const recording = recorder();
  const client = recording.client();
  const slow = pending<null>();
  const first = client.read('x', slow.run);
  let isMade = false;
  await expect(client.write('x', 1, () => (isMade = true))).rejects.toThrow(
    'client 0 asks write while its read is not answered: a client has one operation open at a time',
  );
  expect(isMade).toBe(false);
  slow.answer(null);
  expect((await first).type).toBe('ok');
  expect(linesOf(recording)).toHaveLength(2);
});

test('what is open at the end is of unknown outcome, and an answer that comes later is not recorded', async () => {
  const recording = recorder({ clients: 2 });
  const slow = pending<number>();
  const late = recording.client().read('x', slow.run);
  const refused = pending<number>();
  const lateRefusal = recording.client().read('x', () => refused.run().then(() => Promise.reject(notApplied('no'))));
  expect(recording.history().operations.map(({ outcome }) => outcome)).toEqual([
    { kind: 'unknown', reason: 'never completed' },
    { kind: 'unknown', reason: 'never completed' },
  ]);
  recording.end();
  recording.end();
  const ended = recording.jsonl();
  slow.answer(7);
  refused.answer(7);
  const told = { type: 'info', error: 'the recording ended before an answer', cause: undefined };
  expect([await late, await lateRefusal]).toEqual([told, told]);
  expect(recording.jsonl()).toBe(ended);
  expect(linesOf(recording).map(({ type }) => type)).toEqual(['invoke', 'invoke', 'info', 'info']);
});

test('after the end nothing is asked', async () => {
  const recording = recorder();
  const client = recording.client();
  recording.end();
  await expect(client.read('x', () => null)).rejects.toThrow('read is asked after the end of the recording');
  expect(recording.history()).toMatchObject({ operations: [], failed: [] });
});

test('a client that gave up on an answer asks again under another process', async () => {
  const recording = recorder({ clients: 1 });
  const client = recording.client();
  const slow = pending<boolean>();
  const first = client.cas('x', { from: null, to: 1 }, slow.run);
  client.abandon('no answer within 1 s');
  await client.read('x', () => null);
  slow.answer(true);
  expect(await first).toMatchObject({ type: 'info', error: 'no answer within 1 s' });
  expect(recording.history().operations.map(({ process, outcome }) => [process, outcome.kind])).toEqual([
    [0, 'unknown'],
    [1, 'ok'],
  ]);
});

test.each([
  ['NaN', Number.NaN, 'the answer of the read is NaN'],
  ['a date', new Date(0), 'the answer of the read is not a plain object (Date)'],
  ['a bigint', 1n, 'the answer of the read is a bigint'],
  ['undefined', undefined, 'a read was answered undefined'],
  ['undefined in an array', [undefined], 'the answer of the read[0] is undefined'],
  ['a whole number that is not exact', 2 ** 53, 'too large to be exact'],
])('an answer that JSON would change is a mistake and not recorded as one: %s', async (_name, answer, message) => {
  const recording = recorder();
  await expect(recording.client().read('x', () => answer as Json)).rejects.toThrow(message);
  expect(recording.history().operations[0]!.outcome.kind).toBe('unknown');
});

test('a compare-and-set must say yes or no', async () => {
  const recording = recorder();
  const silent = (() => Promise.resolve()) as unknown as () => Promise<boolean>;
  await expect(recording.client().cas('x', { from: 1, to: 2 }, silent)).rejects.toThrow('return which');
  expect(linesOf(recording)[1]).toMatchObject({ type: 'info' });
});

test.each([
  [{ f: 'read', key: 'x', value: 3 }, 'a read is asked with null'],
  [{ f: 'cas', key: 'x', value: 3 }, 'the value of a cas is [expected, new], not 3'],
  [{ f: 'write', key: 'x', value: Infinity }, 'the value of the write is Infinity'],
])('what cannot be asked is refused before the call: %j', async (asked, message) => {
  const recording = recorder();
  let isMade = false;
  await expect(recording.client().invoke(asked, () => (isMade = true))).rejects.toThrow(message);
  expect([isMade, recording.jsonl()]).toEqual([false, '']);
});

test('what a test does to its values afterwards does not change the recording', async () => {
  const recording = recorder();
  const client = recording.client();
  const value = [1];
  await client.write('x', value, () => value.push(2));
  await client.read('x', () => value);
  value.push(3);
  expect(linesOf(recording).map((line) => line['value'])).toEqual([[1], [1], null, [1, 2]]);
});

test('of another operation the answer is recorded, and without one the value that was asked with', async () => {
  const recording = recorder();
  const client = recording.client();
  await client.invoke({ f: 'enqueue', value: 1 }, () => Promise.resolve());
  await client.invoke({ f: 'dequeue' }, () => Promise.resolve(1));
  expect(linesOf(recording).map((line) => line['value'])).toEqual([1, 1, null, 1]);
});

test.each([
  ['stands', () => 42],
  [
    'goes back',
    (
      (nowNs) => () =>
        (nowNs -= 100)
    )(1e9),
  ],
])('the order of what happens is kept by a clock that %s', async (_name, nowNs) => {
  const recording = recorder({ nowNs });
  const client = recording.client();
  await client.write('x', 1, () => null);
  await client.write('x', 2, () => null);
  await client.read('x', () => 1);
  expect(linesOf(recording).map(({ time }) => time)).toEqual([0, 1, 2, 3, 4, 5]);
  expect(check(recording.history(), casRegister).kind).toBe('violation');
});

test('fake timers do not stop its clock', async () => {
  const recording = recorder();
  vi.useFakeTimers();
  try {
    const client = recording.client();
    await client.write('x', 1, () => null);
    for (let i = 0; i < 2_000; i++) await Promise.resolve();
    await client.write('x', 1, () => null);
    const times = linesOf(recording).map(({ time }) => time as number);
    expect(times.at(-1)! - times[0]!).toBeGreaterThan(3);
  } finally {
    vi.useRealTimers();
  }
});

test('a clock or a number of clients that means nothing is refused', () => {
  expect(() => recorder({ nowNs: () => Number.NaN })).toThrow('the clock answered NaN, not nanoseconds');
  expect(() => recorder({ clients: 0 })).toThrow('clients must be a whole number from 1 on, not 0');
});

test('where a line cannot be written the call is not made, or its outcome is unknown', async () => {
  let isFull = false;
  const recording = recorder({
    clients: 1,
    lines: () => {
      if (isFull) throw new Error('disk full');
    },
  });
  const client = recording.client();
  await expect(
    client.write('x', 1, () => {
      isFull = true;
    }),
  ).rejects.toThrow('disk full');
  let isMade = false;
  await expect(client.write('x', 2, () => (isMade = true))).rejects.toThrow('disk full');
  expect(isMade).toBe(false);
  isFull = false;
  await client.read('x', () => null);
  expect(recording.history().operations.map(({ process, outcome }) => [process, outcome.kind])).toEqual([
    [0, 'unknown'],
    [1, 'ok'],
  ]);
});

test('a classify that throws or answers nonsense is a mistake, and the outcome is unknown', async () => {
  for (const [classify, message] of [
    [
      () => {
        throw new TypeError('no such field');
      },
      'no such field',
    ],
    [() => 'failed' as 'fail', 'classify answers info, fail or mismatch, not "failed"'],
    [() => 'mismatch' as const, 'only a cas has one'],
  ] as const) {
    const recording = recorder({ classify });
    await expect(recording.client().write('x', 1, () => Promise.reject(new Error('timeout')))).rejects.toThrow(message);
    expect(linesOf(recording)[1]).toMatchObject({ type: 'info', error: 'timeout' });
  }
});

/** A store with a cache that a write does not always invalidate, if `isBad`. */
class Store {
  readonly #values = new Map<string, Json>();
  readonly #cache = new Map<string, Json>();
  readonly #isBad: boolean;
  readonly #pause: () => Promise<void>;

  constructor(isBad: boolean, pause: () => Promise<void>) {
    this.#isBad = isBad;
    this.#pause = pause;
  }

  async put(key: string, value: Json): Promise<void> {
    await this.#pause();
    this.#values.set(key, value);
    if (!this.#isBad) this.#cache.set(key, value);
    await this.#pause();
    if (this.#isBad && (value as number) % 5 !== 0) this.#cache.set(key, value);
  }

  async get(key: string): Promise<Json> {
    await this.#pause();
    const value = this.#cache.get(key) ?? this.#values.get(key) ?? null;
    await this.#pause();
    return value;
  }

  async swap(key: string, from: Json, to: Json): Promise<boolean> {
    await this.#pause();
    if ((this.#values.get(key) ?? null) !== from) return false;
    this.#values.set(key, to);
    this.#cache.set(key, to);
    await this.#pause();
    return true;
  }
}

/** Five clients at a store that answers at random moments, or throws before or after the effect. */
async function drive(seed: string, isBad: boolean): Promise<Recorder> {
  const random = keyed('recorder', seed);
  const pause = async (): Promise<void> => {
    for (let turns = random.int(6); turns > 0; turns--) await Promise.resolve();
    if (random.chance(0.03)) throw new Error('connection reset');
  };
  const store = new Store(isBad, pause);
  const recording = recorder({ clients: 5 });
  let last = 0;
  const loop = async (): Promise<void> => {
    const client = recording.client();
    for (let i = 0; i < 40; i++) {
      const key = random.pick(['x', 'y']);
      const value = ++last;
      const what = random.int(3);
      if (what === 0) await client.read(key, () => store.get(key));
      else if (what === 1) await client.write(key, value, () => store.put(key, value));
      else {
        const from = random.int(last + 1) || null;
        await client.cas(key, { from, to: value }, () => store.swap(key, from, value));
      }
    }
  };
  await Promise.all(Array.from({ length: 5 }, loop));
  recording.end();
  return recording;
}

test('a store with a seeded bug is found out, and one without is not accused', async () => {
  let crashed = 0;
  let found = 0;
  for (let i = 0; i < 15; i++) {
    const seed = `seed ${i}`;
    for (const isBad of [false, true]) {
      const recording = await drive(seed, isBad);
      const history = readJsonl(recording.jsonl(), 'history', { clients: 5 });
      crashed += history.operations.filter(({ outcome }) => outcome.kind === 'unknown').length;
      expect(history).toEqual(recording.history());
      const { kind } = check(history, casRegister);
      if (!isBad) expect([seed, kind]).toEqual([seed, 'ok']);
      else if (kind === 'violation') found++;
    }
  }
  expect(crashed).toBeGreaterThan(100);
  expect(found).toBeGreaterThan(11);
});
