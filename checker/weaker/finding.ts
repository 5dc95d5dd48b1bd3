/** What the weaker promises come to: kept, broken with a proof, or not decided with the reason. */

/** The bad patterns. */
export type BadPattern =
  | 'CyclicCO'
  | 'ThinAirRead'
  | 'WriteCOInitRead'
  | 'WriteCORead'
  | 'CyclicCF'
  | 'WriteHBInitRead'
  | 'CyclicHB'
  /** Sequential consistency: no total order has what must be in it (sequential.ts). */
  | 'CyclicOrder'
  /** Every order of the writes was tried. */
  | 'NoOrder';

/** What became of one promise; operations by number. */
export type Finding =
  | { readonly kind: 'holds' }
  /** `operations` in the order in which the pattern has them: see `sentence.ts`. */
  | {
      readonly kind: 'violated';
      readonly pattern: BadPattern;
      readonly operations: readonly number[];
      /** For a cycle: by operation the one because of which it is before the next; NONE where that is the causal order. */
      readonly because?: readonly number[];
    }
  | { readonly kind: 'not-decided'; readonly reason: string };
