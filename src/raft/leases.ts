/**
 * Leases (thesis 6.4.1): whoever acknowledged a round votes for nobody else for the shortest election timeout from then on, by its own
 * clock and over a restart too (`elections.ts`). So a leader whose round a quorum acknowledged knows that nobody else leads, from
 * the moment when the round left until that time has passed, less what the clocks may differ by; and answers reads without asking.
 *
 * A lease is judged by the time of the read itself: a node that slept wakes up without one. It needs CheckQuorum, since only then
 * voters keep to their leader.
 */
import { DEFAULT_CLOCK_DRIFT, type Nanos } from '../base/time.ts';
import type { Core } from './core.ts';
import type { Leadership } from './leadership.ts';
import { reachedByQuorum } from './progress.ts';

/** For the rounding of clocks. */
const EPSILON_NS: Nanos = 1_000_000;

/** Whether nobody but this leader can lead now. */
export function hasLease(core: Core, leadership: Leadership): boolean {
  if (!core.options.checkQuorum || leadership.isLeaseOver) return false;
  const nowNs = core.rules.leaseByReadTime ? core.nowNs : core.wokenNs;
  return nowNs < leaseBeganNs(core, leadership) + leaseNs(core);
}

/** A round begins now. Those that a lease cannot come of any more are forgotten. */
export function noteRound(core: Core, { rounds, round }: Leadership): void {
  if (!core.options.checkQuorum) return;
  const oldestNs = core.nowNs - leaseNs(core);
  while (rounds.length > 0 && rounds[0]!.beganNs < oldestNs) rounds.shift();
  rounds.push({ round, beganNs: core.nowNs });
}

/** When the last round left that a quorum has acknowledged: all of that quorum heard from this leader after it. */
function leaseBeganNs(core: Core, leadership: Leadership): Nanos {
  if (!core.rules.leaseFromSend) return reachedByQuorum(core, leadership, core.nowNs, ({ contactNs }) => contactNs);
  const confirmed = reachedByQuorum(core, leadership, Infinity, ({ ackedRound }) => ackedRound);
  return leadership.rounds.findLast(({ round }) => round <= confirmed)?.beganNs ?? -Infinity;
}

function leaseNs({ rules, options }: Core): Nanos {
  const { electionTimeoutMinNs, electionTimeoutMaxNs, clockDrift = DEFAULT_CLOCK_DRIFT } = options;
  return rules.leaseBelowTimeout ? electionTimeoutMinNs * (1 - clockDrift) - EPSILON_NS : electionTimeoutMaxNs;
}
