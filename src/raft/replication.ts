/**
 * How a leader brings its log to its followers (Raft 5.3). A follower is *probed* with one message at a time until the logs
 * are seen to meet, then entries are pipelined and nextIndex runs ahead of what was acknowledged. Messages may be lost,
 * doubled or overtaken: a refusal falls back to probing, and a pipeline that stands still is asked for where it stands.
 */
import type { Core } from './core.ts';
import type { Leadership, Progress } from './leadership.ts';
import { noteRound } from './leases.ts';
import type { Log } from './log.ts';
import { followMembers, reachedByQuorum } from './progress.ts';
import { beginTransfer, endTransfer, onChunk, sendChunk } from './transfers.ts';
import type { Entry, LogIndex, Message, NodeId } from './types.ts';

type AppendEntriesReply = Extract<Message, { kind: 'appendEntriesReply' }>;
type InstallSnapshotReply = Extract<Message, { kind: 'installSnapshotReply' }>;

/** A frame has an end: a message beyond it would be refused, sent again as it was, and refused for ever. */
const MAX_MESSAGE_BYTES = 1024 * 1024;

/** Sends every follower what it lacks, as far as its window allows. */
function replicateToAll(core: Core, leadership: Leadership): void {
  for (const [id, progress] of leadership.followers) replicate(core, leadership, id, progress);
}

function replicate(core: Core, leadership: Leadership, id: NodeId, progress: Progress): void {
  if (progress.state === 'snapshot') return;
  const window = progress.state === 'probe' ? 1 : core.options.maxInFlight;
  while (progress.nextIndex <= core.log.lastIndex && progress.inFlight.length < window) {
    const from = progress.nextIndex;
    const to = lastOfMessage(core, from);
    if (!sendAppend(core, leadership, id, progress, from - 1, to)) return beginTransfer(core, id, progress);
    progress.inFlight.push(to);
    progress.movedNs = core.nowNs;
    if (progress.state !== 'replicate') return;
    progress.nextIndex = to + 1;
  }
  // An idle follower learns of a commitment now and not with the next heartbeat.
  const usable = Math.min(core.commitIndex, progress.matchIndex);
  if (progress.inFlight.length === 0 && progress.toldCommit < usable) {
    sendAppend(core, leadership, id, progress, progress.matchIndex, progress.matchIndex);
  }
}

/** The last entry of a message that begins with `from`: as many as allowed, by number and by size, and that one in any case. */
function lastOfMessage({ log, options }: Core, from: LogIndex): LogIndex {
  const most = Math.min(log.lastIndex, from + options.maxEntriesPerMessage - 1);
  let to = from;
  for (let bytes = bytesAt(log, from); to < most && bytes + bytesAt(log, to + 1) <= MAX_MESSAGE_BYTES; to++)
    bytes += bytesAt(log, to + 1);
  return to;
}

function bytesAt(log: Log, index: LogIndex): number {
  return log.entry(index)?.data.length ?? 0;
}

/**
 * Entries after `prevLogIndex` up to `to`. Entries may leave before they are durable here: the leader's own copy counts
 * only when it is (thesis 10.2.1). False where the log before them is compacted: that follower needs a snapshot.
 */
function sendAppend(
  core: Core,
  leadership: Leadership,
  id: NodeId,
  progress: Progress,
  prevLogIndex: LogIndex,
  to: LogIndex,
): boolean {
  const prevLogTerm = core.log.termAt(prevLogIndex);
  if (prevLogTerm === undefined || (to > prevLogIndex && prevLogIndex + 1 < core.log.firstIndex)) return false;
  const message: Message = {
    kind: 'appendEntries',
    term: core.term,
    leaderId: core.id,
    prevLogIndex,
    prevLogTerm,
    entries: core.log.slice(prevLogIndex + 1, to),
    leaderCommit: core.commitIndex,
    round: leadership.round,
  };
  core.send(id, message, 0);
  progress.toldCommit = Math.max(progress.toldCommit, Math.min(core.commitIndex, to));
  return true;
}

/**
 * Starts a round: a heartbeat to every follower under a fresh number. Its previous entry is one that the follower has
 * acknowledged as durable, so the answer promises the term and no more, and waits for no entry's write.
 */
export function startRound(core: Core, leadership: Leadership): void {
  if (core.rules.roundsAreUnique || leadership.unconfirmed.length === 0) leadership.round++;
  noteRound(core, leadership);
  leadership.nextHeartbeatNs = core.nowNs + core.options.heartbeatNs;
  for (const read of leadership.unconfirmed) read.round ??= leadership.round;
  for (const [id, progress] of leadership.followers) {
    // All logs agree on what stands before the first entry: the place to ask at where no better one is left in the log.
    const at = core.log.termAt(progress.matchIndex) === undefined ? 0 : progress.matchIndex;
    sendAppend(core, leadership, id, progress, at, at);
    loseTrack(core, leadership, id, progress);
  }
}

/** Forgets nextIndex, where that is asked for (see `drawNextIndex`): the follower is probed again, from anywhere. */
function loseTrack(core: Core, leadership: Leadership, id: NodeId, progress: Progress): void {
  const draw = core.options.drawNextIndex?.(id, leadership.round);
  if (draw === undefined || progress.state === 'snapshot') return;
  const { matchIndex } = progress;
  progress.state = 'probe';
  progress.inFlight = [];
  progress.nextIndex = matchIndex + 1 + Math.floor(draw * (core.log.lastIndex - matchIndex + 1));
}

/** A reply of this very term: what the follower verified, or where the logs part. */
export function onAppendReply(core: Core, leadership: Leadership, from: NodeId, reply: AppendEntriesReply): void {
  const progress = leadership.followers.get(from);
  if (progress === undefined) return;
  progress.contactNs = core.nowNs;
  progress.ackedRound = Math.max(progress.ackedRound, reply.round);
  if (reply.success) verified(core, from, progress, reply.matchIndex);
  else refused(core, from, progress, reply);
  maybeCommit(core, leadership);
  nudge(core, leadership, from, progress);
  replicate(core, leadership, from, progress);
}

/** A reply of this very term about a snapshot: where the next chunk begins, or that all of it is installed and durable. */
export function onSnapshotReply(core: Core, leadership: Leadership, from: NodeId, reply: InstallSnapshotReply): void {
  const progress = leadership.followers.get(from);
  if (progress === undefined) return;
  progress.contactNs = core.nowNs;
  if (!reply.installed) return onChunk(core, from, progress, reply);
  verified(core, from, progress, reply.lastIncludedIndex);
  maybeCommit(core, leadership);
  replicate(core, leadership, from, progress);
}

function verified(core: Core, from: NodeId, progress: Progress, matchIndex: LogIndex): void {
  if (matchIndex > core.log.lastIndex) {
    return core.broken('match-beyond-log', `a follower acknowledged ${matchIndex} of ${core.log.lastIndex} entries`);
  }
  if (progress.state === 'probe' && matchIndex >= progress.nextIndex - 1) {
    progress.state = 'replicate';
    progress.inFlight = [];
  }
  if (matchIndex > progress.matchIndex) progress.movedNs = core.nowNs;
  const before = progress.matchIndex;
  progress.matchIndex = core.rules.matchOnlyGrows ? Math.max(before, matchIndex) : matchIndex;
  if (progress.matchIndex < before) core.broken('match-monotonic', `matchIndex fell from ${before} to ${matchIndex}`);
  progress.nextIndex = Math.max(progress.nextIndex, progress.matchIndex + 1);
  while (progress.inFlight.length > 0 && progress.inFlight[0]! <= progress.matchIndex) progress.inFlight.shift();
  if (progress.transfer !== null && progress.matchIndex >= progress.transfer.lastIncludedIndex) endTransfer(progress);
  if (progress.matchIndex !== before) probeMatch(core, from, progress);
  const { catchUp } = progress;
  if (progress.matchIndex < catchUp.endIndex) return;
  catchUp.lastNs = core.nowNs - catchUp.sinceNs;
  catchUp.endIndex = core.log.lastIndex;
  catchUp.sinceNs = core.nowNs;
}

/**
 * Backs up past all that cannot match, in both logs: the follower skipped its entries of terms above ours, we skip ours of
 * terms above its (Raft 5.3, one message a conflicting term and not one an entry).
 */
function refused(core: Core, from: NodeId, progress: Progress, reply: AppendEntriesReply): void {
  const { rejectedIndex, conflictIndex, conflictTerm } = reply;
  // Answers to earlier messages: the follower has verified more since, or another place is being probed.
  if (rejectedIndex <= progress.matchIndex || progress.state === 'snapshot') return;
  if (progress.state === 'probe' && rejectedIndex !== progress.nextIndex - 1) return;
  const meeting = core.log.lastIndexUpToTerm(Math.min(conflictIndex, rejectedIndex - 1), conflictTerm);
  progress.state = 'probe';
  const { matchIndex } = progress;
  progress.nextIndex = core.rules.backsUpToMatch ? Math.max(matchIndex, meeting) + 1 : 1;
  if (progress.nextIndex <= matchIndex) {
    core.broken('next-beyond-match', `nextIndex fell to ${progress.nextIndex}, ${matchIndex} entries are acknowledged`);
  }
  progress.inFlight = [];
  probeMatch(core, from, progress);
}

function probeMatch(core: Core, follower: NodeId, { matchIndex, nextIndex }: Progress): void {
  core.out.push({ kind: 'probe', probe: { kind: 'match', term: core.term, follower, matchIndex, nextIndex } });
}

/**
 * The follower answers, but what was sent to it does not come back. A probe is sent again; a pipeline is asked, with an
 * empty message at its head: the reply either acknowledges everything before it or says what is missing.
 */
function nudge(core: Core, leadership: Leadership, id: NodeId, progress: Progress): void {
  const isWaiting = progress.inFlight.length > 0 || progress.transfer !== null;
  if (!isWaiting || core.nowNs - progress.movedNs < core.options.heartbeatNs) return;
  progress.movedNs = core.nowNs;
  const at = progress.nextIndex - 1;
  if (progress.state === 'snapshot') sendChunk(core, id, progress);
  else if (progress.state === 'probe') progress.inFlight = [];
  else if (!sendAppend(core, leadership, id, progress, at, at)) beginTransfer(core, id, progress);
}

/**
 * "If there exists an N such that N > commitIndex, a majority of matchIndex[i] ≥ N, and log[N].term == currentTerm: set
 * commitIndex = N" (figure 2; 5.3, 5.4). The leader's own copy counts as far as it is durable.
 */
export function maybeCommit(core: Core, leadership: Leadership): void {
  const { rules, log } = core;
  const own = rules.leaderCountsDurable ? core.durability.durableIndex : log.lastIndex;
  const index = reachedByQuorum(core, leadership, own, (progress) => progress.matchIndex);
  if (index <= core.commitIndex) return;
  // Entries of earlier terms are committed by the first one of this term behind them, never by counting (5.4.2, figure 8).
  if (rules.commitOwnTermOnly && log.termAt(index) !== core.term) return;
  core.commitTo(index);
  for (const [requestId, commandIndex] of leadership.commands) {
    if (commandIndex > index) break;
    leadership.commands.delete(requestId);
  }
  replicateToAll(core, leadership);
}

/** Appends entries of this term and sends them on their way. */
export function propose(core: Core, leadership: Leadership, entries: readonly Entry[]): void {
  core.appendEntries(entries);
  replicateToAll(core, leadership);
}

/** As `propose`, of a configuration, which takes effect at once. */
export function proposeMembers(core: Core, leadership: Leadership, data: Uint8Array): void {
  const index = core.log.lastIndex + 1;
  core.appendEntries([{ index, term: core.term, kind: 'configuration', data }]);
  followMembers(core, leadership, index);
  replicateToAll(core, leadership);
}
