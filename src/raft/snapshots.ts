/**
 * Snapshots at the node that holds them (Raft 7): its own, which cut its log, and those that a leader sends because the
 * follower's next entries are no longer in the leader's log. The bytes pass by this room: the replica writes and reads them.
 */
import type { Core, Receiving } from './core.ts';
import { Log } from './log.ts';
import { becomeFollower } from './roles.ts';
import type { Input, LogIndex, Message, NodeId, SnapshotMark } from './types.ts';

type InstallSnapshot = Extract<Message, { kind: 'installSnapshot' }>;
type InstallSnapshotReply = Extract<Message, { kind: 'installSnapshotReply' }>;

/** "Each server takes snapshots independently, covering just the committed entries in its log" (Raft 7). */
export function onSnapshotDue(core: Core): void {
  const { log, rules, lastApplied } = core;
  const lastIncludedIndex = rules.snapshotLabelExact ? lastApplied : lastApplied + 1;
  if (lastIncludedIndex <= core.snapshot.lastIncludedIndex) return;
  const snapshot: SnapshotMark = {
    lastIncludedIndex,
    lastIncludedTerm: log.termAt(lastIncludedIndex) ?? log.termAt(lastApplied)!,
    chain: log.chainAt(lastIncludedIndex),
    configuration: rules.snapshotHoldsConfiguration ? log.configurationAt(lastIncludedIndex) : core.initial,
  };
  if (!rules.compactAfterSave) core.out.push({ kind: 'compact', snapshot });
  core.out.push({ kind: 'saveSnapshot', snapshot });
}

/** The own snapshot is durable, so the log before its end may go: "once a server completes writing a snapshot" (Raft 7). */
export function onSnapshotSaved(
  core: Core,
  { snapshot, keepEntries }: Extract<Input, { kind: 'snapshotSaved' }>,
): void {
  const { lastIncludedIndex } = snapshot;
  // A leader's snapshot that reaches further may have come while this one was written.
  if (lastIncludedIndex <= core.snapshot.lastIncludedIndex) return;
  const { durableIndex } = core.durability;
  if (lastIncludedIndex > durableIndex) {
    core.broken(
      'snapshot-beyond-log',
      `a snapshot up to ${lastIncludedIndex}, the log is durable up to ${durableIndex}`,
    );
  }
  core.snapshot = snapshot;
  core.out.push({ kind: 'compact', snapshot });
  core.log.compact(Math.min(lastIncludedIndex - keepEntries, neededByTransfers(core), core.lastApplied));
}

/**
 * What follows a snapshot that is being sent stays in memory, or the follower would be too late again at its end. One that
 * does not answer holds up nothing: it will be sent the new snapshot.
 */
function neededByTransfers(core: Core): LogIndex {
  let needed = Infinity;
  for (const progress of core.leadership?.followers.values() ?? []) {
    if (progress.transfer === null) continue;
    const isSilent = core.nowNs - progress.contactNs > core.options.electionTimeoutMaxNs;
    if (isSilent) progress.transfer = { ...placeOf(core.snapshot), offset: 0 };
    else needed = Math.min(needed, progress.transfer.lastIncludedIndex);
  }
  return needed;
}

function placeOf({ lastIncludedIndex, lastIncludedTerm }: SnapshotMark): Omit<SnapshotMark, 'chain' | 'configuration'> {
  return { lastIncludedIndex, lastIncludedTerm };
}

/** One chunk of a leader's snapshot (figure 13). It counts as a word from the leader like an AppendEntries. */
export function onInstallSnapshot(core: Core, from: NodeId, message: InstallSnapshot): void {
  if (message.term < core.term) return reply(core, from, message, { offset: 0, installed: false });
  if (message.term === core.term && core.role === 'leader') {
    return core.broken('election-safety', `${core.id} and ${from} both lead term ${core.term}`);
  }
  becomeFollower(core, message.term, message.leaderId);
  core.leaderContactNs = core.nowNs;
  core.restartElectionTimer();
  // What is committed here is the same in every leader's log (5.4.3), so there is nothing to install.
  if (core.rules.snapshotAheadOfCommit && message.lastIncludedIndex <= core.commitIndex) {
    return reply(core, from, message, { offset: message.offset, installed: true });
  }
  receive(core, from, message);
}

/** Chunks come in order or not at all: the answer says where the next one has to begin. */
function receive(core: Core, from: NodeId, message: InstallSnapshot): void {
  const { term, lastIncludedIndex, lastIncludedTerm, offset, data, done } = message;
  const receiving = isOf(core.receiving, message)
    ? core.receiving
    : { from, term, lastIncludedIndex, lastIncludedTerm, offset: 0 };
  if (offset !== receiving.offset) return reply(core, from, message, { offset: receiving.offset, installed: false });
  core.receiving = receiving;
  core.out.push({ kind: 'receiveSnapshot', offset, data });
  receiving.offset += data.length;
  if (done) core.out.push({ kind: 'installSnapshot', lastIncludedIndex, lastIncludedTerm });
  else reply(core, from, message, { offset: receiving.offset, installed: false });
}

function isOf(receiving: Receiving | null, message: InstallSnapshot): receiving is Receiving {
  return (
    receiving !== null &&
    receiving.term === message.term &&
    receiving.lastIncludedIndex === message.lastIncludedIndex &&
    receiving.lastIncludedTerm === message.lastIncludedTerm
  );
}

/**
 * "If existing log entry has same index and term as snapshot's last included entry, retain log entries following it and
 * reply. Discard the entire log. Reset state machine using snapshot contents" (figure 13, steps 6 to 8).
 */
export function onSnapshotInstalled(core: Core, { snapshot }: Extract<Input, { kind: 'snapshotInstalled' }>): void {
  const { receiving, log, rules } = core;
  core.receiving = null;
  // Damaged on its way: the leader's next chunk finds nothing to continue, and begins again.
  if (snapshot === null || receiving === null) return;
  const { lastIncludedIndex, lastIncludedTerm } = snapshot;
  const isSameLog = log.termAt(lastIncludedIndex) === lastIncludedTerm;
  const keeps = isSameLog || !rules.snapshotDropsConflict;
  const entries = keeps ? log.slice(lastIncludedIndex + 1, log.lastIndex) : [];
  core.snapshot = snapshot;
  core.log = new Log(snapshot, rules);
  core.log.append(entries);
  core.durability.logReplaced(core.log.lastIndex);
  core.commitIndex = core.lastApplying = core.lastApplied = lastIncludedIndex;
  core.out.push({ kind: 'resetLog', snapshot, entries });
  for (const entry of entries) core.probeAppend(entry);
  core.probeConfiguration();
  reply(core, receiving.from, snapshot, { offset: receiving.offset, installed: true });
}

/** Promises the term, and the log up to the snapshot's end if it is `installed`. */
function reply(
  core: Core,
  to: NodeId,
  { lastIncludedIndex, lastIncludedTerm }: Pick<InstallSnapshot, 'lastIncludedIndex' | 'lastIncludedTerm'>,
  answer: Pick<InstallSnapshotReply, 'offset' | 'installed'>,
): void {
  const { durability, term } = core;
  const coveringLog = answer.installed ? durability.coveringLog(lastIncludedIndex) : 0;
  const after = Math.max(durability.coveringHardState(), coveringLog);
  core.send(to, { kind: 'installSnapshotReply', term, lastIncludedIndex, lastIncludedTerm, ...answer }, after);
}
