/**
 * What the benchmark measures, and what it must come to. The targets are those that the checker promises; `goal` is what it
 * strives for and does not fail by.
 */
import type { HistoryShape } from './generate.ts';

/** What must hold of one measured history, or of a group of sizes of it. */
export interface Target {
  readonly verdict: 'ok' | 'violation' | 'decided';
  /** CPU of the check in scans of the same file, at the largest size. */
  readonly ratioMax?: number;
  readonly ratioGoal?: number;
  readonly peakMbMax?: number;
  /** The exponent of the check's CPU from the smallest to the largest size. */
  readonly growthMax?: number;
  /** CPU seconds of the first, cold check, the minimal history and its explanation included. */
  readonly coldSecondsMax?: number;
  /** CPU seconds of the first scan and check. */
  readonly totalSecondsMax?: number;
}

/** A history in one or more sizes. */
export interface Case {
  readonly name: string;
  readonly model: string;
  readonly shape: Omit<HistoryShape, 'operations'>;
  /** Ascending. */
  readonly sizes: readonly number[];
  readonly target: Target;
}

/** Cases that make one statement together. */
export interface Group {
  readonly name: string;
  /** The statement. */
  readonly claim: string;
  readonly cases: readonly Case[];
  /** The share of the cases that must meet their target; 1 unless given. */
  readonly shareMin?: number;
  /** True where a row a case would be too many: one row tells the worst of them. */
  readonly isSummed?: boolean;
}

const GROWTH_MAX = 1.1;
const PEAK_MB_MAX = 800;
const GROWING = [10_000, 100_000, 1_000_000];
const BASE = { keys: 1, values: 0, crashed: 0, crashedIn: 'everywhere', mismatches: 'observed' } as const;
const SPREADS = ['everywhere', 'first-percent'] as const;
const MISMATCHES = ['observed', 'dropped'] as const;

/** Everything, in the order of the table. */
export const groups: readonly Group[] = [
  {
    name: 'register-unique',
    claim: `unique values, one key, 10⁶ operations: check ≤ 1 scan (goal 0.5), peak < ${PEAK_MB_MAX} MB, growth ≤ ${GROWTH_MAX}`,
    cases: crossed([10, 50, 100], crashes([0, 100])).map(([clients, crash]) => ({
      name: named('register unique', clients, crash),
      model: 'register',
      shape: { ...BASE, object: 'register', clients, ...crash },
      sizes: GROWING,
      target: { verdict: 'ok', ratioMax: 1, ratioGoal: 0.5, peakMbMax: PEAK_MB_MAX, growthMax: GROWTH_MAX },
    })),
  },
  {
    name: 'cas-crashed',
    claim: 'cas-register of 5 values, one key, 10⁵ operations: all decided',
    cases: crossed(crossed([5, 10, 20, 50], MISMATCHES), crashes([0, 30, 100])).map(
      ([[clients, mismatches], crash]) => ({
        name: `${named('cas 5 values', clients, crash)}, mismatches ${mismatches}`,
        model: 'cas-register',
        shape: { ...BASE, object: 'cas-register', values: 5, clients, mismatches, ...crash },
        sizes: [100_000],
        target: { verdict: 'ok' },
      }),
    ),
  },
  {
    name: 'cas-million',
    claim: 'cas-register of 5 values, one key, 10⁶ operations: check ≤ 3 scans at 5 and 20 clients, ≤ 10 at 50',
    cases: crossed([5, 20, 50], MISMATCHES).map(([clients, mismatches]) => ({
      name: `cas 5 values, ${clients} clients, mismatches ${mismatches}`,
      model: 'cas-register',
      shape: { ...BASE, object: 'cas-register', values: 5, clients, mismatches },
      sizes: GROWING,
      target: { verdict: 'ok', ratioMax: clients > 20 ? 10 : 3, growthMax: GROWTH_MAX },
    })),
  },
  {
    name: 'keys',
    claim:
      'many keys, 20 clients, 10⁶ operations: check ≤ 1 scan with unique values, ≤ 3 with 5; 10,000 keys: the first scan and check below Porcupine’s 1.6 s',
    cases: [
      ...crossed(['register', 'kv'] as const, [0, 5]).map(([object, values]) => keysCase(object, 1000, values)),
      ...[0, 5].map((values) => keysCase('kv', 10_000, values)),
    ],
  },
  {
    name: 'queue',
    claim: 'FIFO queue, unique values, 10⁶ operations: check ≤ 2 scans',
    cases: [2, 10, 50].map((clients) => ({
      name: `queue unique, ${clients} clients`,
      model: 'queue',
      shape: { ...BASE, object: 'queue', clients },
      sizes: GROWING,
      target: { verdict: 'ok', ratioMax: 2, growthMax: GROWTH_MAX },
    })),
  },
  {
    name: 'stale',
    claim: 'one stale read, 1 to 3 versions old, among unique values: violation and minimal history in < 2 s',
    isSummed: true,
    cases: crossed(crossed([1000, 10_000, 100_000], [0, 30, 100]), crossed([0.01, 0.5, 0.99], [2, 5, 10, 20])).map(
      ([[operations, crashed], [staleAt, clients]]) => ({
        name: `stale at ${100 * staleAt} %, ${operations} operations, ${clients} clients, ${crashed} crashed`,
        model: 'register',
        shape: { ...BASE, object: 'register', clients, crashed, staleAt },
        sizes: [operations],
        target: { verdict: 'violation', coldSecondsMax: 2 },
      }),
    ),
  },
  {
    name: 'small-domain',
    claim:
      'cas-register of 5 values with 15 crashed and more, half of them with a read made stale: ≥ 90 % decided in 10 s',
    isSummed: true,
    shareMin: 0.9,
    cases: crossed(crossed([1000, 10_000, 100_000], [15, 30, 100]), crossed([5, 20], [undefined, 0.01, 0.5, 0.99])).map(
      ([[operations, crashed], [clients, staleAt]]) => ({
        name: `cas 5 values, ${operations} operations, ${clients} clients, ${crashed} crashed, ${
          staleAt === undefined ? 'good' : `stale at ${100 * staleAt} %`
        }`,
        model: 'cas-register',
        shape: {
          ...BASE,
          object: 'cas-register',
          values: 5,
          clients,
          crashed,
          ...(staleAt === undefined ? {} : { staleAt }),
        },
        sizes: [operations],
        target: { verdict: staleAt === undefined ? 'ok' : 'decided', coldSecondsMax: 10 },
      }),
    ),
  },
];

type Crash = Pick<HistoryShape, 'crashed' | 'crashedIn'>;

function crashes(numbers: readonly number[]): readonly Crash[] {
  return numbers.flatMap((crashed) =>
    (crashed === 0 ? (['everywhere'] as const) : SPREADS).map((crashedIn) => ({ crashed, crashedIn })),
  );
}

function keysCase(object: 'register' | 'kv', keys: number, values: number): Case {
  return {
    name: `${object}, ${keys} keys, ${values === 0 ? 'unique' : `${values} values`}`,
    model: object,
    shape: { ...BASE, object, keys, values, clients: 20 },
    sizes: keys === 1000 ? GROWING : [1_000_000],
    target: {
      verdict: 'ok',
      ...(keys === 1000 ? { ratioMax: values === 0 ? 1 : 3, growthMax: GROWTH_MAX } : { totalSecondsMax: 1.6 }),
    },
  };
}

function named(what: string, clients: number, { crashed, crashedIn }: Crash): string {
  const where = crashedIn === 'first-percent' ? ' in the first 1 %' : '';
  return `${what}, ${clients} clients, ${crashed} crashed${crashed === 0 ? '' : where}`;
}

function crossed<A, B>(as: readonly A[], bs: readonly B[]): readonly (readonly [A, B])[] {
  return as.flatMap((a) => bs.map((b) => [a, b] as const));
}
