/** UTF-8 for the pure rooms, which have no TextEncoder. Round-trips every well-formed string; lone surrogates become U+FFFD. */

import { space } from './space.ts';

/** The UTF-8 bytes of `text`. */
export function encodeUtf8(text: string): Uint8Array {
  return encodeAscii(text) ?? encodeAny(text);
}

/** Most texts are ASCII, and a state machine of them is written and read at every snapshot. Undefined for any other. */
function encodeAscii(text: string): Uint8Array | undefined {
  const bytes = space(text.length);
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code >= 0x80) return undefined;
    bytes[i] = code;
  }
  return bytes;
}

function encodeAny(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length * 3);
  let n = 0;
  for (const char of text) {
    const raw = char.codePointAt(0)!;
    const point = raw >= 0xd800 && raw <= 0xdfff ? 0xfffd : raw;
    if (point < 0x80) bytes[n++] = point;
    else if (point < 0x800) {
      bytes[n++] = 0xc0 | (point >> 6);
      bytes[n++] = 0x80 | (point & 63);
    } else if (point < 0x10000) {
      bytes[n++] = 0xe0 | (point >> 12);
      bytes[n++] = 0x80 | ((point >> 6) & 63);
      bytes[n++] = 0x80 | (point & 63);
    } else {
      bytes[n++] = 0xf0 | (point >> 18);
      bytes[n++] = 0x80 | ((point >> 12) & 63);
      bytes[n++] = 0x80 | ((point >> 6) & 63);
      bytes[n++] = 0x80 | (point & 63);
    }
  }
  return bytes.slice(0, n);
}

/** The text of UTF-8 `bytes`; a malformed sequence becomes U+FFFD, as in TextDecoder. */
export function decodeUtf8(bytes: Uint8Array): string {
  return decodeAscii(bytes) ?? decodeAny(bytes);
}

function decodeAscii(bytes: Uint8Array): string | undefined {
  for (let i = 0; i < bytes.length; i++) if (bytes[i]! >= 0x80) return undefined;
  let text = '';
  let at = 0;
  if (bytes.length <= SHORT_BYTES) {
    for (; at + 8 <= bytes.length; at += 8) text += eightFrom(bytes, at);
    for (; at < bytes.length; at++) text += String.fromCharCode(bytes[at]!);
    return text;
  }
  for (let from = 0; from < bytes.length; from += 4096) {
    // Spread out, a byte array goes through its iterator, which takes ten times as long.
    text += Reflect.apply(String.fromCharCode, null, bytes.subarray(from, from + 4096));
  }
  return text;
}

/** As most documents of a protocol are; up to here a list of arguments for all of them costs more. */
const SHORT_BYTES = 160;

function eightFrom(bytes: Uint8Array, at: number): string {
  return String.fromCharCode(
    bytes[at]!,
    bytes[at + 1]!,
    bytes[at + 2]!,
    bytes[at + 3]!,
    bytes[at + 4]!,
    bytes[at + 5]!,
    bytes[at + 6]!,
    bytes[at + 7]!,
  );
}

function decodeAny(bytes: Uint8Array): string {
  const points: number[] = [];
  let text = '';
  for (let i = 0; i < bytes.length;) {
    const { point, length } = decodePoint(bytes, i);
    points.push(point);
    i += length;
    if (points.length === 4096) text += String.fromCodePoint(...points.splice(0));
  }
  return text + String.fromCodePoint(...points);
}

const REPLACEMENT = 0xfffd;

function decodePoint(bytes: Uint8Array, at: number): { point: number; length: number } {
  const first = bytes[at]!;
  if (first < 0x80) return { point: first, length: 1 };
  const size =
    first >= 0xf0 && first < 0xf5 ? 4 : first >= 0xe0 && first < 0xf0 ? 3 : first >= 0xc2 && first < 0xe0 ? 2 : 0;
  if (size === 0) return { point: REPLACEMENT, length: 1 };
  let point = first & (0xff >> (size + 1));
  for (let k = 1; k < size; k++) {
    const next = bytes[at + k];
    if (next === undefined || (next & 0xc0) !== 0x80) return { point: REPLACEMENT, length: k };
    point = (point << 6) | (next & 63);
  }
  const smallest = size === 2 ? 0x80 : size === 3 ? 0x800 : 0x10000;
  const wellFormed = point >= smallest && point <= 0x10ffff && !(point >= 0xd800 && point <= 0xdfff);
  return wellFormed ? { point, length: size } : { point: REPLACEMENT, length: size };
}
