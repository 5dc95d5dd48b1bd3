/**
 * The node's clock: the machine's monotonic one, in nanoseconds since the run began, so that the nodes, the controller and the
 * history of one machine share one axis of time. It can be made to go wrong: faster, slower, or forward by a jump; never backwards,
 * which no monotonic clock does. What is said to others about *when* (probes) goes by the host's clock all the same.
 */
import type { Nanos } from '../base/time.ts';
import { NS_PER_MS } from '../base/time.ts';
import type { Clock } from '../replica/ports.ts';

interface MonotonicClockOptions {
  readonly epochNs: bigint;
  readonly soon: Clock['soon'];
  readonly onWake: () => void;
}

export class MonotonicClock implements Clock {
  readonly soon: Clock['soon'];
  readonly #epochNs: bigint;
  readonly #onWake: () => void;
  #rate = 1;
  /** Both clocks at the moment when the present rate began. */
  #since = { hostNs: 0, nodeNs: 0 };
  #timer: NodeJS.Timeout | undefined;
  #timerAtNs = Infinity;
  #wakeAtNs = Infinity;

  constructor({ epochNs, soon, onWake }: MonotonicClockOptions) {
    this.#epochNs = epochNs;
    this.soon = soon;
    this.#onWake = onWake;
  }

  nowNs(): Nanos {
    const hostNs = this.hostNs();
    if (this.#rate === 1) return this.#since.nodeNs - this.#since.hostNs + hostNs;
    return this.#since.nodeNs + Math.floor((hostNs - this.#since.hostNs) * this.#rate);
  }

  /** The clock that nothing goes wrong with. */
  hostNs(): Nanos {
    return Number(process.hrtime.bigint() - this.#epochNs);
  }

  /** Goes on at `rate` times the host's clock, after a jump forward. */
  disturb({ rate, jumpMs }: { readonly rate: number; readonly jumpMs: number }): void {
    this.#since = { hostNs: this.hostNs(), nodeNs: this.nowNs() + jumpMs * NS_PER_MS };
    this.#rate = rate;
    if (this.#wakeAtNs < Infinity) this.#setTimer();
  }

  /** A timer that fires too early is set again, one set for later than needed is replaced: most calls only store a number. */
  wakeAt(atNs: Nanos): void {
    this.#wakeAtNs = atNs;
    if (atNs < this.#timerAtNs) this.#setTimer();
  }

  #setTimer(): void {
    clearTimeout(this.#timer);
    this.#timerAtNs = this.#wakeAtNs;
    const waitMs = Math.ceil((this.#wakeAtNs - this.nowNs()) / this.#rate / NS_PER_MS);
    // Timers run before sockets are read. After a pause that would be the wrong way round: what arrived meanwhile is older than
    // this moment, and is to be handled first, as a process would that had only been slow.
    const fire = (): unknown => setImmediate(() => this.#fired());
    this.#timer = setTimeout(fire, Math.max(0, Math.min(waitMs, MAX_TIMER_MS)));
  }

  #fired(): void {
    this.#timerAtNs = Infinity;
    if (this.nowNs() < this.#wakeAtNs) return this.#setTimer();
    this.#wakeAtNs = Infinity;
    return this.#onWake();
  }
}

/** setTimeout takes no more than a 32-bit number of milliseconds. */
const MAX_TIMER_MS = 2 ** 31 - 1;
