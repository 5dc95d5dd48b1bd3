/** From a run's files to its verdict, result and report. Needs nothing but the folder, so an old run is judged and drawn again the same way. */
import { type Anomaly, DEFAULT_BUDGET, type Operation, writeJsonl } from '../../checker/index.ts';
import type { Plan, Probe, RunResult } from '../contract/index.ts';
import { agesOf, renderReport, runForServers } from '../report/index.ts';
import { evaluate } from '../run/index.ts';
import { readFaults, readProbes, readRunFile, writeJson, writeWhole, type RunFolder } from '../store/index.ts';
import { findWorkload } from '../../workloads/index.ts';
import { readHistoryFile } from './history-file.ts';

/** What a run came to. */
export interface Judgement {
  readonly result: RunResult;
  readonly plan: Plan;
  readonly probes: readonly Probe[];
  readonly recorded: readonly Operation[];
}

/** Judges the run in that folder and writes check.json, minimal.jsonl, result.json, report.html, junit.xml and summary.md. */
export function judge(folder: RunFolder): Judgement {
  const run = readRunFile(folder);
  const history = readHistoryFile(folder.history, { format: 'jsonl', clients: run.plan.clients, mayBeEmpty: true });
  const faults = readFaults(folder);
  const probes = readProbes(folder);
  const { verdict, result } = evaluate(
    { run, history, faults, probes },
    { budget: DEFAULT_BUDGET, nowMs: () => performance.now() },
  );
  writeJson(folder.check, fileOf(verdict));
  const first = verdict.anomalies[0];
  if (first !== undefined) writeWhole(folder.minimal, writeJsonl(first.minimal));
  writeJson(folder.result, fileOf(result));
  const ages = agesOf(history, findWorkload(run.plan.workload).model);
  writeWhole(folder.report, renderReport({ result, plan: run.plan, history, ages, faults, probes }));
  const words = runForServers(result, run.plan);
  writeWhole(folder.junit, words.junit);
  writeWhole(folder.summary, words.summary);
  return { result, plan: run.plan, probes, recorded: history.operations };
}

const MOST_ANOMALIES = 200;

/** What a file or a terminal gets: a run on stale replicas has thousands of anomalies, each with its own proof. */
export function fileOf<T extends { readonly anomalies: readonly Anomaly[] }>(whole: T): T {
  return { ...whole, anomalies: whole.anomalies.slice(0, MOST_ANOMALIES) };
}
