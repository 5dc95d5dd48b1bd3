/**
 * Elections (Raft 5.2, 5.4.1), with PreVote (thesis 9.6) and stickiness (thesis 4.2.3, 6.2). A node that hears no leader
 * first asks whether it could win; only then it raises its term. Every vote, its own included, counts when it is durable.
 */
import type { Core } from './core.ts';
import { becomeLeader } from './leader.ts';
import { hasQuorum } from './quorum.ts';
import { becomeFollower } from './roles.ts';
import type { Message, NodeId, Term } from './types.ts';

type RequestVote = Extract<Message, { kind: 'requestVote' }>;
type RequestVoteReply = Extract<Message, { kind: 'requestVoteReply' }>;

/** "If election timeout elapses without receiving AppendEntries RPC from current leader or granting vote to candidate" (figure 2). */
export function onElectionTimeout(core: Core): void {
  if (core.preVotes) preCampaign(core);
  else campaign(core, false);
}

/**
 * TimeoutNow (thesis 3.10): the leader of this very term asks this node to stand for election at once, as if its timeout had elapsed,
 * without a pre-vote, and past stickiness, because there is no leader to be protected.
 */
export function onTimeoutNow(core: Core, { term }: Extract<Message, { kind: 'timeoutNow' }>): void {
  if (term === core.term && core.role !== 'leader' && core.isVoter) campaign(core, true);
}

function preCampaign(core: Core): void {
  core.setRole('pre-candidate', null);
  core.redrawElectionTimer();
  core.votes.clear();
  core.votes.set(core.id, true);
  askForVotes(core);
  tally(core);
}

/** "Increment currentTerm, vote for self, reset election timer, send RequestVote RPCs to all other servers" (figure 2). */
function campaign(core: Core, isTransfer: boolean): void {
  core.votes.clear();
  core.isTransfer = isTransfer;
  core.saveHardState(core.term + 1, core.id);
  core.setRole('candidate', null);
  core.redrawElectionTimer();
  askForVotes(core);
}

/** Asks, in parallel, every voter that has not answered; repeated until the election is decided (Raft 5.1). */
export function askForVotes(core: Core): void {
  const pre = core.role === 'pre-candidate';
  const { voters, outgoing } = core.log.configuration;
  const message: RequestVote = {
    kind: 'requestVote',
    term: electionTerm(core),
    candidateId: core.id,
    lastLogIndex: core.log.lastIndex,
    lastLogTerm: core.log.lastTerm,
    pre,
    transfer: !pre && core.isTransfer,
  };
  const after = pre ? 0 : core.durability.coveringHardState();
  for (const id of new Set([...voters, ...outgoing])) {
    if (id !== core.id && !core.votes.has(id)) core.send(id, message, after);
  }
  core.voteRetryNs = core.nowNs + core.options.heartbeatNs;
}

/** The term that the votes are for: a pre-vote asks about the next one. */
function electionTerm(core: Core): Term {
  return core.role === 'pre-candidate' ? core.term + 1 : core.term;
}

export function onRequestVote(core: Core, from: NodeId, request: RequestVote): void {
  if (request.term >= core.term && !request.transfer && clingsToLeader(core)) return answer(core, from, request, false);
  if (request.pre) {
    return answer(core, from, request, request.term > core.term && isUpToDate(core, request));
  }
  if (request.term > core.term) becomeFollower(core, request.term, null);
  const granted = request.term === core.term && grants(core, request);
  if (granted) {
    if (core.votedFor !== request.candidateId) core.saveHardState(core.term, request.candidateId);
    core.restartElectionTimer();
  }
  answer(core, from, request, granted);
}

/** Whether this term's vote goes to that candidate. A leader's is its own. */
function grants(core: Core, request: RequestVote): boolean {
  if (core.role === 'leader') return !core.rules.leaderGrantsNoVotes;
  return mayVoteFor(core, request.candidateId) && isUpToDate(core, request);
}

/** "The voter denies its vote if its own log is more up-to-date than that of the candidate" (Raft 5.4.1). */
function isUpToDate({ rules, log, commitIndex }: Core, request: RequestVote): boolean {
  if (!rules.voteChecksLog) return true;
  if (!rules.voteComparesTerms) return request.lastLogIndex >= log.lastIndex;
  if (!rules.voteComparesTermFirst) return request.lastLogIndex >= log.lastIndex || request.lastLogTerm >= log.lastTerm;
  if (!rules.voteComparesLastEntry) return request.lastLogIndex >= commitIndex;
  return log.isUpToDate(request);
}

/** "Each server will vote for at most one candidate in a given term, on a first-come-first-served basis" (Raft 5.2). */
function mayVoteFor(core: Core, candidate: NodeId): boolean {
  return !core.rules.voteOncePerTerm || core.votedFor === null || core.votedFor === candidate;
}

/**
 * While a leader is alive nobody else is voted for, and the asked node's term and timer stay as they are (thesis 4.2.3): so a node
 * that was removed and does not know it, or that was cut off, unseats nobody. And for a while after it was last heard, even where it
 * was deposed since, because its lease may last (6.4.1).
 */
function clingsToLeader(core: Core): boolean {
  if (!core.isSticky) return false;
  if (core.role === 'leader') return true;
  return core.nowNs - core.leaderContactNs < core.options.electionTimeoutMinNs;
}

/** A granted pre-vote carries the term asked about, everything else the own term; a vote waits until it is durable. */
function answer(core: Core, to: NodeId, { pre, term: asked }: RequestVote, granted: boolean): void {
  const term = pre && granted ? asked : core.term;
  const after = pre || !core.rules.voteAfterFsync ? 0 : core.durability.coveringHardState();
  core.send(to, { kind: 'requestVoteReply', term, granted, pre, asked }, after);
}

export function onRequestVoteReply(core: Core, from: NodeId, reply: RequestVoteReply): void {
  const prospective = reply.pre && reply.granted;
  if (reply.term > core.term && !prospective) return becomeFollower(core, reply.term, null);
  if (!isAwaited(core, reply)) return;
  const counts = core.rules.grantCountsOnce || core.votes.get(from) !== true;
  core.votes.set(counts ? from : anotherVoter(core), reply.granted);
  tally(core);
}

/** Answers to what is asked now: to the pre-vote or the vote, in the term that it is about. */
function isAwaited(core: Core, { pre, asked }: RequestVoteReply): boolean {
  const { role, rules } = core;
  if (asked !== electionTerm(core) && rules.grantCountsInItsTerm) return false;
  if (pre && rules.preVoteIsNoVote) return role === 'pre-candidate';
  return role === 'candidate' || (pre && role === 'pre-candidate');
}

/** Whom a mutant takes a repeated grant for. */
function anotherVoter({ log, votes }: Core): NodeId {
  const { voters } = log.configuration;
  return voters.find((id) => votes.get(id) !== true) ?? voters[0]!;
}

/** Votes whose write has become durable are released now: the own one is counted, every one is reported. */
export function onVotesDurable(core: Core): void {
  const { unsyncedVotes, durability } = core;
  while (unsyncedVotes.length > 0 && durability.isDurable(unsyncedVotes[0]!.writeId)) {
    const { term, votedFor } = unsyncedVotes.shift()!;
    core.out.push({ kind: 'probe', probe: { kind: 'vote', term, votedFor } });
    if (core.role !== 'candidate' || term !== core.term || votedFor !== core.id) continue;
    core.votes.set(core.id, true);
    tally(core);
  }
}

function tally(core: Core): void {
  if (!hasQuorum(core.log.configuration, core.rules, (id) => core.votes.get(id) === true)) return;
  if (core.role === 'pre-candidate') campaign(core, false);
  else becomeLeader(core);
}
