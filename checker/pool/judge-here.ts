/**
 * Judges parts on the calling thread, one after another. Between parts it lets others have a turn, so that a signal is heard.
 * Where there are threads to go on with, its patience ends: what it was at then is judged anew by one of them, because half a
 * judgement is none.
 */
import { Judge, type Judged } from '../judge.ts';
import { notJudged, residentBytes, stoppedByMemory } from './resident-memory.ts';
import type { Task } from './task.ts';

/** Operations after which others have a turn; a part counts as some more. */
const TURN = 20_000;
const PART = 50;
/** Asking the system for the memory in use takes some microseconds, so not every question of a search asks it, nor does every part. */
const ASK_EVERY = 16;

/** How long to go on alone. */
interface Haste {
  readonly patienceMs: number;
  readonly nowMs?: () => number;
}

/** Resolves with the number of parts that were judged, from the first on. The last part is never given up. */
export async function judgeHere(task: Task, { patienceMs, nowMs = () => performance.now() }: Haste): Promise<number> {
  const { table, model, budget, clients, untimed, maxResidentBytes, tally, signal, progress } = task;
  const guard = new Guard(maxResidentBytes);
  const patience = new Patience(patienceMs, nowMs);
  const shouldStop = (): boolean => patience.isOver() || budget.shouldStop?.() === true || guard.isOver();
  const judge = new Judge(table, model, { budget: { ...budget, shouldStop }, clients, untimed });
  let sinceTurn = 0;
  for (const [part, { rows }] of judge.parts.entries()) {
    if (part > tally.end) return part;
    if (part === judge.parts.length - 1) patience.isEndless = true;
    if (patience.isOver()) return part;
    const settle = attempt(() => (guard.isOver() ? notJudged(judge.parts[part]!) : judge.judge(part)));
    // Whatever it came to, it may have come to it because it was told to stop.
    if (patience.wasOver) return part;
    if ('error' in settle) tally.fail(part, settle.error);
    else tally.add(part, guard.wasOver ? stoppedByMemory(settle.judged) : settle.judged);
    progress(1, rows.length);
    signal?.throwIfAborted();
    sinceTurn += rows.length + PART;
    if (sinceTurn < TURN) continue;
    sinceTurn = 0;
    await new Promise(setImmediate);
    signal?.throwIfAborted();
  }
  return judge.parts.length;
}

function attempt(judge: () => Judged): { readonly judged: Judged } | { readonly error: unknown } {
  try {
    return { judged: judge() };
  } catch (error) {
    return { error };
  }
}

/** Ends after a time. */
class Patience {
  readonly #endMs: number;
  readonly #nowMs: () => number;
  isEndless = false;
  /** Whether somebody was told. */
  wasOver = false;

  constructor(lengthMs: number, nowMs: () => number) {
    this.#nowMs = nowMs;
    this.#endMs = nowMs() + lengthMs;
  }

  isOver(): boolean {
    if (this.isEndless) return false;
    return (this.wasOver ||= this.#nowMs() >= this.#endMs);
  }
}

/** Watches the memory of the process from the thread that works. */
class Guard {
  readonly #maxBytes: number;
  #asked = 0;
  /** Once over, always: what has been let go need not have come back. */
  wasOver = false;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  isOver(): boolean {
    if (this.#maxBytes === Infinity || this.wasOver) return this.wasOver;
    if (this.#asked++ % ASK_EVERY !== 0) return false;
    return (this.wasOver = residentBytes() > this.#maxBytes);
  }
}
