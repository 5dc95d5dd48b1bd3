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
  if (heard.length > descending.length) descending = new Float64Array(2 * heard.length);
  // For the few members of a cluster this is faster than to sort, and it is asked with every message.
  for (let count = 0; count < heard.length; count++) {
    const own = value(heard[count]!);
    let at = count;
    for (; at > 0 && descending[at - 1]! < own; at--) descending[at] = descending[at - 1]!;
    descending[at] = own;
  }
  const nth = Math.max(0, rank);
  return nth < heard.length ? descending[nth]! : -Infinity;
}

/** The values at hand; nobody else asks before they are done with. */
let descending = new Float64Array(16);
