/**
 * The "x must be" lane: which values the acknowledgements leave possible at each instant. Defined for a register or
 * cas-register key on which every value was written at most once, by the same rule that says how stale a read was: v is
 * gone as soon as a write that was invoked after v was known to be current is itself known. Elsewhere there is no lane.
 */
import type { Json, Nanos, Operation } from '../../checker/index.ts';
import { showValue } from './format.ts';

/** A value and when the register could have held it. */
export interface Version {
  readonly value: Json;
  /** Its write was invoked; -Infinity for the value before the first write. */
  readonly fromNs: Nanos;
  /** From here on it is certainly overwritten; a read that began at or before this instant may still return it. */
  readonly goneNs: Nanos;
}

/** The versions of one key, or null where values are ambiguous or the operations are not a register's. */
export function versionsOf(operations: readonly Operation[]): readonly Version[] | null {
  const written = writesByValue(operations);
  if (written === null) return null;
  for (const { input, outcome } of operations) {
    if (outcome.kind !== 'ok') continue;
    const observed =
      input.f === 'read'
        ? outcome.output
        : input.f === 'cas' && outcome.output !== false
          ? casOf(input.value)?.[0]
          : undefined;
    if (observed === undefined) continue;
    const write = written.get(showValue(observed));
    if (write !== undefined) write.knownNs = Math.max(write.fromNs, Math.min(write.knownNs, outcome.returnNs));
  }
  // A write without an answer whose value nobody ever saw never needs to have happened: it is left out.
  return withEnds([...written.values()].filter(({ knownNs }) => knownNs < Infinity));
}

interface Write {
  readonly value: Json;
  readonly fromNs: Nanos;
  /** Earliest instant by which it had certainly taken effect. */
  knownNs: Nanos;
}

function writesByValue(operations: readonly Operation[]): Map<string, Write> | null {
  const written = new Map<string, Write>([['null', { value: null, fromNs: -Infinity, knownNs: -Infinity }]]);
  for (const { input, outcome, callNs } of operations) {
    if (input.f === 'read' || (outcome.kind === 'ok' && outcome.output === false)) continue;
    const value = input.f === 'write' ? input.value : input.f === 'cas' ? casOf(input.value)?.[1] : undefined;
    if (value === undefined || written.has(showValue(value))) return null;
    const knownNs = outcome.kind === 'ok' ? outcome.returnNs : Infinity;
    written.set(showValue(value), { value, fromNs: callNs, knownNs });
  }
  return written;
}

function casOf(value: Json): readonly [Json, Json] | undefined {
  return Array.isArray(value) && value.length === 2 ? (value as readonly Json[] as readonly [Json, Json]) : undefined;
}

/** goneNs(v) = the least knownNs among writes invoked after v was known. */
function withEnds(writes: readonly Write[]): readonly Version[] {
  const byCall = writes.toSorted((left, right) => left.fromNs - right.fromNs);
  const leastKnownFrom: Nanos[] = Array.from({ length: byCall.length + 1 }, () => Infinity);
  for (let at = byCall.length - 1; at >= 0; at--) {
    leastKnownFrom[at] = Math.min(leastKnownFrom[at + 1]!, byCall[at]!.knownNs);
  }
  return byCall.map(({ value, fromNs, knownNs }) => ({
    value,
    fromNs,
    goneNs: leastKnownFrom[firstCalledAfter(byCall, knownNs)]!,
  }));
}

function firstCalledAfter(byCall: readonly Write[], timeNs: Nanos): number {
  let low = 0;
  let high = byCall.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (byCall[middle]!.fromNs > timeNs) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** A stretch of time with the same values possible throughout. */
export interface AllowedSpan {
  readonly fromNs: Nanos;
  readonly toNs: Nanos;
  readonly values: readonly Json[];
}

/** Cuts a window where the possible values change. */
export function allowedSpans(
  versions: readonly Version[],
  { fromNs, toNs }: { readonly fromNs: Nanos; readonly toNs: Nanos },
): readonly AllowedSpan[] {
  const inside = versions.filter((version) => version.fromNs < toNs && version.goneNs > fromNs);
  const cuts = inside.flatMap((version) => [version.fromNs, version.goneNs]).filter((at) => at > fromNs && at < toNs);
  const edges = [...new Set([fromNs, ...cuts, toNs])].toSorted((left, right) => left - right);
  return edges.slice(1).map((end, at) => {
    const start = edges[at]!;
    const held = inside.filter((version) => version.fromNs <= start && version.goneNs >= end);
    return { fromNs: start, toNs: end, values: held.map(({ value }) => value) };
  });
}
