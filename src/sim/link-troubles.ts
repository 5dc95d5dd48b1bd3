/**
 * What bad links do to messages without losing them: hand them over late and in order, or twice, or end the connection again and
 * again. As on real nodes (`src/node/disturber.ts`) it happens at the receiver, behind the connection, so that senders see nothing of
 * it but the missing answers; and what is held back dies with the receiver, or with a cut of the link.
 */
import { crc32 } from 'node:zlib';
import { keyed } from '../base/random.ts';
import { msToNs, type Nanos } from '../base/time.ts';
import type { Cut, LinkTrouble } from '../contract/fault.ts';
import { Repeats } from './repeats.ts';
import type { VirtualClock } from './virtual-clock.ts';

/** How much later a second copy comes: at once, among the next messages, after whole rounds. */
const COPY_AFTER_MS = [0, 3, 20, 70];

/** What was done to a link so far. */
export interface LinkCounters {
  delayed: number;
  duplicated: number;
  resets: number;
}

interface Way extends LinkCounters {
  delayNs: Nanos;
  duplicates: boolean;
  /** When the last message that was held back is handed over; nothing overtakes it. */
  dueNs: Nanos;
  /** How often the link was cut: what was held back before is gone. */
  cuts: number;
  /** How often the same content went this way while it was duplicated. */
  readonly repeats: Repeats;
  /** Which trouble of the kind `reset` is the present one; 0 for none. */
  resetting: number;
}

export class LinkTroubles {
  readonly #clock: VirtualClock;
  readonly #seed: string;
  readonly #ways = new Map<string, Way>();
  #resettings = 0;

  constructor(clock: VirtualClock, seed: string) {
    this.#clock = clock;
    this.#seed = seed;
  }

  /** @param reset ends the connection of that link, if there is one, and says whether there was. */
  disturb(links: readonly Cut[], trouble: LinkTrouble, reset: (link: Cut) => boolean): void {
    for (const link of links) {
      const way = this.#way(link);
      switch (trouble.kind) {
        case 'delay':
          way.delayNs = msToNs(trouble.delayMs);
          break;
        case 'duplicate':
          way.duplicates = true;
          break;
        case 'reset':
          way.resetting = ++this.#resettings;
          this.#resetAgain(way, { everyNs: msToNs(trouble.everyMs), reset: () => reset(link) });
          break;
      }
    }
  }

  /** What is held back keeps its time, and what comes later stays behind it. */
  calm(links: readonly Cut[], kind?: LinkTrouble['kind']): void {
    for (const link of links) calmWay(this.#way(link), kind);
  }

  calmAll(): void {
    for (const way of this.#ways.values()) calmWay(way, undefined);
  }

  /** What was under way on this link is gone. */
  lose(link: Cut): void {
    const way = this.#ways.get(keyOf(link));
    if (way === undefined) return;
    way.cuts++;
    way.dueNs = 0;
  }

  counters(link: Cut): Readonly<LinkCounters> {
    const { delayed, duplicated, resets } = this.#way(link);
    return { delayed, duplicated, resets };
  }

  /** Hands a message over as the link lets it: now or later, once or twice. */
  receive(link: Cut, payload: Uint8Array, deliver: (payload: Uint8Array) => void): void {
    const way = this.#ways.size === 0 ? undefined : this.#ways.get(keyOf(link));
    if (way === undefined) return deliver(payload);
    const nowNs = this.#clock.nowNs();
    if (way.duplicates) {
      way.duplicated++;
      const copy = payload.slice();
      this.#hold(way, nowNs + this.#copyAfterNs(link, way, payload), () => deliver(copy));
    }
    if (way.delayNs === 0 && way.dueNs <= nowNs) return deliver(payload);
    if (way.delayNs > 0) way.delayed++;
    way.dueNs = Math.max(way.dueNs, nowNs + way.delayNs);
    return this.#hold(way, way.dueNs, () => deliver(payload));
  }

  #hold(way: Way, untilNs: Nanos, handOver: () => void): void {
    const { cuts } = way;
    this.#clock.at(untilNs, () => {
      if (way.cuts === cuts) handOver();
    });
  }

  #copyAfterNs(link: Cut, { repeats }: Way, payload: Uint8Array): Nanos {
    const checksum = crc32(payload);
    const content = `${keyOf(link)} ${checksum}`;
    return msToNs(keyed(this.#seed, 'copy', content, repeats.next(checksum)).pick(COPY_AFTER_MS));
  }

  #resetAgain(way: Way, it: { readonly everyNs: Nanos; readonly reset: () => boolean }): void {
    const { resetting } = way;
    this.#clock.after(it.everyNs, () => {
      if (way.resetting !== resetting) return;
      if (it.reset()) way.resets++;
      this.#resetAgain(way, it);
    });
  }

  #way(link: Cut): Way {
    const key = keyOf(link);
    let way = this.#ways.get(key);
    if (way === undefined) {
      const counters = { delayed: 0, duplicated: 0, resets: 0 };
      way = { delayNs: 0, duplicates: false, dueNs: 0, cuts: 0, repeats: new Repeats(), resetting: 0, ...counters };
      this.#ways.set(key, way);
    }
    return way;
  }
}

function calmWay(way: Way, kind: LinkTrouble['kind'] | undefined): void {
  if (kind === undefined || kind === 'delay') way.delayNs = 0;
  if (kind === undefined || kind === 'duplicate') way.duplicates = false;
  if (kind === undefined || kind === 'reset') way.resetting = 0;
}

function keyOf({ from, to }: Cut): string {
  return `${from} ${to}`;
}
