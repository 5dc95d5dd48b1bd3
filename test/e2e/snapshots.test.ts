/** Snapshots on real processes and files: logs stay short, a node that was away is sent one, and everything is there afterwards. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startProcessCluster, type ProcessCluster } from '../../src/cluster/process-cluster.ts';
import { poll } from '../../src/cluster/waiting.ts';
import type { NodeId, Probe } from '../../src/contract/index.ts';
import { Invariants } from '../../src/invariants/index.ts';
import { ALL_RULES } from '../../src/raft/rules.ts';
import { connectRaft } from '../../src/systems/raft/raft-client.ts';

let folder: string;
let cluster: ProcessCluster | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'stalemate-snapshots-'));
});

afterEach(async () => {
  await cluster?.stop();
  cluster = undefined;
  rmSync(folder, { recursive: true, force: true });
});

function probesOf(node: NodeId): Probe[] {
  const text = readFileSync(join(folder, 'nodes', node, 'probes.jsonl'), 'utf8');
  const whole = text.slice(0, text.lastIndexOf('\n') + 1).trimEnd();
  return whole.split('\n').map((line) => JSON.parse(line) as Probe);
}

const hasInstalled = (node: NodeId): boolean => probesOf(node).some((it) => it.kind === 'snapshot' && it.installed);
const snapshotFiles = (node: NodeId): readonly string[] =>
  readdirSync(join(folder, 'nodes', node, 'data')).filter((name) => name.endsWith('.snap'));

async function writeAll(running: ProcessCluster, entry: NodeId, values: readonly number[]): Promise<void> {
  const client = running.connect({
    name: `writer of ${values[0]}`,
    entry,
    pinned: false,
    reads: 'read-index',
    attemptTimeoutMs: 300,
    seed: 'w',
  });
  for (const value of values) {
    expect(await client.invoke({ f: 'write', key: `k${value}`, value }, 10_000)).toMatchObject({ kind: 'ok' });
  }
}

const upTo = (last: number, first = 1): number[] => Array.from({ length: last - first + 1 }, (_, i) => first + i);

test('a node killed for long is sent a snapshot, and after a restart of every node all values are there', async () => {
  cluster = await startProcessCluster({
    folder,
    nodes: 3,
    clusterId: 'snapshots',
    electionTimeoutMs: [500, 1000],
    mutant: null,
    seed: 's',
    snapshotEntries: 40,
    epochNs: process.hrtime.bigint(),
    connect: (place, options) => connectRaft(place, options, ALL_RULES),
  });
  const [n1, n2, n3] = cluster.nodes() as [NodeId, NodeId, NodeId];
  await writeAll(cluster, n1, upTo(10));
  const away = await cluster.apply({ kind: 'kill', node: n3 });
  await writeAll(cluster, n1, upTo(200, 11));
  await away.heal();
  const installed = await poll(() => hasInstalled(n3) || undefined, { everyMs: 50, timeoutMs: 20_000 });
  expect(installed).toBe(true);
  for (const node of [n1, n2, n3]) {
    const down = await cluster.apply({ kind: 'kill', node });
    await down.heal();
  }
  const client = cluster.connect({
    name: 'reader',
    entry: n3,
    pinned: false,
    reads: 'read-index',
    attemptTimeoutMs: 300,
    seed: 'r',
  });
  for (const value of upTo(200)) {
    expect(await client.invoke({ f: 'read', key: `k${value}`, value: null }, 10_000)).toMatchObject({ output: value });
  }
  expect(cluster.crashes).toEqual([]);
  expect([n1, n2].map((node) => snapshotFiles(node).length)).toEqual([1, 1]);
  const invariants = new Invariants();
  const probes = [n1, n2, n3].flatMap(probesOf).toSorted((a, b) => a.time - b.time);
  for (const probe of probes) invariants.observe(probe);
  expect(invariants.broken).toEqual([]);
  expect(probes.filter((probe) => probe.kind === 'snapshot').length).toBeGreaterThan(8);
}, 60_000);
