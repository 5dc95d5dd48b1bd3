/**
 * Which links are cut. Several faults may cut the same link; it is whole again when the last of them heals. The filters of
 * the nodes are computed from here, so that a node that was down gets them when it comes back.
 */
import type { Cut } from '../contract/fault.ts';
import type { Filter } from './node-process.ts';

export class Links {
  /** How many faults cut the link, by `from to`. */
  readonly #cuts = new Map<string, { readonly cut: Cut; count: number }>();

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

  filterOf(node: string): Filter {
    const cuts = [...this.#cuts.values()].map((entry) => entry.cut);
    return {
      cutOut: cuts.filter((cut) => cut.from === node).map((cut) => cut.to),
      cutIn: cuts.filter((cut) => cut.to === node).map((cut) => cut.from),
    };
  }
}

function keyOf({ from, to }: Cut): string {
  return `${from} ${to}`;
}
