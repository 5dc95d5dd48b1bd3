/**
 * Verdicts. There are three, and a budget that runs out is never turned into one of the other two.
 */
import type { Call, Json, Nanos, Operation } from '../history/operation.ts';

/** Bounds in steps and accounted bytes, not in seconds: the same verdict on every machine. */
export interface Budget {
  /** Transitions tried, per part. */
  readonly maxSteps: number;
  /** Bytes of memory accounted for by the search, per part. */
  readonly maxBytes: number;
  /** Asked now and then; true ends the check as `unknown` with limit `stopped`. */
  readonly shouldStop?: () => boolean;
}

/** An operation of a counterexample. */
export interface MinimalOperation {
  readonly operation: Operation;
  /**
   * Taking away any operation that is not pinned makes the rest linearizable, and that was checked. Pinned is what the others need
   * there (who wrote a value that is observed; what is optional), so that the history would fail without it too; and what is untried.
   */
  readonly pinned: boolean;
  /** Set where the effort for shrinking was spent before it was found out whether the others fail without this one. It is pinned. */
  readonly untried?: true;
  /**
   * Set where only the effect of a compare-and-set is needed: it stands in the minimal history as this write, its own
   * expectation dropped. Dropping a constraint is sound: if the weaker history has no order, neither has the recorded one.
   */
  readonly as?: Call;
  /**
   * Set where the minimal history needs only this much of an answered operation: it may have taken effect inside its interval,
   * answered as it was, or not at all. Such an operation is pinned. That weakens the history, so it is sound as well.
   */
  readonly optional?: true;
  /** Why it is here, in one sentence. */
  readonly why: string;
}

/** Why a part has no linearization. */
export interface Counterexample {
  /** In order of invocation. */
  readonly minimal: readonly MinimalOperation[];
  /** The operation that fits nowhere. */
  readonly culprit: Operation;
  /** Operation ids of the longest linearizable prefix found, in a valid order. */
  readonly prefix: readonly number[];
  /** States possible before the culprit, each with the reason why the culprit fits in none. */
  readonly states: readonly { readonly state: string; readonly reason: string }[];
}

/** The exclusive classes of anomaly. */
export type AnomalyClass =
  | 'stale-read'
  | 'never-written'
  | 'failed-write-read'
  | 'future-read'
  | 'lost-update'
  | 'impossible-mismatch'
  /** A lock that was held was acquired; one that was free was released. */
  | 'two-holders'
  | 'not-held'
  /** Taken out more often than it was put in. */
  | 'duplicate'
  /** What was acknowledged is not there, though nothing can have taken it away. */
  | 'lost'
  | 'out-of-order'
  | 'wrong-count'
  | 'no-order';

/** One thing that went wrong, ready for people. The identical sentence stands in page, terminal and files. */
export interface Anomaly {
  /** `a1`, `a2` …, the most telling first: what no age explains, then the stalest. */
  readonly id: string;
  readonly class: AnomalyClass;
  readonly part: string;
  readonly sentence: string;
  /** Id of the operation that is wrong. */
  readonly operation: number;
  /** For a stale read: the operation whose acknowledgement (or observation) proves the newer value current, and how stale. */
  readonly newer?: {
    readonly operation: number;
    readonly value: Json;
    readonly sinceNs: Nanos;
    readonly gapNs: Nanos;
    readonly versions: number;
  };
  /** The shortest history that shows it. */
  readonly minimal: readonly MinimalOperation[];
}

interface PartCounts {
  readonly part: string;
  readonly operations: number;
  readonly steps: number;
  readonly configurations: number;
}

/** What was decided about one part (one key). */
export type PartResult = PartCounts &
  (
    | {
        readonly kind: 'ok';
        /** Operation ids in a valid order; crashed operations that were not needed are left out. */ readonly order: readonly number[];
      }
    | { readonly kind: 'violation'; readonly counterexample: Counterexample }
    | {
        readonly kind: 'unknown';
        /** `resident-memory`: not a budget but the outer guard of `checker/pool`; the verdict depends on the machine. */
        readonly limit: 'steps' | 'memory' | 'stopped' | 'resident-memory';
        readonly progress: string;
      }
  );

/** The verdict on a history: violation if any part is one, else unknown if any part is, else ok. */
export interface Verdict {
  readonly kind: 'ok' | 'violation' | 'unknown';
  readonly operations: number;
  /** How many parts there are. Fewer stand in `parts` only where the check stopped at the first violation. */
  readonly keys: number;
  readonly parts: readonly PartResult[];
  /** Every anomaly that could be named: one or more for each violating part. Empty unless the verdict is `violation`. */
  readonly anomalies: readonly Anomaly[];
}
