/** The red test of the rule that the state follows from the log and nothing else; states are compared by their hashes, every few entries. */
import { describe, expect, test } from 'vitest';
import { TestCluster } from './cluster.ts';

describe('M44 nondeterministic-apply', () => {
  /** The leader answers a read of a key that nobody wrote; then entries are applied everywhere. */
  const readThenWrite = (mutant: string | null): TestCluster => {
    const it = new TestCluster({ mutant }).start();
    const client = it.client(it.awaitLeader());
    expect(client.read('nobody wrote this').kind).toBe('ok');
    for (let value = 0; value < 12; value++) expect(client.write('x', value).kind).toBe('ok');
    it.simulation.runFor(500);
    return it;
  };

  test('is caught: after one entry two nodes have different states', () => {
    expect(readThenWrite('M44').invariants.broken.map((broken) => broken.name)).toEqual(['state-equality']);
  });

  test('the correct node has one state after every entry, on all nodes, and after a restart', () => {
    const it = readThenWrite(null);
    for (const id of it.ids) it.simulation.losePower([id]);
    for (const id of it.ids) it.simulation.start(id);
    const before = it.probes.length;
    expect(it.client(it.awaitLeader()).read('x').kind).toBe('ok');
    it.simulation.runFor(500);
    expect(it.invariants.broken).toEqual([]);
    const again = it.probes.slice(before).filter((probe) => probe.kind === 'state');
    expect(new Set(again.map((probe) => probe.node))).toEqual(new Set(it.ids));
  });
});
