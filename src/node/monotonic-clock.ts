/**
 * The node's clock: the machine's monotonic one, in nanoseconds since the run began, so that the nodes, the controller and the
 * history of one machine share one axis of time.
 */
import type { Nanos } from '../base/time.ts';
import { NS_PER_MS } from '../base/time.ts';
import type { Clock } from '../replica/ports.ts';

export class MonotonicClock implements Clock {
  readonly #epochNs: bigint;
  readonly #onWake: () => void;
  #timer: NodeJS.Timeout | undefined;
  #timerAtNs = Infinity;
  #wakeAtNs = Infinity;

  constructor(epochNs: bigint, onWake: () => void) {
    this.#epochNs = epochNs;
    this.#onWake = onWake;
  }

  nowNs(): Nanos {
    return Number(process.hrtime.bigint() - this.#epochNs);
  }

  /** A timer that fires too early is set again, one set for later than needed is replaced: most calls only store a number. */
  wakeAt(atNs: Nanos): void {
    this.#wakeAtNs = atNs;
    if (atNs < this.#timerAtNs) this.#setTimer();
  }

  #setTimer(): void {
    clearTimeout(this.#timer);
    this.#timerAtNs = this.#wakeAtNs;
    const waitMs = Math.ceil((this.#wakeAtNs - this.nowNs()) / NS_PER_MS);
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
