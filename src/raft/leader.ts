/** A leader's term: it begins with a no-op, takes commands, beats, and ends when no majority answers any more (CheckQuorum). */
import type { Nanos } from '../base/time.ts';
import type { Core } from './core.ts';
import { pursueHandover } from './handover.ts';
import type { Leadership } from './leadership.ts';
import { newLeadership, reachedByQuorum } from './progress.ts';
import { onAppendReply, onSnapshotReply, propose, startRound } from './replication.ts';
import { settleReads } from './reads.ts';
import { becomeFollower } from './roles.ts';
import type { Entry, Input, Message, NodeId, ProposedCommand, Term } from './types.ts';

const EMPTY = new Uint8Array(0);

/**
 * "Each leader commits a blank no-op entry at the start of its term" (Raft 8), for only an entry of its own term shows
 * which earlier ones are committed. It also announces the leader, as figure 2's initial heartbeat does.
 */
export function becomeLeader(core: Core): void {
  const leadership = newLeadership(core);
  core.leadership = leadership;
  core.votes.clear();
  core.voteRetryNs = Infinity;
  core.setRole('leader', core.id);
  leadership.nextHeartbeatNs = core.nowNs + core.options.heartbeatNs;
  propose(core, leadership, [{ index: leadership.firstIndex, term: core.term, kind: 'noop', data: EMPTY }]);
}

/** All of them together: one write, one message to each follower. */
export function onCommands(core: Core, { commands }: Extract<Input, { kind: 'commands' }>): void {
  stepDownWithoutQuorum(core);
  const { leadership } = core;
  if (leadership === null) return refuseAll(core, commands, 'not-leader', core.leaderId);
  // The target of a transfer would never catch up with a log that grows (thesis 3.10).
  if (leadership.handover !== null) return refuseAll(core, commands, 'not-ready', null);
  const { term } = core;
  const first = core.log.lastIndex + 1;
  propose(
    core,
    leadership,
    commands.map(({ data }, nth): Entry => ({ index: first + nth, term, kind: 'command', data })),
  );
  commands.forEach(({ requestId }, nth) => {
    leadership.commands.set(requestId, first + nth);
    core.out.push({ kind: 'accepted', requestId, index: first + nth, term });
  });
}

function refuseAll(
  core: Core,
  commands: readonly ProposedCommand[],
  refusal: 'not-leader' | 'not-ready',
  leader: NodeId | null,
): void {
  for (const { requestId } of commands) core.out.push({ kind: 'reply', requestId, refusal, leader });
}

export function onAppendEntriesReply(
  core: Core,
  from: NodeId,
  message: Extract<Message, { kind: 'appendEntriesReply' }>,
): void {
  const term = termHeeded(core, message.term);
  if (term > core.term) return becomeFollower(core, term, null);
  // Replies to an earlier term's messages say nothing about this term's.
  if (core.leadership === null || term !== core.term) return;
  onAppendReply(core, core.leadership, from, message);
  pursueHandover(core, core.leadership);
  settleReads(core, core.leadership);
}

/** The term of a reply, whatever it is; mutants take one of a higher or an earlier term for one of their own. */
function termHeeded({ rules, term }: Core, replied: Term): Term {
  if (replied > term) return rules.higherTermDeposes ? replied : term;
  return rules.ackCountsInItsTerm ? replied : term;
}

export function onInstallSnapshotReply(
  core: Core,
  from: NodeId,
  message: Extract<Message, { kind: 'installSnapshotReply' }>,
): void {
  if (message.term > core.term) return becomeFollower(core, message.term, null);
  if (core.leadership === null || message.term !== core.term) return;
  onSnapshotReply(core, core.leadership, from, message);
  pursueHandover(core, core.leadership);
}

export function beat(core: Core, leadership: Leadership): void {
  pursueHandover(core, leadership);
  if (core.nowNs >= leadership.nextHeartbeatNs) startRound(core, leadership);
}

/** The client is gone: nothing is owed to it. The command stays in the log. */
export function onCancel({ leadership }: Core, { requestId }: Extract<Input, { kind: 'cancel' }>): void {
  if (leadership === null) return;
  leadership.commands.delete(requestId);
  leadership.changes = leadership.changes.filter((change) => change !== requestId);
  leadership.unconfirmed = leadership.unconfirmed.filter((read) => read.requestId !== requestId);
  leadership.confirmed = leadership.confirmed.filter((read) => read.requestId !== requestId);
}

/**
 * CheckQuorum (thesis 6.2): a leader that has not heard from a majority within the longest election timeout steps down.
 * Judged by the clock and before anything is promised, so that a node that slept does not wake up as a leader.
 */
export function stepDownWithoutQuorum(core: Core): void {
  if (core.leadership !== null && core.nowNs >= quorumDeadlineNs(core, core.leadership)) {
    becomeFollower(core, core.term, null);
  }
}

export function leaderDeadlineNs(core: Core, leadership: Leadership): Nanos {
  const handoverNs = leadership.handover?.deadlineNs ?? Infinity;
  return Math.min(leadership.nextHeartbeatNs, quorumDeadlineNs(core, leadership), handoverNs);
}

function quorumDeadlineNs(core: Core, leadership: Leadership): Nanos {
  if (!core.options.checkQuorum) return Infinity;
  const contactNs = reachedByQuorum(core, leadership, Infinity, (progress) => progress.contactNs);
  return contactNs + core.options.electionTimeoutMaxNs;
}
