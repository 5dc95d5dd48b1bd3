/**
 * Leadership transfer (thesis 3.10): the leader takes no more commands, brings the target's log up to its own and tells it to stand
 * for election at once. Its log being complete and its head start large, it wins; if not within an election timeout, the leader
 * goes on.
 */
import type { Core } from './core.ts';
import type { Leadership } from './leadership.ts';
import type { Input, LogIndex, NodeId, TransferOutcome } from './types.ts';

type TransferLeadership = Extract<Input, { kind: 'transferLeadership' }>;

/** Begins a transfer, or says why not. */
export function onTransferLeadership(core: Core, { requestId, target }: TransferLeadership): void {
  const { leadership } = core;
  const refuse = (outcome: TransferOutcome): void => void core.out.push({ kind: 'transferEnded', requestId, outcome });
  if (leadership === null) return refuse('not-leader');
  if (leadership.handover !== null) return refuse('busy');
  // Who is on its way out would lead only until it is out.
  if (target === core.id || !core.log.configuration.voters.includes(target)) return refuse('no-such-voter');
  const deadlineNs = core.nowNs + core.options.electionTimeoutMaxNs;
  leadership.handover = { requestId, target, deadlineNs, toldNs: -Infinity };
  return pursueHandover(core, leadership);
}

/** Tells the target to stand for election once it has the whole log; again after a while, since the message may be lost. */
export function pursueHandover(core: Core, leadership: Leadership): void {
  const { handover } = leadership;
  if (handover === null) return;
  if (core.nowNs >= handover.deadlineNs) return endHandover(core, leadership, 'timed-out');
  const matchIndex = leadership.followers.get(handover.target)?.matchIndex ?? 0;
  if (matchIndex < core.log.lastIndex || core.nowNs < handover.toldNs + core.options.heartbeatNs) return;
  // The target passes stickiness, on which the lease rests; and it may hear this message long after the transfer was given up.
  if (core.rules.transferEndsLease) leadership.isLeaseOver = true;
  handover.toldNs = core.nowNs;
  core.send(handover.target, { kind: 'timeoutNow', term: core.term }, 0);
}

/**
 * A leader that leaves for good tells the voter that is known to have most of the log to stand for election at once: else everybody would
 * wait for an election timeout (thesis 4.2.2). It is no leader after that, so no lease outlives the message; and if that is lost, or
 * the voter does not win, they wait after all.
 */
export function tellSuccessor(core: Core, { followers }: Leadership): void {
  const matchOf = (id: NodeId): LogIndex => followers.get(id)?.matchIndex ?? 0;
  const [successor] = core.log.configuration.voters.toSorted((a, b) => matchOf(b) - matchOf(a));
  if (successor !== undefined) core.send(successor, { kind: 'timeoutNow', term: core.term }, 0);
}

/** Ends a transfer, if there is one; commands are taken again. */
export function endHandover(core: Core, leadership: Leadership, outcome: TransferOutcome): void {
  const { handover } = leadership;
  if (handover === null) return;
  leadership.handover = null;
  core.out.push({ kind: 'transferEnded', requestId: handover.requestId, outcome });
}
