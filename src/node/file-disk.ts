/**
 * The Disk port on the files of one folder. Appends are written at once; `sync` gathers: an fsync starts at the end of the
 * turn, one at a time for each file, and whoever asks while it runs shares the next one (group commit). Tokens are reported in
 * the order in which they were asked for, over all files.
 *
 * A file grows in zeroed pieces ahead of its end: an fsync of bytes that lie inside the file costs a fraction of one that has to
 * record a new size as well (0.13 ms against 0.7 ms here). So a file that was in use when its node died ends in zeros, which
 * no record begins with: to the recovery they are one more torn tail. `syncNow` cuts them off: what it has made durable has its size.
 *
 * After a failed fsync nobody knows which bytes are on the disk, and asking again would answer "fine" (Rebello et al., "Can
 * applications recover from fsync failures?", ATC 2020): so it is fatal.
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

export interface FileDiskOptions {
  readonly folder: string;
  readonly atTurnEnd: (work: () => void) => void;
  /** Everything up to and with this token is durable. */
  readonly onDurable: (token: number) => void;
  /** An fsync failed: the process must not go on. */
  readonly onFatal: (error: Error) => void;
}

/** One call of `sync`. */
interface Ticket {
  readonly token: number;
  durable: boolean;
}

interface OpenFile {
  readonly fd: number;
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

  /** Makes the folder if there is none. */
  constructor(options: FileDiskOptions) {
    this.#options = options;
    if (existsSync(options.folder)) return;
    mkdirSync(options.folder, { recursive: true });
    syncPath(dirname(resolve(options.folder)));
  }

  list(): readonly string[] {
    return readdirSync(this.#options.folder).sort();
  }

  read(name: string): Uint8Array | undefined {
    try {
      return readFileSync(this.#path(name)).subarray(0, this.#files.get(name)?.end);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  }

  create(name: string): void {
    this.#forget(name);
    this.#open(name, constants.O_CREAT | constants.O_TRUNC);
  }

  append(name: string, bytes: Uint8Array): void {
    const file = this.#file(name);
    const reach = file.end + bytes.length;
    if (reach > file.allocated) allocate(file, reach);
    // A full disk first gives a short write and only then ENOSPC.
    for (let rest = bytes; rest.length > 0;) {
      const written = writeSync(file.fd, rest, 0, rest.length, file.end);
      rest = rest.subarray(written);
      file.end += written;
    }
  }

  rename(from: string, to: string): void {
    renameSync(this.#path(from), this.#path(to));
    this.#forget(to);
    const file = this.#files.get(from);
    this.#files.delete(from);
    if (file !== undefined) this.#files.set(to, file);
  }

  remove(name: string): void {
    unlinkSync(this.#path(name));
    this.#forget(name);
  }

  sync(name: string, token: number): void {
    const ticket = { token, durable: false };
    const file = this.#file(name);
    this.#tickets.push(ticket);
    file.waiting.push(ticket);
    if (file.waiting.length === 1 && !file.syncing) this.#options.atTurnEnd(() => this.#startSync(file));
  }

  syncNow(name: string): void {
    const file = this.#file(name);
    ftruncateSync(file.fd, file.end);
    file.allocated = file.end;
    fdatasyncSync(file.fd);
  }

  syncFolder(): void {
    syncPath(this.#options.folder);
  }

  crc32(bytes: Uint8Array, seed = 0): number {
    return crc32(bytes, seed);
  }

  #startSync(file: OpenFile): void {
    if (file.syncing || file.waiting.length === 0) return;
    const covered = file.waiting;
    file.waiting = [];
    file.syncing = true;
    fdatasync(file.fd, (error) => {
      if (error !== null) return this.#options.onFatal(error);
      file.syncing = false;
      for (const ticket of covered) ticket.durable = true;
      if (file.waiting.length > 0) this.#startSync(file);
      else if (file.doomed) closeSync(file.fd);
      return this.#reportDurable();
    });
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
    for (const [other, { end, allocated }] of this.#files) if (end === allocated) this.#forget(other);
    const { size } = fstatSync(fd);
    const file: OpenFile = { fd, end: size, allocated: size, waiting: [], syncing: false, doomed: false };
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

/** Zeroes the file ahead. Where the disk has no room for that the write itself will tell. */
function allocate(file: OpenFile, reach: number): void {
  file.allocated = Math.max(file.allocated, file.end);
  try {
    while (file.allocated < reach) file.allocated += writeSync(file.fd, PIECE, 0, PIECE.length, file.allocated);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
  }
}

function syncPath(folder: string): void {
  const fd = openSync(folder, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
