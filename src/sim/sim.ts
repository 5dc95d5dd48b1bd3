/**
 * The simulator: a whole cluster in one process, on a virtual clock, network and disk, from one seed. The replicas, the
 * codecs and the client's state machine are those that ship; only the ports below them are virtual. Everything is a
 * synchronous callback from one heap of events, so equal options and equal calls give equal bytes.
 *
 * Whoever holds a `Simulation` plays fate: starts, kills, cuts and waits. Time passes only inside `runFor` and `runUntil`.
 */
import { assert } from '../base/assert.ts';
import { keyed } from '../base/random.ts';
import { msToNs, type Nanos } from '../base/time.ts';
import type { ClientOptions, Stop } from '../contract/cluster.ts';
import type { Cut, LinkTrouble } from '../contract/fault.ts';
import type { Probe } from '../contract/probe.ts';
import type { ReplicaOptions } from '../replica/replica.ts';
import { decodeResponse, encodeRequest } from '../wire/client-codec.ts';
import type { Request, Response } from '../wire/client-protocol.ts';
import { encodeHello } from '../wire/hello.ts';
import { askOnce } from './connection.ts';
import type { ResumeOrder } from './life.ts';
import type { LinkCounters } from './link-troubles.ts';
import { SimClient } from './sim-client.ts';
import { SimNetwork, type LinkOptions } from './sim-network.ts';
import { SimNode, type Failure, type Flipped } from './sim-node.ts';
import { VirtualClock } from './virtual-clock.ts';

export type { Failure, LinkOptions, ResumeOrder, SimClient };

export interface SimulationOptions {
  readonly seed: string;
  readonly nodes: number;
  readonly rules: ReplicaOptions['rules'];
  readonly core: Omit<ReplicaOptions['core'], 'id'>;
  /** Between nodes. */
  readonly peerLink: LinkOptions;
  /** Between clients and nodes; a stream, since the client protocol is spoken over TCP. */
  readonly clientLink: LinkOptions;
  readonly syncMs: readonly [min: number, max: number];
  /** When snapshots are taken and how. */
  readonly snapshots?: NonNullable<ReplicaOptions['snapshots']>;
  readonly segmentBytes?: number;
  /** How fast the clocks of the first nodes go; 1 where nothing is said. */
  readonly clockRates?: readonly number[];
  readonly onProbe: (probe: Probe) => void;
}

/** A link that delivers everything, in order, within 0.1 to 1 ms. */
export const CALM_LINK: LinkOptions = {
  kind: 'stream',
  minDelayNs: 100_000,
  maxDelayNs: 1_000_000,
  loss: 0,
  duplication: 0,
  late: 0,
  lateNs: 0,
};

const CLUSTER_ID = 'sim';
const SETTLED_SYNC_MS: readonly [min: number, max: number] = [0.1, 1];
/** States are small here, so their hashes are compared often. */
const HASH_EVERY_ENTRIES = 5;

/** Who is to take part after a change. */
export interface WantedMembers {
  readonly voters: readonly string[];
  readonly learners?: readonly string[];
}

export class Simulation {
  readonly clock: VirtualClock = new VirtualClock();
  /** Lives that ended by themselves. The correct node has none. */
  readonly failures: Failure[] = [];
  /** Lives that a fault of their disk ended, and starts that were refused because of one: as it should be. */
  readonly endings: Failure[] = [];
  readonly #options: SimulationOptions;
  readonly #network: SimNetwork;
  readonly #nodes = new Map<string, SimNode>();
  /** host:port of every node that there ever was; clients may ask any of them. */
  readonly #addresses: Record<string, string>;
  /** Those that clients know: it changes under their hands. */
  readonly #known: string[];
  #powerLosses = 0;
  #isSettled = false;

  constructor(options: SimulationOptions) {
    assert(options.clientLink.kind === 'stream', 'clients speak over streams');
    this.#options = options;
    this.#network = new SimNetwork(this.clock, options.seed);
    const ids = Array.from({ length: options.nodes }, (_, i) => `n${i + 1}`);
    this.#addresses = Object.fromEntries(ids.map((id) => [id, addressOf(id)]));
    this.#known = [...ids];
    const members = { ...this.#addresses };
    for (const id of ids) this.#nodes.set(id, this.#createNode(id, members));
  }

  /** Starts a new node that is to join the cluster; at the address of another one, which has to be down, where that is given. */
  join(id: string, address: string = addressOf(id)): void {
    assert(!this.#nodes.has(id), () => `there is a node ${id}`);
    this.#addresses[id] = address;
    this.#known.push(id);
    this.#nodes.set(id, this.#createNode(id, {}));
    this.start(id);
  }

  /** host:port. */
  addressOf(id: string): string {
    return this.#addresses[id]!;
  }

  /** The node is gone for good, and its disk with it; whoever is to take its place gets another id. Once or twice, it comes to the same. */
  retire(id: string): void {
    if (this.node(id).isRetired) return;
    this.node(id).retire();
    const nth = this.#known.indexOf(id);
    if (nth !== -1) this.#known.splice(nth, 1);
  }

  /** Asks a node, once, for a change of the members; `done` hears the answer, or null where the connection is lost before it. */
  changeMembers(id: string, { voters, learners = [] }: WantedMembers, done: (answer: Response | null) => void): void {
    const addresses = Object.fromEntries([...voters, ...learners].map((it) => [it, this.#addresses[it]!]));
    this.#ask(id, { kind: 'changeMembers', attempt: 1, voters, learners, addresses }, done);
  }

  /** Asks a node, once, to hand the leadership to another one; `done` as of `changeMembers`. */
  transferLeadership(id: string, target: string, done: (answer: Response | null) => void = () => {}): void {
    this.#ask(id, { kind: 'transferLeadership', attempt: 1, target }, done);
  }

  #ask(id: string, request: Request, done: (answer: Response | null) => void): void {
    askOnce({
      network: this.#network,
      from: 'operator',
      to: id,
      address: this.#addresses[id]!,
      hello: encodeHello({ role: 'client', clusterId: CLUSTER_ID, to: id }),
      link: this.#options.clientLink,
      payload: encodeRequest(request),
      done: (payload) => done(payload === null ? null : decodeResponse(payload)),
    });
  }

  get ids(): readonly string[] {
    return [...this.#nodes.keys()];
  }

  node(id: string): SimNode {
    const node = this.#nodes.get(id);
    assert(node !== undefined, () => `no node ${id}`);
    return node;
  }

  /** The running node that believes to lead in the highest term; a deposed one may believe so too, in a lower term. */
  leader(): string | undefined {
    const leaders = this.ids.flatMap((id) => {
      const status = this.node(id).status();
      return status?.role === 'leader' && !this.node(id).isPaused ? [{ id, term: status.term }] : [];
    });
    return leaders.sort((a, b) => b.term - a.term)[0]?.id;
  }

  /** Starts, or restarts, every node that is down. */
  startAll(): void {
    for (const node of this.#nodes.values()) node.start();
  }

  start(id: string): void {
    this.node(id).start();
  }

  /** `kill -9`: nothing that was written is lost. */
  crash(id: string): void {
    this.node(id).crash();
  }

  /** The power of these nodes fails at one instant. Gives how many sectors and changes of folders were lost. */
  losePower(ids: readonly string[]): number {
    const nth = this.#powerLosses++;
    return ids.reduce((sum, id) => sum + this.node(id).losePower(keyed(this.#options.seed, 'power loss', id, nth)), 0);
  }

  /** The node dies, and its disk with it; started again, it finds an empty one, has to refuse, and stays down for good. */
  wipe(id: string): void {
    this.node(id).wipe();
  }

  pause(id: string): void {
    this.node(id).pause();
  }

  resume(id: string, order: ResumeOrder): void {
    this.node(id).resume(order);
  }

  /** Cuts one way. Places are node ids and client names. */
  cut(from: string, to: string): void {
    this.#network.cut(from, to);
  }

  /** Cuts both ways between every member of `side` and every other node. Clients reach all of them. */
  isolate(side: readonly string[]): void {
    for (const inside of side) {
      for (const outside of this.ids.filter((id) => !side.includes(id))) {
        this.cut(inside, outside);
        this.cut(outside, inside);
      }
    }
  }

  heal(from: string, to: string): void {
    this.#network.heal(from, to);
  }

  /** How many frames, and attempts to connect, were lost on that way because it was cut. */
  lostOn(from: string, to: string): number {
    return this.#network.lostOn(from, to);
  }

  healAll(): void {
    this.#network.healAll();
  }

  /** Links between nodes suffer this, too, from now on: the peers' messages, never those of clients. */
  disturb(links: readonly Cut[], trouble: LinkTrouble): void {
    for (const { from, to } of links)
      assert(this.#nodes.has(from) && this.#nodes.has(to), () => `no link ${from} to ${to}`);
    this.#network.troubles.disturb(links, trouble, ({ from, to }) => this.node(to).hangUp(from));
  }

  /** Ends what `disturb` began on these links; of every kind where none is named. */
  calm(links: readonly Cut[], kind?: LinkTrouble['kind']): void {
    this.#network.troubles.calm(links, kind);
  }

  /** What `disturb` did to the messages of a link so far. */
  linkCounters(link: Cut): Readonly<LinkCounters> {
    return this.#network.troubles.counters(link);
  }

  /** Every fsync takes so much longer, until `mendDisk`; those that the node waits for without doing anything else take no time here. */
  slowDisk(id: string, syncDelayMs: number): Stop {
    return this.node(id).disk.suffer({ syncDelayMs });
  }

  /** There is no room for one more byte, until `mendDisk`: a node that has to write ends. It starts again once there is. */
  fillDisk(id: string): Stop {
    return this.node(id).disk.suffer({ isFull: true });
  }

  /** The next fsync fails, and with it the node's life. */
  failSync(id: string): Stop {
    return this.node(id).disk.suffer({ failsNextSync: true });
  }

  /** Ends all that its disk suffers; each of the three above gives the means to end it alone. */
  mendDisk(id: string): void {
    this.node(id).disk.mend();
  }

  /**
   * Kills the node, flips a bit of its log that `draw` chooses below the attested offset, and starts it. It has to refuse, and then stays
   * down for good. Undefined where it is down, or nothing of its log is attested.
   */
  flipBit(id: string, draw: string): Flipped | undefined {
    return this.node(id).flipBit(keyed(draw, 'bit-flip', id));
  }

  /** The node's clock jumps forward, and goes on at that rate. */
  setClock(id: string, rate: number, jumpMs: number): void {
    this.node(id).setClock({ rate, jumpMs });
  }

  /** The node's clock goes on at the rate that it began with. */
  mendClock(id: string): void {
    this.node(id).mendClock();
  }

  /** From now on links are whole, and an fsync takes 1 ms at most. */
  settle(): void {
    this.#network.repair();
    this.#isSettled = true;
  }

  /** Ends every fault at once, those of the links included. Who refused to start on damaged data stays down. */
  repair(): void {
    this.#network.repair();
    for (const node of this.#nodes.values()) {
      node.disk.mend();
      node.mendClock();
      node.resume('input-first');
    }
    this.startAll();
  }

  connect(options: Omit<ClientOptions, 'seed'>): SimClient {
    return new SimClient({
      ...options,
      seed: this.#options.seed,
      network: this.#network,
      clusterId: CLUSTER_ID,
      addresses: this.#addresses,
      nodes: this.#known,
      link: this.#options.clientLink,
      rules: this.#options.rules,
    });
  }

  runFor(ms: number): void {
    const endNs = this.clock.nowNs() + msToNs(ms);
    while (this.clock.step(endNs));
  }

  /** Runs until `holds` does, asked after every event. False if it did not within `limitMs`. */
  runUntil(holds: () => boolean, limitMs: number): boolean {
    const endNs = this.clock.nowNs() + msToNs(limitMs);
    while (!holds()) if (!this.clock.step(endNs)) return holds();
    return true;
  }

  #createNode(id: string, members: Readonly<Record<string, string>>): SimNode {
    const { seed, rules, core, peerLink, onProbe, snapshots = {}, segmentBytes, clockRates = [] } = this.#options;
    const storage = {
      snapshots,
      hashEveryEntries: HASH_EVERY_ENTRIES,
      ...(segmentBytes === undefined ? {} : { segmentBytes }),
    };
    return new SimNode({
      network: this.#network,
      address: this.#addresses[id]!,
      replica: { clusterId: CLUSTER_ID, id, members, core: { ...core, id }, rules, seed, ...storage },
      peerLink,
      syncNs: (nth) => this.#syncNs(id, nth),
      onProbe,
      clockRate: clockRates[this.#nodes.size] ?? 1,
      onFailure: (failure) => this.failures.push(failure),
      onEnding: (ending) => this.endings.push(ending),
    });
  }

  #syncNs(id: string, nth: number): Nanos {
    const [minMs, maxMs] = this.#isSettled ? SETTLED_SYNC_MS : this.#options.syncMs;
    return msToNs(minMs + (maxMs - minMs) * keyed(this.#options.seed, 'fsync', id, nth).next());
  }
}

function addressOf(id: string): string {
  return `${id}.sim:1`;
}
