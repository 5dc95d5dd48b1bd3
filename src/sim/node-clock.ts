/**
 * A host's own monotonic clock: it goes at a rate of its own, however slow or fast the hour of the simulation passes, and can be made to
 * go wrong: faster, slower, or forward by a jump; never backwards, which no monotonic clock does.
 */
import { assert } from '../base/assert.ts';
import { msToNs, type Nanos } from '../base/time.ts';
import type { VirtualClock } from './virtual-clock.ts';

export class NodeClock {
  readonly #clock: VirtualClock;
  #rate: number;
  /** Both clocks at the moment when the present rate began. */
  #since: { readonly hourNs: Nanos; readonly nodeNs: Nanos } = { hourNs: 0, nodeNs: 0 };

  /** @param rate 1 for the simulation's own */
  constructor(clock: VirtualClock, rate: number) {
    this.#clock = clock;
    this.#rate = rate;
  }

  nowNs(): Nanos {
    const { hourNs, nodeNs } = this.#since;
    const passedNs = this.#clock.nowNs() - hourNs;
    return nodeNs + (this.#rate === 1 ? passedNs : Math.floor(passedNs * this.#rate));
  }

  /** Goes on at `rate`, after a jump forward. Alarms that were set by `instantOf` have to be set again. */
  disturb({ rate, jumpMs }: { readonly rate: number; readonly jumpMs: number }): void {
    assert(rate > 0 && jumpMs >= 0, () => `a monotonic clock goes forward, not at ${rate} after ${jumpMs} ms`);
    this.#since = { hourNs: this.#clock.nowNs(), nodeNs: this.nowNs() + msToNs(jumpMs) };
    this.#rate = rate;
  }

  /** The first instant of the simulation, from now on, at which this clock shows `atNs` or more. */
  instantOf(atNs: Nanos): Nanos {
    const { hourNs, nodeNs } = this.#since;
    const leftNs = atNs - nodeNs;
    // A nanosecond or two later, for the rounding: an alarm that rings too early would be set to the same instant for ever.
    const instantNs = hourNs + (this.#rate === 1 ? leftNs : Math.ceil(leftNs / this.#rate) + 2);
    return Math.max(instantNs, this.#clock.nowNs());
  }
}
