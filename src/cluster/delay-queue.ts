/** Things that are to happen later, in the order in which they came: timers alone would let one overtake another, and a stream must not. */

interface Waiting {
  readonly dueMs: number;
  readonly run: () => void;
}

export class DelayQueue {
  readonly #waiting: Waiting[] = [];
  #timer: NodeJS.Timeout | undefined;

  /** Runs it in `delayMs`, at once where that is nothing and nothing waits before it. */
  add(delayMs: number, run: () => void): void {
    if (delayMs <= 0 && this.#waiting.length === 0) {
      run();
      return;
    }
    const lastMs = this.#waiting.at(-1)?.dueMs ?? 0;
    this.#waiting.push({ dueMs: Math.max(lastMs, performance.now() + delayMs), run });
    this.#timer ??= this.#wait();
  }

  /** Forgets what waits. */
  clear(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#waiting.length = 0;
  }

  #wait(): NodeJS.Timeout | undefined {
    const [next] = this.#waiting;
    if (next === undefined) return undefined;
    return setTimeout(() => this.#runDue(), Math.max(0, Math.ceil(next.dueMs - performance.now())));
  }

  #runDue(): void {
    while (this.#waiting.length > 0 && this.#waiting[0]!.dueMs <= performance.now()) this.#waiting.shift()!.run();
    this.#timer = this.#wait();
  }
}
