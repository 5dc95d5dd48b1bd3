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

/** Plays all plans, or as many as are wanted. Rejects where a thread fails. */
export async function explore(options: ExploreOptions): Promise<void> {
  const { jobs = availableParallelism() } = options;
  const threads: Worker[] = [];
  try {
    await new Promise<void>((resolve, reject) => {
      const queue = new Queue(options, resolve);
      if (options.signal?.aborted === true) return resolve();
      options.signal?.addEventListener('abort', () => queue.stop(), { once: true });
      for (let nth = 0; nth < jobs; nth++) {
        // The caller's own flags (a test runner's hooks) are not meant for this program.
        const worker = new Worker(PROGRAM, { execArgv: [] });
        threads.push(worker);
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
          if ('error' in answer) return reject(new Error(answer.error));
          queue.give(first!, answer.outcome);
          fill();
        });
        worker.on('error', reject);
        fill();
      }
    });
  } finally {
    await Promise.all(threads.map((worker) => worker.terminate()));
  }
}

/** Hands out plans and puts their outcomes in order. */
class Queue {
  readonly #options: ExploreOptions;
  readonly #end: () => void;
  readonly #plans: Plan[] = [];
  readonly #outcomes = new Map<number, Outcome>();
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
    this.#plans.push(next.value);
    return { nth: this.#plans.length - 1, plan: next.value };
  }

  give(nth: number, outcome: Outcome): void {
    this.#outcomes.set(nth, outcome);
    for (let next = this.#outcomes.get(this.#told); next !== undefined; next = this.#outcomes.get(this.#told)) {
      if (this.#isStopped) return;
      this.#outcomes.delete(this.#told);
      if (this.#options.onOutcome(next, this.#plans[this.#told++]!) === 'stop') {
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
    if (this.#isOver && this.#told === this.#plans.length) this.#end();
  }
}
