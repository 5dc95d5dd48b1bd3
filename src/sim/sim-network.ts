/**
 * The simulated network: who listens where, which ways are cut, and what becomes of each frame.
 *
 * What happens to frames depends on the kind of link:
 * - `stream`: in order, as TCP. A loss breaks the connection, and with it everything under way in both directions.
 * - `datagram`: each frame on its own: lost, delivered twice, delivered late and so out of order. Harsher than TCP can be
 *   within one connection; Raft asks nothing of the network and must bear it.
 *
 * Chance is keyed by what a frame is: its content, its way, and how often the same content went that way before. Taking a
 * fault out of a schedule then leaves the fate of all other frames alone.
 */
import { keyedFrom, type KeyedEnd, type Random } from '../base/random.ts';
import type { Nanos } from '../base/time.ts';
import type { Listener } from './ends.ts';
import { LinkTroubles } from './link-troubles.ts';
import { Repeats } from './repeats.ts';
import type { VirtualClock } from './virtual-clock.ts';

/** What a link does to frames. Probabilities are per frame. */
export interface LinkOptions {
  readonly kind: 'stream' | 'datagram';
  readonly minDelayNs: Nanos;
  readonly maxDelayNs: Nanos;
  readonly loss: number;
  /** Datagrams only. */
  readonly duplication: number;
  /** Datagrams only: the share that is held back for up to `lateNs` more, and so overtaken. */
  readonly late: number;
  readonly lateNs: Nanos;
}

/** All links of a simulation. */
export class SimNetwork {
  readonly clock: VirtualClock;
  /** What links between nodes suffer that still deliver. */
  readonly troubles: LinkTroubles;
  readonly #seed: string;
  readonly #listeners = new Map<string, Listener>();
  readonly #cuts = new Set<Way>();
  readonly #lost = new Map<Way, number>();
  #isRepaired = false;
  readonly #fates = new Map<Way, Fates>();

  constructor(clock: VirtualClock, seed: string) {
    this.clock = clock;
    this.#seed = seed;
    this.troubles = new LinkTroubles(clock, seed);
  }

  listen(address: string, listener: Listener): void {
    this.#listeners.set(address, listener);
  }

  unlisten(address: string): void {
    this.#listeners.delete(address);
  }

  listenerAt(address: string): Listener | undefined {
    return this.#listeners.get(address);
  }

  /** Loses everything from one place to another, what is under way included, until `heal`. */
  cut(from: string, to: string): void {
    this.#cuts.add(wayOf(from, to));
    this.troubles.lose({ from, to });
  }

  heal(from: string, to: string): void {
    this.#cuts.delete(wayOf(from, to));
  }

  healAll(): void {
    this.#cuts.clear();
  }

  /** From now on links are whole: nothing is cut, lost, doubled or late. Their own delays stay. */
  repair(): void {
    this.healAll();
    this.troubles.calmAll();
    this.#isRepaired = true;
  }

  get isRepaired(): boolean {
    return this.#isRepaired;
  }

  /** Asked for everything that is on its way: what is lost to a cut is counted here. */
  isCut(way: Way): boolean {
    if (this.#cuts.size === 0 || !this.#cuts.has(way)) return false;
    this.#lost.set(way, (this.#lost.get(way) ?? 0) + 1);
    return true;
  }

  /** How many frames, and attempts to connect, were lost on that way because it was cut. */
  lostOn(from: string, to: string): number {
    return this.#lost.get(wayOf(from, to)) ?? 0;
  }

  /** What is drawn for the frames of this way. */
  fatesOf(way: Way): Fates {
    let fates = this.#fates.get(way);
    if (fates === undefined) this.#fates.set(way, (fates = new Fates(keyedFrom(this.#seed, 'frame', `${way} `))));
    return fates;
  }
}

/** What is drawn for the frames of one way; it knows which of them went it before. */
export class Fates {
  readonly #draws: KeyedEnd;
  readonly #repeats = new Repeats();

  constructor(draws: KeyedEnd) {
    this.#draws = draws;
  }

  /** The draws that belong to the frame with this checksum. */
  of(checksum: number): Random {
    return this.#draws(checksum, this.#repeats.next(checksum));
  }
}

/** From one place to another: links are cut by it. */
export type Way = string;

export function wayOf(from: string, to: string): Way {
  return `${from}→${to}`;
}
