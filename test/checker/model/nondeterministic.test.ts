/** Objects that may choose, judged by the sets of their possible states. */
import { expect, test } from 'vitest';
import { check, REJECTED, UNSEEN, type Call, type Json, type Model, type Operation } from '../../../checker/index.ts';
import { nondeterministic } from '../../../checker/model/nondeterministic.ts';
import { keyed } from '../../../src/base/random.ts';

/** A register that may lose a write though it acknowledged it. */
const lossyRegister: Model<readonly Json[], Call, Json> = nondeterministic({
  name: 'lossy-register',
  initial: [null],
  key: (state: Json) => JSON.stringify(state),
  steps: (state, { f, value }, output) => {
    if (f === 'write') return [state, value];
    return output === UNSEEN || output === state ? [state] : [];
  },
});

/** One client, one operation after the other. */
function sequence(...told: readonly (readonly [f: string, value: Json, output?: Json])[]): Operation[] {
  return told.map(([f, value, output], i) => ({
    id: i,
    process: 0,
    input: { f, value },
    callNs: 10 * i,
    outcome:
      output === undefined ? { kind: 'unknown', reason: 'timeout' } : { kind: 'ok', output, returnNs: 10 * i + 5 },
  }));
}

const verdict = <S>(operations: readonly Operation[], model: Model<S, Call, Json>): string =>
  check({ operations, failed: [], warnings: [] }, model).kind;

test('a register that may lose writes may answer any value since the last that was read, and no other', () => {
  const writes = [
    ['write', 1, null],
    ['write', 2, null],
  ] as const;
  expect(verdict(sequence(...writes, ['read', null, 1]), lossyRegister)).toBe('ok');
  expect(verdict(sequence(...writes, ['read', null, null]), lossyRegister)).toBe('ok');
  expect(verdict(sequence(...writes, ['read', null, 3]), lossyRegister)).toBe('violation');
  expect(verdict(sequence(...writes, ['read', null, 1], ['read', null, 2]), lossyRegister)).toBe('violation');
});

test('an operation that adds a number nobody saw leaves every number possible until one is read', () => {
  const dice: Model<readonly number[], Call, Json> = nondeterministic({
    name: 'dice',
    initial: [0],
    key: (sum: number) => sum,
    describeState: (sum, part) => `${part} has ${sum}`,
    steps: (sum, { f }, output) => {
      if (f === 'read') return output === UNSEEN || output === sum ? [sum] : [];
      return [1, 2, 3, 4, 5, 6].filter((eyes) => output === UNSEEN || output === eyes).map((eyes) => sum + eyes);
    },
  });
  const twice = dice.step(
    dice.step(dice.initial, { f: 'roll', value: null }, 3) as number[],
    { f: 'roll', value: null },
    UNSEEN,
  );
  expect(twice).toEqual([4, 5, 6, 7, 8, 9]);
  expect(dice.describeState!([4, 5], 'x')).toBe('x has 4 or x has 5');
  const rolls = [
    ['roll', null, 3],
    ['roll', null],
  ] as const;
  expect(verdict(sequence(...rolls, ['read', null, 9]), dice)).toBe('ok');
  expect(verdict(sequence(...rolls, ['read', null, 3]), dice)).toBe('ok');
  expect(verdict(sequence(...rolls, ['read', null, 10]), dice)).toBe('violation');
  expect(verdict(sequence(...rolls, ['read', null, 5], ['read', null, 6]), dice)).toBe('violation');
});

test('equal sets have equal keys whatever the way there, and different sets different ones', () => {
  const write = (states: readonly Json[], value: Json): readonly Json[] =>
    lossyRegister.step(states, { f: 'write', value }, null) as readonly Json[];
  const there = write(write(lossyRegister.initial, 1), 2);
  const back = write(write(write(lossyRegister.initial, 2), 1), 2);
  expect(lossyRegister.key(there)).toBe(lossyRegister.key(back));
  const keys = nondeterministic({
    name: 'keys',
    initial: [''],
    key: (state: string | number) => state,
    steps: () => [],
  });
  const sets = [
    ['a'],
    ['a', 'b'],
    ['a,b'],
    ['a","b'],
    ['["a","b"]'],
    [1],
    ['1'],
    [1, 2],
    ['#1'],
    ["'1"],
    ['{["a","b"]'],
  ];
  expect(new Set(sets.map((states) => keys.key(states))).size).toBe(sets.length);
});

test('no possible state is a refusal, and an object without a first state is none', () => {
  expect(lossyRegister.step([1, 2], { f: 'read', value: null }, 3)).toBe(REJECTED);
  expect(() => nondeterministic({ name: 'none', initial: [], key: String, steps: () => [] })).toThrow('no first state');
});

test('a sequence is accepted if and only if some run of the object gives its answers', () => {
  let accepted = 0;
  for (let seed = 0; seed < 500; seed++) {
    const random = keyed(`run${seed}`, 'lossy');
    const told = Array.from({ length: random.between(1, 7) }, () =>
      random.chance(0.5)
        ? (['write', random.int(3), null] as const)
        : (['read', null, random.pick([null, 0, 1, 2])] as const),
    );
    const expected = hasRun(null, told);
    accepted += Number(expected);
    expect(verdict(sequence(...told), lossyRegister), `seed run${seed}`).toBe(expected ? 'ok' : 'violation');
  }
  expect(accepted).toBeGreaterThan(100);
  expect(accepted).toBeLessThan(400);
});

/** Tries every choice of the lossy register. */
function hasRun(state: Json, [next, ...rest]: readonly (readonly [string, Json, Json])[]): boolean {
  if (next === undefined) return true;
  const [f, value, output] = next;
  if (f === 'read') return output === state && hasRun(state, rest);
  return hasRun(state, rest) || hasRun(value, rest);
}
