/**
 * Snapshot files: state and mark of a snapshot, as one file with a checksum over all of it.
 *
 *     magic (4) · version (1) · cluster (text) · mark · state … · CRC-32 of all before (4)
 *
 * A snapshot comes to be under a temporary name, is made durable, and only then gets its own, durably: one that has its name is
 * whole, whatever crash came. Bad bytes in it are damage, and the node refuses to start. The same bytes are sent to followers.
 */
import { StalemateError } from '../base/errors.ts';
import type { Rules } from '../raft/rules.ts';
import type { LogIndex, SnapshotMark } from '../raft/types.ts';
import type { Disk } from '../replica/ports.ts';
import { ByteReader, ByteWriter, WireError } from '../wire/bytes.ts';
import { readMark, writeMark } from './records.ts';

/** A snapshot as it was read. */
export interface FoundSnapshot {
  readonly snapshot: SnapshotMark;
  readonly state: Uint8Array;
  /** The checksum: equal for equal snapshots. */
  readonly hash: number;
}

/** `SSNP`. */
const MAGIC = 0x53534e50;
const VERSION = 1;
const CRC_BYTES = 4;
const OWN_TEMPORARY = 'snapshot.tmp';
const RECEIVED_TEMPORARY = 'snapshot-received.tmp';
const LABEL = 'snapshot.label';
const LABEL_TEMPORARY = 'snapshot.label.tmp';
const NAME = /^snapshot-(\d{16})\.snap$/;

/** The snapshots in one node's folder. */
export class SnapshotFiles {
  readonly #disk: Disk;
  readonly #clusterId: string;
  /** Written in place and never synced (M51). */
  readonly #inPlace: boolean;
  /** The mark stands in a file of its own (M45). */
  readonly #labelApart: boolean;
  /** The snapshot being written, and the checksum so far. */
  #writing: { readonly name: string; readonly snapshot: SnapshotMark; crc: number } | null = null;

  constructor(disk: Disk, clusterId: string, rules: Pick<Rules, 'snapshotRenamed' | 'snapshotLabelInside'>) {
    this.#disk = disk;
    this.#clusterId = clusterId;
    this.#inPlace = !rules.snapshotRenamed;
    this.#labelApart = !rules.snapshotLabelInside;
  }

  /** The newest snapshot, or null; removes what a crash left half done. Throws StalemateError where it is damaged. */
  recover(): FoundSnapshot | null {
    for (const name of [OWN_TEMPORARY, RECEIVED_TEMPORARY, LABEL_TEMPORARY]) this.#removeIfThere(name);
    const last = this.#indexes().at(-1);
    const found = last === undefined ? null : this.#read(nameOf(last));
    return this.#labelApart ? this.#relabelled(found) : found;
  }

  /** Begins a snapshot; an unfinished one is given up. */
  begin(snapshot: SnapshotMark): void {
    if (this.#labelApart) this.#putLabel(snapshot);
    const name = this.#inPlace ? nameOf(snapshot.lastIncludedIndex) : OWN_TEMPORARY;
    this.#removeIfThere(name);
    this.#disk.create(name);
    this.#writing = { name, snapshot, crc: 0 };
    const header = new ByteWriter().u32(MAGIC).u8(VERSION).text(this.#clusterId);
    writeMark(header, snapshot);
    this.write(header.finish());
  }

  /**
   * Adds to the snapshot that was begun. The disk may begin with it now, so that the end has little left to do; nobody waits for that,
   * because a node that waits for its disk between two pieces sends no heartbeats.
   */
  write(bytes: Uint8Array): void {
    const writing = this.#writing!;
    writing.crc = this.#disk.crc32(bytes, writing.crc);
    this.#disk.append(writing.name, bytes);
    if (!this.#inPlace) this.#disk.writeBack(writing.name);
  }

  /** Ends the snapshot that was begun: it is durable and has its name when this returns. Gives its checksum. */
  publish(): number {
    const { name, snapshot, crc } = this.#writing!;
    this.#writing = null;
    this.#disk.append(name, new ByteWriter(CRC_BYTES).u32(crc).finish());
    this.#sync(name);
    this.#rename(name, nameOf(snapshot.lastIncludedIndex));
    return crc;
  }

  /** Puts bytes at the end of the snapshot being received; `offset` 0 begins a new one. */
  receive(offset: number, data: Uint8Array): void {
    if (offset === 0) {
      this.#removeIfThere(RECEIVED_TEMPORARY);
      this.#disk.create(RECEIVED_TEMPORARY);
    }
    this.#disk.append(RECEIVED_TEMPORARY, data);
    this.#disk.syncNow(RECEIVED_TEMPORARY);
  }

  /** What was received, whole and checked; undefined where the bytes are not that snapshot. Nothing is renamed yet. */
  received(place: Pick<SnapshotMark, 'lastIncludedIndex' | 'lastIncludedTerm'>): FoundSnapshot | undefined {
    const bytes = this.#disk.read(RECEIVED_TEMPORARY);
    try {
      const found = this.#decode(bytes ?? new Uint8Array());
      const { lastIncludedIndex, lastIncludedTerm } = found.snapshot;
      const isIt = lastIncludedIndex === place.lastIncludedIndex && lastIncludedTerm === place.lastIncludedTerm;
      return isIt ? found : undefined;
    } catch (error) {
      if (error instanceof WireError) return undefined;
      throw error;
    }
  }

  /** Gives what was received its name, durably. */
  publishReceived(snapshot: SnapshotMark): void {
    if (this.#labelApart) this.#putLabel(snapshot);
    this.#rename(RECEIVED_TEMPORARY, nameOf(snapshot.lastIncludedIndex));
  }

  /** The bytes of a snapshot, to be sent; undefined where there is none. */
  bytesOf(lastIncludedIndex: LogIndex): Uint8Array | undefined {
    return this.#disk.read(nameOf(lastIncludedIndex));
  }

  /** Removes every snapshot that is older than the newest of these and is not one of them. */
  removeAllBut(kept: ReadonlySet<LogIndex>): void {
    const newest = Math.max(...kept);
    for (const index of this.#indexes()) if (index < newest && !kept.has(index)) this.#disk.remove(nameOf(index));
  }

  #indexes(): readonly LogIndex[] {
    return this.#disk
      .list()
      .flatMap((name) => NAME.exec(name)?.[1] ?? [])
      .map(Number)
      .toSorted((a, b) => a - b);
  }

  #read(name: string): FoundSnapshot {
    try {
      return this.#decode(this.#disk.read(name)!);
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      throw new StalemateError(
        'failed',
        `${name} is damaged: ${error.message}`,
        'this node cannot be trusted with its old promises: replace it by a new member under a new id',
      );
    }
  }

  /** Throws WireError on bytes that are not a whole snapshot of this cluster. */
  #decode(bytes: Uint8Array): FoundSnapshot {
    const end = Math.max(0, bytes.length - CRC_BYTES);
    const hash = this.#disk.crc32(bytes.subarray(0, end));
    if (end === 0 || new ByteReader(bytes.subarray(end)).u32() !== hash) throw new WireError('its checksum is wrong');
    const reader = new ByteReader(bytes.subarray(0, end));
    if (reader.u32() !== MAGIC) throw new WireError('it is no snapshot');
    const version = reader.u8();
    if (version !== VERSION) throw new WireError(`snapshot version ${version}; this is ${VERSION}`);
    const clusterId = reader.text();
    if (clusterId !== this.#clusterId) throw new WireError(`it belongs to cluster ${clusterId}`);
    return { snapshot: readMark(reader), state: reader.rest(), hash };
  }

  #sync(name: string): void {
    if (!this.#inPlace) this.#disk.syncNow(name);
  }

  #rename(from: string, to: string): void {
    if (from === to) return;
    this.#disk.rename(from, to);
    this.#disk.syncFolder();
  }

  #removeIfThere(name: string): void {
    if (this.#disk.list().includes(name)) this.#disk.remove(name);
  }

  /** M45: the label, renamed into place before the state that it speaks of is written. */
  #putLabel(snapshot: SnapshotMark): void {
    this.#removeIfThere(LABEL_TEMPORARY);
    const writer = new ByteWriter();
    writeMark(writer, snapshot);
    this.#disk.create(LABEL_TEMPORARY);
    this.#disk.append(LABEL_TEMPORARY, writer.finish());
    this.#disk.syncNow(LABEL_TEMPORARY);
    this.#rename(LABEL_TEMPORARY, LABEL);
  }

  #relabelled(found: FoundSnapshot | null): FoundSnapshot | null {
    const label = this.#disk.read(LABEL);
    if (label === undefined) return found;
    const snapshot = readMark(new ByteReader(label));
    return { hash: 0, state: new Uint8Array(), ...found, snapshot };
  }
}

function nameOf(lastIncludedIndex: LogIndex): string {
  return `snapshot-${String(lastIncludedIndex).padStart(16, '0')}.snap`;
}
