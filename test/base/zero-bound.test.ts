/** How much a count of none says. */
import { expect, test } from 'vitest';
import { zeroBound } from '../../src/base/zero-bound.ts';

test.each([
  [240, '< 1.3 %'],
  [60, '< 5 %'],
  [2000, '< 0.15 %'],
  [90, '< 3.4 %'],
  [4, '< 75 %'],
  [3, null],
  [0, null],
])('none of %i: %s, never less than 3 ÷ n', (trials, words) => {
  expect(zeroBound(trials)).toBe(words);
  if (words !== null) expect(Number(words.replace(/[^\d.]/g, ''))).toBeGreaterThanOrEqual(300 / trials - 1e-9);
});
