/**
 * Operations: what a history is made of once invocations and completions are paired. This is the input of the checker,
 * whatever format it was recorded in.
 */

/** A JSON value. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

/** Integer nanoseconds since the run began. Where a format has no clock (`History.untimed`), the position of the event. */
export type Nanos = number;

/** What a client asked, in Jepsen's words: `{f: 'cas', key: 'x', value: [5, 6]}`. A read is asked with value null. */
export interface Call {
  readonly f: string;
  readonly key?: string;
  readonly value: Json;
}

/**
 * What came of an operation.
 * - `ok`: took effect at one instant inside [callNs, returnNs] and answered `output`: what a read saw; for a cas `true`,
 *   or `false` for an answered mismatch (which is an observation: the value was another one); null for a write.
 * - `unknown`: takes effect at any instant from callNs on, or never. Crashed operations and open ones.
 */
export type Outcome<O = Json> =
  | { readonly kind: 'ok'; readonly output: O; readonly returnNs: Nanos }
  | { readonly kind: 'unknown'; readonly reason: string };

/** One operation of a client. Operations that were proven to have had no effect are not here (see `History.failed`). */
export interface Operation<I = Call, O = Json> {
  /** The index of the invocation in the recorded history: the `#op-<id>` of a report. */
  readonly id: number;
  readonly process: number;
  readonly input: I;
  readonly callNs: Nanos;
  readonly outcome: Outcome<O>;
  /** The node that the request was first sent to, if recorded. */
  readonly entryNode?: string;
  /** Who produced the answer, if recorded. */
  readonly node?: string;
  readonly term?: number;
  readonly applied?: number;
}

/** A proven failure: had no effect, observed nothing. Kept because it explains ("the write of 4 was answered `fail`"). */
export interface FailedOperation<I = Call> {
  readonly id: number;
  readonly process: number;
  readonly input: I;
  readonly callNs: Nanos;
  readonly returnNs: Nanos;
  readonly error: string;
}

/** A paired history. */
export interface History<I = Call, O = Json> {
  readonly operations: readonly Operation<I, O>[];
  readonly failed: readonly FailedOperation<I>[];
  /** Number of clients if known (client = process mod clients), for naming clients in sentences. */
  readonly clients?: number;
  /** True where the format has no clock: then all times are positions of events, and a difference of two is a number of events. */
  readonly untimed?: true;
  /** What was left out while reading, in words: a cut last line, nemesis lines. */
  readonly warnings: readonly string[];
}
