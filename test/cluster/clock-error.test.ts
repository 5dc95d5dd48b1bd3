/** The bound on a node's clock from questions and answers. */
import { expect, test } from 'vitest';
import { clockErrorNs, measureClock } from '../../src/cluster/clock-error.ts';

test('the same clock, read between question and answer, is off by no more than the quickest round', () => {
  expect(
    clockErrorNs([
      { askedNs: 0, toldNs: 90, answeredNs: 100 },
      { askedNs: 200, toldNs: 205, answeredNs: 220 },
    ]),
  ).toBe(10);
});

test('a clock that is ahead is off by what no round trip explains, and at most by what one leaves possible', () => {
  const ahead = [100, 200, 300].map((askedNs, i) => ({ askedNs, toldNs: askedNs + 1000 + i, answeredNs: askedNs + 4 }));
  expect(clockErrorNs(ahead)).toBe(1000);
  expect(clockErrorNs(ahead.map((round) => ({ ...round, toldNs: round.toldNs - 2000 })))).toBe(1002);
});

test('clocks that went apart meanwhile are as wrong as they ever were', () => {
  expect(
    clockErrorNs([
      { askedNs: 0, toldNs: 1, answeredNs: 2 },
      { askedNs: 100, toldNs: 151, answeredNs: 102 },
    ]),
  ).toBe(49);
  expect(clockErrorNs([])).toBe(Infinity);
});

test('nothing is said of a node that did not answer every time', async () => {
  let left = 3;
  const ask = (): Promise<{ hostNs: number } | undefined> => Promise.resolve(left-- > 0 ? { hostNs: 5 } : undefined);
  expect(await measureClock(ask, () => 5)).toBeUndefined();
  left = 100;
  expect(await measureClock(ask, () => 5)).toBe(0);
});
