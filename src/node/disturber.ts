/**
 * What a bad link does to messages without losing them: hands them over late, in order, or twice. It sits at the receiver, behind
 * the connection, so that senders see nothing of it but the missing answers.
 */
import { WireError } from '../wire/bytes.ts';
import type { Disturbance } from '../wire/control-protocol.ts';

/** How much later the second copies come, in turn: at once, among the next messages, after whole rounds. */
const COPY_AFTER_MS = [0, 3, 20, 70];

export class Disturber {
  readonly #deliver: (payload: Uint8Array) => void;
  #disturbance: Disturbance = { delayMs: 0, duplicate: false, resetEveryMs: 0 };
  /** Held back, the oldest first; nothing overtakes the first. */
  #held: { readonly payload: Uint8Array; readonly dueMs: number }[] = [];
  #timer: NodeJS.Timeout | undefined;
  readonly #copies = new Set<NodeJS.Timeout>();
  #delayed = 0;
  #duplicated = 0;

  constructor(deliver: (payload: Uint8Array) => void) {
    this.#deliver = deliver;
  }

  counters(): { readonly delayed: number; readonly duplicated: number } {
    return { delayed: this.#delayed, duplicated: this.#duplicated };
  }

  /** What is held back keeps its time, and what comes later stays behind it. */
  set(disturbance: Disturbance): void {
    this.#disturbance = disturbance;
  }

  receive(payload: Uint8Array): void {
    const { delayMs, duplicate } = this.#disturbance;
    if (duplicate) this.#copyLater(payload);
    if (delayMs === 0 && this.#held.length === 0) return this.#deliver(payload);
    if (delayMs > 0) this.#delayed++;
    this.#held.push({ payload, dueMs: performance.now() + delayMs });
    return this.#wait();
  }

  /** The link is cut: what was under way is gone. */
  lose(): void {
    this.#held = [];
    clearTimeout(this.#timer);
    this.#timer = undefined;
    for (const copy of this.#copies) clearTimeout(copy);
    this.#copies.clear();
  }

  #copyLater(payload: Uint8Array): void {
    const afterMs = COPY_AFTER_MS[this.#duplicated++ % COPY_AFTER_MS.length];
    const timer = setTimeout(() => {
      this.#copies.delete(timer);
      this.#deliverLate(payload);
    }, afterMs);
    this.#copies.add(timer);
  }

  #wait(): void {
    const [first] = this.#held;
    if (first === undefined || this.#timer !== undefined) return;
    this.#timer = setTimeout(() => this.#handOver(), Math.max(0, Math.ceil(first.dueMs - performance.now())));
  }

  #handOver(): void {
    this.#timer = undefined;
    const nowMs = performance.now();
    while (this.#held.length > 0 && this.#held[0]!.dueMs <= nowMs) this.#deliverLate(this.#held.shift()!.payload);
    this.#wait();
  }

  /** No connection is behind a late message any more that could be ended for what cannot be read. */
  #deliverLate(payload: Uint8Array): void {
    try {
      this.#deliver(payload);
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
    }
  }
}
