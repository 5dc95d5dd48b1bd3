/**
 * Causes in systems that say no more than who leads: what they log and apply nobody sees. A write that was acknowledged under one leader and is in no
 * answer any more under the next was lost between them; a follower that answered without it had fallen behind.
 *
 * Nodes are asked who leads every 100 ms or so: a leader is known a little later than it led. Sentences give the moment at which it was seen.
 */
import type { Json, Nanos, Operation } from '../../checker/index.ts';
import { NS_PER_MS } from '../base/time.ts';
import type { Cause, Operations } from './cause-kinds.ts';
import { count, instant, milliseconds, showValue } from './format.ts';
import type { StaleRead } from './lost-causes.ts';
import type { Belief, NodeState, ProbeIndex } from './probe-index.ts';

/** How late it may be seen that a node leads. */
const SEEN_WITHIN_NS = 700 * NS_PER_MS;

/** The cause that the roles show; null where they do not, and for nodes that tell more than their roles. */
export function causeByRoles(it: StaleRead, server: NodeState): Cause | null {
  if (!tellsOnlyRoles(it.probes)) return null;
  return lostBetween(it, server) ?? behind(it, server);
}

function tellsOnlyRoles({ tracks }: ProbeIndex): boolean {
  return tracks.every(({ starts, commits, applied }) => starts.length + commits.length + applied.size === 0);
}

/** Acknowledged under an earlier leader than the one who answered the read, and in no later answer. */
function lostBetween({ read, newer, newerValue, key, probes, operations }: StaleRead, server: NodeState): Cause | null {
  const leading = leadershipOf(server, read.callNs, probes);
  if (leading === null || newer.node === undefined || newer.outcome.kind !== 'ok') return null;
  const { returnNs } = newer.outcome;
  const term = termOf(newer.node, returnNs, probes);
  if (term === undefined || term >= leading.term) return null;
  const first = probes.leaders.find((belief) => belief.term > term)!;
  if (wasShownAfter({ key, value: newerValue, afterNs: Math.max(returnNs, read.callNs) }, operations)) return null;
  return {
    kind: 'lost-entry',
    headline: 'An acknowledged write was lost.',
    sentence:
      `${newer.node}, in term ${count(term)}, had ${newer.input.value === null ? 'answered with' : 'acknowledged'} ` +
      `${key} = ${showValue(newerValue)} at ${instant(returnNs)}; ${first.node} was seen to lead term ${count(first.term)} ` +
      `from ${instant(first.fromNs)} on, and no answer since then shows that value.`,
  };
}

/** As whose leader it answered: the one it was, or was seen to be a moment later. */
function leadershipOf(server: NodeState, callNs: Nanos, { leaders }: ProbeIndex): Belief | null {
  if (server.role === 'leader') return server;
  return (
    leaders.find(
      ({ node, fromNs, term }) =>
        node === server.node && fromNs > callNs && fromNs <= callNs + SEEN_WITHIN_NS && term > server.term,
    ) ?? null
  );
}

function termOf(node: string, atNs: Nanos, { tracks }: ProbeIndex): number | undefined {
  const track = tracks.find((it) => it.node === node);
  return track?.beliefs.findLast(({ fromNs }) => fromNs <= atNs)?.term;
}

function behind({ read, newer, newerValue, key }: StaleRead, server: NodeState): Cause | null {
  if (server.role !== 'follower' || newer.outcome.kind !== 'ok') return null;
  const { returnNs } = newer.outcome;
  const leader = server.leader === null ? 'without a leader that it knew' : `of ${server.leader}`;
  return {
    kind: 'replica-behind',
    headline: `${server.node} was a replica that had fallen behind.`,
    sentence:
      `It answered as a follower ${leader}, in term ${count(server.term)}, and did not have ${key} = ${showValue(newerValue)}, which ` +
      `${newer.node ?? 'another node'} had answered ${milliseconds(read.callNs - returnNs)} before it was asked.`,
  };
}

/** When each value of each key was asked for last with success, of each history that was asked about. */
const shown = new WeakMap<Operations, ReadonlyMap<string, Nanos>>();

function wasShownAfter(
  { key, value, afterNs }: { readonly key: string; readonly value: Json; readonly afterNs: Nanos },
  operations: Operations,
): boolean {
  let known = shown.get(operations);
  if (known === undefined) {
    known = lastShown(operations);
    shown.set(operations, known);
  }
  return (known.get(nameOf(key, value)) ?? -Infinity) > afterNs;
}

function lastShown(operations: Operations): ReadonlyMap<string, Nanos> {
  const last = new Map<string, Nanos>();
  for (const operation of operations.values()) {
    const value = seenBy(operation);
    if (value === undefined) continue;
    const name = nameOf(operation.input.key ?? '', value);
    last.set(name, Math.max(last.get(name) ?? -Infinity, operation.callNs));
  }
  return last;
}

/** What a read returned, and what a compare-and-set found. */
function seenBy({ input, outcome }: Operation): Json | undefined {
  if (outcome.kind !== 'ok') return undefined;
  if (input.f === 'cas') return outcome.output === true ? (input.value as readonly Json[])[0] : undefined;
  return input.f === 'write' ? undefined : outcome.output;
}

function nameOf(key: string, value: Json): string {
  return `${key} ${showValue(value)}`;
}
