/** A plan carried out on the memory cluster, with everything that was written kept. */
import { makePlan, type PlanFlags } from '../../src/run/plan.ts';
import { executeRun, type RunOutcome } from '../../src/run/run.ts';
import type { FaultLine, HistoryLine, Plan } from '../../src/contract/index.ts';
import { findWorkload } from '../../workloads/index.ts';
import type { MemoryCluster } from './memory-cluster.ts';

export const ALL_CAN: ReadonlySet<'kill' | 'pause' | 'link'> = new Set(['kill', 'pause', 'link'] as const);

/** A plan from flags, with a fixed seed unless one is given. */
export function planOf(flags: Partial<PlanFlags> = {}): Plan {
  return makePlan({ seed: 'a', ...flags }, { can: ALL_CAN, mutants: ['M30'] });
}

export interface Ran {
  readonly plan: Plan;
  readonly outcome: RunOutcome;
  readonly history: readonly HistoryLine[];
  readonly faults: readonly FaultLine[];
}

/** Runs the plan to its end, or until `abortAtMs`. */
export async function runOn(cluster: MemoryCluster, plan: Plan, abortAtMs?: number): Promise<Ran> {
  const history: HistoryLine[] = [];
  const faults: FaultLine[] = [];
  const abort = new AbortController();
  if (abortAtMs !== undefined) cluster.at(abortAtMs, () => abort.abort());
  const outcome = await cluster.drive(
    executeRun(plan, {
      cluster,
      workload: findWorkload(plan.workload),
      sink: { history: (line) => history.push(line), fault: (line) => faults.push(line) },
      signal: abort.signal,
    }),
  );
  return { plan, outcome, history, faults };
}
