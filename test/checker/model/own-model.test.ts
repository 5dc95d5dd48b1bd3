/**
 * A model of one's own, as the manual shows it: bank accounts. What it takes is a name, the state at first, what an operation
 * makes of it, and a key that tells states apart; the rest is optional.
 */
import { expect, test } from 'vitest';
import {
  check,
  ModelError,
  REJECTED,
  UNSEEN,
  type Call,
  type Json,
  type Model,
  type Operation,
} from '../../../checker/index.ts';

/** An account for each key: `deposit n`, `withdraw n` (answers whether there was enough), `balance` (answers the amount). */
const bank: Model<number, Call, Json> = {
  name: 'bank',
  initial: 0,
  step(balance, { f, value }, output) {
    switch (f) {
      case 'deposit':
        return balance + amount(value);
      case 'withdraw': {
        const isPossible = balance >= amount(value);
        // An answer that nobody saw may have been either: what happened follows from the state alone.
        if (output !== UNSEEN && output !== isPossible) return REJECTED;
        return isPossible ? balance - amount(value) : balance;
      }
      case 'balance':
        return output === UNSEEN || output === balance ? balance : REJECTED;
      default:
        throw new ModelError(`the model bank knows deposit, withdraw, balance, not ${JSON.stringify(f)}`);
    }
  },
  key: (balance) => balance,
  // Optional. Accounts never influence each other, so each is judged alone.
  partition: ({ key }) => key ?? '',
  // Optional. A crashed operation that changes nothing is left out.
  isRead: ({ f }) => f === 'balance',
  // Optional. For people.
  describe: ({ f, value }, output) =>
    f === 'balance' ? `balance → ${JSON.stringify(output)}` : `${f} ${JSON.stringify(value)}`,
  describeState: (balance, account) => `${account} has ${balance}`,
};

function amount(value: Json): number {
  if (typeof value === 'number' && value > 0) return value;
  throw new ModelError(`an amount is a number above 0, not ${JSON.stringify(value)}`);
}

/** Operations of different clients at the given times; without an answer the outcome is unknown. */
function judged(
  ...told: readonly {
    readonly f: string;
    readonly value?: Json;
    readonly key?: string;
    readonly at: readonly [number, number];
    readonly output?: Json;
  }[]
): ReturnType<typeof check> {
  const operations = told.map(({ f, value = null, key = 'a', at, output }, id): Operation => ({
    id,
    process: id,
    input: { f, key, value },
    callNs: at[0],
    outcome: output === undefined ? { kind: 'unknown', reason: 'timeout' } : { kind: 'ok', output, returnNs: at[1] },
  }));
  return check({ operations, failed: [], warnings: [] }, bank);
}

test('withdrawals at the same time are fine in either order', () => {
  const { kind } = judged(
    { f: 'deposit', value: 100, at: [0, 10], output: null },
    { f: 'withdraw', value: 70, at: [20, 40], output: false },
    { f: 'withdraw', value: 60, at: [25, 35], output: true },
    { f: 'balance', at: [50, 60], output: 40 },
  );
  expect(kind).toBe('ok');
});

test('money spent twice is a violation, told in the words of the model', () => {
  const { kind, anomalies, parts } = judged(
    { f: 'deposit', value: 100, at: [0, 10], output: null },
    { f: 'withdraw', value: 70, at: [20, 40], output: true },
    { f: 'withdraw', value: 60, at: [25, 35], output: true },
  );
  expect(kind).toBe('violation');
  expect(anomalies[0]!.sentence).toContain('withdraw 70');
  expect(parts[0]).toMatchObject({ part: 'a', counterexample: { states: [{ state: 'a has 40' }] } });
});

test('a deposit of unknown outcome may have happened, or not', () => {
  const deposit = { f: 'deposit', value: 100, at: [0, 0] } as const;
  expect(judged(deposit, { f: 'balance', at: [5, 6], output: 0 }, { f: 'balance', at: [7, 8], output: 100 }).kind).toBe(
    'ok',
  );
  expect(judged(deposit, { f: 'balance', at: [5, 6], output: 100 }, { f: 'balance', at: [7, 8], output: 0 }).kind).toBe(
    'violation',
  );
});

test('accounts are judged apart', () => {
  const { parts } = judged(
    { f: 'deposit', key: 'a', value: 5, at: [0, 1], output: null },
    { f: 'balance', key: 'b', at: [2, 3], output: 5 },
  );
  expect(parts.map(({ part, kind }) => [part, kind])).toEqual([
    ['a', 'ok'],
    ['b', 'violation'],
  ]);
});

test('an operation that the model does not know is its own error', () => {
  expect(() => judged({ f: 'rob', at: [0, 1], output: null })).toThrow(
    'the model bank knows deposit, withdraw, balance, not "rob"',
  );
});
