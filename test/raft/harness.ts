/**
 * Several consensus cores at a table (`seats.ts`). Messages lie in a list until the test delivers, drops or doubles them, time is moved by
 * hand, and requests are made as clients would.
 */
import { assert } from '../../src/base/assert.ts';
import { encodeUtf8 } from '../../src/base/utf8.ts';
import type { Membership, NodeId, ReadMode, RequestId } from '../../src/raft/types.ts';
import { Seats } from './seats.ts';
import { MS, type Envelope } from './table-options.ts';

export { ELECTION_MAX_MS, ELECTION_MIN_MS, entryOf, HEARTBEAT_MS, MS } from './table-options.ts';
export type { Envelope, TableOptions } from './table-options.ts';

type Kind = Envelope['message']['kind'];

export class Table extends Seats {
  #lastRequest = 0;

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
    const before = this.elections;
    while (this.elections === before) this.wake(id);
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
}
