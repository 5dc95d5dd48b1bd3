/**
 * The memory of configurations that were searched to the end and failed. A configuration is (event, state, used, free) over
 * in-flight slots only. `used`: the slot's operation has taken effect and cannot again. `free`: nothing is owed, either
 * because the operation was served or hidden at no cost, or because it crashed and need not have an effect. Free is at least
 * as good as used and as unused, so a failed configuration refutes every one that is nowhere better:
 * `((usedE ^ usedQ) | freeQ) & ~freeE = 0` in every word of 32 slots.
 */
export class FailedConfigurations {
  readonly #words: number;
  /** Sets are given as the words of `used` and then those of `free`. Records are [next, used…, free…]; `#heads` gives the first of each (event, state). */
  #records: Int32Array;
  #count = 0;
  readonly #heads = new Map<number, number>();
  readonly #events: number;

  constructor(options: { readonly words: number; readonly events: number }) {
    this.#words = options.words;
    this.#events = options.events;
    this.#records = new Int32Array(64 * this.#stride);
  }

  get count(): number {
    return this.#count;
  }

  /** What it holds, about: the records, and an entry of the table for each (event, state). */
  get bytes(): number {
    return 4 * this.#count * this.#stride + 48 * this.#heads.size;
  }

  add(event: number, state: number, sets: Int32Array): void {
    const stride = this.#stride;
    if ((this.#count + 1) * stride > this.#records.length) {
      const larger = new Int32Array(this.#records.length * 2);
      larger.set(this.#records);
      this.#records = larger;
    }
    const key = this.#key(event, state);
    const at = this.#count * stride;
    this.#records[at] = this.#heads.get(key) ?? -1;
    this.#records.set(sets, at + 1);
    this.#heads.set(key, this.#count++);
  }

  /** Compares with the remembered ones until one refutes the configuration; gives how many it took, negative if one did. */
  compare(event: number, state: number, sets: Int32Array): number {
    if (this.#count === 0) return 0;
    const words = this.#words;
    const stride = this.#stride;
    const records = this.#records;
    let compared = 0;
    for (
      let record = this.#heads.get(this.#key(event, state)) ?? -1;
      record !== -1;
      record = records[record * stride]!
    ) {
      compared++;
      const at = record * stride + 1;
      let word = 0;
      while (
        word < words &&
        (((records[at + word]! ^ sets[word]!) | sets[words + word]!) & ~records[at + words + word]!) === 0
      ) {
        word++;
      }
      if (word === words) return -compared;
    }
    return compared;
  }

  get #stride(): number {
    return 1 + 2 * this.#words;
  }

  /** Exact, because the number of states times the number of events stays below 2^53. */
  #key(event: number, state: number): number {
    return state * this.#events + event;
  }
}
