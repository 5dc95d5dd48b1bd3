/**
 * Messages that promise state, held back until the write that covers it is durable (Raft figure 2: "updated on stable storage
 * before responding to RPCs"). A crash discards what waits, because it is only in memory.
 */
import { assert } from '../base/assert.ts';
import type { Effect, WriteId } from '../raft/types.ts';

type Send = Extract<Effect, { kind: 'send' }>;

export class HeldSends {
  readonly #send: (effect: Send) => void;
  /** Oldest first. */
  #held: Send[] = [];
  #durableWrite: WriteId = 0;

  constructor(send: (effect: Send) => void) {
    this.#send = send;
  }

  /** Sends it now, or once its write is durable. */
  add(effect: Send): void {
    if (effect.after > this.#durableWrite) this.#held.push(effect);
    else this.#release(effect);
  }

  /** Every write up to this one is durable. False where that was known. */
  durableUpTo(writeId: WriteId): boolean {
    if (writeId <= this.#durableWrite) return false;
    this.#durableWrite = writeId;
    const held = this.#held;
    this.#held = held.filter((effect) => effect.after > writeId);
    for (const effect of held) if (effect.after <= writeId) this.#release(effect);
    return true;
  }

  #release(effect: Send): void {
    assert(
      effect.after <= this.#durableWrite,
      () => `a ${effect.message.kind} was sent before write ${effect.after} was durable`,
    );
    this.#send(effect);
  }
}
