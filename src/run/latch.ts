/** A flag that is raised once and can be waited for, and waits on the cluster's clock that such a flag cuts short. */
import { NS_PER_MS, type Nanos } from '../base/time.ts';
import type { Cluster } from '../contract/index.ts';

/** Raised once, never lowered. */
export class Latch {
  readonly raised: Promise<void>;
  readonly #waiting = new Set<() => void>();
  #isRaised = false;
  #resolve: () => void = () => {};

  constructor() {
    this.raised = new Promise((resolve) => (this.#resolve = resolve));
  }

  get isRaised(): boolean {
    return this.#isRaised;
  }

  raise(): void {
    this.#isRaised = true;
    this.#resolve();
    for (const wake of this.#waiting) wake();
    this.#waiting.clear();
  }

  /** How many `onRaise` it will tell. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** Calls `wake` when it is raised, if it is not yet, until `leave` is told of the same one. */
  onRaise(wake: () => void): void {
    if (!this.#isRaised) this.#waiting.add(wake);
  }

  leave(wake: () => void): void {
    this.#waiting.delete(wake);
  }
}

/** A wait longer than this is cut into pieces, so that one cut short leaves no timer behind for long. */
const PIECE_MS = 100;

/** Resolves at `atNs` of the cluster's clock, or as soon as one of the latches is raised. */
export async function sleepUntil(cluster: Cluster, atNs: Nanos, ...latches: readonly Latch[]): Promise<void> {
  for (;;) {
    const leftMs = (atNs - cluster.now()) / NS_PER_MS;
    if (leftMs <= 0) return;
    for (const latch of latches) if (latch.isRaised) return;
    await napOf(cluster.sleep(Math.min(leftMs, PIECE_MS)), latches);
  }
}

/** Not `Promise.race`, which would leave a trace of each nap in every latch for as long as the run goes on. */
function napOf(nap: Promise<void>, latches: readonly Latch[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = (): void => {
      for (const latch of latches) latch.leave(end);
      resolve();
    };
    for (const latch of latches) latch.onRaise(end);
    nap.then(end, (error: Error) => {
      reject(error);
      end();
    });
  });
}
