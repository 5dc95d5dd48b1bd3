/** The bundled node, three times, as it ships: built, started by the controller's own code. */
import { join } from 'node:path';
import { setTimeout as sleepMs } from 'node:timers/promises';
import type * as Clusters from '../../../src/cluster/process-cluster.ts';
import type * as Links from '../../../src/cluster/control-link.ts';
import type * as Clients from '../../../src/systems/raft/raft-client.ts';
import type * as Rules from '../../../src/raft/rules.ts';
import type { BenchCluster } from './bench-cluster.ts';

const BUILT = new URL('../../../dist/src/', import.meta.url);
const READY_MS = 20_000;

/** Starts them, and waits until they serve. Election timeouts are the defaults of `stalemate run`: 150-300 ms. */
export async function startStalemate(folder: string): Promise<BenchCluster> {
  const built = async <T>(path: string): Promise<T> => (await import(new URL(path, BUILT).href)) as T;
  const { startProcessCluster } = await built<typeof Clusters>('cluster/process-cluster.js');
  const { connectRaft } = await built<typeof Clients>('systems/raft/raft-client.js');
  const { ControlLink } = await built<typeof Links>('cluster/control-link.js');
  const { ALL_RULES } = await built<typeof Rules>('raft/rules.js');
  const cluster = await startProcessCluster({
    folder: join(folder, 'stalemate'),
    nodes: 3,
    clusterId: 'bench',
    electionTimeoutMs: [150, 300],
    mutant: null,
    undoJournals: false,
    seed: 'bench',
    epochNs: process.hrtime.bigint(),
    connect: (place, options) => connectRaft(place, options, ALL_RULES),
  });
  const { addresses } = cluster.place;
  const nodeAt = (address: string): string => cluster.nodes().find((node) => addresses[node] === address)!;
  const leading = new Map<string, number>();
  cluster.watch((probe) => {
    if (probe.kind !== 'role') return;
    if (probe.role === 'leader') leading.set(probe.node, probe.term);
    else leading.delete(probe.node);
  });
  const injuries = new Map<string, Awaited<ReturnType<typeof cluster.apply>>>();
  // They stay open: a node whose controller hangs up ends.
  const links: Links.ControlLink[] = [];
  return {
    system: 'stalemate',
    dataFolders: cluster.nodes().map((node) => join(folder, 'stalemate', 'nodes', node, 'data')),
    addresses: Object.values(addresses),
    leader: async () => {
      for (const fromMs = performance.now(); performance.now() - fromMs < READY_MS; await sleepMs(20)) {
        const [newest] = [...leading].sort(([, a], [, b]) => b - a);
        if (newest !== undefined) return addresses[newest[0]]!;
      }
      throw new Error('no node leads');
    },
    identityOf: (address) => ({ clusterId: 'bench', node: nodeAt(address) }),
    pids: () => Object.values(cluster.pids().nodes),
    syncs: async () => {
      if (links.length === 0) {
        for (const node of cluster.nodes()) {
          const link = new ControlLink(() => undefined);
          await link.connect({ address: addresses[node]!, clusterId: 'bench', node });
          links.push(link);
        }
      }
      const statuses = await Promise.all(links.map((link) => link.status()));
      return statuses.reduce((sum, { syncs }) => sum + syncs, 0);
    },
    kill: async (address) => {
      const node = nodeAt(address);
      injuries.set(address, await cluster.apply({ kind: 'kill', node }));
      leading.delete(node);
    },
    restart: async (address) => {
      await injuries.get(address)!.heal();
    },
    stop: () => cluster.stop(),
  };
}
