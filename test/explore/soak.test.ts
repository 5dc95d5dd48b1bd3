/**
 * The correct node under general plans: all faults, all workloads, all safe read modes, configurations of every sort. Nothing is found, and
 * the faults are really felt. `npm run soak:sim` plays 20,000.
 */
import { expect, test } from 'vitest';
import { drawPlan, explore, type Finding } from '../../src/explore/index.ts';

const SCHEDULES = 300;

test(`nothing is found on ${SCHEDULES} plans, and most faults are felt`, async () => {
  const found: Record<string, readonly Finding[]> = {};
  const total = { ok: 0, steps: 0, effective: 0, seconds: 0 };
  await explore({
    plans: Array.from({ length: SCHEDULES }, (_, nth) => drawPlan(`soak-${nth}`)).values(),
    onOutcome: ({ seed, findings, ok, steps, effective, seconds }) => {
      if (findings.length > 0) found[seed] = findings;
      total.ok += ok;
      total.steps += steps;
      total.effective += effective;
      total.seconds += seconds;
      return 'go-on';
    },
  });
  expect(found).toEqual({});
  expect(total.ok).toBeGreaterThan(50 * SCHEDULES);
  expect(total.seconds).toBeGreaterThan(1.5 * SCHEDULES);
  expect(total.effective).toBeGreaterThan(total.steps / 3);
});
