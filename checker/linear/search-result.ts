/** What a search for an order comes to, whatever the model. Operations by number. */

/** What it cost: choices taken and comparisons with remembered configurations, and how many of those there are. */
export interface Cost {
  readonly steps: number;
  readonly configurations: number;
}

/** How far it got. */
export interface Progress {
  /** Place among the problem's events of the latest return that was reached but not passed. */
  readonly deepest: number;
  /** The longest linearizable prefix: everything in effect when `deepest` was first reached, in a valid order. */
  readonly prefix: ArrayLike<number>;
  /** The states in which `deepest` was reached, at most 64. */
  readonly states: readonly number[];
}

/** A stretch of events, both ends belonging to it. */
export interface Window {
  readonly from: number;
  readonly to: number;
}

/** What a search came to. */
export type SearchResult = Cost &
  (
    | { readonly kind: 'found'; readonly order: ArrayLike<number> }
    | ({
        readonly kind: 'none';
        /** The part's events, first and last, that were found to have no order whatever came before, if that is why. */
        readonly window: Window | undefined;
      } & Progress)
    | ({ readonly kind: 'gave-up'; readonly limit: 'steps' | 'memory' | 'stopped' } & Progress)
  );
