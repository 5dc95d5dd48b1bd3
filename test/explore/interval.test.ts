/** The interval of a counted share, against figures of the literature and against its own promise. */
import { expect, test } from 'vitest';
import { interval95 } from '../../src/explore/interval.ts';
import { keyed } from '../../src/base/random.ts';

test.each([
  // Newcombe (1998), "Two-sided confidence intervals for the single proportion", table I, method 3.
  [81, 263, 0.2553, 0.3662],
  [15, 148, 0.0624, 0.1605],
  [0, 20, 0, 0.1611],
  [1, 29, 0.0061, 0.1718],
])('%d of %d', (hits, trials, low, high) => {
  const interval = interval95(hits, trials);
  expect(interval[0]).toBeCloseTo(low, 4);
  expect(interval[1]).toBeCloseTo(high, 4);
});

test('nothing tried says nothing, and all ends are shares', () => {
  expect(interval95(0, 0)).toEqual([0, 1]);
  expect(interval95(5, 5)[1]).toBeCloseTo(1, 10);
  expect(interval95(5, 5)[1]).toBeLessThanOrEqual(1);
});

test('none of many leaves no rest that only rounding made, and neither do all of them', () => {
  for (let trials = 1; trials <= 200; trials++) {
    expect([trials, interval95(0, trials)[0]]).toEqual([trials, 0]);
    expect([trials, interval95(trials, trials)[1]]).toEqual([trials, 1]);
  }
});

test('it holds the true share in about 95 of 100 samples', () => {
  const random = keyed('interval');
  let held = 0;
  for (let sample = 0; sample < 2000; sample++) {
    let hits = 0;
    for (let trial = 0; trial < 100; trial++) if (random.chance(0.1)) hits++;
    const [low, high] = interval95(hits, 100);
    if (low <= 0.1 && 0.1 <= high) held++;
  }
  expect(held / 2000).toBeGreaterThan(0.92);
  expect(held / 2000).toBeLessThan(0.98);
});
