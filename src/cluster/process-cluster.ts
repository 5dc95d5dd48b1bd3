/**
 * A cluster of real processes: the bundled node, once for each member, on ports of its own. It implements the contract's Cluster:
 * whoever drives clients and faults against it cannot tell it from the simulated one.
 *
 * Each fault is seen to have happened before `apply` resolves, and is looked at again before it is healed: a fault that did
 * nothing must not pass for one that the cluster survived.
 */
import { join } from 'node:path';
import { setTimeout as sleepMs } from 'node:timers/promises';
import { StalemateError } from '../base/errors.ts';
import { NS_PER_MS, type Nanos } from '../base/time.ts';
import type { Client, ClientOptions, Cluster, Stop } from '../contract/cluster.ts';
import type { FaultAction, Injury } from '../contract/fault.ts';
import type { NodeId } from '../contract/names.ts';
import type { Probe } from '../contract/probe.ts';
import type { Crash, RunningCluster } from '../contract/system.ts';
import { handOver, injury, Members, type MemberSet } from '../faults/index.ts';
import { changeMembers, transferLeadership } from './ask-node.ts';
import { startGuard, type Guard } from './guard.ts';
import { bitFlip, diskFull, slowDisk, wipe } from './disk-faults.ts';
import { skewClock } from './clock-faults.ts';
import type { Ward } from './ward.ts';
import { cutLinks, disturbLinks } from './link-faults.ts';
import { Links } from './links.ts';
import { nodeFlags, type NodeSetup } from './node-flags.ts';
import { NodeProcess } from './node-process.ts';
import { powerLoss } from './outage.ts';
import { reservePorts, type PortReservation } from './ports.ts';

/** Where clients find the cluster. */
export interface Place {
  readonly clusterId: string;
  /** host:port by node. New nodes are added while the cluster runs. */
  readonly addresses: Readonly<Record<NodeId, string>>;
  /** The nodes that may be asked: members, those that join, and those that left and run on. */
  readonly nodes: readonly NodeId[];
}

export interface ProcessClusterOptions extends NodeSetup {
  /** The run's folder: everything goes to nodes/<n>/ in it. */
  readonly folder: string;
  readonly nodes: number;
  /** Makes a client of the system that runs here. */
  readonly connect: (place: Place, options: ClientOptions) => Client;
  /** A node ended by itself. It stays down. */
  readonly onCrash?: (crash: Crash) => void;
}

/** What a cluster of processes offers beyond the contract. */
export interface ProcessCluster extends RunningCluster {
  readonly place: Place;
  /** Nodes that ended by themselves so far. */
  readonly crashes: readonly Crash[];
  /** As there: these nodes have clocks of their own. */
  clockErrorsMs(): Promise<Readonly<Record<NodeId, number>>>;
  /** Of the nodes that live, and the guard's. */
  pids(): { readonly nodes: Readonly<Record<NodeId, number>>; readonly guard: number };
}

/** What such a cluster can be made to suffer. */
export const CAPABILITIES: Cluster['can'] = new Set([
  'kill',
  'pause',
  'link',
  'link-trouble',
  'duplicate',
  'power-loss',
  'slow-disk',
  'disk',
  'clock',
  'members',
] as const);

const READY_TIMEOUT_MS = 30_000;
const READY_KEY = 'stalemate/ready';

/** Starts the cluster and waits until it has answered a linearizable read. If that fails nothing is left behind. */
export async function startProcessCluster(options: ProcessClusterOptions): Promise<ProcessCluster> {
  const reservation = await reservePorts(options.nodes);
  const cluster = new Processes(options, reservation, startGuard());
  try {
    await cluster.start();
    return cluster;
  } catch (error) {
    await cluster.stop();
    throw error;
  }
}

class Processes implements ProcessCluster {
  readonly can: Cluster['can'] = CAPABILITIES;
  readonly place: Place & { readonly addresses: Record<NodeId, string>; readonly nodes: NodeId[] };
  readonly crashes: Crash[] = [];
  readyMs = 0;
  readonly #options: ProcessClusterOptions;
  readonly #reservations: PortReservation[];
  readonly #guard: Guard;
  readonly #nodes: Map<NodeId, NodeProcess>;
  readonly #members: Members;
  /** Newcomers that left the cluster again: they never start any more. */
  readonly #retired = new Set<NodeId>();
  readonly #links = new Links();
  readonly #ward: Ward;
  /** How many faults keep each node down. */
  readonly #holds = new Map<NodeProcess, number>();
  readonly #listeners = new Set<(probe: Probe) => void>();
  /** What each node said last. */
  readonly #roles = new Map<NodeId, Probe>();
  readonly #clients = new Set<Client>();
  readonly #time = { nowMs: () => performance.now(), sleep: (ms: number): Promise<void> => sleepMs(ms) };
  #stopped: Promise<void> | undefined;

  constructor(options: ProcessClusterOptions, reservation: PortReservation, guard: Guard) {
    this.#options = options;
    this.#reservations = [reservation];
    this.#guard = guard;
    const addresses = Object.fromEntries(reservation.ports.map((port, i) => [`n${i + 1}`, `127.0.0.1:${port}`]));
    const nodes = Object.keys(addresses);
    this.place = { clusterId: options.clusterId, addresses, nodes };
    const members = Object.entries(addresses).map((member) => member.join('='));
    this.#nodes = new Map(nodes.map((id) => [id, this.#makeNode(id, [`--members=${members.join()}`])]));
    this.#ward = {
      links: this.#links,
      node: (id) => this.#node(id),
      hold: (node) => void this.#holds.set(node, (this.#holds.get(node) ?? 0) + 1),
      release: (node) => this.#release(node),
    };
    this.#members = new Members({
      voters: [...nodes],
      current: () => this.#currentMembers(),
      request: (leader, wanted) => changeMembers(this.place, leader, wanted),
      join: (id, inPlaceOf) => this.#join(id, inPlaceOf),
      retire: (id) => this.#retire(id),
      ...this.#time,
    });
  }

  async start(): Promise<void> {
    const startMs = performance.now();
    const filter = { cutOut: [], cutIn: [], disturbed: {} };
    await Promise.all([...this.#nodes.values()].map((node) => node.start({ init: true, filter })));
    await this.#serves(startMs);
    this.readyMs = performance.now() - startMs;
  }

  /** The voters. */
  nodes(): readonly NodeId[] {
    return this.#members.voters;
  }

  now(): Nanos {
    return Number(process.hrtime.bigint() - this.#options.epochNs);
  }

  async clockErrorsMs(): Promise<Readonly<Record<NodeId, number>>> {
    const nodes = [...this.#nodes];
    await Promise.all(nodes.map(([, node]) => node.measureClock()));
    return Object.fromEntries(
      nodes.flatMap(([id, { clockErrorNs }]) => (clockErrorNs === null ? [] : [[id, clockErrorNs / NS_PER_MS]])),
    );
  }

  async sleep(ms: number): Promise<void> {
    await sleepMs(ms);
  }

  /** Rejects with a StalemateError where the harm cannot be done: the node is already down, or stopped. */
  apply(action: FaultAction): Promise<Injury> {
    switch (action.kind) {
      case 'kill':
        return this.#kill(this.#node(action.node));
      case 'pause':
        return this.#pause(this.#node(action.node));
      case 'link':
        return cutLinks(this.#ward, action.cuts);
      case 'disturb':
        return disturbLinks(this.#ward, action);
      case 'powerLoss':
        return powerLoss(this.#ward, action);
      case 'slowDisk':
        return slowDisk(this.#ward, action);
      case 'diskFull':
        return diskFull(this.#ward, action.node);
      case 'bitFlip':
        return bitFlip(this.#ward, action, (nodes) => this.#members.replaceLost(nodes));
      case 'wipe':
        return wipe(this.#ward, action, (nodes) => this.#members.replaceLost(nodes));
      case 'failSync':
        return Promise.reject(new StalemateError('failed', 'nothing makes an fsync of a real node fail'));
      case 'clock':
        return skewClock(this.#ward, action);
      case 'addNode':
      case 'addNodes':
      case 'removeNode':
      case 'replaceNode':
        return this.#members.apply(action);
      case 'transfer':
        return handOver(
          {
            leader: () => this.#leader(),
            ask: (leader, target) => transferLeadership(this.place, leader, target),
            ...this.#time,
          },
          action.node,
        );
    }
  }

  /** Tells at once what each node said last, then every change. */
  watch(listener: (probe: Probe) => void): Stop {
    for (const probe of this.#roles.values()) listener(probe);
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  connect(options: ClientOptions): Client {
    const client = this.#options.connect(this.place, options);
    this.#clients.add(client);
    return client;
  }

  pids(): { readonly nodes: Readonly<Record<NodeId, number>>; readonly guard: number } {
    const living = [...this.#nodes.values()].filter((node) => node.state !== 'down');
    return { nodes: Object.fromEntries(living.map((node) => [node.id, node.pid!])), guard: this.#guard.pid };
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#end();
    return this.#stopped;
  }

  async #end(): Promise<void> {
    await Promise.all([...this.#clients].map((client) => client.close()));
    await Promise.all([...this.#nodes.values()].map((node) => node.kill()));
    await this.#guard.stop();
    for (const reservation of this.#reservations) reservation.release();
  }

  /** The leader of the highest term that was heard of. */
  #leader(): NodeId | null {
    const leaders = [...this.#roles.values()].flatMap((it) => (it.kind === 'role' && it.role === 'leader' ? [it] : []));
    return leaders.toSorted((a, b) => b.term - a.term)[0]?.node ?? null;
  }

  async #currentMembers(): Promise<(MemberSet & { readonly leader: NodeId }) | null> {
    const leader = this.#leader();
    const status = leader === null ? undefined : await this.#node(leader).status();
    return leader === null || status?.role !== 'leader' ? null : { leader, ...status.members };
  }

  async #join(id: NodeId, inPlaceOf: NodeId | undefined): Promise<void> {
    const address = inPlaceOf === undefined ? await this.#newAddress() : this.place.addresses[inPlaceOf]!;
    this.place.addresses[id] = address;
    const node = this.#makeNode(id, ['--join', `--address=${address}`]);
    this.#nodes.set(id, node);
    await node.start({ init: true, filter: this.#links.filterOf(id) });
    this.place.nodes.push(id);
  }

  async #newAddress(): Promise<string> {
    const reservation = await reservePorts(1);
    this.#reservations.push(reservation);
    return `127.0.0.1:${reservation.ports[0]}`;
  }

  async #retire(id: NodeId): Promise<void> {
    if (this.#retired.has(id)) return;
    this.#retired.add(id);
    this.#roles.delete(id);
    this.place.nodes.splice(this.place.nodes.indexOf(id), 1);
    await this.#node(id).kill();
  }

  #makeNode(id: NodeId, membership: readonly string[]): NodeProcess {
    const { clusterId, folder } = this.#options;
    const nodeFolder = join(folder, 'nodes', id);
    return new NodeProcess({
      id,
      clusterId,
      address: this.place.addresses[id]!,
      folder: nodeFolder,
      flags: [...membership, ...nodeFlags(id, nodeFolder, this.#options)],
      guard: this.#guard,
      nowNs: () => this.now(),
      onRole: (probe) => {
        this.#roles.set(id, probe);
        for (const listener of this.#listeners) listener(probe);
      },
      onCrash: (crash) => {
        this.crashes.push(crash);
        this.#options.onCrash?.(crash);
      },
    });
  }

  #node(id: NodeId): NodeProcess {
    const node = this.#nodes.get(id);
    if (node === undefined) throw new StalemateError('failed', `there is no node ${id}`);
    return node;
  }

  /** Until a linearizable read was answered: a port that is open proves nothing. */
  async #serves(startMs: number): Promise<void> {
    const entry = this.nodes()[0]!;
    const client = this.connect({
      name: 'ready',
      entry,
      pinned: false,
      reads: 'read-index',
      attemptTimeoutMs: 200,
      seed: this.#options.seed,
    });
    let answer = 'no answer';
    while (performance.now() - startMs < READY_TIMEOUT_MS && this.crashes.length === 0) {
      const completion = await client.invoke({ f: 'read', key: READY_KEY, value: null }, 1000);
      if (completion.kind === 'ok') {
        this.#clients.delete(client);
        return client.close();
      }
      answer = completion.error;
    }
    const [crash] = this.crashes;
    const why = crash === undefined ? answer : `${crash.node} ended with ${crash.how}: ${crash.output}`;
    throw new StalemateError('failed', `the cluster did not come up: ${why}`);
  }

  async #kill(node: NodeProcess): Promise<Injury> {
    if (node.state === 'down' || node.state === 'starting') {
      throw new StalemateError('failed', `${node.id} is already ${node.state}`);
    }
    const { pid } = node;
    this.#ward.hold(node);
    await node.kill();
    return injury([node.id], `process ${pid} is gone`, async () => {
      const effective = node.isGone();
      const after = await this.#release(node);
      return { effective, evidence: `was down until now; ${after}` };
    });
  }

  async #release(node: NodeProcess): Promise<string> {
    const holds = this.#holds.get(node)! - 1;
    this.#holds.set(node, holds);
    if (holds > 0) return 'stays down for another fault';
    if (this.#retired.has(node.id)) return 'left the cluster meanwhile';
    if (node.state === 'down') await this.#restart(node);
    return `runs again as process ${node.pid}`;
  }

  async #restart(node: NodeProcess): Promise<void> {
    await node.start({ init: false, filter: this.#links.filterOf(node.id) });
    // What was cut or healed while it started.
    await node.setLinks(this.#links.filterOf(node.id));
  }

  async #pause(node: NodeProcess): Promise<Injury> {
    if (node.state !== 'running') throw new StalemateError('failed', `${node.id} is already ${node.state}`);
    await node.pause();
    return injury([node.id], `state T (process ${node.pid})`, async () => {
      const effective = await node.resume();
      return { effective, evidence: effective ? 'state T until now' : 'was not in state T any more' };
    });
  }
}
