/**
 * A simulated host of one replica: what `src/node` is on sockets and files. It opens connections, checks hellos, keeps the
 * alarm clock, and hands bytes in; no decision of the protocol is made here.
 *
 * A host has lives. A crash ends one; whatever was under way towards it, inside it or from its timers belongs to that life
 * and is void. A paused host is alive: what arrives waits, in order, and its timers do not run.
 */
import { pickAttestedBit } from '../base/bit-flip.ts';
import type { Random } from '../base/random.ts';
import type { Nanos } from '../base/time.ts';
import type { Probe } from '../contract/probe.ts';
import { stamped } from '../replica/stamped.ts';
import type { ReplicaOptions, ReplicaStatus } from '../replica/replica.ts';
import { Life, type ResumeOrder } from './life.ts';
import { NodeClock } from './node-clock.ts';
import { DiskError, SimDisk } from './sim-disk.ts';
import type { LinkOptions, SimNetwork } from './sim-network.ts';

/** A life that ended by itself: refused by recovery, by its disk, or by a broken assertion. */
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
  /** As `onFailure`, where a fault of the disk leaves a node no other choice. */
  readonly onEnding: (ending: Failure) => void;
}

/** A bit that was flipped, and whether the node refused to start on it. */
export interface Flipped {
  readonly bit: string;
  readonly isRefused: boolean;
}

/** How a node says that its log is damaged, and that its disk is another one. */
const DAMAGED = /\S+ is damaged at byte \d+/;
const EMPTY = /^the data folder of node \S+ is empty$/;

export class SimNode {
  readonly id: string;
  readonly disk: SimDisk;
  readonly #options: SimNodeOptions;
  readonly #address: string;
  readonly #clock: NodeClock;
  #lives = 0;
  #isRetired = false;
  /** What it has to say when it starts on a disk that was damaged or wiped; and whether it did: it stays down, until another one takes its place. */
  #dueRefusal: RegExp | null = null;
  #isRefused = false;
  #life: Life | null = null;

  constructor(options: SimNodeOptions) {
    this.#options = options;
    this.id = options.replica.id;
    this.#address = options.address;
    this.#clock = new NodeClock(options.network.clock, options.clockRate);
    this.disk = new SimDisk({
      clock: options.network.clock,
      syncNs: options.syncNs,
      onDurable: (token) => this.#life?.input((replica) => replica.onDurable(token)),
      onSyncFailed: (token, error) =>
        this.#life?.input((replica) => {
          replica.onSyncFailed(error);
          replica.onDurable(token);
        }),
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
    if (this.#life !== null || this.#isRetired || this.#isRefused) return;
    const { network, replica, peerLink, address } = this.#options;
    const life = new Life({
      network,
      address,
      disk: this.disk,
      replica: { ...replica, init: this.#lives++ === 0 },
      peerLink,
      clock: this.#clock,
      probe: (body) => this.#options.onProbe(stamped(body, network.clock.nowNs(), this.id)),
      onFailure: (error) => this.#fail(error),
    });
    this.#life = life;
    network.listen(this.#address, life);
    life.start();
  }

  /** `kill -9`. Written bytes stay. */
  crash(): void {
    this.#end();
    this.disk.crash();
  }

  /** As `crash`, and the disk keeps of the unsynced bytes what `random` says; gives how much was lost. Works on a node that is down, too. */
  losePower(random: Random): number {
    this.#end();
    return this.disk.losePower(random);
  }

  /** As `crash`, and all that it had written is gone. */
  wipe(): void {
    this.#end();
    this.disk.wipe();
    this.#dueRefusal = EMPTY;
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

  /** Its clock goes on at that rate, after a jump forward; over restarts, too. */
  setClock(fault: { readonly rate: number; readonly jumpMs: number }): void {
    this.#clock.disturb(fault);
    this.#life?.onClockSet();
  }

  /** Its clock goes on as it began. */
  mendClock(): void {
    this.setClock({ rate: this.#options.clockRate, jumpMs: 0 });
  }

  /** What its clock shows. */
  clockNs(): Nanos {
    return this.#clock.nowNs();
  }

  /** Ends the connection on which that peer speaks to this node, if there is one; a paused node ends none. */
  hangUp(peer: string): boolean {
    return this.#life?.hangUp(peer) ?? false;
  }

  /**
   * Kills the node, flips one bit of its log below the attested offset, and starts it. Undefined where it does not run, or nothing of
   * its log is attested.
   */
  flipBit(random: Random): Flipped | undefined {
    const attestedThrough = this.status()?.attestedThrough;
    if (attestedThrough === undefined) return undefined;
    const place = pickAttestedBit(this.disk.sizes(), attestedThrough, random);
    if (place === undefined) return undefined;
    this.crash();
    this.disk.flip(place);
    this.#dueRefusal = DAMAGED;
    this.start();
    return { bit: `bit ${place.bit} of byte ${place.offset} of ${place.name}`, isRefused: this.#isRefused };
  }

  #fail(error: unknown): void {
    this.crash();
    const isRefusal = error instanceof Error && this.#dueRefusal?.test(error.message) === true;
    if (isRefusal) this.#isRefused = true;
    const { onEnding, onFailure, network } = this.#options;
    const tell = isRefusal || error instanceof DiskError ? onEnding : onFailure;
    tell({ node: this.id, atNs: network.clock.nowNs(), error });
  }

  #end(): void {
    const life = this.#life;
    if (life === null) return;
    this.#life = null;
    this.#options.network.unlisten(this.#address);
    life.end();
  }
}
