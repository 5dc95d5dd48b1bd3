/**
 * Majorities. In a joint configuration a decision needs a majority of *each* half (Raft 6), so every question asked here
 * takes the configuration and never a number of nodes. Learners have no voice.
 */
import type { Configuration, NodeId } from './types.ts';

/** Whether those for whom `agrees` holds decide: a majority of the voters and, if there are any, of the outgoing voters. */
export function hasQuorum(configuration: Configuration, agrees: (id: NodeId) => boolean): boolean {
  return quorumValue(configuration, (id) => (agrees(id) ? 1 : 0)) === 1;
}

/**
 * The largest value that a quorum has reached: of `matchIndex` the highest index that is replicated on a majority, of
 * acknowledged rounds the last one that a majority acknowledged. -Infinity where nobody has a vote.
 */
export function quorumValue(configuration: Configuration, value: (id: NodeId) => number): number {
  const incoming = majorityValue(configuration.voters, value);
  return configuration.outgoing.length === 0
    ? incoming
    : Math.min(incoming, majorityValue(configuration.outgoing, value));
}

function majorityValue(voters: readonly NodeId[], value: (id: NodeId) => number): number {
  const descending = voters.map(value).sort((a, b) => (a < b ? 1 : a > b ? -1 : 0));
  return descending[Math.floor(voters.length / 2)] ?? -Infinity;
}
