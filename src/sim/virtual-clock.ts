/**
 * Virtual time. One heap of events holds everything that will happen in a simulation; the hour jumps from one event to the
 * next. Events of the same instant happen in the order in which they were scheduled, so a simulation is one fixed sequence.
 */
import { assert } from '../base/assert.ts';
import type { Nanos } from '../base/time.ts';

/** The hour of a whole simulation, and what is still to happen in it. */
export class VirtualClock {
  readonly #events = new EventHeap();
  #nowNs: Nanos = 0;

  nowNs(): Nanos {
    return this.#nowNs;
  }

  /** Lets `happen` happen `delayNs` from now. There is no way to take it back: what may become void looks before it acts. */
  after(delayNs: Nanos, happen: () => void): void {
    this.at(this.#nowNs + delayNs, happen);
  }

  /** As `after`, at an instant that has not passed. */
  at(atNs: Nanos, happen: () => void): void {
    assert(atNs >= this.#nowNs, () => `cannot schedule at ${atNs}, it is ${this.#nowNs}`);
    this.#events.push(atNs, happen);
  }

  /** Does the next event if it lies at or before `endNs`; else moves the hour to `endNs` and answers false. */
  step(endNs: Nanos): boolean {
    const atNs = this.#events.nextNs;
    if (atNs > endNs) {
      this.#nowNs = Math.max(this.#nowNs, endNs);
      return false;
    }
    const happen = this.#events.pop();
    if (happen === undefined) return false;
    this.#nowNs = atNs;
    happen();
    return true;
  }
}

/** A binary min-heap by instant and order of scheduling, in columns: an event costs no object. */
class EventHeap {
  #atNs: Float64Array = new Float64Array(64);
  #order: Float64Array = new Float64Array(64);
  readonly #happen: (() => void)[] = [];
  #pushed = 0;

  /** When the next event is; Infinity where there is none. */
  get nextNs(): Nanos {
    return this.#happen.length === 0 ? Infinity : this.#atNs[0]!;
  }

  push(at: Nanos, happen: () => void): void {
    let hole = this.#happen.length;
    if (hole === this.#atNs.length) this.#grow();
    const atNs = this.#atNs;
    const order = this.#order;
    const happens = this.#happen;
    happens.push(happen);
    // It is the last in the order of scheduling: among equals it stays below.
    while (hole > 0) {
      const parent = (hole - 1) >> 1;
      if (atNs[parent]! <= at) break;
      atNs[hole] = atNs[parent]!;
      order[hole] = order[parent]!;
      happens[hole] = happens[parent]!;
      hole = parent;
    }
    atNs[hole] = at;
    order[hole] = this.#pushed++;
    happens[hole] = happen;
  }

  pop(): (() => void) | undefined {
    const happens = this.#happen;
    const top = happens[0];
    const last = happens.pop();
    if (happens.length > 0 && last !== undefined) this.#sink(last, happens.length);
    return top;
  }

  /** Puts the one that stood at `from`, the last, at the top, which is free, and lets it sink to its place. */
  #sink(happen: () => void, from: number): void {
    const atNs = this.#atNs;
    const order = this.#order;
    const happens = this.#happen;
    const ownAt = atNs[from]!;
    const ownOrder = order[from]!;
    let hole = 0;
    for (let child = 1; child < from; child = 2 * hole + 1) {
      if (child + 1 < from && isBefore(atNs[child + 1]!, order[child + 1]!, atNs[child]!, order[child]!)) child++;
      if (!isBefore(atNs[child]!, order[child]!, ownAt, ownOrder)) break;
      atNs[hole] = atNs[child]!;
      order[hole] = order[child]!;
      happens[hole] = happens[child]!;
      hole = child;
    }
    atNs[hole] = ownAt;
    order[hole] = ownOrder;
    happens[hole] = happen;
  }

  #grow(): void {
    const grown = (column: Float64Array): Float64Array => {
      const wider = new Float64Array(2 * column.length);
      wider.set(column);
      return wider;
    };
    this.#atNs = grown(this.#atNs);
    this.#order = grown(this.#order);
  }
}

function isBefore(aNs: Nanos, aOrder: number, bNs: Nanos, bOrder: number): boolean {
  return aNs < bNs || (aNs === bNs && aOrder < bOrder);
}
