/** From what a swarm found to a plan that one can read. */
import { beforeAll, expect, test } from 'vitest';
import {
  DEFAULT_WORLD,
  drawPlan,
  findingsOf,
  HINTS,
  play,
  shrink,
  storyOf,
  worldOf,
  type Played,
} from '../../src/explore/index.ts';
import { planFor } from '../../src/explore/score.ts';
import { withCalls, withTimes } from '../../src/explore/shrink.ts';
import type { FaultStep, HistoryLine } from '../../src/contract/index.ts';
import type { Finding, PlanFrame } from '../../src/explore/index.ts';

/** The first of the general plans that shows what is wanted. */
async function firstWith(frame: PlanFrame, wanted: (findings: readonly Finding[]) => boolean): Promise<Played> {
  for (let nth = 0; nth < 500; nth++) {
    const played = await play(drawPlan(`first-${nth}`, frame));
    if (wanted(findingsOf(played))) return played;
  }
  throw new Error(`500 plans do not show ${frame.mutant}`);
}

/** A deposed leader that answers reads by itself. */
const STALE = { mutant: 'M30', nodes: 3, workload: 'cas-register', reads: 'read-index' };

let played: Played;
let of: Finding;
beforeAll(async () => {
  played = await firstWith(STALE, (findings) => findings.some(({ detector }) => detector === 'clients'));
  of = findingsOf(played)[0]!;
});

test('a stale read of M30 comes down to two faults and four operations at most, and to a story', async () => {
  expect(of).toMatchObject({ detector: 'clients' });
  const { played: small, finding, plays } = await shrink({ played, of });
  expect(finding).toMatchObject({ detector: of.detector, class: of.class });
  expect(small.plan.steps.length).toBeLessThanOrEqual(2);
  const kindsOf = (faults: readonly { readonly kind: string }[]): unknown => new Set(faults.map(({ kind }) => kind));
  expect(kindsOf(small.plan.requested)).toEqual(kindsOf(small.plan.steps));
  const asked = small.plan.calls!.flat();
  expect(asked.length).toBeLessThanOrEqual(4);
  expect(plays).toBeGreaterThan(10);
  expect(findingsOf(await play(small.plan))).toContainEqual(finding);
  const story = storyOf(small).join('\n');
  expect(story).toMatch(/n\d leads in term \d/);
  expect(story).toMatch(/client \d asks n\d: read/);
  for (const step of small.faults) if (step.event === 'inject') expect(story).toContain(step.about);
  const times = storyOf(small).map((line) => Number(line.slice(0, 8)));
  expect(times).toEqual(times.toSorted((a, b) => a - b));
}, 120_000);

test('what is kept has the correct node come out clean', async () => {
  const { played: small } = await shrink({ played, of }, { maxPlays: 60 });
  expect(findingsOf(await play({ ...small.plan, mutant: null }))).toEqual([]);
});

test('steps that wait for events, for many answers even, do not keep the calls: times take their place', async () => {
  const plan = planFor({ mutant: 'M30', seed: 'events', hint: HINTS['M30']! }, 0);
  expect(plan.steps.some(({ when }) => when !== undefined)).toBe(true);
  const waited = await play(plan);
  const clients = findingsOf(waited).find(({ detector }) => detector === 'clients')!;
  const { played: small } = await shrink({ played: waited, of: clients });
  expect(small.plan.steps.length).toBeLessThanOrEqual(2);
  expect(small.plan.calls!.flat().length).toBeLessThanOrEqual(6);
  expect(findingsOf(await play({ ...small.plan, mutant: null }))).toEqual([]);
}, 120_000);

test('times are those at which steps were done, and what was never done waits on', async () => {
  const plan = planFor({ mutant: 'M30', seed: 'events', hint: HINTS['M30']! }, 0);
  const never = { ...plan.steps[0]!, id: 99, when: { kind: 'leader', term: 1000 } } as const;
  const waited = await play({ ...plan, steps: [...plan.steps, never] });
  const { steps } = withTimes(waited);
  const injected = waited.faults.find((line) => line.event === 'inject' && line.id === plan.steps[0]!.id)!;
  const healed = waited.faults.find((line) => line.event === 'heal' && line.id === plan.steps[0]!.id)!;
  expect(steps[0]).not.toHaveProperty('when');
  expect(steps[0]!.atMs).toBeCloseTo(injected.time / 1e6, 5);
  expect(steps[0]!.forMs).toBeCloseTo((healed.time - injected.time) / 1e6, 5);
  expect(steps.at(-1)).toEqual(never);
});

test('of several classes the one that was asked for is kept', async () => {
  const many = await firstWith({ mutant: 'M21', nodes: 4 }, (findings) => findings.length > 2);
  const last = findingsOf(many).at(-1)!;
  const { finding } = await shrink({ played: many, of: last }, { maxPlays: 40 });
  expect(finding).toMatchObject({ detector: last.detector, class: last.class });
});

test('it stops when it is told to, and after so many plays', async () => {
  expect(await shrink({ played, of }, { shouldStop: () => true })).toMatchObject({ plays: 0, played });
  expect((await shrink({ played, of }, { maxPlays: 5 })).plays).toBe(5);
});

test('the calls that were asked, written into the plan, are asked again at the same times', async () => {
  const plan = withCalls(played);
  const again = await play(plan);
  const asked = (it: Played): readonly HistoryLine[] => it.history.filter(({ type }) => type === 'invoke').slice(0, 20);
  expect(asked(again).map(({ f, value }) => [f, value])).toEqual(asked(played).map(({ f, value }) => [f, value]));
  const apart = asked(again).map(({ time }, nth) => Math.abs(time - asked(played)[nth]!.time));
  expect(apart.length).toBe(20);
  // Two things at one instant are told a nanosecond apart.
  expect(Math.max(...apart)).toBeLessThan(1000);
});

test('a plan without a world keeps how its nodes are set up', async () => {
  // Of the usual world but for CheckQuorum, so that `node` says the same.
  const { world, ...rest } = planFor({ mutant: 'M30', seed: 'late', hint: HINTS['M30']! }, 0);
  const node = { checkQuorum: false };
  expect(world).toEqual({ ...DEFAULT_WORLD, ...node });
  const shown = await play({ ...rest, node });
  const seen = findingsOf(shown).find(({ detector }) => detector === 'clients')!;
  const { played: small } = await shrink({ played: shown, of: seen }, { maxPlays: 20 });
  expect(worldOf(small.plan)).toEqual(world);
});

test('no step of a shrunk plan waits for one that was taken out: such a plan would be refused', async () => {
  const plan = planFor({ mutant: 'M30', seed: 'late', hint: HINTS['M30']! }, 0);
  const [cut] = plan.steps as [FaultStep];
  const idle = { ...cut, kind: 'slow-disk', target: 'follower', delayMs: 1, heal: 'time', forMs: 50 } as const;
  const steps: readonly FaultStep[] = [
    { ...cut, until: { kind: 'fault', id: 1, event: 'heal' } },
    { ...idle, id: 1, atMs: 300 },
    { ...idle, id: 2, when: { kind: 'fault', id: 1, event: 'heal' } },
  ];
  const shown = await play({ ...plan, steps });
  const seen = findingsOf(shown).find(({ detector }) => detector === 'clients')!;
  const { played: small } = await shrink({ played: shown, of: seen }, { maxPlays: 60 });
  expect(small.plan.steps.map(({ id }) => id)).toEqual([0]);
  expect(small.plan.steps[0]).not.toHaveProperty('until');
});
