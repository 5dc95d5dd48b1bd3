/**
 * A simulated host of one replica: what `src/node` is on sockets and files. It opens connections, checks hellos, keeps the
 * alarm clock, and hands bytes in; no decision of the protocol is made here.
 *
 * A host has lives. A crash ends one; whatever was under way towards it, inside it or from its timers belongs to that life
 * and is void. A paused host is alive: what arrives waits, in order, and its timers do not run.
 */
import type { Random } from '../base/random.ts';
import type { Nanos } from '../base/time.ts';
import type { Probe, ProbeBody } from '../contract/probe.ts';
import type { Network } from '../replica/ports.ts';
import { Replica, type ReplicaOptions, type ReplicaStatus } from '../replica/replica.ts';
import { WireError } from '../wire/bytes.ts';
import { answerHello, decodeHello, encodeHelloAnswer, type Greeting } from '../wire/hello.ts';
import type { Inbound, Listener } from './ends.ts';
import { NodeClock } from './node-clock.ts';
import { SimDisk } from './sim-disk.ts';
import type { LinkOptions, SimNetwork } from './sim-network.ts';
import { SimPeers } from './sim-peers.ts';

/** What a host reads first when it wakes: what arrived meanwhile, or its timers. Real ones do either. */
export type ResumeOrder = 'input-first' | 'timers-first';

/** A life that ended by itself: refused by recovery, or by a broken assertion. */
export interface Failure {
  readonly node: string;
  readonly atNs: Nanos;
  readonly error: unknown;
}

export interface SimNodeOptions {
  /** host:port. */
  readonly address: string;
  readonly network: SimNetwork;
  readonly replica: Omit<ReplicaOptions, 'init'>;
  readonly peerLink: LinkOptions;
  readonly syncNs: (nth: number) => Nanos;
  /** How fast its clock goes. */
  readonly clockRate: number;
  readonly onProbe: (probe: Probe) => void;
  readonly onFailure: (failure: Failure) => void;
}

type Accepted = Extract<Greeting, { kind: 'accepted' }>;

export class SimNode {
  readonly id: string;
  readonly #disk: SimDisk;
  readonly #options: SimNodeOptions;
  readonly #address: string;
  #lives = 0;
  #isRetired = false;
  #life: Life | null = null;

  constructor(options: SimNodeOptions) {
    this.#options = options;
    this.id = options.replica.id;
    this.#address = options.address;
    this.#disk = new SimDisk({
      clock: options.network.clock,
      syncNs: options.syncNs,
      onDurable: (token) => this.#life?.input((replica) => replica.onDurable(token)),
    });
  }

  get isPaused(): boolean {
    return this.#life?.isPaused ?? false;
  }

  /** What the replica believes; undefined while it is down. */
  status(): ReplicaStatus | undefined {
    return this.#life?.replica.status();
  }

  /** Begins a life. Only the first one may find an empty folder. */
  start(): void {
    if (this.#life !== null || this.#isRetired) return;
    const { network, replica, peerLink, address } = this.#options;
    const life = new Life({
      network,
      address,
      disk: this.#disk,
      replica: { ...replica, init: this.#lives++ === 0 },
      peerLink,
      clock: new NodeClock(network.clock, this.#options.clockRate),
      probe: (body) => this.#options.onProbe({ time: network.clock.nowNs(), node: this.id, ...body }),
      onFailure: (error) => this.#fail(error),
    });
    this.#life = life;
    network.listen(this.#address, life);
    life.start();
  }

  /** `kill -9`. Written bytes stay. */
  crash(): void {
    this.#end();
    this.#disk.crash();
  }

  /** As `crash`, and the disk keeps of the unsynced bytes what `random` says; gives how much was lost. Works on a node that is down, too. */
  losePower(random: Random): number {
    this.#end();
    return this.#disk.losePower(random);
  }

  /** As `crash`, and it never starts again. */
  retire(): void {
    this.crash();
    this.#isRetired = true;
  }

  get isRetired(): boolean {
    return this.#isRetired;
  }

  pause(): void {
    this.#life?.pause();
  }

  resume(order: ResumeOrder): void {
    this.#life?.resume(order);
  }

  #fail(error: unknown): void {
    this.crash();
    this.#options.onFailure({ node: this.id, atNs: this.#options.network.clock.nowNs(), error });
  }

  #end(): void {
    const life = this.#life;
    if (life === null) return;
    this.#life = null;
    this.#options.network.unlisten(this.#address);
    life.end();
  }
}

interface LifeOptions {
  readonly address: string;
  readonly network: SimNetwork;
  readonly disk: SimDisk;
  readonly replica: ReplicaOptions;
  readonly peerLink: LinkOptions;
  readonly clock: NodeClock;
  readonly probe: (body: ProbeBody) => void;
  readonly onFailure: (error: unknown) => void;
}

/** One process: a replica and the connections that it holds. */
class Life implements Network, Listener {
  readonly replica: Replica;
  readonly #options: LifeOptions;
  readonly #peers: SimPeers;
  /** Hellos that wait because the host is paused: with its process the kernel ends these, too. */
  readonly #unanswered = new Set<Inbound>();
  /** Connections that others opened, by the replica's number. */
  readonly #callers = new Map<number, Inbound>();
  #calls = 0;
  #over = false;
  /** What arrived while the host was paused; null while it runs. */
  #waiting: ((replica: Replica) => void)[] | null = null;
  #wakeAtNs: Nanos = Infinity;
  /** The alarm that is set in the clock. It may ring too early, and is then set again. */
  #alarmAtNs: Nanos = Infinity;

  constructor(options: LifeOptions) {
    this.#options = options;
    const { network, address, peerLink: link, clock } = options;
    const { clusterId, id } = options.replica;
    this.#peers = new SimPeers({ network, clusterId, id, address, link, act: (work) => this.input(work) });
    this.replica = new Replica(options.replica, {
      disk: options.disk,
      network: this,
      clock: { nowNs: () => clock.nowNs(), wakeAt: (atNs) => this.#wakeAt(atNs) },
      observer: { probe: options.probe },
    });
  }

  get isPaused(): boolean {
    return this.#waiting !== null;
  }

  start(): void {
    this.input((replica) => replica.start());
  }

  /** The one way in: void after the end, late while paused. A replica that throws has died. */
  input(act: (replica: Replica) => void): void {
    if (this.#over) return;
    if (this.#waiting !== null) {
      this.#waiting.push(act);
      return;
    }
    try {
      act(this.replica);
    } catch (error) {
      if (!this.#over) this.#options.onFailure(error);
    }
  }

  pause(): void {
    this.#waiting ??= [];
  }

  resume(order: ResumeOrder): void {
    const waiting = this.#waiting ?? [];
    this.#waiting = null;
    if (order === 'timers-first') this.#ring();
    for (const act of waiting) this.input(act);
    if (order === 'input-first') this.#ring();
  }

  end(): void {
    this.#over = true;
    this.#peers.close();
    for (const connection of [...this.#callers.values(), ...this.#unanswered]) connection.close();
  }

  setPeers(addresses: Readonly<Record<string, string>>): void {
    this.#peers.setAddresses(addresses);
  }

  sendToPeer(to: string, payload: Uint8Array): void {
    this.#peers.send(to, payload);
  }

  sendToClient(connection: number, payload: Uint8Array): void {
    this.#callers.get(connection)?.send(payload);
  }

  onHello(connection: Inbound, bytes: Uint8Array): void {
    this.#unanswered.add(connection);
    this.input(() => {
      this.#unanswered.delete(connection);
      const { clusterId, id, rules } = this.#options.replica;
      const hello = decodeHello(bytes);
      const answer = answerHello(hello, { clusterId, id, peers: this.#peers.addresses, rules });
      if (answer.kind === 'refused' || hello.role === 'control') connection.close();
      else if (hello.role === 'peer') this.#acceptPeer(connection, answer, hello.address);
      else this.#acceptClient(connection, answer);
    });
  }

  #acceptPeer(connection: Inbound, answer: Accepted, address: string): void {
    const { from } = answer;
    const number = this.#take(connection);
    connection.accept(encodeHelloAnswer(answer), {
      onPayload: (payload) => this.#receive(number, (replica) => replica.onPeerMessage(from, payload)),
      onClosed: () => {
        this.#callers.delete(number);
        this.#peers.onCallEnded(from, number);
      },
    });
    this.#peers.onCall(from, { address, connection: number });
  }

  #acceptClient(connection: Inbound, answer: Accepted): void {
    const number = this.#take(connection);
    connection.accept(encodeHelloAnswer(answer), {
      onPayload: (payload) => this.#receive(number, (replica) => replica.onClientRequest(number, payload)),
      onClosed: () => {
        this.#callers.delete(number);
        this.input((replica) => replica.onClientClosed(number));
      },
    });
  }

  #take(connection: Inbound): number {
    this.#callers.set(++this.#calls, connection);
    return this.#calls;
  }

  /** A malformed payload closes its connection and nothing else. */
  #receive(number: number, act: (replica: Replica) => void): void {
    this.input((replica) => {
      try {
        act(replica);
      } catch (error) {
        if (!(error instanceof WireError)) throw error;
        this.#callers.get(number)?.close();
        this.#callers.delete(number);
      }
    });
  }

  #wakeAt(atNs: Nanos): void {
    this.#wakeAtNs = atNs;
    if (atNs < this.#alarmAtNs) this.#setAlarm();
  }

  #setAlarm(): void {
    const { clock, network } = this.#options;
    const atNs = Math.max(this.#wakeAtNs, clock.nowNs());
    this.#alarmAtNs = atNs;
    network.clock.at(clock.instantOf(atNs), () => {
      if (this.#over || this.#alarmAtNs !== atNs) return;
      this.#alarmAtNs = Infinity;
      if (!this.isPaused) this.#ring();
    });
  }

  #ring(): void {
    if (this.#options.clock.nowNs() >= this.#wakeAtNs) {
      this.#wakeAtNs = Infinity;
      this.input((replica) => replica.onWake());
    } else if (this.#wakeAtNs < this.#alarmAtNs) this.#setAlarm();
  }
}
