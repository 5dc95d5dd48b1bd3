/**
 * The client's side of the protocol as one state machine without input or output: real clients and simulated ones host the
 * same code. It makes one operation at a time happen exactly once, or says honestly that it does not know.
 *
 * What it promises (thesis 6.3, and Jepsen's three kinds of completion): `ok` was answered; `fail` means that *every* attempt
 * was proven to be without effect; one attempt in doubt makes the operation `unknown`. A retry repeats the same (session,
 * sequence), so it cannot happen twice. After an `unknown` command the session is given up, because that command may still
 * arrive: the next one runs under a fresh session.
 */
import { assert } from '../base/assert.ts';
import { keyed } from '../base/random.ts';
import { NS_PER_MS, type Nanos } from '../base/time.ts';
import type { Completion } from '../contract/cluster.ts';
import type { Rules } from '../raft/rules.ts';
import type { NodeId, ReadMode } from '../raft/types.ts';
import { WireError } from '../wire/bytes.ts';
import { decodeResponse, encodeRequest } from '../wire/client-codec.ts';
import type { Operation, Request, Response } from '../wire/client-protocol.ts';
import { isAnswerTo, isRefused } from './objects.ts';
import { REGISTERS, toOperation, type KvCall, type Vocabulary } from './vocabulary.ts';

export interface ClientMachineOptions {
  /** Unique in the run; keys the jitter. */
  readonly name: string;
  /** The node that is asked first; a pinned client stays with it, and with `local` reads every operation begins there. */
  readonly entry: NodeId;
  /** Who may be asked. The list may change while the machine uses it, as the members of the cluster do. */
  readonly nodes: readonly NodeId[];
  /** A witness: never leaves its entry node, and after a timeout asks it again on the same connection. */
  readonly pinned: boolean;
  readonly reads: ReadMode;
  /** What is asked; registers where left out. */
  readonly vocabulary?: Vocabulary | undefined;
  readonly attemptTimeoutNs: Nanos;
  readonly seed: string;
  readonly rules: Rules;
}

/** Carries one framed payload to a node, or drops it. Never calls back from within `send`. */
export interface ClientTransport {
  send(node: NodeId, payload: Uint8Array): void;
}

/** The client's own clock. `wakeAt` asks for one `onWake`; a later call replaces an earlier one. */
export interface ClientClock {
  nowNs(): Nanos;
  wakeAt(atNs: Nanos): void;
}

/** Waits after refusals: long enough that a leaderless cluster does not flood the history, short enough to notice a leader. */
const BACKOFF_MIN_NS = 10 * NS_PER_MS;
const BACKOFF_MAX_NS = 200 * NS_PER_MS;
/** For so many attempt timeouts a node that let one pass is not believed to be the leader, whoever names it. */
const SUSPICION_IN_TIMEOUTS = 5;

interface OpenCall {
  readonly operation: Operation;
  readonly deadlineNs: Nanos;
  readonly done: (completion: Completion) => void;
  /** The sequence number of a command, once one was sent. */
  sequence: number | null;
  /** Why an attempt of this operation may have had an effect (or, for a read, an answer) that was not seen. */
  doubt: string | null;
  refusal: { readonly error: string; readonly node?: NodeId };
}

/** What the machine waits for: an answer to an attempt, or the end of a pause. */
type Waiting =
  | {
      readonly kind: 'answer';
      readonly attempt: number;
      readonly node: NodeId;
      readonly about: 'openSession' | 'operation';
      readonly untilNs: Nanos;
    }
  | { readonly kind: 'backoff'; readonly untilNs: Nanos; readonly next: Next };

type Next = 'attempt' | 'give-up';

export class ClientMachine {
  readonly #options: ClientMachineOptions;
  readonly #transport: ClientTransport;
  readonly #clock: ClientClock;

  #open: OpenCall | null = null;
  #waiting: Waiting | null = null;
  #attempts = 0;
  #session: { readonly id: number; lastSequence: number } | null = null;
  /** Sessions given up, to be closed when a leader is known again: they would only fill the cluster's table. */
  #abandoned: number[] = [];

  /** Where the next attempt goes. */
  #target: NodeId;
  readonly #suspectUntilNs = new Map<NodeId, Nanos>();
  #refusals = 0;
  #backoffs = 0;
  /** One redirect is followed at once; a second one without an answer in between waits, since nodes may point at each other. */
  #redirected = false;

  constructor(options: ClientMachineOptions, transport: ClientTransport, clock: ClientClock) {
    this.#options = options;
    this.#transport = transport;
    this.#clock = clock;
    this.#target = options.entry;
  }

  /** Where the next request goes first. */
  get target(): NodeId {
    return this.#target;
  }

  /** Starts an operation. `done` is called once, within the timeout and a little. One at a time. */
  invoke(call: KvCall, timeoutNs: Nanos, done: (completion: Completion) => void): void {
    assert(this.#open === null, 'a client has one operation open at a time');
    this.#open = {
      operation: toOperation(this.#vocabulary, call),
      deadlineNs: this.#clock.nowNs() + timeoutNs,
      done,
      sequence: null,
      doubt: null,
      refusal: { error: 'timeout' },
    };
    this.#attempt();
  }

  /** A payload from `node`. Throws WireError on a malformed one; the host then closes the connection and tells `onDisconnect`. */
  onResponse(node: NodeId, payload: Uint8Array): void {
    const response = decodeResponse(payload);
    this.#suspectUntilNs.delete(node);
    const waiting = this.#waiting;
    // An answer to an attempt that was given up proves nothing about the present one.
    if (waiting?.kind !== 'answer' || waiting.attempt !== response.attempt || waiting.node !== node) return;
    const fits = { sessionOpened: 'openSession', result: 'operation', refused: waiting.about, unknown: waiting.about };
    if (fits[response.kind] !== waiting.about) throw new WireError(`${response.kind} answers another question`);
    this.#waiting = null;
    this.#onAnswer(this.#open!, waiting.about, response);
  }

  /** The connection to `node` was lost, or could not be opened. */
  onDisconnect(node: NodeId): void {
    if (this.#waiting?.kind !== 'answer' || this.#waiting.node !== node) return;
    this.#onSilence('disconnected');
    this.#backOff('attempt');
  }

  onWake(): void {
    const open = this.#open;
    const waiting = this.#waiting;
    if (open === null || waiting === null) return;
    const nowNs = this.#clock.nowNs();
    if (nowNs >= open.deadlineNs) return this.#onDeadline(open);
    if (nowNs < waiting.untilNs) return this.#arm();
    if (waiting.kind === 'answer') {
      this.#onSilence('timeout');
      this.#attempt();
    } else if (waiting.next === 'attempt') this.#attempt();
    else this.#giveUp(open);
  }

  /** Ends the open operation as unknown, and retires the session as far as that can be said in passing. */
  close(): void {
    if (this.#session !== null) this.#abandoned.push(this.#session.id);
    this.#session = null;
    this.#closeAbandoned(this.#target);
    if (this.#open !== null) this.#complete({ kind: 'unknown', error: 'closed' });
  }

  get #vocabulary(): Vocabulary {
    return this.#options.vocabulary ?? REGISTERS;
  }

  #attempt(): void {
    const open = this.#open!;
    const attempt = ++this.#attempts;
    const request = this.#nextRequest(open, attempt);
    const node = this.#target;
    this.#waiting = {
      kind: 'answer',
      attempt,
      node,
      about: request.kind === 'openSession' ? 'openSession' : 'operation',
      untilNs: Math.min(open.deadlineNs, this.#clock.nowNs() + this.#options.attemptTimeoutNs),
    };
    this.#transport.send(node, encodeRequest(request));
    this.#arm();
  }

  #nextRequest(open: OpenCall, attempt: number): Request {
    const { operation } = open;
    if (operation.f === 'read') return { kind: 'read', attempt, mode: this.#options.reads, key: operation.key };
    if (this.#session === null) return { kind: 'openSession', attempt };
    if (!this.#options.rules.retrySameCommand) open.sequence = null;
    open.sequence ??= ++this.#session.lastSequence;
    return { kind: 'command', attempt, session: this.#session.id, sequence: open.sequence, operation };
  }

  #onAnswer(open: OpenCall, about: 'openSession' | 'operation', response: Response): void {
    switch (response.kind) {
      case 'sessionOpened':
        return this.#onSessionOpened(response.session);
      case 'result':
        return this.#onResult(open, response);
      case 'refused':
        return this.#onRefused(open, response);
      case 'unknown':
        if (about === 'operation' && !this.#options.rules.doubtIsUnknown) {
          return this.#complete({ kind: 'fail', error: response.reason, from: { node: response.node } });
        }
        if (about === 'operation') open.doubt = response.reason;
        return this.#moveOn(response.leader);
    }
  }

  #onSessionOpened(id: number): void {
    this.#session = { id, lastSequence: 0 };
    this.#onProgress();
    this.#closeAbandoned(this.#target);
    this.#attempt();
  }

  #onResult(open: OpenCall, result: Extract<Response, { kind: 'result' }>): void {
    this.#onProgress();
    const { operation } = open;
    const from = { node: result.node, term: result.term, applied: result.applied };
    const output = operation.f === 'read' ? (result.output ?? this.#vocabulary.nothing) : result.output;
    // Something was done, and nobody knows what.
    if (!isAnswerTo(operation, output)) return this.#complete({ kind: 'unknown', error: 'no answer to the question' });
    const isMismatch = operation.f === 'cas' && output === false;
    // Exactly once: what this attempt was answered, no other attempt of it can have done.
    if (isRefused(operation, output)) this.#complete({ kind: 'fail', error: output, from });
    else this.#complete(isMismatch ? { kind: 'fail', error: 'mismatch', from } : { kind: 'ok', output, from });
  }

  #onRefused(open: OpenCall, refused: Extract<Response, { kind: 'refused' }>): void {
    open.refusal = { error: refused.reason, node: refused.node };
    switch (refused.reason) {
      case 'not-leader':
      case 'not-ready':
        return this.#moveOn(refused.leader);
      case 'session-expired':
        return this.#onSessionExpired(open);
      case 'unsupported':
      case 'malformed':
      case 'change-pending':
      case 'not-caught-up':
        return this.#giveUp(open);
    }
  }

  /** The refused attempt was not applied; an earlier one in doubt may have been, before the session was evicted. */
  #onSessionExpired(open: OpenCall): void {
    this.#session = null;
    open.sequence = null;
    if (open.doubt !== null) return this.#complete({ kind: 'unknown', error: 'session-expired' });
    this.#backOff('attempt');
  }

  /** No answer came from the node that was asked. Whether the request arrived is in doubt; that a session was opened harms nobody. */
  #onSilence(error: 'timeout' | 'disconnected'): void {
    const waiting = this.#waiting;
    assert(waiting?.kind === 'answer', 'only an attempt can be met with silence');
    if (waiting.about === 'operation') this.#open!.doubt = error;
    const suspicionNs = SUSPICION_IN_TIMEOUTS * this.#options.attemptTimeoutNs;
    this.#suspectUntilNs.set(waiting.node, this.#clock.nowNs() + suspicionNs);
    if (!this.#options.pinned) this.#target = this.#nodeAfter(waiting.node);
  }

  /** The node that was asked will not do it: another one may. A witness has nowhere else to go and gives the operation up. */
  #moveOn(leader: NodeId | null): void {
    if (this.#options.pinned) return this.#backOff('give-up');
    const hinted = leader !== null && this.#isEligible(leader);
    this.#target = hinted ? leader : this.#nodeAfter(this.#target);
    if (!hinted || this.#redirected) return this.#backOff('attempt');
    this.#redirected = true;
    this.#attempt();
  }

  #isEligible(leader: NodeId): boolean {
    return leader !== this.#target && this.#options.nodes.includes(leader) && !this.#isSuspect(leader);
  }

  #isSuspect(node: NodeId): boolean {
    return (this.#suspectUntilNs.get(node) ?? 0) > this.#clock.nowNs();
  }

  #nodeAfter(node: NodeId): NodeId {
    const { nodes } = this.#options;
    return nodes[(nodes.indexOf(node) + 1) % nodes.length]!;
  }

  /** Local reads are asked where the client came in, wherever its last write had to go. */
  #returnToEntry(): void {
    const { entry } = this.#options;
    if (!this.#isSuspect(entry)) this.#target = entry;
  }

  /** Exponential from 10 to 200 ms over consecutive refusals, the upper half of each step drawn from the seed. */
  #backOff(next: Next): void {
    const { seed, name } = this.#options;
    const ceilingNs = Math.min(BACKOFF_MAX_NS, 2 * BACKOFF_MIN_NS * 2 ** Math.min(this.#refusals++, 10));
    const jitter = keyed(seed, name, 'backoff', this.#backoffs++).next();
    const waitNs = Math.round((ceilingNs / 2) * (1 + jitter));
    this.#redirected = false;
    this.#waiting = { kind: 'backoff', untilNs: this.#clock.nowNs() + waitNs, next };
    this.#arm();
  }

  #onProgress(): void {
    this.#refusals = 0;
    this.#redirected = false;
  }

  #onDeadline(open: OpenCall): void {
    if (this.#waiting?.kind === 'answer') this.#onSilence('timeout');
    this.#giveUp(open);
  }

  #giveUp(open: OpenCall): void {
    if (open.doubt !== null) return this.#complete({ kind: 'unknown', error: open.doubt });
    const { error, node } = open.refusal;
    this.#complete(node === undefined ? { kind: 'fail', error } : { kind: 'fail', error, from: { node } });
  }

  #complete(completion: Completion): void {
    const open = this.#open!;
    this.#open = null;
    this.#waiting = null;
    if (this.#options.reads === 'local') this.#returnToEntry();
    if (completion.kind === 'unknown' && open.sequence !== null && this.#session !== null) {
      this.#abandoned.push(this.#session.id);
      this.#session = null;
    }
    open.done(completion);
  }

  /** Best effort: whether it arrives changes no answer. */
  #closeAbandoned(node: NodeId): void {
    for (const session of this.#abandoned.splice(0)) {
      this.#transport.send(node, encodeRequest({ kind: 'closeSession', attempt: ++this.#attempts, session }));
    }
  }

  #arm(): void {
    this.#clock.wakeAt(Math.min(this.#waiting!.untilNs, this.#open!.deadlineNs));
  }
}
