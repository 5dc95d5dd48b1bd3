/**
 * Majorities. In a joint configuration a decision needs a majority of *each* half (Raft 6), so every question asked here
 * takes the configuration and never a number of nodes. Learners have no voice.
 */
import type { Rules } from './rules.ts';
import type { Configuration, NodeId } from './types.ts';

type QuorumRules = Pick<Rules, 'learnersHaveNoVoice' | 'majorityIsOverHalf'>;

/** Whether those for whom `agrees` holds decide: a majority of the voters and, if there are any, of the outgoing voters. */
export function hasQuorum(configuration: Configuration, rules: QuorumRules, agrees: (id: NodeId) => boolean): boolean {
  return quorumValue(configuration, rules, (id) => (agrees(id) ? 1 : 0)) === 1;
}

/**
 * The largest value that a quorum has reached: of `matchIndex` the highest index that is replicated on a majority, of
 * acknowledged rounds the last one that a majority acknowledged. -Infinity where nobody has a vote.
 */
export function quorumValue(
  { voters, outgoing, learners }: Configuration,
  rules: QuorumRules,
  value: (id: NodeId) => number,
): number {
  const others = rules.learnersHaveNoVoice ? [] : learners;
  const rank = (half: readonly NodeId[]): number => Math.floor(half.length / 2) - (rules.majorityIsOverHalf ? 0 : 1);
  const incoming = majorityValue(voters, others, rank(voters), value);
  return outgoing.length === 0 ? incoming : Math.min(incoming, majorityValue(outgoing, others, rank(outgoing), value));
}

/**
 * @param others whose answers count as if they were voters', without raising what a majority is: nobody's, but in a mutant
 * @param rank how many values of a majority are greater, at most
 */
function majorityValue(
  voters: readonly NodeId[],
  others: readonly NodeId[],
  rank: number,
  value: (id: NodeId) => number,
): number {
  const heard = others.length === 0 ? voters : [...new Set([...voters, ...others])];
  const descending: number[] = [];
  for (const id of heard) insert(descending, value(id));
  return descending[Math.max(0, rank)] ?? -Infinity;
}

/** For the few members of a cluster this is faster than to sort, and it is asked with every message. */
function insert(descending: number[], value: number): void {
  let at = descending.length;
  for (; at > 0 && descending[at - 1]! < value; at--) descending[at] = descending[at - 1]!;
  descending[at] = value;
}
