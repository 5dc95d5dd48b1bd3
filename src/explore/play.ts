/**
 * Plays a plan in the simulator, and judges it: invariants after every step, the checker over what clients saw, and whether the cluster
 * came back once everything was healed: that is promised where messages and fsyncs take less than an election timeout (Raft 5.6), so
 * links lose nothing and disks are fast from then on. Equal plans give equal bytes.
 */
import { check, readJsonl, type Anomaly, type Verdict } from '../../checker/index.ts';
import { findWorkload } from '../../workloads/index.ts';
import { StalemateError } from '../base/errors.ts';
import type { FaultLine, HistoryLine, Plan, Probe } from '../contract/index.ts';
import { Invariants, type BrokenInvariant } from '../invariants/index.ts';
import { executeRun, type RunOutcome } from '../run/index.ts';
import { SimCluster, type Failure } from '../sim/sim-cluster.ts';
import { worldOf } from './world.ts';

/** What became of a plan. */
export interface Played {
  readonly plan: Plan;
  /** In the order in which it happened, as of the files of a run. */
  readonly history: readonly HistoryLine[];
  /** history.jsonl. */
  readonly historyText: string;
  readonly faults: readonly FaultLine[];
  /** Of the kinds that stand in files. */
  readonly probes: readonly Probe[];
  readonly outcome: RunOutcome;
  readonly broken: readonly BrokenInvariant[];
  /** Nodes that ended by themselves. */
  readonly failures: readonly Failure[];
}

/** Something that the correct node never does. Shrinking keeps the class; the message is for people. */
export interface Finding {
  readonly detector: 'clients' | 'invariant' | 'node' | 'liveness' | 'undecided';
  /** An anomaly's or an invariant's name. */
  readonly class: string;
  readonly message: string;
}

/** Plays it. Without a world of its own the plan gets the usual one. */
export async function play(plan: Plan): Promise<Played> {
  const history: HistoryLine[] = [];
  const faults: FaultLine[] = [];
  const probes: Probe[] = [];
  const invariants = new Invariants();
  const cluster = new SimCluster({
    seed: plan.seed,
    nodes: plan.nodes,
    mutant: plan.mutant,
    electionTimeoutMs: plan.electionTimeoutMs,
    world: worldOf(plan),
    onProbe: (probe) => {
      if (probe.kind !== 'match' && probe.kind !== 'answer') probes.push(probe);
      invariants.observe(probe);
    },
  });
  const sink = { history: (line: HistoryLine) => history.push(line), fault: (line: FaultLine) => faults.push(line) };
  const outcome = await cluster.play(
    executeRun(plan, {
      cluster,
      workload: findWorkload(plan.workload),
      sink,
      signal: new AbortController().signal,
      onHealed: () => cluster.settle(),
    }),
  );
  await cluster.stop();
  const { failures } = cluster;
  const { broken } = invariants;
  return { plan, history, historyText: linesOf(history), faults, probes, outcome, broken, failures };
}

/** Everything that the correct node never does, what clients saw first. */
export function findingsOf(played: Played): readonly Finding[] {
  const { missing } = played.outcome.finalReads;
  return [
    ...clientFindings(verdictOf(played)),
    ...clusterFindings(played),
    ...(missing.length > 0
      ? [{ detector: 'liveness', class: 'no-recovery', message: `no final look at ${missing.join(', ')}` } as const]
      : []),
  ];
}

/** What broke inside the cluster, whether or not clients saw anything of it. */
export function clusterFindings({ broken, failures }: Played): readonly Finding[] {
  return [
    ...broken.map((it): Finding => ({ detector: 'invariant', class: it.name, message: it.message })),
    ...failures.map((it): Finding => ({
      detector: 'node',
      class: 'node-failure',
      message: `${it.node}: ${wordsOf(it.error)}`,
    })),
  ];
}

/** What the checker says of what clients saw. */
function verdictOf({ plan, historyText }: Pick<Played, 'plan' | 'historyText'>): Verdict {
  return check(readJsonl(historyText, 'simulation', { clients: plan.clients }), findWorkload(plan.workload).model);
}

function linesOf(lines: readonly HistoryLine[]): string {
  return lines.map((line) => `${JSON.stringify(line)}\n`).join('');
}

function clientFindings(verdict: Verdict): readonly Finding[] {
  if (verdict.kind === 'unknown') return [{ detector: 'undecided', class: 'undecided', message: 'the budget ran out' }];
  return verdict.anomalies.map((it: Anomaly) => ({ detector: 'clients', class: it.class, message: it.sentence }));
}

function wordsOf(error: unknown): string {
  return error instanceof StalemateError || error instanceof Error ? error.message : String(error);
}
