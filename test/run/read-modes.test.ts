/** What the answers of each read mode claim. */
import { expect, test } from 'vitest';
import { isLinearizable, isReadMode } from '../../src/run/index.ts';

test.each([
  ['read-index', true],
  ['lease', true],
  ['log', true],
  ['leader', false],
  ['local', false],
])('%s: whether its answers claim to be linearizable', (reads, claim) => {
  expect(isReadMode(reads)).toBe(true);
  expect(isLinearizable(reads)).toBe(claim);
});

test.each(['', 'quorum', 'constructor', 'toString'])('a mode that there is not (%j) claims nothing', (reads) => {
  expect(isReadMode(reads)).toBe(false);
  expect(isLinearizable(reads)).toBe(false);
});
