/**
 * Decides a list that only grows along its longest read (growing.ts). Where there is no order, the plain search is asked as well, a
 * little: it knows every list possible where the history breaks. If that is too much for it, the break is found by halves, since
 * a history that has an order has one up to every moment; then one of the possible lists is known.
 */
import { NEVER } from '../history/table.ts';
import type { Budget } from '../verdict/verdict.ts';
import type { Growing } from './growing.ts';
import type { ModelPart } from './model-part.ts';
import type { Progress } from './progress.ts';
import { problemOf } from './problem.ts';
import { Search, type SearchResult } from './search.ts';

/** What it came to, with all that a decision says. */
export type GrowingDecision = { readonly steps: number; readonly configurations: number } & (
  | { readonly kind: 'ok'; readonly order: readonly number[] }
  | { readonly kind: 'violation'; readonly impossible: number; readonly progress: Progress }
  | { readonly kind: 'unknown'; readonly limit: 'steps' | 'memory' | 'stopped'; readonly progress: Progress }
);

const TELLING_STEPS = 5_000;
const TELLING_BYTES = 1 << 26;

/** Decides the operations of `kept`, in their part. */
export function decideGrowing<S>(
  part: ModelPart<S>,
  { kept, growing }: { readonly kept: readonly number[]; readonly growing: Growing },
  budget: Budget,
): GrowingDecision {
  const search = searchAlong(part, { kept, growing, until: part.end });
  const result = search.run(budget);
  const { steps, configurations } = search;
  if (result.kind === 'found') return { kind: 'ok', order: result.order, steps, configurations };
  if (result.kind === 'gave-up') {
    return { kind: 'unknown', limit: result.limit, progress: search.progress(), steps, configurations };
  }
  const progress = toldPlainly(part, kept, budget) ?? foundByHalves(part, { kept, growing }, budget);
  return { kind: 'violation', impossible: progress.stuckAt, progress, steps, configurations };
}

function searchAlong<S>(
  part: ModelPart<S>,
  { kept, growing, until }: { readonly kept: readonly number[]; readonly growing: Growing; readonly until: number },
): Search {
  const answered = kept.filter((i) => part.ret[i]! <= until && part.ret[i] !== NEVER);
  return new Search(problemOf({ ...part, ...growing.along(part.classOf, answered) }, { kept, until }));
}

/** How far the plain search gets, if it comes to the same end soon. */
function toldPlainly<S>(part: ModelPart<S>, kept: readonly number[], budget: Budget): Progress | undefined {
  const search = new Search(problemOf(part, { kept }));
  const maxSteps = Math.min(TELLING_STEPS + 2 * kept.length, budget.maxSteps);
  const result = search.run({ ...budget, maxSteps, maxBytes: Math.min(TELLING_BYTES, budget.maxBytes) });
  return result.kind === 'none' ? search.progress() : undefined;
}

function foundByHalves<S>(
  part: ModelPart<S>,
  { kept, growing }: { readonly kept: readonly number[]; readonly growing: Growing },
  budget: Budget,
): Progress {
  const { ret } = part;
  const returning = kept.filter((i) => ret[i] !== NEVER).sort((a, b) => ret[a]! - ret[b]!);
  const upTo = (until: number): SearchResult => searchAlong(part, { kept, growing, until }).run(budget);
  let low = 0;
  for (let high = returning.length - 1; low < high;) {
    const middle = (low + high) >> 1;
    if (upTo(ret[returning[middle]!]!).kind === 'none') high = middle;
    else low = middle + 1;
  }
  const stuckAt = returning[low]!;
  const before = upTo(ret[stuckAt]! - 1);
  const prefix = before.kind === 'found' ? before.order : [];
  return { stuckAt, prefix, states: [stateAfter(part, prefix)] };
}

function stateAfter<S>({ states, classOf }: ModelPart<S>, order: readonly number[]): number {
  return order.reduce((state, operation) => states.next(state, classOf[operation]!), states.initial);
}
