/** What each operation does to a value and answers, and that none of them can grow without end. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Json } from '../../src/base/json.ts';
import { execute, isRefused, isAnswerTo } from '../../src/kv/objects.ts';
import { encodeResponse } from '../../src/wire/client-codec.ts';
import type { Operation } from '../../src/wire/client-protocol.ts';
import { MAX_FRAME_BYTES } from '../../src/wire/frames.ts';

type Bare = Operation extends infer O ? (O extends Operation ? Omit<O, 'key'> : never) : never;

/** Does them one after the other to a key that was never written, and tells the answers and what the key holds at the end. */
function story(...operations: readonly Bare[]): { readonly answers: readonly Json[]; readonly value: Json } {
  let value: Json = null;
  const answers = operations.map((operation) => {
    const { output, next } = execute(value, { ...operation, key: 'k' } as Operation);
    if (next !== undefined) value = next;
    return output;
  });
  return { answers, value };
}

const push = (value: Json): Bare => ({ f: 'push', value });
const shift: Bare = { f: 'shift' };
const increment = (by: number): Bare => ({ f: 'increment', by });
const insert = (value: Json): Bare => ({ f: 'insert', value });
const remove = (value: Json): Bare => ({ f: 'remove', value });
const acquire = (owner: Json): Bare => ({ f: 'acquire', owner });
const release = (owner: Json): Bare => ({ f: 'release', owner });
const concat = (text: string): Bare => ({ f: 'concat', text });

test('a text grows at its end, from nothing or from what was written', () => {
  expect(story(concat('a'), concat('b'))).toEqual({ answers: [null, null], value: 'ab' });
  expect(story({ f: 'write', value: 'x' }, concat('y'))).toEqual({ answers: [null, null], value: 'xy' });
});

test('what is pushed first is shifted first; from an empty list null', () => {
  expect(story(push(1), push(2), shift, push(3), shift, shift, shift)).toEqual({
    answers: [null, null, 1, null, 2, 3, null],
    value: [],
  });
  expect(story(shift)).toEqual({ answers: [null], value: null });
});

test('a counter begins at 0 and goes both ways', () => {
  expect(story(increment(5), increment(-7))).toEqual({ answers: [null, null], value: -2 });
});

test('a set answers whether it was changed, and holds no value twice', () => {
  expect(story(insert({ a: 1, b: 2 }), insert({ b: 2, a: 1 }), remove(1), remove({ b: 2, a: 1 }), remove(1))).toEqual({
    answers: [true, false, false, true, false],
    value: [],
  });
});

test('a lock has one holder, who alone can release it, and who does not get it twice', () => {
  const { answers, value } = story(acquire(1), acquire(2), acquire(1), release(2), release(1), release(1), acquire(2));
  expect(answers).toEqual([true, false, false, 'not-holder', true, false, true]);
  expect(value).toEqual({ owner: 2 });
});

test('null can own a lock', () => {
  expect(story(acquire(null), acquire(1), release(1), release(null))).toEqual({
    answers: [true, false, 'not-holder', true],
    value: null,
  });
});

test.each<[Json, readonly Bare[]]>([
  [5, [concat('a'), push(1), insert(1), remove(1), acquire(1), release(1)]],
  ['text', [push(1), increment(1), insert(1), remove(1), acquire(1), release(1)]],
  [[1], [concat('a'), increment(1), acquire(1), release(1)]],
  [{ owner: 1 }, [concat('a'), push(1), increment(1), insert(1), remove(1)]],
  [0.5, [increment(1)]],
])('a key that holds %j refuses what is for another kind of object, and is left as it is', (value, operations) => {
  for (const bare of operations) {
    const operation = { ...bare, key: 'k' } as Operation;
    const { output, next } = execute(value, operation);
    expect({ f: bare.f, output, next }).toEqual({ f: bare.f, output: 'wrong-type', next: undefined });
    expect(isRefused(operation, output)).toBe(true);
  }
});

test('a sum beyond what can be counted exactly is refused', () => {
  expect(story(increment(Number.MAX_SAFE_INTEGER), increment(1), increment(-1)).answers).toEqual([null, 'full', null]);
});

test('a text that was taken out or read is no refusal', () => {
  expect(isRefused({ f: 'shift', key: 'k' }, 'full')).toBe(false);
  expect(isRefused({ f: 'read', key: 'k' }, 'full')).toBe(false);
  expect(isRefused({ f: 'release', key: 'k', owner: 1 }, 'not-holder')).toBe(true);
});

test('however much is asked, what a key holds fits into one frame', () => {
  // The characters that need most room as JSON in UTF-8.
  const worst = ['\u0001', '\ud800', '€'];
  const answer = (output: Json): number =>
    encodeResponse({ kind: 'result', attempt: 1, output, node: 'n1', term: 1, applied: 1 }).length;
  for (const character of worst) {
    let list: Json = null;
    for (let i = 0; i < 5000; i++) {
      const item = character.repeat(170);
      list = execute(list, { f: 'push', key: 'k', value: item }).next ?? list;
    }
    expect((list as readonly Json[]).length).toBe(4096);
    expect(answer(list)).toBeLessThan(MAX_FRAME_BYTES);
  }
  expect(story(push('a'.repeat(2000)), insert('a'.repeat(2000))).answers).toEqual(['too-large', 'too-large']);
  let text: Json = null;
  const piece = '\u0001'.repeat(100_000);
  for (let i = 0; i < 20; i++) text = execute(text, { f: 'concat', key: 'k', text: piece }).next ?? text;
  expect((text as string).length).toBe(1_000_000);
  expect(answer(text)).toBeLessThan(MAX_FRAME_BYTES);
});

test('every operation has an answer, whatever the key holds', () => {
  const json = fc.jsonValue({ maxDepth: 2 }).map((value) => JSON.parse(JSON.stringify(value)) as Json);
  const bare: fc.Arbitrary<Bare> = fc.oneof(
    fc.constantFrom<Bare>({ f: 'read' }, shift, concat('a'), increment(1)),
    json.map(push),
    json.map(insert),
    json.map(remove),
    json.map(acquire),
    json.map(release),
  );
  fc.assert(
    fc.property(json, bare, (value, operation) => {
      const before = JSON.stringify(value);
      const { output } = execute(value, { ...operation, key: 'k' } as Operation);
      expect(output).not.toBe(undefined);
      expect(isAnswerTo({ ...operation, key: 'k' } as Operation, output)).toBe(true);
      expect(JSON.stringify(value), 'the old value is left alone').toBe(before);
    }),
  );
});
