/** The middle 99 % of a binomial distribution, against published and against counted values. */
import { expect, test } from 'vitest';
import { isWithin99 } from '../../src/notes/binomial.ts';

/** The least and the most that are within. */
function bounds(of: number, share: number): readonly [number, number] {
  const within = Array.from({ length: of + 1 }, (_, hits) => hits).filter((hits) => isWithin99({ hits, of }, share));
  return [within[0]!, within.at(-1)!];
}

test('of ten and of twenty throws of a coin', () => {
  // P(X <= 1) of 10 is 11/1024, P(X <= 0) is 1/1024; P(X <= 4) of 20 is 0.0059, P(X <= 3) is 0.0013.
  expect(bounds(10, 0.5)).toEqual([1, 9]);
  expect(bounds(20, 0.5)).toEqual([4, 16]);
});

test('of two thousand, where the probability of none is no double any more', () => {
  expect((2 / 3) ** 2000).toBe(0);
  const [least, most] = bounds(2000, 1 / 3);
  // 2.576 standard deviations of 21.08 about 666.7.
  expect(Math.abs(least - 612.4)).toBeLessThan(2);
  expect(Math.abs(most - 721)).toBeLessThan(2);
});

test('every count between the bounds is within, and none outside', () => {
  for (const [of, share] of [
    [300, 0.25],
    [300, 1 / 6],
    [77, 0.9],
  ] as const) {
    const [least, most] = bounds(of, share);
    for (let hits = 0; hits <= of; hits++) expect(isWithin99({ hits, of }, share)).toBe(hits >= least && hits <= most);
    expect(least).toBeLessThan(of * share);
    expect(most).toBeGreaterThan(of * share);
  }
});

test('a share of nought or one allows nothing else', () => {
  expect(isWithin99({ hits: 0, of: 50 }, 0)).toBe(true);
  expect(isWithin99({ hits: 1, of: 50 }, 0)).toBe(false);
  expect(isWithin99({ hits: 50, of: 50 }, 1)).toBe(true);
  expect(isWithin99({ hits: 49, of: 50 }, 1)).toBe(false);
});
