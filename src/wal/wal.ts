/**
 * The write-ahead log: everything that a node must not forget (Raft figure 2, "persistent state"), as an append-only
 * sequence of checksummed records in segment files. Nothing is overwritten in place; a truncation is an append at a lower index.
 *
 * A segment comes to be under a temporary name, is made durable, and only then gets its own: a segment that is there has a
 * whole beginning. It repeats identity, hard state and snapshot mark, so that older ones can go once a snapshot covers them.
 *
 * The entry at the snapshot's end stays in the log when older segments go: by it a recovery knows that what follows belongs to the
 * snapshot. Removals go from old to new, each durable before the next, so that a power loss leaves no hole.
 */
import { assert } from '../base/assert.ts';
import { StalemateError } from '../base/errors.ts';
import type { Rules } from '../raft/rules.ts';
import type { Entry, HardState, LogIndex, SnapshotMark } from '../raft/types.ts';
import type { Disk } from '../replica/ports.ts';
import { ByteWriter } from '../wire/bytes.ts';
import { type Identity, type LogRecord, writeRecord } from './records.ts';
import { recover, type Recovered, type Segment } from './recovery.ts';

type WalRules = Pick<Rules, 'recordsAreChecked' | 'damageIsRefused' | 'segmentNameIsDurable'>;

export interface WalOptions {
  readonly disk: Disk;
  readonly identity: Identity;
  readonly rules: WalRules;
  /** A segment that has reached this size is followed by a new one. */
  readonly segmentBytes?: number;
}

/** What the log of a new node begins with, or what a recovered one said. */
export type WalState = Pick<Recovered, 'hardState' | 'snapshot' | 'entries'>;

const SEGMENT_BYTES = 8 * 1024 * 1024;
const TEMPORARY_NAME = 'log.tmp';
const SEGMENT_NAME = /^log-(\d{16})\.wal$/;

export class Wal {
  readonly #disk: Disk;
  readonly #identity: Identity;
  readonly #rules: WalRules;
  readonly #segmentBytes: number;

  /** The segments before the present one, oldest first, with the highest index of an entry in each. */
  #older: { readonly name: string; readonly highestIndex: LogIndex }[] = [];
  #segment: { readonly name: string; readonly base: number } = { name: '', base: 0 };
  /** The highest index of an entry in the present segment. */
  #highestIndex: LogIndex = 0;
  /** Offset in the log where the next record will stand. */
  #end = 0;
  /** Records not yet handed to the disk. */
  #pending = new ByteWriter(4096);
  #durableThrough = 0;
  /** Syncs under way, first in first out, each with the offset that it makes durable. */
  #syncs: { readonly token: number; readonly end: number }[] = [];
  /** End of the last record that says something, and the largest offset that a written record attests. */
  #saidThrough = 0;
  #attestedThrough = 0;

  #hardState: HardState;
  #snapshot: SnapshotMark;

  private constructor({ disk, identity, rules, segmentBytes = SEGMENT_BYTES }: WalOptions, state: WalState) {
    this.#rules = rules;
    this.#disk = disk;
    this.#identity = identity;
    this.#segmentBytes = segmentBytes;
    this.#hardState = state.hardState;
    this.#snapshot = state.snapshot;
  }

  /** Whether the folder holds a log. */
  static exists(disk: Disk): boolean {
    return disk.list().some((name) => SEGMENT_NAME.test(name));
  }

  /** Begins the log of a new node; durable when it returns. */
  static create(options: WalOptions, state: WalState): Wal {
    assert(!Wal.exists(options.disk), 'a log is begun only once');
    const wal = new Wal(options, state);
    wal.#install(0, [{ kind: 'append', entries: state.entries }]);
    return wal;
  }

  /**
   * Recovers the log and makes durable what it read: after `kill -9` unsynced bytes are readable, and what is answered on
   * them must not be lost in a later power failure. Throws StalemateError where the folder is damaged or another node's.
   * @param snapshot the newest one in the folder
   */
  static open(
    options: WalOptions,
    snapshot: SnapshotMark | null = null,
  ): { readonly wal: Wal; readonly state: WalState } {
    const segments = readSegments(options.disk);
    const crc32 = (bytes: Uint8Array, seed?: number): number => options.disk.crc32(bytes, seed);
    const recovered = recover(segments, { crc32, snapshot, rules: options.rules });
    refuseForeign(options.identity, recovered.identity);
    const wal = new Wal(options, recovered);
    const { highestIndexes, lastRecords, isOutdated } = recovered;
    wal.#older = highestIndexes.map((highestIndex, i) => ({ name: segments[i]!.name, highestIndex }));
    const kept = lastRecords.filter((record) => record.kind === 'append' || record.kind === 'reset');
    wal.#install(segments.at(-1)!.base, isOutdated ? [{ kind: 'reset' }] : kept);
    return { wal, state: recovered };
  }

  hardState(hardState: HardState): void {
    this.#hardState = hardState;
    this.#write({ kind: 'hardState', hardState });
  }

  append(entries: readonly Entry[]): void {
    this.#write({ kind: 'append', entries });
  }

  /** Hands to the disk what was written since the last call. The disk reports `token` once all of it is durable. */
  sync(token: number): void {
    this.flush();
    this.#syncs.push({ token, end: this.#end });
    this.#disk.sync(this.#segment.name, token);
    if (this.#end - this.#segment.base >= this.#segmentBytes) this.#roll();
  }

  /** As `sync`, but done when it returns: for what must be durable before something else on the disk is. */
  syncNow(): void {
    this.flush();
    this.#disk.syncNow(this.#segment.name);
  }

  /** Everything up to and with this token's sync is durable. */
  onDurable(token: number): void {
    while (this.#syncs.length > 0 && this.#syncs[0]!.token <= token) {
      this.#durableThrough = Math.max(this.#durableThrough, this.#syncs.shift()!.end);
    }
  }

  /** True while everything is durable and nothing on the disk says so yet: then `attest` is due. */
  get isUnattested(): boolean {
    return this.#durableThrough >= this.#saidThrough && this.#attestedThrough < this.#saidThrough;
  }

  /** The largest offset of the log that a written record attests. */
  get attestedThrough(): number {
    return this.#attestedThrough;
  }

  /** Writes a marker that attests what is durable by now. */
  attest(token: number): void {
    this.#write({ kind: 'attest' });
    this.sync(token);
  }

  /** That snapshot is durable. Removes the segments that end before the entry at its end. */
  compact(snapshot: SnapshotMark): void {
    this.#snapshot = snapshot;
    const needed = this.#older.findIndex((segment) => segment.highestIndex >= snapshot.lastIncludedIndex);
    this.#removeOlder(needed === -1 ? this.#older.length : needed);
  }

  /** That snapshot, which is durable, takes the place of the log; only these entries follow it. Durable when it returns. */
  reset(snapshot: SnapshotMark, entries: readonly Entry[]): void {
    this.syncNow();
    this.#snapshot = snapshot;
    this.#endSegment();
    this.#install(this.#end, [{ kind: 'reset' }, { kind: 'append', entries }]);
    this.#removeOlder(this.#older.length);
  }

  #removeOlder(count: number): void {
    for (const { name } of this.#older.splice(0, count)) {
      this.#disk.remove(name);
      this.#disk.syncFolder();
    }
  }

  #write(record: LogRecord): void {
    if (record.kind === 'append') this.#highestIndex = Math.max(this.#highestIndex, record.entries.at(-1)?.index ?? 0);
    const length = this.#pending.length;
    const crc32 = (bytes: Uint8Array, seed?: number): number => this.#disk.crc32(bytes, seed);
    writeRecord(this.#pending, record, { offset: this.#end, syncedThrough: this.#durableThrough, crc32 });
    this.#end += this.#pending.length - length;
    this.#attestedThrough = this.#durableThrough;
    if (record.kind !== 'attest') this.#saidThrough = this.#end;
  }

  /** Hands to the disk what was written since the last call; durable only after a sync. */
  flush(): void {
    if (this.#pending.length === 0) return;
    this.#disk.append(this.#segment.name, this.#pending.finish());
    this.#pending = new ByteWriter(4096);
  }

  /** The old segment is durable before the new one exists, so that bad bytes in it can only be damage. */
  #roll(): void {
    this.#disk.syncNow(this.#segment.name);
    this.#endSegment();
    this.#install(this.#end, []);
  }

  #endSegment(): void {
    this.#older.push({ name: this.#segment.name, highestIndex: this.#highestIndex });
    this.#highestIndex = 0;
  }

  /** Puts a segment with these records in place, durably, and goes on writing there. Whatever stood under its name is replaced. */
  #install(base: number, records: readonly LogRecord[]): void {
    const name = `log-${String(base).padStart(16, '0')}.wal`;
    this.#end = base;
    this.#durableThrough = base;
    this.#write({ kind: 'identity', identity: this.#identity });
    this.#write({ kind: 'hardState', hardState: this.#hardState });
    this.#write({ kind: 'snapshot', snapshot: this.#snapshot });
    for (const record of records) this.#write(record);
    // True as soon as anyone can read it: the whole file is durable before it gets its name.
    this.#durableThrough = this.#end;
    this.#write({ kind: 'attest' });
    this.#segment = { name: TEMPORARY_NAME, base };
    if (this.#disk.list().includes(TEMPORARY_NAME)) this.#disk.remove(TEMPORARY_NAME);
    this.#disk.create(TEMPORARY_NAME);
    this.flush();
    this.#disk.syncNow(TEMPORARY_NAME);
    this.#disk.rename(TEMPORARY_NAME, name);
    if (this.#rules.segmentNameIsDurable) this.#disk.syncFolder();
    this.#segment = { name, base };
    this.#durableThrough = this.#end;
  }
}

function readSegments(disk: Disk): readonly Segment[] {
  return disk
    .list()
    .flatMap((name) => {
      const match = SEGMENT_NAME.exec(name);
      return match === null ? [] : [{ name, base: Number(match[1]), bytes: disk.read(name)! }];
    })
    .toSorted((a, b) => a.base - b.base);
}

function refuseForeign(own: Identity, found: Identity): void {
  if (own.clusterId === found.clusterId && own.id === found.id) return;
  throw new StalemateError(
    'failed',
    `the data folder belongs to node ${found.id} of cluster ${found.clusterId}, not to ${own.id} of ${own.clusterId}`,
    'give the node its own folder',
  );
}
