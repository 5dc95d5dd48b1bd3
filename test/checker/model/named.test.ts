/** Models by name, with and without an initial value. */
import { expect, test } from 'vitest';
import type { Json } from '../../../checker/index.ts';
import { ModelError } from '../../../checker/model/model.ts';
import { modelNamed, modelNames, models } from '../../../checker/model/named.ts';
import { casRegister, register, registers } from '../../../checker/model/registers.ts';

test('every model is known by its name, and some by another one', () => {
  expect(modelNames.length).toBe(11);
  expect([...models.keys()]).toEqual(modelNames);
  for (const name of modelNames) expect(modelNamed(name)).toBe(models.get(name));
  for (const name of modelNames) expect(modelNamed(name)!.name).toBe(name);
  expect(modelNamed('mutex')).toBe(models.get('lock'));
  expect(modelNamed('fifo-queue')).toBe(models.get('queue'));
  expect(modelNamed('bag')).toBe(models.get('unordered-queue'));
  expect(modelNamed('toString')).toBeUndefined();
  expect(modelNamed('toString', { initial: 1 })).toBeUndefined();
  expect(modelNamed('heap')).toBeUndefined();
});

test('the registers by name are the ones that are exported', () => {
  expect(modelNamed('register')).toBe(register);
  expect(modelNamed('cas-register')).toBe(casRegister);
  expect(registers({ cas: false }).name).toBe('register');
  expect(registers({ initial: 0 })).toMatchObject({ name: 'cas-register', initial: 0 });
});

/** Model, an initial value that it can have, one that it cannot, and the reason. */
const INITIAL: readonly (readonly [string, Json, Json, string])[] = [
  ['queue', [1, 2], null, 'the initial value of the model queue is an array of values, not null'],
  ['queue', [], [1, null], 'null cannot be in a queue'],
  ['unordered-queue', [2, 2], 5, 'an array of values, not 5'],
  ['stack', ['a'], {}, 'an array of values, not {}'],
  ['stack', ['a'], ['empty'], '"empty" cannot be in a stack'],
  ['set', [1, '1'], [1, 2, 1], 'the initial value of the model set has a value twice: [1,2,1]'],
  ['set', [], 'a', 'an array of values, not "a"'],
  ['list', [null], 'a', 'an array of values, not "a"'],
  ['lock', 'held', 'mine', "the initial value of the model lock is 'free' or 'held', not \"mine\""],
  ['lock', false, null, "'free' or 'held', not null"],
  ['counter', -3, 0.5, 'the initial value of the model counter is a whole number, not 0.5'],
];

test.each(INITIAL)('%s begins with %j but not with %j', (name, possible, impossible, reason) => {
  expect(modelNamed(name, { initial: possible })!.name).toBe(name);
  const make = (): unknown => modelNamed(name, { initial: impossible });
  expect(make).toThrow(ModelError);
  expect(make).toThrow(reason);
});

test('an initial value of null is one, and not the usual one', () => {
  expect(modelNamed('kv')!.initial).toBe('');
  expect(modelNamed('kv', { initial: null })!.initial).toBeNull();
});

test('a collection that is not empty at first does not claim to be one that the monitors know', () => {
  for (const name of ['queue', 'unordered-queue', 'stack', 'set']) {
    expect(modelNamed(name)!).toMatchObject({ collection: expect.any(String), asCollection: expect.any(Function) });
    const full = modelNamed(name, { initial: [1] })!;
    expect('collection' in full || 'asCollection' in full).toBe(false);
  }
});

test('what an operation does to a collection is said in the terms of collections', () => {
  const action = (name: string, f: string, value: Json, output: Json): unknown =>
    modelNamed(name)!.asCollection!({ f, value }, output);
  expect(action('queue', 'enqueue', 1, null)).toEqual({ kind: 'put', value: 1 });
  expect(action('unordered-queue', 'dequeue', null, 1)).toEqual({ kind: 'take', value: 1 });
  expect(action('stack', 'pop', null, 'empty')).toEqual({ kind: 'empty' });
  expect(action('set', 'add', 1, null)).toEqual({ kind: 'put', value: 1 });
  expect(action('set', 'add', 1, false)).toEqual({ kind: 'contains', value: 1, isIn: true });
  expect(action('set', 'remove', 1, true)).toEqual({ kind: 'take', value: 1 });
  expect(action('set', 'remove', 1, false)).toEqual({ kind: 'contains', value: 1, isIn: false });
  expect(action('set', 'remove', 1, null)).toEqual({ kind: 'other' });
  expect(action('set', 'contains', 1, true)).toEqual({ kind: 'contains', value: 1, isIn: true });
  expect(action('set', 'read', null, [2, 1])).toEqual({ kind: 'read-all', values: [2, 1] });
  expect(action('set', 'read', null, [1, 1])).toEqual({ kind: 'other' });
});
