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
  /** Lives that ended by themselves, and those that had to, because of their disks. */
  readonly failures: readonly string[];
  readonly endings: readonly string[];
}

const UNHARMED = { verdict: 'ok', broken: [], failures: [], endings: [] };

function endingOf(it: TestCluster, read: unknown): Ending {
  return {
    read,
    verdict: judge(it.load.lines).kind,
    broken: it.invariants.broken.map((broken) => broken.name),
    failures: it.simulation.failures.map(({ error }) => String(error)),
    endings: it.simulation.endings.map(({ error }) => String(error)),
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
    for (const ending of endings(null)) expect(ending).toEqual({ read: 3, ...UNHARMED });
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
    for (const ending of endings(null)) expect(ending).toEqual({ read: 12, ...UNHARMED });
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
      expect(torn(null, seed)).toEqual({ read: 'ok', ...UNHARMED });
    }
  });
});

/**
 * One voter has a second write together with the leader. The leader dies, `harm` is done to that voter, and the third one, which does not
 * have the write, comes back.
 */
function leftWith(mutant: string | null, harm: (it: TestCluster, id: string) => void): Ending {
  const it = new TestCluster({ mutant }).start();
  const old = it.awaitLeader();
  const [witness, absent] = it.followers(old) as [string, string];
  expect(it.client(old).write('x', 1).kind).toBe('ok');
  it.simulation.isolate([absent]);
  expect(it.client(old).write('x', 2).kind).toBe('ok');
  it.simulation.runFor(20);
  it.simulation.crash(old);
  harm(it, witness);
  it.simulation.healAll();
  return endingOf(it, lastRead(it));
}

describe('M54 truncate-at-any-bad-crc', () => {
  const endings = (mutant: string | null): Ending[] =>
    SEEDS.map((draw) => leftWith(mutant, (it, id) => it.simulation.flipBit(id, draw)));

  test('is caught: a node whose log was cut at a flipped bit elects one that lacks a committed entry, and clients see it', () => {
    const lost = endings('M54').filter(({ read }) => read === 1);
    expect(lost.length).toBeGreaterThan(0);
    for (const { verdict, broken } of lost) {
      expect(verdict).toBe('violation');
      expect(broken).toContain('leader-completeness');
    }
  });

  test('the correct node refuses to start', () => {
    for (const ending of endings(null)) {
      expect(ending).toMatchObject({ read: undefined, verdict: 'ok', broken: [], failures: [] });
      expect(ending.endings).toEqual([expect.stringMatching(/ is damaged at byte \d+/)]);
    }
  });
});

describe('M55 amnesia-rejoin', () => {
  const wiped = (mutant: string | null): Ending =>
    leftWith(mutant, ({ simulation }, id) => {
      simulation.wipe(id);
      simulation.start(id);
    });

  test('is caught: a node that has forgotten its log elects one that lacks a committed entry, and clients see it', () => {
    const { read, verdict, broken } = wiped('M55');
    expect(read).toBe(1);
    expect(verdict).toBe('violation');
    expect(broken).toContain('leader-completeness');
  });

  test('the correct node refuses to start', () => {
    const { endings, ...ending } = wiped(null);
    expect(ending).toEqual({ read: undefined, verdict: 'ok', broken: [], failures: [] });
    expect(endings).toEqual([expect.stringMatching(/the data folder of node n\d is empty/)]);
  });

  test('and stays down, whatever is repaired', () => {
    const it = new TestCluster().start();
    const [wiped] = it.followers(it.awaitLeader()) as [string];
    it.simulation.wipe(wiped);
    it.simulation.repair();
    it.simulation.repair();
    expect(it.simulation.node(wiped).status()).toBeUndefined();
    expect(it.simulation.endings.length).toBe(1);
    expect(it.client(wiped).write('x', 1).kind).toBe('ok');
  });
});

describe('M56 fsync-error-ignored', () => {
  /** The fsync fails that was to make a write durable on one of the two voters that are there. Its power fails, and the leader dies. */
  const failed = (mutant: string | null, seed: string): Ending => {
    const it = new TestCluster({ mutant, seed }).start();
    const old = it.awaitLeader();
    const [witness, absent] = it.followers(old) as [string, string];
    const client = it.client(old);
    expect(client.write('x', 1).kind).toBe('ok');
    it.simulation.runFor(50);
    it.simulation.crash(absent);
    it.simulation.failSync(witness);
    const write = client.write('x', 2).kind;
    it.simulation.losePower([witness]);
    it.simulation.crash(old);
    it.simulation.mendDisk(witness);
    for (const id of [witness, absent]) it.simulation.start(id);
    const { endings, ...ending } = endingOf(it, lastRead(it));
    return { ...ending, endings: [...endings, write] };
  };

  test('is caught: what was acknowledged on a failed fsync is gone, and clients see it', () => {
    const lost = SEEDS.map((seed) => failed('M56', seed)).filter(({ read }) => read === 1);
    expect(lost.length).toBeGreaterThan(0);
    for (const ending of lost) {
      expect(ending).toMatchObject({ verdict: 'violation', endings: ['ok'] });
      expect(ending.broken).toContain('leader-completeness');
    }
  });

  test('the correct node ends there, and acknowledges nothing', () => {
    for (const seed of SEEDS) {
      expect(failed(null, seed)).toMatchObject({
        verdict: 'ok',
        broken: [],
        failures: [],
        endings: [expect.stringContaining('EIO'), 'unknown'],
      });
    }
  });
});
