/**
 * The outage itself, on the files of a node that is gone: what its undo journal does not call durable is, piece by piece and as
 * the seed says, taken back. It does not matter how or when the node died: the journal is as old as the data.
 */
import { closeSync, existsSync, ftruncateSync, fstatSync, openSync, readSync, writeSync } from 'node:fs';
import { StalemateError } from '../base/errors.ts';
import { fateOf, folderAfterPowerLoss, SECTOR_BYTES, type Stretch } from '../base/power-loss.ts';
import type { Random } from '../base/random.ts';
import { arrange, keptPath, loadUndoState, saveUndoState, type UndoPlace } from '../undo/undo-folder.ts';
import { UndoState, type UndoFile } from '../undo/undo-state.ts';

/** What was not durable, and what of it was taken. Sectors are counted where something was written. */
export interface PowerLoss {
  readonly unsyncedSectors: number;
  readonly lostSectors: number;
  readonly unsyncedChanges: number;
  readonly lostChanges: number;
}

/** Takes the power from the data folder of a process that does not run any more. Afterwards all that is left is durable. */
export function losePower(place: UndoPlace, random: Random): PowerLoss {
  const state = loadUndoState(place);
  if (state === undefined) throw new StalemateError('failed', `there is no undo journal in ${place.undoFolder}`);
  const { folder, lostChanges } = folderAfterPowerLoss(state.durableFolder, state.changes, random);
  const survivors = [...new Set(folder.values())].map((id) => [id, loseSectors(place, id, state, random)] as const);
  arrange(place, folder);
  saveUndoState(
    place,
    new UndoState({
      files: survivors.map(([id, { sizeBytes }]) => [id, { durableBytes: sizeBytes, sizes: [sizeBytes] }]),
      folder: [...folder],
      changes: [],
    }),
  );
  const sum = (count: (loss: FileLoss) => number): number => survivors.reduce((all, [, it]) => all + count(it), 0);
  return {
    unsyncedSectors: sum((loss) => loss.unsynced),
    lostSectors: sum((loss) => loss.lost),
    unsyncedChanges: state.changes.length,
    lostChanges,
  };
}

/** Whether anything is written that a loss of power now could take. The process may run, and remove its files meanwhile. */
export function holdsUnsynced(place: UndoPlace): boolean {
  const state = loadUndoState(place);
  return [...(state?.folder().values() ?? [])].some((id) => {
    const path = keptPath(place, id);
    return existsSync(path) && isUnsynced(path, state!.files.get(id)!);
  });
}

function isUnsynced(path: string, file: UndoFile): boolean {
  let fd = -1;
  try {
    fd = openSync(path, 'r');
    return writtenSectors(fd, file).length > 0;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  } finally {
    if (fd !== -1) closeSync(fd);
  }
}

interface FileLoss {
  readonly sizeBytes: number;
  readonly unsynced: number;
  readonly lost: number;
}

function loseSectors(place: UndoPlace, id: number, state: UndoState, random: Random): FileLoss {
  const path = keptPath(place, id);
  const fd = openSync(path, existsSync(path) ? 'r+' : 'w+');
  try {
    const file = state.files.get(id)!;
    const written = writtenSectors(fd, file);
    const writtenBytes = written.at(-1)?.to ?? file.durableBytes;
    const fate = fateOf({ ...file, writtenBytes }, random);
    for (const stretch of fate.lost) zero(fd, stretch);
    ftruncateSync(fd, fate.sizeBytes);
    const gone = new Set(fate.lost.map(({ from }) => from));
    const lost = written.filter(({ from }) => gone.has(from) || from >= fate.sizeBytes);
    return { sizeBytes: fate.sizeBytes, unsynced: written.length, lost: lost.length };
  } finally {
    closeSync(fd);
  }
}

/** The sectors behind the durable bytes that hold anything. A file reaches further, in zeros. */
function writtenSectors(fd: number, { durableBytes }: UndoFile): readonly Stretch[] {
  const { size } = fstatSync(fd);
  const bytes = Buffer.alloc(Math.max(0, size - durableBytes));
  for (let at = 0; at < bytes.length;) {
    const read = readSync(fd, bytes, at, bytes.length - at, durableBytes + at);
    if (read === 0) break;
    at += read;
  }
  const sectors: Stretch[] = [];
  for (let from = durableBytes; from < size;) {
    const to = from - (from % SECTOR_BYTES) + SECTOR_BYTES;
    if (bytes.subarray(from - durableBytes, to - durableBytes).some((byte) => byte !== 0)) sectors.push({ from, to });
    from = to;
  }
  return sectors;
}

function zero(fd: number, { from, to }: Stretch): void {
  writeSync(fd, Buffer.alloc(to - from), 0, to - from, from);
}
