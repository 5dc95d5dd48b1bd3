/**
 * What state machines did. All nodes make the same changes in the same order (state machine safety, Raft 5.4.3), so the
 * changes of the cluster are one list, and each node is at one place of it.
 */
import type { Probe } from '../contract/probe.ts';

type Apply = Probe & { readonly kind: 'apply' };

interface Change {
  readonly index: number;
  /** Key and value. */
  readonly what: string;
}

export class AppliedChanges {
  readonly #changes: Change[] = [];
  /** Where in the list the next change of a node belongs. */
  readonly #places = new Map<string, number>();

  /**
   * The node begins anew with a state that has everything up to `appliedIndex`: a snapshot's, or nothing. Whoever wrote that
   * snapshot has told of all its changes before, so the next change of the list is the next of this node.
   */
  restart(node: string, appliedIndex: number): void {
    this.#places.set(node, this.#placeOf(appliedIndex + 1));
  }

  /** What is wrong with this change, or undefined. */
  add({ node, index, key, value }: Apply): string | undefined {
    const change: Change = { index, what: `${key} = ${JSON.stringify(value)}` };
    const place = this.#places.get(node) ?? 0;
    this.#places.set(node, place + 1);
    const expected = this.#changes[place];
    if (expected === undefined) {
      this.#changes.push(change);
      return undefined;
    }
    if (expected.index === index && expected.what === change.what) return undefined;
    return `applied ${change.what} at ${index} where another node applied ${expected.what} at ${expected.index}`;
  }

  /** The first change at or after `index`. */
  #placeOf(index: number): number {
    let low = 0;
    let high = this.#changes.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#changes[middle]!.index < index) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
