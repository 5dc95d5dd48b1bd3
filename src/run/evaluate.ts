/**
 * What a finished run came to: a pure function of its files. The history decides the verdict; faults and probes only say
 * whether the verdict means anything, and what the cluster went through.
 */
import { check, staleness, type Budget, type History, type Verdict } from '../../checker/index.ts';
import { NS_PER_MS } from '../base/time.ts';
import type { FaultLine, Plan, Probe, RunEnd, RunFile, RunResult } from '../contract/index.ts';
import { Invariants } from '../invariants/index.ts';
import { findWorkload, isRead, type Workload } from '../../workloads/index.ts';
import { countFaults, spansOf } from './fault-spans.ts';
import { readModes } from './read-modes.ts';
import { duringAny, isSuccess, vacuousReasons } from './vacuous.ts';

/** The files of a run, read. */
export interface RunRecord {
  readonly run: RunFile;
  readonly history: History;
  readonly faults: readonly FaultLine[];
  /** In order of time; gone over more than once. */
  readonly probes: Iterable<Probe>;
}

/** The verdict on the history, and the numbers and exit code of the run. */
export interface Evaluation {
  readonly verdict: Verdict;
  readonly result: RunResult;
}

/** What `evaluate` may use up, and the clock that says how long it took. */
export interface EvaluateOptions {
  readonly budget?: Budget;
  readonly nowMs: () => number;
}

/** Judges a run. */
export function evaluate(record: RunRecord, options: EvaluateOptions): Evaluation {
  const model = findWorkload(record.run.plan.workload).model;
  const beganMs = options.nowMs();
  const verdict = check(record.history, model, options.budget);
  const seconds = (options.nowMs() - beganMs) / 1000;
  return { verdict, result: resultOf(record, verdict, seconds) };
}

function resultOf(record: RunRecord, verdict: Verdict, seconds: number): RunResult {
  const { run, history, faults, probes } = record;
  const { plan, expected } = run;
  const workload = findWorkload(plan.workload);
  const ended = run.ended ?? endOfKilled(record);
  const invariants = brokenInvariants(plan.foreign === undefined ? probes : [], ended);
  const doubts = doubtsAbout(record, verdict, ended);
  const outcome =
    verdict.kind === 'violation' ? 'not-linearizable' : doubts.length > 0 ? 'unknown' : ('linearizable' as const);
  return {
    format: 1,
    run: run.run,
    seed: plan.seed,
    command: run.command,
    verdict: outcome,
    reason: outcome === 'unknown' ? doubts.join('; ') : null,
    expected,
    exit: ended.interrupted ? 130 : exitCode(outcome, expected, invariants.length > 0),
    interrupted: ended.interrupted,
    system: run.system,
    workload: plan.workload,
    reads: plan.reads,
    promise: readModes(plan).promises[plan.reads] ?? 'not known',
    ops: countOperations(record, workload),
    faults: countFaults(
      plan.requested.map(({ kind }) => kind),
      faults,
    ),
    leaderChanges: countLeaderChanges(probes),
    startedMs: run.startedMs,
    readyMs: ended.readyMs,
    durationNs: ended.durationNs,
    eventLoopDelayMs: ended.eventLoopDelayMs,
    ...clockErrorsOf(plan, ended),
    check: {
      keys: verdict.parts.length,
      decided: verdict.parts.filter((part) => part.kind !== 'unknown').length,
      steps: verdict.parts.reduce((sum, part) => sum + part.steps, 0),
      seconds,
    },
    staleness: summariseStaleness(history, workload.model),
    anomalyCount: verdict.anomalies.length,
    anomalies: verdict.anomalies,
    finalReads: ended.finalReads,
    invariants,
  };
}

/** Simulated nodes write their probes by the clock of the run itself, whatever their own clocks show. */
function clockErrorsOf({ world, foreign }: Plan, { clockErrorsMs }: RunEnd): Pick<RunResult, 'clockErrorsMs'> {
  if (world !== undefined) return { clockErrorsMs: 'shared' };
  if (foreign !== undefined) return { clockErrorsMs: 'asked' };
  return clockErrorsMs === undefined ? {} : { clockErrorsMs };
}

/**
 * 0 as expected, 1 a violation or a missing expected one, 2 unknown. A broken invariant of the cluster counts as a violation
 * even where no client saw it; an unknown never hides one.
 */
export function exitCode(
  outcome: RunResult['verdict'],
  expected: RunResult['expected'],
  isInvariantBroken: boolean,
): 0 | 1 | 2 {
  const isWrong = outcome === 'not-linearizable' || isInvariantBroken;
  if (isWrong) return expected === 'ok' ? 1 : 0;
  if (outcome === 'unknown') return 2;
  return expected === 'violation' ? 1 : 0;
}

/** Why a history without a violation still proves nothing; empty where it proves something. */
function doubtsAbout(record: RunRecord, verdict: Verdict, ended: RunEnd): readonly string[] {
  const undecided = verdict.parts.filter((part) => part.kind === 'unknown');
  const budget = undecided.map((part) => `key ${part.part} was not decided (${part.limit}): ${part.progress}`);
  if (ended.interrupted) {
    return [`interrupted after ${(ended.durationNs / 1e9).toFixed(1)} s, nothing wrong until then`, ...budget];
  }
  const { plan } = record.run;
  const vacuous = vacuousReasons({ plan, ...record, finalReads: ended.finalReads });
  return [...(vacuous.length > 0 ? [`vacuous: ${vacuous.join('; ')}`] : []), ...budget];
}

/** A run whose controller was killed was interrupted; how it went is what its history says. */
function endOfKilled({ history }: RunRecord): RunEnd {
  const lastNs = history.operations.reduce((last, { callNs, outcome }) => {
    return Math.max(last, outcome.kind === 'ok' ? outcome.returnNs : callNs);
  }, 0);
  return {
    interrupted: true,
    durationNs: lastNs,
    readyMs: null,
    eventLoopDelayMs: null,
    finalReads: { keys: 0, missing: [] },
  };
}

function countOperations({ history, faults }: RunRecord, workload: Workload): RunResult['ops'] {
  const spans = spansOf(faults);
  const { operations, failed } = history;
  const succeeded = operations.filter(isSuccess);
  const unknown = operations.filter(({ outcome }) => outcome.kind === 'unknown').length;
  const mismatch = operations.length - succeeded.length - unknown;
  const reads = succeeded.filter(({ input }) => isRead(workload, input)).length;
  return {
    total: operations.length + failed.length,
    ok: succeeded.length,
    fail: failed.length + mismatch,
    unknown,
    mismatch,
    okDuringFaults: succeeded.filter((operation) => duringAny(operation, spans)).length,
    reads,
    writes: succeeded.length - reads,
  };
}

/** How often another node led than before. A leader elected again is no change. */
function countLeaderChanges(probes: Iterable<Probe>): number {
  let changes = 0;
  let leader: { readonly node: string; readonly term: number } | null = null;
  for (const probe of probes) {
    if (probe.kind !== 'role' || probe.role !== 'leader' || probe.term <= (leader?.term ?? -1)) continue;
    if (leader !== null && leader.node !== probe.node) changes++;
    leader = { node: probe.node, term: probe.term };
  }
  return changes;
}

/**
 * Those that the probes tell, and what the simulator or the controller saw besides; each name once, as there. What other systems answer when
 * they are asked who leads is no probe that an invariant could rest on: they put it together from several moments.
 */
function brokenInvariants(probes: Iterable<Probe>, { broken = [] }: RunEnd): RunResult['invariants'] {
  const invariants = new Invariants();
  for (const probe of probes) invariants.observe(probe);
  const told = invariants.broken.map(({ name, message }) => ({ name, message }));
  return [...told, ...broken.filter(({ name }) => !told.some((it) => it.name === name))];
}

/** Of the reads that were stale: how many, and how old. */
function summariseStaleness(history: History, model: Workload['model']): RunResult['staleness'] {
  const gapsMs = staleness(history, model)
    .flatMap(({ reads }) => reads.flatMap(({ versions, gapNs }) => (versions > 0 ? [gapNs / NS_PER_MS] : [])))
    .toSorted((a, b) => a - b);
  return { reads: gapsMs.length, p50Ms: gapsMs[Math.floor(gapsMs.length / 2)] ?? 0, maxMs: gapsMs.at(-1) ?? 0 };
}
