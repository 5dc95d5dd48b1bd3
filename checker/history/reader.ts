/** The front door for recorded histories: one reader for every format, recognised from the content or named. */
import { EdnReader } from './edn-reader.ts';
import { HistoryError } from './error.ts';
import { EtcdLogReader } from './etcd-log.ts';
import { recogniseFormat, type Format, type NotRecognised } from './format.ts';
import { JsonlReader } from './jsonl.ts';
import { JsonRowsReader } from './json-rows.ts';
import { KvTextReader } from './kv-text.ts';
import type { History } from './operation.ts';
import type { HistoryReader, ReadingOptions } from './reading.ts';
import { encodedPieces } from './utf8.ts';

export interface ReaderOptions extends ReadingOptions {
  /** How the history is written; recognised from its content by default. */
  readonly format?: Format | 'auto';
}

/**
 * A reader for chunks of any size.
 * @param name how messages name the file
 */
export function historyReader(name: string, options: ReaderOptions = {}): HistoryReader {
  const { format = 'auto' } = options;
  return format === 'auto' ? new RecognisingReader(name, options) : readerOf(format, name, options);
}

/**
 * Reads a whole history.
 * @param content text, or its bytes in UTF-8
 * @param name how messages name the file
 * @throws HistoryError for what is malformed, with its line
 */
export function readHistory(content: string | Uint8Array, name: string, options: ReaderOptions = {}): History {
  const reader = historyReader(name, options);
  const pieces = typeof content === 'string' ? encodedPieces(content) : [content];
  for (const piece of pieces) reader.push(piece);
  return reader.finish();
}

function readerOf(format: Format, name: string, options: ReadingOptions): HistoryReader {
  switch (format) {
    case 'jsonl':
      return new JsonlReader(name, options);
    case 'edn':
      return new EdnReader(name, options);
    case 'etcd-log':
      return new EtcdLogReader(name, options);
    case 'kv-text':
      return new KvTextReader(name, options);
    case 'rows':
      return new JsonRowsReader(name, options);
  }
}

/** Bytes that are looked at before the format is told, if there are as many. */
const ENOUGH = 4096;

/** Keeps the first chunks until the format can be told. */
class RecognisingReader implements HistoryReader {
  readonly #name: string;
  readonly #options: ReadingOptions;
  /** What came so far: copies, since whoever pushes may use the memory again. */
  readonly #chunks: Uint8Array[] = [];
  #length = 0;
  /** Length at which the next attempt is made: it doubles, so that tiny chunks cost little. */
  #enough = ENOUGH;
  #reader: HistoryReader | undefined;

  constructor(name: string, options: ReadingOptions) {
    this.#name = name;
    this.#options = options;
  }

  push(bytes: Uint8Array): void {
    if (this.#reader !== undefined) {
      this.#reader.push(bytes);
      return;
    }
    this.#chunks.push(new Uint8Array(bytes));
    this.#length += bytes.length;
    if (this.#length >= this.#enough) this.#recognise(false);
  }

  finish(): History {
    if (this.#reader === undefined) this.#recognise(true);
    return this.#reader!.finish();
  }

  #recognise(isWhole: boolean): void {
    const first = joined(this.#chunks.splice(0), this.#length);
    const known = recognised(first, isWhole);
    if (typeof known !== 'string' && known.kind === 'too-short') {
      this.#chunks.push(first);
      this.#enough = 2 * this.#length;
      return;
    }
    this.#reader = readerOf(this.#formatOf(known, first), this.#name, this.#options);
    this.#reader.push(first);
  }

  #formatOf(known: Format | NotRecognised, first: Uint8Array): Format {
    if (typeof known === 'string') return known;
    const isBlank = first.every((byte) => byte === 0x20 || (byte >= 0x09 && byte <= 0x0d));
    if (isBlank && this.#options.mayBeEmpty === true) return 'edn';
    throw new HistoryError(
      this.#name,
      1,
      known.kind === 'unknown' ? known.reason : 'the file is too short to tell its format',
    );
  }
}

/** Looks at a little first, and at more only where that does not tell. */
function recognised(first: Uint8Array, isWhole: boolean): Format | NotRecognised {
  for (let length = ENOUGH; length < first.length; length *= 2) {
    const known = recogniseFormat(first.subarray(0, length), false);
    if (typeof known === 'string' || known.kind === 'unknown') return known;
  }
  return recogniseFormat(first, isWhole);
}

function joined(chunks: readonly Uint8Array[], length: number): Uint8Array {
  const all = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.length;
  }
  return all;
}
