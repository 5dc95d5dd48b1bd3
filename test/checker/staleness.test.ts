/** How old reads were: the definition of checker/staleness/staleness.ts spelled out again, pair by pair, and the summary. */
import { expect, test } from 'vitest';
import { casRegister, register, staleness, type History, type Json, type Operation } from '../../checker/index.ts';
import { stalenessSummary } from '../../checker/staleness/summary.ts';
import { keyed } from '../../src/base/random.ts';
import { randomHistory } from './generate.ts';
import { longHistory } from './long-history.ts';

const SEED = 'staleness';

test('staleness agrees with its definition in versions and in time, pair by pair', () => {
  let stale = 0;
  let leftOut = 0;
  for (let i = 0; i < 1_500; i++) {
    const operations = several(i);
    const told = staleness(historyOf(operations), casRegister);
    const expected = byDefinition(operations);
    expect([
      `keyed('${SEED}', ${i})`,
      told.flatMap(({ reads }) => reads).sort((a, b) => a.operation - b.operation),
    ]).toEqual([`keyed('${SEED}', ${i})`, expected.known]);
    expect(told.reduce((sum, part) => sum + part.leftOut, 0)).toBe(expected.leftOut);
    stale += expected.known.filter(({ versions }) => versions > 1).length;
    leftOut += expected.leftOut;
  }
  expect(stale).toBeGreaterThan(100);
  expect(leftOut).toBeGreaterThan(100);
});

test('the summary is the one that the single ages give', () => {
  for (let i = 0; i < 300; i++) {
    const operations = several(i);
    const { known, leftOut } = byDefinition(operations);
    const summary = stalenessSummary(historyOf(operations), casRegister);
    const ms = known.map(({ gapNs }) => gapNs / 1e6).sort((a, b) => a - b);
    const versions = known.map((read) => read.versions).sort((a, b) => a - b);
    const stale = known.filter((read) => read.versions > 0);
    expect([i, summary.reads, summary.stale, summary.leftOut]).toEqual([i, known.length, stale.length, leftOut]);
    expect(summary.ms).toEqual(percentiles(ms));
    expect(summary.versions).toEqual(percentiles(versions));
    expect(summary.ofStale.ms).toEqual(percentiles(stale.map(({ gapNs }) => gapNs / 1e6).sort((a, b) => a - b)));
    expect(summary.ofStale.versions).toEqual(percentiles(versions.slice(known.length - stale.length)));
    const worst = stale.sort((a, b) => b.gapNs - a.gapNs || a.operation - b.operation).slice(0, 10);
    expect(summary.worst.map(({ operation }) => operation)).toEqual(worst.map(({ operation }) => operation));
    for (const [buckets, numbers] of [
      [summary.histogram.versions, stale.map((read) => read.versions)],
      [summary.histogram.ms!, stale.map(({ gapNs }) => gapNs / 1e6)],
    ] as const) {
      for (const { from, below, count } of buckets)
        expect(numbers.filter((n) => n >= from && n < below)).toHaveLength(count);
      expect(buckets.reduce((sum, { count }) => sum + count, 0)).toBe(stale.length);
    }
  }
});

test('a summary of milliseconds: percentiles of all reads and of the stale ones, in buckets of 1, 2 and 5', () => {
  const write = (value: number, atMs: number): Operation => operation(value, { f: 'write', value, output: null, atMs });
  const read = (id: number, value: number, atMs: number): Operation =>
    operation(id, { f: 'read', value: null, output: value, atMs });
  // 2 is in effect from 20.5 ms on, 3 from 30.5 ms on.
  const operations = [
    write(1, 10),
    write(2, 20),
    write(3, 30),
    read(4, 3, 40),
    read(5, 3, 50),
    read(6, 2, 33.5),
    read(7, 1, 60.5),
  ];
  const summary = stalenessSummary(historyOf(operations.sort((a, b) => a.callNs - b.callNs)), register);
  expect(summary).toEqual({
    reads: 4,
    stale: 2,
    leftOut: 0,
    versions: { p50: 0, p90: 2, p99: 2, max: 2 },
    ms: { p50: 0, p90: 40, p99: 40, max: 40 },
    ofStale: { versions: { p50: 1, p90: 2, p99: 2, max: 2 }, ms: { p50: 3, p90: 40, p99: 40, max: 40 } },
    histogram: {
      versions: [
        { from: 1, below: 2, count: 1 },
        { from: 2, below: 4, count: 1 },
      ],
      ms: [
        { from: 2, below: 5, count: 1 },
        { from: 5, below: 10, count: 0 },
        { from: 10, below: 20, count: 0 },
        { from: 20, below: 50, count: 1 },
      ],
    },
    worst: [
      { part: 'x', operation: 7, versions: 2, gapNs: 40e6 },
      { part: 'x', operation: 6, versions: 1, gapNs: 3e6 },
    ],
    perPart: [{ part: 'x', reads: 4, stale: 2, leftOut: 0, maxVersions: 2, maxMs: 40 }],
  });
});

test('a history without reads, and one of another model, have an empty summary', () => {
  const empty = { reads: 0, stale: 0, leftOut: 0, ms: { p50: 0, p90: 0, p99: 0, max: 0 }, worst: [] };
  expect(stalenessSummary(historyOf([]), register)).toMatchObject({ ...empty, perPart: [] });
  const step: typeof register = { ...register };
  delete (step as { asRegister?: unknown }).asRegister;
  expect(stalenessSummary(historyOf(several(1)), step)).toMatchObject({ ...empty, perPart: [] });
});

test('where the initial value was written again, reads of it have no known age', () => {
  const again = historyOf([
    operation(0, { f: 'write', value: 1, output: null, atMs: 0 }),
    operation(1, { f: 'write', value: null, output: null, atMs: 1 }),
    operation(2, { f: 'read', value: null, output: null, atMs: 2 }),
    operation(3, { f: 'read', value: null, output: 1, atMs: 3 }),
  ]);
  expect(staleness(again, register)).toEqual([
    { part: 'x', reads: [{ operation: 3, versions: 0, gapNs: 0 }], leftOut: 1 },
  ]);
});

test('a linearizable history has no stale read', () => {
  const operations = longHistory(keyed(SEED, 'good'), { operations: 20_000, clients: 10, values: 0, crashed: 20 });
  const { reads, stale } = stalenessSummary(historyOf(operations), casRegister);
  expect(reads).toBeGreaterThan(5_000);
  expect(stale).toBe(0);
});

/** Two registers with some ambiguous values, crashed operations and wrong answers. */
function several(i: number): Operation[] {
  const random = keyed(SEED, i);
  const shape = {
    operations: 14,
    processes: 4,
    values: i % 3 === 0 ? 6 : 0,
    cas: true,
    crashChance: 0.1,
    mutations: 4,
  };
  const second = randomHistory(random, shape).map(({ id, input, ...rest }): Operation => ({
    id: id + 100,
    input: { ...input, key: 'y' },
    ...rest,
  }));
  return [...randomHistory(random, shape), ...second].sort((a, b) => a.callNs - b.callNs);
}

function historyOf(operations: readonly Operation[]): History {
  return { operations, failed: [], warnings: [] };
}

function operation(id: number, given: { f: string; value: Json; output: Json; atMs: number }): Operation {
  const { f, value, output, atMs } = given;
  const outcome = { kind: 'ok', output, returnNs: (atMs + 0.5) * 1e6 } as const;
  return { id, process: id, input: { f, key: 'x', value }, callNs: atMs * 1e6, outcome };
}

function percentiles(ascending: readonly number[]): Record<string, number> {
  const at = (percent: number): number => ascending.find((_n, i) => (i + 1) * 100 >= percent * ascending.length) ?? 0;
  return { p50: at(50), p90: at(90), p99: at(99), max: ascending.at(-1) ?? 0 };
}

function byDefinition(all: readonly Operation[]): {
  known: { operation: number; versions: number; gapNs: number }[];
  leftOut: number;
} {
  const known: { operation: number; versions: number; gapNs: number }[] = [];
  let leftOut = 0;
  for (const read of all) {
    if (read.input.f !== 'read' || read.outcome.kind !== 'ok') continue;
    const age = ageByDefinition(
      all.filter(({ input }) => input.key === read.input.key),
      read,
    );
    if (age === undefined) leftOut++;
    else known.push({ operation: read.id, ...age });
  }
  return { known: known.sort((a, b) => a.operation - b.operation), leftOut };
}

function ageByDefinition(
  operations: readonly Operation[],
  reader: Operation,
): { versions: number; gapNs: number } | undefined {
  const took = ({ outcome }: Operation): boolean => outcome.kind !== 'ok' || outcome.output !== false;
  const written = ({ input }: Operation): Json | undefined =>
    input.f === 'write' ? input.value : input.f === 'cas' ? (input.value as Json[])[1] : undefined;
  const seen = ({ input, outcome }: Operation): Json | undefined => {
    if (outcome.kind !== 'ok') return undefined;
    if (input.f === 'read') return outcome.output;
    return input.f === 'cas' && outcome.output === true ? (input.value as Json[])[0] : undefined;
  };
  const writersOf = (value: Json): Operation[] => operations.filter((o) => took(o) && written(o) === value);
  const shownNs = (value: Json): number =>
    Math.min(
      ...operations.map((o) =>
        o.outcome.kind === 'ok' && took(o) && (written(o) === value || seen(o) === value)
          ? o.outcome.returnNs
          : Infinity,
      ),
    );
  const value = seen(reader)!;
  const writers = writersOf(value).length;
  if (value === null ? writers > 0 : writers !== 1) return undefined;
  const ownNs = value === null ? -Infinity : shownNs(value);
  const newer = operations.filter((o) => {
    if (written(o) === undefined || !took(o) || written(o) === null || writersOf(written(o)!).length !== 1)
      return false;
    return o.callNs > ownNs && shownNs(written(o)!) < reader.callNs;
  });
  const first = Math.min(...newer.map((o) => shownNs(written(o)!)));
  return { versions: newer.length, gapNs: newer.length === 0 ? 0 : reader.callNs - first };
}
