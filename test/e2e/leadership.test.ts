/** Leadership that is lost or handed over, on real processes. Time goes by events: nobody sleeps, and no client's own timeout comes near. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startProcessCluster, type ProcessCluster } from '../../src/cluster/process-cluster.ts';
import type { Client, NodeId, Probe } from '../../src/contract/index.ts';
import { ALL_RULES } from '../../src/raft/rules.ts';
import { dial } from '../../src/sockets/frame-socket.ts';
import { connectRaft } from '../../src/systems/raft/raft-client.ts';
import { decodeResponse, encodeRequest } from '../../src/wire/client-codec.ts';
import type { Response } from '../../src/wire/client-protocol.ts';

const FOREVER_MS = 60_000;

let folder: string;
let cluster: ProcessCluster;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'stalemate-leadership-'));
  cluster = await startProcessCluster({
    folder,
    nodes: 3,
    clusterId: 'leadership',
    electionTimeoutMs: [500, 1000],
    mutant: null,
    seed: 'leadership',
    epochNs: process.hrtime.bigint(),
    connect: (place, options) => connectRaft(place, options, ALL_RULES),
  });
});

afterEach(async () => {
  await cluster.stop();
  rmSync(folder, { recursive: true, force: true });
});

type RoleProbe = Extract<Probe, { kind: 'role' }>;

/** The next role probe that is wanted, the present ones included. */
function untilRole(wanted: (probe: RoleProbe) => boolean): Promise<RoleProbe> {
  return new Promise((resolve) => {
    const stop = cluster.watch((probe) => {
      if (probe.kind !== 'role' || !wanted(probe)) return;
      queueMicrotask(() => stop());
      resolve(probe);
    });
  });
}

const pinnedTo = (entry: NodeId, name: string, reads = 'read-index'): Client =>
  cluster.connect({ name, entry, pinned: true, reads, attemptTimeoutMs: FOREVER_MS, seed: 'leadership' });

test('who waits for a leader that is cut off is told when it steps down: a command is unknown, a read refused', async () => {
  const leader = await untilRole((probe) => probe.role === 'leader');
  const writer = pinnedTo(leader.node, 'writer');
  const reader = pinnedTo(leader.node, 'reader');
  expect(await writer.invoke({ f: 'write', key: 'x', value: 1 }, FOREVER_MS)).toMatchObject({ kind: 'ok' });
  expect(await reader.invoke({ f: 'read', key: 'x', value: null }, FOREVER_MS)).toMatchObject({ kind: 'ok' });
  const cuts = cluster.nodes().flatMap((node) =>
    node === leader.node
      ? []
      : [
          { from: leader.node, to: node },
          { from: node, to: leader.node },
        ],
  );
  const injury = await cluster.apply({ kind: 'link', cuts });
  const written = writer.invoke({ f: 'write', key: 'x', value: 2 }, FOREVER_MS);
  const read = reader.invoke({ f: 'read', key: 'x', value: null }, FOREVER_MS);
  await untilRole(({ node, role }) => node === leader.node && role !== 'leader');
  expect(await written).toMatchObject({ kind: 'unknown', error: 'lost-leadership' });
  expect(await read).toMatchObject({ kind: 'fail', error: 'not-leader' });
  await injury.heal();
});

/** One request to one node, and its answer. */
function ask(node: NodeId, target: NodeId): Promise<Response> {
  return new Promise((resolve, reject) => {
    const hello = { role: 'client', clusterId: cluster.place.clusterId, to: node } as const;
    const connection = dial(cluster.place.addresses[node]!, hello, {
      onAccepted: () => connection.send(encodeRequest({ kind: 'transferLeadership', attempt: 1, target })),
      onPayload: (payload) => {
        resolve(decodeResponse(payload));
        connection.drop('answered');
      },
      onClose: (reason) => reject(new Error(reason)),
    });
  });
}

test('a leader hands its leadership to the node that it is asked for; the new one serves, lease reads too', async () => {
  const before = await untilRole((probe) => probe.role === 'leader');
  const target = cluster.nodes().find((node) => node !== before.node)!;
  expect(await ask(target, before.node)).toMatchObject({ kind: 'refused', reason: 'not-leader' });
  expect(await ask(before.node, 'nobody')).toMatchObject({ kind: 'refused', reason: 'malformed' });
  expect(await ask(before.node, target)).toMatchObject({ kind: 'result', output: 'stepped-down' });
  const after = await untilRole(({ role, term }) => role === 'leader' && term > before.term);
  expect(after.node).toBe(target);
  const client = pinnedTo(target, 'after', 'lease');
  expect(await client.invoke({ f: 'write', key: 'x', value: 3 }, FOREVER_MS)).toMatchObject({ kind: 'ok' });
  expect(await client.invoke({ f: 'read', key: 'x', value: null }, FOREVER_MS)).toMatchObject({
    kind: 'ok',
    output: 3,
  });
});
