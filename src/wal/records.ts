/**
 * Records: what a log segment is made of.
 *
 *     magic (4) · length of the body (4) · CRC-32 (4) · body
 *     body: version (1) · kind (1) · syncedThrough (varint) · content
 *
 * The checksum also covers the record's own place in the log, so that neither a stale sector nor a client's value that
 * looks like a record is ever taken for one. `syncedThrough` is the offset that was known durable when the record was
 * written: it attests everything below it, and bad bytes there are damage, not a torn write.
 */
import type { Configuration, Entry, HardState, SnapshotMark } from '../raft/types.ts';
import { ByteReader, ByteWriter, WireError } from '../wire/bytes.ts';
import { readEntry, writeEntry } from '../wire/raft-messages.ts';

/** Who a data folder belongs to. */
export interface Identity {
  readonly clusterId: string;
  readonly id: string;
}

export type LogRecord =
  /** Opens every segment. */
  | { readonly kind: 'identity'; readonly identity: Identity }
  | { readonly kind: 'hardState'; readonly hardState: HardState }
  /** Where the log begins. */
  | { readonly kind: 'snapshot'; readonly snapshot: SnapshotMark }
  /** The first entry truncates whatever stood at its index or beyond. */
  | { readonly kind: 'append'; readonly entries: readonly Entry[] }
  /** Nothing but its `syncedThrough`: written when the log goes idle. */
  | { readonly kind: 'attest' }
  /** All entries before are void: the log begins anew, behind the snapshot whose mark stands before. */
  | { readonly kind: 'reset' };

/** A record as it was found. */
export interface FoundRecord {
  readonly record: LogRecord;
  readonly syncedThrough: number;
  /** Where the next record begins, in the same bytes. */
  readonly end: number;
}

/** `crc32` of the Disk port. */
export type Crc32 = (bytes: Uint8Array, seed?: number) => number;

/** 2: marks carry a chain hash; `reset`. */
const VERSION = 2;
/** `SLOG`. */
const MAGIC = 0x534c4f47;
/** With which every record begins: where to look for one. */
export const FIRST_BYTE: number = MAGIC >>> 24;
const HEADER_BYTES = 12;
/** The place in this list is the kind byte: only ever add at the end. */
const KINDS = [
  'identity',
  'hardState',
  'snapshot',
  'append',
  'attest',
  'reset',
] as const satisfies readonly LogRecord['kind'][];

/** Appends the record to `writer`; `offset` is the place in the log where it will stand. */
export function writeRecord(
  writer: ByteWriter,
  record: LogRecord,
  { offset, syncedThrough, crc32 }: { readonly offset: number; readonly syncedThrough: number; readonly crc32: Crc32 },
): void {
  const body = encodeBody(record, syncedThrough);
  writer
    .u32(MAGIC)
    .u32(body.length)
    .u32(checksum(body, offset, crc32))
    .raw(body);
}

/**
 * The record at `at` in a segment that begins at offset `base` of the log, or undefined where there is none that is whole; with
 * `crc32` null nothing is checked (M53).
 * Throws WireError on a record that is whole and still not understood: another version wrote it.
 */
export function readRecord(bytes: Uint8Array, at: number, base: number, crc32: Crc32 | null): FoundRecord | undefined {
  if (at + HEADER_BYTES > bytes.length) return undefined;
  const header = new DataView(bytes.buffer, bytes.byteOffset + at, HEADER_BYTES);
  const length = header.getUint32(4);
  const end = at + HEADER_BYTES + length;
  if (header.getUint32(0) !== MAGIC || end > bytes.length) return undefined;
  const body = bytes.subarray(at + HEADER_BYTES, end);
  if (crc32 !== null && checksum(body, base + at, crc32) !== header.getUint32(8)) return undefined;
  return { ...decodeBody(body), end };
}

/** Where a record stands, and how long it is. */
const place = new ByteWriter(16);

function checksum(body: Uint8Array, offset: number, crc32: Crc32): number {
  return crc32(body, crc32(place.varint(offset).varint(body.length).take()));
}

function encodeBody(record: LogRecord, syncedThrough: number): Uint8Array {
  const writer = new ByteWriter().u8(VERSION).u8(KINDS.indexOf(record.kind)).varint(syncedThrough);
  writeContent(writer, record);
  return writer.finish();
}

function decodeBody(body: Uint8Array): { record: LogRecord; syncedThrough: number } {
  const reader = new ByteReader(body);
  const version = reader.u8();
  if (version !== VERSION) throw new WireError(`record version ${version}; this is ${VERSION}`);
  const kind = KINDS[reader.u8()];
  if (kind === undefined) throw new WireError('a record kind that does not exist');
  const syncedThrough = reader.varint();
  const record = readContent(reader, kind);
  reader.end();
  return { record, syncedThrough };
}

function writeContent(writer: ByteWriter, record: LogRecord): void {
  switch (record.kind) {
    case 'identity':
      writer.text(record.identity.clusterId).text(record.identity.id);
      return;
    case 'hardState':
      writer.varint(record.hardState.term).flag(record.hardState.votedFor !== null);
      writer.text(record.hardState.votedFor ?? '');
      return;
    case 'snapshot':
      writeMark(writer, record.snapshot);
      return;
    case 'append':
      writer.varint(record.entries.length);
      for (const entry of record.entries) writeEntry(writer, entry);
      return;
    case 'attest':
    case 'reset':
      return;
  }
}

function readContent(reader: ByteReader, kind: LogRecord['kind']): LogRecord {
  switch (kind) {
    case 'identity':
      return { kind, identity: { clusterId: reader.text(), id: reader.text() } };
    case 'hardState': {
      const term = reader.varint();
      const voted = reader.flag();
      const votedFor = reader.text();
      return { kind, hardState: { term, votedFor: voted ? votedFor : null } };
    }
    case 'snapshot':
      return { kind, snapshot: readMark(reader) };
    case 'append':
      return { kind, entries: reader.list(readEntry) };
    case 'attest':
    case 'reset':
      return { kind };
  }
}

/** Appends a mark to `writer`; the same bytes here and in a snapshot. */
export function writeMark(writer: ByteWriter, mark: SnapshotMark): void {
  writer.varint(mark.lastIncludedIndex).varint(mark.lastIncludedTerm).u32(mark.chain);
  writeConfiguration(writer, mark.configuration);
}

/** Reads what `writeMark` wrote. */
export function readMark(reader: ByteReader): SnapshotMark {
  const [lastIncludedIndex, lastIncludedTerm, chain] = [reader.varint(), reader.varint(), reader.u32()];
  return { lastIncludedIndex, lastIncludedTerm, chain, configuration: readConfiguration(reader) };
}

function writeConfiguration(writer: ByteWriter, configuration: Configuration): void {
  const { voters, outgoing, learners, addresses } = configuration;
  for (const names of [voters, outgoing, learners, Object.entries(addresses).flat()]) {
    writer.varint(names.length);
    for (const name of names) writer.text(name);
  }
}

function readConfiguration(reader: ByteReader): Configuration {
  const texts = (): string[] => reader.list((inner) => inner.text());
  const [voters, outgoing, learners, flat] = [texts(), texts(), texts(), texts()];
  const pairs = flat.flatMap((node, i) => (i % 2 === 0 ? [[node, flat[i + 1] ?? ''] as const] : []));
  return { voters, outgoing, learners, addresses: Object.fromEntries(pairs) };
}
