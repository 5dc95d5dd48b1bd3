/**
 * The red tests of the rules about snapshots: each mutant is caught within a bounded number of schedules that take snapshots all
 * the time, by what its rule protects; and on those very schedules the correct node does nothing wrong.
 */
import { describe, expect, test } from 'vitest';
import { msToNs } from '../../src/base/time.ts';
import { TestCluster } from './cluster.ts';
import { judge } from './judge.ts';
import { play } from './play.ts';
import { drawSchedule, type Schedule } from './schedules.ts';

const SCHEDULES_MAX = 80;

/** A drawn schedule with snapshots forced: every few entries, in small slices, over small segments. */
function forced(nth: number, mutant: string | null): Schedule {
  const drawn = drawSchedule(`snap-${nth}`);
  const snapshots = {
    ...drawn.snapshots,
    everyEntries: [4, 7, 15][nth % 3]!,
    sliceBytes: [30, 100, 1000][(nth >> 2) % 3]!,
    pauseNs: msToNs([1, 10, 30][(nth >> 4) % 3]!),
  };
  return { ...drawn, mutant, snapshots, segmentBytes: 500 };
}

/** Everything that went wrong, by name: invariants, nodes that refused to start or died, an illegal history, no recovery. */
function findingsOf(nth: number, mutant: string | null): string[] {
  const { broken, failures, lines, recovered } = play(forced(nth, mutant));
  return [
    ...broken.map((it) => it.name),
    ...failures.map((it) => String(it.error)),
    ...(judge(lines).kind === 'ok' ? [] : ['illegal history']),
    ...(recovered ? [] : ['no recovery']),
  ];
}

/** Each with a finding that is to come: what one of its schedules must show. */
const CAUGHT: readonly (readonly [mutant: string, name: string, finding: string | RegExp])[] = [
  ['M41', 'sessions-not-in-snapshot: nodes do different things with a retry', 'state-machine-safety'],
  ['M41', 'sessions-not-in-snapshot: clients see it', 'illegal history'],
  ['M45', 'apply-index-not-atomic: a restarted node leaves changes out', 'snapshot-equality'],
  ['M47', 'snapshot-off-by-one: one label, two states', 'snapshot-equality'],
  ['M49', 'snapshot-regress: a node goes back behind what it had committed', 'commit-monotonic'],
  ['M51', 'snapshot-in-place: a crash leaves half a snapshot', /snapshot-\d+\.snap is damaged/],
  ['M52', 'compact-first: a crash leaves a log without its beginning', /the log begins behind entry|does not follow/],
];

describe.each(CAUGHT)('%s %s', (mutant, _, expected) => {
  test('is caught, and the correct node does nothing wrong on the same schedules', () => {
    const isIt = (finding: string): boolean =>
      typeof expected === 'string' ? finding === expected : expected.test(finding);
    let nth = 0;
    while (nth < SCHEDULES_MAX && !findingsOf(nth, mutant).some(isIt)) nth++;
    expect(nth).toBeLessThan(SCHEDULES_MAX);
    for (let same = Math.max(0, nth - 5); same <= nth; same++)
      expect([same, findingsOf(same, null)]).toEqual([same, []]);
  });
});

describe('M48 snapshot-keeps-suffix', () => {
  /** A leader is cut off with a long tail that nobody else has; it comes back when the others' log is cut within that tail. */
  const comesBack = (mutant: string | null): TestCluster => {
    const snapshots = { everyEntries: 10, everyBytes: Infinity, keepEntries: 0 };
    const it = new TestCluster({ mutant, core: { checkQuorum: false }, snapshots }).start();
    const old = it.awaitLeader();
    expect(it.client(old).write('x', 0).kind).toBe('ok');
    it.simulation.isolate([old]);
    for (let nth = 0; nth < 40; nth++) it.client(old, { pinned: true }).begin({ f: 'write', key: 'y', value: nth });
    const next = it.awaitLeader([old]);
    const client = it.client(next);
    for (let value = 1; value <= 12; value++) expect(client.write('x', value).kind).toBe('ok');
    const statusOf = (id: string) => it.simulation.node(id).status()!;
    it.until('a snapshot', () => savedOf(it, next) > statusOf(old).commitIndex);
    expect(statusOf(old).lastIndex).toBeGreaterThan(statusOf(next).lastIndex);
    it.simulation.healAll();
    it.until('the old leader to be level', () => statusOf(old).commitIndex === statusOf(next).lastIndex);
    expect(it.probes.some((probe) => probe.node === old && probe.kind === 'snapshot' && probe.installed)).toBe(true);
    return it;
  };

  test('is caught: entries of a divergent log stand behind the snapshot', () => {
    expect(comesBack('M48').invariants.broken.map((broken) => broken.name)).toContain('log-matching');
  });

  test('the correct node drops them', () => {
    const it = comesBack(null);
    expect(it.invariants.broken).toEqual([]);
    expect(it.simulation.failures).toEqual([]);
  });
});

/** The end of the last snapshot that this node saved. */
function savedOf(it: TestCluster, id: string): number {
  const saved = it.probes.findLast((probe) => probe.node === id && probe.kind === 'snapshot');
  return saved?.kind === 'snapshot' ? saved.index : 0;
}
