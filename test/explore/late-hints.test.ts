/**
 * Hints of reads, clients, storage and members that show their mutant soon: it is caught, by clients where they can see it, and the correct
 * node plays the same plans without alarm.
 */
import { describe, expect, test } from 'vitest';
import { findingsOf, play, type Finding } from '../../src/explore/index.ts';
import { HINTS } from '../../src/explore/hints/index.ts';
import { LIVENESS_RATIO, scoreLiveness } from '../../src/explore/liveness-score.ts';
import { planFor } from '../../src/explore/score.ts';

/** Alarms of the nth plan that is hinted for this mutant, with it or on the correct node. */
async function alarms(id: string, nth: number, mutant: string | null): Promise<readonly Finding[]> {
  const findings = findingsOf(await play(planFor({ mutant, seed: 'late', hint: HINTS[id]! }, nth)));
  return findings.filter(({ detector }) => detector !== 'undecided');
}

/** Each with who sees it. */
const CAUGHT: readonly (readonly [mutant: string, detector: Finding['detector']])[] = [
  ['M29', 'clients'],
  ['M30', 'clients'],
  ['M32a', 'clients'],
  ['M35', 'clients'],
  ['M38', 'clients'],
  ['M40', 'clients'],
  ['M51', 'node'],
  ['M55', 'clients'],
  ['M59', 'clients'],
  ['M60', 'clients'],
  ['M62', 'clients'],
];
const PLANS_MOST = 10;

describe.each(CAUGHT)('%s', (id, detector) => {
  test(`is caught by ${detector} within ${PLANS_MOST} plans, on which the correct node does nothing wrong`, async () => {
    for (let nth = 0; nth < PLANS_MOST; nth++) {
      expect([nth, await alarms(id, nth, null)]).toEqual([nth, []]);
      if ((await alarms(id, nth, id)).some((it) => it.detector === detector)) return;
    }
    expect.unreachable('it was not caught');
  });
});

test.each(['M12', 'M64'])('%s is caught by a cluster that is badly led', async (mutant) => {
  const hint = HINTS[mutant]!;
  const { ratio, isCaught } = await scoreLiveness({ mutant, seed: 'late', schedules: 3, hint, jobs: 1 });
  expect(isCaught).toBe(true);
  expect(ratio).toBeGreaterThan(LIVENESS_RATIO);
});

test('the correct node is led as well as itself: what makes M31 show is no matter of liveness', async () => {
  const hint = HINTS['M31']!;
  const { ratio, isCaught } = await scoreLiveness({ mutant: 'M31', seed: 'late', schedules: 3, hint, jobs: 1 });
  expect(ratio).toBeLessThan(1.5);
  expect(isCaught).toBe(false);
});
