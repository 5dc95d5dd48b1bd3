/**
 * Reads without a log entry (Raft 8; thesis 6.4). A `lease` read is answered at once while the leader has a lease (`leases.ts`); where it
 * has none it is a `read-index` read. A `read-index` read remembers the commit index of the moment it came, has a
 * majority confirm *after that moment* that this node still leads, and is answered once the state machine has caught up.
 * Reads that come while a round of confirmation is under way share the next one: a confirmation that left before a read
 * came proves nothing about it. `leader` and `local` skip the confirmation, and are wrong on purpose.
 */
import type { Core } from './core.ts';
import type { Leadership, PendingRead } from './leadership.ts';
import { hasLease } from './leases.ts';
import { reachedByQuorum } from './progress.ts';
import { startRound } from './replication.ts';
import type { Input, LogIndex, Refusal, RequestId } from './types.ts';

type Read = Extract<Input, { kind: 'read' }>;

export function onRead(core: Core, { requestId, mode }: Read): void {
  const { leadership } = core;
  if (mode === 'local') return ready(core, requestId);
  if (leadership === null) return refuse(core, requestId, 'not-leader');
  if (mode === 'leader') return serve(core, leadership, { requestId, index: core.commitIndex, round: null });
  // A new leader does not know yet what is committed; its first entry, once committed, tells (Raft 8).
  const index = core.rules.readAfterOwnCommit ? Math.max(core.commitIndex, leadership.firstIndex) : core.commitIndex;
  if (mode === 'lease' && hasLease(core, leadership)) return serve(core, leadership, { requestId, index, round: null });
  if (!core.rules.confirmReads) return serve(core, leadership, { requestId, index, round: null });
  leadership.unconfirmed.push({ requestId, index, round: core.rules.readAwaitsNewRound ? null : leadership.round });
  settleReads(core, leadership);
}

/** Serves the reads that a quorum has confirmed, and starts a round for those that came too late for the last. */
export function settleReads(core: Core, leadership: Leadership): void {
  const { unconfirmed } = leadership;
  if (unconfirmed.length === 0) return;
  if (unconfirmed[0]!.round === null) startRound(core, leadership);
  const confirmed = reachedByQuorum(core, leadership, Infinity, (progress) => progress.ackedRound);
  const waiting = unconfirmed.findIndex(({ round }) => round === null || round > confirmed);
  const done = unconfirmed.splice(0, waiting === -1 ? unconfirmed.length : waiting);
  for (const read of done) serve(core, leadership, read);
  if (done.length > 0) settleReads(core, leadership);
}

/** The state machine has applied everything up to `index`. */
export function onApplied(core: Core, index: LogIndex): void {
  core.lastApplied = Math.max(core.lastApplied, index);
  const { leadership } = core;
  if (leadership === null || leadership.confirmed.length === 0) return;
  const reads = leadership.confirmed;
  leadership.confirmed = [];
  for (const read of reads) serve(core, leadership, read);
}

function serve(core: Core, leadership: Leadership, read: PendingRead): void {
  if (core.lastApplied >= read.index || !core.rules.readAwaitsApply) ready(core, read.requestId);
  else leadership.confirmed.push(read);
}

function ready(core: Core, requestId: RequestId): void {
  core.out.push({ kind: 'readReady', requestId });
}

function refuse(core: Core, requestId: RequestId, refusal: Refusal): void {
  core.out.push({ kind: 'reply', requestId, refusal, leader: core.leaderId });
}
