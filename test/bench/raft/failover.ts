/**
 * How long writes are gone after `kill -9` of the leader: from the kill to the first write, begun after it, that anybody
 * acknowledged. A new attempt goes to every member that is left each 10 ms, whatever became of those before.
 */
import { setTimeout as sleepMs } from 'node:timers/promises';
import { connectEtcd } from './etcd-connection.ts';
import type { BenchCluster } from './bench-cluster.ts';
import type { LoaderTask } from './loader-task.ts';
import { connectStalemate } from './stalemate-connection.ts';

const EVERY_MS = 10;
const GIVE_UP_MS = 30_000;
/** After the killed member is back, before the next one is killed. */
const SETTLE_MS = 1500;

/** Milliseconds, once for each kill. */
export async function failoverMs(cluster: BenchCluster, kills: number): Promise<readonly number[]> {
  const gone: number[] = [];
  for (let i = 0; i < kills; i++) {
    const leader = await cluster.leader();
    const left = cluster.addresses.filter((address) => address !== leader);
    await cluster.kill(leader);
    gone.push(await untilWritten(cluster, left));
    await cluster.restart(leader);
    await sleepMs(SETTLE_MS);
  }
  return gone;
}

async function untilWritten(cluster: BenchCluster, addresses: readonly string[]): Promise<number> {
  const fromMs = performance.now();
  let writtenMs: number | undefined;
  const attempts: Promise<void>[] = [];
  while (writtenMs === undefined) {
    if (performance.now() - fromMs > GIVE_UP_MS) throw new Error('no write was acknowledged');
    for (const address of addresses) {
      const attempt = write(cluster, address).then((isDone) => {
        if (isDone) writtenMs ??= performance.now() - fromMs;
      });
      attempts.push(attempt);
    }
    await sleepMs(EVERY_MS);
  }
  await Promise.all(attempts);
  return writtenMs;
}

/** Whether a write was acknowledged there. Of the bundled node the opening of a session is one: an entry of the log. */
async function write(cluster: BenchCluster, leader: string): Promise<boolean> {
  const { system } = cluster;
  const connect = system === 'etcd' ? connectEtcd : connectStalemate;
  const task: LoaderTask = { ...NO_LOAD, system, leader, identity: cluster.identityOf(leader) };
  const connection = await connect(task).catch(() => undefined);
  if (connection === undefined) return false;
  try {
    const client = await connection.client();
    return system === 'stalemate' || (await client.put(0, 0));
  } catch {
    return false;
  } finally {
    connection.close();
  }
}

const NO_LOAD = {
  kind: 'put',
  clients: 1,
  connections: 1,
  history: null,
  keys: 1,
  valueBytes: 8,
  warmUpMs: 0,
  measureMs: 0,
} as const;
