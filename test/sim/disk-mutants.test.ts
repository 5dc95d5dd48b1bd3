/**
 * The red tests of what a node believes of its disk: each mutant is caught when the power fails, or the disk with all that was on it,
 * by what clients saw wherever a node lets them see it; and in the very same stories the correct node loses nothing.
 */
import { describe, expect, test } from 'vitest';
import { TestCluster, type TestClusterOptions } from './cluster.ts';
import { judge } from './judge.ts';

/** What is left to see in the end. */
interface Ending {
  /** What x was read as; undefined where nobody answered. */
  readonly read: unknown;
  readonly verdict: string;
  readonly broken: readonly string[];
  readonly failures: readonly string[];
}

function endingOf(it: TestCluster, read: unknown): Ending {
  return {
    read,
    verdict: judge(it.load.lines).kind,
    broken: it.invariants.broken.map((broken) => broken.name),
    failures: it.simulation.failures.map(({ error }) => String(error)),
  };
}

/** What somebody reads in the end, if anybody answers. */
function lastRead(it: TestCluster): unknown {
  const read = it.client(it.ids[0]!).read('x');
  return read.kind === 'ok' ? read.output : undefined;
}

/** Writes 1 to `last` to x, one after another; then the power of all nodes fails. */
function powerFails(mutant: string | null, options: Partial<TestClusterOptions>, last: number): Ending {
  const it = new TestCluster({ ...options, mutant }).start();
  const client = it.client(it.awaitLeader());
  for (let value = 1; value <= last; value++) expect(client.write('x', value).kind).toBe('ok');
  it.simulation.losePower(it.ids);
  it.simulation.startAll();
  return endingOf(it, lastRead(it));
}

const SEEDS = Array.from({ length: 12 }, (_, nth) => `power ${nth}`);

describe('M24 lazy-fsync', () => {
  const endings = (mutant: string | null): Ending[] => SEEDS.map((seed) => powerFails(mutant, { seed }, 3));

  test('is caught: a power loss takes what was acknowledged within the last second, and clients see it', () => {
    const lost = endings('M24').filter(({ verdict }) => verdict === 'violation');
    expect(lost.length).toBeGreaterThan(0);
    for (const { read } of lost) expect(read).not.toBe(3);
  });

  test('the correct node loses nothing', () => {
    for (const ending of endings(null)) expect(ending).toEqual({ read: 3, verdict: 'ok', broken: [], failures: [] });
  });
});

describe('M57 no-dir-fsync', () => {
  const endings = (mutant: string | null): Ending[] =>
    SEEDS.map((seed) => powerFails(mutant, { seed, segmentBytes: 400 }, 12));

  test('is caught: segments of the log are gone, or the log as a whole', () => {
    const all = endings('M57');
    expect(all.flatMap(({ broken }) => broken)).toContain('leader-completeness');
    expect(all.flatMap(({ failures }) => failures).join('\n')).toContain('is empty');
    expect(all.some(({ read }) => read === undefined)).toBe(true);
    expect(all.map(({ verdict }) => verdict)).toContain('violation');
  });

  test('the correct node has every segment that it has written to', () => {
    for (const ending of endings(null)) expect(ending).toEqual({ read: 12, verdict: 'ok', broken: [], failures: [] });
  });
});

describe('M53 no-crc', () => {
  /** A large value is on its way to the disk of a follower when its power fails; the others have it already. */
  const torn = (mutant: string | null, seed: string): Ending => {
    const it = new TestCluster({ mutant, seed, syncMs: [5, 5] }).start();
    const old = it.awaitLeader();
    const client = it.client(old);
    expect(client.write('x', 1).kind).toBe('ok');
    const [witness] = it.followers(old) as [string];
    const before = it.probes.length;
    const write = client.begin({ f: 'write', key: 'x', value: 'large'.repeat(200) });
    it.until('the entry to reach the follower', () =>
      it.probes.slice(before).some(({ node, kind }) => node === witness && kind === 'append'),
    );
    it.simulation.losePower([witness]);
    it.simulation.start(witness);
    it.until('an answer', () => write() !== undefined);
    it.simulation.runFor(500);
    return endingOf(it, write()!.kind);
  };

  test('is caught: half of an entry is taken for the whole', () => {
    const endings = SEEDS.map((seed) => torn('M53', seed));
    expect(endings.flatMap(({ broken }) => broken)).toContain('log-matching');
    expect(endings.flatMap(({ failures }) => failures).join('\n')).toContain('holds no command');
  });

  test('the correct node cuts it off', () => {
    for (const seed of SEEDS) {
      expect(torn(null, seed)).toEqual({ read: 'ok', verdict: 'ok', broken: [], failures: [] });
    }
  });
});

describe('M55 amnesia-rejoin', () => {
  /** One voter has a write together with the leader. It loses its disk, the leader dies, and the third voter comes back. */
  const wiped = (mutant: string | null): Ending => {
    const it = new TestCluster({ mutant }).start();
    const old = it.awaitLeader();
    const [forgetful, absent] = it.followers(old) as [string, string];
    expect(it.client(old).write('x', 1).kind).toBe('ok');
    it.simulation.isolate([absent]);
    expect(it.client(old).write('x', 2).kind).toBe('ok');
    it.simulation.wipe(forgetful);
    it.simulation.crash(old);
    it.simulation.healAll();
    it.simulation.start(forgetful);
    return endingOf(it, lastRead(it));
  };

  test('is caught: a node that has forgotten its log elects one that lacks a committed entry, and clients see it', () => {
    const { read, verdict, broken } = wiped('M55');
    expect(read).toBe(1);
    expect(verdict).toBe('violation');
    expect(broken).toContain('leader-completeness');
  });

  test('the correct node refuses to start', () => {
    const { failures, ...ending } = wiped(null);
    expect(ending).toEqual({ read: undefined, verdict: 'ok', broken: [] });
    expect(failures).toEqual([expect.stringMatching(/the data folder of node n\d is empty/)]);
  });
});
