/**
 * What stands in log entries of kind `command`. Every entry starts with the version of this layout, since a log outlives
 * the program that wrote it.
 */
import type { Json } from '../base/json.ts';
import { ByteReader, ByteWriter, WireError } from '../wire/bytes.ts';
import { OPERATIONS, type Operation } from '../wire/client-protocol.ts';

export type Command =
  /** The index of the entry becomes the session's id. */
  | { readonly kind: 'openSession' }
  | { readonly kind: 'closeSession'; readonly session: number }
  | { readonly kind: 'command'; readonly session: number; readonly sequence: number; readonly operation: Operation }
  /** A read that takes its place in the log (`--reads log`); it needs no session, since it changes nothing. */
  | { readonly kind: 'read'; readonly key: string };

const VERSION = 1;
/** The place in a list is the byte on disk: only ever add at the end. */
const KINDS = ['openSession', 'closeSession', 'command', 'read'] as const satisfies readonly Command['kind'][];

export function encodeCommand(command: Command): Uint8Array {
  const writer = new ByteWriter(64).u8(VERSION).u8(KINDS.indexOf(command.kind));
  switch (command.kind) {
    case 'openSession':
      break;
    case 'closeSession':
      writer.varint(command.session);
      break;
    case 'command':
      writeOperation(writer.varint(command.session).varint(command.sequence), command.operation);
      break;
    case 'read':
      writer.text(command.key);
      break;
  }
  return writer.finishInBlock();
}

/** Throws WireError on bytes that are no command of this version. */
export function decodeCommand(data: Uint8Array): Command {
  const reader = new ByteReader(data);
  const version = reader.u8();
  if (version !== VERSION) throw new WireError(`command version ${version}; this is ${VERSION}`);
  const command = readCommand(reader);
  reader.end();
  return command;
}

function readCommand(reader: ByteReader): Command {
  const kind = KINDS[reader.u8()] ?? unknownByte('command');
  switch (kind) {
    case 'openSession':
      return { kind };
    case 'closeSession':
      return { kind, session: reader.varint() };
    case 'command':
      return { kind, session: reader.varint(), sequence: reader.varint(), operation: readOperation(reader) };
    case 'read':
      return { kind, key: reader.text() };
  }
}

function writeOperation(writer: ByteWriter, operation: Operation): void {
  writer.u8(OPERATIONS.indexOf(operation.f)).text(operation.key);
  switch (operation.f) {
    case 'read':
    case 'shift':
      return;
    case 'write':
    case 'push':
    case 'insert':
    case 'remove':
      return writeJson(writer, operation.value);
    case 'cas':
      writeJson(writer, operation.from);
      return writeJson(writer, operation.to);
    case 'concat':
      return writeJson(writer, operation.text);
    case 'increment':
      return writeJson(writer, operation.by);
    case 'acquire':
    case 'release':
      return writeJson(writer, operation.owner);
  }
}

function readOperation(reader: ByteReader): Operation {
  const f = OPERATIONS[reader.u8()] ?? unknownByte('operation');
  const key = reader.text();
  switch (f) {
    case 'read':
    case 'shift':
      return { f, key };
    case 'write':
    case 'push':
    case 'insert':
    case 'remove':
      return { f, key, value: readJson(reader) };
    case 'cas':
      return { f, key, from: readJson(reader), to: readJson(reader) };
    case 'concat':
      return { f, key, text: readText(reader) };
    case 'increment':
      return { f, key, by: readWholeNumber(reader) };
    case 'acquire':
    case 'release':
      return { f, key, owner: readJson(reader) };
  }
}

function unknownByte(what: string): never {
  throw new WireError(`a kind of ${what} that does not exist`);
}

function writeJson(writer: ByteWriter, value: Json): void {
  // Most are whole numbers, which are written as they are in JSON.
  const isWhole = typeof value === 'number' && Number.isSafeInteger(value);
  writer.text(isWhole ? String(value) : JSON.stringify(value));
}

/** As most values are. */
const SHORT_NUMBER = /^(?:0|[1-9]\d{0,14})$/;

/** A value that was written as JSON. Throws WireError on a text that is none. */
export function readJson(reader: ByteReader): Json {
  const text = reader.text();
  if (SHORT_NUMBER.test(text)) return Number(text);
  try {
    return JSON.parse(text) as Json;
  } catch {
    throw new WireError('a value that is not JSON');
  }
}

/** As JSON and not as bytes: half of a surrogate pair would become another text. */
function readText(reader: ByteReader): string {
  const value = readJson(reader);
  if (typeof value !== 'string') throw new WireError('a text that is none');
  return value;
}

function readWholeNumber(reader: ByteReader): number {
  const value = readJson(reader);
  if (!Number.isSafeInteger(value)) throw new WireError('an increment that is no whole number');
  return value as number;
}
