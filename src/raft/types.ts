/**
 * What goes into the consensus core and what comes out of it. Plain data: the core does no input or output, knows no
 * clock and keeps no promise. Names are those of the Raft paper (Ongaro & Ousterhout 2014) and thesis (Ongaro 2014).
 */
import type { Nanos } from '../base/time.ts';

export type NodeId = string;
export type Term = number;
/** 1 is the first entry; 0 stands before it. */
export type LogIndex = number;
/** Numbers this node's writes, from 1 on, first in first out; 0 means "nothing to wait for". */
export type WriteId = number;
/** The replica's number of an open client request. */
export type RequestId = number;

/** The members, as a log entry of kind `configuration`. `outgoing` is set in a joint configuration (Raft 6). */
export interface Configuration {
  readonly voters: readonly NodeId[];
  readonly outgoing: readonly NodeId[];
  readonly learners: readonly NodeId[];
  /** host:port by node. */
  readonly addresses: Readonly<Record<NodeId, string>>;
}

/** Who is to take part once a change is through. */
export type Membership = Omit<Configuration, 'outgoing'>;

export type EntryKind = 'noop' | 'command' | 'configuration';

/** `data` is opaque to the core, except that of a configuration. */
export interface Entry {
  readonly index: LogIndex;
  readonly term: Term;
  readonly kind: EntryKind;
  readonly data: Uint8Array;
}

export interface HardState {
  readonly term: Term;
  readonly votedFor: NodeId | null;
}

/** Messages between nodes. Each carries the sender's term; replies to pre-votes carry the term that was asked about. */
export type Message =
  | {
      readonly kind: 'requestVote';
      readonly term: Term;
      readonly candidateId: NodeId;
      readonly lastLogIndex: LogIndex;
      readonly lastLogTerm: Term;
      /** A pre-vote (thesis 9.6) asks whether an election in `term` could be won, and changes nothing. */
      readonly pre: boolean;
      /** An election begun by TimeoutNow passes stickiness (thesis 4.2.3). */
      readonly transfer: boolean;
    }
  | {
      readonly kind: 'requestVoteReply';
      readonly term: Term;
      readonly granted: boolean;
      readonly pre: boolean;
      /** The term asked about. */ readonly asked: Term;
    }
  | {
      readonly kind: 'appendEntries';
      readonly term: Term;
      readonly leaderId: NodeId;
      readonly prevLogIndex: LogIndex;
      readonly prevLogTerm: Term;
      readonly entries: readonly Entry[];
      readonly leaderCommit: LogIndex;
      /** Read and heartbeat round, unique over terms and restarts; acknowledged back, for read-index and CheckQuorum. */
      readonly round: number;
    }
  | {
      readonly kind: 'appendEntriesReply';
      readonly term: Term;
      readonly success: boolean;
      /** On success prev + verified length: the follower's log matches the leader's up to here, durably. */
      readonly matchIndex: LogIndex;
      readonly round: number;
      /**
       * On a mismatch: prevLogIndex of the request, and the hint of Raft 5.3, taken so that it skips in both logs: the last
       * index at which the follower's log may still match (nothing after it has a term of at most prevLogTerm), and its term there.
       */
      readonly rejectedIndex: LogIndex;
      readonly conflictTerm: Term;
      readonly conflictIndex: LogIndex;
    }
  | {
      readonly kind: 'installSnapshot';
      readonly term: Term;
      readonly leaderId: NodeId;
      readonly lastIncludedIndex: LogIndex;
      readonly lastIncludedTerm: Term;
      readonly offset: number;
      readonly data: Uint8Array;
      readonly done: boolean;
    }
  | {
      readonly kind: 'installSnapshotReply';
      readonly term: Term;
      readonly lastIncludedIndex: LogIndex;
      readonly lastIncludedTerm: Term;
      /** How much of the snapshot the follower holds: where the next chunk begins. */
      readonly offset: number;
      /** The follower's state and log hold everything up to lastIncludedIndex, durably. */
      readonly installed: boolean;
    }
  | { readonly kind: 'timeoutNow'; readonly term: Term };

/** How a read is served. `leader` and `local` are wrong on purpose, and named so. */
export type ReadMode = 'read-index' | 'lease' | 'leader' | 'local' | 'log';

/** What a client wants to stand in the log. */
export interface ProposedCommand {
  readonly requestId: RequestId;
  readonly data: Uint8Array;
}

/** What the core can be told. */
export type Input =
  | { readonly kind: 'wake' }
  | { readonly kind: 'message'; readonly from: NodeId; readonly message: Message }
  | { readonly kind: 'durableUpTo'; readonly writeId: WriteId }
  | { readonly kind: 'applied'; readonly index: LogIndex }
  /** Propose these, in their order. Each is answered by `accepted`, later by the replica on apply; or by `reply` if it is refused or leadership is lost. */
  | { readonly kind: 'commands'; readonly commands: readonly ProposedCommand[] }
  /** A read in mode read-index, lease, leader or local (log reads are commands). Answered by `readReady` or `reply`. */
  | { readonly kind: 'read'; readonly requestId: RequestId; readonly mode: Exclude<ReadMode, 'log'> }
  /**
   * Change the members to these (Raft 6). Answered by `configurationChanged` once the new configuration is committed; or by `reply` if it
   * is refused or leadership is lost, after which the change may still come about.
   */
  | { readonly kind: 'changeConfiguration'; readonly requestId: RequestId; readonly wanted: Membership }
  /** Hand the leadership to this voter (thesis 3.10). Answered by `transferEnded`. */
  | { readonly kind: 'transferLeadership'; readonly requestId: RequestId; readonly target: NodeId }
  /** The client of the request is gone: drop it. */
  | { readonly kind: 'cancel'; readonly requestId: RequestId }
  /** The log has grown enough. Answered by `saveSnapshot`, unless there is nothing new to save. */
  | { readonly kind: 'snapshotDue' }
  /** The snapshot that `saveSnapshot` asked for is durable. `keepEntries` before its end stay in memory for followers that lag. */
  | { readonly kind: 'snapshotSaved'; readonly snapshot: SnapshotMark; readonly keepEntries: number }
  /** What `installSnapshot` asked for is durable and the state machine is at its end; null where the bytes were no snapshot. */
  | { readonly kind: 'snapshotInstalled'; readonly snapshot: SnapshotMark | null }
  /** First input of every life: what recovery found, all of it durable. */
  | {
      readonly kind: 'restored';
      readonly hardState: HardState;
      readonly snapshot: SnapshotMark;
      readonly entries: readonly Entry[];
    };

/** Where the log begins; index 0 and term 0 without a snapshot. */
export interface SnapshotMark {
  readonly lastIncludedIndex: LogIndex;
  readonly lastIncludedTerm: Term;
  /** Hash over the last included entry and all before it, so that the chain goes on behind a snapshot (see log.ts). */
  readonly chain: number;
  readonly configuration: Configuration;
}

/**
 * What the core wants done, in this order. `after` is the last write that covers the promise (0: none): the driver holds
 * the effect back until that write is durable, and a crash discards it.
 */
export type Effect =
  | { readonly kind: 'hardState'; readonly writeId: WriteId; readonly hardState: HardState }
  /** Entries in order of index; the first truncates whatever stood at its index or beyond. */
  | { readonly kind: 'append'; readonly writeId: WriteId; readonly entries: readonly Entry[] }
  /** Apply these to the state machine, in order, and tell `applied`. */
  | { readonly kind: 'apply'; readonly entries: readonly Entry[] }
  /** Write the state machine as it is now, under this mark, as one durable file; then tell `snapshotSaved`. */
  | { readonly kind: 'saveSnapshot'; readonly snapshot: SnapshotMark }
  /** The snapshot is durable: of the log, the part before its end may go. */
  | { readonly kind: 'compact'; readonly snapshot: SnapshotMark }
  /** Send the chunk of that saved snapshot that begins at `offset`. */
  | {
      readonly kind: 'sendSnapshot';
      readonly to: NodeId;
      readonly term: Term;
      readonly lastIncludedIndex: LogIndex;
      readonly lastIncludedTerm: Term;
      readonly offset: number;
    }
  /** Put these bytes behind the `offset` bytes of the snapshot being received; offset 0 begins a new one. */
  | { readonly kind: 'receiveSnapshot'; readonly offset: number; readonly data: Uint8Array }
  /** All of it was received: make it durable, make it the state machine, and tell `snapshotInstalled`. */
  | { readonly kind: 'installSnapshot'; readonly lastIncludedIndex: LogIndex; readonly lastIncludedTerm: Term }
  /** The log now begins behind the installed snapshot and holds these entries and nothing else; durable when it is done. */
  | { readonly kind: 'resetLog'; readonly snapshot: SnapshotMark; readonly entries: readonly Entry[] }
  | { readonly kind: 'send'; readonly to: NodeId; readonly message: Message; readonly after: WriteId }
  /** The command stands in the log at this place; whoever applies that very (index, term) answers the request. */
  | { readonly kind: 'accepted'; readonly requestId: RequestId; readonly index: LogIndex; readonly term: Term }
  /** The read may be answered from the state machine now (applied ≥ the read's index already holds). */
  | { readonly kind: 'readReady'; readonly requestId: RequestId }
  /** The members are those that the request wanted, for good. */
  | { readonly kind: 'configurationChanged'; readonly requestId: RequestId }
  /** All but `lost-leadership` are proven to be without effect: with that one the entry may still commit. */
  | { readonly kind: 'reply'; readonly requestId: RequestId; readonly refusal: Refusal; readonly leader: NodeId | null }
  /** What became of a request to hand the leadership over. */
  | { readonly kind: 'transferEnded'; readonly requestId: RequestId; readonly outcome: TransferOutcome }
  | { readonly kind: 'probe'; readonly probe: CoreProbe };

/**
 * `stepped-down`: the target was told to stand for election, and this node leads no more; who does, an election decides. `timed-out`: it
 * still leads and takes commands again. The others: nothing was begun, or leadership was lost before the target was told.
 */
export type TransferOutcome =
  'stepped-down' | 'timed-out' | 'lost-leadership' | 'not-leader' | 'no-such-voter' | 'busy';

export type Refusal =
  | 'not-leader'
  | 'not-ready'
  | 'lost-leadership'
  | 'unsupported'
  /** Another change of the members is under way. */
  | 'change-pending'
  /** A new voter has to be a learner first, until its log is level with the leader's. */
  | 'not-caught-up'
  /** The members that were wanted are no configuration. */
  | 'malformed';

export type Role = 'follower' | 'pre-candidate' | 'candidate' | 'leader';

/** Probes that the core itself emits; a subset of the contract's ProbeBody. */
export type CoreProbe =
  | { readonly kind: 'role'; readonly role: Role; readonly term: Term; readonly leader: NodeId | null }
  | { readonly kind: 'vote'; readonly term: Term; readonly votedFor: NodeId }
  | { readonly kind: 'append'; readonly index: LogIndex; readonly entryTerm: Term; readonly chain: number }
  /** commitIndex rose while this node was in `term`. */
  | { readonly kind: 'commit'; readonly index: LogIndex; readonly term: Term }
  /** The members as this log has them: by its entry at `index`, or by the snapshot that ends there. */
  | {
      readonly kind: 'configuration';
      readonly index: LogIndex;
      readonly entryTerm: Term;
      readonly voters: readonly NodeId[];
      readonly outgoing: readonly NodeId[];
      readonly learners: readonly NodeId[];
    }
  /** What a leader believes of a follower, when its matchIndex changed or its nextIndex fell. */
  | {
      readonly kind: 'match';
      readonly term: Term;
      readonly follower: NodeId;
      readonly matchIndex: LogIndex;
      readonly nextIndex: LogIndex;
    }
  /** A mutant broke what the protocol proves, and goes on; in the correct node the core crashes instead. */
  | { readonly kind: 'invariant'; readonly name: string; readonly message: string };

/** Settings of one core. Times in ns of the node's own monotonic clock. */
export interface CoreOptions {
  readonly id: NodeId;
  readonly electionTimeoutMinNs: Nanos;
  readonly electionTimeoutMaxNs: Nanos;
  readonly heartbeatNs: Nanos;
  readonly preVote: boolean;
  readonly checkQuorum: boolean;
  /**
   * How far two clocks of the cluster may go apart, as a share: with 0.1 one counts at least 0.9 s while another counts 1 s. Leases
   * rest on it and are shorter by it; `DEFAULT_CLOCK_DRIFT` where it is left out.
   */
  readonly clockDrift?: number;
  /** Entries in one AppendEntries at most. */
  readonly maxEntriesPerMessage: number;
  /** AppendEntries in flight to one follower at most. */
  readonly maxInFlight: number;
  /**
   * For experiments: with every round a leader loses track of where its followers are, and goes on at a place that is drawn, in [0, 1), from
   * what it has not seen acknowledged. A wrong nextIndex costs time and nothing else; this is how that is shown.
   */
  readonly drawNextIndex?: (follower: NodeId, round: number) => number;
}
