/**
 * Where each node stood at every instant of a timeline, for the script that moves the time line: it writes the gutter anew from
 * this. Instants are tenths of a px from the left edge, the precision of the picture; a change is never shown before it happened.
 */
import type { Nanos } from '../../checker/index.ts';
import { allowedSpans } from './allowed.ts';
import type { FaultSpan } from './fault-spans.ts';
import { roleWords, valueWords } from './gutter.ts';
import { sayValues } from './must-lane.ts';
import { type NodeState, nodeStateAt, type ProbeIndex, type Track } from './probe-index.ts';
import { LEFT, RIGHT } from './scale.ts';
import type { Scene } from './scene.ts';
import { encodeSteps, type Step } from './steps.ts';
import type { TimelineInput } from './timeline-input.ts';

/** As JSON in the page. */
export interface Moments {
  /** What the key may be on a node, as the gutter says it. */
  readonly values: readonly string[];
  readonly nodes: readonly NodeMoments[];
  /** What the key must be; empty where nobody can say. */
  readonly must: readonly Words[];
}

/** What is said from there on. */
type Words = readonly [at: number, words: string];

/** At the left edge, and the steps from there on. */
export interface NodeMoments {
  readonly node: string;
  readonly commit: readonly [start: number, steps: string];
  /** Into `values`. */
  readonly value: readonly [start: number, steps: string];
  readonly role: readonly Words[];
}

export function momentsOf({ scene, probes, faults, versions }: TimelineInput): Moments {
  const values = new Map<string, number>();
  const numberOf = (words: string): number => {
    if (!values.has(words)) values.set(words, values.size);
    return values.get(words)!;
  };
  const nodes = probes.tracks.map(({ node }): NodeMoments => {
    const track = probes.tracks.find((one) => one.node === node)!;
    const states = instantsOf(track, scene, faults, probes).map((atNs) => ({
      at: tenthsOf(atNs, scene),
      atNs,
      state: nodeStateAt(probes, track, atNs, scene.key),
    }));
    const known = states.flatMap(({ at, atNs, state }) => (state === undefined ? [] : [{ at, atNs, state }]));
    const steps = (read: (state: NodeState) => number): readonly [number, string] => {
      const list = known.map(({ at, state }): Step => ({ at, value: read(state) }));
      return [list[0]?.value ?? 0, encodeSteps(list[0]?.value ?? 0, lastOfEach(list))];
    };
    return {
      node,
      commit: steps(({ commitIndex }) => commitIndex),
      value: steps((state) => numberOf(valueWords(state))),
      role: changes(known.map(({ at, atNs, state }): Words => [at, roleWords(state, atNs, faults)])),
    };
  });
  const must =
    versions === null
      ? []
      : allowedSpans(versions, scene).map(({ fromNs, values: possible }): Words => [
          tenthsOf(fromNs, scene),
          sayValues(possible),
        ]);
  return { values: [...values.keys()], nodes, must: must.filter(([at], nth) => must[nth + 1]?.[0] !== at) };
}

/** The left edge, and everything in the window at which the gutter may come to say something else. */
function instantsOf(
  track: Track,
  { fromNs, toNs, key }: Scene,
  faults: readonly FaultSpan[],
  probes: ProbeIndex,
): readonly Nanos[] {
  const applied = key === undefined ? [] : (track.applied.get(key) ?? []);
  const all = [
    ...[...track.commits, ...track.starts, ...track.installs, ...applied].map(({ atNs }) => atNs),
    ...[...track.beliefs, ...probes.leaders].map((belief) => belief.fromNs),
    ...faults.filter(({ nodes }) => nodes.includes(track.node)).flatMap((fault) => [fault.fromNs, fault.toNs]),
  ];
  const inside = all.filter((atNs) => atNs > fromNs && atNs <= toNs);
  return [fromNs, ...[...new Set(inside)].toSorted((left, right) => left - right)];
}

function tenthsOf(atNs: Nanos, { fromNs, toNs }: Scene): number {
  return Math.ceil(((atNs - fromNs) / (toNs - fromNs)) * (RIGHT - LEFT) * 10);
}

/** Of steps at the same place the last. */
function lastOfEach(steps: readonly Step[]): readonly Step[] {
  return steps.filter(({ at }, nth) => steps[nth + 1]?.at !== at);
}

function changes(list: readonly Words[]): readonly Words[] {
  return list.filter(([, words], nth) => nth === 0 || list[nth - 1]![1] !== words);
}
