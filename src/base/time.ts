/** Units of time. Every duration or instant carries its unit at the end of its name. */

/** Integer nanoseconds since the run began. Safe for 104 days (2^53 ns). */
export type Nanos = number;

export const NS_PER_MS = 1_000_000;

/** Whole nanoseconds. */
export function msToNs(ms: number): Nanos {
  return Math.round(ms * NS_PER_MS);
}

/**
 * How far two clocks of a cluster may go apart, as a share, where nothing else is declared: one counts at least 0.9 s while another
 * counts 1 s. Far more than what crystals differ by, far less than what would make leases useless.
 */
export const DEFAULT_CLOCK_DRIFT = 0.1;
