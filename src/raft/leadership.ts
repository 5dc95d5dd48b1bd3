/**
 * What a leader keeps for its term: how far each follower is, the open commands and the open reads. All of it is thrown away
 * with the leadership.
 */
import type { Nanos } from '../base/time.ts';
import type { Configuration, LogIndex, NodeId, RequestId, Term } from './types.ts';

/**
 * How far one follower is. `nextIndex` is a guess that costs time when it is wrong; `matchIndex` is what the follower has
 * verified and made durable, only grows, and is all that commitment rests on.
 */
export interface Progress {
  nextIndex: LogIndex;
  matchIndex: LogIndex;
  /**
   * `probe`: one message at a time until the logs were seen to meet. `replicate`: a pipeline, nextIndex running ahead.
   * `snapshot`: the next entry is no longer in the log, so a snapshot is being sent; exactly then there is a `transfer`.
   */
  state: 'probe' | 'replicate' | 'snapshot';
  transfer: { readonly lastIncludedIndex: LogIndex; readonly lastIncludedTerm: Term; readonly offset: number } | null;
  /** Last indexes of the AppendEntries that are under way, oldest first. Empty while nothing is asked. */
  inFlight: LogIndex[];
  /** When a message with entries last left or one was last acknowledged: a pipeline that stands still has lost something. */
  movedNs: Nanos;
  /** The last round that it acknowledged, and when it acknowledged anything. */
  ackedRound: number;
  contactNs: Nanos;
  /** The highest commitIndex that it was told while it could make use of it. */
  toldCommit: LogIndex;
  /**
   * Catching up goes in rounds: each brings the entries that the log held when it began (thesis 4.2.1). The one under way ends at
   * `endIndex`; `lastNs` is how long the last one took.
   */
  readonly catchUp: { endIndex: LogIndex; sinceNs: Nanos; lastNs: Nanos };
}

/** A read that waits for a round of confirmation (`round` is null until one starts), then for the state machine. */
export interface PendingRead {
  readonly requestId: RequestId;
  readonly index: LogIndex;
  round: number | null;
}

/** A leadership that is being handed over (thesis 3.10). */
export interface Handover {
  readonly requestId: RequestId;
  readonly target: NodeId;
  /** When it is given up. */
  readonly deadlineNs: Nanos;
  /** When the target was last told to stand for election; it may not have heard it. */
  toldNs: Nanos;
}

export interface Leadership {
  /** Everyone but the leader in the configuration in force, learners included. */
  readonly followers: Map<NodeId, Progress>;
  /** The no-op: once it is committed, so is everything of earlier terms that ever will be (Raft 8). */
  readonly firstIndex: LogIndex;
  /** The round that messages carry now; unique over terms, and a node leads a term in one life only. */
  round: number;
  /** When each of the latest rounds began, oldest first, as long as a lease could come of it; unless there are no leases. */
  rounds: { readonly round: number; readonly beganNs: Nanos }[];
  /** There is no lease in this term any more. */
  isLeaseOver: boolean;
  handover: Handover | null;
  nextHeartbeatNs: Nanos;
  /** Commands by request that stand in the log and are not committed, in order of index. */
  readonly commands: Map<RequestId, LogIndex>;
  /** Requests for changes of the members that are under way: one, in the correct node. */
  changes: RequestId[];
  /** The last configuration that was seen committed and acted upon. */
  settledConfiguration: Configuration | null;
  /** In order of arrival, so also of round. */
  unconfirmed: PendingRead[];
  confirmed: PendingRead[];
}
