/** What a workload is: the operations that clients draw, the model that judges them, and how it is told. */
import type { Call, Json, Model } from '../checker/index.ts';
import type { Random } from '../src/base/random.ts';

/** Draws the calls of one client slot. Draws depend on (seed, slot, nth) and on what this client saw, never on time. */
export interface Generator {
  /** The next call of this slot. `random` is the stream keyed by (seed, slot, nth). */
  next(random: Random): Call;
  /** What came of the last call: `ok` with its output, an answered mismatch, or nothing learned. */
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

/** A workload. `S` is the state of its model for one part. */
export interface Workload<S = unknown> {
  readonly name: string;
  readonly about: string;
  readonly model: Model<S, Call, Json>;
  /** A generator for one slot; a witness slot only reads. */
  generator(slot: number, role: 'client' | 'witness', options: WorkloadOptions): Generator;
  /** The read that ends a run, for one key. */
  finalRead(key: string): Call;
}
