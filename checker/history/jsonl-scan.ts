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

// Each name with its punctuation, in overlapping words. Single constants, because the compiler puts those into the code.
const INDEX_1: number = word('{"in');
const INDEX_2: number = word('dex"');
const INDEX_3: number = word('ex":');
const TIME_1: number = word(',"ti');
const TIME_2: number = word('me":');
const PROCESS_1: number = word(',"pr');
const PROCESS_2: number = word('oces');
const PROCESS_3: number = word('ss":');
const TYPE_1: number = word(',"ty');
const TYPE_2: number = word('pe":');
const TYPE_3: number = word('e":"');
const INVOKE_1: number = word('invo');
const INVOKE_2: number = word('oke"');
const OK_: number = word('ok",');
const FAIL_: number = word('fail');
const INFO_: number = word('info');
const F_NAME_1: number = word(',"f"');
const F_NAME_2: number = word('f":"');
const KEY_1: number = word(',"ke');
const KEY_2: number = word('y":"');
const VALUE_1: number = word(',"va');
const VALUE_2: number = word('lue"');
const VALUE_3: number = word('ue":');
const ERROR_1: number = word(',"er');
const ERROR_2: number = word('ror"');
const ERROR_3: number = word('r":"');
const NODE_1: number = word(',"no');
const NODE_2: number = word('de":');
const NODE_3: number = word('e":"');
const TERM_1: number = word(',"te');
const TERM_2: number = word('rm":');
const APPLIED_1: number = word(',"ap');
const APPLIED_2: number = word('plie');
const APPLIED_3: number = word('ed":');
const NULL_: number = word('null');
const TRUE_: number = word('true');
const ALSE: number = word('alse');

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
    if (view.getInt32(at, true) !== INDEX_1) return -1;
    if (view.getInt32(at + 4, true) !== INDEX_2 || view.getInt32(at + 5, true) !== INDEX_3) return -1;
    at = count(bytes, view, at + 9, batch.id, i);
    if (at < 0 || batch.id[i]! <= this.lastIndex) return -1;
    if (view.getInt32(at, true) !== TIME_1 || view.getInt32(at + 4, true) !== TIME_2) return -1;
    at = count(bytes, view, at + 8, batch.timeNs, i);
    if (at < 0 || batch.timeNs[i]! < this.lastTimeNs) return -1;
    if (view.getInt32(at, true) !== PROCESS_1 || view.getInt32(at + 4, true) !== PROCESS_2) return -1;
    if (view.getInt32(at + 7, true) !== PROCESS_3) return -1;
    at = count(bytes, view, at + 11, batch.process, i);
    if (at < 0) return -1;
    at = this.#type(view, at, i);
    if (at < 0) return -1;
    if (view.getInt32(at, true) !== F_NAME_1 || view.getInt32(at + 2, true) !== F_NAME_2) return -1;
    at = this.#names.readName(bytes, view, at + 6, batch.f, i);
    if (at < 0) return -1;
    if (view.getInt32(at, true) === KEY_1 && view.getInt32(at + 4, true) === KEY_2) {
      at = this.#names.readName(bytes, view, at + 8, batch.key, i);
      if (at < 0) return -1;
    } else {
      batch.key[i] = NO_NAME;
    }
    if (view.getInt32(at, true) !== VALUE_1 || view.getInt32(at + 4, true) !== VALUE_2) return -1;
    if (view.getInt32(at + 5, true) !== VALUE_3) return -1;
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
    if (view.getInt32(at, true) !== TYPE_1 || view.getInt32(at + 4, true) !== TYPE_2) return -1;
    if (view.getInt32(at + 5, true) !== TYPE_3) return -1;
    const first = view.getInt32(at + 9, true);
    if (first === INVOKE_1 && view.getInt32(at + 12, true) === INVOKE_2) {
      type[i] = INVOKE;
      return at + 16;
    }
    if (first === OK_) {
      type[i] = ANSWER_OK;
      return at + 12;
    }
    if (view.getUint8(at + 13) !== QUOTE) return -1;
    if (first === FAIL_) type[i] = ANSWER_FAIL;
    else if (first === INFO_) type[i] = ANSWER_INFO;
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
      const end = count(bytes, view, at, this.#number, 0);
      if (end >= 0) into[i] = this.#values.ofNumber(this.#number[0]!);
      return end;
    }
    if (first === QUOTE) return this.#strings.read(bytes, at + 1, into, i);
    if (first === N) {
      into[i] = NULL_VALUE;
      return view.getInt32(at, true) === NULL_ ? at + 4 : -1;
    }
    if (first === MINUS) {
      const end = count(bytes, view, at + 1, this.#number, 0);
      if (end >= 0) into[i] = this.#values.ofNumber(-this.#number[0]!);
      return end;
    }
    if (first === T) {
      into[i] = TRUE_VALUE;
      return view.getInt32(at, true) === TRUE_ ? at + 4 : -1;
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
    if (view.getInt32(at, true) === ERROR_1 && view.getInt32(at + 4, true) === ERROR_2) {
      if (view.getInt32(at + 6, true) !== ERROR_3) return -1;
      at = this.#names.readName(bytes, view, at + 10, batch.error, i);
      if (at < 0) return -1;
    }
    if (view.getInt32(at, true) === NODE_1 && view.getInt32(at + 4, true) === NODE_2) {
      if (view.getInt32(at + 5, true) !== NODE_3) return -1;
      at = this.#names.readName(bytes, view, at + 9, batch.node, i);
      if (at < 0) return -1;
    }
    if (view.getInt32(at, true) === TERM_1 && view.getInt32(at + 4, true) === TERM_2) {
      at = count(bytes, view, at + 8, batch.term, i);
      if (at < 0) return -1;
    }
    if (view.getInt32(at, true) === APPLIED_1 && view.getInt32(at + 4, true) === APPLIED_2) {
      if (view.getInt32(at + 7, true) !== APPLIED_3) return -1;
      at = count(bytes, view, at + 11, batch.applied, i);
      if (at < 0) return -1;
    }
    if (bytes[at] !== CLOSE_BRACE) return -1;
    if (bytes[at + 1] === LINE_FEED) return at + 2;
    return bytes[at + 1] === CARRIAGE_RETURN && bytes[at + 2] === LINE_FEED ? at + 3 : -1;
  }
}

/** A whole number from 0 to 2^53 − 1, as JSON writes it. */
function count(bytes: Uint8Array, view: DataView, start: number, into: Float64Array, i: number): number {
  const middle = digits(bytes, view, start);
  if (middle === start || (bytes[start] === ZERO && middle > start + 1)) return -1;
  const high = parsed;
  if (middle < start + 8) {
    into[i] = high;
    return middle;
  }
  const end = digits(bytes, view, middle);
  const value = high * POWERS[end - middle]! + parsed;
  into[i] = value;
  return value <= Number.MAX_SAFE_INTEGER ? end : -1;
}

/** Of 0 to 8 digits. */
const POWERS: readonly number[] = [1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8];

/** What `digits` read. */
let parsed = 0;

/** Reads up to eight digits. */
function digits(bytes: Uint8Array, view: DataView, start: number): number {
  let at = start;
  let value = fourDigits(view.getInt32(at, true));
  if (value >= 0) {
    at += 4;
    const more = fourDigits(view.getInt32(at, true));
    if (more >= 0) {
      parsed = 10000 * value + more;
      return at + 4;
    }
  } else {
    value = 0;
  }
  for (let digit = bytes[at]! - ZERO; digit >= 0 && digit <= 9; digit = bytes[at]! - ZERO) {
    value = 10 * value + digit;
    at++;
  }
  parsed = value;
  return at;
}

/** The number that four digits in one word are, the first in the lowest byte; −1 where they are not all digits. */
function fourDigits(four: number): number {
  const values = four ^ 0x30303030;
  // A byte above 9 sets the top bit, with or without the addition.
  if ((((values + 0x76767676) | values) & 0x80808080) !== 0) return -1;
  const pairs = Math.imul(values, 10) + (values >>> 8);
  return 100 * (pairs & 0xff) + ((pairs >>> 16) & 0xff);
}
