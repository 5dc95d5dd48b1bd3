/**
 * The model: what a correct object would answer, one operation at a time. Workloads speak its inputs, the checker judges
 * by its `step`.
 */

import type { Call, Json } from '../history/operation.ts';

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
 * What an operation does to a collection of values, in the checker's own terms. A model that is a queue, a stack, a bag or a
 * set says so through `Model.asCollection`; where every value is put in once, its histories are then decided in n log n.
 */
export type CollectionAction =
  | { readonly kind: 'put'; readonly value: Json }
  /** Took this value out. */
  | { readonly kind: 'take'; readonly value: Json }
  /** Wanted to take one out and was answered that there is none. */
  | { readonly kind: 'empty' }
  /** Saw whether the value is in (a set), without changing it. */
  | { readonly kind: 'contains'; readonly value: Json; readonly isIn: boolean }
  /** Took something out, or nothing, and nobody saw what. */
  | { readonly kind: 'take-unseen' }
  /** Saw everything that is in (a set), without changing it. */
  | { readonly kind: 'read-all'; readonly values: readonly Json[] }
  /** Neither changes nor shows anything. */
  | { readonly kind: 'nothing' }
  /** Something else: no monitor knows it, the search decides. */
  | { readonly kind: 'other' };

/** What an operation does to a list that only grows, in the checker's own terms. */
export type ListAction =
  | { readonly kind: 'append'; readonly value: Json }
  /** Saw the whole list. */
  | { readonly kind: 'read'; readonly values: readonly Json[] }
  /** Neither changes nor shows anything. */
  | { readonly kind: 'nothing' };

/** How a model says that it is a list that only grows. */
export interface GrowingList {
  /** What is in it before the first operation. */
  readonly initial: readonly Json[];
  actionOf(input: Call, output: Json | typeof UNSEEN): ListAction;
}

/** In which order a collection gives back what was put in. */
export type CollectionOrder = 'fifo' | 'lifo' | 'any' | 'set';

/** How a model says which states are equal. */
export interface KeyOf<S> {
  key(state: S): string | number;
}

/** What a register's operations are called. */
export interface RegisterWords {
  readonly read: string;
  readonly write: string;
  readonly cas?: string;
}

/**
 * A sequential specification.
 * @typeParam S state, treated as immutable · @typeParam I input · @typeParam O output
 */
export interface Model<S, I, O> {
  readonly name: string;
  /** The names (`f`) of the operations it knows, for messages and for guessing the model of a history. */
  readonly knows?: readonly string[];
  /** The state before the first operation. */
  readonly initial: S;
  /**
   * The state after `input` answered `output` in `state`, or REJECTED. Pure. UNSEEN matches any answer; where an operation
   * whose answer nobody saw would leave the state as it is, REJECTED says the same, because it may as well be left out.
   */
  step(state: S, input: I, output: O | typeof UNSEEN): S | typeof REJECTED;
  /** Equal states have equal keys, different states different ones. */
  key(state: S): string | number;
  /** True where the partition is the call's key, '' without one: then it costs nothing. */
  readonly partitionedByKey?: boolean;
  /**
   * Where calls and answers are those of a register in other words: the names of its operations. The engine then reads the columns
   * of a history directly, and asks `asRegister` only for what these words do not say.
   */
  readonly registerWords?: RegisterWords;
  /** Operations with different partitions never influence each other: each part is judged alone (locality, Herlihy & Wing 1990). */
  partition?(input: I): string;
  /**
   * A key that tells apart only those states that these operations, all of a part's, can tell apart: states with equal keys answer each of
   * them alike, and lead to states with equal keys. Fewer states are fewer to search; left out where `key` tells what can be told.
   */
  keyAmong?(operations: readonly { readonly input: I; readonly output: O | typeof UNSEEN }[]): KeyOf<S>;
  /** True where the operation never changes the state; a crashed one is then dropped. */
  isRead?(input: I): boolean;
  /**
   * Where each part (as `partition` cuts them) is one register whose first value is `initial`: the operation as a register action.
   * Undefined for an operation that no register has (an append): a part with such an operation is not a register, and goes the
   * way of every other model; a part without one is. Throws ModelError for an operation that is not the model's.
   */
  asRegister?(input: I, output: O | typeof UNSEEN): RegisterAction | undefined;
  /**
   * Where each part is one collection: its order, and the operation as a collection action. Throws ModelError like `asRegister`.
   * Left out by a model whose collections hold something before the first operation, so that nobody need ask.
   */
  readonly collection?: CollectionOrder;
  asCollection?(input: I, output: O | typeof UNSEEN): CollectionAction;
  /**
   * Where each part is a list that is appended to and read as a whole. The longest read then says what every state before it was
   * (see generic/growing.ts). `actionOf` throws ModelError like `asRegister`.
   */
  readonly growing?: GrowingList;
  /**
   * Instead of `partition`, for operations on several things at once (a transaction on several registers): their names. Things
   * that some operation touches together are judged together, the others apart. An operation that touches nothing is possible
   * at any time and changes nothing.
   */
  touches?(input: I): readonly string[];
  /**
   * False only where the answered operation (`input`, `output`) cannot have seen the effect of the call `effect`: a call that no
   * answered operation can have seen may be taken out of every order without making it a wrong one. Crashed calls of which that
   * is so are then left out of the search. A model that is a collection need not say it.
   */
  sees?(input: I, output: O, effect: I): boolean;
  /** `read x → 4`, `write x = 5`, `cas x 4 → 5`. */
  describe?(input: I, output: O | typeof UNSEEN): string;
  /** `x = 5`, for saying what a state is. */
  describeState?(state: S, partition: string): string;
}

/** An operation that the model does not know: the wrong model was named, or the history is of something else. */
export class ModelError extends Error {
  override readonly name = 'ModelError';
}
