/**
 * The red tests of rules whose breach harms nobody and holds everybody up. Each is caught by how long nobody led, or how many terms
 * began, against the correct node on the same schedules; the least ratio is stated.
 */
import { describe, expect, test } from 'vitest';
import { msToNs } from '../../src/base/time.ts';
import { livenessOf } from '../../src/invariants/index.ts';
import { TestCluster } from './cluster.ts';
import { isLevel } from './stories.ts';

/** Nothing that hides what a rule is for: no pre-votes, no stickiness. */
const BARE = { preVote: false, checkQuorum: false } as const;

const SEEDS = Array.from({ length: 10 }, (_, nth) => `liveness ${nth}`);

interface Schedule {
  readonly mutant: string | null;
  readonly seed: string;
}

type Measure = (schedule: Schedule) => number;

/** The mean over all seeds. */
function mean(mutant: string | null, measure: Measure): number {
  return SEEDS.reduce((sum, seed) => sum + measure({ mutant, seed }), 0) / SEEDS.length;
}

/** Lets so much time pass and measures it. */
function watch(it: TestCluster, ms: number): ReturnType<typeof livenessOf> {
  const fromNs = it.simulation.clock.nowNs();
  const stops = it.ids.filter((id) => it.simulation.node(id).status() === undefined);
  it.simulation.runFor(ms);
  expect(it.invariants.broken).toEqual([]);
  return livenessOf(it.probes, {
    fromNs,
    toNs: fromNs + msToNs(ms),
    stops: stops.map((node) => ({ node, atNs: fromNs })),
  });
}

describe('M10 no-random-timeout', () => {
  /** The share of the first two seconds without a leader. */
  const measure: Measure = (schedule) =>
    watch(new TestCluster({ ...schedule, core: BARE }).start(), 2000).leaderlessShare;

  test('is caught: candidates meet again and again, and nobody leads for three times as long', () => {
    expect(mean('M10', measure)).toBeGreaterThan(3 * mean(null, measure));
  });

  test('the correct node has a leader most of the time', () => expect(mean(null, measure)).toBeLessThan(0.3));
});

describe('M11 timer-reset-any', () => {
  /**
   * The share of two seconds without a leader, when one of three nodes that are left of five can be elected: the others lack an entry,
   * and ask for votes in vain.
   */
  const measure: Measure = (schedule) => {
    const core = { ...BARE, electionTimeoutMaxNs: msToNs(180) };
    const it = new TestCluster({ ...schedule, nodes: 5, core }).start();
    const leader = it.awaitLeader();
    const [complete, gone, ...stale] = it.followers(leader) as [string, string, string, string];
    it.simulation.isolate(stale);
    expect(it.client(leader).write('x', 1).kind).toBe('ok');
    it.until('the complete one to be level', () => isLevel(it, complete, leader));
    for (const id of [leader, gone]) it.simulation.crash(id);
    it.simulation.healAll();
    return watch(it, 2000).leaderlessShare;
  };

  test('is caught: who cannot win keeps the other one from standing, and nobody leads for twice as long', () => {
    expect(mean('M11', measure)).toBeGreaterThan(2 * mean(null, measure));
  });

  test('the correct node has a leader most of the time', () => expect(mean(null, measure)).toBeLessThan(0.3));
});

describe('M12 no-prevote', () => {
  /** Terms that begin in five seconds, in which one follower and the leader do not hear each other; the third node hears both. */
  const measure: Measure = (schedule) => {
    const it = new TestCluster(schedule).start();
    const leader = it.awaitLeader();
    const [follower] = it.followers(leader) as [string];
    it.simulation.cut(leader, follower);
    it.simulation.cut(follower, leader);
    return watch(it, 5000).terms;
  };

  test('is caught: who does not hear the leader unseats it, and its successors', () => {
    expect(mean('M12', measure)).toBeGreaterThan(3);
  });

  test('the correct node keeps its leader', () => expect(mean(null, measure)).toBe(0));
});
