/**
 * The model: what a correct object would answer, one operation at a time. Workloads speak its inputs, the checker judges
 * by its `step`.
 */

/** `step` answers this where the operation is impossible in the state. */
export const REJECTED: unique symbol = Symbol('rejected');
/** The output of an operation whose answer nobody saw. */
export const UNSEEN: unique symbol = Symbol('unseen');

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
  /** `read x → 4`, `write x = 5`, `cas x 4 → 5`. */
  describe?(input: I, output: O | typeof UNSEEN): string;
  /** `x = 5`, for saying what a state is. */
  describeState?(state: S, partition: string): string;
}
