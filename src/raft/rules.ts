/**
 * The safety rules of the node, each read at exactly one place. All true in the correct node; a mutant turns one off, so
 * that the tool can show what the rule is for. Rules of other rooms (wal, kv, client) stand here too: one value is handed down.
 */

export interface Rules {
  /** M01 vote-not-persisted: a vote is told only when term and vote are durable (figure 2, "persistent state"). */
  readonly voteAfterFsync: boolean;
  /** M02 term-not-persisted: a node restarts in the term that it saved (figure 2, "persistent state"). The mutant in that of its last entry. */
  readonly termOutlivesRestart: boolean;
  /** M03 double-vote: a node votes once a term (Raft 5.2). */
  readonly voteOncePerTerm: boolean;
  /** M04 vote-no-log-check: a vote goes only to a log that is at least as up to date as the voter's (Raft 5.4.1). */
  readonly voteChecksLog: boolean;
  /** M05 vote-index-only: of two logs the one whose last term is later is more up-to-date, however short (Raft 5.4.1). */
  readonly voteComparesTerms: boolean;
  /** M06 vote-and: length decides only between last entries of one term (Raft 5.4.1). The mutant refuses who is behind in both. */
  readonly voteComparesTermFirst: boolean;
  /** M07 vote-by-commit: a candidate is measured by the voter's last entry, not by what the voter knows to be committed (Raft 5.4.1). */
  readonly voteComparesLastEntry: boolean;
  /**
   * M08 leader-votes: a leader grants nobody its vote in its own term (Raft 5.2). The mutant grants it unseen: its no-op, which no
   * candidate of that term can have, would have the comparison of logs refuse every one.
   */
  readonly leaderGrantsNoVotes: boolean;
  /** M09a duplicate-grants: a voter counts once, however often its answer comes (Raft 5.2). */
  readonly grantCountsOnce: boolean;
  /** M09b old-term-grants: a vote counts in the term that it was asked for in (Raft 5.2). */
  readonly grantCountsInItsTerm: boolean;
  /** M09c pre-vote-grants: who says that it would vote for a node has not voted for it (thesis 9.6). */
  readonly preVoteIsNoVote: boolean;
  /** M10 no-random-timeout: an election timeout is drawn from an interval, so that few candidates meet (Raft 5.2). */
  readonly timeoutIsRandom: boolean;
  /** M11 timer-reset-any: the election timer starts again for a leader's message or a granted vote (figure 2), not for any request. */
  readonly timerHeedsRefusal: boolean;
  /**
   * M12 no-prevote: a node asks first whether it would win, and who hears a leader says no (thesis 9.6). The mutant neither asks nor
   * says no, as that of M64: what sets them apart is who disturbs, one that does not hear the leader or one that was removed.
   */
  readonly electionIsAskedFor: boolean;
  /** M13 ignore-higher-term: a leader that is answered from a higher term leads no more (Raft 5.1). The mutant takes it for an answer. */
  readonly higherTermDeposes: boolean;
  /** M14 no-prev-check: entries are taken where the one before them has the term that the leader says (figure 2, AppendEntries 2). */
  readonly previousTermCompared: boolean;
  /** M15 truncate-always: a follower's log is cut where an entry conflicts, and nowhere else (figure 2, AppendEntries 3). */
  readonly cutOnConflictOnly: boolean;
  /** M16 commit-unbounded: a follower commits no further than the last entry that it verified (figure 2, AppendEntries 5). */
  readonly commitVerifiedOnly: boolean;
  /** M17 match-nonmonotonic: matchIndex "increases monotonically" (figure 2): a late reply takes nothing back. */
  readonly matchOnlyGrows: boolean;
  /** M18 ack-own-last: a follower acknowledges what it verified against the leader's log, and not all that it has (figure 2). */
  readonly ackVerifiedOnly: boolean;
  /** M19 old-term-acks: a reply to an earlier term's message says nothing about this term's log (Raft 5.3, 5.4). */
  readonly ackCountsInItsTerm: boolean;
  /** M20 commit-prior-term: only entries of the leader's own term commit by counting (Raft 5.4.2). */
  readonly commitOwnTermOnly: boolean;
  /** M21 small-quorum: a majority is more than a half (Raft 5.2), so that any two of them meet. The mutant's is ⌊n/2⌋. */
  readonly majorityIsOverHalf: boolean;
  /** M22 leader-counts-unsynced: a leader counts its own copy of an entry when it is durable (thesis 10.2.1). */
  readonly leaderCountsDurable: boolean;
  /** M23 ack-before-fsync: an AppendEntries reply waits until the entries are durable (Raft 5.3, figure 2 "persistent state"). */
  readonly ackAfterFsync: boolean;
  /** M24 lazy-fsync: what was written is durable once it was synced. The mutant says so at once, and syncs about once a second. */
  readonly durableOnceSynced: boolean;
  /** M25 commit-regress: commitIndex "increases monotonically" (figure 2). */
  readonly commitOnlyGrows: boolean;
  /** M26 next-below-match: a leader backs up no further than what the follower has acknowledged (figure 2). */
  readonly backsUpToMatch: boolean;
  /** M27 leader-truncates-self: a leader never deletes entries of its log, whether it knows them to be committed or not (figure 3). */
  readonly leaderKeepsTail: boolean;
  /** M29 follower-local: a read is served in the mode that was asked for (thesis 6.4). The mutant's nodes all answer from what they have. */
  readonly readsAsAsked: boolean;
  /**
   * M30 leader-local: a `read-index` read is confirmed by a majority in a round started after it came (thesis 6.4).
   * The mutant believes itself.
   */
  readonly confirmReads: boolean;
  /** M31 readindex-no-noop: a read waits for the first commit of the leader's own term, which shows what is committed (Raft 8). */
  readonly readAfterOwnCommit: boolean;
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
  voteAfterFsync: true,
  termOutlivesRestart: true,
  voteOncePerTerm: true,
  voteChecksLog: true,
  voteComparesTerms: true,
  voteComparesTermFirst: true,
  voteComparesLastEntry: true,
  leaderGrantsNoVotes: true,
  grantCountsOnce: true,
  grantCountsInItsTerm: true,
  preVoteIsNoVote: true,
  timeoutIsRandom: true,
  timerHeedsRefusal: true,
  electionIsAskedFor: true,
  higherTermDeposes: true,
  previousTermCompared: true,
  cutOnConflictOnly: true,
  commitVerifiedOnly: true,
  matchOnlyGrows: true,
  ackVerifiedOnly: true,
  ackCountsInItsTerm: true,
  commitOwnTermOnly: true,
  majorityIsOverHalf: true,
  leaderCountsDurable: true,
  ackAfterFsync: true,
  durableOnceSynced: true,
  commitOnlyGrows: true,
  backsUpToMatch: true,
  leaderKeepsTail: true,
  readsAsAsked: true,
  confirmReads: true,
  readAfterOwnCommit: true,
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
  M01: { name: 'vote-not-persisted', breaks: 'voteAfterFsync' },
  M02: { name: 'term-not-persisted', breaks: 'termOutlivesRestart' },
  M03: { name: 'double-vote', breaks: 'voteOncePerTerm' },
  M04: { name: 'vote-no-log-check', breaks: 'voteChecksLog' },
  M05: { name: 'vote-index-only', breaks: 'voteComparesTerms' },
  M06: { name: 'vote-and', breaks: 'voteComparesTermFirst' },
  M07: { name: 'vote-by-commit', breaks: 'voteComparesLastEntry' },
  M08: { name: 'leader-votes', breaks: 'leaderGrantsNoVotes' },
  M09a: { name: 'duplicate-grants', breaks: 'grantCountsOnce' },
  M09b: { name: 'old-term-grants', breaks: 'grantCountsInItsTerm' },
  M09c: { name: 'pre-vote-grants', breaks: 'preVoteIsNoVote' },
  M10: { name: 'no-random-timeout', breaks: 'timeoutIsRandom' },
  M11: { name: 'timer-reset-any', breaks: 'timerHeedsRefusal' },
  M12: { name: 'no-prevote', breaks: 'electionIsAskedFor' },
  M13: { name: 'ignore-higher-term', breaks: 'higherTermDeposes' },
  M14: { name: 'no-prev-check', breaks: 'previousTermCompared' },
  M15: { name: 'truncate-always', breaks: 'cutOnConflictOnly' },
  M16: { name: 'commit-unbounded', breaks: 'commitVerifiedOnly' },
  M17: { name: 'match-nonmonotonic', breaks: 'matchOnlyGrows' },
  M18: { name: 'ack-own-last', breaks: 'ackVerifiedOnly' },
  M19: { name: 'old-term-acks', breaks: 'ackCountsInItsTerm' },
  M20: { name: 'commit-prior-term', breaks: 'commitOwnTermOnly' },
  M21: { name: 'small-quorum', breaks: 'majorityIsOverHalf' },
  M22: { name: 'leader-counts-unsynced', breaks: 'leaderCountsDurable' },
  M23: { name: 'ack-before-fsync', breaks: 'ackAfterFsync' },
  M24: { name: 'lazy-fsync', breaks: 'durableOnceSynced' },
  M25: { name: 'commit-regress', breaks: 'commitOnlyGrows' },
  M26: { name: 'next-below-match', breaks: 'backsUpToMatch' },
  M27: { name: 'leader-truncates-self', breaks: 'leaderKeepsTail' },
  M29: { name: 'follower-local', breaks: 'readsAsAsked' },
  M30: { name: 'leader-local', breaks: 'confirmReads' },
  M31: { name: 'readindex-no-noop', breaks: 'readAfterOwnCommit' },
  M32a: { name: 'readindex-old-acks', breaks: 'readAwaitsNewRound' },
  M32b: { name: 'readindex-reused-id', breaks: 'roundsAreUnique' },
  M33: { name: 'readindex-no-apply-wait', breaks: 'readAwaitsApply' },
  M34: { name: 'lease-from-receipt', breaks: 'leaseFromSend' },
  M35: { name: 'lease-clock-skew', breaks: 'leaseBelowTimeout' },
  M36: { name: 'lease-across-transfer', breaks: 'transferEndsLease' },
  M37: { name: 'lease-stale-clock', breaks: 'leaseByReadTime' },
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
