/**
 * A cluster of a system that is not ours: its programs, once for each node, on ports of their own. It implements the contract's Cluster as
 * the bundled one does, with what can be done to any program: kill it, stop it, and cut or slow down the links that lead through proxies.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleepMs } from 'node:timers/promises';
import { StalemateError } from '../base/errors.ts';
import type { Nanos } from '../base/time.ts';
import type { Client, ClientOptions, Cluster, Stop } from '../contract/cluster.ts';
import type { FaultAction, Injury } from '../contract/fault.ts';
import type { Capability, NodeId } from '../contract/names.ts';
import type { Probe } from '../contract/probe.ts';
import type { Crash, Endpoint, Place, ProcessSystem, RunningCluster, StartOptions } from '../contract/system.ts';
import { injury } from '../faults/index.ts';
import { ForeignNode } from './foreign-node.ts';
import { startGuard, type Guard } from './guard.ts';
import { Looks } from './looks.ts';
import { reservePorts, type PortReservation } from './ports.ts';

export interface ForeignClusterOptions extends StartOptions {
  readonly system: ProcessSystem;
  /** The path of a program, by its name. */
  readonly program: (name: string) => string;
  /** Makes a client that speaks to the nodes of that place. */
  readonly connect: (system: ProcessSystem, place: Place, options: ClientOptions) => Client;
}

/** What a cluster of other programs offers beyond the contract. */
export interface ForeignCluster extends RunningCluster {
  readonly place: Place;
  /** Of the nodes that live: all their processes; and the guard's. */
  pids(): { readonly nodes: Readonly<Record<NodeId, readonly number[]>>; readonly guard: number };
}

const READY_WITHIN_MS = 30_000;
const READY_KEY = 'stalemate-ready';
const READY_ASK_MS = 1000;
const READY_AGAIN_MS = 50;

/** What the programs of that system can be made to suffer here. */
export function capabilitiesOf(_system: ProcessSystem): ReadonlySet<Capability> {
  return new Set(['kill', 'pause'] as const);
}

/** Starts the cluster and waits until it really serves. If that fails nothing is left behind. */
export async function startForeignCluster(options: ForeignClusterOptions): Promise<ForeignCluster> {
  const names = Object.keys(options.system.ports);
  const reservation = await reservePorts(options.plan.nodes * names.length);
  const cluster = new ForeignProcesses(options, reservation, startGuard());
  try {
    await cluster.start();
    return cluster;
  } catch (error) {
    await cluster.stop();
    throw error;
  }
}

class ForeignProcesses implements ForeignCluster {
  readonly can: Cluster['can'];
  readonly place: Place;
  readyMs = 0;
  readonly #options: ForeignClusterOptions;
  readonly #reservation: PortReservation;
  readonly #guard: Guard;
  readonly #nodes: ReadonlyMap<NodeId, ForeignNode>;
  readonly #looks: Looks;
  readonly #crashes: Crash[] = [];
  readonly #clients = new Set<Client>();
  #stopped: Promise<void> | undefined;

  constructor(options: ForeignClusterOptions, reservation: PortReservation, guard: Guard) {
    const { system, folder } = options;
    this.#options = options;
    this.#reservation = reservation;
    this.#guard = guard;
    this.can = capabilitiesOf(system);
    this.place = placeOf(options, reservation);
    this.#nodes = new Map(this.place.nodes.map((id) => [id, this.#makeNode(id)]));
    this.#looks = new Looks({
      nodes: this.place.nodes,
      folder: join(folder, 'nodes'),
      now: () => this.now(),
      isUp: (id) => this.#node(id).state === 'running',
      look: (id, timeoutMs) => system.look(id, this.place, timeoutMs),
    });
  }

  async start(): Promise<void> {
    const beganMs = performance.now();
    const { system } = this.#options;
    for (const id of this.place.nodes) await system.prepare?.(id, this.place);
    for (const node of this.#nodes.values()) node.start();
    await this.#serves(beganMs + (system.readyWithinMs ?? READY_WITHIN_MS));
    this.readyMs = performance.now() - beganMs;
    this.#looks.start();
  }

  nodes(): readonly NodeId[] {
    return this.place.nodes;
  }

  now(): Nanos {
    return Number(process.hrtime.bigint() - this.#options.epochNs);
  }

  async sleep(ms: number): Promise<void> {
    await sleepMs(ms);
  }

  /** Rejects with a StalemateError where the harm cannot be done: the node is already down, or stopped. */
  apply(action: FaultAction): Promise<Injury> {
    if (action.kind === 'kill') return this.#kill(this.#node(action.node));
    if (action.kind === 'pause') return this.#pause(this.#node(action.node));
    const { name } = this.#options.system;
    return Promise.reject(new StalemateError('failed', `${name} cannot be made to suffer ${action.kind}`));
  }

  watch(listener: (probe: Probe) => void): Stop {
    return this.#looks.watch(listener);
  }

  connect(options: ClientOptions): Client {
    const { system, connect } = this.#options;
    const client = connect(system, this.place, options);
    this.#clients.add(client);
    return client;
  }

  pids(): ReturnType<ForeignCluster['pids']> {
    const nodes = [...this.#nodes.values()].map((node) => [node.id, node.pids] as const);
    return { nodes: Object.fromEntries(nodes.filter(([, pids]) => pids.length > 0)), guard: this.#guard.pid };
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#end();
    return this.#stopped;
  }

  async #end(): Promise<void> {
    await Promise.all([...this.#clients].map((client) => client.close()));
    await Promise.all([...this.#nodes.values()].map((node) => node.kill()));
    await this.#looks.stop();
    await this.#guard.stop();
    this.#reservation.release();
  }

  #makeNode(id: NodeId): ForeignNode {
    const { folder, system, onCrash } = this.#options;
    return new ForeignNode({
      id,
      folder: join(folder, 'nodes', id),
      launches: () => system.processes(id, this.place),
      guard: this.#guard,
      onCrash: (crash) => {
        this.#crashes.push(crash);
        onCrash(crash);
      },
    });
  }

  #node(id: NodeId): ForeignNode {
    const node = this.#nodes.get(id);
    if (node === undefined) throw new StalemateError('failed', `there is no node ${id}`);
    return node;
  }

  /** Until a write was answered, and after it a read at every node; and the system says itself that it is whole, where it can. */
  async #serves(deadlineMs: number): Promise<void> {
    const { system } = this.#options;
    await this.#untilServed(deadlineMs, () => system.whole?.(this.place) ?? Promise.resolve(null));
    const modes = system.reads;
    await this.#untilAnswered(deadlineMs, this.nodes()[0]!, modes.strongest, { f: 'write', key: READY_KEY, value: 1 });
    const local = modes.nodeLocal[0];
    for (const id of this.nodes()) {
      const read = { f: 'read', key: READY_KEY, value: null };
      await this.#untilAnswered(deadlineMs, id, local ?? modes.strongest, read, local !== undefined);
    }
  }

  async #untilAnswered(
    deadlineMs: number,
    entry: NodeId,
    reads: string,
    call: { readonly f: string; readonly key: string; readonly value: number | null },
    pinned = false,
  ): Promise<void> {
    const { seed } = this.#options.plan;
    const options = {
      name: `ready-${entry}`,
      entry,
      pinned,
      reads,
      vocabulary: 'register',
      attemptTimeoutMs: 200,
      seed,
    };
    const client = this.connect(options);
    await this.#untilServed(deadlineMs, async () => {
      const completion = await client.invoke(call, READY_ASK_MS);
      return completion.kind === 'ok' ? null : completion.error;
    });
    this.#clients.delete(client);
    await client.close();
  }

  /** Asks until the answer is null: nothing is wrong. */
  async #untilServed(deadlineMs: number, ask: () => Promise<string | null>): Promise<void> {
    const { name } = this.#options.system;
    for (;;) {
      const [crash] = this.#crashes;
      if (crash !== undefined)
        throw new StalemateError(
          'failed',
          `${name} did not come up: ${crash.node} ended (${crash.how}): ${lastLine(crash.output)}`,
        );
      const wrong = await ask();
      if (wrong === null) return;
      if (performance.now() >= deadlineMs) throw new StalemateError('failed', `${name} did not come up: ${wrong}`);
      await sleepMs(READY_AGAIN_MS);
    }
  }

  async #kill(node: ForeignNode): Promise<Injury> {
    if (node.state === 'down') throw new StalemateError('failed', `${node.id} is already down`);
    const { pids } = node;
    await node.kill();
    return injury([node.id], `${processes(pids)} gone`, async () => {
      const effective = node.isGone();
      node.start();
      return { effective, evidence: `was down until now; runs again as ${processes(node.pids)}` };
    });
  }

  async #pause(node: ForeignNode): Promise<Injury> {
    if (node.state !== 'running') throw new StalemateError('failed', `${node.id} is already ${node.state}`);
    await node.pause();
    return injury([node.id], `state T (${processes(node.pids)})`, async () => {
      const effective = await node.resume();
      return { effective, evidence: effective ? 'state T until now' : 'was not in state T any more' };
    });
  }
}

function processes(pids: readonly number[]): string {
  return `process${pids.length === 1 ? '' : 'es'} ${pids.join(' and ')}`;
}

function lastLine(output: string): string {
  return output.split('\n').at(-1)!;
}

function placeOf(options: ForeignClusterOptions, { ports }: PortReservation): Place {
  const { system, plan, clusterId, folder, program } = options;
  const nodes = Array.from({ length: plan.nodes }, (_, i) => `n${i + 1}`);
  const names = Object.keys(system.ports);
  const listen = (node: NodeId, port: string): Endpoint => {
    const at = nodes.indexOf(node) * names.length + names.indexOf(port);
    return { host: '127.0.0.1', port: ports[at]! };
  };
  const data = (node: NodeId): string => join(folder, 'nodes', node, 'data');
  for (const node of nodes) mkdirSync(data(node), { recursive: true });
  return { clusterId, nodes, seed: plan.seed, program, listen, reach: listen, data };
}
