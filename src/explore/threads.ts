/**
 * Tasks on several threads, one worker program for all of them. What is told, and in which order, does not depend on how many: results come
 * in the order of their tasks, and nothing comes after the first one that was to be the last.
 */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';

/** Tasks that a thread has: one in hand and one to go on with. */
const IN_HAND = 2;

export interface OrderedWork<Task, Result> {
  /** What each thread runs: it answers every task with an `Answer`, in order. */
  readonly program: URL;
  /** Threads; as many as there are cores where left out. */
  readonly jobs?: number;
  /** Asked for one task after another, until it gives none. */
  readonly tasks: Iterator<Task>;
  /** Told of each result, in the order of the tasks; `stop` ends it all. */
  readonly onResult: (result: Result, task: Task) => 'go-on' | 'stop';
  readonly signal?: AbortSignal;
}

/** What a worker answers. */
export type Answer<Result> = { readonly result: Result } | { readonly error: string };

/** Does all tasks, or as many as are wanted. Rejects where a thread fails, or `tasks` or `onResult` throw. */
export async function workInOrder<Task, Result>(options: OrderedWork<Task, Result>): Promise<void> {
  const { program, jobs = availableParallelism(), signal } = options;
  if (signal?.aborted === true) return;
  const threads: Worker[] = [];
  let stop = (): void => {};
  const onAbort = (): void => stop();
  signal?.addEventListener('abort', onAbort);
  try {
    await new Promise<void>((resolve, reject) => {
      const queue = new Queue<Task, Result>(options, resolve);
      stop = () => queue.stop();
      const fail = (error: Error): void => {
        reject(error);
        queue.stop();
      };
      for (let nth = 0; nth < jobs; nth++) {
        // The caller's own flags (a test runner's hooks) are not meant for this program.
        const worker = new Worker(program, { execArgv: [] });
        threads.push(worker);
        employ(worker, queue, fail);
      }
    });
  } finally {
    signal?.removeEventListener('abort', onAbort);
    await Promise.all(threads.map((worker) => worker.terminate()));
  }
}

/** Keeps the thread busy until there are no more tasks. */
function employ<Task, Result>(worker: Worker, queue: Queue<Task, Result>, fail: (error: Error) => void): void {
  let begun: number[] = [];
  const fill = (): void => {
    while (begun.length < IN_HAND) {
      const next = queue.take();
      if (next === undefined) return;
      begun = [...begun, next.nth];
      worker.postMessage(next.task);
    }
  };
  worker.on('message', (answer: Answer<Result>) => {
    const [first, ...rest] = begun;
    begun = rest;
    if ('error' in answer) return fail(new Error(answer.error));
    // What throws in a listener would end the process, and not this exploration.
    try {
      queue.give(first!, answer.result);
      fill();
    } catch (error) {
      fail(error as Error);
    }
  });
  worker.on('error', fail);
  fill();
}

/** Hands out tasks and puts their results in order. */
class Queue<Task, Result> {
  readonly #options: OrderedWork<Task, Result>;
  readonly #end: () => void;
  /** Those that are under way, or done and not told of yet: of a million tasks not every one is kept. */
  readonly #tasks = new Map<number, Task>();
  readonly #results = new Map<number, Result>();
  #taken = 0;
  #told = 0;
  /** No more tasks. */
  #isOver = false;
  /** No more results: threads may still have some under way. */
  #isStopped = false;

  constructor(options: OrderedWork<Task, Result>, end: () => void) {
    this.#options = options;
    this.#end = end;
  }

  take(): { readonly nth: number; readonly task: Task } | undefined {
    if (this.#isOver) return undefined;
    const next = this.#options.tasks.next();
    if (next.done === true) {
      this.#isOver = true;
      this.#endIfTold();
      return undefined;
    }
    const nth = this.#taken++;
    this.#tasks.set(nth, next.value);
    return { nth, task: next.value };
  }

  give(nth: number, result: Result): void {
    this.#results.set(nth, result);
    for (let next = this.#results.get(this.#told); next !== undefined; next = this.#results.get(this.#told)) {
      if (this.#isStopped) return;
      const nth = this.#told++;
      const task = this.#tasks.get(nth)!;
      this.#results.delete(nth);
      this.#tasks.delete(nth);
      if (this.#options.onResult(next, task) === 'stop') {
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
