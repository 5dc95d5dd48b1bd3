/**
 * The safety rules of the node, each read at exactly one place. All true in the correct node; a mutant turns one off, so
 * that the tool can show what the rule is for. Rules of other rooms (wal, kv, client) stand here too: one value is handed down.
 */

export interface Rules {
  /** M03 double-vote: a node votes once a term (Raft 5.2). */
  readonly voteOncePerTerm: boolean;
  /** M20 commit-prior-term: only entries of the leader's own term commit by counting (Raft 5.4.2). */
  readonly commitOwnTermOnly: boolean;
  /** M23 ack-before-fsync: an AppendEntries reply waits until the entries are durable (Raft 5.3, figure 2 "persistent state"). */
  readonly ackAfterFsync: boolean;
  /**
   * M30 leader-local: a `read-index` read is confirmed by a majority in a round started after it came (thesis 6.4).
   * The mutant believes itself.
   */
  readonly confirmReads: boolean;
  /**
   * M40 blind-retry: a client that retries repeats the session and sequence number of its command, so that it is carried out once
   * (thesis 6.3). The mutant numbers every attempt anew.
   */
  readonly retrySameCommand: boolean;
}

/** The correct node. */
export const ALL_RULES: Rules = {
  voteOncePerTerm: true,
  commitOwnTermOnly: true,
  ackAfterFsync: true,
  confirmReads: true,
  retrySameCommand: true,
};

/** Mutants by id: what each is called, and the rule that it breaks. */
export const MUTANTS: Readonly<Record<string, { readonly name: string; readonly breaks: keyof Rules }>> = {
  M03: { name: 'double-vote', breaks: 'voteOncePerTerm' },
  M20: { name: 'commit-prior-term', breaks: 'commitOwnTermOnly' },
  M23: { name: 'ack-before-fsync', breaks: 'ackAfterFsync' },
  M30: { name: 'leader-local', breaks: 'confirmReads' },
  M40: { name: 'blind-retry', breaks: 'retrySameCommand' },
};

/** The rules with that mutant's one switched off; `null` for the correct node; undefined for an unknown id. */
export function rulesOf(mutant: string | null): Rules | undefined {
  if (mutant === null) return ALL_RULES;
  const entry = Object.hasOwn(MUTANTS, mutant) ? MUTANTS[mutant] : undefined;
  return entry && { ...ALL_RULES, [entry.breaks]: false };
}
