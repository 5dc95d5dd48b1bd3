/**
 * A cluster of nodes that speak Maelstrom's protocol (github.com/jepsen-io/maelstrom, doc/protocol.md), in whatever language: one process
 * each, started by one command, with us in between as their network. What was written for Maelstrom's lin-kv workload runs here as it is.
 */
import { join } from 'node:path';
import { setTimeout as sleepMs } from 'node:timers/promises';
import { StalemateError } from '../base/errors.ts';
import type { Nanos } from '../base/time.ts';
import { ForeignNode } from '../cluster/foreign-node.ts';
import { startGuard, type Guard } from '../cluster/guard.ts';
import { untilServes } from '../cluster/readiness.ts';
import type { Client, ClientOptions, Cluster, Stop } from '../contract/cluster.ts';
import type { FaultAction, Injury } from '../contract/fault.ts';
import type { NodeId } from '../contract/names.ts';
import type { ReadModes } from '../contract/system-facts.ts';
import type { Crash, Launch, RunningCluster, StartOptions } from '../contract/system.ts';
import { roamingClient } from '../systems/index.ts';
import { cutMessages, disturbMessages, killNode, pauseNode } from './faults.ts';
import { MessageNetwork } from './network.ts';
import { talkTo } from './node-talk.ts';
import { RpcSession } from './rpc-session.ts';

export interface MaelstromOptions extends StartOptions {
  /** As for a shell. */
  readonly command: string;
}

/** What such a cluster can be made to suffer. */
export const MAELSTROM_CAPABILITIES: Cluster['can'] = new Set([
  'kill',
  'pause',
  'link',
  'link-trouble',
  'duplicate',
] as const);

/** There is one way of reading. */
export const MAELSTROM_READS: ReadModes = {
  promises: { linearizable: 'linearizable' },
  strongest: 'linearizable',
  nodeLocal: [],
};

/** Starts the nodes, asks them to `init`, and waits until a write was answered. If that fails nothing is left behind. */
export async function startMaelstrom(options: MaelstromOptions): Promise<RunningCluster> {
  const cluster = new MaelstromCluster(options, startGuard());
  try {
    await cluster.start();
    return cluster;
  } catch (error) {
    await cluster.stop();
    throw error;
  }
}

class MaelstromCluster implements RunningCluster {
  readonly can: Cluster['can'] = MAELSTROM_CAPABILITIES;
  readyMs = 0;
  readonly #options: MaelstromOptions;
  readonly #guard: Guard;
  readonly #network = new MessageNetwork(() => performance.now());
  readonly #nodes: ReadonlyMap<NodeId, ForeignNode>;
  readonly #ready = new Set<NodeId>();
  readonly #downWatchers = new Set<{ readonly node: NodeId; readonly onDown: () => void }>();
  readonly #crashes: Crash[] = [];
  readonly #clients = new Set<Client>();
  #stopped: Promise<void> | undefined;

  constructor(options: MaelstromOptions, guard: Guard) {
    this.#options = options;
    this.#guard = guard;
    const ids = Array.from({ length: options.plan.nodes }, (_, i) => `n${i + 1}`);
    this.#nodes = new Map(ids.map((id) => [id, this.#makeNode(id, ids)]));
  }

  async start(): Promise<void> {
    const beganMs = performance.now();
    for (const node of this.#nodes.values()) node.start();
    const { command: name, plan } = this.#options;
    await untilServes({
      system: { name, reads: MAELSTROM_READS, whole: async () => this.#uninitialised() },
      place: { nodes: this.nodes(), seed: plan.seed },
      crashes: this.#crashes,
      connect: (options) => this.connect(options),
    });
    this.readyMs = performance.now() - beganMs;
  }

  nodes(): readonly NodeId[] {
    return [...this.#nodes.keys()];
  }

  now(): Nanos {
    return Number(process.hrtime.bigint() - this.#options.epochNs);
  }

  async sleep(ms: number): Promise<void> {
    await sleepMs(ms);
  }

  /** Rejects with a StalemateError where the harm cannot be done: the node is already down, or stopped. */
  async apply(action: FaultAction): Promise<Injury> {
    if (action.kind === 'kill') return killNode(this.#node(action.node), () => this.#isDown(action.node));
    if (action.kind === 'pause') return pauseNode(this.#node(action.node));
    if (action.kind === 'link') return cutMessages(this.#network, action.cuts);
    if (action.kind === 'disturb') return disturbMessages(this.#network, action.links, action.trouble);
    throw new StalemateError('failed', `nodes of Maelstrom cannot be made to suffer ${action.kind}`);
  }

  /** Who leads is nothing that they say. */
  watch(): Stop {
    return () => {};
  }

  connect(options: ClientOptions): Client {
    const client = roamingClient(this.nodes(), options, (node) => {
      return new RpcSession(node, this.#network, (id, onDown) => this.#watchDown(id, onDown));
    });
    this.#clients.add(client);
    return client;
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#end();
    return this.#stopped;
  }

  async #end(): Promise<void> {
    await Promise.all([...this.#clients].map((client) => client.close()));
    await Promise.all([...this.#nodes.values()].map((node) => node.kill()));
    this.#network.close();
    await this.#guard.stop();
  }

  #makeNode(node: NodeId, nodes: readonly NodeId[]): ForeignNode {
    return new ForeignNode({
      id: node,
      folder: join(this.#options.folder, 'nodes', node),
      launches: () => [this.#launch(node)],
      guard: this.#guard,
      onPipes: ({ stdin, stdout }) => {
        const tell = talkTo({
          node,
          nodes,
          stdin,
          stdout,
          onReady: () => this.#ready.add(node),
          onMessage: (message) => this.#network.send(message),
          onNonsense: (what, line) => this.#onNonsense(node, what, line),
        });
        this.#network.addNode(node, tell);
      },
      onCrash: (crash) => {
        this.#isDown(node);
        this.#onCrash(crash);
      },
    });
  }

  /** In the folder of whoever runs this, so that paths mean what they mean there; what a node keeps, it keeps in $STALEMATE_DATA. */
  #launch(node: NodeId): Launch {
    const data = join(this.#options.folder, 'nodes', node, 'data');
    return {
      name: node,
      file: '/bin/sh',
      args: ['-c', this.#options.command],
      cwd: process.cwd(),
      env: { STALEMATE_DATA: data },
    };
  }

  #onCrash(crash: Crash): void {
    this.#crashes.push(crash);
    this.#options.onCrash(crash);
  }

  /** Standard output is for messages. Who writes something else there is ended, since nobody knows what else was meant. */
  #onNonsense(node: NodeId, what: string, line: string): void {
    if (this.#node(node).state === 'down') return;
    this.#isDown(node);
    this.#onCrash({ node, how: `it printed ${what}, and was ended`, output: line.slice(0, 200) });
    void this.#node(node).kill();
  }

  #isDown(node: NodeId): void {
    this.#network.removeNode(node);
    this.#ready.delete(node);
    for (const watcher of this.#downWatchers) if (watcher.node === node) watcher.onDown();
  }

  #watchDown(node: NodeId, onDown: () => void): () => void {
    const watcher = { node, onDown };
    this.#downWatchers.add(watcher);
    return () => void this.#downWatchers.delete(watcher);
  }

  #node(id: NodeId): ForeignNode {
    const node = this.#nodes.get(id);
    if (node === undefined) throw new StalemateError('failed', `there is no node ${id}`);
    return node;
  }

  #uninitialised(): string | null {
    const missing = this.nodes().filter((id) => !this.#ready.has(id));
    return missing.length === 0 ? null : `no init_ok from ${missing.join(' ')}`;
  }
}
