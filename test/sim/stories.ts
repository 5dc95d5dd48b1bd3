/**
 * Stories on whole simulated clusters. After each no invariant may be broken, no node may have died, and what the clients saw must
 * be linearizable.
 */
import { afterEach, expect } from 'vitest';
import { TestCluster, type TestClusterOptions } from './cluster.ts';
import { judge } from './judge.ts';

/** What a test file tells its stories on: started clusters, each of them looked at when its test is over. */
export function judgedClusters(): (options?: Partial<TestClusterOptions>) => TestCluster {
  let clusters: TestCluster[] = [];
  afterEach(() => {
    const told = clusters;
    clusters = [];
    for (const { invariants, simulation, load } of told) {
      expect(invariants.broken).toEqual([]);
      expect(simulation.failures).toEqual([]);
      if (load.lines.length > 0) expect(judge(load.lines).kind).toBe('ok');
    }
  });
  return (options = {}) => {
    const it = new TestCluster(options).start();
    clusters.push(it);
    return it;
  };
}

/** Whether `node` has committed as much as the leader has appended. */
export function isLevel(it: TestCluster, node: string, leader: string): boolean {
  const lastIndex = it.simulation.node(leader).status()?.lastIndex;
  return it.simulation.node(node).status()?.commitIndex === lastIndex;
}
