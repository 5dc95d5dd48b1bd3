/**
 * The red tests of the node's rules, those of snapshots aside (snapshot-mutants.test.ts): each mutant is caught, by the invariant or the history that its rule protects; and on the
 * very same schedules the correct node does nothing wrong.
 */
import { describe, expect, test } from 'vitest';
import { TestCluster } from './cluster.ts';
import { judge } from './judge.ts';
import { play } from './play.ts';
import { drawSchedule } from './schedules.ts';

/** Nothing that hides what a rule is for: no pre-votes, no stickiness, one entry and one message at a time. */
const BARE = { preVote: false, checkQuorum: false, maxEntriesPerMessage: 1, maxInFlight: 1 } as const;

describe('M03 double-vote', () => {
  const found = (mutant: string | null): string[] =>
    Array.from({ length: 12 }, (_, nth) => {
      const drawn = drawSchedule(`double-vote-${nth}`);
      // Timeouts that lie close together make candidates meet in one term.
      const core = { ...drawn.core, ...BARE, electionTimeoutMaxNs: drawn.core.electionTimeoutMinNs * 1.1 };
      const { broken, failures } = play({ ...drawn, core, mutant, faultMs: 800 });
      return [...broken.map((it) => it.name), ...failures.map((it) => String(it.error))];
    }).flat();

  test('is caught: two leaders of one term', () => {
    expect(found('M03')).toContain('election-safety');
  });

  test('the correct node does nothing wrong on the same schedules', () => {
    expect(found(null)).toEqual([]);
  });
});

describe('M20 commit-prior-term', () => {
  test('is caught on figure 8 of the paper: a later leader lacks a committed entry', () => {
    const { it, entry } = figure8('M20');
    expect(it.invariants.broken.map((broken) => broken.name)).toContain('leader-completeness');
    expect(it.invariants.broken[0]!.message).toContain(`lacks entry ${entry} of term`);
  });

  test('the correct node does nothing wrong there', () => {
    const { it } = figure8(null);
    expect(it.invariants.broken).toEqual([]);
    expect(it.simulation.failures).toEqual([]);
  });
});

/** Figure 8 (a) to (d): an entry of an old term reaches a majority, and is overwritten all the same. Gives its index. */
function figure8(mutant: string | null): { readonly it: TestCluster; readonly entry: number } {
  const it = new TestCluster({ nodes: 5, mutant, core: BARE, syncMs: [0.1, 0.2] }).start();
  const { simulation } = it;
  const appended = (id: string, index: number, sinceProbe: number): boolean =>
    it.probes.slice(sinceProbe).some((probe) => probe.node === id && probe.kind === 'append' && probe.index === index);

  // (a) s1 leads and replicates an entry to s2 alone; both go down.
  const s1 = it.awaitLeader();
  const client = it.client(s1, { pinned: true });
  expect(client.write('x', 1).kind).toBe('ok');
  it.until('everyone to be level', () => it.ids.every((id) => isLevel(it, id, s1)));
  const s2 = it.followers(s1)[0]!;
  simulation.isolate([s1, s2]);
  const entry = simulation.node(s1).status()!.lastIndex + 1;
  const inTerm = it.probes.length;
  client.begin({ f: 'write', key: 'x', value: 2 });
  it.until('s2 to append', () => appended(s2, entry, inTerm));
  simulation.crash(s1);
  simulation.crash(s2);

  // (b) s5 is elected by the others and takes another entry at that index, which nobody else gets.
  const leads = (id: string): boolean => simulation.node(id).status()?.role === 'leader';
  it.until('s5 to lead', () => it.ids.some(leads));
  const s5 = it.ids.find(leads)!;
  simulation.isolate([s5]);
  simulation.runFor(20);
  simulation.crash(s5);
  const [s3, s4] = it.ids.filter((id) => ![s1, s2, s5].includes(id)) as [string, string];
  expect(simulation.node(s3).status()!.lastIndex).toBe(entry - 1);

  // (c) s1 is elected again, and brings the old entry to s3: it now stands on s1, s2 and s3.
  simulation.healAll();
  const again = it.probes.length;
  simulation.start(s1);
  it.until('s1 to lead again', () => leads(s1), 20_000);
  simulation.isolate([s4]);
  simulation.start(s2);
  it.until('s3 to append', () => appended(s3, entry, again));
  // It gets no entry of s1's new term; only its answer arrives.
  simulation.cut(s1, s3);
  simulation.runFor(100);
  simulation.crash(s1);
  simulation.crash(s2);

  // (d) s5 is elected by s3 and s4, whose last entries are of earlier terms than its own, and overwrites the old entry.
  simulation.healAll();
  const overwritten = it.probes.length;
  simulation.start(s5);
  it.until('s5 to lead again', () => leads(s5), 20_000);
  it.until('s3 to give up the old entry', () => appended(s3, entry, overwritten));
  return { it, entry };
}

function isLevel(it: TestCluster, id: string, leader: string): boolean {
  return it.simulation.node(id).status()?.commitIndex === it.simulation.node(leader).status()?.lastIndex;
}

describe('M23 ack-before-fsync', () => {
  /** An acknowledged write, the power of the follower that acknowledged it, and a leader that is gone. Gives the value read. */
  const readAfterPowerLoss = (
    mutant: string | null,
    nth: number,
  ): { value: unknown; verdict: string; broken: string[] } => {
    const it = new TestCluster({ mutant, seed: `power ${nth}`, syncMs: [5, 5] }).start();
    const leader = it.awaitLeader();
    const [witness, absent] = it.followers(leader) as [string, string];
    const client = it.client(leader);
    expect(client.write('x', 1).kind).toBe('ok');
    it.simulation.crash(absent);
    expect(client.write('x', 2).kind).toBe('ok');
    it.simulation.losePower([witness]);
    it.simulation.crash(leader);
    it.simulation.start(witness);
    it.simulation.start(absent);
    it.awaitLeader([leader]);
    const read = it.client(witness).read('x');
    return {
      value: read.kind === 'ok' ? read.output : undefined,
      verdict: judge(it.load.lines).kind,
      broken: it.invariants.broken.map((broken) => broken.name),
    };
  };

  test('is caught: a power loss takes an acknowledged write, and clients see it', () => {
    const ends = Array.from({ length: 12 }, (_, nth) => readAfterPowerLoss('M23', nth));
    const lost = ends.filter((end) => end.value === 1);
    expect(lost.length).toBeGreaterThan(0);
    for (const end of lost) {
      expect(end.verdict).toBe('violation');
      expect(end.broken).toContain('leader-completeness');
    }
  });

  test('the correct node loses nothing on the same schedules', () => {
    for (let nth = 0; nth < 12; nth++) {
      expect(readAfterPowerLoss(null, nth)).toEqual({ value: 2, verdict: 'ok', broken: [] });
    }
  });
});

describe('M30 leader-local', () => {
  /** A leader is cut off, another one takes a write, and the old one is asked. */
  const askDeposed = (mutant: string | null): { kind: string; it: TestCluster } => {
    const it = new TestCluster({ mutant, core: { checkQuorum: false } }).start();
    const old = it.awaitLeader();
    const witness = it.client(old, { pinned: true });
    expect(it.client(old).write('x', 1).kind).toBe('ok');
    it.simulation.isolate([old]);
    const next = it.awaitLeader([old]);
    expect(it.client(next).write('x', 2).kind).toBe('ok');
    return { kind: witness.read('x').kind, it };
  };

  test('is caught: a stale read in the history, though no invariant of the log is broken', () => {
    const { kind, it } = askDeposed('M30');
    expect(kind).toBe('ok');
    const verdict = judge(it.load.lines);
    expect(verdict.anomalies.map((anomaly) => anomaly.class)).toEqual(['stale-read']);
    expect(it.invariants.broken).toEqual([]);
  });

  test('the correct node does not answer there', () => {
    const { kind, it } = askDeposed(null);
    expect(kind).not.toBe('ok');
    expect(judge(it.load.lines).kind).toBe('ok');
  });

  test('the swarm finds it too, and nothing on the correct node', () => {
    const verdicts = (mutant: string | null): string[] =>
      Array.from({ length: 6 }, (_, nth) => {
        const drawn = drawSchedule(`leader-local-${nth}`);
        const schedule = {
          ...drawn,
          mutant,
          reads: 'read-index',
          witnesses: drawn.nodes,
          core: { ...drawn.core, checkQuorum: false },
          faultMs: 1500,
          faults: [{ kind: 'isolate', targets: ['leader'], atMs: 600, forMs: 900 } as const],
        };
        return judge(play(schedule).lines).kind;
      });
    expect(verdicts('M30')).toContain('violation');
    expect(new Set(verdicts(null))).toEqual(new Set(['ok']));
  });
});
