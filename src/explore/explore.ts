/** Many schedules, on several threads; outcomes come in the order of their plans. */
import type { Plan } from '../contract/index.ts';
import type { Outcome } from './outcome.ts';
import { workInOrder } from './threads.ts';

// From source the worker needs its loader; what ships is JavaScript and needs none.
const PROGRAM = new URL(
  import.meta.url.endsWith('.ts') ? './worker-from-source.mjs' : './explore-worker.js',
  import.meta.url,
);

export interface ExploreOptions {
  /** Threads; as many as there are cores where left out. */
  readonly jobs?: number;
  /** Asked for one plan after another, until it gives none. */
  readonly plans: Iterator<Plan>;
  /** Told of each outcome, in the order of the plans; `stop` ends it all. */
  readonly onOutcome: (outcome: Outcome, plan: Plan) => 'go-on' | 'stop';
  readonly signal?: AbortSignal;
}

/** Plays all plans, or as many as are wanted. Rejects where a thread fails, or `plans` or `onOutcome` throw. */
export async function explore({ plans, onOutcome, ...rest }: ExploreOptions): Promise<void> {
  await workInOrder({ program: PROGRAM, tasks: plans, onResult: onOutcome, ...rest });
}
