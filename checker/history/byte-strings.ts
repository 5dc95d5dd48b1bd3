/**
 * Strings numbered by their bytes: a name that stands on a million lines is looked up without becoming a JavaScript string,
 * and half a million different values cost the memory of their bytes. An open-addressing hash table over one array of bytes.
 */
import { capacityFor, grown } from './growth.ts';
import { asciiText } from './utf8.ts';

const FIRST_CAPACITY = 16;
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
  /** By entry: its number, where its bytes end (they begin where those of the one before end), its hash. */
  #numbers: Int32Array<ArrayBuffer> = new Int32Array(FIRST_CAPACITY);
  #ends: Int32Array<ArrayBuffer> = new Int32Array(FIRST_CAPACITY);
  #hashes: Int32Array = new Int32Array(FIRST_CAPACITY);
  #bytes: Uint8Array<ArrayBuffer> = new Uint8Array(8 * FIRST_CAPACITY);
  #count = 0;

  /** @param numberOf asked once for each string, when it is first seen; `text` is ready then */
  constructor(numberOf: (entry: number) => number) {
    this.#numberOf = numberOf;
  }

  /** The strings that `toData` gave, with the same entries and numbers. Takes over the arrays. */
  static fromData(data: ByteStringsData, numberOf: (entry: number) => number): ByteStrings {
    const strings = new ByteStrings(numberOf);
    strings.#bytes = data.bytes;
    strings.#ends = data.ends;
    strings.#numbers = data.numbers;
    strings.#count = data.ends.length;
    return strings;
  }

  toData(): ByteStringsData {
    return {
      bytes: this.#bytes.slice(0, this.#startOf(this.#count)),
      ends: this.#ends.slice(0, this.#count),
      numbers: this.#numbers.slice(0, this.#count),
    };
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

  /** The number of the string of those bytes, which are ASCII. */
  of(bytes: Uint8Array, from: number, to: number): number {
    return this.#find(hashOf(bytes, from, to), bytes, from, to);
  }

  /** The number of a string of another pool. */
  ofForeign(other: ByteStrings, entry: number): number {
    return this.of(other.#bytes, other.#startOf(entry), other.#ends[entry]!);
  }

  text(entry: number): string {
    return asciiText(this.#bytes, this.#startOf(entry), this.#ends[entry]!);
  }

  #startOf(entry: number): number {
    return entry === 0 ? 0 : this.#ends[entry - 1]!;
  }

  #find(hash: number, bytes: Uint8Array, from: number, to: number): number {
    if (2 * this.#count >= this.#slots.length) this.#rehash();
    const slots = this.#slots;
    const mask = slots.length - 1;
    let slot = Math.imul(hash, SPREAD) >>> this.#shift;
    for (; slots[slot] !== 0; slot = (slot + 1) & mask) {
      const entry = slots[slot]! - 1;
      if (this.#hashes[entry] === hash && this.#isEntry(entry, bytes, from, to)) return this.#numbers[entry]!;
    }
    slots[slot] = this.#count + 1;
    return this.#add(hash, bytes, from, to);
  }

  #isEntry(entry: number, bytes: Uint8Array, from: number, to: number): boolean {
    const own = this.#bytes;
    let place = this.#startOf(entry);
    if (this.#ends[entry]! - place !== to - from) return false;
    for (let at = from; at < to; at++, place++) if (own[place] !== bytes[at]) return false;
    return true;
  }

  #add(hash: number, bytes: Uint8Array, from: number, to: number): number {
    const entry = this.#count++;
    const start = this.#startOf(entry);
    const end = start + to - from;
    if (entry >= this.#ends.length) this.#growEntries();
    if (end > this.#bytes.length) this.#bytes = grown(this.#bytes, new Uint8Array(capacityFor(end)));
    this.#bytes.set(bytes.subarray(from, to), start);
    this.#ends[entry] = end;
    this.#hashes[entry] = hash;
    return (this.#numbers[entry] = this.#numberOf(entry));
  }

  #growEntries(): void {
    const length = capacityFor(this.#count);
    this.#ends = grown(this.#ends, new Int32Array(length));
    this.#numbers = grown(this.#numbers, new Int32Array(length));
    this.#hashes = grown(this.#hashes, new Int32Array(length));
  }

  /** Room for as many again. The hashes of strings that came as data are made here. */
  #rehash(): void {
    if (this.#slots.length === 0) this.#hashAll();
    const bits = Math.ceil(Math.log2(4 * Math.max(this.#count, FIRST_CAPACITY)));
    const slots = new Int32Array(2 ** bits);
    const mask = slots.length - 1;
    this.#shift = 32 - bits;
    for (let entry = 0; entry < this.#count; entry++) {
      let slot = Math.imul(this.#hashes[entry]!, SPREAD) >>> this.#shift;
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = entry + 1;
    }
    this.#slots = slots;
  }

  #hashAll(): void {
    this.#hashes = new Int32Array(this.#ends.length);
    for (let entry = 0; entry < this.#count; entry++) {
      this.#hashes[entry] = hashOf(this.#bytes, this.#startOf(entry), this.#ends[entry]!);
    }
  }
}

/** 2^32 divided by the golden ratio, which spreads hashes that lie close together (Knuth, volume 3, 6.4). */
const SPREAD = 0x9e3779b1;

function hashOf(bytes: Uint8Array, from: number, to: number): number {
  let hash = 0;
  for (let at = from; at < to; at++) hash = (Math.imul(hash, 31) + bytes[at]!) | 0;
  return hash;
}
