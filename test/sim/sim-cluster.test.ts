/** The simulator behind the contract of a cluster: whoever holds it waits for promises, and time is virtual. */
import { beforeEach, expect, test } from 'vitest';
import { DEFAULT_WORLD } from '../../src/explore/index.ts';
import { SimCluster } from '../../src/sim/sim-cluster.ts';
import type { Probe } from '../../src/contract/index.ts';

let cluster: SimCluster;
beforeEach(() => {
  cluster = new SimCluster({
    seed: 'cluster',
    nodes: 3,
    mutant: null,
    electionTimeoutMs: [100, 200],
    world: DEFAULT_WORLD,
    onProbe: () => {},
  });
});

test('who watches late is told at once who leads, then what happens', async () => {
  await cluster.play(cluster.sleep(1000));
  const seen: Probe[] = [];
  const stop = cluster.watch((probe) => seen.push(probe));
  const roles = seen.flatMap((probe) => (probe.kind === 'role' ? [probe] : []));
  expect(roles.map(({ node }) => node).toSorted()).toEqual(['n1', 'n2', 'n3']);
  const leader = roles.find(({ role }) => role === 'leader')!;
  const before = seen.length;
  const injury = await cluster.play(cluster.apply({ kind: 'kill', node: leader.node }));
  await cluster.play(cluster.sleep(1000));
  expect(seen.slice(before)).toContainEqual(
    expect.objectContaining({ kind: 'role', role: 'leader', term: leader.term + 1 }),
  );
  stop();
  const told = seen.length;
  await cluster.play(injury.heal());
  await cluster.play(cluster.sleep(1000));
  expect(seen.length).toBe(told);
});

test('sleeping takes virtual time only, and no instant is given twice', async () => {
  const fromNs = cluster.now();
  const beganMs = performance.now();
  await cluster.play(cluster.sleep(60_000));
  expect(cluster.now() - fromNs).toBeGreaterThanOrEqual(60e9);
  expect(cluster.now() - fromNs).toBeLessThan(60.001e9);
  // An hour of it would take seconds, not an hour.
  expect(performance.now() - beganMs).toBeLessThan(30_000);
  const instants = Array.from({ length: 10 }, () => cluster.now());
  expect(new Set(instants).size).toBe(10);
  expect(instants).toEqual(instants.toSorted((a, b) => a - b));
});

test('two who sleep wake in the order of their times; work that fails is told', async () => {
  const woken: string[] = [];
  const sleeper = async (name: string, ms: number): Promise<void> => {
    await cluster.sleep(ms);
    woken.push(name);
    await cluster.sleep(ms);
    woken.push(name);
  };
  await cluster.play(Promise.all([sleeper('slow', 30), sleeper('fast', 20)]));
  expect(woken).toEqual(['fast', 'slow', 'fast', 'slow']);
  await expect(cluster.play(Promise.reject(new Error('as told')))).rejects.toThrow('as told');
});

test('what cannot be done to a node is refused: it is down already', async () => {
  await cluster.play(cluster.apply({ kind: 'kill', node: 'n2' }));
  await expect(cluster.play(cluster.apply({ kind: 'kill', node: 'n2' }))).rejects.toThrow(/n2/);
});
