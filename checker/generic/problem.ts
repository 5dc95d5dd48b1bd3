/** What the generic search is given: some operations of a part, laid out, and the state before the first of them. */
import { layOut, type Choice, type Layout } from './layout.ts';
import type { ModelPart } from './model-part.ts';
import type { OrderHints } from './order-hints.ts';
import type { States } from './states.ts';

/** What to search an order of; operations by number. */
export interface SearchProblem {
  readonly layout: Layout;
  readonly classOf: Int32Array;
  /** Never changes the state. */
  readonly pure: Uint8Array;
  /** When each returns, to try the first ones first. */
  readonly ret: Int32Array;
  /** See order-hints.ts. */
  readonly hints: OrderHints;
  readonly states: States<unknown>;
  /** The number of the state before the first event. */
  readonly initial: number;
}

/** The search for an order of some operations of a part. */
export function problemOf<S>(part: ModelPart<S>, choice: Choice, initial: number = part.states.initial): SearchProblem {
  return { ...part, layout: layOut(part, choice), initial };
}
