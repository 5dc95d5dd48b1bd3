/**
 * Reads `history.jsonl`: one Jepsen operation a line, as JSON. `README.md` beside this folder describes the format; a line
 * that does not keep to it is an error, never a guess, because a checker that misreads its input lies.
 *
 * Reading is a stream: bytes come in pieces of any size, whole lines are scanned in a buffer of about a piece, and what they
 * say ends up in columns. So a file of a million operations costs the memory of its columns, and not that of its text.
 */
import { ANSWER_FAIL, ANSWER_INFO, ANSWER_OK, EventBatch, INVOKE } from './event-batch.ts';
import { EventPairing } from './event-pairing.ts';
import { type HistoryLine, lineOf, NOT_JSON } from './jsonl-line.ts';
import { LineScanner, PADDING } from './jsonl-scan.ts';
import type { History } from './operation.ts';
import type { HistoryReader, ReadingOptions } from './reading.ts';
import { NO_NAME } from './table.ts';
import { decodeUtf8, encodedPieces } from './utf8.ts';

export { writeJsonl } from './jsonl-writer.ts';

/**
 * Reads a whole file. A last line that a crash cut off (no newline at its end, not JSON) is dropped with a warning.
 * @param content the file's content: text, or bytes in UTF-8
 * @param name how messages name the file
 * @throws HistoryError for an empty file and for every other malformed line
 */
export function readJsonl(content: string | Uint8Array, name: string, options: ReadingOptions = {}): History {
  const reader = new JsonlReader(name, options);
  if (typeof content === 'string') for (const piece of encodedPieces(content)) reader.push(piece);
  else reader.push(content);
  return reader.finish();
}

/** Bytes that are taken into the buffer at a time. */
const PIECE_BYTES = 1 << 20;
const MAX_LINE_MIB = 64;
const BATCH_EVENTS = 512;

const LINE_FEED = 0x0a;
const BYTE_ORDER_MARK: readonly number[] = [0xef, 0xbb, 0xbf];

const TYPES = { invoke: INVOKE, ok: ANSWER_OK, fail: ANSWER_FAIL, info: ANSWER_INFO } as const;

/** Reads a file that comes in pieces: `push` each, then `finish`. Of no use any more once it has thrown. */
export class JsonlReader implements HistoryReader {
  readonly #pairing: EventPairing;
  readonly #batch = new EventBatch(BATCH_EVENTS);
  readonly #scanner: LineScanner;
  readonly #name: string;
  readonly #options: ReadingOptions;
  /** The first `#filled` bytes are read by nobody yet: at most a line without an end, between two pieces. */
  #buffer: Uint8Array = new Uint8Array(PADDING);
  #view: DataView = new DataView(this.#buffer.buffer);
  #filled = 0;
  #hasBegun = false;
  readonly #warnings: string[] = [];

  /** @param name how messages name the file */
  constructor(name: string, options: ReadingOptions = {}) {
    this.#name = name;
    this.#options = options;
    this.#pairing = new EventPairing(name, (error) => error === mismatch);
    const mismatch = this.#pairing.rows.name('mismatch');
    this.#scanner = new LineScanner(this.#pairing.rows, this.#batch);
  }

  /**
   * Takes the next bytes of the file, of which it keeps nothing.
   * @throws HistoryError for a line that is malformed or cannot follow the ones before it
   */
  push(bytes: Uint8Array): void {
    for (let from = 0; from < bytes.length; from += PIECE_BYTES) this.#take(bytes.subarray(from, from + PIECE_BYTES));
  }

  /**
   * The history, after the last byte.
   * @throws HistoryError for an empty file, and for a last line like `push`
   */
  finish(): History {
    if (this.#filled > 0) this.#lastLine();
    this.#pairing.add(this.#batch);
    if (this.#scanner.line === 0 && this.#options.mayBeEmpty !== true) {
      this.#pairing.refuse(1, this.#hasBegun ? 'no complete line' : 'the file is empty');
    }
    const { clients } = this.#options;
    return this.#pairing.finish({ ...(clients === undefined ? {} : { clients }), warnings: this.#warnings });
  }

  #take(piece: Uint8Array): void {
    const end = piece.lastIndexOf(LINE_FEED) + 1;
    this.#fill(piece);
    if (end === 0) return;
    const to = this.#filled - piece.length + end;
    this.#lines(to);
    this.#buffer.copyWithin(0, to, this.#filled);
    this.#filled -= to;
  }

  #fill(piece: Uint8Array): void {
    const filled = this.#filled + piece.length;
    if (filled > MAX_LINE_MIB << 20) this.#refuse(`a line of more than ${MAX_LINE_MIB} MiB`);
    if (filled + PADDING > this.#buffer.length) {
      const larger = new Uint8Array(2 ** Math.ceil(Math.log2(filled + PADDING)));
      larger.set(this.#buffer.subarray(0, this.#filled));
      this.#buffer = larger;
      this.#view = new DataView(larger.buffer);
    }
    this.#buffer.set(piece, this.#filled);
    this.#filled = filled;
  }

  /** Reads the whole lines up to `to`. */
  #lines(to: number): void {
    let at = this.#afterMark();
    while (at < to) {
      at = this.#scanner.scan(this.#buffer, this.#view, at, to);
      if (this.#batch.count === BATCH_EVENTS) this.#pairing.add(this.#batch);
      else if (at < to) at = this.#tolerantLine(at);
    }
  }

  /** Where the file begins, behind a byte order mark. */
  #afterMark(): number {
    if (this.#hasBegun) return 0;
    const hasMark = BYTE_ORDER_MARK.every((byte, at) => at < this.#filled && this.#buffer[at] === byte);
    this.#hasBegun = this.#filled > (hasMark ? 3 : 0);
    return hasMark ? 3 : 0;
  }

  #tolerantLine(at: number): number {
    const end = this.#buffer.indexOf(LINE_FEED, at);
    const text = decodeUtf8(this.#buffer, at, end);
    if (text === undefined) this.#refuse('not UTF-8');
    const line = lineOf(text);
    if (line === NOT_JSON) this.#refuse(notJson(text));
    this.#append(line);
    return end + 1;
  }

  #lastLine(): void {
    const from = this.#afterMark();
    if (from === this.#filled) return;
    const text = decodeUtf8(this.#buffer, from, this.#filled);
    const line = text === undefined ? NOT_JSON : lineOf(text);
    if (line !== NOT_JSON) return this.#append(line);
    this.#warnings.push(`${this.#name}:${this.#scanner.line + 1}: the last line was cut off and is left out`);
  }

  /** A line that the scanner did not read, in its place behind those that it did. */
  #append(line: HistoryLine | string): void {
    if (typeof line === 'string') this.#refuse(line);
    this.#checkOrder(line);
    const { rows } = this.#pairing;
    const batch = this.#batch;
    const name = (text: string | undefined): number => (text === undefined ? NO_NAME : rows.name(text));
    const i = batch.count++;
    batch.line[i] = ++this.#scanner.line;
    batch.type[i] = TYPES[line.type];
    batch.id[i] = this.#scanner.lastIndex = line.index;
    batch.timeNs[i] = this.#scanner.lastTimeNs = line.time;
    batch.process[i] = line.process;
    batch.f[i] = rows.name(line.f);
    batch.key[i] = name(line.key);
    batch.value[i] = rows.values.of(line.value);
    batch.error[i] = name(line.error);
    batch.node[i] = name(line.node);
    batch.term[i] = line.term ?? NaN;
    batch.applied[i] = line.applied ?? NaN;
  }

  #checkOrder({ index, time }: HistoryLine): void {
    const { lastIndex, lastTimeNs } = this.#scanner;
    if (index === lastIndex) this.#refuse(`index ${index} stands twice`);
    if (index < lastIndex) this.#refuse(`index ${index} comes after ${lastIndex}`);
    if (time < lastTimeNs) this.#refuse(`time ${time} is before ${lastTimeNs} on the line above`);
  }

  /** Refuses the line behind those that were read, unless one of them cannot be paired: then that one. */
  #refuse(reason: string): never {
    this.#pairing.add(this.#batch);
    this.#pairing.refuse(this.#scanner.line + 1, reason);
  }
}

function notJson(text: string): string {
  if (text.trim() === '') return 'an empty line';
  return text.includes('\0') ? 'a NUL byte' : 'not JSON';
}
