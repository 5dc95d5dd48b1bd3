/** A host's own monotonic clock: it goes at a rate of its own, however slow or fast the hour of the simulation passes. */
import type { Nanos } from '../base/time.ts';
import type { VirtualClock } from './virtual-clock.ts';

export class NodeClock {
  readonly #clock: VirtualClock;
  readonly #rate: number;

  /** @param rate 1 for the simulation's own */
  constructor(clock: VirtualClock, rate: number) {
    this.#clock = clock;
    this.#rate = rate;
  }

  nowNs(): Nanos {
    return this.#rate === 1 ? this.#clock.nowNs() : Math.floor(this.#clock.nowNs() * this.#rate);
  }

  /** The first instant of the simulation, from now on, at which this clock shows `atNs` or more. */
  instantOf(atNs: Nanos): Nanos {
    // A nanosecond or two later, for the rounding: an alarm that rings too early would be set to the same instant for ever.
    const instantNs = this.#rate === 1 ? atNs : Math.ceil(atNs / this.#rate) + 2;
    return Math.max(instantNs, this.#clock.nowNs());
  }
}
