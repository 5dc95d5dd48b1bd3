/** What a workload is: the operations that clients draw, the model that judges them, and how it is told. */
import type { Call, Json, Model } from '../checker/index.ts';
import type { Random } from '../src/base/random.ts';

/** Draws the calls of one client slot. Draws depend on (seed, slot, nth) and on what this client saw, never on time. */
export interface Generator {
  /** The next call of this slot. `random` is the stream keyed by (seed, slot, nth). */
  next(random: Random): Call;
  /**
   * What came of the last call: `ok` with its output; a mismatch, an answer that what it expected is not so (of a cas, or of a
   * release by somebody who is not the holder); or nothing learned.
   */
  saw(
    call: Call,
    result:
      { readonly kind: 'ok'; readonly output: Json } | { readonly kind: 'mismatch' } | { readonly kind: 'nothing' },
  ): void;
}

export interface WorkloadOptions {
  readonly keys: readonly string[];
  readonly slots: number;
}

/** A kind of operation of which every key must have seen one succeed, for a run to mean anything. */
export interface Needed {
  /** As it is named where it is missing: `read`, `acquire`. */
  readonly what: string;
  /** Whether this call, answered this, is one. */
  readonly has: (call: Call, output: Json) => boolean;
}

/** A workload. `S` is the state of its model for one part. */
export interface Workload<S = unknown> {
  readonly name: string;
  readonly about: string;
  readonly model: Model<S, Call, Json>;
  /** A generator for one slot; a witness slot only reads. A workload whose model has no reads has no witnesses. */
  generator(slot: number, role: 'client' | 'witness', options: WorkloadOptions): Generator;
  readonly needs: readonly Needed[];
  /** The calls that end a run, for one key of the run. */
  ending(key: string): Ending;
}

/** Asked one after another, each until it is answered. */
export interface Ending {
  /** The first call, or the one that follows what the last one was answered; null where there is nothing more to see. */
  next(last?: Json): Call | null;
}

/** Whether it is a read, as opposed to what may change something. */
export function isRead({ model }: Workload, call: Call): boolean {
  return model.isRead?.(call) === true;
}

/** Whether it has any: a workload without reads has nothing that a stale node could answer. */
export function hasReads({ model }: Workload): boolean {
  return model.isRead !== undefined;
}
