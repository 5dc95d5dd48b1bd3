/**
 * What stands in an undo journal: how much of every file of a data folder is durable, which names are, and what was done to
 * them since. The node adds a line whenever one of these changes; whoever reads the lines in order knows what a loss of power at
 * that moment could take away.
 *
 * A file goes by a number, which it keeps under every name; its old contents need no copy (see `src/base/power-loss.ts`).
 */
import { assert } from '../base/assert.ts';
import { applyChange, type FolderChange } from '../base/power-loss.ts';

/** How much of a file is durable. */
export interface UndoFile {
  readonly durableBytes: number;
  /** The durable size, and every one since. */
  readonly sizes: readonly number[];
}

/** One line of the journal. */
export type UndoRecord =
  /** Everything at once: the first line. */
  | {
      readonly kind: 'state';
      readonly files: readonly (readonly [id: number, file: UndoFile])[];
      readonly folder: readonly (readonly [name: string, id: number])[];
      readonly changes: readonly FolderChange<number>[];
    }
  /** Replaces what was known of the file. */
  | { readonly kind: 'file'; readonly id: number; readonly file: UndoFile }
  /** Written before the change is made, so that a process that dies in between leaves a change that may have happened. */
  | { readonly kind: 'change'; readonly change: FolderChange<number> }
  /** The folder was fsynced. */
  | { readonly kind: 'folderSynced' };

const NEW_FILE: UndoFile = { durableBytes: 0, sizes: [0] };

export class UndoState {
  readonly files: Map<number, UndoFile>;
  durableFolder: Map<string, number>;
  changes: FolderChange<number>[];

  constructor(it: Omit<Extract<UndoRecord, { kind: 'state' }>, 'kind'> = { files: [], folder: [], changes: [] }) {
    this.files = new Map(it.files);
    this.durableFolder = new Map(it.folder);
    this.changes = [...it.changes];
  }

  /** The names as a running process sees them. */
  folder(): Map<string, number> {
    const folder = new Map(this.durableFolder);
    for (const change of this.changes) applyChange(folder, change);
    return folder;
  }

  apply(record: Exclude<UndoRecord, { kind: 'state' }>): void {
    switch (record.kind) {
      case 'file':
        // A file that is gone for good may still have had an fsync under way.
        if (this.files.has(record.id)) this.files.set(record.id, record.file);
        break;
      case 'change':
        this.changes.push(record.change);
        if (record.change.kind === 'create') this.files.set(record.change.file, NEW_FILE);
        break;
      case 'folderSynced':
        this.durableFolder = this.folder();
        this.changes = [];
        this.#forgetUnnamed();
        break;
    }
  }

  record(): UndoRecord {
    return { kind: 'state', files: [...this.files], folder: [...this.durableFolder], changes: this.changes };
  }

  #forgetUnnamed(): void {
    const named = new Set(this.durableFolder.values());
    for (const id of this.files.keys()) if (!named.has(id)) this.files.delete(id);
  }
}

export function encodeUndoRecord(record: UndoRecord): string {
  return `${JSON.stringify(record)}\n`;
}

/** What the whole lines of a journal say. The last one may be torn: its process was killed while it wrote. */
export function readUndoState(text: string): UndoState {
  const lines = text.slice(0, text.lastIndexOf('\n') + 1).split('\n');
  const [first, ...rest] = lines.filter((line) => line !== '').map((line) => JSON.parse(line) as UndoRecord);
  assert(first?.kind === 'state', 'an undo journal begins with everything at once');
  const state = new UndoState(first);
  for (const record of rest) {
    assert(record.kind !== 'state', 'an undo journal says everything once');
    state.apply(record);
  }
  return state;
}
