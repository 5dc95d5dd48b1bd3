/**
 * Recovery: reading the log back after any crash. Every segment but the last was durable before the next one came to be, so
 * every bad byte there is damage. In the last one, bad bytes at or above the largest attested offset are a write that never
 * finished: it was promised to nobody, and the log ends there, even when valid records follow. Below it they are damage:
 * something was acknowledged on these bytes, and a node that forgets it would break the promises of Raft (Alagappan et al.,
 * "Protocol-aware recovery", FAST 2018). Such a node refuses to start.
 */
import { StalemateError } from '../base/errors.ts';
import type { Configuration, Entry, HardState, SnapshotMark } from '../raft/types.ts';
import { WireError } from '../wire/bytes.ts';
import { type Crc32, FIRST_BYTE, type FoundRecord, type Identity, type LogRecord, readRecord } from './records.ts';

/** One file of the log. Its name says where it begins in the log. */
export interface Segment {
  readonly name: string;
  readonly base: number;
  readonly bytes: Uint8Array;
}

/** What a log said, all of it. */
export interface Recovered {
  readonly identity: Identity;
  readonly hardState: HardState;
  readonly snapshot: SnapshotMark;
  readonly entries: readonly Entry[];
  /** The records of the last segment that are whole, in order. */
  readonly lastRecords: readonly LogRecord[];
}

const NO_CONFIGURATION: Configuration = { voters: [], outgoing: [], learners: [], addresses: {} };

/** Reads consecutive segments, oldest first, at least one. Throws StalemateError on damage, naming file and byte. */
export function recover(segments: readonly Segment[], crc32: Crc32): Recovered {
  const state = new Replay();
  let lastRecords: readonly LogRecord[] = [];
  for (const [i, segment] of segments.entries()) {
    const previous = segments[i - 1];
    if (previous !== undefined && previous.base + previous.bytes.length !== segment.base) {
      throw damaged(previous.name, previous.bytes.length, `${segment.name} does not begin where it ends`);
    }
    const { records, end } = scan(segment, crc32);
    const torn = end < segment.bytes.length;
    if (torn && i < segments.length - 1) throw damaged(segment.name, end, 'the record there is not whole');
    if (torn) refuseDamage(segment, end, attestedBehind(segment, end, crc32));
    lastRecords = records.map((found) => found.record);
    if (lastRecords[0]?.kind !== 'identity') throw damaged(segment.name, 0, 'the segment has no beginning');
    for (const record of lastRecords) state.apply(record, segment.name);
  }
  return { ...state.result(), lastRecords };
}

/** The whole records from the beginning on, and where they end. */
function scan(segment: Segment, crc32: Crc32): { records: readonly FoundRecord[]; end: number } {
  const records: FoundRecord[] = [];
  let end = 0;
  for (;;) {
    const found = find(segment, end, crc32);
    if (found === undefined) return { records, end };
    records.push(found);
    end = found.end;
  }
}

function find(segment: Segment, at: number, crc32: Crc32): FoundRecord | undefined {
  try {
    return readRecord(segment.bytes, at, segment.base, crc32);
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    throw damaged(segment.name, at, error.message);
  }
}

/**
 * The largest offset that any whole record attests. It is to be found behind the bad bytes: a record before them attests only
 * what stands before itself.
 */
function attestedBehind(segment: Segment, bad: number, crc32: Crc32): number {
  let attested = segment.base;
  const next = (from: number): number => segment.bytes.indexOf(FIRST_BYTE, from);
  for (let at = next(bad + 1); at !== -1;) {
    const found = find(segment, at, crc32);
    if (found !== undefined) attested = Math.max(attested, found.syncedThrough);
    at = next(found?.end ?? at + 1);
  }
  return attested;
}

function refuseDamage(segment: Segment, end: number, attested: number): void {
  if (segment.base + end >= attested) return;
  throw damaged(segment.name, end, `the log was durable up to byte ${attested - segment.base}`);
}

function damaged(name: string, offset: number, why: string): StalemateError {
  return new StalemateError(
    'failed',
    `${name} is damaged at byte ${offset}: ${why}`,
    'this node cannot be trusted with its old promises: replace it by a new member under a new id',
  );
}

/** The state that records lead to, one after the other. */
class Replay {
  #identity: Identity | undefined;
  #hardState: HardState = { term: 0, votedFor: null };
  #snapshot: SnapshotMark = { lastIncludedIndex: 0, lastIncludedTerm: 0, configuration: NO_CONFIGURATION };
  #entries: Entry[] = [];

  apply(record: LogRecord, name: string): void {
    switch (record.kind) {
      case 'identity':
        this.#identity = record.identity;
        break;
      case 'hardState':
        this.#hardState = record.hardState;
        break;
      case 'snapshot':
        this.#begin(record.snapshot);
        break;
      case 'append':
        for (const entry of record.entries) this.#append(entry, name);
        break;
      case 'attest':
        break;
    }
  }

  result(): Omit<Recovered, 'lastRecords'> {
    if (this.#identity === undefined) throw new StalemateError('failed', 'the log says nowhere whose it is');
    const [identity, hardState, snapshot] = [this.#identity, this.#hardState, this.#snapshot];
    return { identity, hardState, snapshot, entries: this.#entries };
  }

  /** What the snapshot covers is no longer part of the log. */
  #begin(snapshot: SnapshotMark): void {
    this.#entries = this.#entries.filter((entry) => entry.index > snapshot.lastIncludedIndex);
    this.#snapshot = snapshot;
  }

  #append(entry: Entry, name: string): void {
    const position = entry.index - this.#snapshot.lastIncludedIndex - 1;
    if (position < 0 || position > this.#entries.length) {
      throw new StalemateError('failed', `${name}: entry ${entry.index} does not follow the log before it`);
    }
    this.#entries.length = position;
    this.#entries.push(entry);
  }
}
