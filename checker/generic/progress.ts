/** How far a search got: for saying where a history breaks, or how much of it was placed when a budget ran out. */
import type { Placed } from './placed.ts';

/** How far a search got. */
export interface Progress {
  /** The latest operation whose return was reached but not passed; −1 if none was reached. */
  readonly stuckAt: number;
  /** Everything in effect when that was reached, in a valid order: the longest linearizable prefix. */
  readonly prefix: readonly number[];
  /** The states in which it was reached, at most 64. */
  readonly states: readonly number[];
}

const STATES_MAX = 64;

/** Follows a search. */
export class Farthest {
  readonly #placed: Placed;
  #position = -1;
  readonly #states = new Set<number>();

  constructor(placed: Placed) {
    this.#placed = placed;
  }

  /** A choice is open at this event, in this state. */
  reach(position: number, state: number): void {
    if (position > this.#position) {
      this.#position = position;
      this.#states.clear();
      this.#placed.forget();
    }
    if (position === this.#position && this.#states.size < STATES_MAX) this.#states.add(state);
  }

  /** The choices at this event are exhausted: the last moment at which the order that led there is known. */
  leave(position: number): void {
    if (position === this.#position) this.#placed.keepLongest();
  }

  progress(events: Int32Array, position: number): Progress {
    if (position >= this.#position) this.#placed.keepLongest();
    return {
      stuckAt: this.#position === -1 ? -1 : events[this.#position]! >> 1,
      prefix: this.#placed.longest,
      states: [...this.#states],
    };
  }
}
