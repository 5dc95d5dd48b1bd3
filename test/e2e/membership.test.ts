/** Members of a cluster of real processes change under load: nodes join, leave, and take each other's place, and clients follow. */
import { beforeEach, expect, test } from 'vitest';
import type { Client, FaultAction } from '../../src/contract/index.ts';
import { oneClusterEach } from './one-cluster.ts';

const it = oneClusterEach('members', { electionTimeoutMs: [150, 300], snapshotEntries: 20 });
let client: Client;

beforeEach(() => {
  const options = { name: 'writer', entry: 'n1', pinned: false, reads: 'read-index', attemptTimeoutMs: 200, seed: 'c' };
  client = it.cluster.connect(options);
});

/** Writes 1, 2, 3 … until `work` is done; answers what it gave, and the last value that was acknowledged. */
async function writeDuring<T>(work: Promise<T>): Promise<{ readonly value: T; readonly acknowledged: number }> {
  let isDone = false;
  const finished = work.finally(() => (isDone = true));
  finished.catch(() => {});
  const goesOn = (): boolean => !isDone;
  let acknowledged = 0;
  for (let value = 1; goesOn(); value++) {
    const written = await client.invoke({ f: 'write', key: 'x', value }, 5000);
    if (written.kind === 'ok') acknowledged = value;
  }
  return { value: await finished, acknowledged };
}

async function expectRead(value: number): Promise<void> {
  expect(await client.invoke({ f: 'read', key: 'x', value: null }, 10_000)).toMatchObject({
    kind: 'ok',
    output: value,
  });
}

/** The voters as a node last told of them. */
function votersAt(id: string): readonly string[] {
  const last = it.probesOf(id).findLast((probe) => probe.kind === 'configuration');
  return last?.kind === 'configuration' ? last.voters : [];
}

const CHANGES: readonly (readonly [FaultAction, readonly string[]])[] = [
  [{ kind: 'addNode', node: 'm1' }, ['n1', 'n2', 'n3', 'm1']],
  [{ kind: 'removeNode', node: 'n1' }, ['n2', 'n3']],
  [{ kind: 'replaceNode', node: 'n1', by: 'm3' }, ['n2', 'n3', 'm3']],
];

test('under load nodes join, leave and take the place of others, and each change is committed and taken back', async () => {
  for (const [action, voters] of CHANGES) {
    const { value: injury, acknowledged } = await writeDuring(it.cluster.apply(action));
    expect(injury.evidence).toMatch(/committed after \d+ ms$/);
    expect(it.cluster.nodes()).toEqual(voters);
    expect(acknowledged).toBeGreaterThan(0);
    await expectRead(acknowledged);
    const undone = await writeDuring(injury.heal());
    expect(undone.value).toMatchObject({ effective: true });
    expect(it.cluster.nodes()).toEqual(['n1', 'n2', 'n3']);
    await expectRead(undone.acknowledged);
    expect(Object.keys(it.cluster.pids().nodes)).toEqual(['n1', 'n2', 'n3']);
    for (const id of ['n2', 'n3']) expect(votersAt(id).toSorted()).toEqual(['n1', 'n2', 'n3']);
  }
  expect(it.cluster.crashes).toEqual([]);
});

test('one after another all members are replaced, and clients find those that they were never told of', async () => {
  for (let value = 1; value <= 30; value++) await client.invoke({ f: 'write', key: 'y', value }, 5000);
  for (const nth of [1, 2, 3]) {
    await writeDuring(it.cluster.apply({ kind: 'replaceNode', node: `n${nth}`, by: `m${nth}` }));
  }
  for (const node of ['n1', 'n2', 'n3']) await it.cluster.apply({ kind: 'kill', node });
  // A newcomer that starts again finds its members in its own data.
  const killed = await it.cluster.apply({ kind: 'kill', node: 'm1' });
  expect(await killed.heal()).toMatchObject({ effective: true });
  expect(await client.invoke({ f: 'write', key: 'x', value: -1 }, 10_000)).toMatchObject({ kind: 'ok' });
  await expectRead(-1);
  expect(await client.invoke({ f: 'read', key: 'y', value: null }, 5000)).toMatchObject({ output: 30 });
  // Their logs began behind what a snapshot had cut off.
  expect(it.probesOf('m3').some((probe) => probe.kind === 'snapshot' && probe.installed)).toBe(true);
  expect(votersAt('m1').toSorted()).toEqual(['m1', 'm2', 'm3']);
});
