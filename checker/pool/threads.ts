/**
 * The threads of a check: made when there is work for them, each given the next batch before it has run out, ended when nothing
 * that is undecided matters any more.
 */
import { Worker, type ResourceLimits } from 'node:worker_threads';
import { buffersOf, tableData } from '../history/table-data.ts';
import { batchesOf, rowsOf, type Batch } from './batches.ts';
import {
  ASKED_TO_STOP,
  END,
  errorFromData,
  GO_ON,
  NO_PART,
  STOP,
  TOO_MUCH_MEMORY,
  type Done,
  type Work,
  type WorkerData,
} from './messages.ts';
import type { ModelReference } from '../model/named.ts';
import { notJudged, residentBytes } from './resident-memory.ts';
import type { Task } from './task.ts';

// From source the worker needs its loader; what ships is JavaScript and needs none.
const PROGRAM = new URL(import.meta.url.endsWith('.ts') ? './worker-from-source.mjs' : './worker.js', import.meta.url);

/** Batches that a thread has: one in hand and one to go on with. */
const IN_HAND = 2;
const WATCH_EVERY_MS = 50;
const MIB = 1 << 20;
/** What a thread needs before it has judged anything. */
const LEAST_HEAP_MIB = 64;

interface Size {
  readonly jobs: number;
  readonly leastBatch: number;
  readonly heapMib?: number;
}

interface Thread {
  readonly worker: Worker;
  readonly current: Int32Array;
  readonly batches: Batch[];
}

export class Threads {
  readonly #task: Task;
  readonly #model: ModelReference;
  readonly #size: Size;
  readonly #control: Int32Array = new Int32Array(new SharedArrayBuffer(8));
  readonly #threads = new Set<Thread>();
  #waiting: Batch[] = [];
  #settle!: { readonly resolve: () => void; readonly reject: (reason: unknown) => void };

  constructor(task: Task, model: ModelReference, size: Size) {
    this.#task = task;
    this.#model = model;
    this.#size = size;
  }

  /** Judges the parts from `from` on, as far as they matter. */
  async judge(from: number): Promise<void> {
    const { parts, signal, tally } = this.#task;
    this.#waiting = [...batchesOf(parts, from, this.#size)];
    Atomics.store(this.#control, END, tally.end);
    const done = new Promise<void>((resolve, reject) => (this.#settle = { resolve, reject }));
    const abort = (): void => this.#settle.reject(signal!.reason);
    signal?.addEventListener('abort', abort);
    const watch = setInterval(() => this.#guarded(() => this.#watch()), WATCH_EVERY_MS);
    try {
      if (signal?.aborted === true) abort();
      else {
        this.#watch();
        this.#dispatch();
      }
      await done;
    } finally {
      clearInterval(watch);
      signal?.removeEventListener('abort', abort);
      await Promise.all([...this.#threads].map(({ worker }) => worker.terminate()));
    }
  }

  /** Gives batches to the threads that have room, and makes threads as long as there is more work than they. */
  #dispatch(): void {
    const { tally } = this.#task;
    if (Atomics.load(this.#control, STOP) === TOO_MUCH_MEMORY) this.#giveUp();
    this.#waiting = this.#waiting.filter(({ first }) => first <= tally.end);
    if (tally.isDone) {
      this.#settle.resolve();
      return;
    }
    while (this.#waiting.length > 0) {
      const thread = this.#thread();
      if (thread === undefined) return;
      this.#send(thread, this.#waiting.shift()!);
    }
  }

  /** The thread with the least to do; undefined where all have enough. */
  #thread(): Thread | undefined {
    const [least] = [...this.#threads].sort((a, b) => a.batches.length - b.batches.length);
    if (least?.batches.length === 0) return least;
    if (this.#threads.size < this.#size.jobs) return this.#start();
    return least !== undefined && least.batches.length < IN_HAND ? least : undefined;
  }

  #send({ worker, batches }: Thread, batch: Batch): void {
    const { table, parts } = this.#task;
    const data = tableData(table, rowsOf(parts, batch));
    batches.push(batch);
    worker.postMessage({ first: batch.first, count: batch.count, table: data } satisfies Work, buffersOf(data));
  }

  /** A thread whose heap is full ends alone instead of taking the process with it. */
  #limits(): ResourceLimits {
    const { maxResidentBytes } = this.#task;
    const { heapMib = maxResidentBytes / MIB } = this.#size;
    return heapMib === Infinity ? {} : { maxOldGenerationSizeMb: Math.max(LEAST_HEAP_MIB, Math.ceil(heapMib)) };
  }

  #start(): Thread {
    const { budget, clients, untimed } = this.#task;
    const current = new Int32Array(new SharedArrayBuffer(4)).fill(NO_PART);
    const { maxSteps, maxBytes } = budget;
    const data: WorkerData = {
      model: this.#model,
      maxSteps,
      maxBytes,
      clients,
      untimed,
      control: this.#control,
      current,
    };
    const worker = new Worker(PROGRAM, {
      workerData: data,
      // The caller's own (`--input-type`, a test runner's hooks) are not meant for this program.
      execArgv: [],
      resourceLimits: this.#limits(),
    });
    const thread: Thread = { worker, current, batches: [] };
    worker.on('message', (done: Done) => this.#guarded(() => this.#whenDone(thread, done)));
    worker.on('messageerror', (error) => this.#settle.reject(error));
    worker.on('error', (error: unknown) => this.#guarded(() => this.#whenBroken(thread, error)));
    worker.on('exit', (code) => {
      if (this.#threads.has(thread)) this.#settle.reject(new Error(`a thread of the checker ended with ${code}`));
    });
    this.#threads.add(thread);
    return thread;
  }

  /** What a caller's own function throws, or this library, ends the check instead of the process. */
  #guarded(action: () => void): void {
    try {
      action();
    } catch (error) {
      this.#settle.reject(error);
    }
  }

  #whenDone(thread: Thread, { first, judged, error }: Done): void {
    const { tally } = this.#task;
    thread.batches.shift();
    judged.forEach((one, i) => tally.add(first + i, one));
    if (error !== undefined) tally.fail(first + judged.length, errorFromData(error));
    Atomics.store(this.#control, END, tally.end);
    this.#report(judged.map(({ result }) => result.operations));
    this.#dispatch();
  }

  /** A thread that ran out of heap leaves the part that it was at undecided, and the rest of its work to others. */
  #whenBroken(thread: Thread, error: unknown): void {
    const part = Atomics.load(thread.current, 0);
    this.#threads.delete(thread);
    if ((error as NodeJS.ErrnoException).code !== 'ERR_WORKER_OUT_OF_MEMORY' || part === NO_PART) {
      this.#settle.reject(error);
      return;
    }
    this.#skip(part, 'a thread came to the limit of its heap, which depends on the machine');
    this.#waiting.unshift(...thread.batches.flatMap((batch) => without(batch, part)));
    this.#dispatch();
  }

  #watch(): void {
    const { budget, maxResidentBytes } = this.#task;
    if (Atomics.load(this.#control, STOP) !== GO_ON) return;
    if (residentBytes() > maxResidentBytes) {
      Atomics.store(this.#control, STOP, TOO_MUCH_MEMORY);
      this.#dispatch();
    } else if (budget.shouldStop?.() === true) {
      Atomics.store(this.#control, STOP, ASKED_TO_STOP);
    }
  }

  /** What has not been sent is not begun. */
  #giveUp(): void {
    for (const { first, count } of this.#waiting) {
      for (let part = first; part < first + count; part++) this.#skip(part);
    }
    this.#waiting = [];
  }

  #skip(part: number, reason?: string): void {
    const { parts, tally } = this.#task;
    if (tally.isSettled(part)) return;
    tally.add(part, notJudged(parts[part]!, reason));
    this.#report([parts[part]!.rows.length]);
  }

  #report(operations: readonly number[]): void {
    if (operations.length === 0) return;
    this.#task.progress(
      operations.length,
      operations.reduce((sum, count) => sum + count, 0),
    );
  }
}

/** The parts of a batch on both sides of one. */
function without(batch: Batch, part: number): readonly Batch[] {
  const { first, count, operations } = batch;
  if (part < first || part >= first + count) return [batch];
  return [
    { first, count: part - first, operations },
    { first: part + 1, count: first + count - part - 1, operations },
  ].filter((it) => it.count > 0);
}
