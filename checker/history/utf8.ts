/**
 * UTF-8, strictly: what is not UTF-8 is no text, instead of text with replacement characters in which different names become
 * the same one. Here because this library does without the host's TextDecoder (which replaces, or is not there).
 */

/** Code units that are made into a string at a time. */
const PIECE = 2048;

/** The smallest code point that needs so many bytes; anything smaller is a forbidden, overlong form. */
const SMALLEST: readonly number[] = [0, 0, 0x80, 0x800, 0x10000];

/** The text of those bytes, or undefined where they are not UTF-8 (RFC 3629: no overlong form, no surrogate, at most U+10FFFF). */
export function decodeUtf8(bytes: Uint8Array, from: number, to: number): string | undefined {
  const units: number[] = [];
  let text = '';
  for (let at = from; at < to;) {
    const first = bytes[at]!;
    if (first < 0x80) {
      const end = endOfAscii(bytes, at, to);
      if (units.length > 0) text += String.fromCharCode(...units.splice(0));
      text += asciiText(bytes, at, end);
      at = end;
    } else {
      const length = lengthOf(first);
      const point = at + length > to ? -1 : pointAt(bytes, at, length);
      if (point < 0) return undefined;
      if (point < 0x10000) units.push(point);
      else units.push(0xd7c0 + (point >> 10), 0xdc00 + (point & 0x3ff));
      at += length;
    }
    if (units.length >= PIECE) text += String.fromCharCode(...units.splice(0));
  }
  return text + String.fromCharCode(...units);
}

/** The text of bytes that are ASCII. They go through an array, because spreading a typed one is five times as slow. */
export function asciiText(bytes: Uint8Array, from: number, to: number): string {
  let text = '';
  for (let start = from; start < to; start += PIECE) {
    const units: number[] = [];
    const end = Math.min(to, start + PIECE);
    for (let at = start; at < end; at++) units.push(bytes[at]!);
    text += String.fromCharCode(...units);
  }
  return text;
}

/** Where the run of ASCII characters ends. */
function endOfAscii(bytes: Uint8Array, from: number, to: number): number {
  let at = from;
  while (at < to && bytes[at]! < 0x80) at++;
  return at;
}

/** How many bytes begin with this one; 1 where none can. */
function lengthOf(first: number): number {
  if (first >= 0xc2 && first < 0xe0) return 2;
  if (first >= 0xe0 && first < 0xf0) return 3;
  return first >= 0xf0 && first < 0xf5 ? 4 : 1;
}

/** The code point of so many bytes, or −1 where they are none. */
function pointAt(bytes: Uint8Array, at: number, length: number): number {
  if (length === 1) return -1;
  let point = bytes[at]! & (0x7f >> length);
  for (let i = 1; i < length; i++) {
    const next = bytes[at + i]!;
    if ((next & 0xc0) !== 0x80) return -1;
    point = (point << 6) | (next & 0x3f);
  }
  const isSurrogate = point >= 0xd800 && point < 0xe000;
  return point < SMALLEST[length]! || isSurrogate || point > 0x10ffff ? -1 : point;
}

/**
 * The bytes of a text. Half a surrogate pair, which is no character, becomes three bytes that `decodeUtf8` refuses.
 */
export function encodeUtf8(text: string): Uint8Array {
  const bytes = new Uint8Array(3 * text.length);
  let length = 0;
  for (let i = 0; i < text.length; i++) {
    const point = text.codePointAt(i)!;
    if (point < 0x80) {
      bytes[length++] = point;
    } else if (point < 0x800) {
      bytes[length++] = 0xc0 | (point >> 6);
      bytes[length++] = 0x80 | (point & 0x3f);
    } else if (point < 0x10000) {
      bytes[length++] = 0xe0 | (point >> 12);
      bytes[length++] = 0x80 | ((point >> 6) & 0x3f);
      bytes[length++] = 0x80 | (point & 0x3f);
    } else {
      i++;
      bytes[length++] = 0xf0 | (point >> 18);
      bytes[length++] = 0x80 | ((point >> 12) & 0x3f);
      bytes[length++] = 0x80 | ((point >> 6) & 0x3f);
      bytes[length++] = 0x80 | (point & 0x3f);
    }
  }
  return bytes.subarray(0, length);
}

/** A text as pieces of bytes, so that a long one is not held twice. */
export function* encodedPieces(text: string, unitsPerPiece: number = 1 << 16): Generator<Uint8Array> {
  for (let from = 0; from < text.length;) {
    const last = text.charCodeAt(from + unitsPerPiece - 1);
    // A pair of surrogates stays together.
    const isHalf = last >= 0xd800 && last < 0xdc00;
    const to = from + unitsPerPiece + (isHalf ? 1 : 0);
    yield encodeUtf8(text.slice(from, to));
    from = to;
  }
}
