/** From a run's files to its verdict, result and report. Needs nothing but the folder, so an old run is judged and drawn again the same way. */
import { type Anomaly, DEFAULT_BUDGET, type Operation, writeJsonl } from '../../checker/index.ts';
import type { Plan, Probe, RunResult } from '../contract/index.ts';
import { agesOf, renderReport, runForServers } from '../report/index.ts';
import { evaluate } from '../run/index.ts';
import {
  bytesOfProbes,
  probesOf,
  readFaults,
  readProbes,
  readRunFile,
  writeJson,
  writeWhole,
  type RunFolder,
} from '../store/index.ts';
import { findWorkload } from '../../workloads/index.ts';
import { readHistoryFile } from './history-file.ts';

/** What a run came to. */
export interface Judgement {
  readonly result: RunResult;
  readonly plan: Plan;
  /** Those that the report draws. */
  readonly probes: readonly Probe[];
  /** What the report does not draw, and why; null where it draws everything. */
  readonly undrawn: string | null;
  readonly recorded: readonly Operation[];
}

/** As much as may be held at once, which takes three times as much memory. */
const MOST_PROBES_BYTES = 256 << 20;

/** Judges the run in that folder and writes check.json, minimal.jsonl, result.json, report.html, junit.xml and summary.md. */
export function judge(folder: RunFolder): Judgement {
  const run = readRunFile(folder);
  const history = readHistoryFile(folder.history, { format: 'jsonl', clients: run.plan.clients, mayBeEmpty: true });
  const faults = readFaults(folder);
  const areMany = bytesOfProbes(folder) > MOST_PROBES_BYTES;
  const all = areMany ? probesOf(folder) : readProbes(folder);
  const { verdict, result } = evaluate(
    { run, history, faults, probes: all },
    { budget: DEFAULT_BUDGET, nowMs: () => performance.now() },
  );
  writeJson(folder.check, fileOf(verdict));
  const first = verdict.anomalies[0];
  if (first !== undefined) writeWhole(folder.minimal, writeJsonl(first.minimal));
  writeJson(folder.result, fileOf(result));
  const probes = Array.isArray(all) ? (all as readonly Probe[]) : rolesIn(all);
  const ages = agesOf(history, findWorkload(run.plan.workload).model);
  writeWhole(folder.report, renderReport({ result, plan: run.plan, history, ages, faults, probes }));
  const words = runForServers(result, run.plan);
  writeWhole(folder.junit, words.junit);
  writeWhole(folder.summary, words.summary);
  const undrawn = areMany
    ? `The nodes' probes are ${mebibytes(folder)} MiB: the report shows who led, not the logs`
    : null;
  return { result, plan: run.plan, probes, undrawn, recorded: history.operations };
}

/** Nodes of which the report knows no more than that are drawn as those of other systems. */
function rolesIn(probes: Iterable<Probe>): readonly Probe[] {
  const roles: Probe[] = [];
  for (const probe of probes) if (probe.kind === 'role') roles.push(probe);
  return roles;
}

function mebibytes(folder: RunFolder): number {
  return Math.round(bytesOfProbes(folder) / 2 ** 20);
}

const MOST_ANOMALIES = 200;

/** What a file or a terminal gets: a run on stale replicas has thousands of anomalies, each with its own proof. */
export function fileOf<T extends { readonly anomalies: readonly Anomaly[] }>(whole: T): T {
  return { ...whole, anomalies: whole.anomalies.slice(0, MOST_ANOMALIES) };
}
