/** What each model refuses to judge: operations that are not its own, and calls and answers that mean nothing to it. */
import { expect, test } from 'vitest';
import type { Json } from '../../../checker/index.ts';
import { ModelError } from '../../../checker/model/model.ts';
import { modelNamed } from '../../../checker/model/named.ts';

/** Model, call, answer, and what the message says. */
const REFUSED: readonly (readonly [string, string, Json, Json, string])[] = [
  ['register', 'cas', [1, 2], true, 'the model register knows read, write, not "cas"'],
  ['register', 'write', 1, 2, 'a write answers null, true or the value that was asked, not 2'],
  ['cas-register', 'cas', 1, true, 'the value of a cas is [expected, new], not 1'],
  ['cas-register', 'cas', [1, 2, 3], true, 'the value of a cas is [expected, new], not [1,2,3]'],
  ['cas-register', 'cas', [1, 2], 'yes', 'a cas answers true or false, not "yes"'],
  ['multi-register', 'cas', [1, 2], true, 'the model multi-register knows txn, read, write, not "cas"'],
  ['multi-register', 'txn', 5, null, 'the value of a txn is an array of steps, not 5'],
  [
    'multi-register',
    'txn',
    [['read', 'x']],
    null,
    'a step of a txn is ["read" or "write", register, value], not ["read","x"]',
  ],
  [
    'multi-register',
    'txn',
    [['read', {}, null]],
    null,
    'a step of a txn is ["read" or "write", register, value], not ["read",{},null]',
  ],
  [
    'multi-register',
    'txn',
    [['append', 'x', 1]],
    null,
    'the model multi-register knows read and write in a txn, not "append"',
  ],
  [
    'multi-register',
    'txn',
    [['read', 'x', null]],
    null,
    'a txn answers the same steps ([["read","x",null]]) with the reads filled in, not null',
  ],
  [
    'multi-register',
    'txn',
    [['read', 'x', null]],
    [['read', 'y', 1]],
    'with the reads filled in, not [["read","y",1]]',
  ],
  [
    'multi-register',
    'txn',
    [['write', 'x', 1]],
    [['write', 'x', 2]],
    'with the reads filled in, not [["write","x",2]]',
  ],
  ['multi-register', 'txn', [['write', 'x', 1]], [], 'with the reads filled in, not []'],
  ['kv', 'delete', null, null, 'the model kv knows get, put, append, not "delete"'],
  ['kv', 'append', 5, null, 'the value of an append is a text, not 5'],
  ['kv', 'put', 'a', 'b', 'a put answers null, true or the value that was asked, not "b"'],
  ['queue', 'push', 1, null, 'the model queue knows enqueue, dequeue, not "push"'],
  ['queue', 'enqueue', 1, false, 'an enqueue answers null, true or the value that was asked, not false'],
  ['queue', 'enqueue', null, null, 'null cannot be in a queue: it is what a dequeue answers where there is nothing'],
  ['stack', 'push', 'empty', null, '"empty" cannot be in a stack: it is what a pop answers where there is nothing'],
  ['unordered-queue', 'dequeue', 5, 5, 'a dequeue is asked with null, not 5'],
  ['set', 'pop', null, null, 'the model set knows add, remove, contains, read, not "pop"'],
  ['set', 'add', 1, 2, 'an add answers true, false, null or the value that was asked, not 2'],
  ['set', 'contains', 1, null, 'a contains answers true or false, not null'],
  ['set', 'read', null, null, 'a read answers an array of values, not null'],
  ['lock', 'lock', null, null, 'the model lock knows acquire, release, not "lock"'],
  ['lock', 'acquire', null, 5, 'an acquire answers null, true or false, not 5'],
  ['counter', 'add', '1', null, 'the value of an add is a whole number, not "1"'],
  ['counter', 'add', null, null, 'the value of an add is a whole number, not null'],
  ['counter', 'add', 0.5, null, 'the value of an add is a whole number, not 0.5'],
  ['counter', 'increment', 1, 2, 'an increment answers null, true or the value that was asked, not 2'],
  ['counter', 'read', null, 'many', 'a read answers a whole number, not "many"'],
  ['counter', 'sub', 1, null, 'the model counter knows add, increment, decrement, read, not "sub"'],
  ['list', 'append', 1, 2, 'an append answers null, true or the value that was asked, not 2'],
  ['list', 'read', null, 5, 'a read answers an array of values, not 5'],
  ['list', 'prepend', 1, null, 'the model list knows append, read, not "prepend"'],
];

test.each(REFUSED)('%s refuses %s %j → %j with a reason', (name, f, value, output, message) => {
  const model = modelNamed(name)!;
  const step = (): unknown => model.step(model.initial, { f, value }, output);
  expect(step).toThrow(ModelError);
  expect(step).toThrow(message);
});

test('a counter beyond what can be counted exactly is refused, not rounded', () => {
  const model = modelNamed('counter', { initial: Number.MAX_SAFE_INTEGER })!;
  expect(() => model.step(model.initial, { f: 'increment', value: null }, null)).toThrow('counted exactly');
});
