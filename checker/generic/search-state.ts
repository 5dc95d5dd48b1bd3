/** The configuration that a search is in, as the rules that choose, leave out and remember see it. */
import type { Frames } from './frames.ts';
import type { SearchProblem } from './problem.ts';

/** Sets of slots are words of 32; operations and states are numbers. */
export interface SearchState {
  readonly problem: SearchProblem;
  readonly words: number;
  readonly frames: Frames;
  /** The words of the used slots followed by those of the free ones. */
  readonly sets: Int32Array;
  readonly inFlight: Int32Array;
  /** Slots of operations in flight that never return. */
  readonly lasting: Int32Array;
  /** The operation in each slot, if it is in flight. */
  readonly inSlot: Int32Array;
  readonly state: number;
  /** See order-hints.ts: how many puts of each value are in effect, and how many takes. */
  readonly puts: Int32Array;
  readonly takes: number;
  /** The operation whose return is next. */
  readonly returning: number;
  isFree(slot: number): boolean;
  /** The state after an operation, or IMPOSSIBLE. */
  next(state: number, operation: number): number;
}
