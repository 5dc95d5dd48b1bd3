/**
 * The replica's snapshots: when one is due, writing it in slices, and the bytes of one that is being sent.
 *
 * A snapshot is taken of the state as it is at one moment and then written slice by slice between other work: no turn is so long
 * that followers or clients would take the node for dead.
 */
import { NS_PER_MS, type Nanos } from '../base/time.ts';
import type { Effect, Entry, LogIndex, SnapshotMark } from '../raft/types.ts';
import type { SnapshotFiles } from '../wal/snapshot-files.ts';

export interface SnapshotPolicy {
  /** A snapshot is due when so many entries were applied since the last one … */
  readonly everyEntries: number;
  /** … or so many bytes of them, and no less than the last snapshot had: else a large state would be written all the time. */
  readonly everyBytes: number;
  /** Entries before a snapshot's end that stay in memory, so that a follower that lags a little needs no snapshot. */
  readonly keepEntries: number;
  /** Bytes written in one turn, and sent in one message. */
  readonly sliceBytes: number;
  /** Between two slices. */
  readonly pauseNs: Nanos;
}

export const DEFAULT_POLICY: SnapshotPolicy = {
  everyEntries: 100_000,
  everyBytes: 16 * 1024 * 1024,
  keepEntries: 4096,
  sliceBytes: 256 * 1024,
  pauseNs: 10 * NS_PER_MS,
};

/** A snapshot that is durable by now. */
export interface SavedSnapshot {
  readonly snapshot: SnapshotMark;
  readonly hash: number;
}

export class Snapshots {
  readonly #files: SnapshotFiles;
  readonly #policy: SnapshotPolicy;
  /** Applied since the last snapshot was begun. */
  #entries = 0;
  #bytes = 0;
  #lastSnapshotBytes = 0;
  #saving: { readonly snapshot: SnapshotMark; readonly slices: Iterator<Uint8Array>; bytes: number } | null = null;
  #sliceAtNs: Nanos = Infinity;
  #sending: { readonly index: LogIndex; readonly bytes: Uint8Array } | null = null;

  constructor(files: SnapshotFiles, policy: SnapshotPolicy) {
    this.#files = files;
    this.#policy = policy;
  }

  applied(entries: readonly Entry[]): void {
    this.#entries += entries.length;
    for (const { data } of entries) this.#bytes += data.length;
  }

  /** Whether a snapshot is due; true once for each. */
  takeDue(): boolean {
    const { everyEntries, everyBytes } = this.#policy;
    const isDue = this.#entries >= everyEntries || this.#bytes >= Math.max(everyBytes, this.#lastSnapshotBytes);
    if (!isDue || this.#saving !== null) return false;
    this.#entries = 0;
    this.#bytes = 0;
    return true;
  }

  /** Begins to write; `slices` are what the state is made of, and the state they are of must not change. */
  begin(snapshot: SnapshotMark, slices: Iterator<Uint8Array>, nowNs: Nanos): void {
    this.#files.begin(snapshot);
    this.#saving = { snapshot, slices, bytes: 0 };
    this.#sliceAtNs = nowNs + this.#policy.pauseNs;
  }

  /** When `work` is wanted. */
  get deadlineNs(): Nanos {
    return this.#sliceAtNs;
  }

  /**
   * Writes the next slice, if it is time. After the last one the snapshot gets its name and is returned, as soon as the log is
   * durable up to its end: a snapshot never reaches further than what the node could recover without it.
   */
  work(nowNs: Nanos, durableIndex: LogIndex): SavedSnapshot | null {
    const saving = this.#saving;
    if (saving === null || nowNs < this.#sliceAtNs) return null;
    this.#sliceAtNs = nowNs + this.#policy.pauseNs;
    const slice = saving.slices.next();
    if (slice.done !== true) {
      saving.bytes += slice.value.length;
      this.#files.write(slice.value);
      return null;
    }
    if (durableIndex < saving.snapshot.lastIncludedIndex) return null;
    const hash = this.#files.publish();
    this.#lastSnapshotBytes = saving.bytes;
    this.abandon();
    return { snapshot: saving.snapshot, hash };
  }

  /** Nothing is being written any more: it is done, or a leader's snapshot reaches further. */
  abandon(): void {
    this.#saving = null;
    this.#sliceAtNs = Infinity;
  }

  /** The part of a snapshot's bytes that begins at `offset`; undefined where the snapshot is gone. */
  chunk({
    lastIncludedIndex: index,
    offset,
  }: Extract<Effect, { kind: 'sendSnapshot' }>): { readonly data: Uint8Array; readonly done: boolean } | undefined {
    if (this.#sending?.index !== index) {
      const bytes = this.#files.bytesOf(index);
      this.#sending = bytes === undefined ? null : { index, bytes };
    }
    if (this.#sending === null) return undefined;
    const { bytes } = this.#sending;
    const end = Math.min(bytes.length, offset + this.#policy.sliceBytes);
    return { data: bytes.subarray(offset, end), done: end === bytes.length };
  }

  /** Lets go of bytes that are sent to nobody any more. */
  keepOnly(inTransfer: readonly LogIndex[]): void {
    if (this.#sending !== null && !inTransfer.includes(this.#sending.index)) this.#sending = null;
  }
}
