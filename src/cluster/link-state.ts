/** What the links between nodes suffer at the moment, and what was seen on them; the proxies look here before they pass anything on. */
import type { Cut, LinkTrouble } from '../contract/fault.ts';
import type { NodeId } from '../contract/names.ts';

/** What passed on a directed link, and what did not. */
export interface LinkCounts {
  /** Bytes. */
  passed: number;
  /** Pieces of data, and connections that were tried in vain. */
  dropped: number;
  delayed: number;
  resets: number;
}

export class LinkState {
  /** How many faults cut the link. */
  readonly #cuts = new Map<string, number>();
  readonly #delays = new Set<{ readonly links: readonly Cut[]; readonly delayMs: number }>();
  readonly #counts = new Map<string, LinkCounts>();

  countsOf(from: NodeId, to: NodeId): LinkCounts {
    const key = `${from} ${to}`;
    const counts = this.#counts.get(key) ?? { passed: 0, dropped: 0, delayed: 0, resets: 0 };
    this.#counts.set(key, counts);
    return counts;
  }

  isCut(from: NodeId, to: NodeId): boolean {
    return (this.#cuts.get(`${from} ${to}`) ?? 0) > 0;
  }

  delayMs(from: NodeId, to: NodeId): number {
    const hit = [...this.#delays].filter(({ links }) => links.some((link) => link.from === from && link.to === to));
    return Math.max(0, ...hit.map(({ delayMs }) => delayMs));
  }

  /** The links are cut until the function is called that comes back. */
  cut(cuts: readonly Cut[]): () => void {
    const add = (by: number): void => {
      for (const { from, to } of cuts) this.#cuts.set(`${from} ${to}`, (this.#cuts.get(`${from} ${to}`) ?? 0) + by);
    };
    add(1);
    return () => add(-1);
  }

  /** Everything on these links is late until the function is called that comes back. */
  delay(links: readonly Cut[], { delayMs }: Extract<LinkTrouble, { kind: 'delay' }>): () => void {
    const entry = { links, delayMs };
    this.#delays.add(entry);
    return () => void this.#delays.delete(entry);
  }
}
