/**
 * Which links are cut, and which only suffer. Several faults may cut the same link; it is whole again when the last of them heals. The filters of
 * the nodes are computed from here, so that a node that was down gets them when it comes back.
 */
import type { Cut, LinkTrouble } from '../contract/fault.ts';
import type { Disturbance } from '../wire/control-protocol.ts';
import type { Filter } from './node-process.ts';

export class Links {
  /** How many faults cut the link, by `from to`. */
  readonly #cuts = new Map<string, { readonly cut: Cut; count: number }>();
  readonly #troubles = new Set<{ readonly links: readonly Cut[]; readonly trouble: LinkTrouble }>();

  add(cuts: readonly Cut[]): void {
    for (const cut of cuts) {
      const entry = this.#cuts.get(keyOf(cut)) ?? { cut, count: 0 };
      entry.count++;
      this.#cuts.set(keyOf(cut), entry);
    }
  }

  remove(cuts: readonly Cut[]): void {
    for (const cut of cuts) {
      const entry = this.#cuts.get(keyOf(cut));
      if (entry !== undefined && --entry.count === 0) this.#cuts.delete(keyOf(cut));
    }
  }

  /** The links suffer this until the function is called that comes back. */
  disturb(links: readonly Cut[], trouble: LinkTrouble): () => void {
    const entry = { links, trouble };
    this.#troubles.add(entry);
    return () => void this.#troubles.delete(entry);
  }

  filterOf(node: string): Filter {
    const cuts = [...this.#cuts.values()].map((entry) => entry.cut);
    return {
      cutOut: cuts.filter((cut) => cut.from === node).map((cut) => cut.to),
      cutIn: cuts.filter((cut) => cut.to === node).map((cut) => cut.from),
      disturbed: this.#disturbed(node),
    };
  }

  #disturbed(node: string): Filter['disturbed'] {
    const disturbed: Record<string, Disturbance> = {};
    for (const { links, trouble } of this.#troubles) {
      for (const { from, to } of links) if (to === node) disturbed[from] = worse(disturbed[from] ?? CALM, trouble);
    }
    return disturbed;
  }
}

const CALM: Disturbance = { delayMs: 0, duplicate: false, resetEveryMs: 0 };

function worse(disturbance: Disturbance, trouble: LinkTrouble): Disturbance {
  switch (trouble.kind) {
    case 'delay':
      return { ...disturbance, delayMs: Math.max(disturbance.delayMs, trouble.delayMs) };
    case 'duplicate':
      return { ...disturbance, duplicate: true };
    case 'reset':
      return { ...disturbance, resetEveryMs: trouble.everyMs };
  }
}

function keyOf({ from, to }: Cut): string {
  return `${from} ${to}`;
}
