/**
 * Times of a clock that does not begin at 0, exactly. Nanoseconds since 1970 are beyond what a double holds; their
 * differences within a run are not.
 */
import { show } from './jsonl-line.ts';
import type { Json } from './operation.ts';

const MAX_EXACT = BigInt(Number.MAX_SAFE_INTEGER);

/** Turns recorded times into nanoseconds since some beginning, the same for all. */
export class Instants {
  #base: bigint | undefined;
  #leastNs = 0;

  /**
   * Nanoseconds since the first time that was asked for, or since 0 where that is no large number; or the reason why it is none.
   * @param written the digits of the number in the file
   */
  of(time: Json, written: () => string): number | string {
    if (typeof time !== 'number' || !Number.isInteger(time)) {
      return `must be a whole number of nanoseconds, not ${show(time)}`;
    }
    const digits = Number.isSafeInteger(time) ? String(time) : written();
    if (!/^-?\d+$/.test(digits) || digits.length > 40) return `must be a whole number of nanoseconds, not ${digits}`;
    this.#base ??= Number.isSafeInteger(time) ? 0n : BigInt(digits);
    const since = this.#base === 0n ? BigInt(digits) : BigInt(digits) - this.#base;
    if (since > MAX_EXACT || since < -MAX_EXACT) {
      return `${digits} is too far from ${this.#base} to be held exactly; leave it out if the operation never returned`;
    }
    const ns = Number(since);
    this.#leastNs = Math.min(this.#leastNs, ns);
    return ns;
  }

  /** Moves the times of rows so that none is before 0. */
  shift(rows: { readonly count: number; readonly callNs: Float64Array; readonly returnNs: Float64Array }): void {
    if (this.#leastNs === 0) return;
    for (let row = 0; row < rows.count; row++) {
      rows.callNs[row] = rows.callNs[row]! - this.#leastNs;
      rows.returnNs[row] = rows.returnNs[row]! - this.#leastNs;
    }
  }
}
