/**
 * A disk that can lose power. Every file has what was written and what is durable; the two meet at an fsync.
 *
 * - `kill -9` of the process loses nothing that was written, synced or not: the page cache survives. Only fsyncs that were
 *   still under way are never reported, and count as not done.
 * - A power loss takes what was not synced, sector by sector and change by change (`src/base/power-loss.ts`, which also
 *   decides for real nodes).
 *
 * Files only grow (the port has no overwrite), so what is durable of a file is a prefix.
 */
import { crc32 } from 'node:zlib';
import { assert } from '../base/assert.ts';
import { applyChange, fateOf, folderAfterPowerLoss, SECTOR_BYTES, type FolderChange } from '../base/power-loss.ts';
import type { Random } from '../base/random.ts';
import type { Nanos } from '../base/time.ts';
import type { Disk } from '../replica/ports.ts';
import type { VirtualClock } from './virtual-clock.ts';

/** What a file name stands for. It outlives its name while a folder change is not yet durable. */
interface File {
  bytes: Uint8Array;
  size: number;
  /** Everything before this offset survives a power loss. */
  durableSize: number;
  /** Sizes that the file has had since `durableSize` was reached. */
  unsyncedSizes: number[];
}

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
  #changes: FolderChange<File>[] = [];
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

  /** The power is gone, and with it whatever `random` says of what was not synced. Gives how many sectors and changes that was. */
  losePower(random: Random): number {
    this.crash();
    const { folder, lostChanges } = folderAfterPowerLoss(this.#durableFolder, this.#changes, random);
    // A file has one fate even if two names lead to it (a rename that was lost beside a removal that was not).
    const survivors = new Map<File, File>();
    for (const [name, file] of folder) {
      let survivor = survivors.get(file);
      if (survivor === undefined) survivors.set(file, (survivor = afterPowerLoss(file, random)));
      folder.set(name, survivor);
    }
    const lostSectors = [...survivors].reduce((sum, [before, after]) => sum + lostOf(before, after), 0);
    this.#folder = folder;
    this.syncFolder();
    return lostSectors + lostChanges;
  }

  #file(name: string): File {
    const file = this.#folder.get(name);
    assert(file !== undefined, `no file ${name}`);
    return file;
  }

  #change(change: FolderChange<File>): void {
    this.#changes.push(change);
    applyChange(this.#folder, change);
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

/** Sectors that are shorter or other than they were. */
function lostOf(before: File, after: File): number {
  let lost = 0;
  for (let at = before.durableSize - (before.durableSize % SECTOR_BYTES); at < before.size; at += SECTOR_BYTES) {
    const isSame = (offset: number): boolean => offset < after.size && before.bytes[offset] === after.bytes[offset];
    for (let offset = at; offset < Math.min(at + SECTOR_BYTES, before.size); offset++) {
      if (isSame(offset)) continue;
      lost++;
      break;
    }
  }
  return lost;
}

function afterPowerLoss(file: File, random: Random): File {
  const { durableSize, unsyncedSizes, size: writtenBytes } = file;
  const fate = fateOf({ durableBytes: durableSize, sizes: [durableSize, ...unsyncedSizes], writtenBytes }, random);
  const size = fate.sizeBytes;
  const bytes = file.bytes.slice(0, Math.max(size, SECTOR_BYTES));
  for (const { from, to } of fate.lost) bytes.fill(0, from, to);
  return { bytes, size, durableSize: size, unsyncedSizes: [] };
}
