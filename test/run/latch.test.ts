/** Waits that a flag can cut short. */
import { expect, test } from 'vitest';
import type { Cluster } from '../../src/contract/index.ts';
import { DEFAULT_WORLD } from '../../src/explore/index.ts';
import { Latch, sleepUntil } from '../../src/run/latch.ts';
import { SimCluster } from '../../src/sim/sim-cluster.ts';

function simCluster(): SimCluster {
  return new SimCluster({
    seed: 'latch',
    nodes: 3,
    mutant: null,
    electionTimeoutMs: [100, 200],
    world: DEFAULT_WORLD,
    onProbe: () => {},
  });
}

const inMs = (cluster: Cluster, ms: number): number => cluster.now() + ms * 1e6;

test('a wait ends at its time, and leaves nothing behind in a latch that outlives it', async () => {
  const cluster = simCluster();
  const latch = new Latch();
  const untilNs = inMs(cluster, 250);
  const wait = sleepUntil(cluster, untilNs, latch);
  expect(latch.waiting).toBe(1);
  await cluster.play(wait);
  expect(cluster.now()).toBeGreaterThanOrEqual(untilNs);
  expect(cluster.now()).toBeLessThan(untilNs + 1e6);
  expect(latch.waiting).toBe(0);
});

test('any of its latches cuts it short, and it leaves the others', async () => {
  const cluster = simCluster();
  const [raised, other] = [new Latch(), new Latch()];
  const fromNs = cluster.now();
  const wait = sleepUntil(cluster, inMs(cluster, 10_000), other, raised);
  await cluster.play(cluster.sleep(30).then(() => raised.raise()));
  await cluster.play(wait);
  expect(cluster.now() - fromNs).toBeLessThan(31e6);
  expect(other.waiting).toBe(0);
});

test('one that is raised already, or a time that is past, is not waited for', async () => {
  const cluster = simCluster();
  const raised = new Latch();
  raised.raise();
  const fromNs = cluster.now();
  await cluster.play(sleepUntil(cluster, inMs(cluster, 1000), raised));
  await cluster.play(sleepUntil(cluster, fromNs));
  expect(cluster.now() - fromNs).toBeLessThan(1e6);
});
