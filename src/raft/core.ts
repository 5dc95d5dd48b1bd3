/**
 * The state of one Raft node (figure 2, "State") and the few ways in which it may change: terms, votes, log, commit index and
 * timer. The rules of the protocol stand beside this file, one topic each, as functions over a `Core`; `raft.ts` is the front.
 */
import { assert } from '../base/assert.ts';
import type { Nanos } from '../base/time.ts';
import { isVoter } from './configuration.ts';
import { Durability } from './durability.ts';
import type { Leadership } from './leadership.ts';
import { Log } from './log.ts';
import { ALL_RULES, type Rules } from './rules.ts';
import type {
  Configuration,
  CoreOptions,
  Effect,
  Entry,
  HardState,
  LogIndex,
  Message,
  NodeId,
  Role,
  SnapshotMark,
  Term,
  WriteId,
} from './types.ts';

/** A draw in [0, 1) for the election timeout of `term`; `attempt` counts the draws that this life of the node made in that term. */
export type ElectionDraw = (term: Term, attempt: number) => number;

/** By term, place and position a chunk belongs to one transfer, and a leader's later one does not continue an earlier one. */
export interface Receiving {
  readonly from: NodeId;
  readonly term: Term;
  readonly lastIncludedIndex: LogIndex;
  readonly lastIncludedTerm: Term;
  offset: number;
}

export class Core {
  readonly options: CoreOptions;
  readonly rules: Rules;
  readonly #correct: boolean;
  readonly #draw: ElectionDraw;
  /** Whether an election begins with pre-votes (thesis 9.6), and whether votes are refused while a leader is alive (thesis 4.2.3). */
  readonly preVotes: boolean;
  /**
   * Only together with CheckQuorum: else a leader that can send but not hear would be clung to for ever.
   */
  readonly isSticky: boolean;

  /** Set for the length of one step. */
  nowNs: Nanos = 0;
  /** When this node was last woken by its timer; only a mutant asks. */
  wokenNs: Nanos = -Infinity;
  out: Effect[] = [];

  term: Term = 0;
  votedFor: NodeId | null = null;
  role: Role = 'follower';
  leaderId: NodeId | null = null;
  log: Log;
  /** The last snapshot that is durable here. The log in memory may begin before its end. */
  snapshot: SnapshotMark;
  /** The snapshot that a leader is sending, and how much of it has come. */
  receiving: Receiving | null = null;
  readonly initial: Configuration;
  commitIndex: LogIndex = 0;
  /** Handed to the state machine; `lastApplied` follows when it says so. */
  lastApplying: LogIndex = 0;
  lastApplied: LogIndex = 0;
  durability: Durability = new Durability(0);

  /** Answers to the (pre-)vote that is under way. */
  readonly votes: Map<NodeId, boolean> = new Map();
  /** Votes whose write is under way; a vote that a crash can still undo is none. */
  readonly unsyncedVotes: { readonly writeId: WriteId; readonly term: Term; readonly votedFor: NodeId }[] = [];
  /** Exactly while this node leads. */
  leadership: Leadership | null = null;

  /** Whether the election under way was begun by TimeoutNow (thesis 3.10). */
  isTransfer = false;

  /** When the leader was last heard, for stickiness and leases. */
  leaderContactNs: Nanos = -Infinity;
  electionDeadlineNs: Nanos = Infinity;
  /** When a candidate asks again those who have not answered. */
  voteRetryNs: Nanos = Infinity;
  #probedTerm: Term = -1;
  #electionTimeoutNs: Nanos = 0;
  #drawnTerm: Term = -1;
  #drawnAttempt = 0;

  constructor(options: CoreOptions, rules: Rules, draw: ElectionDraw, initial: Configuration) {
    this.options = options;
    this.rules = rules;
    this.#correct = (Object.keys(ALL_RULES) as (keyof Rules)[]).every((rule) => rules[rule]);
    this.#draw = draw;
    this.initial = initial;
    this.snapshot = { lastIncludedIndex: 0, lastIncludedTerm: 0, chain: 0, configuration: initial };
    this.log = new Log(this.snapshot, rules);
    const isUndisturbed = rules.electionIsAskedFor && rules.leaderIsClungTo;
    this.preVotes = options.preVote && isUndisturbed;
    this.isSticky = options.checkQuorum && isUndisturbed;
  }

  get id(): NodeId {
    return this.options.id;
  }

  /** Begins a life with what recovery found. Committed is what the snapshot holds; the rest is learnt from a leader. */
  restore(hardState: HardState, snapshot: SnapshotMark, entries: readonly Entry[]): void {
    this.snapshot = snapshot;
    this.log = new Log(snapshot, this.rules);
    this.log.append(entries);
    const found = this.rules.termOutlivesRestart ? hardState : { term: this.log.lastTerm, votedFor: null };
    this.term = found.term;
    this.votedFor = found.votedFor;
    assert(
      this.term >= this.log.lastTerm,
      `the log reached term ${this.log.lastTerm}, the hard state only ${this.term}`,
    );
    this.durability = new Durability(this.log.lastIndex);
    this.commitIndex = this.lastApplying = this.lastApplied = snapshot.lastIncludedIndex;
    // An earlier life may have acknowledged a leader the moment before it ended, and that leader's lease rests on it. In term 1
    // nobody leads.
    if (this.term > 1) this.leaderContactNs = this.nowNs;
    this.redrawElectionTimer();
  }

  send(to: NodeId, message: Message, after: WriteId): void {
    this.out.push({ kind: 'send', to, message, after });
  }

  /** Makes term and vote durable; they are in force at once, and promised to others only when the write is done. */
  saveHardState(term: Term, votedFor: NodeId | null): void {
    this.term = term;
    this.votedFor = votedFor;
    const writeId = this.durability.hardStateWritten();
    this.out.push({ kind: 'hardState', writeId, hardState: { term, votedFor } });
    if (votedFor !== null) this.unsyncedVotes.push({ writeId, term, votedFor });
  }

  /** Appends to the log, truncating whatever stood at the first entry's index or beyond. */
  appendEntries(entries: readonly Entry[]): void {
    const { configuration } = this.log;
    this.log.append(entries);
    const writeId = this.durability.appendWritten(entries[0]!.index, this.log.lastIndex);
    this.out.push({ kind: 'append', writeId, entries });
    for (const entry of entries) this.probeAppend(entry);
    if (this.log.configuration !== configuration) this.probeConfiguration();
    this.#checkConfiguration();
  }

  /** "A server always uses the latest configuration in its log, regardless of whether the entry is committed" (Raft 6). */
  #checkConfiguration(): void {
    const { log } = this;
    const index = log.configurationIndex;
    if (index < log.firstIndex || log.entry(index)?.kind === 'configuration') return;
    this.broken(
      'configuration-in-force',
      `the configuration in force is of entry ${index}, which the log no longer has`,
    );
  }

  probeAppend({ index, term }: Entry): void {
    this.out.push({
      kind: 'probe',
      probe: { kind: 'append', index, entryTerm: term, chain: this.log.chainAt(index) },
    });
  }

  probeConfiguration(): void {
    const { configurationIndex: index, configuration } = this.log;
    const { voters, outgoing, learners } = configuration;
    const entryTerm = this.log.termAt(index) ?? 0;
    this.out.push({ kind: 'probe', probe: { kind: 'configuration', index, entryTerm, voters, outgoing, learners } });
  }

  /** Raises commitIndex and hands what is newly committed to the state machine (figure 2, "All Servers"). */
  commitTo(index: LogIndex): void {
    if (index === this.commitIndex || (index < this.commitIndex && this.rules.commitOnlyGrows)) return;
    this.commitIndex = index;
    this.out.push({ kind: 'probe', probe: { kind: 'commit', index, term: this.term } });
    const entries = this.log.slice(this.lastApplying + 1, index);
    this.lastApplying = Math.max(this.lastApplying, index);
    if (entries.length > 0) this.out.push({ kind: 'apply', entries });
  }

  /** The one place where role and leader change; tells of every change, of the term too. */
  setRole(role: Role, leader: NodeId | null): void {
    if (role === this.role && leader === this.leaderId && this.term === this.#probedTerm) return;
    this.role = role;
    this.leaderId = leader;
    this.#probedTerm = this.term;
    this.out.push({ kind: 'probe', probe: { kind: 'role', role, term: this.term, leader } });
  }

  /** Starts the timeout again from now; the draw stays the same within a term. */
  restartElectionTimer(): void {
    if (this.#drawnTerm !== this.term) return this.redrawElectionTimer();
    this.electionDeadlineNs = this.nowNs + this.#electionTimeoutNs;
  }

  /** Starts a timeout with a fresh draw: "chosen randomly from a fixed interval" at the start of each election (Raft 5.2). */
  redrawElectionTimer(): void {
    this.#drawnAttempt = this.#drawnTerm === this.term ? this.#drawnAttempt + 1 : 0;
    this.#drawnTerm = this.term;
    const { electionTimeoutMinNs: min, electionTimeoutMaxNs: max } = this.options;
    const drawn = this.#draw(this.term, this.#drawnAttempt);
    this.#electionTimeoutNs = Math.round(min + (max - min) * (this.rules.timeoutIsRandom ? drawn : 0));
    this.electionDeadlineNs = this.nowNs + this.#electionTimeoutNs;
  }

  get isVoter(): boolean {
    return isVoter(this.log.configuration, this.id);
  }

  /**
   * Voters do; and who is a voter no more as long as it does not know that for good: its log may be the only one that a majority of
   * the old members would elect, and only it can bring the change to its end (thesis 4.2.2).
   */
  get takesPartInElections(): boolean {
    if (this.isVoter) return true;
    const { configurationIndex } = this.log;
    if (configurationIndex <= this.commitIndex) return false;
    return isVoter(this.log.configurationAt(configurationIndex - 1), this.id);
  }

  /**
   * A fact that the protocol proves does not hold. The correct node crashes. A mutant reports it and goes on, because the
   * damage is to be seen by clients.
   */
  broken(name: string, message: string): void {
    assert(!this.#correct, `${name}: ${message}`);
    this.out.push({ kind: 'probe', probe: { kind: 'invariant', name, message } });
  }
}
