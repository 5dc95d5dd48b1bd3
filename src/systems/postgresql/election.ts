/**
 * What a keeper does about what it sees: a pure decision, taken again in every round. It is as simple as the scripts that many run beside their
 * PostgreSQL: no log, no lease, no memory of votes. The replica with the most is promoted where a majority misses the primary; a primary that
 * sees one of a later timeline gives way. Nobody keeps a primary that is cut off from acknowledging writes meanwhile.
 */
import type { NodeId } from '../../contract/names.ts';
import type { Standing } from './standing.ts';

/** What a keeper knows at the end of a round. */
export interface Round {
  readonly self: NodeId;
  readonly own: Standing;
  /** Of the other nodes: those that answered. */
  readonly others: ReadonlyMap<NodeId, Standing>;
  /** The latest timeline that this keeper ever saw. */
  readonly latest: number;
  /** All nodes, this one too. */
  readonly nodes: number;
  /** Of whom this server is told to receive; null where it was told nothing yet. */
  readonly follows: NodeId | null;
  /** How long no primary has been seen that may be followed, and how long nothing was received of the one that is. */
  readonly withoutPrimaryMs: number;
  readonly withoutLogMs: number;
}

export type Decision =
  | { readonly kind: 'stay' }
  | { readonly kind: 'promote' }
  /** Receive from that one. */
  | { readonly kind: 'follow'; readonly primary: NodeId }
  /** Be a replica of that one from now on. */
  | { readonly kind: 'yield'; readonly primary: NodeId }
  /** Give up what it has for a copy of what that one has. */
  | { readonly kind: 'copy'; readonly primary: NodeId };

export const FAILOVER_AFTER_MS = 500;
/** A replica whose log goes on where the primary's does not is never sent anything. */
export const COPY_AFTER_MS = 2000;

export function decide(round: Round): Decision {
  const primary = primaryIn(round);
  if (round.own.isPrimary) return primary === null ? STAY : { kind: 'yield', primary };
  if (primary === null) return isElected(round) ? { kind: 'promote' } : STAY;
  if (round.follows !== primary) return { kind: 'follow', primary };
  return round.withoutLogMs > COPY_AFTER_MS ? { kind: 'copy', primary } : STAY;
}

const STAY: Decision = { kind: 'stay' };

/** The primary of the latest timeline among the others, if this one may follow it: none of a timeline that is known to be over. */
export function primaryIn({
  self,
  own,
  others,
  latest,
}: Pick<Round, 'self' | 'own' | 'others' | 'latest'>): NodeId | null {
  const primaries = [...others].filter(([, { isPrimary }]) => isPrimary);
  const [best] = primaries.toSorted(([a, left], [b, right]) => right.timeline - left.timeline || compare(b, a));
  if (best === undefined) return null;
  const [node, { timeline }] = best;
  if (timeline < Math.max(latest, own.timeline)) return null;
  // Where two were promoted at once the later name stands.
  return !own.isPrimary || timeline > own.timeline || compare(node, self) > 0 ? node : null;
}

/** Whether a majority, this one among them, receives from nobody, and none of them has more than this one. */
function isElected({ self, own, others, nodes, withoutPrimaryMs }: Round): boolean {
  if (withoutPrimaryMs < FAILOVER_AFTER_MS) return false;
  const orphans = [...others, [self, own] as const].filter(
    ([, { isPrimary, receivesFrom }]) => !isPrimary && receivesFrom === null,
  );
  const [best] = orphans.toSorted(
    ([a, left], [b, right]) => right.timeline - left.timeline || right.position - left.position || compare(a, b),
  );
  return orphans.length > nodes / 2 && best?.[0] === self;
}

function compare(left: string, right: string): number {
  return left.localeCompare(right, 'en', { numeric: true });
}
