/** Units of time. Every duration or instant carries its unit at the end of its name. */

/** Integer nanoseconds since the run began. Safe for 104 days (2^53 ns). */
export type Nanos = number;

export const NS_PER_MS = 1_000_000;

/** Whole nanoseconds. */
export function msToNs(ms: number): Nanos {
  return Math.round(ms * NS_PER_MS);
}
