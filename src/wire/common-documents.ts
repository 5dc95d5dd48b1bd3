/**
 * The documents of the client protocol that are many, written to bytes and read from them without a text between: those with values that
 * are whole numbers, booleans or null, and names in plain ASCII; members in the order in which `JSON.stringify` has them, no blanks. Reading
 * one so takes a fifth of the time of `JSON.parse` and a look at each member. Whatever is not of that kind is undefined here, and written
 * or read in the other way, which also says what is wrong with it.
 */
import type { Json } from '../base/json.ts';
import { ByteWriter } from './bytes.ts';
import { OPERATIONS, READ_MODES, REFUSALS, type Operation, type Request, type Response } from './client-protocol.ts';

/** Undefined for every other document, be it well-formed or not. */
export function readCommonRequest(bytes: Uint8Array): Request | undefined {
  const scan = new Scan(bytes);
  const request = scan.skips(READ) ? readRead(scan) : scan.skips(COMMAND) ? readCommand(scan) : undefined;
  return scan.isOver ? request : undefined;
}

/** Undefined for every other document, be it well-formed or not. */
export function readCommonResponse(bytes: Uint8Array): Response | undefined {
  const scan = new Scan(bytes);
  const response = scan.skips(RESULT) ? readResult(scan) : scan.skips(REFUSED) ? readRefused(scan) : undefined;
  return scan.isOver ? response : undefined;
}

function readResult(scan: Scan): Response | undefined {
  const attempt = scan.integer(OUTPUT);
  const output = scan.value(NODE);
  const node = scan.text(TERM);
  const term = scan.integer(APPLIED);
  const applied = scan.integer(CLOSE);
  return output === undefined ? undefined : { kind: 'result', attempt, output, node, term, applied };
}

function readRefused(scan: Scan): Response {
  const attempt = scan.integer(REASON);
  const reason = scan.oneOf(REASONS, LEADER);
  const leader = scan.skips(NOBODY) ? null : scan.quoted(NODE_AFTER_TEXT);
  const node = scan.text(END_OF_TEXT);
  return { kind: 'refused', attempt, reason, leader, node };
}

function readRead(scan: Scan): Request {
  const attempt = scan.integer(MODE);
  const mode = scan.oneOf(MODES, KEY);
  const key = scan.text(END_OF_TEXT);
  return { kind: 'read', attempt, mode, key };
}

function readCommand(scan: Scan): Request | undefined {
  const attempt = scan.integer(SESSION);
  const session = scan.integer(SEQUENCE);
  const sequence = scan.integer(OPERATION);
  const operation = readOperation(scan);
  // Both begin with 1.
  if (operation === undefined || session === 0 || sequence === 0) return undefined;
  return { kind: 'command', attempt, session, sequence, operation };
}

function readOperation(scan: Scan): Operation | undefined {
  const f = scan.oneOf(FUNCTIONS, KEY);
  switch (f) {
    case 'write':
    case 'push':
    case 'insert':
    case 'remove': {
      const key = scan.text(VALUE);
      const value = scan.value(CLOSE_BOTH);
      return value === undefined ? undefined : { f, key, value };
    }
    case 'cas': {
      const key = scan.text(FROM);
      const from = scan.value(TO);
      const to = scan.value(CLOSE_BOTH);
      return from === undefined || to === undefined ? undefined : { f, key, from, to };
    }
    case 'read':
    case 'shift':
      return { f, key: scan.text(END_OF_BOTH) };
    case 'increment':
      return { f, key: scan.text(BY), by: scan.integer(CLOSE_BOTH) };
    case 'acquire':
    case 'release': {
      const key = scan.text(OWNER);
      const owner = scan.value(CLOSE_BOTH);
      return owner === undefined ? undefined : { f, key, owner };
    }
    case 'concat':
      return undefined;
  }
}

/** The bytes of that document, as `JSON.stringify` has it. Undefined where it is not of the kind above. */
export function writeCommonRequest(request: Request): Uint8Array | undefined {
  if (request.kind === 'read') {
    const { attempt, mode, key } = request;
    const write = new DocumentWriter().literal(READ).number(attempt).literal(MODE).text(mode).literal(KEY_AFTER_TEXT);
    return write.text(key).literal(END_OF_TEXT).finish();
  }
  if (request.kind !== 'command') return undefined;
  const { attempt, session, sequence, operation } = request;
  const write = new DocumentWriter().literal(COMMAND).number(attempt).literal(SESSION).number(session);
  write
    .literal(SEQUENCE)
    .number(sequence)
    .literal(OPERATION)
    .text(operation.f)
    .literal(KEY_AFTER_TEXT)
    .text(operation.key);
  return writeArguments(write, operation).finish();
}

function writeArguments(write: DocumentWriter, operation: Operation): DocumentWriter {
  switch (operation.f) {
    case 'write':
    case 'push':
    case 'insert':
    case 'remove':
      return write.literal(VALUE).value(operation.value).literal(CLOSE_BOTH);
    case 'cas':
      return write.literal(FROM).value(operation.from).literal(TO).value(operation.to).literal(CLOSE_BOTH);
    case 'read':
    case 'shift':
      return write.literal(END_OF_BOTH);
    case 'increment':
      return write.literal(BY).value(operation.by).literal(CLOSE_BOTH);
    case 'acquire':
    case 'release':
      return write.literal(OWNER).value(operation.owner).literal(CLOSE_BOTH);
    case 'concat':
      return write.isOther();
  }
}

/** The bytes of that document, as `JSON.stringify` has it. Undefined where it is not of the kind above. */
export function writeCommonResponse(response: Response): Uint8Array | undefined {
  if (response.kind === 'refused') return writeRefused(response);
  if (response.kind !== 'result') return undefined;
  const { attempt, output, node, term, applied } = response;
  const write = new DocumentWriter().literal(RESULT).number(attempt).literal(OUTPUT).value(output).literal(NODE);
  return write.text(node).literal(TERM).number(term).literal(APPLIED).number(applied).literal(CLOSE).finish();
}

function writeRefused({
  attempt,
  reason,
  leader,
  node,
}: Extract<Response, { kind: 'refused' }>): Uint8Array | undefined {
  const write = new DocumentWriter()
    .literal(REFUSED)
    .number(attempt)
    .literal(REASON)
    .text(reason)
    .literal(LEADER_AFTER_TEXT);
  if (leader === null) write.literal(NOBODY);
  else write.literal(QUOTE).text(leader).literal(NODE_AFTER_TEXT);
  return write.text(node).literal(END_OF_TEXT).finish();
}

/** Writes one document, unless something in it is not of the kind above. */
class DocumentWriter {
  readonly #writer = new ByteWriter();
  #isCommon = true;

  literal(text: Uint8Array): this {
    this.#writer.raw(text);
    return this;
  }

  number(value: number): this {
    if (Number.isSafeInteger(value) && value >= 0) this.#writer.decimal(value);
    else this.#isCommon = false;
    return this;
  }

  value(value: Json): this {
    if (typeof value === 'number') return this.number(value);
    const word = WORDS.find((it) => it[1] === value);
    if (word === undefined) return this.isOther();
    return this.literal(word[0]);
  }

  /** Without its quotation marks. */
  text(value: string): this {
    for (let i = 0; i < value.length; i++) {
      const code = value.charCodeAt(i);
      if (!isPlain(code)) return this.isOther();
      this.#writer.u8(code);
    }
    return this;
  }

  /** It is none of those. */
  isOther(): this {
    this.#isCommon = false;
    return this;
  }

  finish(): Uint8Array | undefined {
    const bytes = this.#writer.finish();
    return this.#isCommon ? bytes : undefined;
  }
}

/** More are more than 2^53 may hold. */
const MOST_DIGITS = 15;

/** A place in a document. Once something is not as expected it stands where no end is, and what it gives is of no use. */
class Scan {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** All was as expected, and nothing is left. */
  get isOver(): boolean {
    return this.#at === this.#bytes.length;
  }

  /** Goes behind that text, if it stands here. */
  skips(text: Uint8Array): boolean {
    const bytes = this.#bytes;
    const at = this.#at;
    for (let i = 0; i < text.length; i++) if (bytes[at + i] !== text[i]) return false;
    this.#at = at + text.length;
    return true;
  }

  /** A whole number from 0 on, and what follows it. */
  integer(then: Uint8Array): number {
    const bytes = this.#bytes;
    const from = this.#at;
    let at = from;
    let value = 0;
    for (; isDigit(bytes[at]); at++) value = 10 * value + bytes[at]! - ZERO;
    const isWritten = at > from && at - from <= MOST_DIGITS && (bytes[from] !== ZERO || at === from + 1);
    this.#goOn(isWritten ? at : Infinity, then);
    return value;
  }

  /** A value that is no text, list or object, and what follows it; undefined for any other. */
  value(then: Uint8Array): number | boolean | null | undefined {
    if (isDigit(this.#bytes[this.#at])) return this.integer(then);
    for (const [word, value] of WORDS) {
      if (!this.skips(word)) continue;
      this.#goOn(this.#at, then);
      return value;
    }
    return undefined;
  }

  /** The text up to the next quotation mark, with which `then` begins: printable ASCII without a backslash. */
  text(then: Uint8Array): string {
    const bytes = this.#bytes;
    let at = this.#at;
    let text = '';
    for (; isPlain(bytes[at]); at++) text += String.fromCharCode(bytes[at]!);
    this.#goOn(at, then);
    return text;
  }

  /** As `text`, with the quotation mark in front. */
  quoted(then: Uint8Array): string {
    if (this.skips(QUOTE)) return this.text(then);
    this.#at = Infinity;
    return '';
  }

  /** One of these texts, with its quotation mark, and what follows. */
  oneOf<T extends string>(texts: readonly (readonly [bytes: Uint8Array, text: T])[], then: Uint8Array): T {
    for (const [bytes, text] of texts) {
      if (!this.skips(bytes)) continue;
      this.#goOn(this.#at, then);
      return text;
    }
    this.#at = Infinity;
    return texts[0]![1];
  }

  #goOn(at: number, then: Uint8Array): void {
    this.#at = at;
    if (!this.skips(then)) this.#at = Infinity;
  }
}

const ZERO = 0x30;
const QUOTATION_MARK = 0x22;
const BACKSLASH = 0x5c;

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= ZERO && byte <= ZERO + 9;
}

function isPlain(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x20 && byte < 0x7f && byte !== QUOTATION_MARK && byte !== BACKSLASH;
}

function ascii(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

const READ = ascii('{"kind":"read","attempt":');
const COMMAND = ascii('{"kind":"command","attempt":');
const REFUSED = ascii('{"kind":"refused","attempt":');
const RESULT = ascii('{"kind":"result","attempt":');
const MODE = ascii(',"mode":"');
const KEY = ascii(',"key":"');
const KEY_AFTER_TEXT = ascii('","key":"');
const SESSION = ascii(',"session":');
const SEQUENCE = ascii(',"sequence":');
const OPERATION = ascii(',"operation":{"f":"');
const VALUE = ascii('","value":');
const FROM = ascii('","from":');
const TO = ascii(',"to":');
const BY = ascii('","by":');
const OWNER = ascii('","owner":');
const OUTPUT = ascii(',"output":');
const NODE = ascii(',"node":"');
const REASON = ascii(',"reason":"');
const LEADER = ascii(',"leader":');
const LEADER_AFTER_TEXT = ascii('","leader":');
const QUOTE = ascii('"');
/** In place of a leader, with all up to the node. */
const NOBODY = ascii('null,"node":"');
const NODE_AFTER_TEXT = ascii('","node":"');
const TERM = ascii('","term":');
const APPLIED = ascii(',"applied":');
const CLOSE = ascii('}');
const END_OF_TEXT = ascii('"}');
const END_OF_BOTH = ascii('"}}');
const CLOSE_BOTH = ascii('}}');
const WORDS = [
  [ascii('null'), null],
  [ascii('true'), true],
  [ascii('false'), false],
] as const;

function quoted<T extends string>(texts: readonly T[]): readonly (readonly [bytes: Uint8Array, text: T])[] {
  return texts.map((text) => [ascii(`${text}"`), text] as const);
}

const MODES = quoted(READ_MODES);
const FUNCTIONS = quoted(OPERATIONS);
const REASONS = quoted(REFUSALS);
