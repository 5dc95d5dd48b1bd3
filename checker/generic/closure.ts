/**
 * Every state that the operations of a part can lead to at all, in whatever order and number, where these are few: a lock has
 * two. Then a piece of a history can be judged without what came before it.
 */
import type { ModelPart } from './model-part.ts';
import { IMPOSSIBLE } from './states.ts';

const STATES_MAX = 64;
const STEPS_MAX = 1 << 20;

/** The states by number, the initial one first; undefined where they are many. */
export function closureOf<S>({ states, classes }: ModelPart<S>): readonly number[] | undefined {
  if (classes.length * STATES_MAX > STEPS_MAX) return undefined;
  const found = [states.initial];
  const known = new Set(found);
  for (let i = 0; i < found.length; i++) {
    for (let operationClass = 0; operationClass < classes.length; operationClass++) {
      const next = states.next(found[i]!, operationClass);
      if (next === IMPOSSIBLE || known.has(next)) continue;
      if (found.length === STATES_MAX) return undefined;
      known.add(next);
      found.push(next);
    }
  }
  return found;
}
