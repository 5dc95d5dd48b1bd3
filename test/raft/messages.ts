/** Messages as a test makes them up: only what it is about, the rest as a healthy node would have it. */
import type { Envelope } from './harness.ts';

type Fields<K extends Envelope['message']['kind']> = Partial<Omit<Envelope<K>['message'], 'kind'>> & { term: number };

/** From `n2` to `n1` unless told otherwise. */
export function requestVote(fields: Fields<'requestVote'>, from = 'n2', to = 'n1'): Envelope<'requestVote'> {
  const defaults = { candidateId: from, lastLogIndex: 1, lastLogTerm: 1, pre: false, transfer: false };
  return { from, to, message: { kind: 'requestVote', ...defaults, ...fields } };
}

export function requestVoteReply(
  fields: Fields<'requestVoteReply'>,
  from = 'n2',
  to = 'n1',
): Envelope<'requestVoteReply'> {
  return { from, to, message: { kind: 'requestVoteReply', granted: true, pre: false, asked: fields.term, ...fields } };
}

export function appendEntries(fields: Fields<'appendEntries'>, from = 'n2', to = 'n1'): Envelope<'appendEntries'> {
  const defaults = { leaderId: from, prevLogIndex: 1, prevLogTerm: 1, entries: [], leaderCommit: 0, round: 1 };
  return { from, to, message: { kind: 'appendEntries', ...defaults, ...fields } };
}

export function appendEntriesReply(
  fields: Fields<'appendEntriesReply'>,
  from = 'n2',
  to = 'n1',
): Envelope<'appendEntriesReply'> {
  const defaults = { success: true, matchIndex: 0, round: 0, rejectedIndex: 0, conflictTerm: 0, conflictIndex: 0 };
  return { from, to, message: { kind: 'appendEntriesReply', ...defaults, ...fields } };
}
