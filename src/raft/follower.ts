/** AppendEntries at the receiver (figure 2; Raft 5.3): the one way in which entries of another node enter the log. */
import type { Core } from './core.ts';
import { becomeFollower } from './roles.ts';
import type { Entry, LogIndex, Message, NodeId } from './types.ts';

type AppendEntries = Extract<Message, { kind: 'appendEntries' }>;
type AppendEntriesReply = Extract<Message, { kind: 'appendEntriesReply' }>;

export function onAppendEntries(core: Core, from: NodeId, message: AppendEntries): void {
  const { log } = core;
  // Always answered, so that a leader of an earlier term learns that it is deposed.
  if (message.term < core.term) return refuse(core, from, message, { conflictIndex: 0, conflictTerm: 0 });
  if (message.term === core.term && core.role === 'leader') {
    return core.broken('election-safety', `${core.id} and ${from} both lead term ${core.term}`);
  }
  becomeFollower(core, message.term, message.leaderId);
  core.leaderContactNs = core.nowNs;
  core.restartElectionTimer();

  const { prevLogIndex, prevLogTerm, entries } = message;
  // What the snapshot holds is committed, so the leader has the same (leader completeness, 5.4.3).
  if (prevLogIndex >= log.firstIndex && !isMet(core, message)) {
    const conflictIndex = log.lastIndexUpToTerm(prevLogIndex, prevLogTerm);
    return refuse(core, from, message, { conflictIndex, conflictTerm: log.termAt(conflictIndex) ?? 0 });
  }
  appendNew(core, entries);
  const matchIndex = prevLogIndex + entries.length;
  core.commitTo(Math.min(message.leaderCommit, core.rules.commitVerifiedOnly ? matchIndex : log.lastIndex));
  const acknowledged = core.rules.ackVerifiedOnly ? matchIndex : log.lastIndex;
  reply(core, from, {
    kind: 'appendEntriesReply',
    term: core.term,
    success: true,
    matchIndex: acknowledged,
    round: message.round,
    rejectedIndex: 0,
    conflictTerm: 0,
    conflictIndex: 0,
  });
}

/** "Reply false if log doesn't contain an entry at prevLogIndex whose term matches prevLogTerm" (figure 2): no log has a gap. */
function isMet({ log, rules }: Core, { prevLogIndex, prevLogTerm }: AppendEntries): boolean {
  return rules.previousTermCompared ? log.termAt(prevLogIndex) === prevLogTerm : prevLogIndex <= log.lastIndex;
}

/**
 * "If an existing entry conflicts with a new one, delete the existing entry and all that follow it; append any new entries
 * not already in the log" (figure 2). Without a conflict nothing is cut: a delayed message may be shorter than the log.
 */
function appendNew(core: Core, entries: readonly Entry[]): void {
  const { log } = core;
  const isNew = ({ index, term }: Entry): boolean =>
    index >= log.firstIndex && (log.termAt(index) !== term || !core.rules.cutOnConflictOnly);
  const first = entries.findIndex(isNew);
  if (first === -1) return;
  const fresh = entries.slice(first);
  const { index } = fresh[0]!;
  if (index <= core.commitIndex) {
    core.broken('state-machine-safety', `entry ${index} is committed (up to ${core.commitIndex}) and now replaced`);
  }
  core.appendEntries(fresh);
}

function refuse(
  core: Core,
  to: NodeId,
  message: AppendEntries,
  conflict: { readonly conflictIndex: LogIndex; readonly conflictTerm: number },
): void {
  reply(core, to, {
    kind: 'appendEntriesReply',
    term: core.term,
    success: false,
    matchIndex: 0,
    round: message.round,
    rejectedIndex: message.prevLogIndex,
    conflictTerm: conflict.conflictTerm,
    conflictIndex: conflict.conflictIndex,
  });
}

/**
 * The reply promises this term and the log up to matchIndex, and waits for the writes that cover them, even where another
 * message brought the entries. An empty one at an acknowledged entry (a round of reads) so waits for the term only.
 */
function reply(core: Core, to: NodeId, answer: AppendEntriesReply): void {
  const { durability, rules } = core;
  const covering = Math.max(durability.coveringHardState(), durability.coveringLog(answer.matchIndex));
  core.send(to, answer, rules.ackAfterFsync ? covering : 0);
}
