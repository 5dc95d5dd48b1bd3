/** Three etcd processes on loopback, started by hand in a folder of their own. */
import { join } from 'node:path';
import { setTimeout as sleepMs } from 'node:timers/promises';
import { execa } from 'execa';
import { reservePorts } from '../../../src/cluster/ports.ts';
import { leads } from './etcd-connection.ts';
import type { BenchCluster } from './bench-cluster.ts';

const MEMBERS = 3;
const READY_MS = 20_000;

/** Starts them, and waits until one leads. @param program the path of etcd, or its name */
export async function startEtcd(program: string, folder: string): Promise<BenchCluster> {
  const reservation = await reservePorts(2 * MEMBERS);
  const members = Array.from({ length: MEMBERS }, (_none, i) => ({
    name: `e${i + 1}`,
    client: `127.0.0.1:${reservation.ports[2 * i]!}`,
    peer: `127.0.0.1:${reservation.ports[2 * i + 1]!}`,
  }));
  const cluster = members.map(({ name, peer }) => `${name}=http://${peer}`).join();
  const processes = new Map<string, ReturnType<typeof launch>>();
  const start = ({ name, client, peer }: (typeof members)[number], state: 'new' | 'existing'): void => {
    const flags = {
      name,
      'data-dir': join(folder, name),
      'listen-client-urls': `http://${client}`,
      'advertise-client-urls': `http://${client}`,
      'listen-peer-urls': `http://${peer}`,
      'initial-advertise-peer-urls': `http://${peer}`,
      'initial-cluster': cluster,
      'initial-cluster-state': state,
      'log-level': 'error',
    };
    const child = launch(program, flags);
    processes.set(client, child);
  };
  for (const member of members) start(member, 'new');
  const leader = async (): Promise<string> => {
    for (const fromMs = performance.now(); performance.now() - fromMs < READY_MS; await sleepMs(20)) {
      for (const { client } of members) if ((await leads(client)) === true) return client;
    }
    throw new Error('etcd has no leader');
  };
  await leader();
  return {
    system: 'etcd',
    dataFolders: members.map(({ name }) => join(folder, name)),
    addresses: members.map(({ client }) => client),
    leader,
    identityOf: () => undefined,
    pids: () => [...processes.values()].flatMap(({ pid }) => pid ?? []),
    syncs: async () => {
      const counts = await Promise.all(members.map(({ client }) => syncsOf(client)));
      return counts.reduce((sum, count) => sum + count, 0);
    },
    kill: async (address) => {
      const child = processes.get(address)!;
      child.kill('SIGKILL');
      await child;
    },
    restart: (address) => {
      start(
        members.find(({ client }) => client === address)!,
        'existing',
      );
      return Promise.resolve();
    },
    stop: async () => {
      for (const child of processes.values()) child.kill('SIGKILL');
      await Promise.all(processes.values());
      reservation.release();
    },
  };
}

/** The log's fsyncs, and the commits of its database (each at least one fsync), as the member counts them itself. */
async function syncsOf(address: string): Promise<number> {
  const metrics = await (await fetch(`http://${address}/metrics`)).text();
  return [
    /^etcd_disk_wal_fsync_duration_seconds_count (\S+)$/m,
    /^etcd_disk_backend_commit_duration_seconds_count (\S+)$/m,
  ]
    .map((pattern) => Number(pattern.exec(metrics)?.[1]))
    .reduce((sum, count) => sum + count, 0);
}

function launch(program: string, flags: Readonly<Record<string, string>>) {
  const args = Object.entries(flags).map(([flag, value]) => `--${flag}=${value}`);
  return execa(program, args, { reject: false, stdio: 'ignore' });
}
