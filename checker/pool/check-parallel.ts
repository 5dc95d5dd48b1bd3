/**
 * `checkParallel`: `check` with the parts of a history (its keys) spread over worker threads. The verdict is the same at any number
 * of threads: parts are judged alone, budgets are per part, and where it stops at the first violation, that is the one of the
 * lowest part, whichever was found first.
 */
import { conclude, DEFAULT_BUDGET } from '../check.ts';
import type { Call, History, Json } from '../history/operation.ts';
import { tableOf } from '../history/table.ts';
import { partsOf } from '../linear/parts.ts';
import type { Model } from '../model/model.ts';
import type { Budget, Verdict } from '../verdict/verdict.ts';
import { judgeHere } from './judge-here.ts';
import { referenced } from './model-reference.ts';
import type { ModelReference } from '../model/named.ts';
import { Tally } from './tally.ts';
import type { Progress, Task } from './task.ts';
import { Threads } from './threads.ts';

/** All optional. */
export interface ParallelOptions {
  /** Number of threads that judge, 1 for the calling thread alone. Default: 1. */
  readonly jobs?: number;
  /** For each part. Default: that of `check`. */
  readonly budget?: Budget;
  /** True to judge every part, false (the default) to stop at the first violation. */
  readonly all?: boolean;
  /** Told whenever parts were decided; more often than a person can read. */
  readonly onProgress?: (progress: Progress) => void;
  /** Ends the check at once: the promise is rejected with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Bytes of resident memory of the whole process, above which what is undecided becomes unknown: limit `resident-memory`. */
  readonly maxResidentBytes?: number;
}

/** When threads are worth making. No verdict depends on it. */
export interface Tuning {
  /**
   * For so long parts are judged here, one after another. To send an easy part to a thread, which first has to learn its program, costs
   * several times what deciding it costs, and most histories are easy: a million operations take less than this.
   */
  readonly patienceMs: number;
  /** Milliseconds on a clock that goes on; the machine's without one. */
  readonly nowMs?: () => number;
  /** Below this many operations a batch is not worth its message. */
  readonly leastBatch: number;
  /** MiB of heap of a thread. Default: the limit of resident memory, where there is one. */
  readonly heapMib?: number;
}

const TUNING: Tuning = { patienceMs: 1_000, leastBatch: 4_096 };

/**
 * Decides whether a history is linearizable, on several threads.
 * @param model a model, or the name and initial value of one. Only the library's own can be judged on other threads: a model of
 * one's own, and a model that was changed, is judged on the calling thread, whatever `jobs` says
 * @throws ModelError for an operation that is not the model's · RangeError for a number of jobs that is none · the reason of `signal`
 */
export function checkParallel<S>(
  history: History,
  model: Model<S, Call, Json> | ModelReference,
  options: ParallelOptions = {},
): Promise<Verdict> {
  return checkTuned(history, model as Model<unknown, Call, Json> | ModelReference, options, TUNING);
}

/** The same, with threads made at other times. */
export async function checkTuned(
  history: History,
  model: Model<unknown, Call, Json> | ModelReference,
  options: ParallelOptions,
  tuning: Tuning,
): Promise<Verdict> {
  const { jobs = 1 } = options;
  if (!Number.isSafeInteger(jobs) || jobs < 1)
    throw new RangeError(`jobs must be a whole number from 1 on, not ${jobs}`);
  options.signal?.throwIfAborted();
  const own = referenced(model);
  const task = taskOf(history, own.model, options);
  const threads = own.reference === undefined ? 1 : jobs;
  const judgedHere = await judgeHere(task, threads === 1 ? { patienceMs: Infinity } : tuning);
  if (!task.tally.isDone) await new Threads(task, own.reference!, { ...tuning, jobs: threads }).judge(judgedHere);
  return conclude(task.table, task.tally.finish(), task.parts.length);
}

function taskOf(history: History, model: Model<unknown, Call, Json>, options: ParallelOptions): Task {
  const { budget = DEFAULT_BUDGET, all = false, onProgress, signal, maxResidentBytes = Infinity } = options;
  const table = tableOf(history);
  const parts = partsOf(table, model);
  const of = { parts: parts.length, operations: parts.reduce((sum, { rows }) => sum + rows.length, 0) };
  let decided = { parts: 0, operations: 0 };
  return {
    table,
    parts,
    model,
    budget,
    clients: history.clients,
    untimed: history.untimed === true,
    maxResidentBytes,
    signal,
    tally: new Tally(parts.length, all),
    progress: (more, operations) => {
      decided = { parts: decided.parts + more, operations: decided.operations + operations };
      onProgress?.({ ...decided, of });
    },
  };
}
