/**
 * The stale window: the only moments in which a leader that was deposed without knowing it can be caught.
 *
 * A read that overlaps the newer write may answer the older value; that is legal. So nothing is seen unless a write was
 * *acknowledged* by a leader of a higher term, and *afterwards* somebody asks the deposed leader for that very key. Those who
 * follow the new leader never do: a witness does. A fault of the leader that healed before this proves nothing.
 */
import type { Call } from '../../checker/index.ts';
import type { HistoryLine, NodeId } from '../contract/index.ts';
import { Latch } from './latch.ts';

export class StaleWindow {
  readonly #deposed: { readonly node: NodeId; readonly term: number };
  readonly #isRead: (call: Call) => boolean;
  /** Keys that were written in a higher term. */
  readonly #newer = new Set<string>();
  readonly #opened = new Latch();
  #next: Latch | null = null;

  constructor(deposed: { readonly node: NodeId; readonly term: number }, isRead: (call: Call) => boolean) {
    this.#deposed = deposed;
    this.#isRead = isRead;
  }

  /** Raised when the window first occurred. */
  get opened(): Latch {
    return this.#opened;
  }

  /** Raised at the next read from now on that could catch the deposed leader: its request is under way then. */
  nextRead(): Latch {
    return (this.#next ??= new Latch());
  }

  observe(line: HistoryLine, witnessOf: NodeId | null): void {
    const isRead = this.#isRead(line);
    if (line.type === 'ok' && !isRead && (line.term ?? 0) > this.#deposed.term) this.#newer.add(line.key ?? '');
    const asksDeposed = line.type === 'invoke' && isRead && witnessOf === this.#deposed.node;
    if (!asksDeposed || !this.#newer.has(line.key ?? '')) return;
    this.#opened.raise();
    this.#next?.raise();
    this.#next = null;
  }
}
