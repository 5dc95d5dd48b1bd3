/**
 * The byte-level scanner: lines exactly as our recorder writes them, names in their fixed order and nothing between them,
 * go from bytes into the columns of a batch without becoming strings or objects. Whatever it does not know, it leaves to
 * `jsonl-line.ts`: it refuses nothing, and takes only lines that would be taken there, with the same result.
 *
 *     {"index":0,"time":1203400,"process":3,"type":"invoke","f":"write","key":"x","value":5,"node":"n2"}
 *
 * Names are compared four bytes at a time. Functions here return the place behind what they read, or −1.
 */
import { ByteStrings } from './byte-strings.ts';
import { ANSWER_FAIL, ANSWER_INFO, ANSWER_OK, type EventBatch, INVOKE } from './event-batch.ts';
import { NO_NAME, type Rows } from './table.ts';
import { FALSE_VALUE, NULL_VALUE, TRUE_VALUE, type Values } from './values.ts';

/** How many readable bytes must follow the last line in the buffer: names are compared before a line is known to end. */
export const PADDING = 16;

/** Four ASCII bytes as `DataView.getInt32(…, true)` reads them. */
function word(text: string): number {
  return text.charCodeAt(0) | (text.charCodeAt(1) << 8) | (text.charCodeAt(2) << 16) | (text.charCodeAt(3) << 24);
}

const COMMA = 0x2c;
const MINUS = 0x2d;
const ZERO = 0x30;
const NINE = 0x39;
const QUOTE = 0x22;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const CLOSE_BRACE = 0x7d;
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const N = 0x6e;
const T = 0x74;
const F = 0x66;

// Each name with its punctuation, in overlapping words.
const INDEX = [word('{"in'), word('dex"'), word('ex":')] as const;
const TIME = [word(',"ti'), word('me":')] as const;
const PROCESS = [word(',"pr'), word('oces'), word('ss":')] as const;
const TYPE = [word(',"ty'), word('pe":'), word('e":"')] as const;
const INVOKE_WORDS = [word('invo'), word('oke"')] as const;
const OK_WORD = word('ok",');
const FAIL_WORD = word('fail');
const INFO_WORD = word('info');
const F_WORDS = [word(',"f"'), word('f":"')] as const;
const KEY = [word(',"ke'), word('y":"')] as const;
const VALUE = [word(',"va'), word('lue"'), word('ue":')] as const;
const ERROR = [word(',"er'), word('ror"'), word('r":"')] as const;
const NODE = [word(',"no'), word('de":'), word('e":"')] as const;
const TERM = [word(',"te'), word('rm":')] as const;
const APPLIED = [word(',"ap'), word('plie'), word('ed":')] as const;
const NULL_WORD = word('null');
const TRUE_WORD = word('true');
const ALSE = word('alse');

/** Reads lines of a buffer into a batch. */
export class LineScanner {
  /** The line that was read last, from 1, its index and its time; −1 before the first. Kept up by whoever reads a line. */
  line = 0;
  lastIndex = -1;
  lastTimeNs = -1;
  readonly #batch: EventBatch;
  readonly #values: Values;
  readonly #names: ByteStrings;
  readonly #strings: ByteStrings;
  readonly #number: Float64Array = new Float64Array(1);
  readonly #pair: Int32Array = new Int32Array(2);

  constructor(rows: Rows, batch: EventBatch) {
    this.#batch = batch;
    this.#values = rows.values;
    this.#names = new ByteStrings((entry) => rows.name(this.#names.text(entry)));
    this.#strings = rows.values.strings;
  }

  /**
   * Reads lines until one is not known, the batch is full, or the lines end.
   * @param view over `bytes`, of which PADDING follow `to`
   * @param to behind the line feed of the last line
   * @returns where the first line begins that was not read
   */
  scan(bytes: Uint8Array, view: DataView, from: number, to: number): number {
    const batch = this.#batch;
    let start = from;
    while (start < to && batch.count < batch.capacity) {
      const end = this.#line(bytes, view, start, batch.count);
      if (end < 0) break;
      start = end;
      this.line++;
      batch.line[batch.count++] = this.line;
    }
    return start;
  }

  #line(bytes: Uint8Array, view: DataView, start: number, i: number): number {
    const batch = this.#batch;
    let at = start;
    if (view.getInt32(at, true) !== INDEX[0]) return -1;
    if (view.getInt32(at + 4, true) !== INDEX[1] || view.getInt32(at + 5, true) !== INDEX[2]) return -1;
    at = count(bytes, at + 9, batch.id, i);
    if (at < 0 || batch.id[i]! <= this.lastIndex) return -1;
    if (view.getInt32(at, true) !== TIME[0] || view.getInt32(at + 4, true) !== TIME[1]) return -1;
    at = count(bytes, at + 8, batch.timeNs, i);
    if (at < 0 || batch.timeNs[i]! < this.lastTimeNs) return -1;
    if (view.getInt32(at, true) !== PROCESS[0] || view.getInt32(at + 4, true) !== PROCESS[1]) return -1;
    if (view.getInt32(at + 7, true) !== PROCESS[2]) return -1;
    at = count(bytes, at + 11, batch.process, i);
    if (at < 0) return -1;
    at = this.#type(view, at, i);
    if (at < 0) return -1;
    if (view.getInt32(at, true) !== F_WORDS[0] || view.getInt32(at + 2, true) !== F_WORDS[1]) return -1;
    at = this.#names.read(bytes, at + 6, batch.f, i);
    if (at < 0) return -1;
    if (view.getInt32(at, true) === KEY[0] && view.getInt32(at + 4, true) === KEY[1]) {
      at = this.#names.read(bytes, at + 8, batch.key, i);
      if (at < 0) return -1;
    } else {
      batch.key[i] = NO_NAME;
    }
    if (view.getInt32(at, true) !== VALUE[0] || view.getInt32(at + 4, true) !== VALUE[1]) return -1;
    if (view.getInt32(at + 5, true) !== VALUE[2]) return -1;
    at = this.#value(bytes, view, at + 9, i);
    if (at < 0) return -1;
    at = this.#rest(bytes, view, at, i);
    if (at < 0) return -1;
    this.lastIndex = batch.id[i]!;
    this.lastTimeNs = batch.timeNs[i]!;
    return at;
  }

  #type(view: DataView, at: number, i: number): number {
    const { type } = this.#batch;
    if (view.getInt32(at, true) !== TYPE[0] || view.getInt32(at + 4, true) !== TYPE[1]) return -1;
    if (view.getInt32(at + 5, true) !== TYPE[2]) return -1;
    const first = view.getInt32(at + 9, true);
    if (first === INVOKE_WORDS[0] && view.getInt32(at + 12, true) === INVOKE_WORDS[1]) {
      type[i] = INVOKE;
      return at + 16;
    }
    if (first === OK_WORD) {
      type[i] = ANSWER_OK;
      return at + 12;
    }
    if (view.getUint8(at + 13) !== QUOTE) return -1;
    if (first === FAIL_WORD) type[i] = ANSWER_FAIL;
    else if (first === INFO_WORD) type[i] = ANSWER_INFO;
    else return -1;
    return at + 14;
  }

  #value(bytes: Uint8Array, view: DataView, at: number, i: number): number {
    if (bytes[at] !== OPEN_BRACKET) return this.#scalar(bytes, view, at, this.#batch.value, i);
    const pair = this.#pair;
    let next = this.#scalar(bytes, view, at + 1, pair, 0);
    if (next < 0 || bytes[next] !== COMMA) return -1;
    next = this.#scalar(bytes, view, next + 1, pair, 1);
    if (next < 0 || bytes[next] !== CLOSE_BRACKET) return -1;
    this.#batch.value[i] = this.#values.ofPair(pair[0]!, pair[1]!);
    return next + 1;
  }

  /** A whole number, null, a boolean or a plain string. */
  #scalar(bytes: Uint8Array, view: DataView, at: number, into: Int32Array, i: number): number {
    const first = bytes[at]!;
    if (first >= ZERO && first <= NINE) {
      const end = count(bytes, at, this.#number, 0);
      if (end >= 0) into[i] = this.#values.ofNumber(this.#number[0]!);
      return end;
    }
    if (first === QUOTE) return this.#strings.read(bytes, at + 1, into, i);
    if (first === N) {
      into[i] = NULL_VALUE;
      return view.getInt32(at, true) === NULL_WORD ? at + 4 : -1;
    }
    if (first === MINUS) {
      const end = count(bytes, at + 1, this.#number, 0);
      if (end >= 0) into[i] = this.#values.ofNumber(-this.#number[0]!);
      return end;
    }
    if (first === T) {
      into[i] = TRUE_VALUE;
      return view.getInt32(at, true) === TRUE_WORD ? at + 4 : -1;
    }
    into[i] = FALSE_VALUE;
    return first === F && view.getInt32(at + 1, true) === ALSE ? at + 5 : -1;
  }

  /** What may follow the value, and the end of the line. */
  #rest(bytes: Uint8Array, view: DataView, start: number, i: number): number {
    const batch = this.#batch;
    let at = start;
    batch.error[i] = NO_NAME;
    batch.node[i] = NO_NAME;
    batch.term[i] = NaN;
    batch.applied[i] = NaN;
    if (view.getInt32(at, true) === ERROR[0] && view.getInt32(at + 4, true) === ERROR[1]) {
      if (view.getInt32(at + 6, true) !== ERROR[2]) return -1;
      at = this.#names.read(bytes, at + 10, batch.error, i);
      if (at < 0) return -1;
    }
    if (view.getInt32(at, true) === NODE[0] && view.getInt32(at + 4, true) === NODE[1]) {
      if (view.getInt32(at + 5, true) !== NODE[2]) return -1;
      at = this.#names.read(bytes, at + 9, batch.node, i);
      if (at < 0) return -1;
    }
    if (view.getInt32(at, true) === TERM[0] && view.getInt32(at + 4, true) === TERM[1]) {
      at = count(bytes, at + 8, batch.term, i);
      if (at < 0) return -1;
    }
    if (view.getInt32(at, true) === APPLIED[0] && view.getInt32(at + 4, true) === APPLIED[1]) {
      if (view.getInt32(at + 7, true) !== APPLIED[2]) return -1;
      at = count(bytes, at + 11, batch.applied, i);
      if (at < 0) return -1;
    }
    if (bytes[at] !== CLOSE_BRACE) return -1;
    if (bytes[at + 1] === LINE_FEED) return at + 2;
    return bytes[at + 1] === CARRIAGE_RETURN && bytes[at + 2] === LINE_FEED ? at + 3 : -1;
  }
}

/** A whole number from 0 to 2^53 − 1, as JSON writes it. */
function count(bytes: Uint8Array, start: number, into: Float64Array, i: number): number {
  let at = start;
  // Nine digits fit an integer of 31 bits; a number has 16 at most.
  let high = 0;
  for (const to = start + 9; at < to; at++) {
    const digit = bytes[at]! - ZERO;
    if (digit < 0 || digit > 9) break;
    high = high * 10 + digit;
  }
  if (at === start || (bytes[start] === ZERO && at > start + 1)) return -1;
  if (at < start + 9) {
    into[i] = high;
    return at;
  }
  let low = 0;
  let power = 1;
  for (const to = start + 16; at < to; at++) {
    const digit = bytes[at]! - ZERO;
    if (digit < 0 || digit > 9) break;
    low = low * 10 + digit;
    power *= 10;
  }
  const value = high * power + low;
  into[i] = value;
  return value <= Number.MAX_SAFE_INTEGER ? at : -1;
}
