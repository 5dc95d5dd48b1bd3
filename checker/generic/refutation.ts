/**
 * Refutes a history by a piece of it. Where few states are possible at all, a search that is stuck at a return need not try all
 * the ways that led there: if from none of the possible states some events before, with everything open there free, the return
 * can be passed, then the history has no order whatever came before.
 */
import type { Budget } from '../verdict/verdict.ts';
import type { ModelPart } from './model-part.ts';
import { problemOf } from './problem.ts';
import { Search } from './search.ts';

const WINDOW_MIN = 8;

/** What a refutation came to, and its cost. */
export interface Refutation {
  readonly isRefuted: boolean;
  readonly steps: number;
}

/**
 * Tries windows of 8, 16, 32 … events before the return of an operation.
 * @param kept the operations that take part
 * @param closure every state possible at all
 */
export function refute<S>(
  part: ModelPart<S>,
  { kept, closure, stuckAt }: { kept: readonly number[]; closure: readonly number[]; stuckAt: number },
  budget: Budget,
): Refutation {
  const until = part.ret[stuckAt]!;
  let steps = 0;
  for (let size = WINDOW_MIN; size < until; size *= 2) {
    const tried = window(
      part,
      { kept, closure, begin: until - size, until },
      { ...budget, maxSteps: budget.maxSteps - steps },
    );
    steps += tried.steps;
    if (tried.isRefuted) return { isRefuted: true, steps };
    if (steps >= budget.maxSteps) break;
  }
  return { isRefuted: false, steps };
}

function window<S>(
  part: ModelPart<S>,
  {
    kept,
    closure,
    begin,
    until,
  }: { kept: readonly number[]; closure: readonly number[]; begin: number; until: number },
  budget: Budget,
): Refutation {
  const { call, ret } = part;
  const inside = kept.filter((i) => ret[i]! > begin && call[i]! < until);
  const isOptional = (i: number): boolean => call[i]! < begin;
  let steps = 0;
  for (const initial of closure) {
    const search = new Search(problemOf(part, { kept: inside, isOptional, until }, initial));
    const result = search.run({ ...budget, maxSteps: Math.max(1, budget.maxSteps - steps) });
    steps += search.steps;
    if (result.kind !== 'none') return { isRefuted: false, steps };
  }
  return { isRefuted: true, steps };
}
