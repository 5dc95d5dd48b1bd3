/**
 * How well a cluster was led, from what its nodes said: the measure of rules whose breach harms nobody and holds everybody up
 * (elections that nobody wins, leaders that are unseated for nothing). A number alone proves nothing: it is compared with that of the
 * correct node on the same schedules.
 */
import type { Nanos } from '../base/time.ts';
import type { Probe } from '../contract/probe.ts';

/** What is looked at. */
export interface LivenessWindow {
  readonly fromNs: Nanos;
  readonly toNs: Nanos;
  /** When nodes were stopped: they cannot tell it themselves. One that is started again says so. */
  readonly stops?: readonly { readonly node: string; readonly atNs: Nanos }[];
}

export interface Liveness {
  /** How much of the time nobody led, from 0 to 1. A leader that is cut off and does not know it counts as one. */
  readonly leaderlessShare: number;
  /** Terms that began. */
  readonly terms: number;
}

interface Span {
  readonly fromNs: Nanos;
  readonly toNs: Nanos;
}

/** @param probes of all nodes, in order of time, from the cluster's beginning on */
export function livenessOf(probes: readonly Probe[], { fromNs, toNs, stops = [] }: LivenessWindow): Liveness {
  const clipped = leaderships(probes, stops).map((it) => ({
    fromNs: Math.max(it.fromNs, fromNs),
    toNs: Math.min(it.toNs, toNs),
  }));
  return {
    leaderlessShare: 1 - lengthOfUnion(clipped) / (toNs - fromNs),
    terms: highestTerm(probes, toNs) - highestTerm(probes, fromNs),
  };
}

/** From a node's word that it leads until its next word about its role, its stop or its restart. */
function leaderships(probes: readonly Probe[], stops: NonNullable<LivenessWindow['stops']>): readonly Span[] {
  const spans: Span[] = [];
  const since = new Map<string, Nanos>();
  const end = (node: string, toNs: Nanos): void => {
    const fromNs = since.get(node);
    since.delete(node);
    if (fromNs === undefined) return;
    const stop = stops.find((it) => it.node === node && it.atNs >= fromNs);
    spans.push({ fromNs, toNs: Math.min(toNs, stop?.atNs ?? Infinity) });
  };
  for (const probe of probes) {
    if (probe.kind !== 'role' && probe.kind !== 'start') continue;
    end(probe.node, probe.time);
    if (probe.kind === 'role' && probe.role === 'leader') since.set(probe.node, probe.time);
  }
  for (const node of since.keys()) end(node, Infinity);
  return spans;
}

function lengthOfUnion(spans: readonly Span[]): Nanos {
  let length = 0;
  let reachedNs = -Infinity;
  for (const { fromNs, toNs } of spans.toSorted((a, b) => a.fromNs - b.fromNs)) {
    length += Math.max(0, toNs - Math.max(fromNs, reachedNs));
    reachedNs = Math.max(reachedNs, toNs);
  }
  return length;
}

function highestTerm(probes: readonly Probe[], untilNs: Nanos): number {
  let highest = 0;
  for (const probe of probes) {
    if (probe.time > untilNs) break;
    if (probe.kind === 'role' || probe.kind === 'start') highest = Math.max(highest, probe.term);
  }
  return highest;
}
