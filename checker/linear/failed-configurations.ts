/**
 * The memory of configurations that were searched to the end and failed. A configuration is (event, state, used, free) over
 * in-flight slots only. `used`: the slot's operation has taken effect and cannot again. `free`: nothing is owed, either
 * because the operation was served or hidden at no cost, or because it crashed and need not have an effect. Free is at least
 * as good as used and as unused, so a failed configuration refutes every one that is nowhere better:
 * `((usedE ^ usedQ) | freeQ) & ~freeE = 0` in every word of 32 slots. Of each (event, state) an antichain is kept: what a new
 * one refutes itself is dropped.
 */
export class FailedConfigurations {
  readonly #words: number;
  readonly #stride: number;
  /** Records are [next, used…, free…]. */
  #records: Int32Array;
  #size = 0;
  #count = 0;
  /** Open addressing over (event, state): the key's two numbers and the first record, −1 where the place is empty. */
  #events: Int32Array = new Int32Array(64);
  #states: Int32Array = new Int32Array(64);
  #heads: Int32Array = new Int32Array(64).fill(-1);
  #keys = 0;
  /** A dropped record's place is used again. */
  #freeRecord = -1;
  /** By event, modulo: whether any is known there, so that a good history pays a look at one byte. */
  readonly #filter: Uint8Array = new Uint8Array(1 << 16);

  /** @param words of 32 slots in each set */
  constructor(words: number) {
    this.#words = words;
    this.#stride = 1 + 2 * words;
    this.#records = new Int32Array(64 * this.#stride);
  }

  /** How many are remembered. */
  get count(): number {
    return this.#count;
  }

  /** What it holds. */
  get bytes(): number {
    return 4 * this.#records.length + 12 * this.#heads.length;
  }

  /** True if nothing is known at this event. */
  isEmptyAt(event: number): boolean {
    return this.#filter[event & 0xffff] === 0;
  }

  add(event: number, state: number, used: Int32Array, free: Int32Array): void {
    this.#filter[event & 0xffff] = 1;
    const place = this.#place(event, state);
    if (this.#heads[place] !== -1) this.#dropRefuted(place, used, free);
    const record = this.#allocate();
    const at = record * this.#stride;
    this.#records[at] = this.#heads[place]!;
    for (let word = 0; word < this.#words; word++) {
      this.#records[at + 1 + word] = used[word]!;
      this.#records[at + 1 + this.#words + word] = free[word]!;
    }
    if (this.#heads[place] === -1) {
      this.#events[place] = event;
      this.#states[place] = state;
      this.#keys++;
    }
    this.#heads[place] = record;
    this.#count++;
    if (2 * this.#keys > this.#heads.length) this.#rehash();
  }

  /** Compares with the remembered ones until one refutes the configuration; gives how many it took, negative if one did. */
  compare(event: number, state: number, used: Int32Array, free: Int32Array): number {
    const words = this.#words;
    const records = this.#records;
    let compared = 0;
    for (let record = this.#heads[this.#place(event, state)]!; record !== -1;) {
      compared++;
      const at = record * this.#stride;
      let word = 0;
      while (
        word < words &&
        (((records[at + 1 + word]! ^ used[word]!) | free[word]!) & ~records[at + 1 + words + word]!) === 0
      ) {
        word++;
      }
      if (word === words) {
        this.#last = at;
        return -compared;
      }
      record = records[at]!;
    }
    return compared;
  }

  #last = 0;

  /** A word of the free set of the one that refuted last. */
  freeOfLast(word: number): number {
    return this.#records[this.#last + 1 + this.#words + word]!;
  }

  /** Where this event and state are, or could be. */
  #place(event: number, state: number): number {
    const mask = this.#heads.length - 1;
    let place = (Math.imul(event, 0x9e3779b1) ^ Math.imul(state, 0x85ebca6b)) & mask;
    while (this.#heads[place] !== -1 && (this.#events[place] !== event || this.#states[place] !== state)) {
      place = (place + 1) & mask;
    }
    return place;
  }

  #dropRefuted(place: number, used: Int32Array, free: Int32Array): void {
    const records = this.#records;
    let before = -1;
    for (let record = this.#heads[place]!; record !== -1;) {
      const at = record * this.#stride;
      const next = records[at]!;
      let word = 0;
      while (
        word < this.#words &&
        (((records[at + 1 + word]! ^ used[word]!) | records[at + 1 + this.#words + word]!) & ~free[word]!) === 0
      ) {
        word++;
      }
      // The first record stays as it is: an empty place would break the chain of its neighbours in the table.
      if (word === this.#words && before !== -1) {
        records[before * this.#stride] = next;
        records[at] = this.#freeRecord;
        this.#freeRecord = record;
        this.#count--;
      } else {
        before = record;
      }
      record = next;
    }
  }

  #allocate(): number {
    if (this.#freeRecord !== -1) {
      const record = this.#freeRecord;
      this.#freeRecord = this.#records[record * this.#stride]!;
      return record;
    }
    if ((this.#size + 1) * this.#stride > this.#records.length) {
      const larger = new Int32Array(this.#records.length * 2);
      larger.set(this.#records);
      this.#records = larger;
    }
    return this.#size++;
  }

  #rehash(): void {
    const [events, states, heads] = [this.#events, this.#states, this.#heads];
    const length = heads.length * 4;
    this.#events = new Int32Array(length);
    this.#states = new Int32Array(length);
    this.#heads = new Int32Array(length).fill(-1);
    for (let old = 0; old < heads.length; old++) {
      if (heads[old] === -1) continue;
      const place = this.#place(events[old]!, states[old]!);
      this.#events[place] = events[old]!;
      this.#states[place] = states[old]!;
      this.#heads[place] = heads[old]!;
    }
  }
}
