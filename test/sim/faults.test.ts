/** Every fault that a cluster can do to itself, on the simulated one: that it hurts, how far, and that its counterpart ends it. */
import { describe, expect, test } from 'vitest';
import type { Cut, LinkTrouble } from '../../src/contract/index.ts';
import { SimFaults } from '../../src/sim/sim-faults.ts';
import { type TestClient, TestCluster, type TestClusterOptions } from './cluster.ts';

interface Begun {
  readonly cluster: TestCluster;
  readonly leader: string;
  readonly followers: readonly string[];
  /** Its session is open, and its entry leads. */
  readonly client: TestClient;
  /** How long a write took, in ms of the simulation. */
  readonly writeMs: (value: number) => number;
}

function begin(options: Partial<TestClusterOptions> = {}): Begun {
  const cluster = new TestCluster(options).start();
  const leader = cluster.awaitLeader();
  const client = cluster.client(leader);
  const { clock } = cluster.simulation;
  const writeMs = (value: number): number => {
    const fromNs = clock.nowNs();
    expect(client.write('x', value).kind).toBe('ok');
    return (clock.nowNs() - fromNs) / 1e6;
  };
  writeMs(0);
  return { cluster, leader, followers: cluster.followers(leader), client, writeMs };
}

/** Nothing but what the fault itself ends went wrong. */
function expectSound({ cluster }: Begun): void {
  expect(cluster.simulation.failures).toEqual([]);
  expect(cluster.invariants.broken).toEqual([]);
}

const endingsOf = ({ cluster }: Begun): string[] =>
  cluster.simulation.endings.map(({ node, error }) => `${node}: ${(error as Error).message}`);

describe('links', () => {
  const linksTo = ({ leader, followers }: Begun): Cut[] => followers.map((to) => ({ from: leader, to }));

  test('where messages to both followers come 60 ms late, a write takes so much longer, until the links are calm', () => {
    const begun = begin();
    const { cluster, writeMs } = begun;
    cluster.simulation.disturb(linksTo(begun), { kind: 'delay', delayMs: 60 });
    expect(writeMs(1)).toBeGreaterThan(60);
    cluster.simulation.calm(linksTo(begun));
    cluster.simulation.runFor(100);
    expect(writeMs(2)).toBeLessThan(10);
    expectSound(begun);
  });

  test('what a slow link holds back is gone when it is cut, however short', () => {
    const begun = begin();
    const { cluster, client } = begun;
    cluster.simulation.disturb(linksTo(begun), { kind: 'delay', delayMs: 100 });
    const answer = client.begin({ f: 'write', key: 'x', value: 1 });
    cluster.simulation.runFor(20);
    for (const { from, to } of linksTo(begun)) cluster.simulation.cut(from, to);
    cluster.simulation.healAll();
    cluster.simulation.runFor(95);
    expect(answer()).toBeUndefined();
    cluster.until('an answer', () => answer() !== undefined);
    expectSound(begun);
  });

  test('messages that come twice change nothing', () => {
    const begun = begin();
    const { cluster, writeMs } = begun;
    cluster.simulation.disturb(linksTo(begun), { kind: 'duplicate' });
    for (let value = 1; value <= 20; value++) writeMs(value);
    cluster.simulation.runFor(200);
    for (const link of linksTo(begun)) expect(cluster.simulation.linkCounters(link).duplicated).toBeGreaterThan(20);
    expect(begun.cluster.client(begun.leader).read('x')).toMatchObject({ kind: 'ok', output: 20 });
    expectSound(begun);
  });

  test('a connection that is reset again and again is opened again each time', () => {
    const begun = begin();
    const { cluster, followers } = begun;
    cluster.simulation.disturb(linksTo(begun), { kind: 'reset', everyMs: 100 });
    cluster.simulation.runFor(1050);
    for (const link of linksTo(begun)) expect(cluster.simulation.linkCounters(link).resets).toBe(10);
    for (const id of followers) expect(cluster.simulation.node(id).status()!.role).toBe('follower');
    cluster.simulation.repair();
    cluster.simulation.runFor(1000);
    for (const link of linksTo(begun)) expect(cluster.simulation.linkCounters(link).resets).toBe(10);
    expectSound(begun);
  });

  test('a connection that is reset every millisecond delivers next to nothing', () => {
    const begun = begin();
    begun.cluster.simulation.disturb(linksTo(begun), { kind: 'reset', everyMs: 1 });
    begun.cluster.simulation.runFor(5);
    expect(begun.writeMs(1)).toBeGreaterThan(10);
    expectSound(begun);
  });

  test('a link that there is not is refused', () => {
    const { cluster } = begin();
    expect(() => cluster.simulation.disturb([{ from: 'n1', to: 'n9' }], { kind: 'duplicate' })).toThrow('n9');
  });
});

describe('disks', () => {
  test('where every fsync takes 50 ms longer, so does a write, until the disks are mended', () => {
    const begun = begin();
    const { cluster, writeMs, followers } = begun;
    for (const id of followers) cluster.simulation.slowDisk(id, 50);
    expect(writeMs(1)).toBeGreaterThan(50);
    expect(cluster.simulation.node(followers[0]!).disk.delayedSyncs).toBeGreaterThan(0);
    for (const id of followers) cluster.simulation.mendDisk(id);
    cluster.simulation.runFor(200);
    expect(writeMs(2)).toBeLessThan(10);
    expectSound(begun);
  });

  test('a node whose disk is full ends and says why; it is refused until there is room, and then knows all it promised', () => {
    const begun = begin();
    const { cluster, followers, writeMs } = begun;
    const [id] = followers as [string];
    cluster.simulation.fillDisk(id);
    writeMs(1);
    cluster.simulation.runFor(50);
    expect(cluster.simulation.node(id).status()).toBeUndefined();
    expect(endingsOf(begun)).toEqual([`${id}: ENOSPC: no space left on device, write`]);
    cluster.simulation.start(id);
    expect(cluster.simulation.node(id).status()).toBeUndefined();
    expect(endingsOf(begun)).toHaveLength(2);
    cluster.simulation.mendDisk(id);
    cluster.simulation.start(id);
    cluster.simulation.crash(followers[1]!);
    writeMs(2);
    expectSound(begun);
  });

  test('a leader whose disk is full acknowledges nothing any more, and the others go on without it', () => {
    const begun = begin();
    const { cluster, leader } = begun;
    cluster.simulation.fillDisk(leader);
    const answer = cluster.client(leader).begin({ f: 'write', key: 'x', value: 1 });
    cluster.until('an answer', () => answer() !== undefined);
    expect(endingsOf(begun)).toEqual([`${leader}: ENOSPC: no space left on device, write`]);
    const next = cluster.awaitLeader([leader]);
    expect(cluster.client(next).write('x', 2).kind).toBe('ok');
    expectSound(begun);
  });

  test('a failed fsync ends the node before it acknowledges anything; a restart makes durable what it reads', () => {
    const begun = begin();
    const { cluster, followers, writeMs } = begun;
    const [id, other] = followers as [string, string];
    cluster.simulation.crash(other);
    cluster.simulation.failSync(id);
    const answer = cluster.client(begun.leader).begin({ f: 'write', key: 'x', value: 1 });
    cluster.simulation.runFor(30);
    expect(endingsOf(begun)).toEqual([`${id}: EIO: i/o error, fsync`]);
    expect(answer()).toBeUndefined();
    cluster.simulation.start(id);
    cluster.until('an answer', () => answer() !== undefined);
    cluster.simulation.losePower([id]);
    cluster.simulation.start(id);
    cluster.awaitLeader();
    writeMs(2);
    expect(endingsOf(begun)).toHaveLength(1);
    expectSound(begun);
  });

  test('a failed fsync that a mend comes before fails nothing', () => {
    const begun = begin();
    const { cluster, writeMs, leader } = begun;
    cluster.simulation.failSync(leader);
    cluster.simulation.mendDisk(leader);
    writeMs(1);
    expect(endingsOf(begun)).toEqual([]);
  });

  test('nor does one that has begun and not ended when the mend comes', () => {
    const begun = begin({ syncMs: [20, 20] });
    const { cluster, leader, writeMs } = begun;
    cluster.simulation.failSync(leader);
    const answer = cluster.client(leader).begin({ f: 'write', key: 'x', value: 1 });
    cluster.simulation.runFor(15);
    cluster.simulation.mendDisk(leader);
    cluster.until('an answer', () => answer() !== undefined);
    writeMs(2);
    expect(endingsOf(begun)).toEqual([]);
  });

  test('a node refuses to start on a flipped bit, whichever of the attested ones it is, and stays down for good', () => {
    const places = new Set<string>();
    for (let nth = 0; nth < 25; nth++) {
      const begun = begin({ segmentBytes: nth % 2 === 0 ? 200 : 100_000 });
      const { cluster, followers, writeMs } = begun;
      const [id] = followers as [string];
      for (let value = 1; value <= 5; value++) writeMs(value);
      cluster.simulation.runFor(50);
      const flipped = cluster.simulation.flipBit(id, `draw ${nth}`);
      expect(flipped).toMatchObject({ isRefused: true });
      places.add(flipped!.bit.split(' of ')[2]!);
      cluster.simulation.repair();
      cluster.simulation.start(id);
      expect(cluster.simulation.node(id).status()).toBeUndefined();
      expect(endingsOf(begun)).toEqual([expect.stringMatching(`^${id}: log-\\d+.wal is damaged at byte \\d+`)]);
      writeMs(6);
      expectSound(begun);
    }
    expect(places.size).toBeGreaterThan(2);
  });

  test('no bit flips on a node that is down', () => {
    const { cluster, leader } = begin();
    cluster.simulation.crash(leader);
    expect(cluster.simulation.flipBit(leader, 'x')).toBeUndefined();
  });
});

describe('clocks', () => {
  test('a jump beyond the election timeout is felt at once, not when an alarm of the old time would have rung', () => {
    const { cluster, followers } = begin();
    const [id] = followers as [string];
    const before = cluster.probes.length;
    cluster.simulation.setClock(id, 1, 1000);
    cluster.simulation.runFor(0.01);
    const roles = cluster.probes.slice(before).flatMap((it) => (it.kind === 'role' ? [`${it.node} ${it.role}`] : []));
    expect(roles).toEqual([`${id} pre-candidate`]);
  });

  test('nodes whose clocks hardly move elect nobody, until their clocks are mended', () => {
    const begun = begin();
    const { cluster, followers, leader } = begun;
    for (const id of followers) cluster.simulation.setClock(id, 0.001, 0);
    cluster.simulation.crash(leader);
    cluster.simulation.runFor(5000);
    expect(cluster.simulation.leader()).toBeUndefined();
    for (const id of followers) cluster.simulation.setClock(id, 1, 0);
    cluster.simulation.runFor(1000);
    expect(followers).toContain(cluster.simulation.leader());
    expectSound(begun);
  });

  test('a clock fault that ends leaves the rate that the clock began with', async () => {
    const { simulation } = begin({ clockRates: [1.5] }).cluster;
    const node = simulation.node('n1');
    const nsIn10Ms = (): number => {
      const fromNs = node.clockNs();
      simulation.runFor(10);
      return node.clockNs() - fromNs;
    };
    const injury = new SimFaults(simulation).apply({ kind: 'clock', node: 'n1', rate: 3, jumpMs: 0 });
    expect(nsIn10Ms()).toBeCloseTo(30e6, -2);
    await injury.heal();
    expect(nsIn10Ms()).toBeCloseTo(15e6, -2);
  });

  test('a clock goes on as it was set when its node starts anew, and a repair sets it right', () => {
    const { cluster, leader } = begin();
    const { simulation } = cluster;
    const node = simulation.node(leader);
    const passed = (): number => {
      const fromNs = node.clockNs();
      simulation.runFor(100);
      return Math.round((node.clockNs() - fromNs) / 1e6);
    };
    simulation.setClock(leader, 2, 0);
    simulation.crash(leader);
    simulation.start(leader);
    expect(passed()).toBe(200);
    simulation.repair();
    expect(passed()).toBe(100);
  });
});

test('equal calls give equal bytes, whatever goes wrong', () => {
  const bytes = (seed: string): string => {
    const { cluster, leader, followers, writeMs } = begin({ seed, segmentBytes: 600 });
    const [first, second] = followers as [string, string];
    const { simulation } = cluster;
    const links = [
      { from: leader, to: first },
      { from: first, to: leader },
      { from: leader, to: second },
    ];
    const troubles: readonly LinkTrouble[] = [
      { kind: 'delay', delayMs: 5 },
      { kind: 'duplicate' },
      { kind: 'reset', everyMs: 40 },
    ];
    for (const trouble of troubles) simulation.disturb(links, trouble);
    simulation.slowDisk(first, 7);
    simulation.setClock(second, 1.04, 20);
    for (let value = 1; value < 10; value++) writeMs(value);
    simulation.failSync(first);
    simulation.runFor(200);
    simulation.repair();
    simulation.flipBit(second, seed);
    simulation.fillDisk(first);
    simulation.runFor(500);
    simulation.repair();
    simulation.runFor(1000);
    writeMs(10);
    const { probes, load } = cluster;
    return [...probes, ...load.lines, ...simulation.endings.map((it) => String(it.error))]
      .map((it) => JSON.stringify(it))
      .join('\n');
  };
  expect(bytes('one')).toBe(bytes('one'));
  expect(bytes('one')).not.toBe(bytes('two'));
});
