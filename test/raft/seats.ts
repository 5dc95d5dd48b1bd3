/**
 * Consensus cores, each on a seat of its own with a disk and a state machine: what they want done is done or waits, as the test says. A
 * write is durable when the test says so (at once, unless the disk is `slow`); effects that wait for a write are held back as a driver
 * must, and die with a crash. Time stands still.
 */
import { assert } from '../../src/base/assert.ts';
import { decodeUtf8 } from '../../src/base/utf8.ts';
import { newCluster } from '../../src/raft/configuration.ts';
import { Raft } from '../../src/raft/raft.ts';
import { ALL_RULES } from '../../src/raft/rules.ts';
import type {
  Configuration,
  CoreOptions,
  CoreProbe,
  Effect,
  Entry,
  Input,
  Message,
  NodeId,
} from '../../src/raft/types.ts';
import { newLife, type Seat } from './seat.ts';
import { TableDisk, type Write } from './table-disk.ts';
import {
  ELECTION_MAX_MS,
  ELECTION_MIN_MS,
  entryOf,
  HEARTBEAT_MS,
  MS,
  type Answer,
  type Envelope,
  type TableOptions,
} from './table-options.ts';

export class Seats {
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
  /** Draws of an election timeout: one whenever an election begins, too. */
  protected elections = 0;

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
      this.elections++;
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

  #seat(id: NodeId): Seat {
    const seat = this.#seats.get(id);
    assert(seat !== undefined, `nobody is called ${id}`);
    return seat;
  }
}
