/**
 * What clients ask and what they are told. A request becomes an input of the core and stays open until its entry is applied, its
 * read is ready, or the core refuses it.
 */
import { assert } from '../base/assert.ts';
import { type Command, encodeCommand } from '../kv/commands.ts';
import type { ApplyResult, KvMachine } from '../kv/machine.ts';
import type { Rules } from '../raft/rules.ts';
import type { Effect, Entry, Input, LogIndex, NodeId, ProposedCommand, Term } from '../raft/types.ts';
import { decodeRequest, encodeResponse } from '../wire/client-codec.ts';
import type { Request, Response } from '../wire/client-protocol.ts';
import { type OpenRequest, OpenRequests } from './open-requests.ts';
import type { Network, Observer } from './ports.ts';

/** What every answer tells of the node that gives it. */
export interface Standing {
  readonly leaderId: NodeId | null;
  readonly term: Term;
}

/**
 * The largest command. One that no frame to a follower could carry would stand at the end of the leader's log for ever, and
 * nothing behind it would commit; measured as it stands in the log, since a request may say the same in fewer bytes.
 */
const MAX_COMMAND_BYTES = 1024 * 1024;

export class ClientRequests {
  readonly #node: NodeId;
  readonly #network: Network;
  readonly #observer: Observer;
  readonly #standing: Standing;
  readonly #rules: Pick<Rules, 'readsAsAsked'>;
  readonly #requests = new OpenRequests();

  /** @param standing read whenever an answer is made */
  constructor(
    node: NodeId,
    { network, observer }: { readonly network: Network; readonly observer: Observer },
    standing: Standing,
    rules: Pick<Rules, 'readsAsAsked'>,
  ) {
    this.#rules = rules;
    this.#node = node;
    this.#network = network;
    this.#observer = observer;
    this.#standing = standing;
  }

  /** Opens the request; undefined where it was refused at once. Throws WireError on a malformed one. */
  receive(connection: number, payload: Uint8Array): Input | ProposedCommand | undefined {
    const request = decodeRequest(payload);
    const { attempt } = request;
    const mode = request.kind === 'read' && this.#rules.readsAsAsked ? request.mode : 'local';
    if (request.kind === 'read' && mode !== 'log') {
      const requestId = this.#requests.open({ connection, attempt, readKey: request.key });
      return { kind: 'read', requestId, mode };
    }
    const open = { connection, attempt, readKey: null };
    if (request.kind === 'changeMembers') {
      const { voters, learners, addresses } = request;
      return {
        kind: 'changeConfiguration',
        requestId: this.#requests.open(open),
        wanted: { voters, learners, addresses },
      };
    }
    if (request.kind === 'transferLeadership') {
      return { kind: 'transferLeadership', requestId: this.#requests.open(open), target: request.target };
    }
    const data = encodeCommand(toCommand(request));
    if (data.length <= MAX_COMMAND_BYTES) return { requestId: this.#requests.open(open), data };
    this.#respond(open, this.#refused(open, 'malformed', this.#standing.leaderId));
    return undefined;
  }

  /** The client is gone: what the core has to forget. */
  dropConnection(connection: number): readonly Input[] {
    return this.#requests.dropConnection(connection).map((requestId) => ({ kind: 'cancel', requestId }));
  }

  accepted(effect: Extract<Effect, { kind: 'accepted' }>): void {
    this.#requests.place(effect.requestId, effect);
  }

  /** Tells whoever asked for this entry what applying it came to. */
  applied(entry: Entry, result: ApplyResult): void {
    const request = this.#requests.takeAt(entry);
    if (request === undefined) return;
    this.#observer.probe({ kind: 'answer', index: entry.index, entryTerm: entry.term });
    this.#respond(request, this.#toResponse(request, result, entry.index));
  }

  readReady({ requestId }: Extract<Effect, { kind: 'readReady' }>, machine: KvMachine): void {
    const request = this.#requests.take(requestId);
    if (request === undefined) return;
    assert(request.readKey !== null, 'only a read is answered outside the log');
    this.#respond(request, this.#result(request, machine.read(request.readKey), machine.lastApplied));
  }

  configurationChanged({ requestId }: Extract<Effect, { kind: 'configurationChanged' }>, applied: LogIndex): void {
    const request = this.#requests.take(requestId);
    if (request !== undefined) this.#respond(request, this.#result(request, null, applied));
  }

  /** A transfer that was begun is answered by how it ended; one that was not is refused. */
  transferEnded({ requestId, outcome }: Extract<Effect, { kind: 'transferEnded' }>, applied: LogIndex): void {
    const request = this.#requests.take(requestId);
    if (request === undefined) return;
    const leader = this.#standing.leaderId;
    switch (outcome) {
      case 'stepped-down':
      case 'timed-out':
        return this.#respond(request, this.#result(request, outcome, applied));
      case 'lost-leadership':
      case 'not-leader':
        return this.#respond(request, this.#refused(request, 'not-leader', leader));
      case 'busy':
        return this.#respond(request, this.#refused(request, 'not-ready', leader));
      case 'no-such-voter':
        return this.#respond(request, this.#refused(request, 'malformed', leader));
    }
  }

  refuse({ requestId, refusal, leader }: Extract<Effect, { kind: 'reply' }>): void {
    const request = this.#requests.take(requestId);
    if (request === undefined) return;
    const response =
      refusal === 'lost-leadership' ? this.#unknown(request, refusal, leader) : this.#refused(request, refusal, leader);
    this.#respond(request, response);
  }

  /** A snapshot has taken the place of these entries. */
  forgetThrough(index: LogIndex): void {
    this.#requests.forgetThrough(index);
  }

  #toResponse(request: OpenRequest, result: ApplyResult, applied: LogIndex): Response {
    switch (result.kind) {
      case 'sessionOpened':
        return { kind: 'sessionOpened', attempt: request.attempt, session: result.session };
      case 'output':
        return this.#result(request, result.output, applied);
      case 'sessionClosed':
      case 'nothing':
        return this.#result(request, null, applied);
      case 'session-expired':
        return this.#refused(request, 'session-expired', this.#standing.leaderId);
      case 'superseded':
        return this.#unknown(request, 'superseded', this.#standing.leaderId);
    }
  }

  #result(
    { attempt }: OpenRequest,
    output: Extract<Response, { kind: 'result' }>['output'],
    applied: LogIndex,
  ): Response {
    return { kind: 'result', attempt, output, node: this.#node, term: this.#standing.term, applied };
  }

  #refused(
    { attempt }: OpenRequest,
    reason: Extract<Response, { kind: 'refused' }>['reason'],
    leader: NodeId | null,
  ): Response {
    return { kind: 'refused', attempt, reason, leader, node: this.#node };
  }

  #unknown(
    { attempt }: OpenRequest,
    reason: Extract<Response, { kind: 'unknown' }>['reason'],
    leader: NodeId | null,
  ): Response {
    return { kind: 'unknown', attempt, reason, leader, node: this.#node };
  }

  #respond({ connection }: OpenRequest, response: Response): void {
    this.#network.sendToClient(connection, encodeResponse(response));
  }
}

function toCommand(request: Exclude<Request, { kind: 'changeMembers' | 'transferLeadership' }>): Command {
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
