/**
 * A guess at the order in which values were put into a queue or stack: that in which they were taken out, or the reverse. It
 * only says what to try first. Without it a good history of a queue is decided as slowly as a bad one, since a wrong order of
 * two puts shows only when they are taken.
 */
import { NEVER } from '../history/table.ts';
import { Values } from '../history/values.ts';
import type { Call, Json } from '../history/operation.ts';
import type { Model } from '../model/model.ts';
import type { OperationClass } from './states.ts';

/** No guess. */
export const NO_HINT = -1;

/** What is looked at of a part. */
interface Classified<S> {
  readonly count: number;
  readonly ret: Int32Array;
  readonly model: Model<S, Call, Json>;
  readonly classOf: Int32Array;
  readonly classes: readonly OperationClass[];
}

/** By operation: of two puts in flight the one with the smaller number is tried first; NO_HINT for everything else. */
export function orderHints<S>(part: Classified<S>): Int32Array {
  const { collection } = part.model;
  const hints = new Int32Array(part.count).fill(NO_HINT);
  if (collection !== 'fifo' && collection !== 'lifo') return hints;
  const values = new Values();
  const takes = takesByValue(part, valuesOf(part, 'take', values));
  for (const [i, value] of putsOf(part, valuesOf(part, 'put', values))) {
    const taken = takes.get(value)?.pop() ?? NEVER;
    hints[i] = collection === 'fifo' ? taken : NEVER - taken;
  }
  return hints;
}

/** Operations and the numbers of the values that they put in, in order of their calls. */
function* putsOf<S>({ count, classOf }: Classified<S>, valueOf: Int32Array): Iterable<readonly [number, number]> {
  for (let i = 0; i < count; i++) {
    const value = valueOf[classOf[i]!]!;
    if (value !== NO_HINT) yield [i, value];
  }
}

/** The returns of those that took each value, the last first. */
function takesByValue<S>({ count, classOf, ret }: Classified<S>, valueOf: Int32Array): ReadonlyMap<number, number[]> {
  const takes = new Map<number, number[]>();
  for (let i = 0; i < count; i++) {
    const value = valueOf[classOf[i]!]!;
    if (value === NO_HINT || ret[i] === NEVER) continue;
    const there = takes.get(value);
    if (there === undefined) takes.set(value, [ret[i]!]);
    else there.push(ret[i]!);
  }
  for (const returns of takes.values()) returns.sort((a, b) => b - a);
  return takes;
}

/** By class: the number of the value that it puts in or takes out. */
function valuesOf<S>({ model, classes }: Classified<S>, kind: 'put' | 'take', values: Values): Int32Array {
  return Int32Array.from(classes, ({ input, output }) => {
    const action = model.asCollection?.(input, output);
    return action?.kind === kind ? values.of(action.value) : NO_HINT;
  });
}
