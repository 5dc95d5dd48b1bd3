/**
 * Decides one part: the stages one after another, and the first that is sure ends it. For a register: the necessary condition
 * of each observer, zones, then the search. Negative observers (answered mismatches) are looked at from both sides first,
 * because with them every crashed write could matter. Without those crashed writes the history is *stronger*: an order of it is
 * an order of the whole. Without the negative observers it is *weaker*: if that has no order, the whole has none. Only where
 * the two disagree is the whole searched.
 */
import type { Call, Json, Operation } from '../history/operation.ts';
import type { Model } from '../model/model.ts';
import type { Budget } from '../verdict/verdict.ts';
import { hasMismatch, normalise } from './normalise.ts';
import { firstWithoutSource, Writers } from './precheck.ts';
import { modelProblem, registerProblem } from './problem.ts';
import { MISMATCH, NONE, type RegisterPart } from './register-part.ts';
import { search, type Cost, type Progress, type SearchResult } from './search.ts';
import { zonesOf } from './zones.ts';

/** What a part came to; operations by their number in it. */
export type Decision = Cost &
  (
    | { readonly kind: 'ok'; readonly order: readonly number[] }
    /** `impossible`: an operation that alone shows it, where the early stages found one. */
    | { readonly kind: 'violation'; readonly impossible: number | undefined }
    | { readonly kind: 'unknown'; readonly limit: 'steps' | 'memory' | 'stopped'; readonly progress: Progress }
  );

/** Decides a register. */
export function decideRegister(part: RegisterPart, budget: Budget, writers: Writers = new Writers(part)): Decision {
  const impossible = firstWithoutSource(part, writers);
  if (impossible !== NONE) return { kind: 'violation', impossible, steps: 0, configurations: 0 };
  const strong = normalise(part, { keepForMismatches: false });
  const zones = zonesOf(part, strong.kept);
  if (zones !== undefined && zones.conflict !== NONE) {
    return { kind: 'violation', impossible: undefined, steps: 0, configurations: 0 };
  }
  const first = search(registerProblem(part, strong, zones), budget);
  if (first.kind !== 'none' || !hasMismatch(part)) return toDecision(first);
  const positive = { ...strong, kept: strong.kept.filter((i) => part.kind[i] !== MISMATCH) };
  const second = search(registerProblem(part, positive, zones), remaining(budget, first));
  if (second.kind === 'none') return toDecision(plus(second, first));
  const spent = plus(second, first);
  const whole = normalise(part, { keepForMismatches: true });
  const third = search(registerProblem(part, whole, zones), remaining(budget, spent));
  return toDecision(plus(third, spent));
}

/** Decides a part of any model. */
export function decideModel<S>(
  operations: readonly Operation[],
  model: Model<S, Call, Json>,
  budget: Budget,
): Decision {
  return toDecision(search(modelProblem(operations, model).problem, budget));
}

/** True if each part of the model is one register. */
export function isRegister<S>(
  model: Model<S, Call, Json>,
): model is Model<S, Call, Json> & { readonly asRegister: NonNullable<Model<S, Call, Json>['asRegister']> } {
  return model.asRegister !== undefined;
}

function toDecision(result: SearchResult): Decision {
  const { steps, configurations } = result;
  switch (result.kind) {
    case 'found':
      return { kind: 'ok', order: result.order, steps, configurations };
    case 'none':
      return { kind: 'violation', impossible: undefined, steps, configurations };
    case 'gave-up': {
      const { limit, deepest, prefix, states } = result;
      return { kind: 'unknown', limit, progress: { deepest, prefix, states }, steps, configurations };
    }
  }
}

function plus(result: SearchResult, before: Cost): SearchResult {
  return {
    ...result,
    steps: result.steps + before.steps,
    configurations: result.configurations + before.configurations,
  };
}

/** At least one step is left, so that the search that runs out says so itself. */
function remaining(budget: Budget, spent: Cost): Budget {
  return {
    ...budget,
    maxSteps: Math.max(1, budget.maxSteps - spent.steps),
  };
}
