/**
 * One life of a simulated host: one process, with a replica and the connections that it holds. What arrives after its end is void; what
 * arrives while it is paused waits, in order, and its timers do not run.
 */
import type { Nanos } from '../base/time.ts';
import type { ProbeBody } from '../contract/probe.ts';
import type { Network } from '../replica/ports.ts';
import { Replica, type ReplicaOptions } from '../replica/replica.ts';
import { WireError } from '../wire/bytes.ts';
import { answerHello, decodeHello, encodeHelloAnswer, type Greeting } from '../wire/hello.ts';
import type { Inbound, Listener } from './ends.ts';
import type { NodeClock } from './node-clock.ts';
import type { SimDisk } from './sim-disk.ts';
import type { LinkOptions, SimNetwork } from './sim-network.ts';
import { SimPeers } from './sim-peers.ts';

/** What a host reads first when it wakes: what arrived meanwhile, or its timers. Real ones do either. */
export type ResumeOrder = 'input-first' | 'timers-first';

type Accepted = Extract<Greeting, { kind: 'accepted' }>;

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

/** One process. */
export class Life implements Network, Listener {
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
      clock: { nowNs: () => clock.nowNs(), wakeAt: (atNs) => this.#wakeAt(atNs), soon: (work) => this.#soon(work) },
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
      this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    if (!this.#over) this.#options.onFailure(error);
  }

  /** The alarm was set by another clock. */
  onClockSet(): void {
    if (this.#wakeAtNs < Infinity) this.#setAlarm();
  }

  hangUp(peer: string): boolean {
    const number = this.#peers.callOf(peer);
    const connection = number === undefined || this.isPaused ? undefined : this.#callers.get(number);
    if (connection === undefined) return false;
    connection.close();
    this.#endCall(peer, number!);
    return true;
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
    const { network, replica } = this.#options;
    const { troubles } = network;
    const link = { from, to: replica.id };
    const number = this.#take(connection);
    const deliver = (payload: Uint8Array): void => this.#receive(number, from, payload);
    connection.accept(encodeHelloAnswer(answer), {
      onPayload: (bytes) => troubles.receive(link, bytes, deliver),
      onClosed: () => this.#endCall(from, number),
    });
    this.#peers.onCall(from, { address, connection: number });
  }

  #endCall(peer: string, number: number): void {
    this.#callers.delete(number);
    this.#peers.onCallEnded(peer, number);
  }

  #acceptClient(connection: Inbound, answer: Accepted): void {
    const number = this.#take(connection);
    connection.accept(encodeHelloAnswer(answer), {
      onPayload: (payload) => this.#receive(number, null, payload),
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

  /** From a peer, or a client where `from` is null; as `input`, but that most arrive while it runs. A malformed payload closes its connection and nothing else. */
  #receive(number: number, from: string | null, payload: Uint8Array): void {
    if (this.#over) return;
    if (this.#waiting !== null) {
      this.#waiting.push(() => this.#receive(number, from, payload));
      return;
    }
    try {
      if (from === null) this.replica.onClientRequest(number, payload);
      else this.replica.onPeerMessage(from, payload);
    } catch (error) {
      if (!(error instanceof WireError)) return this.#fail(error);
      this.#callers.get(number)?.close();
      this.#callers.delete(number);
    }
  }

  /** What arrives at one instant, as after a pause, comes with one wake. */
  #soon(work: () => void): void {
    const { clock } = this.#options.network;
    clock.at(clock.nowNs(), () => this.input(work));
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
