/**
 * The replica: consensus core, log, state machine and sessions as one synchronous class over the ports. Every entry point
 * is one turn: the core takes the input, its effects are done, what they lead to goes back in, and at the end everything that
 * was written is handed to the disk in one sync (group commit).
 * Snapshots are written beside that, in slices.
 */
import { assert } from '../base/assert.ts';
import { keyed } from '../base/random.ts';
import { NS_PER_MS, type Nanos } from '../base/time.ts';
import { Raft } from '../raft/raft.ts';
import type { Rules } from '../raft/rules.ts';
import type {
  Configuration,
  CoreOptions,
  Effect,
  Entry,
  Input,
  LogIndex,
  Message,
  NodeId,
  ProposedCommand,
  Role,
  Term,
  WriteId,
} from '../raft/types.ts';
import type { Wal } from '../wal/wal.ts';
import { decodeMessage, encodeMessage } from '../wire/raft-messages.ts';
import { ClientRequests } from './client-requests.ts';
import { openFolder } from './data-folder.ts';
import { HeldSends } from './held-sends.ts';
import type { Clock, Disk, Network, Observer } from './ports.ts';
import { DEFAULT_POLICY, type SnapshotPolicy } from './snapshots.ts';
import { StateMachine } from './state-machine.ts';

export interface ReplicaOptions {
  readonly clusterId: string;
  readonly id: NodeId;
  /**
   * host:port of every member of a new cluster, this one included: the first configuration of a node that starts with `init`. Of a node
   * that joins a cluster: nobody; it learns from a leader who belongs to it.
   */
  readonly members: Readonly<Record<NodeId, string>>;
  /** Whether an empty data folder may become a new node. Without it an empty folder is refused. */
  readonly init: boolean;
  readonly core: CoreOptions;
  readonly rules: Rules;
  /** Seeds election timeouts (keyed by node and term). */
  readonly seed: string;
  /** When snapshots are taken and how; what is left out is as `DEFAULT_POLICY` says. */
  readonly snapshots?: Partial<SnapshotPolicy>;
  /** A segment of the log that has reached this size is followed by a new one. */
  readonly segmentBytes?: number;
  /** A hash of the state is told of, as a probe, after every so many entries; never where left out, for it walks the whole state. */
  readonly hashEveryEntries?: number;
}

export interface ReplicaStatus {
  readonly role: Role;
  readonly term: Term;
  readonly leader: NodeId | null;
  readonly commitIndex: LogIndex;
  readonly lastApplied: LogIndex;
  readonly lastIndex: LogIndex;
  /** The members in force, committed or not. */
  readonly configuration: Configuration;
  /** Bytes of the log below this offset are attested: bad ones there are damage. */
  readonly attestedThrough: number;
}

export interface Ports {
  readonly disk: Disk;
  readonly network: Network;
  readonly clock: Clock;
  readonly observer: Observer;
}

interface ReplicaContract {
  /** Recovers from disk and takes part. Throws StalemateError where the folder is refused (damage, foreign identity, empty without init). */
  start(): void;
  /** One payload (a frame's body) from a peer whose hello was checked by the host. A malformed one throws WireError; the host closes that connection. */
  onPeerMessage(from: NodeId, payload: Uint8Array): void;
  onClientRequest(connection: number, payload: Uint8Array): void;
  onClientClosed(connection: number): void;
  /** Everything up to and with this sync token is durable. */
  onDurable(token: number): void;
  /**
   * An fsync failed. Nobody knows which bytes are on the disk, and asking again would answer "fine" (Rebello et al., "Can applications
   * recover from fsync failures?", ATC 2020): so it throws the error, and the host lets the node end.
   */
  onSyncFailed(error: Error): void;
  onWake(): void;
  status(): ReplicaStatus;
}

/** What the node keeps on its disk, once it has started. */
interface Storage {
  readonly wal: Wal;
  readonly state: StateMachine;
}

/** A log that has gone idle attests what is durable after this time; core.md promises it within 10 ms. */
const IDLE_ATTEST_NS = 5 * NS_PER_MS;

/** M24: between two syncs at least. */
const LAZY_SYNC_NS = 1000 * NS_PER_MS;

/** Heartbeats are many: one in so long is told of. */
const HEARD_EVERY_NS = 100 * NS_PER_MS;

export class Replica implements ReplicaContract {
  readonly #options: ReplicaOptions;
  readonly #ports: Ports;
  readonly #policy: SnapshotPolicy;
  readonly #raft: Raft;
  readonly #requests: ClientRequests;
  readonly #held: HeldSends;
  #storage: Storage | null = null;

  /** Inputs of the present turn; those that effects lead to are taken after the one at hand. */
  readonly #inputs: Input[] = [];
  /** Commands that came with the present wake. */
  #gathered: ProposedCommand[] = [];
  #inTurn = false;
  #lastWrite: WriteId = 0;
  #syncedWrite: WriteId = 0;
  #attestAtNs: Nanos = Infinity;
  #lazyUntilNs: Nanos = 0;
  #armedNs: Nanos = Infinity;
  #heardToldNs: Nanos = -Infinity;
  /** The configuration whose members the network knows. */
  #connected: Configuration | null = null;

  constructor(options: ReplicaOptions, ports: Ports) {
    this.#options = options;
    this.#ports = ports;
    this.#policy = { ...DEFAULT_POLICY, ...options.snapshots };
    const draw = (term: Term, attempt = 0): number => keyed(options.seed, options.id, 'election', term, attempt).next();
    this.#held = new HeldSends(({ to, message }) => ports.network.sendToPeer(to, encodeMessage(message)));
    this.#raft = new Raft(options.core, options.rules, draw, firstConfiguration(options));
    this.#requests = new ClientRequests(options.id, ports, this.#raft, options.rules);
  }

  start(): void {
    assert(this.#storage === null, 'a replica starts once');
    const { clusterId, id, init, rules, segmentBytes, hashEveryEntries = Infinity } = this.#options;
    const { disk, observer } = this.#ports;
    const configuration = firstConfiguration(this.#options);
    const folder = openFolder({ clusterId, id, init, rules, segmentBytes, disk, configuration });
    const { wal, machine, files } = folder;
    this.#storage = {
      wal,
      state: new StateMachine({ machine, files, policy: this.#policy, rules, observer, hashEveryEntries }),
    };
    const { hardState, snapshot, entries } = folder.state;
    const last = entries.at(-1);
    observer.probe({
      kind: 'start',
      term: hardState.term,
      votedFor: hardState.votedFor,
      lastIndex: last?.index ?? snapshot.lastIncludedIndex,
      lastTerm: last?.term ?? snapshot.lastIncludedTerm,
      commitIndex: snapshot.lastIncludedIndex,
    });
    this.#turn({ kind: 'restored', hardState, snapshot, entries });
  }

  onPeerMessage(from: NodeId, payload: Uint8Array): void {
    this.#turn({ kind: 'message', from, message: decodeMessage(payload) });
  }

  /** Throws WireError on a malformed request; the host closes that connection. */
  onClientRequest(connection: number, payload: Uint8Array): void {
    const asked = this.#requests.receive(connection, payload);
    if (asked === undefined) return;
    if ('kind' in asked) return this.#turn(asked);
    this.#gathered.push(asked);
    if (this.#gathered.length === 1) this.#ports.clock.soon(() => this.#propose());
  }

  /** The commands that came with one wake are proposed together. */
  #propose(): void {
    const commands = this.#gathered;
    this.#gathered = [];
    this.#turn({ kind: 'commands', commands });
  }

  onClientClosed(connection: number): void {
    for (const cancel of this.#requests.dropConnection(connection)) this.#turn(cancel);
  }

  onDurable(token: number): void {
    this.#stored.wal.onDurable(token);
    if (this.#held.durableUpTo(token)) this.#turn({ kind: 'durableUpTo', writeId: token });
    else this.#arm();
  }

  onSyncFailed(error: Error): void {
    if (this.#options.rules.syncErrorIsFatal) throw error;
  }

  onWake(): void {
    this.#armedNs = Infinity;
    const { wal } = this.#stored;
    if (this.#ports.clock.nowNs() >= this.#attestAtNs && wal.isUnattested) wal.attest(this.#lastWrite);
    this.#workOnSnapshot();
    this.#turn({ kind: 'wake' });
  }

  status(): ReplicaStatus {
    const { role, term, leaderId, commitIndex, lastApplied, lastIndex, configuration } = this.#raft;
    const { attestedThrough } = this.#stored.wal;
    return { role, term, leader: leaderId, commitIndex, lastApplied, lastIndex, configuration, attestedThrough };
  }

  get #stored(): Storage {
    assert(this.#storage !== null, 'start() comes first');
    return this.#storage;
  }

  #turn(input: Input): void {
    this.#inputs.push(input);
    if (this.#inTurn) return;
    this.#inTurn = true;
    for (let next = this.#nextInput(); next !== undefined; next = this.#nextInput()) {
      const effects: Effect[] = [];
      this.#raft.step(next, this.#ports.clock.nowNs(), effects);
      for (const effect of effects) this.#perform(effect);
      if (next.kind === 'message') this.#tellHeard(next.from, next.message);
    }
    this.#inTurn = false;
    this.#connect();
    this.#sync();
    this.#arm();
  }

  /** A word of the leader is one of its term, which the core is in by now. */
  #tellHeard(from: NodeId, { kind, term }: Message): void {
    if (kind !== 'appendEntries' && kind !== 'installSnapshot') return;
    const nowNs = this.#ports.clock.nowNs();
    if (term !== this.#raft.term || this.#raft.role !== 'follower' || nowNs < this.#heardToldNs + HEARD_EVERY_NS)
      return;
    this.#heardToldNs = nowNs;
    this.#ports.observer.probe({ kind: 'heard', term, leader: from });
  }

  /** A snapshot is asked for when nothing else is to be told: then core and state machine are at the same entry. */
  #nextInput(): Input | undefined {
    const input = this.#inputs.shift();
    return input === undefined && this.#stored.state.takeSnapshotDue() ? { kind: 'snapshotDue' } : input;
  }

  #perform(effect: Effect): void {
    const { wal, state } = this.#stored;
    const { rules } = this.#options;
    switch (effect.kind) {
      case 'hardState':
        this.#lastWrite = effect.writeId;
        return wal.hardState(effect.hardState);
      case 'append':
        this.#lastWrite = effect.writeId;
        return wal.append(effect.entries);
      case 'apply':
        return this.#apply(effect.entries);
      case 'send':
        return this.#held.add(effect);
      case 'accepted':
        return this.#accepted(effect);
      case 'readReady':
        return this.#requests.readReady(effect, rules.readsCommittedOnly ? state.kv : this.#ahead().kv);
      case 'configurationChanged':
        return this.#requests.configurationChanged(effect, state.kv.lastApplied);
      case 'transferEnded':
        return this.#requests.transferEnded(effect, state.kv.lastApplied);
      case 'reply':
        return this.#requests.refuse(effect);
      case 'probe':
        return this.#ports.observer.probe(effect.probe);
      case 'saveSnapshot':
        assert(state.kv.lastApplied === this.#raft.lastApplied, 'core and state machine are at the same entry');
        return state.beginSnapshot(effect.snapshot, this.#ports.clock.nowNs());
      case 'compact':
        wal.compact(effect.snapshot);
        return state.removeOld(effect.snapshot.lastIncludedIndex, this.#raft.snapshotsInTransfer);
      case 'sendSnapshot':
        return this.#sendChunk(effect);
      case 'receiveSnapshot':
        return state.receive(effect);
      case 'installSnapshot':
        return this.#install(effect);
      case 'resetLog':
        wal.reset(effect.snapshot, effect.entries);
        return state.removeOld(effect.snapshot.lastIncludedIndex, this.#raft.snapshotsInTransfer);
    }
  }

  #accepted(effect: Extract<Effect, { kind: 'accepted' }>): void {
    this.#requests.accepted(effect);
    if (this.#options.rules.answerOnceCommitted) return;
    this.#requests.applied(this.#raft.entry(effect.index)!, this.#ahead(effect.index).result);
  }

  /** M38, M39: what the state would be if all that stands in the log, up to that entry, were committed. */
  #ahead(through: LogIndex = this.#raft.lastIndex): ReturnType<StateMachine['ahead']> {
    const { state } = this.#stored;
    const from = state.kv.lastApplied + 1;
    const count = through + 1 - from;
    return state.ahead(Array.from({ length: count }, (_, nth) => this.#raft.entry(from + nth)!));
  }

  #apply(entries: readonly Entry[]): void {
    const isDone = this.#options.rules.everyoneApplies || this.#raft.role === 'leader';
    const done = isDone ? entries : entries.map((entry): Entry => ({ ...entry, kind: 'noop' }));
    this.#stored.state.apply(done, (entry, result) => this.#requests.applied(entry, result));
    this.#inputs.push({ kind: 'applied', index: entries.at(-1)!.index });
  }

  #workOnSnapshot(): void {
    const { state } = this.#stored;
    const saved = state.work(this.#ports.clock.nowNs(), this.#raft.durableIndex);
    state.keepOnly(this.#raft.snapshotsInTransfer);
    if (saved === null) return;
    this.#turn({ kind: 'snapshotSaved', snapshot: saved.snapshot, keepEntries: this.#policy.keepEntries });
  }

  #sendChunk(effect: Extract<Effect, { kind: 'sendSnapshot' }>): void {
    const { to, term, lastIncludedIndex, lastIncludedTerm, offset } = effect;
    const chunk = this.#stored.state.chunk(effect);
    if (chunk === undefined) return;
    const place = { leaderId: this.#options.id, lastIncludedIndex, lastIncludedTerm, offset };
    this.#ports.network.sendToPeer(to, encodeMessage({ kind: 'installSnapshot', term, ...place, ...chunk }));
  }

  #install(place: Extract<Effect, { kind: 'installSnapshot' }>): void {
    const { wal, state } = this.#stored;
    const snapshot = state.install(place, () => wal.syncNow());
    if (snapshot !== null) this.#requests.forgetThrough(snapshot.lastIncludedIndex);
    this.#inputs.push({ kind: 'snapshotInstalled', snapshot });
  }

  /** A configuration is in force as soon as it stands in the log. */
  #connect(): void {
    const { configuration } = this.#raft;
    if (configuration === this.#connected) return;
    this.#connected = configuration;
    const { [this.#options.id]: _, ...peers } = configuration.addresses;
    this.#ports.network.setPeers(peers);
  }

  #sync(): void {
    if (this.#lastWrite === this.#syncedWrite) return;
    this.#syncedWrite = this.#lastWrite;
    if (this.#options.rules.durableOnceSynced) this.#stored.wal.sync(this.#lastWrite);
    else this.#syncLazily(this.#lastWrite);
  }

  /** M24: what is written counts as durable. */
  #syncLazily(writeId: WriteId): void {
    const { wal } = this.#stored;
    const nowNs = this.#ports.clock.nowNs();
    if (nowNs < this.#lazyUntilNs) wal.flush();
    else {
      this.#lazyUntilNs = nowNs + LAZY_SYNC_NS;
      wal.sync(writeId);
    }
    if (this.#held.durableUpTo(writeId)) this.#turn({ kind: 'durableUpTo', writeId });
  }

  /** Asks to be woken when the core or the log next wants to be; once for each change. */
  #arm(): void {
    const { clock } = this.#ports;
    const { wal, state } = this.#stored;
    if (!wal.isUnattested) this.#attestAtNs = Infinity;
    else if (this.#attestAtNs === Infinity) this.#attestAtNs = clock.nowNs() + IDLE_ATTEST_NS;
    const deadlineNs = Math.min(this.#raft.deadlineNs(), this.#attestAtNs, state.deadlineNs);
    if (deadlineNs === this.#armedNs || deadlineNs === Infinity) return;
    this.#armedNs = deadlineNs;
    clock.wakeAt(deadlineNs);
  }
}

function firstConfiguration({ members }: ReplicaOptions): Configuration {
  return { voters: Object.keys(members).toSorted(), outgoing: [], learners: [], addresses: members };
}
