/**
 * The disk of one node on the table: what is durable, and so what a restart finds. A snapshot holds its mark and all that the state
 * machine was given up to it, and travels as bytes.
 */
import { assert } from '../../src/base/assert.ts';
import { decodeUtf8, encodeUtf8 } from '../../src/base/utf8.ts';
import type { Effect, Entry, HardState, LogIndex, SnapshotMark } from '../../src/raft/types.ts';

export type Write = Extract<Effect, { kind: 'hardState' | 'append' }>;

export interface Snapshot {
  readonly mark: SnapshotMark;
  readonly applied: readonly Entry[];
}

export class TableDisk {
  hardState: HardState;
  /** Entries behind the newest snapshot. */
  entries: readonly Entry[];
  /** Oldest first; the earlier ones may still be on their way to a follower. */
  readonly #snapshots: Snapshot[];
  /** What has come of a snapshot that a leader sends; of a crash nothing of it is left. */
  #received: number[] = [];

  constructor(hardState: HardState, entries: readonly Entry[], mark: SnapshotMark) {
    this.hardState = hardState;
    this.entries = entries;
    this.#snapshots = [{ mark, applied: [] }];
  }

  get snapshot(): Snapshot {
    return this.#snapshots.at(-1)!;
  }

  /** A write became durable. */
  persist(write: Write): void {
    if (write.kind === 'hardState') this.hardState = write.hardState;
    else this.entries = [...this.entries.filter(({ index }) => index < write.entries[0]!.index), ...write.entries];
  }

  save(snapshot: Snapshot): void {
    this.#snapshots.push(snapshot);
  }

  compact({ lastIncludedIndex }: SnapshotMark): void {
    this.entries = this.entries.filter(({ index }) => index > lastIncludedIndex);
  }

  /** The bytes of a snapshot that begin at `offset`, `size` of them at most. */
  chunk(end: LogIndex, offset: number, size: number): { readonly data: Uint8Array; readonly done: boolean } {
    const snapshot = this.#snapshots.find(({ mark }) => mark.lastIncludedIndex === end);
    assert(snapshot !== undefined, `no snapshot up to ${end} was saved here`);
    const bytes = encode(snapshot);
    return { data: bytes.slice(offset, offset + size), done: offset + size >= bytes.length };
  }

  receive(offset: number, data: Uint8Array): void {
    assert(offset === 0 || offset === this.#received.length, 'chunks are put one behind the other');
    this.#received = [...this.#received.slice(0, offset), ...data];
  }

  /** The snapshot that was received, now the newest one here. */
  publishReceived(): Snapshot {
    const snapshot = decode(Uint8Array.from(this.#received));
    this.#received = [];
    this.#snapshots.push(snapshot);
    return snapshot;
  }

  crash(): void {
    this.#received = [];
  }
}

function encode({ mark, applied }: Snapshot): Uint8Array {
  return encodeUtf8(JSON.stringify({ mark, applied: applied.map((it) => ({ ...it, data: decodeUtf8(it.data) })) }));
}

function decode(bytes: Uint8Array): Snapshot {
  const { mark, applied } = JSON.parse(decodeUtf8(bytes)) as {
    mark: SnapshotMark;
    applied: (Omit<Entry, 'data'> & { data: string })[];
  };
  return { mark, applied: applied.map((it) => ({ ...it, data: encodeUtf8(it.data) })) };
}
