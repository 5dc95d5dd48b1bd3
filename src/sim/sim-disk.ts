/**
 * A disk that can lose power. Every file has what was written and what is durable; the two meet at an fsync.
 *
 * - `kill -9` of the process loses nothing that was written, synced or not: the page cache survives. Only fsyncs that were
 *   still under way are never reported, and count as not done.
 * - A power loss decides for every 512-byte sector that was not synced, independently, whether the disk holds the old or the
 *   new contents; for every file which of the sizes it has had since its last fsync; and for every change of the folder
 *   (create, rename, remove) since the last folder fsync whether it happened. An fsync of a file does not make its name
 *   durable. Sectors that were never written read as zeros.
 *
 * Files only grow (the port has no overwrite), so what is durable of a file is a prefix.
 */
import { crc32 } from 'node:zlib';
import { assert } from '../base/assert.ts';
import type { Random } from '../base/random.ts';
import type { Nanos } from '../base/time.ts';
import type { Disk } from '../replica/ports.ts';
import type { VirtualClock } from './virtual-clock.ts';

const SECTOR_BYTES = 512;

/** What a file name stands for. It outlives its name while a folder change is not yet durable. */
interface File {
  bytes: Uint8Array;
  size: number;
  /** Everything before this offset survives a power loss. */
  durableSize: number;
  /** Sizes that the file has had since `durableSize` was reached. */
  unsyncedSizes: number[];
}

type FolderChange =
  | { readonly kind: 'create'; readonly name: string; readonly file: File }
  | { readonly kind: 'rename'; readonly from: string; readonly to: string; readonly file: File }
  | { readonly kind: 'remove'; readonly name: string };

export interface SimDiskOptions {
  readonly clock: VirtualClock;
  /** How long the nth fsync of this disk takes. */
  readonly syncNs: (nth: number) => Nanos;
  /** Told each token once its fsync is done, in the order of the calls. */
  readonly onDurable: (token: number) => void;
}

/** One node's folder. It outlives the node. */
export class SimDisk implements Disk {
  readonly #options: SimDiskOptions;
  #folder = new Map<string, File>();
  #durableFolder = new Map<string, File>();
  /** What was done to the folder since its last fsync, oldest first. */
  #changes: FolderChange[] = [];
  /** Of the process that uses the disk: an fsync of an earlier life is void. */
  #life = 0;
  #syncs = 0;
  #lastSyncAtNs: Nanos = 0;

  constructor(options: SimDiskOptions) {
    this.#options = options;
  }

  list(): readonly string[] {
    return [...this.#folder.keys()].sort();
  }

  read(name: string): Uint8Array | undefined {
    const file = this.#folder.get(name);
    return file?.bytes.slice(0, file.size);
  }

  create(name: string): void {
    assert(!this.#folder.has(name), `create: ${name} exists`);
    this.#change({ kind: 'create', name, file: emptyFile() });
  }

  append(name: string, bytes: Uint8Array): void {
    const file = this.#file(name);
    const size = file.size + bytes.length;
    if (size > file.bytes.length) {
      const grown = new Uint8Array(Math.max(size, 2 * file.bytes.length));
      grown.set(file.bytes.subarray(0, file.size));
      file.bytes = grown;
    }
    file.bytes.set(bytes, file.size);
    file.size = size;
    file.unsyncedSizes.push(size);
  }

  rename(from: string, to: string): void {
    this.#change({ kind: 'rename', from, to, file: this.#file(from) });
  }

  remove(name: string): void {
    this.#file(name);
    this.#change({ kind: 'remove', name });
  }

  sync(name: string, token: number): void {
    const { clock, syncNs, onDurable } = this.#options;
    const file = this.#file(name);
    const size = file.size;
    const life = this.#life;
    this.#lastSyncAtNs = Math.max(this.#lastSyncAtNs, clock.nowNs() + syncNs(this.#syncs++));
    clock.at(this.#lastSyncAtNs, () => {
      if (life !== this.#life) return;
      makeDurable(file, size);
      onDurable(token);
    });
  }

  syncNow(name: string): void {
    const file = this.#file(name);
    makeDurable(file, file.size);
  }

  syncFolder(): void {
    this.#durableFolder = new Map(this.#folder);
    this.#changes = [];
  }

  crc32(bytes: Uint8Array, seed = 0): number {
    return crc32(bytes, seed);
  }

  /** The process is gone. */
  crash(): void {
    this.#life++;
    this.#lastSyncAtNs = 0;
  }

  /** The power is gone, and with it whatever `random` says of what was not synced. */
  losePower(random: Random): void {
    this.crash();
    const folder = new Map(this.#durableFolder);
    for (const change of this.#changes) if (random.chance(0.5)) applyTo(folder, change);
    // A file has one fate even if two names lead to it (a rename that was lost beside a removal that was not).
    const survivors = new Map<File, File>();
    for (const [name, file] of folder) {
      let survivor = survivors.get(file);
      if (survivor === undefined) survivors.set(file, (survivor = afterPowerLoss(file, random)));
      folder.set(name, survivor);
    }
    this.#folder = folder;
    this.syncFolder();
  }

  #file(name: string): File {
    const file = this.#folder.get(name);
    assert(file !== undefined, `no file ${name}`);
    return file;
  }

  #change(change: FolderChange): void {
    this.#changes.push(change);
    applyTo(this.#folder, change);
  }
}

function emptyFile(): File {
  return { bytes: new Uint8Array(SECTOR_BYTES), size: 0, durableSize: 0, unsyncedSizes: [] };
}

function makeDurable(file: File, size: number): void {
  if (size <= file.durableSize) return;
  file.durableSize = size;
  file.unsyncedSizes = file.unsyncedSizes.filter((unsynced) => unsynced > size);
}

function applyTo(folder: Map<string, File>, change: FolderChange): void {
  switch (change.kind) {
    case 'create':
      folder.set(change.name, change.file);
      break;
    case 'rename':
      folder.delete(change.from);
      folder.set(change.to, change.file);
      break;
    case 'remove':
      folder.delete(change.name);
      break;
  }
}

function afterPowerLoss(file: File, random: Random): File {
  const size = random.pick([file.durableSize, ...file.unsyncedSizes]);
  const bytes = file.bytes.slice(0, Math.max(size, SECTOR_BYTES));
  const firstUnsynced = file.durableSize - (file.durableSize % SECTOR_BYTES);
  for (let at = firstUnsynced; at < file.size; at += SECTOR_BYTES) {
    if (random.chance(0.5)) bytes.fill(0, Math.max(at, file.durableSize), at + SECTOR_BYTES);
  }
  return { bytes, size, durableSize: size, unsyncedSizes: [] };
}
