/** The process cluster, on real processes: it serves, it suffers what it is told to, and it leaves nothing behind. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startProcessCluster, type ProcessCluster } from '../../src/cluster/process-cluster.ts';
import { isAlive, processState } from '../../src/cluster/process-state.ts';
import { poll } from '../../src/cluster/waiting.ts';
import type { Client, Completion, Crash, Injury, NodeId } from '../../src/contract/index.ts';
import { ALL_RULES } from '../../src/raft/rules.ts';
import { dial } from '../../src/sockets/frame-socket.ts';
import { connectRaft } from '../../src/systems/raft/raft-client.ts';
import { type RoleProbe, untilRole } from './one-cluster.ts';

let folder: string;
const started: ProcessCluster[] = [];
const children: ChildProcess[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'stalemate-cluster-'));
});

afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  await Promise.all(started.splice(0).map((cluster) => cluster.stop()));
  rmSync(folder, { recursive: true, force: true });
});

async function startCluster(nodes: number, options: { name?: string; onCrash?: (crash: Crash) => void } = {}) {
  const { name = 'a', onCrash } = options;
  const cluster = await startProcessCluster({
    folder: join(folder, name),
    nodes,
    clusterId: `test-${name}`,
    electionTimeoutMs: [500, 1000],
    mutant: null,
    seed: name,
    epochNs: process.hrtime.bigint(),
    connect: (place, clientOptions) => connectRaft(place, clientOptions, ALL_RULES),
    ...(onCrash === undefined ? {} : { onCrash }),
  });
  started.push(cluster);
  return cluster;
}

function clientOf(cluster: ProcessCluster, entry: NodeId, how: { pinned?: boolean; reads?: string } = {}): Client {
  const { pinned = false, reads = 'read-index' } = how;
  return cluster.connect({ name: `client of ${entry}`, entry, pinned, reads, attemptTimeoutMs: 300, seed: 'client' });
}

const write = (client: Client, value: number): Promise<Completion> =>
  client.invoke({ f: 'write', key: 'x', value }, 10_000);
const read = (client: Client): Promise<Completion> => client.invoke({ f: 'read', key: 'x', value: null }, 10_000);

const leaderOf = (cluster: ProcessCluster): Promise<RoleProbe> =>
  untilRole(cluster, (probe) => probe.role === 'leader');

async function isolate(cluster: ProcessCluster, node: NodeId): Promise<Injury> {
  const others = cluster.nodes().filter((it) => it !== node);
  const cuts = others.flatMap((other) => [
    { from: node, to: other },
    { from: other, to: node },
  ]);
  return cluster.apply({ kind: 'link', cuts });
}

test('three nodes serve reads, writes and cas, whichever node a client enters by', async () => {
  const cluster = await startCluster(3);
  const clients = cluster.nodes().map((node) => clientOf(cluster, node));
  for (const [i, client] of clients.entries()) {
    expect(await write(client, i)).toMatchObject({ kind: 'ok' });
    for (const other of clients) expect(await read(other)).toMatchObject({ kind: 'ok', output: i });
  }
  const swap = await clients[1]!.invoke({ f: 'cas', key: 'x', value: [2, 7] }, 5000);
  const late = await clients[2]!.invoke({ f: 'cas', key: 'x', value: [2, 8] }, 5000);
  expect([swap.kind, late]).toMatchObject(['ok', { kind: 'fail', error: 'mismatch' }]);
  expect(await read(clients[0]!)).toMatchObject({ output: 7 });
  expect(cluster.crashes).toEqual([]);
});

test('after kill -9 of the leader another one leads, an acknowledged write is there, and the old one comes back', async () => {
  const cluster = await startCluster(3);
  const before = await leaderOf(cluster);
  const follower = cluster.nodes().find((node) => node !== before.node)!;
  const client = clientOf(cluster, follower);
  expect(await write(client, 1)).toMatchObject({ kind: 'ok' });

  const injury = await cluster.apply({ kind: 'kill', node: before.node });
  expect(injury.evidence).toContain('is gone');
  const after = await untilRole(cluster, (probe) => probe.role === 'leader' && probe.term > before.term);
  expect(after.node).not.toBe(before.node);
  expect(await read(client)).toMatchObject({ kind: 'ok', output: 1 });
  await expect(cluster.apply({ kind: 'kill', node: before.node })).rejects.toThrow('already down');

  const healed = await injury.heal();
  expect(healed.effective).toBe(true);
  expect(await injury.heal()).toBe(healed);
  const local = clientOf(cluster, before.node, { pinned: true, reads: 'local' });
  const caughtUp = await poll(
    async () => {
      const answer = await read(local);
      return answer.kind === 'ok' && answer.output === 1 ? answer.from?.node : undefined;
    },
    { everyMs: 20, timeoutMs: 10_000 },
  );
  expect(caughtUp).toBe(before.node);
  // The roles that the nodes told the controller stand in their probe files, which survive SIGKILL.
  const probes = readFileSync(join(folder, 'a', 'nodes', before.node, 'probes.jsonl'), 'utf8');
  expect(probes.split('\n').filter((line) => line.includes('"kind":"start"'))).toHaveLength(2);
  expect(probes).toContain(`"role":"leader","term":${before.term}`);
});

test('a paused node is in state T until it is healed, and then answers', async () => {
  const cluster = await startCluster(3);
  const { node } = await untilRole(cluster, (probe) => probe.role === 'follower');
  const pid = cluster.pids().nodes[node]!;
  const injury = await cluster.apply({ kind: 'pause', node });
  expect(injury.evidence).toContain('state T');
  expect(processState(pid)?.code).toBe('T');
  const witness = clientOf(cluster, node, { pinned: true, reads: 'local' });
  expect(await witness.invoke({ f: 'read', key: 'x', value: null }, 500)).toMatchObject({ kind: 'unknown' });

  expect(await injury.heal()).toMatchObject({ effective: true });
  expect(processState(pid)?.code).not.toBe('T');
  expect(await read(witness)).toMatchObject({ kind: 'ok', from: { node } });
});

test('a node that is killed while it is paused was not paused until the heal', async () => {
  const cluster = await startCluster(3);
  const pause = await cluster.apply({ kind: 'pause', node: 'n1' });
  const kill = await cluster.apply({ kind: 'kill', node: 'n1' });
  expect(await pause.heal()).toMatchObject({ effective: false });
  expect(await kill.heal()).toMatchObject({ effective: true });
});

test('a partition of the leader is silent at both ends, lets the others go on, and heals', async () => {
  const cluster = await startCluster(3);
  const before = await leaderOf(cluster);
  const partition = await isolate(cluster, before.node);
  expect(partition.evidence).toBe('4 links filtered at both ends');
  const after = await untilRole(cluster, (probe) => probe.role === 'leader' && probe.term > before.term);
  const client = clientOf(cluster, after.node);
  expect(await write(client, 5)).toMatchObject({ kind: 'ok' });

  const healed = await partition.heal();
  expect(healed.evidence).toMatch(/^4 links silent, [1-9]\d* messages dropped$/);
  expect(healed.effective).toBe(true);
  await untilRole(
    cluster,
    (probe) => probe.node === before.node && probe.role === 'follower' && probe.leader === after.node,
  );
});

test('a link cut by two faults is whole only when both are healed, and a restarted node is cut off from its first moment', async () => {
  const cluster = await startCluster(3);
  const { node } = await untilRole(cluster, (probe) => probe.role === 'follower');
  const first = await isolate(cluster, node);
  const second = await isolate(cluster, node);
  // Whoever is cut off asks for votes in vain: both sides have tried to speak.
  await untilRole(cluster, (probe) => probe.node === node && probe.role === 'pre-candidate');
  const kill = await cluster.apply({ kind: 'kill', node });
  expect(await first.heal()).toMatchObject({ effective: true });
  const deadUntilNs = cluster.now();
  expect(await kill.heal()).toMatchObject({ effective: true });
  await untilRole(
    cluster,
    (probe) => probe.node === node && probe.role === 'pre-candidate' && probe.time > deadUntilNs,
  );
  expect(await second.heal()).toMatchObject({ effective: true });
  await untilRole(cluster, (probe) => probe.node === node && probe.role === 'follower' && probe.leader !== null);
});

test('a link that is cut while its node starts again is cut from then on', async () => {
  const cluster = await startCluster(3);
  const kill = await cluster.apply({ kind: 'kill', node: 'n2' });
  const healed = kill.heal();
  const cut = await cluster.apply({
    kind: 'link',
    cuts: [
      { from: 'n1', to: 'n2' },
      { from: 'n2', to: 'n1' },
    ],
  });
  expect(cut.evidence).toMatch(/except at n2 \(starting\)/);
  expect((await healed).effective).toBe(true);
  // The filter is in force when a restart has healed; from then on something is tried in vain and nothing passes.
  await untilRole(cluster, ({ node, leader }) => node === 'n3' && leader !== null);
  await cluster.sleep(1000); // Longer than any heartbeat or dial.
  expect(await cut.heal()).toMatchObject({ effective: true });
}, 60_000);

test('a malformed frame ends its own connection and nothing else', async () => {
  const cluster = await startCluster(1);
  const client = clientOf(cluster, 'n1');
  expect(await write(client, 1)).toMatchObject({ kind: 'ok' });
  const { clusterId, addresses } = cluster.place;
  const [host, port] = addresses['n1']!.split(':');

  const noise = connect({ host: host!, port: Number(port) });
  noise.on('error', () => {});
  noise.write('GET / HTTP/1.1\r\n\r\n');
  await new Promise((resolve) => noise.on('close', resolve));
  for (const role of ['client', 'control'] as const) {
    // Resolves when the node hangs up.
    await new Promise((resolve) => {
      const connection = dial(
        addresses['n1']!,
        { role, clusterId, to: 'n1' },
        {
          onAccepted: () => connection.send(Buffer.from('{"kind":"nonsense"}')),
          onPayload: () => {},
          onClose: resolve,
        },
      );
    });
  }

  expect(await write(client, 2)).toMatchObject({ kind: 'ok' });
  expect(cluster.crashes).toEqual([]);
});

test('two clusters at a time have different ports and keep out of each other', async () => {
  const [a, b] = await Promise.all([startCluster(1, { name: 'a' }), startCluster(1, { name: 'b' })]);
  expect(a.place.addresses['n1']).not.toBe(b.place.addresses['n1']);
  const stray = connectRaft(
    { ...b.place, clusterId: a.place.clusterId },
    { name: 'stray', entry: 'n1', pinned: true, reads: 'read-index', attemptTimeoutMs: 100, seed: 's' },
    ALL_RULES,
  );
  expect(await stray.invoke({ f: 'read', key: 'x', value: null }, 300)).not.toMatchObject({ kind: 'ok' });
  await stray.close();
});

test('a node that ends by itself is reported with the end of its output', async () => {
  const crashes: Crash[] = [];
  const cluster = await startCluster(3, { onCrash: (crash) => crashes.push(crash) });
  process.kill(cluster.pids().nodes['n3']!, 'SIGABRT');
  await poll(() => (crashes.length > 0 ? true : undefined), { everyMs: 10, timeoutMs: 5000 });
  expect(crashes).toMatchObject([{ node: 'n3', how: 'SIGABRT' }]);
  expect(crashes[0]!.output).toContain('"ready":"n3"');
  expect(cluster.crashes).toEqual(crashes);
});

test('a cluster that cannot start says why and leaves nothing behind', async () => {
  await startCluster(1).then((cluster) => cluster.stop());
  // The data of another cluster lies in the folder.
  const foreign = startProcessCluster({
    folder: join(folder, 'a'),
    nodes: 1,
    clusterId: 'another',
    electionTimeoutMs: [500, 1000],
    mutant: null,
    seed: 'a',
    epochNs: process.hrtime.bigint(),
    connect: (place, options) => connectRaft(place, options, ALL_RULES),
  });
  await expect(foreign).rejects.toThrow(/n1 did not start: .*test-a/s);
});

test('kill -9 of the controller while a node is stopped leaves no node and no guard', async () => {
  const program = new URL('../programs/controller.ts', import.meta.url).pathname;
  const controller = spawn(process.execPath, ['--import', 'tsx', program, folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(controller);
  const [line] = (await Promise.race([once(controller.stdout, 'data'), once(controller, 'exit')])) as [Buffer];
  const { nodes, guard } = JSON.parse(line.toString()) as ReturnType<ProcessCluster['pids']>;
  const alive = [...Object.values(nodes), guard].map((pid) => ({ pid, startTime: processState(pid)!.startTime }));
  expect(alive).toHaveLength(4);
  expect(processState(nodes['n2']!)?.code).toBe('T');

  controller.kill('SIGKILL');

  const left = (): typeof alive => alive.filter(({ pid, startTime }) => isAlive(pid, startTime));
  await poll(() => (left().length === 0 ? true : undefined), { everyMs: 20, timeoutMs: 5000 });
  expect(left()).toEqual([]);
});
