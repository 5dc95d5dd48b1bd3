/**
 * A disk that can lose power. Every file has what was written and what is durable; the two meet at an fsync.
 *
 * - `kill -9` of the process loses nothing that was written, synced or not: the page cache survives. Only fsyncs that were
 *   still under way are never reported, and count as not done.
 * - A power loss takes what was not synced, sector by sector and change by change (`src/base/power-loss.ts`, which also
 *   decides for real nodes).
 *
 * Files only grow (the port has no overwrite), so what is durable of a file is a prefix.
 *
 * It can be made to suffer, as disks do: fsyncs that take longer, no room for one more byte, an fsync that fails, a bit that flips.
 */
import { crc32 } from 'node:zlib';
import { assert } from '../base/assert.ts';
import type { BitPlace } from '../base/bit-flip.ts';
import {
  applyChange,
  fateOf,
  folderAfterPowerLoss,
  SECTOR_BYTES,
  type FolderChange,
  type Stretch,
} from '../base/power-loss.ts';
import type { Random } from '../base/random.ts';
import { msToNs, type Nanos } from '../base/time.ts';
import type { Stop } from '../contract/index.ts';
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
  /**
   * What an fsync failed on. It can still be read, and the system takes it for written: no later fsync brings it to the disk, and a
   * power loss may take it though it lies before `durableSize`.
   */
  doomed: Stretch[];
}

/** What the disk is made to suffer. */
export interface DiskTrouble {
  /** Every fsync that does not block takes so much longer. */
  readonly syncDelayMs: number;
  /** There is no room for one more byte. */
  readonly isFull: boolean;
  /** The next fsync that ends fails, and only that one. */
  readonly failsNextSync: boolean;
}

/** What the system says of a disk that suffers. */
export class DiskError extends Error {
  readonly code: 'ENOSPC' | 'EIO';

  constructor(code: DiskError['code'], message: string) {
    super(`${code}: ${message}`);
    this.code = code;
  }
}

export interface SimDiskOptions {
  readonly clock: VirtualClock;
  /** How long the nth fsync of this disk takes. */
  readonly syncNs: (nth: number) => Nanos;
  /** Told each token once its fsync is done, in the order of the calls. */
  readonly onDurable: (token: number) => void;
  /** Told the token of an fsync that failed; to be left out where none is made to. */
  readonly onSyncFailed?: (token: number, error: DiskError) => void;
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
  #delayedSyncs = 0;
  #lastSyncAtNs: Nanos = 0;
  /** What it suffers now; they may overlap, and each ends by itself. */
  readonly #troubles = new Set<Partial<DiskTrouble>>();

  constructor(options: SimDiskOptions) {
    this.#options = options;
  }

  /** From now on it suffers this, too; gives the means to end this one. Of several delays the longest counts. */
  suffer(trouble: Partial<DiskTrouble>): Stop {
    const own = { ...trouble };
    this.#troubles.add(own);
    return () => this.#troubles.delete(own);
  }

  /** There is nothing wrong with it any more; what was lost stays lost. */
  mend(): void {
    this.#troubles.clear();
  }

  /** How many fsyncs took longer than they had to. */
  get delayedSyncs(): number {
    return this.#delayedSyncs;
  }

  /** Every file, in order of name. */
  sizes(): readonly { readonly name: string; readonly sizeBytes: number }[] {
    return this.list().map((name) => ({ name, sizeBytes: this.#file(name).size }));
  }

  flip({ name, offset, bit }: BitPlace): void {
    const { bytes, size } = this.#file(name);
    assert(offset < size, () => `${name} has no byte ${offset}`);
    bytes[offset]! ^= 1 << bit;
  }

  list(): readonly string[] {
    return [...this.#folder.keys()].sort();
  }

  read(name: string): Uint8Array | undefined {
    const file = this.#folder.get(name);
    return file?.bytes.slice(0, file.size);
  }

  create(name: string): void {
    assert(!this.#folder.has(name), () => `create: ${name} exists`);
    this.#change({ kind: 'create', name, file: emptyFile() });
  }

  /** A full disk takes a part first, and then says so. */
  append(name: string, bytes: Uint8Array): void {
    const file = this.#file(name);
    if (!this.#isFull) return this.#write(file, bytes);
    this.#write(file, bytes.subarray(0, bytes.length >> 1));
    throw new DiskError('ENOSPC', 'no space left on device, write');
  }

  #write(file: File, bytes: Uint8Array): void {
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
    const { clock, syncNs, onDurable, onSyncFailed = unexpected } = this.#options;
    const file = this.#file(name);
    const size = file.size;
    const life = this.#life;
    const syncDelayMs = this.#syncDelayMs;
    if (syncDelayMs > 0) this.#delayedSyncs++;
    this.#lastSyncAtNs = Math.max(this.#lastSyncAtNs, clock.nowNs() + syncNs(this.#syncs++) + msToNs(syncDelayMs));
    clock.at(this.#lastSyncAtNs, () => {
      if (life !== this.#life) return;
      if (this.#failsNow()) return onSyncFailed(token, failSync(file, size));
      makeDurable(file, size);
      onDurable(token);
    });
  }

  /** Promises nothing, so the worst disk does nothing. */
  writeBack(name: string): void {
    this.#file(name);
  }

  syncNow(name: string): void {
    const file = this.#file(name);
    if (this.#failsNow()) throw failSync(file, file.size);
    makeDurable(file, file.size);
  }

  get #isFull(): boolean {
    for (const { isFull } of this.#troubles) if (isFull === true) return true;
    return false;
  }

  get #syncDelayMs(): number {
    let longestMs = 0;
    for (const { syncDelayMs = 0 } of this.#troubles) longestMs = Math.max(longestMs, syncDelayMs);
    return longestMs;
  }

  /** One fsync for each time that it was made to fail one. */
  #failsNow(): boolean {
    for (const trouble of this.#troubles) {
      if (trouble.failsNextSync === true) return this.#troubles.delete(trouble);
    }
    return false;
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

  /** Another disk takes its place, which is empty. */
  wipe(): void {
    this.crash();
    this.#folder.clear();
    this.syncFolder();
  }

  #file(name: string): File {
    const file = this.#folder.get(name);
    assert(file !== undefined, () => `no file ${name}`);
    return file;
  }

  #change(change: FolderChange<File>): void {
    this.#changes.push(change);
    applyChange(this.#folder, change);
  }
}

function unexpected(_: number, error: DiskError): never {
  throw error;
}

function emptyFile(): File {
  return { bytes: new Uint8Array(SECTOR_BYTES), size: 0, durableSize: 0, unsyncedSizes: [], doomed: [] };
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

/** After it nobody knows what of these bytes is on the disk (Rebello et al., "Can applications recover from fsync failures?", ATC 2020). */
function failSync(file: File, size: number): DiskError {
  if (size > file.durableSize) file.doomed.push({ from: file.durableSize, to: size });
  return new DiskError('EIO', 'i/o error, fsync');
}

function afterPowerLoss(file: File, random: Random): File {
  const { durableSize, unsyncedSizes, size: writtenBytes, doomed } = file;
  const fate = fateOf({ durableBytes: durableSize, sizes: [durableSize, ...unsyncedSizes], writtenBytes }, random);
  const size = fate.sizeBytes;
  const bytes = file.bytes.slice(0, Math.max(size, SECTOR_BYTES));
  for (const { from, to } of fate.lost) bytes.fill(0, from, to);
  for (const { from, to } of doomed) {
    // The same draw as for bytes that were never synced: they were not.
    const { lost } = fateOf({ durableBytes: from, sizes: [to], writtenBytes: to }, random);
    for (const stretch of lost) bytes.fill(0, stretch.from, Math.min(stretch.to, to));
  }
  return { bytes, size, durableSize: size, unsyncedSizes: [], doomed: [] };
}
