/** Throws hostile bytes at every port of a cluster of real processes, and says what went wrong. */
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import type { ProcessCluster } from '../../src/cluster/process-cluster.ts';
import { drawAttack, type Attack } from './hostile.ts';

export interface Outcome {
  /** Frames sent, by what was owed and by kind. */
  readonly counts: Readonly<Record<string, number>>;
  readonly sent: number;
  /** Valid orders and lies that were drawn and not sent. */
  readonly spared: number;
  readonly closedByNode: number;
  readonly maxRssMb: number;
  readonly problems: readonly string[];
}

const AT_ONCE = 24;
const CLOSE_WITHIN_MS = 10_000;
const HALF_SENT_MS = 30;

/** Sends `frames` of them, to each node in turn. */
export async function assault(cluster: ProcessCluster, seed: string, frames: number): Promise<Outcome> {
  const { clusterId, addresses } = cluster.place;
  const nodes = cluster.nodes();
  const counts: Record<string, number> = {};
  const problems: string[] = [];
  let [nth, sent, spared, closedByNode, maxRssMb] = [0, 0, 0, 0, 0];
  const worker = async (): Promise<void> => {
    while (sent < frames) {
      const number = nth++;
      const node = nodes[number % nodes.length]!;
      const attack = drawAttack(seed, number, { clusterId, node });
      if (attack.owed === 'spared') {
        spared++;
        continue;
      }
      sent += attack.frames;
      counts[`${attack.about}, ${attack.owed}`] = (counts[`${attack.about}, ${attack.owed}`] ?? 0) + attack.frames;
      const isClosed = await strike(addresses[node]!, attack);
      if (isClosed) closedByNode++;
      else if (attack.owed === 'closed') problems.push(`attack ${number} on ${node} (${attack.about}): not closed`);
      if (number % 500 === 0) maxRssMb = Math.max(maxRssMb, ...rssOf(cluster));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  maxRssMb = Math.max(maxRssMb, ...rssOf(cluster));
  problems.push(...cluster.crashes.map(({ node, how, output }) => `${node} ended with ${how}: ${output}`));
  return { counts, sent, spared, closedByNode, maxRssMb, problems };
}

/** Whether the node ended the connection. Where it owes nothing the caller hangs up by itself. */
function strike(address: string, { chunks, owed }: Attack): Promise<boolean> {
  const [host, port] = address.split(':');
  return new Promise((resolve) => {
    const socket = connect({ host: host!, port: Number(port) });
    const end = (isClosed: boolean): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(isClosed);
    };
    const timer = setTimeout(() => end(false), owed === 'closed' ? CLOSE_WITHIN_MS : HALF_SENT_MS);
    socket.on('close', () => end(true));
    socket.on('end', () => end(true));
    socket.on('error', () => end(true));
    socket.on('data', () => {});
    socket.setNoDelay(true);
    for (const chunk of chunks) socket.write(chunk);
  });
}

/** Resident memory of each node. */
export function rssOf(cluster: ProcessCluster): readonly number[] {
  return Object.values(cluster.pids().nodes).map((pid) => {
    const [, kilobytes] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return Number(kilobytes) / 1024;
  });
}
