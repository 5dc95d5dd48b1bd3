/**
 * A client of a system that is not ours, made of one connection to each node: it stays with the node that answers, goes to another one when it is
 * refused or not answered, and never sends an operation again that may have taken effect.
 *
 * Only what is proven to have had no effect is tried again: what a node refused, and a read that is late, since reads change nothing. A
 * pinned client asks its own node again and again.
 */
import { setTimeout as sleepMs } from 'node:timers/promises';
import type { Client, ClientOptions, Completion } from '../contract/cluster.ts';
import type { NodeId } from '../contract/names.ts';
import type { Place, ProcessSystem, Refusal, Session } from '../contract/system.ts';

type Call = Parameters<Client['invoke']>[0];

/** Before a node is asked again that refused: nobody is helped by a thousand refusals a second. */
const AGAIN_AFTER_MS = 20;
/** What a session may take longer than it was told. */
const OVERTIME_MS = 500;
const READS: readonly string[] = ['read', 'get'];

/** Makes a client. Nothing is connected before the first call. */
export function connectRoaming(system: ProcessSystem, place: Place, options: ClientOptions): Client {
  return roamingClient(place.nodes, options, (node) => system.session(node, place, options));
}

/** The same over any kind of session. */
export function roamingClient(
  nodes: readonly NodeId[],
  options: ClientOptions,
  open: (node: NodeId) => Session,
): Client {
  return new RoamingClient(nodes, options, open);
}

class RoamingClient implements Client {
  readonly #nodes: readonly NodeId[];
  readonly #options: ClientOptions;
  readonly #open: (node: NodeId) => Session;
  readonly #sessions = new Map<NodeId, Session>();
  #target: NodeId;
  #isClosed = false;

  constructor(nodes: readonly NodeId[], options: ClientOptions, open: (node: NodeId) => Session) {
    this.#nodes = nodes;
    this.#options = options;
    this.#open = open;
    this.#target = options.entry;
  }

  get target(): NodeId {
    return this.#target;
  }

  async invoke(call: Call, timeoutMs: number): Promise<Completion> {
    const deadlineMs = performance.now() + timeoutMs;
    for (;;) {
      // Whole: that is what AbortSignal.timeout takes, of which adapters make use.
      const leftMs = Math.max(1, Math.ceil(deadlineMs - performance.now()));
      const asked = this.#target;
      const attemptMs = READS.includes(call.f) ? Math.min(leftMs, this.#options.attemptTimeoutMs) : leftMs;
      const said = await this.#ask(asked, call, attemptMs);
      if (said.kind === 'ok' || said.kind === 'fail') return said;
      this.#moveOn(asked, said.kind === 'refused' ? said.leader : undefined);
      const isOver = this.#isClosed || deadlineMs - performance.now() <= AGAIN_AFTER_MS;
      if (said.kind === 'unknown' && (isOver || !READS.includes(call.f))) return said;
      if (isOver) return { kind: 'fail', error: (said as Refusal).error, from: { node: asked } };
      await sleepMs(AGAIN_AFTER_MS);
      if (this.#isClosed) return { kind: 'fail', error: 'closed' };
    }
  }

  /** A session may be anybody's: one that throws, or does not keep its time, leaves its operation unknown, and is not used again. */
  async #ask(node: NodeId, call: Call, timeoutMs: number): Promise<Completion | Refusal> {
    const session = this.#session(node);
    const waiting = new AbortController();
    const late = sleepMs(timeoutMs + OVERTIME_MS, 'the client did not answer in time', { signal: waiting.signal });
    try {
      const said = await Promise.race([session.ask(call, timeoutMs), late]);
      if (typeof said !== 'string') return said;
      this.#drop(node, session);
      return { kind: 'unknown', error: said };
    } catch (error) {
      this.#drop(node, session);
      return { kind: 'unknown', error: `the client threw: ${error instanceof Error ? error.message : String(error)}` };
    } finally {
      waiting.abort();
      late.catch(() => {});
    }
  }

  #drop(node: NodeId, session: Session): void {
    this.#sessions.delete(node);
    session.close().catch(() => {});
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all([...this.#sessions.values()].map((session) => session.close()));
    this.#sessions.clear();
  }

  #session(node: NodeId): Session {
    const open = this.#sessions.get(node) ?? this.#open(node);
    this.#sessions.set(node, open);
    return open;
  }

  /** To the one that was named, or the next in the circle. */
  #moveOn(from: NodeId, leader: NodeId | undefined): void {
    if (this.#options.pinned) return;
    const next = this.#nodes[(this.#nodes.indexOf(from) + 1) % this.#nodes.length]!;
    this.#target = leader === undefined || leader === from ? next : leader;
  }
}
