/** Where the nodes of a system that is not ours are: ports on 127.0.0.1 that nobody else gets while the run goes on, and folders. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { NodeId } from '../contract/names.ts';
import type { Endpoint, Place, ProcessSystem, StartOptions } from '../contract/system.ts';
import { addressOf } from './hosts.ts';
import type { Guarded } from './link-proxies.ts';
import { reservePorts } from './ports.ts';

export interface ForeignPlace {
  readonly place: Place;
  /** The proxies that the place tells of; none where links stay whole. */
  readonly guarded: readonly Guarded[];
  /** The nodes are on hosts of their own, where clients reach these ports. */
  readonly hasHosts: boolean;
  readonly clientPortsOf: (node: NodeId) => readonly number[];
  /** Gives the ports back. */
  readonly release: () => void;
}

const HOST = '127.0.0.1';

/** Reserves a port for each of a node's, and one for each proxy where links are to be cut. */
export async function makePlace(
  { plan, clusterId, folder }: StartOptions,
  system: ProcessSystem,
  how: { readonly program: Place['program']; readonly links: 'proxies' | 'hosts' | 'whole' },
): Promise<ForeignPlace> {
  const nodes = Array.from({ length: plan.nodes }, (_, i) => `n${i + 1}`);
  const names = Object.keys(system.ports);
  const slots = nodes.flatMap((node) => names.map((name) => ({ node, name })));
  const behind = how.links === 'proxies' ? slots.filter(({ name }) => system.ports[name] === 'peers') : [];
  const reservation = await reservePorts(slots.length + behind.length);
  const { ports } = reservation;
  const at = (node: NodeId, name: string, among: typeof slots): number =>
    among.findIndex((slot) => slot.node === node && slot.name === name);
  const hasHosts = how.links === 'hosts';
  const hostOf = (node: NodeId, name: string): string =>
    hasHosts && system.ports[name] === 'peers' ? addressOf(nodes.indexOf(node)) : HOST;
  const listen = (node: NodeId, name: string): Endpoint => ({
    host: hostOf(node, name),
    port: ports[at(node, name, slots)]!,
  });
  const reach = (node: NodeId, name: string): Endpoint => {
    const proxy = at(node, name, behind);
    return proxy === -1 ? listen(node, name) : { host: HOST, port: ports[slots.length + proxy]! };
  };
  const data = (node: NodeId): string => join(folder, 'nodes', node, 'data');
  for (const node of nodes) mkdirSync(data(node), { recursive: true });
  return {
    place: { clusterId, nodes, seed: plan.seed, program: how.program, listen, reach, data },
    guarded: behind.map(({ node, name }) => ({ node, proxy: reach(node, name), target: listen(node, name) })),
    hasHosts,
    clientPortsOf: (node) =>
      names.filter((name) => system.ports[name] === 'clients').map((name) => listen(node, name).port),
    release: () => reservation.release(),
  };
}
