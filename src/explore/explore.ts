/**
 * Many schedules, on several threads. What is told, and in which order, does not depend on how many: outcomes come in the order of their
 * plans, and nothing comes after the first one that was to be the last.
 */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { Plan } from '../contract/index.ts';
import type { Outcome } from './outcome.ts';

// From source the worker needs its loader; what ships is JavaScript and needs none.
const PROGRAM = new URL(
  import.meta.url.endsWith('.ts') ? './worker-from-source.mjs' : './explore-worker.js',
  import.meta.url,
);

/** Plans that a thread has: one in hand and one to go on with. */
const IN_HAND = 2;

export interface ExploreOptions {
  /** Threads; as many as there are cores where left out. */
  readonly jobs?: number;
  /** Asked for one plan after another, until it gives none. */
  readonly plans: Iterator<Plan>;
  /** Told of each outcome, in the order of the plans; `stop` ends it all. */
  readonly onOutcome: (outcome: Outcome, plan: Plan) => 'go-on' | 'stop';
  readonly signal?: AbortSignal;
}

/** What a worker answers. */
export type Answer = { readonly outcome: Outcome } | { readonly error: string };

/** Plays all plans, or as many as are wanted. Rejects where a thread fails, or `plans` or `onOutcome` throw. */
export async function explore(options: ExploreOptions): Promise<void> {
  const { jobs = availableParallelism(), signal } = options;
  if (signal?.aborted === true) return;
  const threads: Worker[] = [];
  let stop = (): void => {};
  const onAbort = (): void => stop();
  signal?.addEventListener('abort', onAbort);
  try {
    await new Promise<void>((resolve, reject) => {
      const queue = new Queue(options, resolve);
      stop = () => queue.stop();
      const fail = (error: Error): void => {
        reject(error);
        queue.stop();
      };
      for (let nth = 0; nth < jobs; nth++) {
        // The caller's own flags (a test runner's hooks) are not meant for this program.
        const worker = new Worker(PROGRAM, { execArgv: [] });
        threads.push(worker);
        employ(worker, queue, fail);
      }
    });
  } finally {
    signal?.removeEventListener('abort', onAbort);
    await Promise.all(threads.map((worker) => worker.terminate()));
  }
}

/** Keeps the thread busy until there are no more plans. */
function employ(worker: Worker, queue: Queue, fail: (error: Error) => void): void {
  let begun: number[] = [];
  const fill = (): void => {
    while (begun.length < IN_HAND) {
      const next = queue.take();
      if (next === undefined) return;
      begun = [...begun, next.nth];
      worker.postMessage(next.plan);
    }
  };
  worker.on('message', (answer: Answer) => {
    const [first, ...rest] = begun;
    begun = rest;
    if ('error' in answer) return fail(new Error(answer.error));
    // What throws in a listener would end the process, and not this exploration.
    try {
      queue.give(first!, answer.outcome);
      fill();
    } catch (error) {
      fail(error as Error);
    }
  });
  worker.on('error', fail);
  fill();
}

/** Hands out plans and puts their outcomes in order. */
class Queue {
  readonly #options: ExploreOptions;
  readonly #end: () => void;
  /** Those that are under way, or done and not told of yet: of a million schedules not every one is kept. */
  readonly #plans = new Map<number, Plan>();
  readonly #outcomes = new Map<number, Outcome>();
  #taken = 0;
  #told = 0;
  /** No more plans. */
  #isOver = false;
  /** No more outcomes: threads may still have some under way. */
  #isStopped = false;

  constructor(options: ExploreOptions, end: () => void) {
    this.#options = options;
    this.#end = end;
  }

  take(): { readonly nth: number; readonly plan: Plan } | undefined {
    if (this.#isOver) return undefined;
    const next = this.#options.plans.next();
    if (next.done === true) {
      this.#isOver = true;
      this.#endIfTold();
      return undefined;
    }
    const nth = this.#taken++;
    this.#plans.set(nth, next.value);
    return { nth, plan: next.value };
  }

  give(nth: number, outcome: Outcome): void {
    this.#outcomes.set(nth, outcome);
    for (let next = this.#outcomes.get(this.#told); next !== undefined; next = this.#outcomes.get(this.#told)) {
      if (this.#isStopped) return;
      const nth = this.#told++;
      const plan = this.#plans.get(nth)!;
      this.#outcomes.delete(nth);
      this.#plans.delete(nth);
      if (this.#options.onOutcome(next, plan) === 'stop') {
        this.stop();
        return;
      }
    }
    this.#endIfTold();
  }

  /** Nothing is told any more. */
  stop(): void {
    this.#isOver = true;
    this.#isStopped = true;
    this.#end();
  }

  #endIfTold(): void {
    if (this.#isOver && this.#told === this.#taken) this.#end();
  }
}
