/**
 * Reading and writing binary layouts, for messages, log records and commands alike. Integers are LEB128 varints up to
 * 2^53 - 1, texts and byte strings carry their length. A reader trusts nothing: whatever does not fit throws `WireError`.
 */
import { assert } from '../base/assert.ts';
import { copyInto, copyOf, Space } from '../base/space.ts';
import { decodeUtf8, encodeUtf8 } from '../base/utf8.ts';

/** Bytes that are not what the protocol says. The connection (or file) that they came from is at fault, never this node. */
export class WireError extends Error {
  override readonly name = 'WireError';
}

/** The space of the last writers that finished. Most writers live for one message, and would each begin with an allocation. */
const spares: Uint8Array[] = [];
const MOST_SPARES = 4;
/** A larger one is not kept. */
const MOST_SPARE_BYTES = 64 * 1024;
const NOTHING = new Uint8Array(0);
const MOST_DIGITS = 16;
const ZERO = 0x30;

/** For entries of the log: their neighbours go with them. */
const entries = new Space({ blockBytes: 64 * 1024, onHeapBytes: 0 });

/** Collects bytes; grows by doubling. Written to until `finish`, and not after. */
export class ByteWriter {
  #bytes: Uint8Array;
  #length = 0;

  constructor(capacity = 256) {
    const spare = spares.pop();
    this.#bytes = spare === undefined || spare.length < capacity ? new Uint8Array(capacity) : spare;
  }

  get length(): number {
    return this.#length;
  }

  u8(value: number): this {
    this.#reserve(1);
    this.#bytes[this.#length++] = value;
    return this;
  }

  /** Four bytes, big-endian. */
  u32(value: number): this {
    this.#reserve(4);
    this.#bytes[this.#length++] = value >>> 24;
    this.#bytes[this.#length++] = value >>> 16;
    this.#bytes[this.#length++] = value >>> 8;
    this.#bytes[this.#length++] = value;
    return this;
  }

  /** The digits of an integer in [0, 2^53), in ASCII. */
  decimal(value: number): this {
    this.#reserve(MOST_DIGITS);
    let length = 1;
    for (let rest = value; rest >= 10; rest = Math.floor(rest / 10)) length++;
    let rest = value;
    for (let at = this.#length + length - 1; at >= this.#length; at--) {
      const shorter = Math.floor(rest / 10);
      this.#bytes[at] = ZERO + (rest - 10 * shorter);
      rest = shorter;
    }
    this.#length += length;
    return this;
  }

  flag(value: boolean): this {
    return this.u8(value ? 1 : 0);
  }

  /** An integer in [0, 2^53). */
  varint(value: number): this {
    assert(Number.isSafeInteger(value) && value >= 0, () => `varint() needs an integer from 0 on, got ${value}`);
    this.#reserve(8);
    let rest = value;
    while (rest >= 0x80) {
      this.#bytes[this.#length++] = (rest % 0x80) | 0x80;
      rest = Math.floor(rest / 0x80);
    }
    this.#bytes[this.#length++] = rest;
    return this;
  }

  /** Length and content. */
  blob(value: Uint8Array): this {
    return this.varint(value.length).raw(value);
  }

  text(value: string): this {
    const from = this.#length;
    this.varint(value.length).#reserve(value.length);
    // Most texts are ASCII, and as long in bytes as in characters.
    for (let i = 0; i < value.length; i++) {
      const code = value.charCodeAt(i);
      if (code >= 0x80) {
        this.#length = from;
        return this.blob(encodeUtf8(value));
      }
      this.#bytes[this.#length++] = code;
    }
    return this;
  }

  /** Content alone. */
  raw(value: Uint8Array): this {
    this.#reserve(value.length);
    copyInto(this.#bytes, this.#length, value);
    this.#length += value.length;
    return this;
  }

  /** What was written, as a copy of its own. */
  finish(): Uint8Array {
    return this.#release(copyOf(this.#bytes, this.#length));
  }

  /** What was written, as a view that is valid until the writer, which begins anew, is written to again. */
  take(): Uint8Array {
    const written = this.#bytes.subarray(0, this.#length);
    this.#length = 0;
    return written;
  }

  /** As `finish`, for what is kept until its neighbours go too, as entries of the log are: they share a block, which goes with the last. */
  finishInBlock(): Uint8Array {
    const written = entries.take(this.#length);
    copyInto(written, 0, this.#bytes, this.#length);
    return this.#release(written);
  }

  #release(written: Uint8Array): Uint8Array {
    if (this.#bytes.length <= MOST_SPARE_BYTES && spares.length < MOST_SPARES) spares.push(this.#bytes);
    this.#bytes = NOTHING;
    this.#length = 0;
    return written;
  }

  #reserve(extra: number): void {
    if (this.#length + extra <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length + extra));
    grown.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = grown;
  }
}

/** Reads what a `ByteWriter` wrote. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  u8(): number {
    const value = this.#bytes[this.#at];
    if (value === undefined) throw new WireError('the bytes end too early');
    this.#at++;
    return value;
  }

  u32(): number {
    let value = 0;
    for (let i = 0; i < 4; i++) value = value * 256 + this.u8();
    return value;
  }

  flag(): boolean {
    const value = this.u8();
    if (value > 1) throw new WireError(`${value} is neither 0 nor 1`);
    return value === 1;
  }

  varint(): number {
    const first = this.#bytes[this.#at];
    // Most are small.
    if (first !== undefined && first < 0x80) {
      this.#at++;
      return first;
    }
    let value = 0;
    for (let scale = 1; scale < 2 ** 53; scale *= 0x80) {
      const byte = this.u8();
      value += (byte & 0x7f) * scale;
      if (!Number.isSafeInteger(value)) break;
      if (byte < 0x80) return value;
    }
    throw new WireError('a number beyond 2^53');
  }

  /** A view, not a copy: valid as long as the bytes that are read. */
  blob(): Uint8Array {
    const length = this.varint();
    const end = this.#endAfter(length);
    const value = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return value;
  }

  /** All that is left, as a view. */
  rest(): Uint8Array {
    const value = this.#bytes.subarray(this.#at);
    this.#at = this.#bytes.length;
    return value;
  }

  text(): string {
    const length = this.varint();
    const from = this.#at;
    const end = this.#endAfter(length);
    this.#at = end;
    const short = length <= SHORT_TEXT_BYTES ? decodeShortAscii(this.#bytes, from, end) : undefined;
    return short ?? decodeUtf8(this.#bytes.subarray(from, end));
  }

  #endAfter(length: number): number {
    const end = this.#at + length;
    if (end > this.#bytes.length)
      throw new WireError(`${length} bytes announced, ${this.#bytes.length - this.#at} left`);
    return end;
  }

  /** As many items as the count before them says; the count is checked against what is left before anything is allocated. */
  list<T>(item: (reader: this) => T): T[] {
    const count = this.varint();
    if (count > this.#bytes.length - this.#at) throw new WireError(`${count} items announced, too few bytes left`);
    const items: T[] = [];
    for (let nth = 0; nth < count; nth++) items.push(item(this));
    return items;
  }

  /** Ends the reading: nothing may be left. */
  end(): void {
    const left = this.#bytes.length - this.#at;
    if (left > 0) throw new WireError(`${left} bytes too many`);
  }
}

/** Names of nodes and of keys, mostly. */
const SHORT_TEXT_BYTES = 12;

/** Character by character, which is the quicker way for so few: no view is made, and no list of arguments. Undefined for any other text. */
function decodeShortAscii(bytes: Uint8Array, from: number, end: number): string | undefined {
  let text = '';
  for (let at = from; at < end; at++) {
    const code = bytes[at]!;
    if (code >= 0x80) return undefined;
    text += String.fromCharCode(code);
  }
  return text;
}
