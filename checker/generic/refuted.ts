/**
 * The configurations that were searched to the end and failed. A configuration is (event, state, used, free) over in-flight
 * slots only. Used: the operation has taken effect and cannot again. Free: nothing is owed of it, and it may still be used: it
 * need not have an effect, or it could have had one that changes nothing. Free is at least as good as used and as unused, so a
 * failed configuration refutes every one that is nowhere better: `((usedE ^ usedQ) | freeQ) & ~freeE = 0` in each word of 32
 * slots. Of those at one (event, state) only the best are kept: an antichain.
 */
import { spread } from './spread.ts';

const NOTHING = -1;

/** Sets are given as the words of `used` and then those of `free`. */
export class Refuted {
  readonly #words: number;
  readonly #stride: number;
  /** [next, used…, free…] each. */
  #records: Int32Array;
  #used = 0;
  #firstDropped = NOTHING;
  /** Open addressing: event, state, first record, three words an entry. */
  #heads: Int32Array = new Int32Array(3 * 256).fill(NOTHING);
  #mask = 255;
  #keys = 0;
  count = 0;

  constructor(words: number) {
    this.#words = words;
    this.#stride = 1 + 2 * words;
    this.#records = new Int32Array(64 * this.#stride);
  }

  /** What it holds, in bytes. */
  get bytes(): number {
    return 4 * (this.#records.length + this.#heads.length);
  }

  /** The bytes that the next `add` allocates at most. */
  get growthBytes(): number {
    const isFull = this.#firstDropped === NOTHING && (this.#used + 1) * this.#stride > this.#records.length;
    const isCrowded = 2 * (this.#keys + 1) > this.#mask;
    return (isFull ? 8 * this.#records.length : 0) + (isCrowded ? 8 * this.#heads.length : 0);
  }

  /** Remembers a failed configuration, and forgets those that it refutes. */
  add(event: number, state: number, sets: Int32Array): void {
    if (2 * (this.#keys + 1) > this.#mask) this.#rehash();
    let at = this.#find(event, state);
    if (this.#heads[at] === NOTHING) {
      this.#heads[at] = event;
      this.#heads[at + 1] = state;
      this.#heads[at + 2] = NOTHING;
      this.#keys++;
    }
    at += 2;
    this.#dropRefuted(at, sets);
    const record = this.#freshRecord();
    this.#records[record * this.#stride] = this.#heads[at]!;
    this.#records.set(sets.subarray(0, 2 * this.#words), record * this.#stride + 1);
    this.#heads[at] = record;
    this.count++;
  }

  /** Compares until one refutes the configuration; gives how many comparisons it took, negative if one did (see `usedOf`). */
  compare(event: number, state: number, sets: Int32Array): number {
    if (this.count === 0) return 0;
    let compared = 0;
    const at = this.#find(event, state);
    if (this.#heads[at] === NOTHING) return 0;
    for (let record = this.#heads[at + 2]!; record !== NOTHING; record = this.#records[record * this.#stride]!) {
      compared++;
      if (this.#refutes(record, sets)) {
        this.found = record;
        return -compared;
      }
    }
    return compared;
  }

  /** The record that `compare` found last. */
  found: number = NOTHING;

  /** The slots in a word that the record found last needs to be used: where they are free it refutes nothing. */
  usedOf(word: number): number {
    const at = this.found * this.#stride + 1 + word;
    return this.#records[at]! & ~this.#records[at + this.#words]!;
  }

  #refutes(record: number, sets: Int32Array): boolean {
    const words = this.#words;
    const at = record * this.#stride + 1;
    for (let word = 0; word < words; word++) {
      const unlike = this.#records[at + word]! ^ sets[word]!;
      if (((unlike | sets[words + word]!) & ~this.#records[at + words + word]!) !== 0) return false;
    }
    return true;
  }

  #isRefutedBy(record: number, sets: Int32Array): boolean {
    const words = this.#words;
    const at = record * this.#stride + 1;
    for (let word = 0; word < words; word++) {
      const unlike = this.#records[at + word]! ^ sets[word]!;
      if (((unlike | this.#records[at + words + word]!) & ~sets[words + word]!) !== 0) return false;
    }
    return true;
  }

  #dropRefuted(head: number, sets: Int32Array): void {
    const stride = this.#stride;
    let previous = NOTHING;
    for (let record = this.#heads[head]!; record !== NOTHING;) {
      const next = this.#records[record * stride]!;
      if (this.#isRefutedBy(record, sets)) {
        if (previous === NOTHING) this.#heads[head] = next;
        else this.#records[previous * stride] = next;
        this.#records[record * stride] = this.#firstDropped;
        this.#firstDropped = record;
        this.count--;
      } else {
        previous = record;
      }
      record = next;
    }
  }

  #freshRecord(): number {
    const dropped = this.#firstDropped;
    if (dropped !== NOTHING) {
      this.#firstDropped = this.#records[dropped * this.#stride]!;
      return dropped;
    }
    if ((this.#used + 1) * this.#stride > this.#records.length) {
      const larger = new Int32Array(this.#records.length * 2);
      larger.set(this.#records);
      this.#records = larger;
    }
    return this.#used++;
  }

  /** Where the entry of (event, state) is or would be. */
  #find(event: number, state: number): number {
    let at = spread(event, state) & this.#mask;
    while (this.#heads[3 * at] !== NOTHING && (this.#heads[3 * at] !== event || this.#heads[3 * at + 1] !== state)) {
      at = (at + 1) & this.#mask;
    }
    return 3 * at;
  }

  #rehash(): void {
    const old = this.#heads;
    this.#heads = new Int32Array(2 * old.length).fill(NOTHING);
    this.#mask = 2 * this.#mask + 1;
    for (let from = 0; from < old.length; from += 3) {
      if (old[from] === NOTHING) continue;
      const into = this.#find(old[from]!, old[from + 1]!);
      this.#heads.set(old.subarray(from, from + 3), into);
    }
  }
}
