/** How a leader's view of its followers begins, and what a quorum of them has reached. */
import type { Core } from './core.ts';
import { members } from './configuration.ts';
import type { Leadership, Progress } from './leadership.ts';
import { quorumValue } from './quorum.ts';
import type { LogIndex } from './types.ts';

/** Rounds of a term: 2^32 of them, below 2^53 for the first two million terms. */
const ROUNDS_PER_TERM = 2 ** 32;

/** The state of a new leader: "nextIndex initialized to leader last log index + 1, matchIndex to 0" (figure 2). */
export function newLeadership(core: Core): Leadership {
  const { nowNs, log } = core;
  const firstIndex = (core.rules.leaderKeepsTail ? log.lastIndex : core.commitIndex) + 1;
  const leadership: Leadership = {
    followers: new Map(),
    firstIndex,
    round: core.term * ROUNDS_PER_TERM,
    rounds: [],
    isLeaseOver: false,
    handover: null,
    nextHeartbeatNs: nowNs,
    commands: new Map(),
    changes: [],
    settledConfiguration: null,
    unconfirmed: [],
    confirmed: [],
  };
  followMembers(core, leadership, firstIndex);
  return leadership;
}

/** Keeps progress for exactly the members in force; new ones are asked at `nextIndex`, which is to be sent next. */
export function followMembers(core: Core, { followers }: Leadership, nextIndex: LogIndex): void {
  const ids = members(core.log.configuration).filter((id) => id !== core.id);
  for (const id of followers.keys()) if (!ids.includes(id)) followers.delete(id);
  for (const id of ids) if (!followers.has(id)) followers.set(id, newProgress(core, nextIndex));
}

function newProgress({ nowNs, log }: Core, nextIndex: LogIndex): Progress {
  return {
    nextIndex,
    matchIndex: 0,
    state: 'probe',
    transfer: null,
    inFlight: [],
    movedNs: nowNs,
    ackedRound: 0,
    contactNs: nowNs,
    toldCommit: 0,
    catchUp: { endIndex: log.lastIndex, sinceNs: nowNs, lastNs: Infinity },
  };
}

/** The largest value that a quorum has reached, `own` standing for the leader itself. */
export function reachedByQuorum(
  core: Core,
  leadership: Leadership,
  own: number,
  of: (progress: Progress) => number,
): number {
  return quorumValue(core.log.configuration, core.rules, (id) => {
    if (id === core.id) return own;
    const progress = leadership.followers.get(id);
    return progress === undefined ? -Infinity : of(progress);
  });
}
