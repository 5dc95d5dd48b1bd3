/**
 * What the workloads share: a client visits a key for some operations before it goes on to another, and every value that it
 * writes is unique in the run.
 */
import type { Random } from '../src/base/random.ts';
import type { WorkloadOptions } from './workload.ts';

const VISIT_MIN = 12;
const VISIT_MAX = 36;

/** The key that a client is at, visit by visit. */
export class Visits {
  readonly #keys: readonly string[];
  #key: string;
  #left = 0;

  constructor(keys: readonly string[]) {
    this.#keys = keys;
    this.#key = keys[0]!;
  }

  /** The key of the next operation; now and then another one than before. */
  next(random: Random): string {
    if (this.#left === 0) {
      this.#key = random.pick(this.#keys);
      this.#left = random.between(VISIT_MIN, VISIT_MAX);
    }
    this.#left--;
    return this.#key;
  }
}

/** Numbers that no other slot of the run writes, small ones first: with 10 slots, slot 3 writes 4, 14, 24 … */
export function uniqueValues(slot: number, options: WorkloadOptions): () => number {
  let value = slot + 1 - options.slots;
  return () => (value += options.slots);
}
