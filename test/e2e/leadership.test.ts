/** Leadership that is lost or handed over, on real processes. Time goes by events: nobody sleeps, and no client's own timeout comes near. */
import { expect, test } from 'vitest';
import { askNode } from '../../src/cluster/ask-node.ts';
import type { Client, NodeId } from '../../src/contract/index.ts';
import type { Response } from '../../src/wire/client-protocol.ts';
import { oneClusterEach, untilRole } from './one-cluster.ts';

const FOREVER_MS = 60_000;

const it = oneClusterEach('leadership', { electionTimeoutMs: [500, 1000] });

const pinnedTo = (entry: NodeId, name: string, reads = 'read-index'): Client =>
  it.cluster.connect({ name, entry, pinned: true, reads, attemptTimeoutMs: FOREVER_MS, seed: 'leadership' });

test('who waits for a leader that is cut off is told when it steps down: a command is unknown, a read refused', async () => {
  const leader = await untilRole(it.cluster, (probe) => probe.role === 'leader');
  const writer = pinnedTo(leader.node, 'writer');
  const reader = pinnedTo(leader.node, 'reader');
  expect(await writer.invoke({ f: 'write', key: 'x', value: 1 }, FOREVER_MS)).toMatchObject({ kind: 'ok' });
  expect(await reader.invoke({ f: 'read', key: 'x', value: null }, FOREVER_MS)).toMatchObject({ kind: 'ok' });
  const cuts = it.cluster.nodes().flatMap((node) =>
    node === leader.node
      ? []
      : [
          { from: leader.node, to: node },
          { from: node, to: leader.node },
        ],
  );
  const injury = await it.cluster.apply({ kind: 'link', cuts });
  const written = writer.invoke({ f: 'write', key: 'x', value: 2 }, FOREVER_MS);
  const read = reader.invoke({ f: 'read', key: 'x', value: null }, FOREVER_MS);
  await untilRole(it.cluster, ({ node, role }) => node === leader.node && role !== 'leader');
  expect(await written).toMatchObject({ kind: 'unknown', error: 'lost-leadership' });
  expect(await read).toMatchObject({ kind: 'fail', error: 'not-leader' });
  await injury.heal();
});

/** One request to one node, and its answer. */
function ask(node: NodeId, target: NodeId): Promise<Response | undefined> {
  return askNode(it.cluster.place, node, { kind: 'transferLeadership', attempt: 1, target });
}

test('a leader hands its leadership to the node that it is asked for; the new one serves, lease reads too', async () => {
  const before = await untilRole(it.cluster, (probe) => probe.role === 'leader');
  const target = it.cluster.nodes().find((node) => node !== before.node)!;
  expect(await ask(target, before.node)).toMatchObject({ kind: 'refused', reason: 'not-leader' });
  expect(await ask(before.node, 'nobody')).toMatchObject({ kind: 'refused', reason: 'malformed' });
  expect(await ask(before.node, target)).toMatchObject({ kind: 'result', output: 'stepped-down' });
  const after = await untilRole(it.cluster, ({ role, term }) => role === 'leader' && term > before.term);
  expect(after.node).toBe(target);
  const client = pinnedTo(target, 'after', 'lease');
  expect(await client.invoke({ f: 'write', key: 'x', value: 3 }, FOREVER_MS)).toMatchObject({ kind: 'ok' });
  expect(await client.invoke({ f: 'read', key: 'x', value: null }, FOREVER_MS)).toMatchObject({
    kind: 'ok',
    output: 3,
  });
});
