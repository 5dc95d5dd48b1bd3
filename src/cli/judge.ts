/** From a run's files to its verdict, result and report. Needs nothing but the folder, so an old run is judged and drawn again the same way. */
import { readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import {
  type Anomaly,
  DEFAULT_BUDGET,
  HistoryError,
  readJsonl,
  writeJsonl,
  type History,
} from '../../checker/index.ts';
import { StalemateError } from '../base/errors.ts';
import type { Plan, Probe, RunResult } from '../contract/index.ts';
import { renderReport } from '../report/index.ts';
import { evaluate } from '../run/index.ts';
import { readFaults, readProbes, readRunFile, writeJson, writeWhole, type RunFolder } from '../store/index.ts';

/** What a run came to. */
export interface Judgement {
  readonly result: RunResult;
  readonly plan: Plan;
  readonly probes: readonly Probe[];
}

/** Judges the run in that folder and writes check.json, minimal.jsonl, result.json and report.html. */
export function judge(folder: RunFolder): Judgement {
  const run = readRunFile(folder);
  const history = readHistory(folder.history, { clients: run.plan.clients, mayBeEmpty: true });
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
  writeWhole(folder.report, renderReport({ result, plan: run.plan, history, faults, probes }));
  return { result, plan: run.plan, probes };
}

const MOST_ANOMALIES = 200;

/** What a file or a terminal gets: a run on stale replicas has thousands of anomalies, each with its own proof. */
export function fileOf<T extends { readonly anomalies: readonly Anomaly[] }>(whole: T): T {
  return { ...whole, anomalies: whole.anomalies.slice(0, MOST_ANOMALIES) };
}

/** What `-` on the command line stands for. */
export const STANDARD_INPUT = '/dev/stdin';

/** How a history is read. */
interface HistoryOptions {
  readonly clients?: number;
  readonly mayBeEmpty?: boolean;
}

/** Reads and pairs a history file. Throws a usage error that names file, line and reason. */
export function readHistory(file: string, options: HistoryOptions = {}): History {
  return pairHistory(readText(file), file, options);
}

/** The same from standard input: not by a synchronous read, which a writer that is slow would fail (EAGAIN). */
export async function readHistoryFromInput(options: HistoryOptions = {}): Promise<History> {
  return pairHistory(await text(process.stdin), 'standard input', options);
}

function pairHistory(content: string, name: string, options: HistoryOptions): History {
  if (content === '' && options.mayBeEmpty === true) return { operations: [], failed: [], warnings: [] };
  try {
    return readJsonl(content, name, options.clients === undefined ? {} : { clients: options.clients });
  } catch (error) {
    if (!(error instanceof HistoryError)) throw error;
    throw new StalemateError('usage', error.message, 'results/README.md describes the format');
  }
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? String(error);
    throw new StalemateError('usage', `${file}: cannot be read (${code})`, 'give the path of a recorded history');
  }
}
