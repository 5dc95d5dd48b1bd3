/** Judges parts on the calling thread, one after another. Between parts it lets others have a turn, so that a signal is heard. */
import { Judge } from '../judge.ts';
import { notJudged, residentBytes, stoppedByMemory } from './resident-memory.ts';
import type { Task } from './task.ts';

/** Operations after which others have a turn; a part counts as some more. */
const TURN = 20_000;
const PART = 50;
/** Asking the system for the memory in use takes some microseconds, so not every question of a search asks it, nor does every part. */
const ASK_EVERY = 16;

/** Stops after a part when more than `maxSteps` were taken. Resolves with the number of parts that were judged. */
export async function judgeHere(task: Task, maxSteps: number): Promise<number> {
  const { table, model, budget, clients, maxResidentBytes, tally, signal, progress } = task;
  const guard = new Guard(maxResidentBytes);
  const shouldStop = (): boolean => budget.shouldStop?.() === true || guard.isOver();
  const judge = new Judge(table, model, { budget: { ...budget, shouldStop }, clients });
  let steps = 0;
  let sinceTurn = 0;
  for (const [part, { rows }] of judge.parts.entries()) {
    if (part > tally.end) return part;
    if (steps > maxSteps) return part;
    try {
      const judged = guard.isOver() ? notJudged(judge.parts[part]!) : judge.judge(part);
      steps += judged.result.steps;
      tally.add(part, guard.wasOver ? stoppedByMemory(judged) : judged);
    } catch (error) {
      tally.fail(part, error);
    }
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
