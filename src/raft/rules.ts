/**
 * The safety rules of the node, each read at exactly one place. All true in the correct node; a mutant turns one off, so
 * that the tool can show what the rule is for. Rules of other rooms (wal, kv, client) stand here too: one value is handed down.
 */

export interface Rules {
  /** M03 double-vote: a node votes once a term (Raft 5.2). */
  readonly voteOncePerTerm: boolean;
  /** M04 vote-no-log-check: a vote goes only to a log that is at least as up to date as the voter's (Raft 5.4.1). */
  readonly voteChecksLog: boolean;
  /** M15 truncate-always: a follower's log is cut where an entry conflicts, and nowhere else (figure 2, AppendEntries 3). */
  readonly cutOnConflictOnly: boolean;
  /** M16 commit-unbounded: a follower commits no further than the last entry that it verified (figure 2, AppendEntries 5). */
  readonly commitVerifiedOnly: boolean;
  /** M18 ack-own-last: a follower acknowledges what it verified against the leader's log, and not all that it has (figure 2). */
  readonly ackVerifiedOnly: boolean;
  /** M20 commit-prior-term: only entries of the leader's own term commit by counting (Raft 5.4.2). */
  readonly commitOwnTermOnly: boolean;
  /** M22 leader-counts-unsynced: a leader counts its own copy of an entry when it is durable (thesis 10.2.1). */
  readonly leaderCountsDurable: boolean;
  /** M23 ack-before-fsync: an AppendEntries reply waits until the entries are durable (Raft 5.3, figure 2 "persistent state"). */
  readonly ackAfterFsync: boolean;
  /** M24 lazy-fsync: what was written is durable once it was synced. The mutant says so at once, and syncs about once a second. */
  readonly durableOnceSynced: boolean;
  /** M29 follower-local: a read is served in the mode that was asked for (thesis 6.4). The mutant's nodes all answer from what they have. */
  readonly readsAsAsked: boolean;
  /**
   * M30 leader-local: a `read-index` read is confirmed by a majority in a round started after it came (thesis 6.4).
   * The mutant believes itself.
   */
  readonly confirmReads: boolean;
  /**
   * M32a readindex-old-acks: a read waits for a round that starts after it came (thesis 6.4, step 2). The mutant's joins the round that
   * has left already.
   */
  readonly readAwaitsNewRound: boolean;
  /** M32b readindex-reused-id: every round has a number of its own. The mutant's rounds for reads repeat that of the last heartbeat. */
  readonly roundsAreUnique: boolean;
  /** M33 readindex-no-apply-wait: a read waits until the state machine has come to its read index (thesis 6.4, step 3). */
  readonly readAwaitsApply: boolean;
  /** M34 lease-from-receipt: a lease begins when the round left that a quorum acknowledged (thesis 6.4.1). The mutant's when it was heard. */
  readonly leaseFromSend: boolean;
  /** M35 lease-clock-skew: a lease ends before any voter can have given up its leader, whatever their clocks (thesis 6.4.1). */
  readonly leaseBelowTimeout: boolean;
  /** M36 lease-across-transfer: a leader that tells another one to stand for election has no lease any more (thesis 6.4.1). */
  readonly transferEndsLease: boolean;
  /** M37 lease-stale-clock: a lease is compared with the time of the read. The mutant compares it with that of the last wake. */
  readonly leaseByReadTime: boolean;
  /** M31 readindex-no-noop: a read waits for the first commit of the leader's own term, which shows what is committed (Raft 8). */
  readonly readAfterOwnCommit: boolean;
  /** M38 ack-on-append: a command is answered when it is committed (Raft 5.3). The mutant answers when it stands in the leader's log. */
  readonly answerOnceCommitted: boolean;
  /** M39 dirty-read: a read sees what is applied (thesis 6.4). The mutant's sees all that stands in the log. */
  readonly readsCommittedOnly: boolean;
  /**
   * M40 blind-retry: a client that retries repeats the session and sequence number of its command, so that it is carried out once
   * (thesis 6.3). The mutant numbers every attempt anew.
   */
  readonly retrySameCommand: boolean;
  /** M41 sessions-not-in-snapshot: a snapshot holds the client sessions, so that a retry across it is not applied twice (thesis 6.3). */
  readonly snapshotHoldsSessions: boolean;
  /** M42 sessions-leader-only: a new leader knows what its predecessors have answered (thesis 6.3). The mutant's begins with an empty table. */
  readonly answersOutliveLeader: boolean;
  /** M43 unknown-as-fail: a client that was told of lost leadership does not know whether its command takes effect. The mutant's says "failed". */
  readonly doubtIsUnknown: boolean;
  /**
   * M44 nondeterministic-apply: the state follows from the log and from nothing else. The mutant's is changed by reads too, which
   * every node serves others of: a key that was read stands in its map.
   */
  readonly stateFollowsLog: boolean;
  /** M45 apply-index-not-atomic: what a snapshot holds and up to where it reaches stand in one file. The mutant's label has its own. */
  readonly snapshotLabelInside: boolean;
  /** M46 apply-leader-only: everyone applies what is committed (figure 2, "All Servers"). The mutant's followers do not. */
  readonly everyoneApplies: boolean;
  /** M47 snapshot-off-by-one: a snapshot is labelled with the last entry that its state has applied (Raft 7). */
  readonly snapshotLabelExact: boolean;
  /** M48 snapshot-keeps-suffix: entries behind an installed snapshot stay only if the entry at its end is the same (figure 13, steps 6-7). */
  readonly snapshotDropsConflict: boolean;
  /** M49 snapshot-regress: a snapshot that ends at or before commitIndex is not installed: the state machine never goes back. */
  readonly snapshotAheadOfCommit: boolean;
  /** M50 snapshot-no-config: a snapshot holds the configuration in force at its end (Raft 7). The mutant's holds the first one. */
  readonly snapshotHoldsConfiguration: boolean;
  /** M51 snapshot-in-place: a snapshot is written and made durable under a temporary name, and then renamed. */
  readonly snapshotRenamed: boolean;
  /** M52 compact-first: the log is cut after the snapshot is durable. The mutant cuts when it begins to write it. */
  readonly compactAfterSave: boolean;
  /** M53 no-crc: a record whose checksum is wrong is none. The mutant takes whatever can be read. */
  readonly recordsAreChecked: boolean;
  /** M54 truncate-at-any-bad-crc: bad bytes below the attested offset are damage (core.md, "Recovery"). The mutant takes them for a torn tail. */
  readonly damageIsRefused: boolean;
  /** M55 amnesia-rejoin: a node that finds its folder empty does not start again under its old name. */
  readonly emptyIsRefused: boolean;
  /** M56 fsync-error-ignored: after a failed fsync a node ends, for what it was to make durable may be gone (core.md, "Recovery"). */
  readonly syncErrorIsFatal: boolean;
  /** M57 no-dir-fsync: a segment of the log has its name when the folder is synced. The mutant renames and goes on. */
  readonly segmentNameIsDurable: boolean;
  /** M58 change-before-own-commit: a leader changes the members only after an entry of its own term is committed (Ongaro 2015). */
  readonly changeAfterOwnCommit: boolean;
  /** M59 concurrent-changes: a change begins only when the one before it is committed (thesis 4.1). */
  readonly oneChangeAtATime: boolean;
  /** M60 direct-swap: a change of more than one voter goes through a joint configuration (Raft 6). */
  readonly jointConsensus: boolean;
  /** M61 config-not-rolled-back: a configuration goes with its entry when that is truncated (thesis 4.1). */
  readonly configurationRollsBack: boolean;
  /** M62 learner-in-quorum: learners have no voice. The mutant counts their answers towards the voters' majority. */
  readonly learnersHaveNoVoice: boolean;
  /** M63 reused-address: peers are known by their ids. The mutant knows them by their addresses, whoever lives there now. */
  readonly peersKnownById: boolean;
  /** M64 removed-node-disrupts: while a leader is alive nobody else is voted for (thesis 4.2.3). The mutant asks for no pre-votes either. */
  readonly leaderIsClungTo: boolean;
}

/** The correct node. */
export const ALL_RULES: Rules = {
  voteOncePerTerm: true,
  voteChecksLog: true,
  cutOnConflictOnly: true,
  commitVerifiedOnly: true,
  ackVerifiedOnly: true,
  leaderCountsDurable: true,
  readAfterOwnCommit: true,
  commitOwnTermOnly: true,
  ackAfterFsync: true,
  durableOnceSynced: true,
  readsAsAsked: true,
  confirmReads: true,
  readAwaitsNewRound: true,
  roundsAreUnique: true,
  readAwaitsApply: true,
  leaseFromSend: true,
  leaseBelowTimeout: true,
  transferEndsLease: true,
  leaseByReadTime: true,
  answerOnceCommitted: true,
  readsCommittedOnly: true,
  retrySameCommand: true,
  snapshotHoldsSessions: true,
  answersOutliveLeader: true,
  doubtIsUnknown: true,
  stateFollowsLog: true,
  snapshotLabelInside: true,
  everyoneApplies: true,
  snapshotLabelExact: true,
  snapshotDropsConflict: true,
  snapshotAheadOfCommit: true,
  snapshotHoldsConfiguration: true,
  snapshotRenamed: true,
  compactAfterSave: true,
  recordsAreChecked: true,
  damageIsRefused: true,
  emptyIsRefused: true,
  syncErrorIsFatal: true,
  segmentNameIsDurable: true,
  changeAfterOwnCommit: true,
  oneChangeAtATime: true,
  jointConsensus: true,
  configurationRollsBack: true,
  learnersHaveNoVoice: true,
  peersKnownById: true,
  leaderIsClungTo: true,
};

/** Mutants by id: what each is called, and the rule that it breaks. */
export const MUTANTS: Readonly<Record<string, { readonly name: string; readonly breaks: keyof Rules }>> = {
  M03: { name: 'double-vote', breaks: 'voteOncePerTerm' },
  M04: { name: 'vote-no-log-check', breaks: 'voteChecksLog' },
  M15: { name: 'truncate-always', breaks: 'cutOnConflictOnly' },
  M16: { name: 'commit-unbounded', breaks: 'commitVerifiedOnly' },
  M18: { name: 'ack-own-last', breaks: 'ackVerifiedOnly' },
  M20: { name: 'commit-prior-term', breaks: 'commitOwnTermOnly' },
  M22: { name: 'leader-counts-unsynced', breaks: 'leaderCountsDurable' },
  M23: { name: 'ack-before-fsync', breaks: 'ackAfterFsync' },
  M24: { name: 'lazy-fsync', breaks: 'durableOnceSynced' },
  M29: { name: 'follower-local', breaks: 'readsAsAsked' },
  M30: { name: 'leader-local', breaks: 'confirmReads' },
  M32a: { name: 'readindex-old-acks', breaks: 'readAwaitsNewRound' },
  M32b: { name: 'readindex-reused-id', breaks: 'roundsAreUnique' },
  M33: { name: 'readindex-no-apply-wait', breaks: 'readAwaitsApply' },
  M34: { name: 'lease-from-receipt', breaks: 'leaseFromSend' },
  M35: { name: 'lease-clock-skew', breaks: 'leaseBelowTimeout' },
  M36: { name: 'lease-across-transfer', breaks: 'transferEndsLease' },
  M37: { name: 'lease-stale-clock', breaks: 'leaseByReadTime' },
  M31: { name: 'readindex-no-noop', breaks: 'readAfterOwnCommit' },
  M38: { name: 'ack-on-append', breaks: 'answerOnceCommitted' },
  M39: { name: 'dirty-read', breaks: 'readsCommittedOnly' },
  M40: { name: 'blind-retry', breaks: 'retrySameCommand' },
  M41: { name: 'sessions-not-in-snapshot', breaks: 'snapshotHoldsSessions' },
  M42: { name: 'sessions-leader-only', breaks: 'answersOutliveLeader' },
  M43: { name: 'unknown-as-fail', breaks: 'doubtIsUnknown' },
  M44: { name: 'nondeterministic-apply', breaks: 'stateFollowsLog' },
  M45: { name: 'apply-index-not-atomic', breaks: 'snapshotLabelInside' },
  M46: { name: 'apply-leader-only', breaks: 'everyoneApplies' },
  M47: { name: 'snapshot-off-by-one', breaks: 'snapshotLabelExact' },
  M48: { name: 'snapshot-keeps-suffix', breaks: 'snapshotDropsConflict' },
  M49: { name: 'snapshot-regress', breaks: 'snapshotAheadOfCommit' },
  M50: { name: 'snapshot-no-config', breaks: 'snapshotHoldsConfiguration' },
  M51: { name: 'snapshot-in-place', breaks: 'snapshotRenamed' },
  M52: { name: 'compact-first', breaks: 'compactAfterSave' },
  M53: { name: 'no-crc', breaks: 'recordsAreChecked' },
  M54: { name: 'truncate-at-any-bad-crc', breaks: 'damageIsRefused' },
  M55: { name: 'amnesia-rejoin', breaks: 'emptyIsRefused' },
  M56: { name: 'fsync-error-ignored', breaks: 'syncErrorIsFatal' },
  M57: { name: 'no-dir-fsync', breaks: 'segmentNameIsDurable' },
  M58: { name: 'change-before-own-commit', breaks: 'changeAfterOwnCommit' },
  M59: { name: 'concurrent-changes', breaks: 'oneChangeAtATime' },
  M60: { name: 'direct-swap', breaks: 'jointConsensus' },
  M61: { name: 'config-not-rolled-back', breaks: 'configurationRollsBack' },
  M62: { name: 'learner-in-quorum', breaks: 'learnersHaveNoVoice' },
  M63: { name: 'reused-address', breaks: 'peersKnownById' },
  M64: { name: 'removed-node-disrupts', breaks: 'leaderIsClungTo' },
};

/** The rules with that mutant's one switched off; `null` for the correct node; undefined for an unknown id. */
export function rulesOf(mutant: string | null): Rules | undefined {
  if (mutant === null) return ALL_RULES;
  const entry = Object.hasOwn(MUTANTS, mutant) ? MUTANTS[mutant] : undefined;
  return entry && { ...ALL_RULES, [entry.breaks]: false };
}
