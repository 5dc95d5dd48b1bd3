/**
 * `run.json`: what was asked of a run, where it ran, and how it ended. Together with history, faults and probes it is all that
 * a verdict and a report need; written when the run begins, and again with `ended` when the cluster has stopped.
 */
import type { Plan } from './plan.ts';
import type { RunResult } from './result.ts';

/** How a run ended. */
export interface RunEnd {
  readonly interrupted: boolean;
  readonly durationNs: number;
  readonly readyMs: number | null;
  readonly eventLoopDelayMs: RunResult['eventLoopDelayMs'];
  readonly finalReads: RunResult['finalReads'];
  /** By node: how far the times of its probes may be from the run's clock. Left out where nobody measured. */
  readonly clockErrorsMs?: Readonly<Record<string, number>>;
  /** What no file holds: invariants on what a leader believes, which the simulator sees, and a node that ended by itself. */
  readonly broken?: RunResult['invariants'];
}

export interface RunFile {
  readonly format: 1;
  /** Name of the run's folder. */
  readonly run: string;
  readonly plan: Plan;
  readonly expected: RunResult['expected'];
  /** The command line that runs this plan again. */
  readonly command: string;
  /** Wall clock at the start, in ms since 1970. */
  readonly startedMs: number;
  readonly system: RunResult['system'];
  readonly machine: { readonly node: string; readonly platform: string; readonly cpus: number };
  /** Null while the run goes on, and for ever if the controller was killed. */
  readonly ended: RunEnd | null;
}
