/**
 * Objects that may choose: a queue that gives back any of its values, a register that may lose a write, a crashed operation that
 * may have done one of several things. `nondeterministic` makes of one a model that does not choose, whose state is the *set*
 * of the states that the object can be in (the powerset construction; Rabin & Scott 1959).
 *
 * That is exact, not an approximation: the set after some operations has precisely the states that some run of them with these
 * answers leaves, so an order is accepted if and only if the object can choose so that every answer comes out. It rests on
 * two promises of `steps`: it gives *every* state that can follow, and they depend on nothing but state, input and output. What
 * it costs: the sets may have as many states as there are combinations of choices that no later answer has told apart.
 */
import { ModelError, REJECTED, type Model, type UNSEEN } from './model.ts';

/**
 * An object that may choose. What it shares with `Model` means the same here; `key` and `describeState` are of one state. There
 * is no `isRead`: an answered read leaves the object as it is, but it tells in which of the possible states it was.
 */
export interface NondeterministicObject<S, I, O> extends Pick<
  Model<S, I, O>,
  | 'name'
  | 'knows'
  | 'key'
  | 'partition'
  | 'partitionedByKey'
  | 'touches'
  | 'describe'
  | 'describeState'
  | 'collection'
  | 'asCollection'
> {
  /** The states that it may be in before the first operation: one or more. */
  readonly initial: readonly S[];
  /** Every state that can follow where `input` answered `output` in `state`; none where it cannot have. Pure and finite. */
  steps(state: S, input: I, output: O | typeof UNSEEN): readonly S[];
}

/**
 * The model whose states are sets of the object's. @throws ModelError for an object without a first state
 * @typeParam S one state · @typeParam I input · @typeParam O output
 */
export function nondeterministic<S, I, O>(object: NondeterministicObject<S, I, O>): Model<readonly S[], I, O> {
  const { initial, describeState, ...rest } = object;
  if (initial.length === 0) throw new ModelError(`the model ${object.name} has no first state`);
  return {
    ...rest,
    initial: asSet(object, initial),
    step: (states, input, output) => {
      const next = states.flatMap((state) => object.steps(state, input, output));
      return next.length === 0 ? REJECTED : asSet(object, next);
    },
    key: (states) => setKey(states.map((state) => object.key(state))),
    ...(describeState === undefined
      ? {}
      : {
          describeState: (states, part) => states.map((state) => describeState.call(object, state, part)).join(' or '),
        }),
  };
}

/** Each state once, in the order of their keys, so that equal sets are equal lists. */
function asSet<S, I, O>({ key }: Pick<Model<S, I, O>, 'key'>, states: readonly S[]): readonly S[] {
  if (states.length === 1) return states;
  const byKey = new Map(states.map((state) => [key(state), state]));
  return [...byKey]
    .map(([itsKey, state]) => ({ text: keyText(itsKey), state }))
    .sort((a, b) => (a.text < b.text ? -1 : 1))
    .map(({ state }) => state);
}

/** One text for equal sets, another for different ones: the texts of several are quoted, so that none runs into the next. */
function setKey(keys: readonly (string | number)[]): string {
  return keys.length === 1 ? keyText(keys[0]!) : `{${JSON.stringify(keys)}`;
}

/** The number 1 and the text '1' are different keys. */
function keyText(key: string | number): string {
  return typeof key === 'number' ? `#${key}` : `'${key}`;
}
