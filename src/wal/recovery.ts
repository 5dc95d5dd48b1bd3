/**
 * Recovery: reading the log back after any crash. Every segment but the last was durable before the next one came to be, so
 * every bad byte there is damage. In the last one, bad bytes at or above the largest attested offset are a write that never
 * finished: it was promised to nobody, and the log ends there, even when valid records follow. Below it they are damage:
 * something was acknowledged on these bytes, and a node that forgets it would break the promises of Raft (Alagappan et al.,
 * "Protocol-aware recovery", FAST 2018). Such a node refuses to start.
 */
import { StalemateError } from '../base/errors.ts';
import type { Rules } from '../raft/rules.ts';
import type { Entry, HardState, LogIndex, SnapshotMark } from '../raft/types.ts';
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
  /** The log of an earlier time, which is not the one that the snapshot belongs to: none of its entries counts. */
  readonly isOutdated: boolean;
  /** Of each segment but the last, the highest index of an entry in it. */
  readonly highestIndexes: readonly LogIndex[];
}

interface RecoveryOptions {
  readonly crc32: Crc32;
  /** The newest one of the folder, or null. */
  readonly snapshot: SnapshotMark | null;
  readonly rules: Pick<Rules, 'recordsAreChecked' | 'damageIsRefused'>;
}

/** Reads consecutive segments, oldest first, at least one. Throws StalemateError on damage, naming file and byte. */
export function recover(segments: readonly Segment[], options: RecoveryOptions): Recovered {
  const { snapshot, rules } = options;
  const crc32 = rules.recordsAreChecked ? options.crc32 : null;
  const state = new Replay(snapshot);
  const highestIndexes: LogIndex[] = [];
  let lastRecords: readonly LogRecord[] = [];
  for (const [i, segment] of segments.entries()) {
    const previous = segments[i - 1];
    if (previous !== undefined && previous.base + previous.bytes.length !== segment.base) {
      throw damaged(previous.name, previous.bytes.length, `${segment.name} does not begin where it ends`);
    }
    const { records, end } = scan(segment, crc32);
    const torn = end < segment.bytes.length;
    if (torn && i < segments.length - 1) throw damaged(segment.name, end, 'the record there is not whole');
    if (torn && rules.damageIsRefused) refuseDamage(segment, end, attestedBehind(segment, end, crc32));
    lastRecords = records.map((found) => found.record);
    // A segment gets its name when its beginning is durable, up to the marker that attests it: no crash tears anything in there.
    if (lastRecords[0]?.kind !== 'identity' || !lastRecords.some(({ kind }) => kind === 'attest')) {
      throw damaged(segment.name, end, 'the beginning of the segment is not whole');
    }
    for (const record of lastRecords) state.apply(record, segment.name);
    highestIndexes.push(highestIndex(lastRecords));
  }
  return { ...state.result(), lastRecords, highestIndexes: highestIndexes.slice(0, -1) };
}

function highestIndex(records: readonly LogRecord[]): LogIndex {
  const last = (record: LogRecord): LogIndex => (record.kind === 'append' ? (record.entries.at(-1)?.index ?? 0) : 0);
  return records.reduce((highest, record) => Math.max(highest, last(record)), 0);
}

/** The whole records from the beginning on, and where they end. */
function scan(segment: Segment, crc32: Crc32 | null): { records: readonly FoundRecord[]; end: number } {
  const records: FoundRecord[] = [];
  let end = 0;
  for (;;) {
    const found = find(segment, end, crc32);
    if (found === undefined) return { records, end };
    records.push(found);
    end = found.end;
  }
}

function find(segment: Segment, at: number, crc32: Crc32 | null): FoundRecord | undefined {
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
function attestedBehind(segment: Segment, bad: number, crc32: Crc32 | null): number {
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

/**
 * The state that records lead to, one after the other. The newest snapshot is known from the start, and entries up to its end
 * are passed over. What follows them is the rest of the *same* log only if the entry at the snapshot's end was the snapshot's
 * own, or the log itself has said that it begins there; else the node died between the installation of a leader's snapshot and
 * the end of its old log (Raft figure 13, step 7).
 */
class Replay {
  readonly #snapshot: SnapshotMark | null;
  #identity: Identity | undefined;
  #hardState: HardState = { term: 0, votedFor: null };
  /** The last mark that the log told of. */
  #mark: SnapshotMark | undefined;
  /** Entries behind the snapshot, or all of them. */
  #entries: Entry[] = [];
  #reachesSnapshot: boolean;
  /** Entries are missing before one; no matter if the log is `reset` later, for then they were on their way out. */
  #gap: StalemateError | undefined;

  constructor(snapshot: SnapshotMark | null) {
    this.#snapshot = snapshot;
    this.#reachesSnapshot = snapshot === null;
  }

  apply(record: LogRecord, name: string): void {
    switch (record.kind) {
      case 'identity':
        this.#identity = record.identity;
        break;
      case 'hardState':
        this.#hardState = record.hardState;
        break;
      case 'snapshot':
        this.#begin(record.snapshot, name);
        break;
      case 'append':
        for (const entry of record.entries) this.#append(entry, name);
        break;
      case 'attest':
        break;
      case 'reset':
        this.#entries = [];
        this.#gap = undefined;
        this.#reachesSnapshot = this.#beginsAtSnapshot;
        break;
    }
  }

  result(): Omit<Recovered, 'lastRecords' | 'highestIndexes'> {
    if (this.#gap !== undefined) throw this.#gap;
    const snapshot = this.#snapshot ?? this.#mark;
    if (this.#identity === undefined || snapshot === undefined) {
      throw new StalemateError('failed', 'the log says nowhere whose it is');
    }
    const isOutdated = !this.#reachesSnapshot;
    const entries = isOutdated ? [] : this.#entries;
    return { identity: this.#identity, hardState: this.#hardState, snapshot, entries, isOutdated };
  }

  get #end(): LogIndex {
    return this.#snapshot?.lastIncludedIndex ?? 0;
  }

  get #beginsAtSnapshot(): boolean {
    return this.#mark?.lastIncludedIndex === this.#end;
  }

  #begin(mark: SnapshotMark, name: string): void {
    const { lastIncludedIndex } = mark;
    if (lastIncludedIndex > this.#end) {
      const found = this.#snapshot === null ? 'there is no snapshot' : `the newest snapshot ends at ${this.#end}`;
      throw damaged(name, 0, `the log begins behind entry ${lastIncludedIndex}, and ${found}`);
    }
    this.#mark = mark;
    if (this.#beginsAtSnapshot) this.#reachesSnapshot = true;
  }

  #append(entry: Entry, name: string): void {
    const position = entry.index - this.#end - 1;
    if (position > this.#entries.length) {
      this.#gap ??= damaged(name, 0, `entry ${entry.index} does not follow the log before it`);
    }
    if (this.#gap !== undefined) return;
    this.#entries.length = Math.max(0, position);
    if (position >= 0) this.#entries.push(entry);
    else if (this.#snapshot !== null) this.#passOver(entry, this.#snapshot);
  }

  #passOver({ index, term }: Entry, { lastIncludedIndex, lastIncludedTerm }: SnapshotMark): void {
    this.#reachesSnapshot = index === lastIncludedIndex && term === lastIncludedTerm;
  }
}
