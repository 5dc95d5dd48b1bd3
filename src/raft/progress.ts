/** How a leader's view of its followers begins, and what a quorum of them has reached. */
import type { Core } from './core.ts';
import { members } from './configuration.ts';
import type { Leadership, Progress } from './leadership.ts';
import { quorumValue } from './quorum.ts';

/** Rounds of a term: 2^32 of them, below 2^53 for the first two million terms. */
const ROUNDS_PER_TERM = 2 ** 32;

/** The state of a new leader: "nextIndex initialized to leader last log index + 1, matchIndex to 0" (figure 2). */
export function newLeadership(core: Core): Leadership {
  const { nowNs, log } = core;
  const followers = members(log.configuration).filter((id) => id !== core.id);
  const progress = (): Progress => ({
    nextIndex: log.lastIndex + 1,
    matchIndex: 0,
    state: 'probe',
    transfer: null,
    inFlight: [],
    movedNs: nowNs,
    ackedRound: 0,
    contactNs: nowNs,
    toldCommit: 0,
  });
  return {
    followers: new Map(followers.map((id) => [id, progress()])),
    firstIndex: log.lastIndex + 1,
    round: core.term * ROUNDS_PER_TERM,
    nextHeartbeatNs: nowNs,
    commands: new Map(),
    unconfirmed: [],
    confirmed: [],
  };
}

/** The largest value that a quorum has reached, `own` standing for the leader itself. */
export function reachedByQuorum(
  core: Core,
  leadership: Leadership,
  own: number,
  of: (progress: Progress) => number,
): number {
  return quorumValue(core.log.configuration, (id) => {
    if (id === core.id) return own;
    const progress = leadership.followers.get(id);
    return progress === undefined ? -Infinity : of(progress);
  });
}
