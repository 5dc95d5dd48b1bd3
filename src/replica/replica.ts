/**
 * The replica: consensus core, log, state machine and sessions as one synchronous class over the ports. Every entry point
 * is one turn: the core takes the input, its effects are done, what they lead to goes back in, and at the end everything that
 * was written is handed to the disk in one sync (group commit).
 * Snapshots are written beside that, in slices.
 */
import { assert } from '../base/assert.ts';
import { keyed } from '../base/random.ts';
import { NS_PER_MS, type Nanos } from '../base/time.ts';
import { type Command, encodeCommand } from '../kv/commands.ts';
import { type ApplyResult, KvMachine } from '../kv/machine.ts';
import { encodeState } from '../kv/snapshot.ts';
import { Raft } from '../raft/raft.ts';
import type { Rules } from '../raft/rules.ts';
import type {
  Configuration,
  CoreOptions,
  Effect,
  Entry,
  Input,
  LogIndex,
  NodeId,
  RequestId,
  Role,
  Term,
  WriteId,
} from '../raft/types.ts';
import type { FoundSnapshot, SnapshotFiles } from '../wal/snapshot-files.ts';
import type { Wal } from '../wal/wal.ts';
import { WireError } from '../wire/bytes.ts';
import { decodeRequest, encodeResponse } from '../wire/client-codec.ts';
import type { Request, Response } from '../wire/client-protocol.ts';
import { decodeMessage, encodeMessage } from '../wire/raft-messages.ts';
import { machineOf, openFolder } from './data-folder.ts';
import { HeldSends } from './held-sends.ts';
import { type OpenRequest, OpenRequests } from './open-requests.ts';
import type { Clock, Disk, Network, Observer } from './ports.ts';
import { DEFAULT_POLICY, type SnapshotPolicy, Snapshots } from './snapshots.ts';

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
  onWake(): void;
  status(): ReplicaStatus;
}

/** What the node keeps on its disk, once it has started. */
interface Storage {
  readonly wal: Wal;
  readonly files: SnapshotFiles;
  readonly snapshots: Snapshots;
}

/** A log that has gone idle attests what is durable after this time; core.md promises it within 10 ms. */
const IDLE_ATTEST_NS = 5 * NS_PER_MS;
/**
 * The largest command. One that no frame to a follower could carry would stand at the end of the leader's log for ever, and
 * nothing behind it would commit; measured as it stands in the log, since a request may say the same in fewer bytes.
 */
const MAX_COMMAND_BYTES = 1024 * 1024;

export class Replica implements ReplicaContract {
  readonly #options: ReplicaOptions;
  readonly #ports: Ports;
  readonly #raft: Raft;
  readonly #requests = new OpenRequests();
  readonly #held: HeldSends;
  #kv = new KvMachine();
  #storage: Storage | null = null;

  /** Inputs of the present turn; those that effects lead to are taken after the one at hand. */
  readonly #inputs: Input[] = [];
  #inTurn = false;
  #lastWrite: WriteId = 0;
  #syncedWrite: WriteId = 0;
  #attestAtNs: Nanos = Infinity;
  #armedNs: Nanos = Infinity;
  /** The configuration whose members the network knows. */
  #connected: Configuration | null = null;

  constructor(options: ReplicaOptions, ports: Ports) {
    this.#options = options;
    this.#ports = ports;
    const draw = (term: Term, attempt = 0): number => keyed(options.seed, options.id, 'election', term, attempt).next();
    this.#held = new HeldSends(({ to, message }) => ports.network.sendToPeer(to, encodeMessage(message)));
    this.#raft = new Raft(options.core, options.rules, draw, firstConfiguration(options));
  }

  start(): void {
    assert(this.#storage === null, 'a replica starts once');
    const { clusterId, id, init, rules, segmentBytes, snapshots: policy } = this.#options;
    const { disk } = this.#ports;
    const configuration = firstConfiguration(this.#options);
    const { wal, state, machine, files } = openFolder({
      clusterId,
      id,
      init,
      rules,
      segmentBytes,
      disk,
      configuration,
    });
    this.#kv = machine;
    this.#storage = { wal, files, snapshots: new Snapshots(files, { ...DEFAULT_POLICY, ...policy }) };
    const { hardState, snapshot, entries } = state;
    const last = entries.at(-1);
    this.#ports.observer.probe({
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
    const input = this.#toInput(connection, decodeRequest(payload));
    if (input.kind === 'command' && input.data.length > MAX_COMMAND_BYTES) this.#refuseTooLarge(input.requestId);
    else this.#turn(input);
  }

  onClientClosed(connection: number): void {
    for (const requestId of this.#requests.dropConnection(connection)) this.#turn({ kind: 'cancel', requestId });
  }

  onDurable(token: number): void {
    this.#stored.wal.onDurable(token);
    if (this.#held.durableUpTo(token)) this.#turn({ kind: 'durableUpTo', writeId: token });
    else this.#arm();
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

  #toInput(connection: number, request: Request): Input {
    const { attempt } = request;
    if (request.kind === 'read' && request.mode !== 'log') {
      const requestId = this.#requests.open({ connection, attempt, readKey: request.key });
      return { kind: 'read', requestId, mode: request.mode };
    }
    const requestId = this.#requests.open({ connection, attempt, readKey: null });
    if (request.kind === 'changeMembers') {
      const { voters, learners, addresses } = request;
      return { kind: 'changeConfiguration', requestId, wanted: { voters, learners, addresses } };
    }
    return { kind: 'command', requestId, data: encodeCommand(toCommand(request)) };
  }

  #turn(input: Input): void {
    this.#inputs.push(input);
    if (this.#inTurn) return;
    this.#inTurn = true;
    for (let next = this.#nextInput(); next !== undefined; next = this.#nextInput()) {
      const effects: Effect[] = [];
      this.#raft.step(next, this.#ports.clock.nowNs(), effects);
      for (const effect of effects) this.#perform(effect);
    }
    this.#inTurn = false;
    this.#connect();
    this.#sync();
    this.#arm();
  }

  /** A snapshot is asked for when nothing else is to be told: then core and state machine are at the same entry. */
  #nextInput(): Input | undefined {
    const input = this.#inputs.shift();
    return input === undefined && this.#stored.snapshots.takeDue() ? { kind: 'snapshotDue' } : input;
  }

  #perform(effect: Effect): void {
    const { wal, files } = this.#stored;
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
        return this.#requests.place(effect.requestId, effect);
      case 'readReady':
        return this.#answerRead(effect.requestId);
      case 'configurationChanged':
        return this.#answerChange(effect.requestId);
      case 'reply':
        return this.#refuse(effect);
      case 'probe':
        return this.#ports.observer.probe(effect.probe);
      case 'saveSnapshot':
        return this.#beginSnapshot(effect);
      case 'compact':
        wal.compact(effect.snapshot);
        return this.#removeOldSnapshots(effect.snapshot.lastIncludedIndex);
      case 'sendSnapshot':
        return this.#sendChunk(effect);
      case 'receiveSnapshot':
        return files.receive(effect.offset, effect.data);
      case 'installSnapshot':
        return this.#install(effect);
      case 'resetLog':
        wal.reset(effect.snapshot, effect.entries);
        return this.#removeOldSnapshots(effect.snapshot.lastIncludedIndex);
    }
  }

  #beginSnapshot({ snapshot }: Extract<Effect, { kind: 'saveSnapshot' }>): void {
    assert(this.#kv.lastApplied === this.#raft.lastApplied, 'core and state machine are at the same entry');
    const { rules, snapshots: policy } = this.#options;
    const pieceBytes = policy?.sliceBytes ?? DEFAULT_POLICY.sliceBytes;
    const slices = encodeState(this.#kv.state(), { rules, pieceBytes });
    this.#stored.snapshots.begin(snapshot, slices, this.#ports.clock.nowNs());
  }

  #workOnSnapshot(): void {
    const { snapshots } = this.#stored;
    const saved = snapshots.work(this.#ports.clock.nowNs(), this.#raft.durableIndex);
    snapshots.keepOnly(this.#raft.snapshotsInTransfer);
    if (saved === null) return;
    this.#probeSnapshot(saved, false);
    const keepEntries = this.#options.snapshots?.keepEntries ?? DEFAULT_POLICY.keepEntries;
    this.#turn({ kind: 'snapshotSaved', snapshot: saved.snapshot, keepEntries });
  }

  #sendChunk(effect: Extract<Effect, { kind: 'sendSnapshot' }>): void {
    const { to, term, lastIncludedIndex, lastIncludedTerm, offset } = effect;
    const chunk = this.#stored.snapshots.chunk(effect);
    if (chunk === undefined) return;
    const place = { leaderId: this.#options.id, lastIncludedIndex, lastIncludedTerm, offset };
    this.#ports.network.sendToPeer(to, encodeMessage({ kind: 'installSnapshot', term, ...place, ...chunk }));
  }

  /** State, sessions and configuration as one. What the log has promised so far is durable first: a snapshot may be of a later term. */
  #install(place: Extract<Effect, { kind: 'installSnapshot' }>): void {
    const found = this.#stored.files.received(place);
    const machine = found && readMachine(found);
    if (found !== undefined && machine !== undefined) this.#become(machine, found);
    this.#inputs.push({ kind: 'snapshotInstalled', snapshot: machine === undefined ? null : found!.snapshot });
  }

  #become(machine: KvMachine, found: FoundSnapshot): void {
    const { wal, files, snapshots } = this.#stored;
    wal.syncNow();
    files.publishReceived(found.snapshot);
    snapshots.abandon();
    this.#kv = machine;
    this.#requests.forgetThrough(found.snapshot.lastIncludedIndex);
    this.#probeSnapshot(found, true);
  }

  #probeSnapshot({ snapshot, hash }: Pick<FoundSnapshot, 'snapshot' | 'hash'>, installed: boolean): void {
    const { lastIncludedIndex: index, lastIncludedTerm: entryTerm, chain } = snapshot;
    this.#ports.observer.probe({ kind: 'snapshot', index, entryTerm, chain, hash, installed });
  }

  #removeOldSnapshots(newest: LogIndex): void {
    this.#stored.files.removeAllBut(new Set([newest, ...this.#raft.snapshotsInTransfer]));
  }

  #apply(entries: readonly Entry[]): void {
    for (const entry of entries) {
      const result = this.#kv.apply(entry);
      if (result.kind === 'output' && result.changed !== null) {
        this.#ports.observer.probe({ kind: 'apply', index: entry.index, ...result.changed });
      }
      const request = this.#requests.takeAt(entry);
      if (request !== undefined) this.#respond(request, this.#toResponse(request, result));
    }
    this.#stored.snapshots.applied(entries);
    this.#inputs.push({ kind: 'applied', index: entries.at(-1)!.index });
  }

  #toResponse(request: OpenRequest, result: ApplyResult): Response {
    const { attempt } = request;
    const node = this.#options.id;
    switch (result.kind) {
      case 'sessionOpened':
        return { kind: 'sessionOpened', attempt, session: result.session };
      case 'output':
        return this.#result(request, result.output);
      case 'sessionClosed':
      case 'nothing':
        return this.#result(request, null);
      case 'session-expired':
        return { kind: 'refused', attempt, reason: 'session-expired', leader: this.#raft.leaderId, node };
      case 'superseded':
        return { kind: 'unknown', attempt, reason: 'superseded', leader: this.#raft.leaderId, node };
    }
  }

  #result({ attempt }: OpenRequest, output: Extract<Response, { kind: 'result' }>['output']): Response {
    const { term } = this.#raft;
    return { kind: 'result', attempt, output, node: this.#options.id, term, applied: this.#kv.lastApplied };
  }

  #answerRead(requestId: RequestId): void {
    const request = this.#requests.take(requestId);
    if (request === undefined) return;
    assert(request.readKey !== null, 'only a read is answered outside the log');
    this.#respond(request, this.#result(request, this.#kv.read(request.readKey)));
  }

  #answerChange(requestId: RequestId): void {
    const request = this.#requests.take(requestId);
    if (request !== undefined) this.#respond(request, this.#result(request, null));
  }

  #refuse({ requestId, refusal, leader }: Extract<Effect, { kind: 'reply' }>): void {
    const request = this.#requests.take(requestId);
    if (request === undefined) return;
    const { attempt } = request;
    const node = this.#options.id;
    const response: Response =
      refusal === 'lost-leadership'
        ? { kind: 'unknown', attempt, reason: refusal, leader, node }
        : { kind: 'refused', attempt, reason: refusal, leader, node };
    this.#respond(request, response);
  }

  #refuseTooLarge(requestId: RequestId): void {
    const request = this.#requests.take(requestId)!;
    const { attempt } = request;
    const leader = this.#raft.leaderId;
    this.#respond(request, { kind: 'refused', attempt, reason: 'malformed', leader, node: this.#options.id });
  }

  #respond({ connection }: OpenRequest, response: Response): void {
    this.#ports.network.sendToClient(connection, encodeResponse(response));
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
    this.#stored.wal.sync(this.#lastWrite);
  }

  /** Asks to be woken when the core or the log next wants to be; once for each change. */
  #arm(): void {
    const { clock } = this.#ports;
    const { wal, snapshots } = this.#stored;
    if (!wal.isUnattested) this.#attestAtNs = Infinity;
    else if (this.#attestAtNs === Infinity) this.#attestAtNs = clock.nowNs() + IDLE_ATTEST_NS;
    const deadlineNs = Math.min(this.#raft.deadlineNs(), this.#attestAtNs, snapshots.deadlineNs);
    if (deadlineNs === this.#armedNs || deadlineNs === Infinity) return;
    this.#armedNs = deadlineNs;
    clock.wakeAt(deadlineNs);
  }
}

function firstConfiguration({ members }: ReplicaOptions): Configuration {
  return { voters: Object.keys(members).toSorted(), outgoing: [], learners: [], addresses: members };
}

/** Undefined where the bytes came whole and still are no state machine of this version. */
function readMachine(found: FoundSnapshot): KvMachine | undefined {
  try {
    return machineOf(found);
  } catch (error) {
    if (error instanceof WireError) return undefined;
    throw error;
  }
}

function toCommand(request: Exclude<Request, { kind: 'changeMembers' }>): Command {
  switch (request.kind) {
    case 'openSession':
      return { kind: 'openSession' };
    case 'closeSession':
      return { kind: 'closeSession', session: request.session };
    case 'command':
      return {
        kind: 'command',
        session: request.session,
        sequence: request.sequence,
        operation: request.operation,
      };
    case 'read':
      return { kind: 'read', key: request.key };
  }
}
