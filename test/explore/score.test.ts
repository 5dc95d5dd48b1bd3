/** Counting catches. */
import { expect, test } from 'vitest';
import { DETECTORS, HINTS, score, scoreMutant } from '../../src/explore/index.ts';
import { planFor } from '../../src/explore/score.ts';
import { MUTANTS } from '../../src/raft/rules.ts';

const { signal } = new AbortController();

test('the catalogue says of every mutant, and of no other, what it is caught by', () => {
  expect(Object.keys(DETECTORS)).toEqual(Object.keys(MUTANTS));
  expect(Object.values(DETECTORS).every((detectors) => detectors.length > 0)).toBe(true);
  expect(Object.keys(HINTS).filter((id) => !Object.hasOwn(MUTANTS, id))).toEqual([]);
});

test('equal options, equal counts, on one thread and on two; the correct node on the same plans is clean', async () => {
  const options = { mutant: 'M04', seed: 'score', schedules: 120, hits: 3 };
  const { seconds: _, ...one } = await score({ ...options, jobs: 1 });
  const { seconds: __, ...two } = await score({ ...options, jobs: 2 });
  expect(two).toEqual(one);
  expect(one.caught).toBe(3);
  expect(one.schedules).toBeLessThan(120);
  expect(one.rate[0]).toBeLessThan(3 / one.schedules);
  expect(one.rate[2]).toBeGreaterThan(3 / one.schedules);
  expect(one.byDetector['leader-completeness']).toBe(3);
  const correct = await score({ ...options, mutant: null });
  expect(correct).toMatchObject({ schedules: 120, caught: 0, byDetector: {}, first: null, medianSchedules: null });
});

test('what clients saw can be waited for', async () => {
  const tally = await score({ mutant: 'M46', seed: 'clients', schedules: 400, hits: 2, wanted: 'clients' });
  expect(tally.byClients).toBe(2);
  expect(tally.caught).toBeGreaterThan(2);
  expect(tally.firstByClients).toBeGreaterThanOrEqual(tally.first!);
});

test('a hint fixes what it names and leaves the rest to the seed', () => {
  const hint = {
    because: 'of this test',
    frame: { nodes: 3 },
    world: { heartbeatMs: 33 },
    electionTimeoutMs: [200, 400] as const,
    steps: [{ kind: 'kill', target: 'leader', forMs: 50, when: { kind: 'leader', term: 2 } }] as const,
  };
  const [plain, hinted] = [undefined, hint].map((it) =>
    planFor({ mutant: 'M30', seed: 's', ...(it && { hint: it }) }, 4),
  );
  expect(hinted).toMatchObject({ nodes: 3, electionTimeoutMs: [200, 400], steps: hint.steps, mutant: 'M30' });
  expect(hinted!.world).toEqual({ ...plain!.world, heartbeatMs: 33, clockRates: hinted!.world!.clockRates });
  expect(hinted!.workload).toBe(plain!.workload);
  expect(hinted!.requested).toEqual([{ kind: 'kill', target: 'any' }]);
});

test('a row: caught, told by what, shrunk', async () => {
  const row = await scoreMutant({
    mutant: 'M03',
    seed: 'row',
    hint: undefined,
    schedules: 60,
    hits: 2,
    shrinkPlays: 40,
    signal,
  });
  expect(row).toMatchObject({ mutant: 'M03', hinted: null, correct: null, liveness: null });
  expect(row.general.caught).toBe(2);
  expect(['clients', 'invariant']).toContain(row.shrunk?.finding.detector);
  expect(row.shrunk!.plays).toBeLessThanOrEqual(40);
  expect(row.shrunk!.faults).toBe(row.shrunk!.plan.steps.length);
});

test('a row that is interrupted says nothing of liveness', async () => {
  const controller = new AbortController();
  const options = { mutant: 'M12', seed: 'cut', hint: HINTS['M12'], schedules: 1, hits: 1, shrinkPlays: 0, jobs: 1 };
  controller.abort();
  const row = await scoreMutant({ ...options, signal: controller.signal });
  expect(row).toMatchObject({ general: { schedules: 0, caught: 0 }, liveness: null, shrunk: null });
});
