/** Every model step by step: what each operation leaves, what it refuses, and how the states are put into words. */
import { expect, test } from 'vitest';
import type { Call, Json } from '../../../checker/index.ts';
import { REJECTED, UNSEEN } from '../../../checker/model/model.ts';
import { modelNamed } from '../../../checker/model/named.ts';

/** An operation, its answer, and the state afterwards in words; `no` where the model refuses it. */
type Step = readonly [f: string, value: Json, output: Json | typeof UNSEEN, after: string];

const no = 'no';

/** Goes on from the last state; a refused operation leaves it as it was. */
function run(name: string, steps: readonly Step[], initial?: Json): void {
  const model = modelNamed(name, initial === undefined ? {} : { initial })!;
  let state = model.initial;
  for (const [f, value, output, after] of steps) {
    const call: Call = { f, value };
    const frozen = JSON.stringify(state);
    const next = model.step(state, call, output);
    expect(JSON.stringify(state)).toBe(frozen);
    expect(
      next === REJECTED ? no : model.describeState!(next, 'o'),
      `${f} ${JSON.stringify(value)} → ${output === UNSEEN ? 'unseen' : JSON.stringify(output)} in ${model.describeState!(state, 'o')}`,
    ).toBe(after);
    if (model.isRead?.(call) === true && next !== REJECTED) expect(model.key(next)).toBe(model.key(state));
    if (next !== REJECTED) state = next;
  }
}

test('a register holds what was written last', () => {
  run('register', [
    ['read', null, null, 'o = null'],
    ['write', 1, null, 'o = 1'],
    ['read', null, 1, 'o = 1'],
    ['read', null, 2, no],
    ['read', null, UNSEEN, 'o = 1'],
    ['write', { a: 1, b: [2] }, UNSEEN, 'o = {"a":1,"b":[2]}'],
    ['read', null, { b: [2], a: 1 }, 'o = {"a":1,"b":[2]}'],
  ]);
  run('register', [['read', null, 0, 'o = 0']], 0);
});

test('a compare-and-set changes the value only if it is the expected one, and shows that it is not where it answers no', () => {
  run(
    'cas-register',
    [
      ['cas', [5, 6], true, 'o = 6'],
      ['cas', [5, 7], true, no],
      ['cas', [5, 7], false, 'o = 6'],
      ['cas', [6, 7], false, no],
      ['cas', [6, 8], [6, 8], 'o = 8'],
      ['cas', [8, 9], UNSEEN, 'o = 9'],
    ],
    5,
  );
});

test('a transaction on several registers takes effect as a whole, its steps in their order', () => {
  run(
    'multi-register',
    [
      ['txn', [['read', 'x', null]], [['read', 'x', 0]], 'every register = 0'],
      [
        'txn',
        [
          ['write', 'y', 2],
          ['r', 'y', null],
        ],
        [
          ['write', 'y', 2],
          ['r', 'y', 2],
        ],
        'y = 2',
      ],
      [
        'txn',
        [
          ['r', 'y', null],
          ['w', 'y', 3],
        ],
        [
          ['r', 'y', 3],
          ['w', 'y', 3],
        ],
        no,
      ],
      [
        'txn',
        [
          ['r', 'y', null],
          ['w', 'y', 3],
        ],
        [
          ['read', 'y', 2],
          ['w', 'y', 3],
        ],
        'y = 3',
      ],
      [
        'txn',
        [
          ['w', 'x', 1],
          ['w', 'y', 0],
        ],
        null,
        'x = 1, y = 0',
      ],
      [
        'txn',
        [
          ['r', 'x', null],
          ['w', 'z', 4],
        ],
        UNSEEN,
        'x = 1, y = 0, z = 4',
      ],
      ['txn', [], [], 'x = 1, y = 0, z = 4'],
    ],
    0,
  );
  const model = modelNamed('multi-register')!;
  const written = model.step(model.initial, { f: 'write', key: 'x', value: 1 }, null) as Json;
  expect(model.step(written, { f: 'txn', value: [['r', 'x', null]] }, [['r', 'x', 1]])).toEqual(written);
  expect(model.step(written, { f: 'read', key: 'y', value: null }, 1)).toBe(REJECTED);
});

test('a register of the name __proto__ is one like any other', () => {
  const model = modelNamed('multi-register')!;
  const read = { f: 'read', key: '__proto__', value: null };
  expect(model.step(model.initial, read, null)).not.toBe(REJECTED);
  const written = model.step(model.initial, { ...read, f: 'write', value: 1 }, null) as Json;
  expect(model.step(written, read, 1)).not.toBe(REJECTED);
  expect(model.step(written, read, null)).toBe(REJECTED);
});

test('a register written back to its first value is as if it never was written', () => {
  const model = modelNamed('multi-register', { initial: 0 })!;
  const write = (state: Json, value: Json): Json => model.step(state, { f: 'write', key: 'x', value }, null) as Json;
  expect(model.key(write(model.initial, 0))).toBe(model.key(model.initial));
  expect(model.key(write(model.initial, 1))).not.toBe(model.key(model.initial));
});

test('a transaction touches the registers that it names, and the number 1 is not the text 1', () => {
  const model = modelNamed('multi-register')!;
  const touches = (call: Call): readonly string[] => model.touches!(call);
  expect(
    touches({
      f: 'txn',
      value: [
        ['r', 'x', null],
        ['w', 'y', 1],
        ['w', 'x', 2],
      ],
    }),
  ).toEqual(['x', 'y']);
  expect(touches({ f: 'read', key: 'x', value: null })).toEqual(['x']);
  expect(touches({ f: 'txn', value: [] })).toEqual([]);
  const names = [1, '1', '"1"', '-1', -1].flatMap((name) => touches({ f: 'txn', value: [['r', name, null]] }));
  expect(new Set(names).size).toBe(5);
});

test('a store of texts begins empty and grows at its end', () => {
  run('kv', [
    ['get', null, '', 'o = ""'],
    ['append', 'a', null, 'o = "a"'],
    ['append', 'b', 'b', 'o = "ab"'],
    ['get', null, 'b', no],
    ['put', 'c', true, 'o = "c"'],
    ['append', 'd', UNSEEN, 'o = "cd"'],
    ['get', null, 'cd', 'o = "cd"'],
    ['put', 5, null, 'o = 5'],
    ['append', 'e', null, no],
  ]);
  run(
    'kv',
    [
      ['get', null, null, 'o = null'],
      ['append', 'a', null, 'o = "a"'],
    ],
    null,
  );
});

test('a store is a register as long as nobody appends', () => {
  const model = modelNamed('kv')!;
  const asRegister = (call: Call, output: Json | typeof UNSEEN): unknown => model.asRegister!(call, output);
  expect(asRegister({ f: 'get', value: null }, 'a')).toEqual({ kind: 'read', value: 'a' });
  expect(asRegister({ f: 'get', value: null }, UNSEEN)).toEqual({ kind: 'nothing' });
  expect(asRegister({ f: 'put', value: 'a' }, UNSEEN)).toEqual({ kind: 'write', value: 'a' });
  expect(asRegister({ f: 'append', value: 'a' }, null)).toBeUndefined();
});

test('a queue gives back in order, and a crashed dequeue takes the head', () => {
  run('queue', [
    ['dequeue', null, null, 'o = []'],
    ['dequeue', null, UNSEEN, no],
    ['enqueue', 1, null, 'o = [1]'],
    ['enqueue', 10, 10, 'o = [1, 10]'],
    ['enqueue', 1, UNSEEN, 'o = [1, 10, 1]'],
    ['dequeue', null, 10, no],
    ['dequeue', null, 'empty', no],
    ['dequeue', null, 1, 'o = [10, 1]'],
    ['dequeue', null, UNSEEN, 'o = [1]'],
    ['dequeue', null, 1, 'o = []'],
    ['dequeue', null, 'empty', 'o = []'],
  ]);
  run('queue', [['dequeue', null, 'a\nb', 'o = [{"c":"\\n"}]']], ['a\nb', { c: '\n' }]);
});

test('a stack gives back the newest first, and a crashed pop takes the top', () => {
  run('stack', [
    ['pop', null, 'empty', 'o = []'],
    ['pop', null, UNSEEN, no],
    ['push', 1, null, 'o = [1]'],
    ['push', 21, 21, 'o = [1, 21]'],
    ['push', 1, true, 'o = [1, 21, 1]'],
    ['pop', null, 21, no],
    ['pop', null, null, no],
    ['pop', null, 1, 'o = [1, 21]'],
    ['pop', null, UNSEEN, 'o = [1]'],
    ['pop', null, 1, 'o = []'],
  ]);
  run('stack', [['pop', null, 2, 'o = [1]']], [1, 2]);
});

test('an unordered queue gives back any, each as often as it was put in; a crashed dequeue leaves every possibility', () => {
  run('unordered-queue', [
    ['dequeue', null, null, 'o = []'],
    ['dequeue', null, UNSEEN, no],
    ['enqueue', 2, null, 'o = [2]'],
    ['enqueue', 1, null, 'o = [1, 2]'],
    ['enqueue', 2, null, 'o = [1, 2, 2]'],
    ['dequeue', null, 3, no],
    ['dequeue', null, UNSEEN, 'o = [1, 2] or o = [2, 2]'],
    ['dequeue', null, 1, 'o = [2]'],
    ['dequeue', null, 2, 'o = []'],
  ]);
  run(
    'unordered-queue',
    [
      ['dequeue', null, UNSEEN, 'o = [1] or o = [2]'],
      ['dequeue', null, UNSEEN, 'o = []'],
    ],
    [2, 1],
  );
});

test('a set has each value once; true and false say whether it changed', () => {
  run('set', [
    ['read', null, [], 'o = []'],
    ['add', 2, null, 'o = [2]'],
    ['add', 2, true, no],
    ['add', 2, false, 'o = [2]'],
    ['add', 1, true, 'o = [1, 2]'],
    ['add', 1, 1, 'o = [1, 2]'],
    ['add', 3, false, no],
    ['read', null, [2, 1], 'o = [1, 2]'],
    ['read', null, [2, 1, 2], no],
    ['read', null, [2], no],
    ['read', null, UNSEEN, 'o = [1, 2]'],
    ['contains', 1, true, 'o = [1, 2]'],
    ['contains', 1, false, no],
    ['contains', 3, false, 'o = [1, 2]'],
    ['contains', 3, UNSEEN, 'o = [1, 2]'],
    ['remove', 3, true, no],
    ['remove', 3, false, 'o = [1, 2]'],
    ['remove', 3, null, 'o = [1, 2]'],
    ['remove', 1, true, 'o = [2]'],
    ['remove', 2, UNSEEN, 'o = []'],
    ['add', 21, null, 'o = [21]'],
    ['contains', 1, true, no],
  ]);
  run('set', [
    ['add', true, true, 'o = [true]'],
    ['add', true, true, 'o = [true]'],
    ['add', false, false, 'o = [false, true]'],
  ]);
  run('set', [['read', null, [1, 'a'], 'o = ["a", 1]']], ['a', 1]);
});

test('many values come into a set in any order and are there', () => {
  const model = modelNamed('set')!;
  const values = Array.from({ length: 300 }, (_none, i) => (i * 7919) % 300);
  const all = values.reduce<Json>(
    (state, value) => model.step(state, { f: 'add', value }, true) as Json,
    model.initial,
  );
  expect(model.step(all, { f: 'read', value: null }, values.toReversed())).toBe(all);
  expect(model.describeState!(all, '')).toBe(
    'the set = [0, 1, 10, 100, 101, 102, … 288 more …, 94, 95, 96, 97, 98, 99]',
  );
});

test('a lock is acquired where it is free and released where it is held', () => {
  run('lock', [
    ['release', null, null, no],
    ['release', null, false, 'o is free'],
    ['acquire', null, false, no],
    ['acquire', null, null, 'o is held'],
    ['acquire', null, true, no],
    ['acquire', null, UNSEEN, no],
    ['acquire', 'me', false, 'o is held'],
    ['release', null, false, no],
    ['release', null, UNSEEN, 'o is free'],
    ['acquire', 'me', 'me', 'o is held'],
  ]);
  run('lock', [['release', null, true, 'o is free']], 'held');
});

test('a counter is the sum of what was added', () => {
  run('counter', [
    ['read', null, 0, 'o = 0'],
    ['add', 5, null, 'o = 5'],
    ['add', -7, -7, 'o = -2'],
    ['increment', null, true, 'o = -1'],
    ['increment', 3, UNSEEN, 'o = 2'],
    ['decrement', null, null, 'o = 1'],
    ['decrement', 4, null, 'o = -3'],
    ['read', null, 3, no],
    ['read', null, -3, 'o = -3'],
    ['read', null, UNSEEN, 'o = -3'],
  ]);
  run('counter', [['read', null, 7, 'o = 7']], 7);
});

test('a list is read in the order in which it grew', () => {
  run('list', [
    ['read', null, [], 'o = []'],
    ['append', 2, null, 'o = [2]'],
    ['append', null, null, 'o = [2, null]'],
    ['append', 1, 1, 'o = [2, null, 1]'],
    ['read', null, [2, 1, null], no],
    ['read', null, [2, null], no],
    ['read', null, [2, null, 1], 'o = [2, null, 1]'],
    ['read', null, UNSEEN, 'o = [2, null, 1]'],
  ]);
  run('list', [['read', null, [1], 'o = [1]']], [1]);
});

test('operations are described in the words of the call, with key and answer', () => {
  const words = (name: string, f: string, value: Json, output: Json | typeof UNSEEN): string =>
    modelNamed(name)!.describe!({ f, key: 'k', value }, output);
  expect(words('kv', 'get', null, 'a')).toBe('get k → "a"');
  expect(words('kv', 'append', 'a', null)).toBe('append k "a"');
  expect(words('queue', 'enqueue', 5, null)).toBe('enqueue k 5');
  expect(words('queue', 'dequeue', null, 5)).toBe('dequeue k → 5');
  expect(words('queue', 'dequeue', null, null)).toBe('dequeue k → empty');
  expect(words('unordered-queue', 'dequeue', null, UNSEEN)).toBe('dequeue k');
  expect(words('set', 'add', 5, false)).toBe('add k 5 → false');
  expect(words('set', 'add', 5, 5)).toBe('add k 5');
  expect(words('set', 'contains', 5, true)).toBe('contains k 5 → true');
  expect(words('set', 'read', null, [5])).toBe('read k → [5]');
  expect(words('lock', 'acquire', null, null)).toBe('acquire k');
  expect(words('lock', 'acquire', 'me', false)).toBe('acquire k "me" → held already');
  expect(words('counter', 'increment', null, null)).toBe('increment k');
  expect(words('counter', 'read', null, 3)).toBe('read k → 3');
  expect(words('list', 'append', null, null)).toBe('append k null');
  expect(
    words(
      'multi-register',
      'txn',
      [
        ['r', 'x', null],
        ['w', 'y', 1],
      ],
      [
        ['r', 'x', 4],
        ['w', 'y', 1],
      ],
    ),
  ).toBe('txn (read x → 4, write y = 1)');
  expect(words('multi-register', 'write', 5, null)).toBe('write k = 5');
});
