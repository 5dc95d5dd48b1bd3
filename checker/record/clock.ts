/**
 * The clock of a recorder that was given none: the machine's monotonic one. The only place of the checker that knows the hour; what
 * is decided never depends on it.
 */
import type { Nanos } from '../history/operation.ts';
import { RecorderError } from './error.ts';

/** What browsers, Node, Deno and Bun all have. */
interface Performance {
  /** Milliseconds, with a fraction, since the process began. */
  now(): number;
}

// Taken when this file is loaded: fake timers that a test installs later would stop the clock, and what happens at one instant
// counts as concurrent.
const { performance } = globalThis as unknown as { readonly performance?: Performance };
const nowMs = performance === undefined ? undefined : performance.now.bind(performance);

/** @throws RecorderError where there is no such clock */
export function monotonicNowNs(): Nanos {
  if (nowMs === undefined) throw new RecorderError('there is no performance.now here: give recorder() a clock, nowNs');
  return nowMs() * 1e6;
}
