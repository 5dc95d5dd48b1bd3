/**
 * Virtual time. One heap of events holds everything that will happen in a simulation; the hour jumps from one event to the
 * next. Events of the same instant happen in the order in which they were scheduled, so a simulation is one fixed sequence.
 */
import { assert } from '../base/assert.ts';
import { Heap } from '../base/heap.ts';
import type { Nanos } from '../base/time.ts';

interface Event {
  readonly atNs: Nanos;
  readonly order: number;
  readonly happen: () => void;
}

/** The hour of a whole simulation, and what is still to happen in it. */
export class VirtualClock {
  readonly #events = new Heap<Event>((a, b) => a.atNs < b.atNs || (a.atNs === b.atNs && a.order < b.order));
  #nowNs: Nanos = 0;
  #scheduled = 0;

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
    this.#events.push({ atNs, order: this.#scheduled++, happen });
  }

  /** Does the next event if it lies at or before `endNs`; else moves the hour to `endNs` and answers false. */
  step(endNs: Nanos): boolean {
    const next = this.#events.peek();
    if (next === undefined || next.atNs > endNs) {
      this.#nowNs = Math.max(this.#nowNs, endNs);
      return false;
    }
    this.#events.pop();
    this.#nowNs = next.atNs;
    next.happen();
    return true;
  }
}
