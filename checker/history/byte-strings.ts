/**
 * Strings numbered by their bytes: a name that stands on a million lines is looked up without becoming a JavaScript string,
 * and half a million different values cost the memory of their bytes. An open-addressing hash table over one array of bytes.
 */
import { capacityFor, grown } from './growth.ts';
import { asciiText } from './utf8.ts';

const FIRST_CAPACITY = 16;
/** Of an entry; its hash is the first. */
const FIELDS = 4;
const START = 1;
const END = 2;
const NUMBER = 3;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** By byte: 1 where it may stand in a string as it is. */
const PLAIN: Uint8Array = new Uint8Array(256).fill(1, 0x20, 0x7f);
PLAIN[QUOTE] = 0;
PLAIN[BACKSLASH] = 0;

/** The strings as plain data, for another thread. */
export interface ByteStringsData {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly ends: Int32Array<ArrayBuffer>;
  readonly numbers: Int32Array<ArrayBuffer>;
}

/** Strings in ASCII. Each has an entry, from 0 on in the order in which they are first seen, and the number its owner gave it. */
export class ByteStrings {
  readonly #numberOf: (entry: number) => number;
  /** By slot: entry + 1, or 0. Never more than half full; empty until the first look-up. */
  #slots: Int32Array = new Int32Array(0);
  #shift = 32;
  /** By entry, one behind the other as they are asked for together: its hash, where its bytes begin and end, its number. */
  #entries: Int32Array<ArrayBuffer> = new Int32Array(FIELDS * FIRST_CAPACITY);
  /** False for strings that came as data until one is looked up. */
  #isHashed = true;
  #bytes: Uint8Array<ArrayBuffer> = new Uint8Array(8 * FIRST_CAPACITY);
  #count = 0;
  /** Words of short names that were read, and their numbers. */
  readonly #nearKeys: Int32Array = new Int32Array(1 << (32 - NEAR_SHIFT));
  readonly #nearNumbers: Int32Array = new Int32Array(1 << (32 - NEAR_SHIFT));

  /** @param numberOf asked once for each string, when it is first seen; `text` is ready then */
  constructor(numberOf: (entry: number) => number) {
    this.#numberOf = numberOf;
  }

  /** The strings that `toData` gave, with the same entries and numbers. Takes over the arrays. */
  static fromData(data: ByteStringsData, numberOf: (entry: number) => number): ByteStrings {
    const strings = new ByteStrings(numberOf);
    strings.#bytes = data.bytes;
    strings.#count = data.ends.length;
    strings.#entries = new Int32Array(FIELDS * strings.#count);
    strings.#isHashed = false;
    let start = 0;
    data.ends.forEach((end, entry) => {
      strings.#entries.set([0, start, end, data.numbers[entry]!], FIELDS * entry);
      start = end;
    });
    return strings;
  }

  toData(): ByteStringsData {
    const column = (field: number): Int32Array<ArrayBuffer> =>
      Int32Array.from({ length: this.#count }, (_, entry) => this.#entries[FIELDS * entry + field]!);
    return { bytes: this.#bytes.slice(0, this.#startOf(this.#count)), ends: column(END), numbers: column(NUMBER) };
  }

  /**
   * Writes the number of the JSON string that begins at `at`, behind its opening quote, to `into[i]`.
   * @returns the place behind its closing quote, or −1 where it is not all printable ASCII without escapes
   */
  read(bytes: Uint8Array, at: number, into: Int32Array, i: number): number {
    let hash = 0;
    let end = at;
    let byte = bytes[end]!;
    for (; PLAIN[byte] === 1; byte = bytes[++end]!) hash = (Math.imul(hash, 31) + byte) | 0;
    if (byte !== QUOTE) return -1;
    into[i] = this.#find(hash, bytes, at, end);
    return end + 1;
  }

  /**
   * As `read`, for the few names that stand on every line: up to three characters and the closing quote are one word, which is looked up before
   * anything is hashed. At least four bytes follow `at` in `view`, which is over `bytes`.
   */
  readName(bytes: Uint8Array, view: DataView, at: number, into: Int32Array, i: number): number {
    const word = view.getInt32(at, true);
    const length = lengthIn(word);
    if (length === 0) return this.read(bytes, at, into, i);
    const key = length === 3 ? word : word & ((1 << (8 * length + 8)) - 1);
    const place = Math.imul(key, SPREAD) >>> NEAR_SHIFT;
    if (this.#nearKeys[place] === key) {
      into[i] = this.#nearNumbers[place]!;
      return at + length + 1;
    }
    const end = this.read(bytes, at, into, i);
    if (end !== at + length + 1) return end;
    this.#nearKeys[place] = key;
    this.#nearNumbers[place] = into[i]!;
    return end;
  }

  /** The number of the string of those bytes, which are ASCII. */
  of(bytes: Uint8Array, from: number, to: number): number {
    return this.#find(hashOf(bytes, from, to), bytes, from, to);
  }

  /** The number of a string of another pool. */
  ofForeign(other: ByteStrings, entry: number): number {
    return this.of(other.#bytes, other.#entries[FIELDS * entry + START]!, other.#entries[FIELDS * entry + END]!);
  }

  text(entry: number): string {
    return asciiText(this.#bytes, this.#entries[FIELDS * entry + START]!, this.#entries[FIELDS * entry + END]!);
  }

  /** Where the bytes of the entry begin, the next one's included. */
  #startOf(entry: number): number {
    return entry === 0 ? 0 : this.#entries[FIELDS * (entry - 1) + END]!;
  }

  #find(hash: number, bytes: Uint8Array, from: number, to: number): number {
    if (2 * this.#count >= this.#slots.length) this.#rehash();
    const slots = this.#slots;
    const entries = this.#entries;
    const mask = slots.length - 1;
    let slot = Math.imul(hash, SPREAD) >>> this.#shift;
    for (let found = slots[slot]!; found !== 0; found = slots[slot]!) {
      const at = FIELDS * (found - 1);
      if (entries[at] === hash && this.#isEntry(at, bytes, from, to)) return entries[at + NUMBER]!;
      slot = (slot + 1) & mask;
    }
    slots[slot] = this.#count + 1;
    return this.#add(hash, bytes, from, to);
  }

  #isEntry(entry: number, bytes: Uint8Array, from: number, to: number): boolean {
    const own = this.#bytes;
    let place = this.#entries[entry + START]!;
    if (this.#entries[entry + END]! - place !== to - from) return false;
    for (let at = from; at < to; at++, place++) if (own[place] !== bytes[at]) return false;
    return true;
  }

  #add(hash: number, bytes: Uint8Array, from: number, to: number): number {
    const entry = this.#count++;
    const start = this.#startOf(entry);
    const end = start + to - from;
    if (FIELDS * this.#count > this.#entries.length) {
      this.#entries = grown(this.#entries, new Int32Array(FIELDS * capacityFor(this.#count)));
    }
    if (end > this.#bytes.length) this.#bytes = grown(this.#bytes, new Uint8Array(capacityFor(end)));
    this.#bytes.set(bytes.subarray(from, to), start);
    const at = FIELDS * entry;
    this.#entries[at] = hash;
    this.#entries[at + START] = start;
    this.#entries[at + END] = end;
    return (this.#entries[at + NUMBER] = this.#numberOf(entry));
  }

  /** Room for as many again. The hashes of strings that came as data are made here. */
  #rehash(): void {
    if (!this.#isHashed) this.#hashAll();
    const bits = Math.ceil(Math.log2(4 * Math.max(this.#count, FIRST_CAPACITY)));
    const slots = new Int32Array(2 ** bits);
    const mask = slots.length - 1;
    this.#shift = 32 - bits;
    for (let entry = 0; entry < this.#count; entry++) {
      let slot = Math.imul(this.#entries[FIELDS * entry]!, SPREAD) >>> this.#shift;
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = entry + 1;
    }
    this.#slots = slots;
  }

  #hashAll(): void {
    this.#isHashed = true;
    const entries = this.#entries;
    for (let at = 0; at < FIELDS * this.#count; at += FIELDS) {
      entries[at] = hashOf(this.#bytes, entries[at + START]!, entries[at + END]!);
    }
  }
}

/** How many characters stand before the first closing quote of a word; 0 where there are none, or more than three. */
function lengthIn(word: number): number {
  if ((word & 0xff) === QUOTE) return 0;
  if (((word >>> 8) & 0xff) === QUOTE) return 1;
  if (((word >>> 16) & 0xff) === QUOTE) return 2;
  return word >>> 24 === QUOTE ? 3 : 0;
}

/** Leaves six bits. */
const NEAR_SHIFT = 26;

/** 2^32 divided by the golden ratio, which spreads hashes that lie close together (Knuth, volume 3, 6.4). */
const SPREAD = 0x9e3779b1;

function hashOf(bytes: Uint8Array, from: number, to: number): number {
  let hash = 0;
  for (let at = from; at < to; at++) hash = (Math.imul(hash, 31) + bytes[at]!) | 0;
  return hash;
}
