/**
 * What every node believed at any instant, from its probes alone: role and leader, term, commit index, log end, value of a
 * key. Feeds the node lanes, the table and the sentence on the cause. The probes are the nodes' own word, on the run's clock.
 */
import type { Json, Nanos } from '../../checker/index.ts';
import type { Probe, Role } from '../contract/index.ts';

/** A node's belief about the election, from `fromNs` until its next one. */
export interface Belief {
  readonly node: string;
  readonly fromNs: Nanos;
  readonly role: Role;
  readonly term: number;
  readonly leader: string | null;
}

/** A value taken by a key on a node. */
export interface Applied {
  readonly atNs: Nanos;
  readonly index: number;
  readonly value: Json;
}

/** Where a node stood. */
export interface NodeState extends Belief {
  readonly commitIndex: number;
  readonly lastIndex: number;
  readonly lastTerm: number;
  /** Value of the key asked for; undefined where the probes do not tell (not applied again since a restart). */
  readonly value: Json | undefined;
  /** Since when a leader of a higher term existed elsewhere while this node still believed itself leader; null if it was not deposed. */
  readonly deposedSinceNs: Nanos | null;
  /** When it last started. */
  readonly startedNs: Nanos;
}

interface At {
  readonly atNs: Nanos;
}
interface Commit extends At {
  readonly index: number;
}
interface LogEnd extends At {
  readonly index: number;
  readonly term: number;
}

/** What one node said. */
export interface Track {
  readonly node: string;
  readonly beliefs: Belief[];
  readonly commits: Commit[];
  readonly ends: LogEnd[];
  readonly applied: Map<string, Applied[]>;
  /** Recoveries; `empty` where nothing had been logged before. */
  readonly starts: (At & { readonly empty: boolean })[];
  /** When a leader was heard, now and then. */
  readonly heard: At[];
  /** When the state was replaced by a leader's snapshot. */
  readonly installs: At[];
}

/** Probes by node, ready to be asked about an instant. */
export interface ProbeIndex {
  /** In the order of their names, n2 before n10. */
  readonly tracks: readonly Track[];
  /** Every time a node began to believe itself leader, oldest first. */
  readonly leaders: readonly Belief[];
  /** The earliest application of each value of each key on any node; null where it has entries at several indexes. */
  readonly firstApplied: ReadonlyMap<string, ReadonlyMap<string, FirstApplied | null>>;
}

/** Where and when a value was applied first. */
export interface FirstApplied extends Applied {
  readonly node: string;
}

/** Sorts probes by node and kind, once. */
export function indexProbes(probes: readonly Probe[]): ProbeIndex {
  const tracks = new Map<string, Track>();
  for (const probe of probes.toSorted((left, right) => left.time - right.time)) {
    let track = tracks.get(probe.node);
    if (track === undefined) {
      track = {
        node: probe.node,
        beliefs: [],
        commits: [],
        ends: [],
        applied: new Map(),
        starts: [],
        heard: [],
        installs: [],
      };
      tracks.set(probe.node, track);
    }
    record(track, probe);
  }
  const sorted = [...tracks.values()].toSorted((left, right) =>
    left.node.localeCompare(right.node, 'en', { numeric: true }),
  );
  const leaders = sorted
    .flatMap(({ beliefs }) => beliefs.filter((belief) => belief.role === 'leader'))
    .toSorted((left, right) => left.fromNs - right.fromNs);
  return { tracks: sorted, leaders, firstApplied: firstApplications(sorted) };
}

function firstApplications(tracks: readonly Track[]): ProbeIndex['firstApplied'] {
  const keys = new Map<string, Map<string, FirstApplied | null>>();
  for (const { node, applied } of tracks) {
    for (const [key, steps] of applied) {
      const values = keys.get(key) ?? new Map<string, FirstApplied | null>();
      keys.set(key, values);
      for (const step of steps) {
        const name = JSON.stringify(step.value);
        const known = values.get(name);
        if (known === undefined || (known !== null && known.index === step.index && step.atNs < known.atNs))
          values.set(name, { ...step, node });
        else if (known !== null && known.index !== step.index) values.set(name, null);
      }
    }
  }
  return keys;
}

function record(track: Track, probe: Probe): void {
  const { time: atNs, node } = probe;
  switch (probe.kind) {
    case 'start':
      track.starts.push({ atNs, empty: probe.lastIndex === 0 });
      track.beliefs.push({ node, fromNs: atNs, role: 'follower', term: probe.term, leader: null });
      track.commits.push({ atNs, index: probe.commitIndex });
      track.ends.push({ atNs, index: probe.lastIndex, term: probe.lastTerm });
      return;
    case 'role':
      track.beliefs.push({ node, fromNs: atNs, role: probe.role, term: probe.term, leader: probe.leader });
      return;
    case 'commit':
      track.commits.push({ atNs, index: probe.index });
      return;
    case 'append':
      track.ends.push({ atNs, index: probe.index, term: probe.entryTerm });
      return;
    case 'apply': {
      const applied = track.applied.get(probe.key) ?? [];
      applied.push({ atNs, index: probe.index, value: probe.value });
      track.applied.set(probe.key, applied);
      return;
    }
    case 'snapshot':
      if (!probe.installed) return;
      track.installs.push({ atNs });
      track.commits.push({ atNs, index: probe.index });
      track.ends.push({ atNs, index: probe.index, term: probe.entryTerm });
      return;
    case 'heard':
      track.heard.push({ atNs });
      return;
    case 'vote':
    case 'state':
    case 'configuration':
    case 'match':
    case 'answer':
    case 'invariant':
      return;
  }
}

/** Where each node stood at an instant; a node that had said nothing yet is left out. */
export function nodeStatesAt(index: ProbeIndex, timeNs: Nanos, key: string | undefined): readonly NodeState[] {
  return index.tracks.flatMap((track) => {
    const state = nodeStateAt(index, track, timeNs, key);
    return state === undefined ? [] : [state];
  });
}

/** Where one node stood; undefined where it had said nothing yet. */
export function nodeStateAt(
  index: ProbeIndex,
  track: Track,
  timeNs: Nanos,
  key: string | undefined,
): NodeState | undefined {
  const belief = track.beliefs[lastAtOrBefore(track.beliefs, timeNs, ({ fromNs }) => fromNs)];
  if (belief === undefined) return undefined;
  const end = track.ends[lastAtOrBefore(track.ends, timeNs, ({ atNs }) => atNs)];
  const since = deposedSince(index, belief);
  return {
    ...belief,
    startedNs: track.starts[lastAtOrBefore(track.starts, timeNs, ({ atNs }) => atNs)]?.atNs ?? 0,
    commitIndex: track.commits[lastAtOrBefore(track.commits, timeNs, ({ atNs }) => atNs)]?.index ?? 0,
    lastIndex: end?.index ?? 0,
    lastTerm: end?.term ?? 0,
    value: key === undefined ? undefined : valueAt(track, timeNs, key),
    deposedSinceNs: since !== null && since <= timeNs ? since : null,
  };
}

/** A restart empties the map of registers, a snapshot replaces it: what was applied before no longer counts. */
function valueAt(track: Track, timeNs: Nanos, key: string): Json | undefined {
  const start = track.starts[lastAtOrBefore(track.starts, timeNs, ({ atNs }) => atNs)];
  const install = track.installs[lastAtOrBefore(track.installs, timeNs, ({ atNs }) => atNs)];
  const applied = track.applied.get(key) ?? [];
  const last = applied[lastAtOrBefore(applied, timeNs, ({ atNs }) => atNs)];
  const sinceNs = Math.max(start?.atNs ?? -Infinity, install?.atNs ?? -Infinity);
  if (last !== undefined && last.atNs >= sinceNs) return last.value;
  if (install !== undefined && install.atNs === sinceNs) return undefined;
  return start?.empty === true ? null : undefined;
}

/** When a leader of a higher term first existed while `belief` was a leader's; null if it is not, or none did. */
export function deposedSince({ leaders }: ProbeIndex, belief: Belief): Nanos | null {
  if (belief.role !== 'leader') return null;
  const next = leaders.find(({ node, term }) => node !== belief.node && term > belief.term);
  return next === undefined ? null : Math.max(next.fromNs, belief.fromNs);
}

/** The values that `key` took on `node` within [fromNs, toNs]. */
export function appliedWithin(
  track: Track,
  key: string | undefined,
  { fromNs, toNs }: { readonly fromNs: Nanos; readonly toNs: Nanos },
): readonly Applied[] {
  if (key === undefined) return [];
  return (track.applied.get(key) ?? []).filter(({ atNs }) => atNs >= fromNs && atNs <= toNs);
}

/** The first change of `key` behind entry `index` that some node had applied before that instant, or null. */
export function changeAfter(
  { tracks }: ProbeIndex,
  { key, index, beforeNs }: { readonly key: string; readonly index: number; readonly beforeNs: Nanos },
): FirstApplied | null {
  const changes = tracks.flatMap(({ node, applied }) =>
    (applied.get(key) ?? [])
      .filter((change) => change.index > index && change.atNs < beforeNs)
      .map((change) => ({ ...change, node })),
  );
  return changes.toSorted((left, right) => left.index - right.index || left.atNs - right.atNs)[0] ?? null;
}

/** When the log of the node that had applied this entry ended before it, up to that instant; null where it always held it. */
export function lostAgain(
  { tracks }: ProbeIndex,
  { node, index, atNs }: FirstApplied,
  untilNs: Nanos,
): { readonly atNs: Nanos; readonly lastIndex: number } | null {
  const ends = tracks.find((track) => track.node === node)?.ends ?? [];
  const short = ends.find((end) => end.atNs > atNs && end.atNs <= untilNs && end.index < index);
  return short === undefined ? null : { atNs: short.atNs, lastIndex: short.index };
}

/** Index of the last element at or before `timeNs`, -1 if none; elements are in order of time. */
export function lastAtOrBefore<T>(sorted: readonly T[], timeNs: Nanos, timeOf: (element: T) => Nanos): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (timeOf(sorted[middle]!) <= timeNs) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
