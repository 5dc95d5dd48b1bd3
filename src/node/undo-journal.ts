/**
 * The node's side of the undo journal: says what is not durable yet, as it happens. Each line is one unbuffered write, so it
 * survives SIGKILL like the data itself; after it the controller can take away what an outage would have taken (`powerLoss`).
 *
 * A change of the folder is written before it is made, an fsync after it returned and before anybody hears of it: whatever
 * moment the process dies at, the journal never takes for durable what is not.
 */
import {
  closeSync,
  existsSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { assert } from '../base/assert.ts';
import type { FolderChange } from '../base/power-loss.ts';
import { arrange, dropUnknown, journalPath, keptPath, loadUndoState, saveUndoState } from '../undo/undo-folder.ts';
import type { UndoPlace } from '../undo/undo-folder.ts';
import { encodeUndoRecord, UndoState, type UndoRecord } from '../undo/undo-state.ts';

/** What an fsync will have covered: taken before it starts. */
export interface Covered {
  readonly bytes: number;
  /** Number of the size that the file has. */
  readonly sizeNumber: number;
}

/** A file, under whatever name. */
export interface Tracked {
  readonly id: number;
  durableBytes: number;
  /** The durable size and those since; the first of them is number `firstSize`. */
  sizes: number[];
  firstSize: number;
}

/** The journal begins anew, with the present state alone, when it has grown to this. */
const LONGEST_BYTES = 1024 * 1024;

export class UndoJournal {
  readonly #place: UndoPlace;
  readonly #state: UndoState;
  readonly #tracked = new Map<number, Tracked>();
  #fd = -1;
  #bytes = 0;
  #nextId: number;

  /** Goes on with the journal of an earlier life. A folder without one counts as durable, all of it. */
  constructor(place: UndoPlace) {
    this.#place = place;
    mkdirSync(place.undoFolder, { recursive: true });
    this.#state = loadUndoState(place) ?? adopt(place);
    this.#nextId = Math.max(0, ...this.#state.files.keys()) + 1;
    for (const id of this.#state.files.keys()) {
      if (!existsSync(keptPath(place, id))) closeSync(openSync(keptPath(place, id), 'wx'));
    }
    // The last life may have died between saying and doing.
    arrange(place, this.#state.folder());
    this.#begin();
  }

  tracked(name: string): Tracked {
    const id = this.#state.folder().get(name);
    assert(id !== undefined, `${name} is not known to the undo journal`);
    let tracked = this.#tracked.get(id);
    if (tracked === undefined) {
      const { durableBytes, sizes } = this.#state.files.get(id)!;
      this.#tracked.set(id, (tracked = { id, durableBytes, sizes: [...sizes], firstSize: 0 }));
    }
    return tracked;
  }

  /** Makes an empty file of that name. One that was there counts as removed: its contents may come back. */
  create(name: string): void {
    const path = join(this.#place.dataFolder, name);
    if (this.#state.folder().has(name)) {
      this.#change({ kind: 'remove', name });
      unlinkSync(path);
    }
    const id = this.#nextId++;
    this.#change({ kind: 'create', name, file: id });
    closeSync(openSync(keptPath(this.#place, id), 'wx'));
    linkSync(keptPath(this.#place, id), path);
  }

  /** Before the rename. */
  rename(from: string, to: string): void {
    this.#change({ kind: 'rename', from, to, file: this.tracked(from).id });
  }

  /** Before the removal. */
  remove(name: string): void {
    this.#change({ kind: 'remove', name });
  }

  /** Before the file gets another size. */
  resize(file: Tracked, sizeBytes: number): void {
    file.sizes.push(sizeBytes);
    this.#tell(file);
  }

  /** What an fsync that starts now will make durable, of a file written up to `bytes`. */
  covered(file: Tracked, bytes: number): Covered {
    return { bytes, sizeNumber: file.firstSize + file.sizes.length - 1 };
  }

  /** After that fsync. */
  synced(file: Tracked, { bytes, sizeNumber }: Covered): void {
    const older = Math.max(0, sizeNumber - file.firstSize);
    if (older === 0 && bytes <= file.durableBytes) return;
    file.durableBytes = Math.max(file.durableBytes, bytes);
    file.sizes.splice(0, older);
    file.firstSize += older;
    this.#tell(file);
  }

  /** After the folder's fsync. */
  folderSynced(): void {
    this.#write({ kind: 'folderSynced' });
    dropUnknown(this.#place, this.#state);
    for (const id of this.#tracked.keys()) if (!this.#state.files.has(id)) this.#tracked.delete(id);
  }

  #tell({ id, durableBytes, sizes }: Tracked): void {
    this.#write({ kind: 'file', id, file: { durableBytes, sizes: [...sizes] } });
  }

  #change(change: FolderChange<number>): void {
    this.#write({ kind: 'change', change });
  }

  #write(record: Exclude<UndoRecord, { kind: 'state' }>): void {
    this.#state.apply(record);
    if (this.#bytes > LONGEST_BYTES) return this.#begin();
    this.#bytes += writeSync(this.#fd, encodeUndoRecord(record));
    return undefined;
  }

  #begin(): void {
    if (this.#fd !== -1) closeSync(this.#fd);
    saveUndoState(this.#place, this.#state);
    this.#fd = openSync(journalPath(this.#place), 'a');
    this.#bytes = 0;
  }
}

function adopt(place: UndoPlace): UndoState {
  const names = readdirSync(place.dataFolder);
  for (const [i, name] of names.entries()) linkSync(join(place.dataFolder, name), keptPath(place, i + 1));
  const sizes = names.map((name) => statSync(join(place.dataFolder, name)).size);
  return new UndoState({
    files: sizes.map((size, i) => [i + 1, { durableBytes: size, sizes: [size] }]),
    folder: names.map((name, i) => [name, i + 1]),
    changes: [],
  });
}
