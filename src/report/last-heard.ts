/** When a node last heard a leader, from its probes. To a tenth of a second: they tell of heartbeats no more often. */
import type { Nanos } from '../../checker/index.ts';
import { lastAtOrBefore, type ProbeIndex, type Track } from './probe-index.ts';

/** Whether it can be said at all: nodes of other systems, and of older runs, do not tell. */
export function isHeardTold({ tracks }: ProbeIndex): boolean {
  return tracks.some(({ heard }) => heard.length > 0);
}

/** Null where it never did. While a node follows a leader, entries and commits come from nobody else: they are word of it, too. */
export function lastHeard(track: Track, timeNs: Nanos): Nanos | null {
  const { beliefs, heard, commits, ends } = track;
  for (let at = lastAtOrBefore(beliefs, timeNs, ({ fromNs }) => fromNs); at >= 0; at--) {
    const { role, leader, fromNs } = beliefs[at]!;
    if (role !== 'follower' || leader === null) continue;
    const untilNs = Math.min(timeNs, (beliefs[at + 1]?.fromNs ?? Infinity) - 1);
    return Math.max(fromNs, ...[heard, commits, ends].map((told) => lastOf(told, untilNs)));
  }
  return null;
}

function lastOf(told: readonly { readonly atNs: Nanos }[], untilNs: Nanos): Nanos {
  return told[lastAtOrBefore(told, untilNs, ({ atNs }) => atNs)]?.atNs ?? -Infinity;
}
