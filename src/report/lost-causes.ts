/**
 * Causes that a correct node does not have: a write that was applied twice, one that was read or acknowledged before it was committed, one that was
 * acknowledged and then lost; and a node whose state went back, as it may after a start. Each needs evidence that a probe lost in a crash cannot counterfeit.
 */
import type { Json, Nanos, Operation } from '../../checker/index.ts';
import { NS_PER_MS } from '../base/time.ts';
import type { Cause, Operations } from './cause-kinds.ts';
import { count, instant, isLook, showValue } from './format.ts';
import type { Applied, FirstApplied, ProbeIndex, Track } from './probe-index.ts';

/** A read that returned an old value, and the operation that shows the newer one to have been current. */
export interface StaleRead {
  readonly read: Operation;
  readonly newer: Operation;
  readonly newerValue: Json;
  readonly key: string;
  readonly probes: ProbeIndex;
  readonly operations: Operations;
}

/** Probes and operations are stamped by different processes: what is nearer than this is not told apart. */
const CLOCKS_APART_NS = 5 * NS_PER_MS;

/** The first of them that the probes prove. */
export function lossOf(it: StaleRead): Cause | null {
  return appliedTwice(it) ?? replaced(it) ?? tooEarly(it) ?? wentBack(it.read, it.key, it.probes);
}

/** The old value came back, because its only write was applied again after the newer one (Raft 8: sessions are there to prevent that). */
function appliedTwice({ read, newerValue, key, probes, operations }: StaleRead): Cause | null {
  if (read.outcome.kind !== 'ok') return null;
  const old = showValue(read.outcome.output);
  const writes = [...operations.values()].filter(({ input }) => input.key === key && valueAfter(input) === old);
  const again =
    trackOf(probes, read.node)
      ?.applied.get(key)
      ?.filter((one) => showValue(one.value) === old) ?? [];
  const [first, second] = byIndex(again);
  const between = trackOf(probes, read.node)
    ?.applied.get(key)
    ?.find((one) => showValue(one.value) === showValue(newerValue));
  if (writes.length !== 1 || first === undefined || second === undefined || between === undefined) return null;
  if (between.index < first.index || between.index > second.index || second.index > (read.applied ?? 0)) return null;
  return {
    kind: 'applied-twice',
    headline: 'A write was applied twice.',
    sentence:
      `${read.node} had applied ${key} = ${old} as entry ${count(first.index)}, then ${key} = ${showValue(newerValue)} as entry ` +
      `${count(between.index)}, and at ${instant(second.atNs)} ${key} = ${old} again as entry ${count(second.index)}.`,
  };
}

/** What a register holds after a write or a compare-and-set. */
function valueAfter({ f, value }: Operation['input']): string | null {
  if (f === 'write') return showValue(value);
  return f === 'cas' && Array.isArray(value) ? showValue((value as readonly Json[])[1] ?? null) : null;
}

/** One application an index, in order. */
function byIndex(applied: readonly Applied[]): readonly Applied[] {
  const first = new Map<number, Applied>();
  for (const one of applied) if (!first.has(one.index)) first.set(one.index, one);
  return [...first.values()].toSorted((left, right) => left.index - right.index);
}

/** The node that answered the read has another entry in the place of the acknowledged write. */
function replaced({ read, newer, newerValue, key, probes }: StaleRead): Cause | null {
  const index = newer.applied;
  if (isLook(newer.input) || newer.outcome.kind !== 'ok' || index === undefined || (read.applied ?? 0) < index)
    return null;
  const own = termOf(trackOf(probes, newer.node), index, newer.outcome.returnNs);
  const other = termOf(trackOf(probes, read.node), index, read.callNs);
  if (own === undefined || other === undefined || own === other) return null;
  return {
    kind: 'lost-entry',
    headline: 'An acknowledged write was lost.',
    sentence:
      `${newer.node} had acknowledged ${key} = ${showValue(newerValue)} at ${instant(newer.outcome.returnNs)} as entry ${count(index)} of term ${count(own)}; ` +
      `where ${read.node} answered from, entry ${count(index)} is another one, of term ${count(other)}.`,
  };
}

/** The term of an entry in a node's log at an instant. */
function termOf(track: Track | undefined, index: number, untilNs: Nanos): number | undefined {
  return track?.ends.findLast((end) => end.index === index && end.atNs <= untilNs)?.term;
}

/** The newer value was answered by a node when no node had applied it, so it was not committed. */
function tooEarly({ newer, newerValue, key, probes }: StaleRead): Cause | null {
  const by = newer.node;
  const track = trackOf(probes, by);
  // Of a system that does not tell what it applies, nothing follows from its silence.
  if (by === undefined || track === undefined || track.applied.size === 0 || newer.outcome.kind !== 'ok') return null;
  const { returnNs } = newer.outcome;
  const first = firstApplied(probes, key, newerValue);
  if (first !== null && first.atNs <= returnNs + CLOCKS_APART_NS) return null;
  if (!wentOnTelling(track, returnNs)) return null;
  const isRead = isLook(newer.input);
  const later =
    first === null ? 'no node ever applied it' : `the first to apply it was ${first.node}, at ${instant(first.atNs)}`;
  return {
    kind: isRead ? 'dirty-read' : 'acknowledged-early',
    headline: isRead
      ? `${by} had shown a value that was not committed.`
      : `${by} had acknowledged a write that was not committed.`,
    sentence: `It ${isRead ? 'answered a read with' : 'acknowledged'} ${key} = ${showValue(newerValue)} at ${instant(returnNs)}; ${later}.`,
  };
}

/** Whether nothing of what it had said until then can be missing: it said something later, before it started anew. */
function wentOnTelling({ starts, commits, ends, beliefs }: Track, sinceNs: Nanos): boolean {
  const next = starts.find(({ atNs }) => atNs > sinceNs)?.atNs ?? Infinity;
  const told = [...commits, ...ends].map(({ atNs }) => atNs).concat(beliefs.map(({ fromNs }) => fromNs));
  return told.some((atNs) => atNs > sinceNs && atNs < next);
}

/**
 * The node that answered had applied a later change of the key itself, and then had an older state: it had started anew and did not yet know what
 * was committed, or had lost some of its log.
 */
export function wentBack(read: Operation, key: string, probes: ProbeIndex): Cause | null {
  const reached = read.applied;
  const track = trackOf(probes, read.node);
  if (track === undefined || reached === undefined) return null;
  const before = read.callNs - CLOCKS_APART_NS;
  const had = track.applied.get(key)?.find(({ index, atNs }) => index > reached && atNs <= before);
  if (had === undefined) return null;
  const restart = track.starts.findLast(({ atNs }) => atNs > had.atNs && atNs <= read.callNs);
  const why = restart === undefined ? '' : ` It had started anew at ${instant(restart.atNs)}.`;
  return {
    kind: 'went-back',
    headline: `Time ran backwards on ${track.node}.`,
    sentence: `It had applied entry ${count(had.index)} to ${key} at ${instant(had.atNs)}, and then answered from entry ${count(reached)}.${why}`,
  };
}

function firstApplied({ tracks }: ProbeIndex, key: string, value: Json): FirstApplied | null {
  const all = tracks.flatMap(({ node, applied }) =>
    (applied.get(key) ?? [])
      .filter((one) => showValue(one.value) === showValue(value))
      .map((one) => ({ ...one, node })),
  );
  return all.toSorted((left, right) => left.atNs - right.atNs)[0] ?? null;
}

function trackOf({ tracks }: ProbeIndex, node: string | undefined): Track | undefined {
  return tracks.find((track) => track.node === node);
}
