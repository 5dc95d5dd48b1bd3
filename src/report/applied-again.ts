/**
 * The cause of a sum, a list, a queue or a text that nothing explains: one addition was applied twice on the node that answered. What an entry added is
 * the difference between two states in a row; workloads add nothing twice, so an addition of one call at two indexes was applied again (Raft 8).
 */
import type { Json, Nanos, Operation } from '../../checker/index.ts';
import type { Cause, Operations } from './cause-kinds.ts';
import { count, describeCall, instant, isLook, showValue } from './format.ts';
import type { Applied, ProbeIndex, Track } from './probe-index.ts';

interface Addition {
  readonly value: Json;
  readonly by: Applied;
}

/** Null where the probes do not prove it. */
export function appliedAgain(culprit: Operation, probes: ProbeIndex, operations: Operations): Cause | null {
  const { key } = culprit.input;
  const track = probes.tracks.find(({ node }) => node === culprit.node);
  if (track === undefined || key === undefined || culprit.applied === undefined) return null;
  for (const [first, second] of twiceIn(track, key)) {
    if (second.by.index > culprit.applied || !isSeen(culprit, first.value)) continue;
    const calls = callsOf(operations, key, first.value);
    if (calls.length !== 1) continue;
    return {
      kind: 'applied-twice',
      headline: 'A write was applied twice.',
      sentence:
        `${track.node} had applied ${describeCall(calls[0]!.input)} as entry ${count(first.by.index)} at ${instant(first.by.atNs)}, ` +
        `and at ${instant(second.by.atNs)} again as entry ${count(second.by.index)}.`,
    };
  }
  return null;
}

/** A sum shows every addition; a list or a text has it twice; whoever takes something out of a queue has got it. */
function isSeen({ input, outcome }: Operation, value: Json): boolean {
  if (outcome.kind !== 'ok') return false;
  const { output } = outcome;
  if (!isLook(input)) return input.f === 'dequeue' && showValue(output) === showValue(value);
  if (typeof output === 'string' && typeof value === 'string') return output.split(value).length > 2;
  if (!Array.isArray(output)) return typeof output === 'number';
  return (output as readonly Json[]).filter((one) => showValue(one) === showValue(value)).length > 1;
}

const seen = new WeakMap<Track, Map<string, readonly (readonly [Addition, Addition])[]>>();

/** The additions that stand at two indexes, with the first two of each. Once for a node and a key: anomalies come by the thousand. */
function twiceIn(track: Track, key: string): readonly (readonly [Addition, Addition])[] {
  const known = seen.get(track) ?? new Map<string, readonly (readonly [Addition, Addition])[]>();
  seen.set(track, known);
  const found = known.get(key) ?? repeated(additionsOf(track, key));
  known.set(key, found);
  return found;
}

function repeated(additions: readonly Addition[]): readonly (readonly [Addition, Addition])[] {
  const first = new Map<string, Addition>();
  return additions.flatMap((addition) => {
    const name = showValue(addition.value);
    const earlier = first.get(name);
    if (earlier === undefined) first.set(name, addition);
    return earlier === undefined ? [] : [[earlier, addition] as const];
  });
}

/** In the order of the log. Where the node started anew or took over a snapshot in between, states in a row are not of entries in a row. */
function additionsOf(track: Track, key: string): readonly Addition[] {
  const steps = new Map<number, Applied>();
  for (const step of track.applied.get(key) ?? []) if (!steps.has(step.index)) steps.set(step.index, step);
  const inOrder = [...steps.values()].toSorted((left, right) => left.index - right.index);
  return inOrder.flatMap((step, nth): readonly Addition[] => {
    const before = inOrder[nth - 1];
    if (before === undefined || isBroken(track, before.atNs, step.atNs)) return [];
    const value = added(before.value, step.value);
    return value === null ? [] : [{ value, by: step }];
  });
}

function isBroken({ starts, installs }: Track, fromNs: Nanos, toNs: Nanos): boolean {
  return toNs < fromNs || [...starts, ...installs].some(({ atNs }) => atNs >= fromNs && atNs <= toNs);
}

/** What was put behind the end of a list, a queue or a text, or added to a sum; null where it was something else. */
function added(before: Json, after: Json): Json {
  if (typeof before === 'number' && typeof after === 'number') return after - before;
  if (typeof before === 'string' && typeof after === 'string')
    return after.length > before.length && after.startsWith(before) ? after.slice(before.length) : null;
  if (!Array.isArray(before) || !Array.isArray(after) || after.length !== before.length + 1) return null;
  const isLonger = before.every((one, at) => showValue(one as Json) === showValue(after[at] as Json));
  return isLonger ? (after.at(-1) as Json) : null;
}

const ADDING = ['add', 'append', 'enqueue'];

function callsOf(operations: Operations, key: string, value: Json): readonly Operation[] {
  const shown = showValue(value);
  return [...operations.values()].filter(
    ({ input }) => input.key === key && ADDING.includes(input.f) && showValue(input.value) === shown,
  );
}
