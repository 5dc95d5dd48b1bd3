/** The tally and the batches of the pool: what arrives in any order comes to the same as one part after another. */
import { expect, test } from 'vitest';
import { batchesOf, rowsOf } from '../../../checker/pool/batches.ts';
import { Tally } from '../../../checker/pool/tally.ts';
import type { Judged } from '../../../checker/judge.ts';
import { keyed } from '../../../src/base/random.ts';

type Fate = 'ok' | 'unknown' | 'violation' | 'error';

function judged(part: number, kind: Exclude<Fate, 'error'>): Judged {
  return { result: { part: `k${part}`, kind } as Judged['result'], anomalies: [] };
}

/** What one thread comes to: part after part, until one ends it. */
function inOrder(fates: readonly Fate[], all: boolean): readonly string[] {
  const seen: string[] = [];
  for (const [part, fate] of fates.entries()) {
    if (fate === 'error') return [`error ${part}`];
    seen.push(`k${part} ${fate}`);
    if (fate === 'violation' && !all) break;
  }
  return seen;
}

function outcomeOf(tally: Tally): readonly string[] {
  try {
    return tally.finish().map(({ result }) => `${result.part} ${result.kind}`);
  } catch (error) {
    return [(error as Error).message];
  }
}

test('the outcome is that of the lowest part that ends it, in whatever order the parts are judged', () => {
  const ended = { error: 0, violation: 0 };
  for (let seed = 0; seed < 3_000; seed++) {
    const random = keyed('tally', seed);
    const odds: readonly Fate[] = ['ok', 'ok', 'ok', 'ok', 'unknown', 'violation', 'error'];
    const fates = Array.from({ length: random.int(12) }, () => random.pick(odds));
    const all = random.chance(0.5);
    const tally = new Tally(fates.length, all);
    for (const part of random.shuffle([...fates.keys()])) {
      if (tally.isDone) break;
      // A part that does not matter is sometimes judged all the same, because nobody knew in time.
      if (part > tally.end && random.chance(0.5)) continue;
      const fate = fates[part]!;
      if (fate === 'error') tally.fail(part, new Error(`error ${part}`));
      else tally.add(part, judged(part, fate));
      expect([seed, tally.isSettled(part)]).toEqual([seed, true]);
    }
    expect([seed, tally.isDone]).toEqual([seed, true]);
    const expected = inOrder(fates, all);
    expect([seed, outcomeOf(tally)]).toEqual([seed, expected]);
    if (expected[0]?.startsWith('error') === true) ended.error++;
    else if (!all && expected.at(-1)?.endsWith('violation') === true) ended.violation++;
  }
  expect(Math.min(ended.error, ended.violation)).toBeGreaterThan(300);
});

test('every part from the first wanted on is in one batch, with all its rows', () => {
  for (let seed = 0; seed < 500; seed++) {
    const random = keyed('batches', seed);
    const count = random.between(1, 60);
    const partOf = Array.from({ length: count * 20 }, () => random.int(count));
    const parts = Array.from({ length: count }, (_none, part) => {
      const rows = [...partOf.keys()].filter((row) => partOf[row] === part);
      const cut = random.int(rows.length + 1);
      return { name: `k${part}`, rows: Int32Array.from(rows.slice(cut)), failed: Int32Array.from(rows.slice(0, cut)) };
    });
    const from = random.int(count);
    const batches = batchesOf(parts, from, { jobs: random.between(1, 4), leastBatch: random.between(1, 200) });
    const covered = batches.flatMap((batch) => Array.from({ length: batch.count }, (_none, i) => batch.first + i));
    expect([seed, covered.sort((a, b) => a - b)]).toEqual([
      seed,
      Array.from({ length: count - from }, (_none, i) => from + i),
    ]);
    for (const batch of batches) {
      const inside = (row: number): boolean => partOf[row]! >= batch.first && partOf[row]! < batch.first + batch.count;
      expect([seed, [...rowsOf(parts, batch)]]).toEqual([seed, [...partOf.keys()].filter(inside)]);
    }
  }
});

test('a large part travels alone and first', () => {
  const part = (length: number): { name: string; rows: Int32Array; failed: Int32Array } => ({
    name: '',
    rows: new Int32Array(length),
    failed: new Int32Array(0),
  });
  const parts = [part(10), part(10), part(9_000), part(10), part(30_000), part(10)];
  expect(batchesOf(parts, 0, { jobs: 2, leastBatch: 4_000 }).map(({ first, count }) => [first, count])).toEqual([
    [4, 1],
    [2, 1],
    [0, 2],
    [3, 1],
    [5, 1],
  ]);
});
