/** Every fault on real processes: it happens, its evidence says what it did, and the cluster gets over it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startProcessCluster, type ProcessCluster } from '../../src/cluster/process-cluster.ts';
import { poll } from '../../src/cluster/waiting.ts';
import type { Client, Completion, FaultAction, LinkTrouble } from '../../src/contract/index.ts';
import { rulesOf } from '../../src/raft/rules.ts';
import { connectRaft } from '../../src/systems/raft/raft-client.ts';

let folder: string;
let clients = 0;
const started: ProcessCluster[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'stalemate-faults-'));
});

afterEach(async () => {
  await Promise.all(started.splice(0).map((cluster) => cluster.stop()));
  rmSync(folder, { recursive: true, force: true });
});

async function startCluster(mutant: string | null = null): Promise<ProcessCluster> {
  const cluster = await startProcessCluster({
    folder,
    nodes: 3,
    clusterId: 'faults',
    electionTimeoutMs: [500, 1000],
    mutant,
    seed: 's',
    epochNs: process.hrtime.bigint(),
    connect: (place, options) => connectRaft(place, options, rulesOf(mutant)!),
  });
  started.push(cluster);
  return cluster;
}

function clientOf(cluster: ProcessCluster): Client {
  return cluster.connect({
    name: `client ${++clients}`,
    entry: 'n1',
    pinned: false,
    reads: 'read-index',
    attemptTimeoutMs: 300,
    seed: 'client',
  });
}

const write = (client: Client, value: number, timeoutMs = 10_000): Promise<Completion> =>
  client.invoke({ f: 'write', key: 'x', value }, timeoutMs);
const read = (client: Client): Promise<Completion> => client.invoke({ f: 'read', key: 'x', value: null }, 20_000);

/** Writes 1, 2, 3 … until `work` is done; answers the last value that was acknowledged. */
async function writeUntil(client: Client, work: Promise<unknown>): Promise<number> {
  let done = false;
  const finished = work.finally(() => (done = true));
  let acknowledged = 0;
  const isDone = (): boolean => done;
  for (let value = 1; !isDone(); value++) {
    if ((await write(client, value, 1000)).kind === 'ok') acknowledged = value;
  }
  await finished;
  return acknowledged;
}

async function fill(client: Client, key: string, work: Promise<unknown>): Promise<void> {
  let done = false;
  const finished = work.finally(() => (done = true));
  const isDone = (): boolean => done;
  while (!isDone()) await client.invoke({ f: 'write', key, value: 'v'.repeat(3000) }, 1000);
  await finished;
}

/** Does the harm, writes until it held for `ms`, and cures it. */
async function suffer(cluster: ProcessCluster, action: FaultAction, ms: number) {
  const client = clientOf(cluster);
  expect(await write(client, 0)).toMatchObject({ kind: 'ok' });
  const injury = await cluster.apply(action);
  const acknowledged = await writeUntil(client, cluster.sleep(ms));
  const healed = await injury.heal();
  expect(await write(client, -1)).toMatchObject({ kind: 'ok' });
  return { injury, acknowledged, healed };
}

interface Outage {
  /** Whether anything was lost: on a busy machine nothing may have been under way. */
  readonly effective: boolean;
  readonly acknowledged: number;
  readonly left: number;
}

/** Outages until so many were what is wanted; whoever needs too many is told. */
async function outages(
  cluster: ProcessCluster,
  count: number,
  isWanted: (one: Outage) => boolean,
): Promise<readonly Outage[]> {
  const all: Outage[] = [];
  for (let i = 0; all.filter(isWanted).length < count; i++) {
    expect(i).toBeLessThan(OUTAGES_MAX);
    all.push(await outage(cluster, `outage ${i}`));
  }
  return all;
}

/** Writes while everybody's disk is slow and then everybody's power goes; answers what was acknowledged and what is left. */
async function outage(cluster: ProcessCluster, seed: string): Promise<Outage> {
  const client = clientOf(cluster);
  expect(await write(client, 0)).toMatchObject({ kind: 'ok' });
  const loss = cluster.apply({ kind: 'powerLoss', nodes: cluster.nodes(), seed, syncDelayMs: 300 });
  // Others write several sectors at a time, so that there is mostly something to lose.
  const others = Array.from({ length: 4 }, (_, i) => fill(clientOf(cluster), `other ${i}`, loss));
  const acknowledged = await writeUntil(client, loss);
  await Promise.all(others);
  const { effective } = await (await loss).heal();
  const left = await read(client);
  expect(left.kind).toBe('ok');
  return { effective, acknowledged, left: left.kind === 'ok' ? (left.output as number) : Number.NaN };
}

const OUTAGES_MAX = 15;

describe('a power loss', () => {
  test('of every node takes acknowledged writes from a node that acknowledges before its fsync (M23)', async () => {
    const loses = ({ acknowledged, left }: Outage): boolean => acknowledged > 10 && left < acknowledged;
    await outages(await startCluster('M23'), 1, loses);
  });

  test('of every node takes nothing acknowledged from the correct one', async () => {
    const cluster = await startCluster();
    const all = await outages(cluster, 3, ({ effective }) => effective);
    for (const { acknowledged, left } of all) expect(left).toBeGreaterThanOrEqual(acknowledged);
    expect(cluster.crashes).toEqual([]);
  });

  test('reaches a paused node and one that was killed before, and each starts again when all faults have let go', async () => {
    const cluster = await startCluster();
    const client = clientOf(cluster);
    expect(await write(client, 1)).toMatchObject({ kind: 'ok' });
    const pause = await cluster.apply({ kind: 'pause', node: 'n1' });
    const kill = await cluster.apply({ kind: 'kill', node: 'n2' });
    const loss = await cluster.apply({ kind: 'powerLoss', nodes: ['n1', 'n2'], seed: 's', syncDelayMs: 0 });
    expect(loss.evidence).toMatch(/^n1 lost \d+ of \d+ unsynced sectors.*; n2 lost \d+ of \d+/);
    expect((await kill.heal()).evidence).toBe('was down until now; stays down for another fault');
    expect(Object.keys(cluster.pids().nodes)).toEqual(['n3']);
    expect(await pause.heal()).toMatchObject({ effective: false });
    await loss.heal();
    expect(Object.keys(cluster.pids().nodes)).toEqual(['n1', 'n2', 'n3']);
    expect(await read(client)).toMatchObject({ kind: 'ok', output: 1 });
    expect(cluster.crashes).toEqual([]);
  });

  test('that finds everything synced was no more than a kill, and says so', async () => {
    const cluster = await startCluster();
    const client = clientOf(cluster);
    expect(await write(client, 1)).toMatchObject({ kind: 'ok' });
    await cluster.sleep(300); // The idle log attests within 10 ms; nothing is written after that.
    const loss = await cluster.apply({ kind: 'powerLoss', nodes: ['n3'], seed: 's', syncDelayMs: 0 });
    expect(loss.evidence).toBe('n3 lost 0 of 0 unsynced sectors');
    expect(await loss.heal()).toMatchObject({ effective: false });
  });
});

describe('links', () => {
  const links = ['n2', 'n3'].flatMap((to) => [
    { from: 'n1', to },
    { from: to, to: 'n1' },
  ]);
  const disturb = (trouble: LinkTrouble): FaultAction => ({ kind: 'disturb', links, trouble });

  test('that are slow deliver late, and everything', async () => {
    const { injury, acknowledged, healed } = await suffer(
      await startCluster(),
      disturb({ kind: 'delay', delayMs: 30 }),
      800,
    );
    expect(injury.evidence).toBe('4 links 30 ms late at both ends');
    expect(acknowledged).toBeGreaterThan(2);
    expect(healed).toMatchObject({ effective: true });
    expect(healed.evidence).toMatch(/^[1-9]\d* delayed on [1-4] of 4 links$/);
  });

  test('that repeat themselves do no harm', async () => {
    const { acknowledged, healed } = await suffer(await startCluster(), disturb({ kind: 'duplicate' }), 800);
    expect(acknowledged).toBeGreaterThan(10);
    expect(healed).toMatchObject({ effective: true });
    expect(healed.evidence).toMatch(/^[1-9]\d* duplicated/);
  });

  test('that are reset again and again are dialled again and again', async () => {
    const { acknowledged, healed } = await suffer(await startCluster(), disturb({ kind: 'reset', everyMs: 60 }), 800);
    expect(acknowledged).toBeGreaterThan(2);
    expect(healed).toMatchObject({ effective: true });
    expect(healed.evidence).toMatch(/^([2-9]|\d\d+) resets/);
  });

  test('cut one way carry nothing that way, and everything the other', async () => {
    const cuts = ['n1', 'n2'].map((from) => ({ from, to: 'n3' }));
    const { healed } = await suffer(await startCluster(), { kind: 'link', cuts }, 1500);
    expect(healed).toMatchObject({ effective: true });
    expect(healed.evidence).toMatch(/^2 links silent, [1-9]\d* messages dropped$/);
  });
});

describe('disks', () => {
  test('that are slow hold every answer back', async () => {
    const cluster = await startCluster();
    const injuries = [];
    for (const node of cluster.nodes()) injuries.push(await cluster.apply({ kind: 'slowDisk', node, syncDelayMs: 80 }));
    const client = clientOf(cluster);
    const beganMs = performance.now();
    for (let value = 1; value <= 3; value++) expect(await write(client, value)).toMatchObject({ kind: 'ok' });
    expect(performance.now() - beganMs).toBeGreaterThan(3 * 80);
    const healed = await Promise.all(injuries.map((injury) => injury.heal()));
    expect(healed.filter(({ effective }) => effective).length).toBeGreaterThanOrEqual(2);
    expect(healed[0]!.evidence).toMatch(/fsyncs took 80 ms longer$/);
  });

  test('that are full end the node, which says why and starts again when there is room', async () => {
    const cluster = await startCluster();
    const { acknowledged, healed } = await suffer(cluster, { kind: 'diskFull', node: 'n2' }, 1500);
    expect(acknowledged).toBeGreaterThan(0);
    expect(healed).toMatchObject({ effective: true });
    expect(healed.evidence).toMatch(
      /^the node ended: ENOSPC: no space left on device, write; runs again as process \d+$/,
    );
    expect(cluster.crashes).toEqual([]);
  });

  test('that are full all at once stop every acknowledgement, and lose none', async () => {
    const cluster = await startCluster();
    const client = clientOf(cluster);
    expect(await write(client, 1)).toMatchObject({ kind: 'ok' });
    const injuries = [];
    for (const node of cluster.nodes()) injuries.push(await cluster.apply({ kind: 'diskFull', node }));
    expect(await write(client, 2, 1500)).not.toMatchObject({ kind: 'ok' });
    for (const injury of injuries) await injury.heal();
    expect(await read(client)).toMatchObject({ kind: 'ok' });
    expect(cluster.crashes).toEqual([]);
  });

  test('on which an attested bit flips are refused, with file and byte, and the node stays down', async () => {
    const cluster = await startCluster();
    const client = clientOf(cluster);
    for (let value = 1; value <= 20; value++) await write(client, value);
    const injury = await cluster.apply({ kind: 'bitFlip', node: 'n3', seed: 's', by: 'm1' });
    expect(injury.evidence).toMatch(
      /^bit \d of byte \d+ of log-\d{16}\.wal flipped; the node refuses to start: log-\d{16}\.wal is damaged at byte \d+$/,
    );
    expect(await write(client, 21)).toMatchObject({ kind: 'ok' });
    const healed = await injury.heal();
    expect(healed.effective).toBe(true);
    expect(healed.evidence).toMatch(
      /^refuses to start: log-\d{16}\.wal is damaged at byte \d+; m1 took its place, committed after \d+ ms$/,
    );
    expect(Object.keys(cluster.pids().nodes)).toEqual(['n1', 'n2', 'm1']);
    expect(cluster.nodes()).toEqual(['n1', 'n2', 'm1']);
    await cluster.apply({ kind: 'kill', node: 'n1' });
    expect(await read(client)).toMatchObject({ kind: 'ok', output: 21 });
    expect(cluster.crashes).toEqual([]);
  });

  test('that are lost as a whole are not taken for new ones: the node refuses, and another one takes its place', async () => {
    const cluster = await startCluster();
    const client = clientOf(cluster);
    for (let value = 1; value <= 5; value++) await write(client, value);
    const injury = await cluster.apply({ kind: 'wipe', node: 'n3', by: 'm1' });
    expect(injury.evidence).toMatch(
      /^[1-9]\d* files removed; the node refuses to start: the data folder of node n3 is empty$/,
    );
    expect(await write(client, 6)).toMatchObject({ kind: 'ok' });
    const healed = await injury.heal();
    expect(healed).toMatchObject({ effective: true });
    expect(healed.evidence).toMatch(/is empty; m1 took its place, committed after \d+ ms$/);
    expect(cluster.nodes()).toEqual(['n1', 'n2', 'm1']);
    await cluster.apply({ kind: 'kill', node: 'n1' });
    expect(await read(client)).toMatchObject({ kind: 'ok', output: 6 });
    expect(cluster.crashes).toEqual([]);
  });

  test('that are lost as a whole are taken for new ones by a node that rejoins with amnesia (M55)', async () => {
    const cluster = await startCluster('M55');
    expect(await write(clientOf(cluster), 1)).toMatchObject({ kind: 'ok' });
    const injury = await cluster.apply({ kind: 'wipe', node: 'n3', by: 'm1' });
    expect(injury.evidence).toMatch(/; the node STARTED IN SPITE OF IT$/);
    expect(await injury.heal()).toMatchObject({ effective: false });
  });
});

describe('clocks', () => {
  test('that go too fast or too slow are measured against the host', async () => {
    const cluster = await startCluster();
    for (const rate of [2, 0.5]) {
      const { healed } = await suffer(cluster, { kind: 'clock', node: 'n2', rate, jumpMs: 0 }, 500);
      expect(healed).toMatchObject({ effective: true });
      expect(healed.evidence).toMatch(
        rate === 2 ? /^the clock went at (1\.99|2\.00)/ : /^the clock went at 0\.(49|50)/,
      );
    }
  });

  test('that jump forward make a follower ask for votes, and nothing worse', async () => {
    const cluster = await startCluster();
    const { injury, healed } = await suffer(cluster, { kind: 'clock', node: 'n2', rate: 1, jumpMs: 5000 }, 300);
    expect(injury.evidence).toMatch(/^the clock is (4999|500\d) ms ahead$/);
    expect(healed).toMatchObject({ effective: true });
    expect(cluster.crashes).toEqual([]);
  });
});

test('a node that ends by itself while its disk is full, but for another reason, is a crash', async () => {
  const cluster = await startCluster();
  await cluster.sleep(300); // Nothing is written any more: it would find its disk full.
  const injury = await cluster.apply({ kind: 'diskFull', node: 'n2' });
  process.kill(cluster.pids().nodes['n2']!, 'SIGABRT');
  await poll(() => cluster.crashes[0], { everyMs: 10, timeoutMs: 5000 });
  expect(cluster.crashes).toMatchObject([{ node: 'n2', how: 'SIGABRT' }]);
  expect(await injury.heal()).toMatchObject({ effective: false });
});
