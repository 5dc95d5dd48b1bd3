/**
 * Sending a snapshot (Raft 7; figure 13): what a leader does for a follower whose next entry is no longer in its log. One chunk
 * is under way at a time, and the next one begins where the follower says; a lost one is sent again with the next sign of life.
 */
import type { Core } from './core.ts';
import type { Progress } from './leadership.ts';
import type { Message, NodeId } from './types.ts';

/** The snapshot on its way to one follower, and how much of it has arrived. */
export function beginTransfer(core: Core, to: NodeId, progress: Progress): void {
  const { lastIncludedIndex, lastIncludedTerm } = core.snapshot;
  progress.state = 'snapshot';
  progress.inFlight = [];
  progress.transfer = { lastIncludedIndex, lastIncludedTerm, offset: 0 };
  sendChunk(core, to, progress);
}

export function sendChunk(core: Core, to: NodeId, progress: Progress): void {
  if (progress.transfer === null) return;
  progress.movedNs = core.nowNs;
  core.out.push({ kind: 'sendSnapshot', to, term: core.term, ...progress.transfer });
}

/** The follower is somewhere in the log again: it is asked there. */
export function endTransfer(progress: Progress): void {
  progress.state = 'probe';
  progress.transfer = null;
  progress.inFlight = [];
  progress.nextIndex = progress.matchIndex + 1;
}

/**
 * The follower tells how far it is. Only an answer that says more is followed by the next chunk: a late or doubled one would
 * make two streams of chunks out of one. What says less (it has lost what it had) is heeded with the next sign of life.
 */
export function onChunk(
  core: Core,
  from: NodeId,
  progress: Progress,
  { lastIncludedIndex, lastIncludedTerm, offset }: Extract<Message, { kind: 'installSnapshotReply' }>,
): void {
  const { transfer } = progress;
  if (transfer === null || transfer.lastIncludedIndex !== lastIncludedIndex) return;
  if (transfer.lastIncludedTerm !== lastIncludedTerm) return;
  progress.transfer = { ...transfer, offset };
  if (offset > transfer.offset) sendChunk(core, from, progress);
}
