/** Recognises the format of a history from its content: file names lie, and standard input has none. */
import { EdnParser, EndOfText } from './edn.ts';
import { EdnError, EdnMap, Keyword } from './edn-elements.ts';
import { isEtcdLogLine } from './etcd-log.ts';
import { endOfObject } from './json-text.ts';

/** The formats that are read, as `--format` calls them. */
export const formats = ['jsonl', 'edn', 'etcd-log', 'kv-text', 'rows'] as const;

/** How a history is written. */
export type Format = (typeof formats)[number];

/** In place of a format: more bytes are needed to tell, or no format begins like this. */
export type NotRecognised = { readonly kind: 'too-short' } | { readonly kind: 'unknown'; readonly reason: string };

/**
 * The format of a file that begins with these bytes.
 * @param isWhole true if the file ends with them
 */
export function recogniseFormat(firstBytes: Uint8Array, isWhole = false): Format | NotRecognised {
  const reason = binaryReason(firstBytes);
  if (reason !== undefined) return { kind: 'unknown', reason };
  const start = significant(asciiOf(firstBytes), 0);
  const text = asciiOf(firstBytes).slice(start);
  if (text === '') return isWhole ? { kind: 'unknown', reason: 'the file is empty' } : { kind: 'too-short' };
  const format = byBrackets(text, isWhole) ?? (text.split('\n').some(isEtcdLogLine) ? 'etcd-log' : undefined);
  if (format !== undefined) return format;
  return isWhole || text.length > PROLOGUE_MAX
    ? { kind: 'unknown', reason: unknownReason(text) }
    : { kind: 'too-short' };
}

/** Bytes after which no format is looked for any more: a log may begin with many lines of other things. */
const PROLOGUE_MAX = 1 << 20;

/** Signs at the beginning of files that are no text, and what they look like. */
const SIGNS: readonly (readonly [signature: readonly number[], reason: string])[] = [
  [[0x1f, 0x8b], 'looks gzip-compressed: gunzip it first'],
  [[0x28, 0xb5, 0x2f, 0xfd], 'looks zstd-compressed: unzstd it first'],
  [[0xfd, 0x37, 0x7a, 0x58, 0x5a], 'looks xz-compressed: unxz it first'],
  [[0x42, 0x5a, 0x68], 'looks bzip2-compressed: bunzip2 it first'],
  [[0x50, 0x4b, 0x03, 0x04], 'looks like a zip file: unzip it first'],
  [[0xff, 0xfe], 'looks like UTF-16: convert it to UTF-8 first (iconv -f utf-16 -t utf-8)'],
  [[0xfe, 0xff], 'looks like UTF-16: convert it to UTF-8 first (iconv -f utf-16 -t utf-8)'],
];

const BINARY = 'looks binary, not like text';
/** Bytes that are looked at for signs of a binary file. */
const BINARY_PROBE = 512;

function binaryReason(bytes: Uint8Array): string | undefined {
  for (const [signature, reason] of SIGNS) {
    if (signature.every((byte, i) => bytes[i] === byte)) return reason;
  }
  const probe = bytes.subarray(0, BINARY_PROBE);
  const zeros = probe.reduce((count, byte) => count + (byte === 0 ? 1 : 0), 0);
  if (zeros === 0) return undefined;
  return zeros * 3 > probe.length ? SIGNS.at(-1)![1] : BINARY;
}

/** Formats whose first characters are brackets; undefined where those do not tell. */
function byBrackets(text: string, isWhole: boolean): Format | undefined {
  const [first, second] = [text.charAt(0), after(text, 0)];
  if (first === '#') return /[A-Za-z_]/.test(text.charAt(1)) ? 'edn' : undefined;
  if (first === '(') return '{#)'.includes(second) && second !== '' ? 'edn' : undefined;
  if (first === '[') {
    if (second === '{') return after(text, text.indexOf('{')) === '"' ? 'rows' : 'edn';
    return second === ']' || second === '#' ? 'edn' : undefined;
  }
  if (first !== '{') return undefined;
  return second === '"' ? jsonFormat(text, isWhole) : ':#}'.includes(second) ? ednFormat(text, isWhole) : undefined;
}

/** The first significant character behind a place. */
function after(text: string, at: number): string {
  return text.charAt(significant(text, at + 1));
}

/** Rows have a call and an input; everything else that is an object is meant to be a line of our own. */
function jsonFormat(text: string, isWhole: boolean): Format | undefined {
  const end = endOfObject(text, 0);
  if (end < 0) return isWhole ? 'jsonl' : undefined;
  try {
    const names = Object.keys(JSON.parse(text.slice(0, end)) as object).map((name) => name.toLowerCase());
    return names.includes('call') && names.includes('input') ? 'rows' : 'jsonl';
  } catch {
    return 'jsonl';
  }
}

/** Maps of kv text have a `:key`. */
function ednFormat(text: string, isWhole: boolean): Format | undefined {
  try {
    const form = new EdnParser(text, 0, isWhole).read();
    return form instanceof EdnMap && form.keys.some((key) => key instanceof Keyword && key.name === 'key')
      ? 'kv-text'
      : 'edn';
  } catch (error) {
    if (error instanceof EndOfText) return undefined;
    if (error instanceof EdnError) return 'edn';
    throw error;
  }
}

/** Past white space, commas and comments. */
function significant(text: string, from: number): number {
  let at = from;
  for (;;) {
    while (at < text.length && ' \t\r\n\f,'.includes(text.charAt(at))) at++;
    if (text.charAt(at) !== ';') return at;
    const end = text.indexOf('\n', at);
    at = end < 0 ? text.length : end;
  }
}

/** The bytes as characters, others than ASCII as question marks; a byte order mark left out. */
function asciiOf(bytes: Uint8Array): string {
  const hasMark = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  let text = '';
  for (let at = hasMark ? 3 : 0; at < bytes.length; at += 4096) {
    text += String.fromCharCode(...bytes.subarray(at, at + 4096).map((byte) => (byte < 0x80 ? byte : 0x3f)));
  }
  return text;
}

function unknownReason(text: string): string {
  const line = JSON.stringify(text.split('\n', 1)[0]!.slice(0, 60));
  const known = 'jsonl, edn, etcd-log, kv-text and rows';
  return text.startsWith('<')
    ? 'looks like a web page, not a history'
    : `no format known here begins like this: ${line} (known are ${known})`;
}
