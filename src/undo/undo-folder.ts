/**
 * The undo folder, beside a node's data folder: the journal, and one more name (a hard link) for every file that a power loss
 * may bring back. So a file that was removed or replaced is still there until the folder's fsync makes that durable.
 */
import {
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { StalemateError } from '../base/errors.ts';
import { encodeUndoRecord, readUndoState, type UndoState } from './undo-state.ts';

/** Where the data and its undo folder are. Both must lie on one file system. */
export interface UndoPlace {
  readonly dataFolder: string;
  readonly undoFolder: string;
}

const JOURNAL = 'journal.jsonl';

export function journalPath({ undoFolder }: UndoPlace): string {
  return join(undoFolder, JOURNAL);
}

/** The second name of a file. */
export function keptPath({ undoFolder }: UndoPlace, id: number): string {
  return join(undoFolder, `file-${id}`);
}

/** Undefined where no journal was ever kept. */
export function loadUndoState(place: UndoPlace): UndoState | undefined {
  const path = journalPath(place);
  return existsSync(path) ? readUndoState(readFileSync(path, 'utf8')) : undefined;
}

/** Begins the journal anew with this state, all at once or not at all, and lets go of files that it does not know. */
export function saveUndoState(place: UndoPlace, state: UndoState): void {
  mkdirSync(place.undoFolder, { recursive: true });
  const path = journalPath(place);
  writeFileSync(`${path}.tmp`, encodeUndoRecord(state.record()));
  renameSync(`${path}.tmp`, path);
  dropUnknown(place, state);
}

/** Lets go of kept files that the state does not know any more. */
export function dropUnknown(place: UndoPlace, state: UndoState): void {
  const known = new Set([...state.files.keys()].map((id) => keptPath(place, id)));
  for (const name of readdirSync(place.undoFolder)) {
    const path = join(place.undoFolder, name);
    if (name.startsWith('file-') && !known.has(path)) unlinkSync(path);
  }
}

/** Makes the names of the data folder these. Refuses files that no journal knows: somebody else put them there. */
export function arrange(place: UndoPlace, folder: ReadonlyMap<string, number>): void {
  const kept = new Set(
    readdirSync(place.undoFolder)
      .filter((name) => name.startsWith('file-'))
      .map((name) => statSync(join(place.undoFolder, name)).ino),
  );
  for (const name of readdirSync(place.dataFolder)) {
    const path = join(place.dataFolder, name);
    const { ino } = statSync(path);
    const id = folder.get(name);
    if (id !== undefined && statSync(keptPath(place, id)).ino === ino) continue;
    if (!kept.has(ino)) throw new StalemateError('failed', `${path} is not known to the undo journal`);
    unlinkSync(path);
  }
  for (const [name, id] of folder) {
    const path = join(place.dataFolder, name);
    if (!existsSync(path)) linkSync(keptPath(place, id), path);
  }
}
