/** What a monitor says of a part. */

/** What is wrong, as far as values go. */
export type CollectionFault = 'never-put' | 'future' | 'duplicate' | 'out-of-order' | 'lost' | 'no-order';

/** A part that no such collection can have answered. */
export interface CollectionViolation {
  readonly kind: 'violation';
  readonly class: CollectionFault;
  /** Values that suffice, with all operations on them: usually one or two. The first is the one that was passed over. */
  readonly values: readonly number[];
  /** `empty` answers among the evidence. */
  readonly empties: readonly number[];
  /**
   * True if takes of unknown answers could have been at fault had the values been lost, so that the evidence holds with the
   * takes that were seen and not without them.
   */
  readonly needsTakes: boolean;
}

/** What a monitor says of a part. */
export type Monitored =
  | {
      readonly kind: 'ok';
      /** Operation numbers. */
      readonly order: Int32Array;
      /** By operation, the value that an unseen take took; undefined where they took nothing. */
      readonly took: Int32Array | undefined;
    }
  | CollectionViolation;
