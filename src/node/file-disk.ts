/**
 * The Disk port on the files of one folder. Appends are written at once; `sync` gathers: an fsync starts at the end of the
 * turn, one at a time for each file, and whoever asks while it runs shares the next one (group commit). Tokens are reported in
 * the order in which they were asked for, over all files.
 *
 * A file grows in zeroed pieces ahead of its end: an fsync of bytes that lie inside the file costs a fraction of one that has to
 * record a new size as well (0.13 ms against 0.7 ms here). So a file that was in use when its node died ends in zeros, which
 * no record begins with: to the recovery they are one more torn tail. `syncNow` cuts them off: what it has made durable has its size.
 *
 * With an undo folder it also keeps a journal of what is not durable yet, so that a loss of power can be played on a real node
 * (`undo-journal.ts`). The disk can be told to be slow or full: faults, not its nature.
 *
 * After a failed fsync nobody knows which bytes are on the disk, and asking again would answer "fine" (Rebello et al., "Can
 * applications recover from fsync failures?", ATC 2020): so the replica is told, and lets the node end.
 */
import {
  closeSync,
  constants,
  existsSync,
  fdatasync,
  fdatasyncSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { crc32 } from 'node:zlib';
import { assert } from '../base/assert.ts';
import type { Disk } from '../replica/ports.ts';
import { UndoJournal, type Tracked } from './undo-journal.ts';

export interface FileDiskOptions {
  readonly folder: string;
  /** Keeps an undo journal there. */
  readonly undoFolder?: string | null;
  readonly atTurnEnd: (work: () => void) => void;
  /** Everything up to and with this token is durable. */
  readonly onDurable: (token: number) => void;
  /** An fsync failed. It throws, unless the node means to go on as if nothing had happened. */
  readonly onSyncFailed: (error: Error) => void;
}

/** One call of `sync`. */
interface Ticket {
  readonly token: number;
  durable: boolean;
}

/** What the disk is made to suffer. */
export interface DiskTrouble {
  /** Every fsync takes so much longer. */
  readonly syncDelayMs: number;
  /** There is no room for one more byte. */
  readonly full: boolean;
}

interface OpenFile {
  readonly fd: number;
  readonly undo: Tracked | null;
  /** Appended, and not handed to the system yet. */
  pending: Uint8Array[];
  /** Where the next byte goes, and how far the file reaches already. */
  end: number;
  allocated: number;
  /** Asked for, not yet covered by a running fsync. */
  waiting: Ticket[];
  syncing: boolean;
  /** Close as soon as no fsync runs. */
  doomed: boolean;
}

export class FileDisk implements Disk {
  readonly #options: FileDiskOptions;
  readonly #files = new Map<string, OpenFile>();
  /** In order of the calls. */
  readonly #tickets: Ticket[] = [];
  readonly #journal: UndoJournal | null = null;
  #trouble: DiskTrouble = { syncDelayMs: 0, full: false };
  #delayedSyncs = 0;
  #syncs = 0;

  /** Makes the folder if there is none. */
  constructor(options: FileDiskOptions) {
    this.#options = options;
    const { folder: dataFolder, undoFolder = null } = options;
    if (!existsSync(dataFolder)) {
      mkdirSync(dataFolder, { recursive: true });
      syncPath(dirname(resolve(dataFolder)));
    }
    if (undoFolder !== null) this.#journal = new UndoJournal({ dataFolder, undoFolder });
  }

  /** How many fsyncs waited for a slow disk so far. */
  get delayedSyncs(): number {
    return this.#delayedSyncs;
  }

  /** How many fsyncs of files were begun so far. */
  get syncs(): number {
    return this.#syncs;
  }

  /** From now on the disk suffers this. */
  suffer(trouble: DiskTrouble): void {
    this.#trouble = trouble;
  }

  list(): readonly string[] {
    return readdirSync(this.#options.folder).sort();
  }

  read(name: string): Uint8Array | undefined {
    const open = this.#files.get(name);
    if (open !== undefined) this.#write(open);
    try {
      return readFileSync(this.#path(name)).subarray(0, open?.end);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  }

  create(name: string): void {
    this.#forget(name);
    this.#journal?.create(name);
    this.#open(name, constants.O_CREAT | constants.O_TRUNC);
  }

  /**
   * The system gets the bytes at the end of the turn, or when the fsync that is running has ended: until then they could not become durable
   * anyway, and one write for many is cheaper.
   */
  append(name: string, bytes: Uint8Array): void {
    const file = this.#file(name);
    file.pending.push(bytes);
    if (file.pending.length === 1 && !file.syncing) this.#options.atTurnEnd(() => this.#writeUnlessSyncing(file));
  }

  #writeUnlessSyncing(file: OpenFile): void {
    if (!file.syncing) this.#write(file);
  }

  /** @param ahead whether more is to come soon: then the file grows ahead of its end */
  #write(file: OpenFile, { ahead = true } = {}): void {
    const [first, ...others] = file.pending;
    if (first === undefined || file.doomed) return undefined;
    const bytes = others.length === 0 ? first : Buffer.concat(file.pending);
    file.pending = [];
    const reach = file.end + bytes.length;
    if (this.#trouble.full) return writePart(file, bytes);
    if (reach > file.allocated && ahead && bytes.length < PIECE.length / 2) this.#allocate(file, reach);
    if (reach > file.allocated && file.undo !== null) this.#journal!.resize(file.undo, reach);
    // A full disk first gives a short write and only then ENOSPC.
    for (let rest = bytes; rest.length > 0;) {
      const written = writeSync(file.fd, rest, 0, rest.length, file.end);
      rest = rest.subarray(written);
      file.end += written;
    }
    file.allocated = Math.max(file.allocated, file.end);
    return undefined;
  }

  rename(from: string, to: string): void {
    this.#journal?.rename(from, to);
    renameSync(this.#path(from), this.#path(to));
    this.#forget(to);
    const file = this.#files.get(from);
    this.#files.delete(from);
    if (file !== undefined) this.#files.set(to, file);
  }

  remove(name: string): void {
    this.#journal?.remove(name);
    unlinkSync(this.#path(name));
    this.#forget(name);
  }

  sync(name: string, token: number): void {
    const ticket = { token, durable: false };
    const file = this.#file(name);
    this.#tickets.push(ticket);
    file.waiting.push(ticket);
    if (file.waiting.length === 1 && !file.syncing) this.#options.atTurnEnd(() => this.#syncIfAsked(file));
  }

  writeBack(name: string): void {
    const file = this.#file(name);
    this.#options.atTurnEnd(() => {
      if (!file.doomed) this.#startSync(file);
    });
  }

  syncNow(name: string): void {
    const file = this.#file(name);
    this.#write(file, { ahead: false });
    if (file.undo !== null && file.allocated !== file.end) this.#journal!.resize(file.undo, file.end);
    ftruncateSync(file.fd, file.end);
    file.allocated = file.end;
    const covered = this.#covered(file);
    if (this.#trouble.syncDelayMs > 0) this.#waitBlocked(this.#trouble.syncDelayMs);
    this.#syncs++;
    fdatasyncSync(file.fd);
    covered();
  }

  syncFolder(): void {
    syncPath(this.#options.folder);
    this.#journal?.folderSynced();
  }

  crc32(bytes: Uint8Array, seed = 0): number {
    return crc32(bytes, seed);
  }

  #syncIfAsked(file: OpenFile): void {
    if (file.waiting.length > 0) this.#startSync(file);
  }

  #startSync(file: OpenFile): void {
    if (file.syncing) return;
    this.#write(file);
    const tickets = file.waiting;
    file.waiting = [];
    file.syncing = true;
    const covered = this.#covered(file);
    this.#fdatasync(file, (error) => {
      if (error !== null) this.#options.onSyncFailed(error);
      else covered();
      file.syncing = false;
      for (const ticket of tickets) ticket.durable = true;
      this.#write(file);
      if (file.waiting.length > 0) this.#startSync(file);
      else if (file.doomed) closeSync(file.fd);
      return this.#reportDurable();
    });
  }

  #fdatasync(file: OpenFile, done: (error: Error | null) => void): void {
    this.#syncs++;
    const { syncDelayMs } = this.#trouble;
    if (syncDelayMs === 0) return fdatasync(file.fd, done);
    this.#delayedSyncs++;
    setTimeout(() => fdatasync(file.fd, done), syncDelayMs);
    return undefined;
  }

  /** A write of the calling kind holds the whole process up, as it does on a disk that is slow by nature. */
  #waitBlocked(ms: number): void {
    this.#delayedSyncs++;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
  }

  /** What an fsync that starts now covers; to be called when it has returned. */
  #covered(file: OpenFile): () => void {
    const { undo, end } = file;
    if (undo === null) return () => {};
    const covered = this.#journal!.covered(undo, end);
    return () => this.#journal!.synced(undo, covered);
  }

  /** Zeroes the file ahead, piece by piece. Where the disk has no room for that the write itself will tell. */
  #allocate(file: OpenFile, reach: number): void {
    file.allocated = Math.max(file.allocated, file.end);
    try {
      while (file.allocated < reach) {
        if (file.undo !== null) this.#journal!.resize(file.undo, file.allocated + PIECE.length);
        file.allocated += writeSync(file.fd, PIECE, 0, PIECE.length, file.allocated);
      }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
    }
  }

  /** One call for all that became durable together: a token speaks for the ones before it. */
  #reportDurable(): void {
    const open = this.#tickets.findIndex((ticket) => !ticket.durable);
    const done = this.#tickets.splice(0, open === -1 ? this.#tickets.length : open);
    const last = done.at(-1);
    if (last !== undefined) this.#options.onDurable(last.token);
  }

  #file(name: string): OpenFile {
    return this.#files.get(name) ?? this.#open(name, 0);
  }

  #open(name: string, flags: number): OpenFile {
    const fd = openSync(this.#path(name), constants.O_RDWR | flags, 0o644);
    // A file that is synced and cut to its size is mostly done with, and would only fill the table of open files.
    for (const [other, { end, allocated, pending }] of this.#files)
      if (end === allocated && pending.length === 0) this.#forget(other);
    const { size } = fstatSync(fd);
    const undo = this.#journal?.tracked(name) ?? null;
    const ends = { end: size, allocated: size };
    const file: OpenFile = { fd, undo, pending: [], ...ends, waiting: [], syncing: false, doomed: false };
    this.#files.set(name, file);
    return file;
  }

  /** Closes the file, if it is open, as soon as nobody waits for it. */
  #forget(name: string): void {
    const file = this.#files.get(name);
    if (file === undefined) return;
    this.#files.delete(name);
    file.doomed = true;
    if (!file.syncing && file.waiting.length === 0) closeSync(file.fd);
  }

  #path(name: string): string {
    assert(name !== '' && !name.includes('/') && name !== '..', `${name} is not a plain file name`);
    return join(this.#options.folder, name);
  }
}

const PIECE = Buffer.alloc(512 * 1024);

/** What a full disk does: takes a part, and then says ENOSPC. */
function writePart(file: OpenFile, bytes: Uint8Array): never {
  file.end += writeSync(file.fd, bytes, 0, Math.floor(bytes.length / 2), file.end);
  const error: NodeJS.ErrnoException = new Error('ENOSPC: no space left on device, write');
  throw Object.assign(error, { code: 'ENOSPC', syscall: 'write', errno: -28 });
}

function syncPath(folder: string): void {
  const fd = openSync(folder, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
