/**
 * The consensus core: Raft as a pure function of its inputs and of the time that it is told (core.md). `step` takes one
 * input and appends to `out` what is to be done; nothing is read, written or sent here, no clock is looked at and no promise
 * is kept. There are no ticks: `deadlineNs` says when the core wants to be woken, and a node that was stopped for a minute
 * judges everything by the minute that has passed.
 */
import { assert, unreachable } from '../base/assert.ts';
import type { Nanos } from '../base/time.ts';
import { Core, type ElectionDraw } from './core.ts';
import {
  askForVotes,
  onElectionTimeout,
  onRequestVote,
  onRequestVoteReply,
  onTimeoutNow,
  onVotesDurable,
} from './elections.ts';
import { onAppendEntries } from './follower.ts';
import { onTransferLeadership } from './handover.ts';
import {
  beat,
  leaderDeadlineNs,
  onAppendEntriesReply,
  onCancel,
  onCommands,
  onInstallSnapshotReply,
  stepDownWithoutQuorum,
} from './leader.ts';
import { onChangeConfiguration, settleConfiguration } from './membership.ts';
import { onApplied, onRead } from './reads.ts';
import { maybeCommit } from './replication.ts';
import type { Rules } from './rules.ts';
import { onInstallSnapshot, onSnapshotDue, onSnapshotInstalled, onSnapshotSaved } from './snapshots.ts';
import type {
  Configuration,
  CoreOptions,
  Effect,
  Entry,
  Input,
  LogIndex,
  Message,
  NodeId,
  Role,
  SnapshotMark,
  Term,
  WriteId,
} from './types.ts';

export class Raft {
  readonly #core: Core;
  #restored = false;

  /**
   * @param random the draw in [0, 1) of an election timeout, keyed by term and attempt (and by the node, by the caller)
   * @param initial the configuration that the getter shows until `restored` says what is in force
   */
  constructor(options: CoreOptions, rules: Rules, random: ElectionDraw, initial: Configuration) {
    assert(
      options.electionTimeoutMinNs <= options.electionTimeoutMaxNs,
      'the shortest election timeout is the longer one',
    );
    this.#core = new Core(options, rules, random, initial);
  }

  /**
   * Takes one input, the first of which is `restored`. Effects are appended to `out` and are to be carried out in that order.
   * @param nowNs the node's monotonic clock, read after the input was received
   */
  step(input: Input, nowNs: Nanos, out: Effect[]): void {
    const core = this.#core;
    core.nowNs = nowNs;
    core.out = out;
    assert((input.kind === 'restored') !== this.#restored, "a life begins with 'restored' and has only one");
    this.#take(input);
    if (core.leadership !== null) settleConfiguration(core, core.leadership);
  }

  #take(input: Input): void {
    const core = this.#core;
    switch (input.kind) {
      case 'restored':
        return this.#restore(input);
      case 'wake':
        core.wokenNs = core.nowNs;
        return onWake(core);
      case 'message':
        return onMessage(core, input.from, input.message);
      case 'durableUpTo':
        return onDurable(core, input.writeId);
      case 'applied':
        return onApplied(core, input.index);
      case 'commands':
        return onCommands(core, input);
      case 'read':
        return onRead(core, input);
      case 'changeConfiguration':
        return onChangeConfiguration(core, input);
      case 'transferLeadership':
        stepDownWithoutQuorum(core);
        return onTransferLeadership(core, input);
      case 'cancel':
        return onCancel(core, input);
      case 'snapshotDue':
        return onSnapshotDue(core);
      case 'snapshotSaved':
        return onSnapshotSaved(core, input);
      case 'snapshotInstalled':
        return onSnapshotInstalled(core, input);
      default:
        return unreachable(input);
    }
  }

  #restore({ hardState, snapshot, entries }: Extract<Input, { kind: 'restored' }>): void {
    const core = this.#core;
    this.#restored = true;
    core.restore(hardState, snapshot, entries);
    core.setRole('follower', null);
    // The chain covers the whole log, so its last hash shows what recovery found; the entries before it are old news.
    const last = entries.at(-1);
    if (last !== undefined) core.probeAppend(last);
    core.probeConfiguration();
  }

  /** When `wake` is wanted at the latest; Infinity where time changes nothing. May move either way with every step. */
  deadlineNs(): Nanos {
    const core = this.#core;
    if (core.leadership !== null) return leaderDeadlineNs(core, core.leadership);
    return core.takesPartInElections ? Math.min(core.electionDeadlineNs, core.voteRetryNs) : Infinity;
  }

  get role(): Role {
    return this.#core.role;
  }

  get term(): Term {
    return this.#core.term;
  }

  get votedFor(): NodeId | null {
    return this.#core.votedFor;
  }

  /** The leader of this term as far as this node knows. */
  get leaderId(): NodeId | null {
    return this.#core.leaderId;
  }

  get commitIndex(): LogIndex {
    return this.#core.commitIndex;
  }

  /** What the state machine said that it has applied. */
  get lastApplied(): LogIndex {
    return this.#core.lastApplied;
  }

  get lastIndex(): LogIndex {
    return this.#core.log.lastIndex;
  }

  /** The last entry that is durable here together with all before it. */
  get durableIndex(): LogIndex {
    return this.#core.durability.durableIndex;
  }

  /** The last snapshot that is durable here. */
  get snapshot(): SnapshotMark {
    return this.#core.snapshot;
  }

  /** Ends of the snapshots that are being sent to followers. */
  get snapshotsInTransfer(): readonly LogIndex[] {
    const followers = [...(this.#core.leadership?.followers.values() ?? [])];
    return followers.flatMap(({ transfer }) => (transfer === null ? [] : [transfer.lastIncludedIndex]));
  }

  get configuration(): Configuration {
    return this.#core.log.configuration;
  }

  entry(index: LogIndex): Entry | undefined {
    return this.#core.log.entry(index);
  }

  termAt(index: LogIndex): Term | undefined {
    return this.#core.log.termAt(index);
  }
}

function onWake(core: Core): void {
  stepDownWithoutQuorum(core);
  if (core.leadership !== null) beat(core, core.leadership);
  else if (!core.takesPartInElections) return;
  else if (core.nowNs >= core.electionDeadlineNs) onElectionTimeout(core);
  else if (core.nowNs >= core.voteRetryNs) askForVotes(core);
}

function onMessage(core: Core, from: NodeId, message: Message): void {
  stepDownWithoutQuorum(core);
  if (!core.rules.timerHeedsRefusal && isRequest(message)) core.restartElectionTimer();
  switch (message.kind) {
    case 'requestVote':
      return onRequestVote(core, from, message);
    case 'requestVoteReply':
      return onRequestVoteReply(core, from, message);
    case 'appendEntries':
      return onAppendEntries(core, from, message);
    case 'appendEntriesReply':
      return onAppendEntriesReply(core, from, message);
    case 'installSnapshot':
      return onInstallSnapshot(core, from, message);
    case 'installSnapshotReply':
      return onInstallSnapshotReply(core, from, message);
    case 'timeoutNow':
      return onTimeoutNow(core, message);
    default:
      return unreachable(message);
  }
}

function isRequest({ kind }: Message): boolean {
  return kind === 'requestVote' || kind === 'appendEntries';
}

function onDurable(core: Core, writeId: WriteId): void {
  core.durability.completed(writeId);
  onVotesDurable(core);
  if (core.leadership !== null) maybeCommit(core, core.leadership);
}
