/**
 * The replica: consensus core, log, state machine and sessions as one synchronous class over the ports. Every entry point
 * is one turn: the core takes the input, its effects are done, what they lead to goes back in, and at the end everything that
 * was written is handed to the disk in one sync (group commit).
 *
 * An effect that promises state waits until the write that covers it is durable (Raft figure 2: "updated on stable storage
 * before responding to RPCs"). A crash discards what waits, because it is only in memory.
 */
import { assert } from '../base/assert.ts';
import { StalemateError } from '../base/errors.ts';
import { keyed } from '../base/random.ts';
import { NS_PER_MS, type Nanos } from '../base/time.ts';
import { type Command, encodeCommand } from '../kv/commands.ts';
import { type ApplyResult, KvMachine } from '../kv/machine.ts';
import { newCluster } from '../raft/configuration.ts';
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
import { Wal, type WalState } from '../wal/wal.ts';
import { decodeRequest, encodeResponse } from '../wire/client-codec.ts';
import type { Request, Response } from '../wire/client-protocol.ts';
import { decodeMessage, encodeMessage } from '../wire/raft-messages.ts';
import { type OpenRequest, OpenRequests } from './open-requests.ts';
import type { Clock, Disk, Network, Observer } from './ports.ts';

export interface ReplicaOptions {
  readonly clusterId: string;
  readonly id: NodeId;
  /** host:port of every member, this one included; the first configuration of a node that starts with `init`. */
  readonly members: Readonly<Record<NodeId, string>>;
  /** Whether an empty data folder may become a new node. Without it an empty folder is refused. */
  readonly init: boolean;
  readonly core: CoreOptions;
  readonly rules: Rules;
  /** Seeds election timeouts (keyed by node and term). */
  readonly seed: string;
}

export interface ReplicaStatus {
  readonly role: Role;
  readonly term: Term;
  readonly leader: NodeId | null;
  readonly commitIndex: LogIndex;
  readonly lastApplied: LogIndex;
  readonly lastIndex: LogIndex;
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

type Send = Extract<Effect, { kind: 'send' }>;

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
  readonly #kv = new KvMachine();
  readonly #requests = new OpenRequests();
  #wal: Wal | null = null;

  /** Inputs of the present turn; those that effects lead to are taken after the one at hand. */
  readonly #inputs: Input[] = [];
  #inTurn = false;
  /** Sends that wait for a write, oldest first. */
  #held: Send[] = [];
  #lastWrite: WriteId = 0;
  #syncedWrite: WriteId = 0;
  #durableWrite: WriteId = 0;
  #attestAtNs: Nanos = Infinity;
  #armedNs: Nanos = Infinity;

  constructor(options: ReplicaOptions, ports: Ports) {
    this.#options = options;
    this.#ports = ports;
    const draw = (term: Term, attempt = 0): number => keyed(options.seed, options.id, 'election', term, attempt).next();
    this.#raft = new Raft(options.core, options.rules, draw, firstConfiguration(options));
  }

  start(): void {
    assert(this.#wal === null, 'a replica starts once');
    const { wal, state } = this.#openLog();
    this.#wal = wal;
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
    this.#log.onDurable(token);
    if (token > this.#durableWrite) {
      this.#durableWrite = token;
      this.#releaseHeld();
      this.#turn({ kind: 'durableUpTo', writeId: token });
    } else this.#arm();
  }

  onWake(): void {
    this.#armedNs = Infinity;
    if (this.#ports.clock.nowNs() >= this.#attestAtNs && this.#log.isUnattested) this.#log.attest(this.#lastWrite);
    this.#turn({ kind: 'wake' });
  }

  status(): ReplicaStatus {
    const { role, term, leaderId, commitIndex, lastApplied, lastIndex } = this.#raft;
    const { attestedThrough } = this.#log;
    return { role, term, leader: leaderId, commitIndex, lastApplied, lastIndex, attestedThrough };
  }

  get #log(): Wal {
    assert(this.#wal !== null, 'start() comes first');
    return this.#wal;
  }

  /** An empty folder becomes a node only with `init`: one that lost its disk must not vote a second time under its old name. */
  #openLog(): { readonly wal: Wal; readonly state: WalState } {
    const { clusterId, id, init } = this.#options;
    const { disk } = this.#ports;
    const options = { disk, identity: { clusterId, id } };
    if (Wal.exists(disk)) return Wal.open(options);
    if (!init) {
      throw new StalemateError(
        'failed',
        `the data folder of node ${id} is empty`,
        'a new node starts with --init; one that lost its data comes back as a new member under a new id',
      );
    }
    const configuration = firstConfiguration(this.#options);
    const snapshot = { lastIncludedIndex: 0, lastIncludedTerm: 0, configuration };
    const state = { ...newCluster(configuration), snapshot };
    return { wal: Wal.create(options, state), state };
  }

  #toInput(connection: number, request: Request): Input {
    const { attempt } = request;
    if (request.kind === 'read' && request.mode !== 'log') {
      const requestId = this.#requests.open({ connection, attempt, readKey: request.key });
      return { kind: 'read', requestId, mode: request.mode };
    }
    const requestId = this.#requests.open({ connection, attempt, readKey: null });
    return { kind: 'command', requestId, data: encodeCommand(toCommand(request)) };
  }

  #turn(input: Input): void {
    this.#inputs.push(input);
    if (this.#inTurn) return;
    this.#inTurn = true;
    for (let next = this.#inputs.shift(); next !== undefined; next = this.#inputs.shift()) {
      const effects: Effect[] = [];
      this.#raft.step(next, this.#ports.clock.nowNs(), effects);
      for (const effect of effects) this.#perform(effect);
    }
    this.#inTurn = false;
    this.#sync();
    this.#arm();
  }

  #perform(effect: Effect): void {
    switch (effect.kind) {
      case 'hardState':
        this.#lastWrite = effect.writeId;
        return this.#log.hardState(effect.hardState);
      case 'append':
        this.#lastWrite = effect.writeId;
        return this.#log.append(effect.entries);
      case 'apply':
        return this.#apply(effect.entries);
      case 'send':
        if (effect.after > this.#durableWrite) this.#held.push(effect);
        else this.#send(effect);
        return;
      case 'accepted':
        return this.#requests.place(effect.requestId, effect);
      case 'readReady':
        return this.#answerRead(effect.requestId);
      case 'reply':
        return this.#refuse(effect);
      case 'probe':
        return this.#ports.observer.probe(effect.probe);
      case 'saveSnapshot':
      case 'installSnapshot':
      case 'compact':
        throw new Error(`${effect.kind}: snapshots are not built yet`);
    }
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

  #send(effect: Send): void {
    assert(
      effect.after <= this.#durableWrite,
      `a ${effect.message.kind} was sent before write ${effect.after} was durable`,
    );
    this.#ports.network.sendToPeer(effect.to, encodeMessage(effect.message));
  }

  #releaseHeld(): void {
    const held = this.#held;
    this.#held = held.filter((effect) => effect.after > this.#durableWrite);
    for (const effect of held) if (effect.after <= this.#durableWrite) this.#send(effect);
  }

  #sync(): void {
    if (this.#lastWrite === this.#syncedWrite) return;
    this.#syncedWrite = this.#lastWrite;
    this.#log.sync(this.#lastWrite);
  }

  /** Asks to be woken when the core or the log next wants to be; once for each change. */
  #arm(): void {
    const { clock } = this.#ports;
    if (!this.#log.isUnattested) this.#attestAtNs = Infinity;
    else if (this.#attestAtNs === Infinity) this.#attestAtNs = clock.nowNs() + IDLE_ATTEST_NS;
    const deadlineNs = Math.min(this.#raft.deadlineNs(), this.#attestAtNs);
    if (deadlineNs === this.#armedNs || deadlineNs === Infinity) return;
    this.#armedNs = deadlineNs;
    clock.wakeAt(deadlineNs);
  }
}

function firstConfiguration({ members }: ReplicaOptions): Configuration {
  return { voters: Object.keys(members).toSorted(), outgoing: [], learners: [], addresses: members };
}

function toCommand(request: Request): Command {
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
