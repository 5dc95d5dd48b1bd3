/** A flag that is raised once and can be waited for, and waits on the cluster's clock that such a flag cuts short. */
import { NS_PER_MS, type Nanos } from '../base/time.ts';
import type { Cluster } from '../contract/index.ts';

/** Raised once, never lowered. */
export class Latch {
  readonly raised: Promise<void>;
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
  }
}

/** A wait longer than this is cut into pieces, so that one cut short leaves no timer behind for long. */
const PIECE_MS = 100;

/** Resolves at `atNs` of the cluster's clock, or as soon as one of the latches is raised. */
export async function sleepUntil(cluster: Cluster, atNs: Nanos, ...latches: readonly Latch[]): Promise<void> {
  for (;;) {
    const leftMs = (atNs - cluster.now()) / NS_PER_MS;
    if (leftMs <= 0 || latches.some((latch) => latch.isRaised)) return;
    await Promise.race([cluster.sleep(Math.min(leftMs, PIECE_MS)), ...latches.map((latch) => latch.raised)]);
  }
}
