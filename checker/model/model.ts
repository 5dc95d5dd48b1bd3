/**
 * The model: what a correct object would answer, one operation at a time. Workloads speak its inputs, the checker judges
 * by its `step`.
 */

import type { Json } from '../history/operation.ts';

/** `step` answers this where the operation is impossible in the state. */
export const REJECTED: unique symbol = Symbol('rejected');
/** The output of an operation whose answer nobody saw. */
export const UNSEEN: unique symbol = Symbol('unseen');

/**
 * What an operation does to a register, in the checker's own terms. A model that is a register says so through
 * `Model.asRegister`; the engine then knows which operation can have written what another one saw, which is what dropping
 * crashed writes, finding stale reads at once and telling them in words rest on.
 */
export type RegisterAction =
  | { readonly kind: 'read'; readonly value: Json }
  | { readonly kind: 'write'; readonly value: Json }
  /** Succeeds only where the value is `from`, and leaves `to`. */
  | { readonly kind: 'cas'; readonly from: Json; readonly to: Json }
  /** A compare-and-set that was answered "no": the value was anything but `not`. */
  | { readonly kind: 'mismatch'; readonly not: Json }
  /** Neither changes nor shows anything: a read whose answer nobody saw. */
  | { readonly kind: 'nothing' };

/**
 * A sequential specification.
 * @typeParam S state, treated as immutable · @typeParam I input · @typeParam O output
 */
export interface Model<S, I, O> {
  readonly name: string;
  /** The state before the first operation. */
  readonly initial: S;
  /** The state after `input` answered `output` in `state`, or REJECTED. Pure. UNSEEN matches any answer. */
  step(state: S, input: I, output: O | typeof UNSEEN): S | typeof REJECTED;
  /** Equal states have equal keys, different states different ones. */
  key(state: S): string | number;
  /** Operations with different partitions never influence each other: each part is judged alone (locality, Herlihy & Wing 1990). */
  partition?(input: I): string;
  /** True where the operation never changes the state; a crashed one is then dropped. */
  isRead?(input: I): boolean;
  /** Where each part is one register: the operation as a register action. Throws ModelError for an operation that is not the model's. */
  asRegister?(input: I, output: O | typeof UNSEEN): RegisterAction;
  /** `read x → 4`, `write x = 5`, `cas x 4 → 5`. */
  describe?(input: I, output: O | typeof UNSEEN): string;
  /** `x = 5`, for saying what a state is. */
  describeState?(state: S, partition: string): string;
}

/** An operation that the model does not know: the wrong model was named, or the history is of something else. */
export class ModelError extends Error {
  override readonly name = 'ModelError';
}
