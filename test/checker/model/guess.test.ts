/** The model that is guessed from a history, and what is said about it. */
import { expect, test } from 'vitest';
import type { Call, History, Json } from '../../../checker/index.ts';
import { guessModel } from '../../../checker/model/guess.ts';

type Told = readonly [f: string, value?: Json, output?: Json];

/** Each operation with its answer, one after the other. */
function history(...told: readonly Told[]): History {
  const operations = told.map(([f, value = null, output = null], i) => ({
    id: i,
    process: 0,
    input: { f, value } satisfies Call,
    callNs: 10 * i,
    outcome: { kind: 'ok' as const, output, returnNs: 10 * i + 5 },
  }));
  return { operations, failed: [], warnings: [] };
}

const guess = (...told: readonly Told[]): string => {
  const { model, reason } = guessModel(history(...told));
  return `${model?.name ?? 'none'}: ${reason}`;
};

test('operations that only one model has say which it is', () => {
  expect(guess()).toBe('register: there are no operations');
  expect(guess(['write', 1], ['read', null, 1])).toBe('register: the operations are read, write');
  expect(guess(['cas', [1, 2], true])).toBe('cas-register: the operations are cas');
  expect(guess(['txn', []], ['read'])).toBe('multi-register: the operations are read, txn');
  expect(guess(['get', null, 'a'], ['append', 'a'])).toBe('kv: the operations are append, get');
  expect(guess(['put', 'a'])).toBe('kv: the operations are put');
  expect(guess(['pop'])).toBe('stack: the operations are pop');
  expect(guess(['acquire'], ['release'])).toBe('lock: the operations are acquire, release');
  expect(guess(['increment'], ['read', null, 1])).toBe('counter: the operations are increment, read');
  expect(guess(['add', 1], ['remove', 1])).toBe('set: the operations are add, remove');
  expect(guess(['contains', 1, true], ['read', null, []])).toBe('set: the operations are contains, read');
  expect(guess(['append', 1], ['read', null, [1]])).toBe('list: the operations are append, read');
});

test('where several models have the operations, the answers decide, and the other one is named', () => {
  expect(guess(['enqueue', 1], ['dequeue', null, 1])).toBe(
    'queue: the operations are dequeue, enqueue; where no order is promised, name the model unordered-queue',
  );
  expect(guess(['add', 1], ['read', null, 1])).toBe(
    'counter: the operations are add, read, and a read answered a number; a set is named set',
  );
  expect(guess(['add', 1], ['read', null, [1]])).toBe(
    'set: the operations are add, read, and a read answered an array; a counter is named counter',
  );
  expect(guess(['add', 1])).toBe(
    'set: the operations are add, and no read tells more; where numbers are summed up, name the model counter',
  );
  expect(guess(['append', 'a'])).toContain('list: the operations are append, and nothing was read');
  expect(guess(['read', null, []])).toContain('list: the operations are read, and it answers arrays');
  expect(guess(['read', null, 5])).toBe('register: the operations are read');
});

test('a store whose keys hold null at first is guessed as one', () => {
  const { model, reason } = guessModel(history(['put', 'a'], ['get', null, null]));
  expect(model).toMatchObject({ name: 'kv', initial: null });
  expect(reason).toBe('the operations are get, put, and a get answered null, so that keys hold null at first');
  expect(guessModel(history(['put', 'a'], ['get', null, ''])).model).toMatchObject({ name: 'kv', initial: '' });
});

test('operations of no model, and of no one model, are named', () => {
  expect(guess(['frobnicate'], ['read'])).toBe('none: no model is known that has "frobnicate"');
  expect(guess(['enqueue', 1], ['pop'])).toBe('none: no model is known that has all of "enqueue", "pop"');
});

test('failed operations count for the guess', () => {
  const failed = [{ id: 9, process: 1, input: { f: 'cas', value: [1, 2] }, callNs: 0, returnNs: 1, error: 'no' }];
  expect(guessModel({ ...history(['read']), failed }).model?.name).toBe('cas-register');
});

test('only the names of operations count, not those of keys, nodes and errors', () => {
  const [operation] = history(['read']).operations;
  const named = { ...operation!, input: { ...operation!.input, key: 'enqueue' }, node: 'pop' };
  expect(guessModel({ operations: [named], failed: [], warnings: [] }).model?.name).toBe('register');
});
