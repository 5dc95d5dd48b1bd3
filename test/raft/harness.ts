/**
 * Several consensus cores on a table. Messages lie in a list until the test delivers, drops or doubles them; a write is durable
 * when the test says so (at once, unless the disk is `slow`); effects that wait for a write are held back as a driver must, and
 * die with a crash. Time stands still unless it is moved.
 */
import { assert } from '../../src/base/assert.ts';
import { decodeUtf8, encodeUtf8 } from '../../src/base/utf8.ts';
import { newCluster } from '../../src/raft/configuration.ts';
import { Raft } from '../../src/raft/raft.ts';
import { ALL_RULES, type Rules } from '../../src/raft/rules.ts';
import type {
  Configuration,
  CoreOptions,
  CoreProbe,
  Effect,
  Entry,
  Input,
  Membership,
  Message,
  NodeId,
  ReadMode,
  RequestId,
} from '../../src/raft/types.ts';
import { newLife, type Seat, type TableEvent } from './seat.ts';
import { TableDisk, type Write } from './table-disk.ts';

export const MS = 1_000_000;
export const ELECTION_MIN_MS = 150;
export const ELECTION_MAX_MS = 300;
export const HEARTBEAT_MS = 50;

/** A message on its way. */
interface Posted<M extends Message> {
  readonly from: NodeId;
  readonly to: NodeId;
  readonly message: M;
}
type Kind = Message['kind'];
/** A message of one kind on its way, by default of any. */
export type Envelope<K extends Kind = Kind> = Posted<Extract<Message, { kind: K }>>;

/** What a client was told: `accepted`, `ready`, or why not. */
export interface Answer {
  readonly node: NodeId;
  readonly requestId: RequestId;
  readonly said: string;
  readonly leader?: NodeId | null;
}

export interface TableOptions {
  /** `n1` … by number, or the names themselves. */
  readonly nodes?: number | readonly NodeId[];
  readonly rules?: Partial<Rules>;
  readonly core?: Partial<CoreOptions>;
  /** Terms of the entries in each log at the start, from index 1 on; the default is a new cluster. */
  readonly logs?: Readonly<Record<NodeId, readonly number[]>>;
  /** Everyone's currentTerm at the start, where `logs` are given. */
  readonly term?: number;
  readonly configuration?: Configuration;
  readonly draw?: (node: NodeId, term: number, attempt: number) => number;
  /** Bytes of a snapshot in one message. */
  readonly chunkBytes?: number;
  /** Told of everything that happens, in order. */
  readonly trace?: (node: NodeId, event: TableEvent) => void;
}

export class Table {
  readonly ids: readonly NodeId[];
  nowMs = 1000;
  /** In the order in which they were sent. */
  messages: Envelope[] = [];
  readonly answers: Answer[] = [];
  readonly probes: { readonly node: NodeId; readonly probe: CoreProbe }[] = [];
  /** Nodes whose writes wait for `fsync`, and whose state machine waits for `apply`. */
  readonly slowDisks: Set<NodeId> = new Set();
  readonly slowMachines: Set<NodeId> = new Set();
  /** Nodes that nothing reaches and that reach nobody. */
  readonly cutOff: Set<NodeId> = new Set();
  readonly #seats = new Map<NodeId, Seat>();
  readonly #options: TableOptions;
  readonly #configuration: Configuration;
  #lastRequest = 0;
  /** Draws of an election timeout: one whenever an election begins, too. */
  #elections = 0;

  constructor(options: TableOptions = {}) {
    const { nodes = 3, logs, term } = options;
    this.#options = options;
    this.ids = typeof nodes === 'number' ? Array.from({ length: nodes }, (_, k) => `n${k + 1}`) : nodes;
    this.#configuration = options.configuration ?? { voters: this.ids, outgoing: [], learners: [], addresses: {} };
    for (const id of this.ids) {
      const { hardState, entries } = newCluster(this.#configuration);
      const mark = { lastIncludedIndex: 0, lastIncludedTerm: 0, chain: 0, configuration: this.#configuration };
      const disk = new TableDisk(
        logs ? { term: term ?? logs[id]!.at(-1) ?? 0, votedFor: null } : hardState,
        logs ? logs[id]!.map((entryTerm, k) => entryOf(k + 1, entryTerm)) : entries,
        mark,
      );
      this.#seats.set(id, { disk, ...newLife(this.#newCore(id)) });
      this.#begin(id);
    }
  }

  raft(id: NodeId): Raft {
    return this.#seat(id).raft;
  }

  isRunning(id: NodeId): boolean {
    return this.#seat(id).running;
  }

  /** Terms of the entries in a log, from the first one that is left on: figure 7's notation. */
  terms(id: NodeId): number[] {
    return this.log(id).map(({ term }) => term);
  }

  log(id: NodeId): Entry[] {
    const { raft } = this.#seat(id);
    return Array.from({ length: raft.lastIndex }, (_, k) => raft.entry(k + 1)).filter((it) => it !== undefined);
  }

  /** What the state machine was given in this life. */
  applied(id: NodeId): readonly Entry[] {
    return this.#seat(id).applied;
  }

  /** Commands applied in this life, as text. */
  commands(id: NodeId): string[] {
    return this.applied(id).flatMap(({ kind, data }) => (kind === 'command' ? [decodeUtf8(data)] : []));
  }

  hasUnsynced(id: NodeId): boolean {
    return this.#seat(id).unsynced.length > 0;
  }

  step(id: NodeId, input: Input): void {
    const seat = this.#seat(id);
    if (!seat.running) return;
    const out: Effect[] = [];
    seat.raft.step(input, this.nowMs * MS, out);
    for (const effect of out) this.#carryOut(id, seat, effect);
    for (let next = seat.inputs.shift(); next !== undefined; next = seat.inputs.shift()) this.step(id, next);
    if (!this.slowDisks.has(id)) this.fsync(id);
    if (!this.slowMachines.has(id)) this.apply(id);
  }

  #carryOut(id: NodeId, seat: Seat, effect: Effect): void {
    const { disk } = seat;
    if (effect.kind !== 'send') this.#options.trace?.(id, effect);
    switch (effect.kind) {
      case 'hardState':
      case 'append':
        seat.unsynced.push(effect);
        return;
      case 'apply':
        seat.unapplied.push(...effect.entries);
        return;
      case 'send':
        if (effect.after <= seat.durableWrite) return this.#post(id, effect);
        seat.held.push(effect);
        this.#options.trace?.(id, { ...effect, kind: 'held' });
        return;
      case 'accepted':
        this.answers.push({ node: id, requestId: effect.requestId, said: 'accepted' });
        return;
      case 'readReady':
        this.answers.push({ node: id, requestId: effect.requestId, said: 'ready' });
        return;
      case 'configurationChanged':
        this.answers.push({ node: id, requestId: effect.requestId, said: 'changed' });
        return;
      case 'reply':
        this.answers.push({ node: id, requestId: effect.requestId, said: effect.refusal, leader: effect.leader });
        return;
      case 'transferEnded':
        this.answers.push({ node: id, requestId: effect.requestId, said: effect.outcome });
        return;
      case 'probe':
        this.probes.push({ node: id, probe: effect.probe });
        return;
      case 'saveSnapshot':
        seat.saving = effect.snapshot;
        return;
      case 'compact':
        return disk.compact(effect.snapshot);
      case 'sendSnapshot':
        return this.#sendChunk(id, seat, effect);
      case 'receiveSnapshot':
        return disk.receive(effect.offset, effect.data);
      case 'installSnapshot':
        return this.#install(id, seat);
      case 'resetLog':
        disk.entries = effect.entries;
    }
  }

  #post(from: NodeId, { to, message }: { readonly to: NodeId; readonly message: Message }): void {
    this.#options.trace?.(from, { kind: 'sent', to, message });
    // Through bytes in the real world: nothing is shared between two nodes.
    this.messages.push({ from, to, message: structuredClone(message) });
  }

  #sendChunk(id: NodeId, { disk }: Seat, effect: Extract<Effect, { kind: 'sendSnapshot' }>): void {
    const { to, term, lastIncludedIndex, lastIncludedTerm, offset } = effect;
    const chunk = disk.chunk(lastIncludedIndex, offset, this.#options.chunkBytes ?? 1024);
    const message = {
      kind: 'installSnapshot',
      term,
      leaderId: id,
      lastIncludedIndex,
      lastIncludedTerm,
      offset,
    } as const;
    this.#post(id, { to, message: { ...message, ...chunk } });
  }

  /** As the replica does: what was written before is durable by then, and nothing waits for its turn at the state machine. */
  #install(id: NodeId, seat: Seat): void {
    this.#persist(id, seat, seat.unsynced.splice(0));
    const { mark, applied } = seat.disk.publishReceived();
    seat.applied = [...applied];
    seat.unapplied = [];
    seat.saving = null;
    seat.inputs.push({ kind: 'snapshotInstalled', snapshot: mark });
  }

  /** Takes a snapshot of what was applied. It is durable at once; a slow disk has to be told by `saved`. */
  snapshot(id: NodeId, keepEntries: number = 0): void {
    this.step(id, { kind: 'snapshotDue' });
    if (!this.slowDisks.has(id)) this.saved(id, keepEntries);
  }

  /** The snapshot that is being written is durable. */
  saved(id: NodeId, keepEntries: number = 0): void {
    const { saving: mark, disk, applied } = this.#seat(id);
    if (mark === null) return;
    this.#seat(id).saving = null;
    disk.save({ mark, applied: applied.filter(({ index }) => index <= mark.lastIncludedIndex) });
    this.step(id, { kind: 'snapshotSaved', snapshot: mark, keepEntries });
  }

  /** Makes the oldest `count` writes durable (all of them by default) and says so. */
  fsync(id: NodeId, count: number = Infinity): void {
    const seat = this.#seat(id);
    this.#persist(id, seat, seat.unsynced.splice(0, count));
    for (let next = seat.inputs.shift(); next !== undefined; next = seat.inputs.shift()) this.step(id, next);
  }

  #persist(id: NodeId, seat: Seat, done: readonly Write[]): void {
    const writeId = done.at(-1)?.writeId;
    if (writeId === undefined) return;
    for (const write of done) seat.disk.persist(write);
    this.#options.trace?.(id, { kind: 'durable', writeId });
    seat.durableWrite = writeId;
    const released = seat.held.filter(({ after }) => after <= writeId);
    seat.held = seat.held.filter(({ after }) => after > writeId);
    for (const effect of released) this.#post(id, effect);
    seat.inputs.push({ kind: 'durableUpTo', writeId });
  }

  /** The state machine takes what it was given. */
  apply(id: NodeId): void {
    const seat = this.#seat(id);
    const last = seat.unapplied.at(-1);
    if (last === undefined) return;
    seat.applied.push(...seat.unapplied.splice(0));
    this.step(id, { kind: 'applied', index: last.index });
  }

  /** Power fails: unsynced writes are lost but for the oldest `surviving`, held effects are lost. */
  crash(id: NodeId, surviving: number = 0): void {
    const seat = this.#seat(id);
    for (const write of seat.unsynced.slice(0, surviving)) seat.disk.persist(write);
    seat.disk.crash();
    Object.assign(seat, newLife(seat.raft), { running: false });
  }

  restart(id: NodeId): void {
    Object.assign(this.#seat(id), newLife(this.#newCore(id)));
    this.#begin(id);
  }

  #newCore(id: NodeId): Raft {
    const {
      rules,
      core,
      draw = (node, term, attempt) => ((this.ids.indexOf(node) * 3 + term + attempt) % 10) / 10,
    } = this.#options;
    const options: CoreOptions = {
      id,
      electionTimeoutMinNs: ELECTION_MIN_MS * MS,
      electionTimeoutMaxNs: ELECTION_MAX_MS * MS,
      heartbeatNs: HEARTBEAT_MS * MS,
      preVote: false,
      checkQuorum: false,
      maxEntriesPerMessage: 100,
      maxInFlight: 4,
      ...core,
    };
    const drawn = (term: number, attempt: number): number => {
      this.#elections++;
      return draw(id, term, attempt);
    };
    return new Raft(options, { ...ALL_RULES, ...rules }, drawn, this.#configuration);
  }

  #begin(id: NodeId): void {
    const seat = this.#seat(id);
    const { hardState, entries, snapshot } = seat.disk;
    seat.applied = [...snapshot.applied];
    this.step(id, { kind: 'restored', hardState, snapshot: snapshot.mark, entries: [...entries] });
  }

  /** Lets `ms` pass, waking nobody. */
  pass(ms: number): void {
    this.nowMs += ms;
  }

  /** Lets time pass until this node wants to be woken, and wakes it and nobody else. */
  wake(id: NodeId): void {
    const deadlineMs = this.raft(id).deadlineNs() / MS;
    assert(Number.isFinite(deadlineMs), `${id} waits for nothing`);
    this.nowMs = Math.max(this.nowMs, deadlineMs);
    this.step(id, { kind: 'wake' });
  }

  /** Lets this node's election timeout elapse; a candidate repeats its requests in the meantime. */
  timeOut(id: NodeId): void {
    assert(this.raft(id).role !== 'leader', `${id} leads and has no election timeout`);
    const before = this.#elections;
    while (this.#elections === before) this.wake(id);
  }

  /** Delivers one message, from the list or made up. */
  deliver({ from, to, message }: Envelope): void {
    if (this.cutOff.has(from) || this.cutOff.has(to)) return;
    this.step(to, { kind: 'message', from, message: structuredClone(message) });
  }

  /** Delivers what is under way and what comes of it, oldest first, until the table is empty. */
  settle(): void {
    for (let n = 0; this.messages.length > 0; n++) {
      assert(n < 10_000, 'the cores talk without end');
      this.deliver(this.messages.shift()!);
    }
  }

  /** Takes messages off the table: to deliver them later, twice, or never. */
  take(matches: (envelope: Envelope) => boolean = () => true): Envelope[] {
    const taken = this.messages.filter(matches);
    this.messages = this.messages.filter((envelope) => !matches(envelope));
    return taken;
  }

  /** Messages of one kind under way, optionally to or from one node. */
  sent<K extends Kind>(kind: K, by: { from?: NodeId; to?: NodeId } = {}): Envelope<K>[] {
    const { from, to } = by;
    return this.messages.filter(
      (it) => it.message.kind === kind && (from ?? it.from) === it.from && (to ?? it.to) === it.to,
    ) as Envelope<K>[];
  }

  /** Hands a made-up message to a node and returns its answer. */
  ask<K extends Kind>(envelope: Envelope, kind: K): Envelope<K>['message'] {
    this.messages = [];
    this.deliver(envelope);
    const reply = this.sent(kind, { from: envelope.to })[0];
    assert(reply !== undefined, `${envelope.to} did not answer with ${kind}`);
    this.messages = [];
    return reply.message;
  }

  /** Makes this node the leader, everyone reachable taking part. */
  elect(id: NodeId): void {
    this.timeOut(id);
    this.settle();
    assert(this.raft(id).role === 'leader', `${id} was not elected`);
  }

  command(id: NodeId, text: string): RequestId {
    return this.commandTogether(id, [text])[0]!;
  }

  /** Commands that came with one wake. */
  commandTogether(id: NodeId, texts: readonly string[]): RequestId[] {
    const commands = texts.map((text) => ({ requestId: ++this.#lastRequest, data: encodeUtf8(text) }));
    this.step(id, { kind: 'commands', commands });
    return commands.map(({ requestId }) => requestId);
  }

  transfer(id: NodeId, target: NodeId): RequestId {
    const requestId = ++this.#lastRequest;
    this.step(id, { kind: 'transferLeadership', requestId, target });
    return requestId;
  }

  read(id: NodeId, mode: Exclude<ReadMode, 'log'>): RequestId {
    const requestId = ++this.#lastRequest;
    this.step(id, { kind: 'read', requestId, mode });
    return requestId;
  }

  /** Asks for other members. */
  change(id: NodeId, wanted: Membership): RequestId {
    const requestId = ++this.#lastRequest;
    this.step(id, { kind: 'changeConfiguration', requestId, wanted });
    return requestId;
  }

  /** Asks for these voters and learners; their addresses follow from their names. */
  changeTo(id: NodeId, voters: readonly NodeId[], learners: readonly NodeId[] = []): RequestId {
    const addresses = Object.fromEntries([...voters, ...learners].map((name) => [name, `${name}:1`]));
    return this.change(id, { voters, learners, addresses });
  }

  /** Everything that was said about a request, in order. */
  said(requestId: RequestId): string[] {
    return this.answers.filter((answer) => answer.requestId === requestId).map(({ said }) => said);
  }

  #seat(id: NodeId): Seat {
    const seat = this.#seats.get(id);
    assert(seat !== undefined, `nobody is called ${id}`);
    return seat;
  }
}

/** An entry whose data names its place, so that no two entries of different (index, term) are equal. */
export function entryOf(index: number, term: number): Entry {
  return { index, term, kind: 'command', data: encodeUtf8(`${index}@${term}`) };
}
