/**
 * Bytes to characters, chunk by chunk: UTF-8 as the readers of other people's formats need it. Sequences may straddle
 * chunks; what is not UTF-8 ends the text, because a replaced character would make different values equal.
 */
import { decodeUtf8 } from './utf8.ts';

const LINE_FEED = 0x0a;

/** Decodes UTF-8, strictly. A byte order mark at the start is left out. */
export class Characters {
  /** Bytes of a sequence that is not whole yet. */
  #rest: Uint8Array = new Uint8Array(0);
  #isFirst = true;
  /** True once bytes came that are not UTF-8: they and all after them are left out of what `push` returns. */
  isBroken = false;

  /** The characters that are whole after these bytes. */
  push(bytes: Uint8Array): string {
    if (this.isBroken) return '';
    const all = joined(this.#rest, bytes);
    const end = all.length - unfinished(all);
    // A copy: whoever pushes may use the memory again.
    this.#rest = new Uint8Array(all.subarray(end));
    const text = decodeUtf8(all, 0, end) ?? this.#untilBroken(all, end);
    if (!this.#isFirst || text === '') return text;
    this.#isFirst = false;
    return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
  }

  /** To be called when there are no more bytes: a sequence that was cut off is no UTF-8 either. */
  finish(): void {
    if (this.#rest.length > 0) this.isBroken = true;
  }

  /** Everything before the first byte that is not UTF-8, wherever chunks end. */
  #untilBroken(bytes: Uint8Array, end: number): string {
    this.isBroken = true;
    let from = 0;
    // Whole lines first, so that only one line is gone through by characters.
    for (let to = bytes.indexOf(LINE_FEED) + 1; to > 0 && to <= end; to = bytes.indexOf(LINE_FEED, from) + 1) {
      if (decodeUtf8(bytes, from, to) === undefined) break;
      from = to;
    }
    while (from < end && decodeUtf8(bytes, from, from + lengthOf(bytes[from]!)) !== undefined) {
      from += lengthOf(bytes[from]!);
    }
    return decodeUtf8(bytes, 0, from) ?? '';
  }
}

function joined(rest: Uint8Array, bytes: Uint8Array): Uint8Array {
  if (rest.length === 0) return bytes;
  const all = new Uint8Array(rest.length + bytes.length);
  all.set(rest);
  all.set(bytes, rest.length);
  return all;
}

/** How many bytes at the end begin a sequence that goes on after them. */
function unfinished(bytes: Uint8Array): number {
  for (let back = 1; back <= 3 && back <= bytes.length; back++) {
    const byte = bytes[bytes.length - back]!;
    if (byte < 0x80) return 0;
    if (byte < 0xc0) continue;
    return lengthOf(byte) > back ? back : 0;
  }
  return 0;
}

/** How many bytes a sequence has that begins with this one. */
function lengthOf(first: number): number {
  if (first < 0xc0) return 1;
  return first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
}
