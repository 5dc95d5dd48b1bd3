/**
 * Decides one part of any model of which only `step` and `key` are known: queues with values put in twice, sets, locks, counters,
 * lists, stores with append, several registers at once, a user's own. The search is in search.ts. Where few states are possible
 * at all, a search that is stuck is helped by a refutation of what is near (refutation.ts).
 */
import type { Budget } from '../verdict/verdict.ts';
import { NEVER } from '../history/table.ts';
import { closureOf } from './closure.ts';
import { decideGrowing } from './decide-growing.ts';
import { telling, type ModelPart } from './model-part.ts';
import type { Progress } from './progress.ts';
import { refute } from './refutation.ts';
import { problemOf } from './problem.ts';
import { Search } from './search.ts';
import { withoutUnseen } from './unseen.ts';

const REFUTE_AFTER_STEPS = 20_000;

/** What a part came to; operations by their number in it. */
export type ModelDecision = {
  /** Choices taken and comparisons made. */
  readonly steps: number;
  /** Failed configurations remembered. */
  readonly configurations: number;
} & (
  | { readonly kind: 'ok'; readonly order: readonly number[] }
  | {
      readonly kind: 'violation';
      /** The first completion that no order of what came before can pass. */
      readonly impossible: number;
      readonly progress: Progress;
    }
  | { readonly kind: 'unknown'; readonly limit: 'steps' | 'memory' | 'stopped'; readonly progress: Progress }
);

/**
 * Decides a part of any model.
 * @param refuteAfter how many steps without getting any further before what is near is looked at alone; then twice as many
 */
export function decidePart<S>(
  part: ModelPart<S>,
  budget: Budget,
  { refuteAfter = REFUTE_AFTER_STEPS }: { readonly refuteAfter?: number } = {},
): ModelDecision {
  const isCrashed = (operation: number): boolean => part.ret[operation] === NEVER;
  const kept = withoutUnseen(part, telling(part), isCrashed);
  if (part.growing !== undefined) return decideGrowing(part, { kept, growing: part.growing }, budget);
  const search = new Search(problemOf(part, { kept }));
  let spent = 0;
  let stuckBefore = -1;
  for (let slice = refuteAfter; ; slice = 2 * slice + 1) {
    const result = search.run({ ...budget, maxSteps: Math.min(slice, budget.maxSteps - spent) });
    const steps = search.steps + spent;
    const { configurations } = search;
    if (result.kind === 'found') return { kind: 'ok', order: result.order, steps, configurations };
    const progress = search.progress();
    const { stuckAt } = progress;
    if (result.kind === 'none') return { kind: 'violation', impossible: stuckAt, progress, steps, configurations };
    const isSliceOver = result.limit === 'steps' && steps < budget.maxSteps;
    if (!isSliceOver) return { kind: 'unknown', limit: result.limit, progress, steps, configurations };
    const closure = closureOf(part);
    const isStuck = stuckAt === stuckBefore || refuteAfter === 0;
    stuckBefore = stuckAt;
    if (closure === undefined || stuckAt === -1 || !isStuck) continue;
    const left = { ...budget, maxSteps: Math.min(slice, budget.maxSteps - steps) };
    const refutation = refute(part, { kept, closure, stuckAt }, left);
    spent += refutation.steps;
    if (!refutation.isRefuted) continue;
    return { kind: 'violation', impossible: stuckAt, progress, steps: steps + refutation.steps, configurations };
  }
}
