/**
 * Links that can be cut between nodes of a system that is not ours: each port on which a node hears its peers has a proxy before it, and the nodes
 * are told the proxies' addresses. A proxy knows by the kernel which node opened a connection, so that one address a node is enough: systems that
 * agree on the addresses of their members (etcd hashes them) would not have it otherwise.
 */
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { StalemateError } from '../base/errors.ts';
import type { Cut, Injury, LinkTrouble } from '../contract/fault.ts';
import type { NodeId } from '../contract/names.ts';
import type { Endpoint } from '../contract/system.ts';
import { injury } from '../faults/index.ts';
import { LinkState, type LinkCounts } from './link-state.ts';
import { ProxiedConnection } from './proxied-connection.ts';
import { ownerOf } from './socket-owner.ts';

/** One proxy: before that port of that node. */
export interface Guarded {
  readonly node: NodeId;
  /** Where it listens. */
  readonly proxy: Endpoint;
  /** Where the node does. */
  readonly target: Endpoint;
}

export interface LinkProxiesOptions {
  readonly guarded: readonly Guarded[];
  /** The processes that each node is, at this moment; where it is to be `quick` one may be left out. */
  readonly pids: (how: 'all' | 'quick') => Iterable<readonly [node: NodeId, pids: readonly number[]]>;
}

export class LinkProxies {
  readonly #options: LinkProxiesOptions;
  /** What the links suffer now, and what was seen on them. */
  readonly links: LinkState = new LinkState();
  readonly #servers: Server[] = [];
  readonly #connections = new Set<ProxiedConnection>();

  constructor(options: LinkProxiesOptions) {
    this.#options = options;
  }

  /** Resolves when all of them listen. */
  async start(): Promise<void> {
    for (const guarded of this.#options.guarded) {
      const server = createServer({ allowHalfOpen: true, noDelay: true }, (accepted) =>
        this.#onConnection(guarded, accepted),
      );
      this.#servers.push(server);
      server.listen({ ...guarded.proxy, exclusive: true });
      await once(server, 'listening');
    }
  }

  /** Loses everything on these links. */
  cut(cuts: readonly Cut[]): Injury {
    const restore = this.links.cut(cuts);
    const before = this.#read(cuts);
    return injury(endsOf(cuts), `${cuts.length} links cut in their proxies`, async () => {
      const growth = growthOf(before, this.#read(cuts));
      restore();
      for (const connection of this.#connections) connection.onHealed();
      const evidence =
        growth.passed === 0
          ? `${cuts.length} links silent, ${growth.dropped} pieces of data and connections lost`
          : `not silent: ${growth.passed} bytes passed`;
      return { effective: growth.passed === 0 && growth.dropped > 0, evidence };
    });
  }

  /** Makes these links late or short-lived. */
  disturb(links: readonly Cut[], trouble: LinkTrouble): Injury {
    if (trouble.kind === 'duplicate') throw new StalemateError('failed', 'a TCP stream delivers nothing twice');
    const undo = trouble.kind === 'delay' ? this.links.delay(links, trouble) : this.#resetEvery(links, trouble.everyMs);
    const before = this.#read(links);
    const words = trouble.kind === 'delay' ? `${trouble.delayMs} ms late` : `reset every ${trouble.everyMs} ms`;
    return injury(endsOf(links), `${links.length} links ${words} in their proxies`, async () => {
      const growth = growthOf(before, this.#read(links));
      undo();
      const suffered = trouble.kind === 'delay' ? growth.delayed : growth.resets;
      return { effective: suffered > 0, evidence: `${suffered} ${trouble.kind === 'delay' ? 'delayed' : 'resets'}` };
    });
  }

  /** Ends every connection and every proxy. */
  async stop(): Promise<void> {
    const closed = this.#servers.map((server) => once(server, 'close'));
    for (const server of this.#servers) server.close();
    for (const connection of this.#connections) connection.end();
    await Promise.all(closed);
  }

  #onConnection({ node, proxy, target }: Guarded, accepted: Socket): void {
    const place = { localPort: accepted.remotePort ?? 0, remotePort: proxy.port };
    const { pids } = this.#options;
    const from = ownerOf(place, () => pids('quick')) ?? ownerOf(place, () => pids('all'));
    // Whoever opened it is gone.
    if (from === undefined) {
      accepted.destroy();
      return;
    }
    const connection: ProxiedConnection = new ProxiedConnection({
      from,
      to: node,
      accepted,
      target,
      links: this.links,
      onClose: () => this.#connections.delete(connection),
    });
    this.#connections.add(connection);
  }

  #resetEvery(links: readonly Cut[], everyMs: number): () => void {
    const timer = setInterval(() => {
      for (const connection of this.#connections) {
        const link = links.find(({ from, to }) => from === connection.from && to === connection.to);
        if (link === undefined) continue;
        this.links.countsOf(link.from, link.to).resets++;
        connection.end();
      }
    }, everyMs);
    return () => clearInterval(timer);
  }

  #read(links: readonly Cut[]): readonly LinkCounts[] {
    return links.map(({ from, to }) => ({ ...this.links.countsOf(from, to) }));
  }
}

function growthOf(before: readonly LinkCounts[], after: readonly LinkCounts[]): LinkCounts {
  const grown = (counter: keyof LinkCounts): number =>
    after.reduce((sum, counts, i) => sum + counts[counter] - before[i]![counter], 0);
  return { passed: grown('passed'), dropped: grown('dropped'), delayed: grown('delayed'), resets: grown('resets') };
}

function endsOf(links: readonly Cut[]): readonly NodeId[] {
  return [...new Set(links.flatMap(({ from, to }) => [from, to]))];
}
