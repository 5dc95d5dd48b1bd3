/**
 * An order that grows: it begins as the causal order of a history, and more pairs are put into it one after another. The clocks
 * are brought forward at once, so that they always say exactly what is before what.
 */
import { isUpTo, joinRow, type CausalOrder } from './causal-order.ts';

/** What a user of the order wants to restrict and to know. */
export interface Growth {
  /** False for operations whose place does not matter. */
  readonly matters: (operation: number) => boolean;
  /** Called for each operation that others were put before, directly or not. */
  readonly grew: (operation: number) => void;
}

/** The causal order and what was put into it. */
export class GrowingOrder {
  readonly #causal: CausalOrder;
  readonly #now: Pick<CausalOrder, 'width' | 'chainOf' | 'placeOf' | 'clock'>;
  readonly #touched: number[] = [];
  readonly #isTouched: Uint8Array;
  readonly #after = new Map<number, number[]>();
  readonly #maxSteps: number;
  /** Numbers of clocks compared. Beyond `maxSteps` nothing more is brought forward. */
  steps = 0;

  constructor(causal: CausalOrder, maxSteps: number) {
    this.#causal = causal;
    this.#now = { ...causal, clock: causal.clock.slice() };
    this.#isTouched = new Uint8Array(causal.chainOf.length);
    this.#maxSteps = maxSteps;
  }

  get isExhausted(): boolean {
    return this.steps > this.#maxSteps;
  }

  /** True if a is b or before it. */
  isUpTo(a: number, b: number): boolean {
    return isUpTo(this.#now, a, b);
  }

  /** How many operations of a chain are before this one, itself not counted. */
  reach(operation: number, chain: number): number {
    const { clock, width, chainOf } = this.#now;
    return clock[operation * width + chain]! - (chainOf[operation] === chain ? 1 : 0);
  }

  /** Puts one operation before another, which must not be before it. */
  put(before: number, after: number, growth: Growth): void {
    const list = this.#after.get(before);
    if (list === undefined) this.#after.set(before, [after]);
    else list.push(after);
    const { start, to } = this.#causal.successors;
    const stack: number[] = [];
    this.#carry(before, after, growth, stack);
    for (let at = stack.pop(); at !== undefined && !this.isExhausted; at = stack.pop()) {
      growth.grew(at);
      for (let i = start[at]!; i < start[at + 1]!; i++) this.#carry(at, to[i]!, growth, stack);
      for (const next of this.#after.get(at) ?? []) this.#carry(at, next, growth, stack);
    }
  }

  /** Makes it the causal order again. */
  reset(): void {
    const { width, clock } = this.#causal;
    for (const operation of this.#touched) {
      const row = operation * width;
      this.#now.clock.set(clock.subarray(row, row + width), row);
      this.#isTouched[operation] = 0;
    }
    this.#touched.length = 0;
    this.#after.clear();
  }

  #carry(from: number, next: number, growth: Growth, stack: number[]): void {
    if (!growth.matters(next)) return;
    const { clock, width } = this.#now;
    this.steps += width;
    if (!joinRow(clock, next * width, from * width, width)) return;
    if (this.#isTouched[next] === 0) this.#touched.push(next);
    this.#isTouched[next] = 1;
    stack.push(next);
  }
}
