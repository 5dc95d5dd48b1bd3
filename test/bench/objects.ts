/**
 * The real objects behind a generated history: what an operation changes and answers at the instant when it takes effect.
 * Values are numbers; NOTHING stands for null.
 */
import type { Random } from '../../src/base/random.ts';

/** The value of a register never written; the answer of an empty queue. */
export const NOTHING = -1;

/** An operation as it is asked. `a` and `b` are the value written, the two of a cas, or nothing. */
export interface Request {
  readonly f: string;
  readonly key: number;
  readonly a: number;
  readonly b: number;
}

/** What happens when a request takes effect. */
export interface SimulatedObject {
  /** Draws the next request. `isChange`: one that can change the object, as a crashed operation is to be. */
  draw(random: Random, isChange: boolean): Request;
  /** The answer: the value read or taken; 1 or 0 for a cas. */
  apply(request: Request): number;
  /** True where `apply` of this request would now change what a reader of the same key sees. */
  wouldShow(request: Request): boolean;
  /** True for a request whose answer shows the last change of its key. */
  isReader(request: Request): boolean;
}

/** Registers: reads, writes and on request compare-and-sets, in equal shares. */
export class Registers implements SimulatedObject {
  readonly #state: Int32Array;
  readonly #values: number;
  readonly #words: readonly string[];
  #fresh = 0;

  /** @param values size of the domain; 0 for a fresh value for each write */
  constructor({ keys, values, words }: { keys: number; values: number; words: readonly string[] }) {
    this.#state = new Int32Array(keys).fill(NOTHING);
    this.#values = values;
    this.#words = words;
  }

  /** The value of a key. */
  valueOf(key: number): number {
    return this.#state[key]!;
  }

  draw(random: Random, isChange: boolean): Request {
    const key = this.#state.length === 1 ? 0 : random.int(this.#state.length);
    const kinds = this.#words.length;
    const kind = isChange ? 1 + random.int(kinds - 1) : random.int(kinds);
    const f = this.#words[kind]!;
    if (kind === 0) return { f, key, a: NOTHING, b: NOTHING };
    const value = this.#values === 0 ? ++this.#fresh : random.int(this.#values);
    if (kind === 1) return { f, key, a: value, b: NOTHING };
    const current = this.#state[key]!;
    // Nearly half of them expect what is there when they are asked; some of those find it changed.
    const expected = this.#values === 0 || random.chance(0.45) ? current : random.int(this.#values);
    return { f, key, a: expected, b: value };
  }

  /** A write of a value of its own. */
  write(random: Random, not: number): Request {
    let value = this.#values === 0 ? ++this.#fresh : random.int(this.#values);
    while (value === not || value === this.#state[0]) value = random.int(this.#values);
    return { f: this.#words[1]!, key: 0, a: value, b: NOTHING };
  }

  read(): Request {
    return { f: this.#words[0]!, key: 0, a: NOTHING, b: NOTHING };
  }

  apply({ f, key, a, b }: Request): number {
    const state = this.#state[key]!;
    if (f === this.#words[0]) return state;
    if (f === this.#words[1]) {
      this.#state[key] = a;
      return NOTHING;
    }
    if (state === a) this.#state[key] = b;
    return Number(state === a);
  }

  wouldShow({ f, key, a, b }: Request): boolean {
    const state = this.#state[key]!;
    return f === this.#words[1] ? state !== a : state === a && a !== b;
  }

  isReader({ f }: Request): boolean {
    return f === this.#words[0];
  }
}

/** The queue is kept about this long: now and then it runs empty. */
const QUEUE_LENGTH = 12;
/** Items taken out that are kept until all of them are let go. */
const FORGET_AFTER = 4096;

/** A FIFO queue with fresh values. */
export class Queue implements SimulatedObject {
  readonly #items: number[] = [];
  #head = 0;
  #fresh = 0;

  draw(random: Random, isChange: boolean): Request {
    const length = this.#items.length - this.#head;
    const isEnqueue = isChange || random.chance(length < QUEUE_LENGTH ? 0.52 : 0.48);
    return isEnqueue
      ? { f: 'enqueue', key: 0, a: ++this.#fresh, b: NOTHING }
      : { f: 'dequeue', key: 0, a: NOTHING, b: NOTHING };
  }

  apply({ f, a }: Request): number {
    if (f === 'enqueue') {
      this.#items.push(a);
      return NOTHING;
    }
    if (this.#head === this.#items.length) return NOTHING;
    const item = this.#items[this.#head++]!;
    if (this.#head === FORGET_AFTER) {
      this.#items.splice(0, this.#head);
      this.#head = 0;
    }
    return item;
  }

  /** Only in an empty queue does the next one to take see it. */
  wouldShow(): boolean {
    return this.#head === this.#items.length;
  }

  isReader({ f }: Request): boolean {
    return f === 'dequeue';
  }
}
