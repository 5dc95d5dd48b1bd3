/**
 * Strings numbered by their bytes: a name that stands on a million lines is made into a JavaScript string once. An
 * open-addressing hash table over one array of bytes.
 */

const FIRST_CAPACITY = 64;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** Strings between quotes, in printable ASCII, without escapes; all others are somebody else's. */
export class ByteStrings {
  readonly #numberOf: (text: string) => number;
  /** By slot: entry + 1, or 0. Never more than half full. */
  #slots: Int32Array = new Int32Array(2 * FIRST_CAPACITY);
  /** By entry: its hash, its number, where its bytes end; they begin where those of the one before end. */
  #hashes: Int32Array = new Int32Array(FIRST_CAPACITY);
  #numbers: Int32Array = new Int32Array(FIRST_CAPACITY);
  #ends: Int32Array = new Int32Array(FIRST_CAPACITY);
  #bytes: Uint8Array = new Uint8Array(16 * FIRST_CAPACITY);
  #count = 0;

  /** @param numberOf asked once for each string, when it is first seen */
  constructor(numberOf: (text: string) => number) {
    this.#numberOf = numberOf;
  }

  /**
   * Writes the number of the string that begins at `at`, behind its opening quote, to `into[i]`.
   * @returns the place behind its closing quote, or −1 where it is not a plain string
   */
  read(bytes: Uint8Array, at: number, into: Int32Array, i: number): number {
    let hash = 0;
    let end = at;
    for (let byte = bytes[end]!; byte !== QUOTE; byte = bytes[++end]!) {
      if (byte < 0x20 || byte >= 0x7f || byte === BACKSLASH) return -1;
      hash = (Math.imul(hash, 31) + byte) | 0;
    }
    const mask = this.#slots.length - 1;
    for (let slot = mixed(hash) & mask; ; slot = (slot + 1) & mask) {
      const entry = this.#slots[slot]! - 1;
      if (entry < 0) {
        into[i] = this.#add(slot, hash, bytes.subarray(at, end));
        return end + 1;
      }
      if (this.#hashes[entry] === hash && this.#isEntry(entry, bytes, at, end)) {
        into[i] = this.#numbers[entry]!;
        return end + 1;
      }
    }
  }

  #isEntry(entry: number, bytes: Uint8Array, at: number, end: number): boolean {
    const own = this.#bytes;
    let place = entry === 0 ? 0 : this.#ends[entry - 1]!;
    if (this.#ends[entry]! - place !== end - at) return false;
    for (let from = at; from < end; from++, place++) if (own[place] !== bytes[from]) return false;
    return true;
  }

  #add(slot: number, hash: number, bytes: Uint8Array): number {
    const entry = this.#count++;
    const start = entry === 0 ? 0 : this.#ends[entry - 1]!;
    if (entry === this.#ends.length) this.#growEntries();
    while (start + bytes.length > this.#bytes.length)
      this.#bytes = grown(this.#bytes, new Uint8Array(2 * this.#bytes.length));
    this.#bytes.set(bytes, start);
    this.#ends[entry] = start + bytes.length;
    this.#hashes[entry] = hash;
    this.#slots[slot] = entry + 1;
    const number = this.#numberOf(textOf(bytes));
    this.#numbers[entry] = number;
    if (2 * this.#count > this.#slots.length) this.#rehash();
    return number;
  }

  #growEntries(): void {
    const length = 2 * this.#ends.length;
    this.#ends = grown(this.#ends, new Int32Array(length));
    this.#hashes = grown(this.#hashes, new Int32Array(length));
    this.#numbers = grown(this.#numbers, new Int32Array(length));
  }

  #rehash(): void {
    const slots = new Int32Array(2 * this.#slots.length);
    const mask = slots.length - 1;
    for (let entry = 0; entry < this.#count; entry++) {
      let slot = mixed(this.#hashes[entry]!) & mask;
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = entry + 1;
    }
    this.#slots = slots;
  }
}

function mixed(hash: number): number {
  return hash ^ (hash >>> 15);
}

/** Of ASCII. */
function textOf(bytes: Uint8Array): string {
  let text = '';
  for (let from = 0; from < bytes.length; from += 2048)
    text += String.fromCharCode(...bytes.subarray(from, from + 2048));
  return text;
}

function grown<A extends Uint8Array | Int32Array>(from: A, into: A): A {
  into.set(from);
  return into;
}
