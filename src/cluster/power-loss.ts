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

/** What a loss of power makes of a folder: drawn, and not done yet. */
interface Drawn {
  readonly loss: PowerLoss;
  readonly folder: ReadonlyMap<string, number>;
  readonly files: ReadonlyMap<number, FileLoss>;
}

/** A fate in which nothing of what could be lost is lost is drawn again, so often at most: with a sector or two under way it is every other one. */
const MOST_DRAWS = 16;

/**
 * Takes the power from the data folder of a process that does not run any more. Afterwards all that is left is durable.
 * @param random the nth draw of what is kept and what is not; where it is the same each time, so is the fate, whatever is lost
 */
export function losePower(place: UndoPlace, random: (nth: number) => Random): PowerLoss {
  const state = loadUndoState(place);
  if (state === undefined) throw new StalemateError('failed', `there is no undo journal in ${place.undoFolder}`);
  let drawn = draw(place, state, random(0));
  for (let nth = 1; nth < MOST_DRAWS && isSpared(drawn.loss); nth++) drawn = draw(place, state, random(nth));
  const { loss, folder, files } = drawn;
  for (const [id, file] of files) takeFrom(keptPath(place, id), file);
  arrange(place, folder);
  saveUndoState(
    place,
    new UndoState({
      files: [...files].map(([id, { sizeBytes }]) => [id, { durableBytes: sizeBytes, sizes: [sizeBytes] }]),
      folder: [...folder],
      changes: [],
    }),
  );
  return loss;
}

function isSpared({ unsyncedSectors, lostSectors, unsyncedChanges, lostChanges }: PowerLoss): boolean {
  return unsyncedSectors + unsyncedChanges > 0 && lostSectors + lostChanges === 0;
}

function draw(place: UndoPlace, state: UndoState, random: Random): Drawn {
  const { folder, lostChanges } = folderAfterPowerLoss(state.durableFolder, state.changes, random);
  const files = new Map([...new Set(folder.values())].map((id) => [id, fateOfFile(place, id, state, random)] as const));
  const sum = (count: (file: FileLoss) => number): number =>
    [...files.values()].reduce((all, it) => all + count(it), 0);
  const loss = {
    unsyncedSectors: sum((file) => file.unsynced),
    lostSectors: sum((file) => file.lost),
    unsyncedChanges: state.changes.length,
    lostChanges,
  };
  return { loss, folder, files };
}

/** How many sectors a loss of power now could take. The process may run, and remove its files meanwhile. */
export function countUnsynced(place: UndoPlace): number {
  const state = loadUndoState(place);
  const ids = [...(state?.folder().values() ?? [])];
  return ids.reduce((sum, id) => sum + countWritten(keptPath(place, id), state!.files.get(id)!), 0);
}

function countWritten(path: string, file: UndoFile): number {
  try {
    return withFile(path, 'r', (fd) => writtenSectors(fd, file).length);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 0;
    throw error;
  }
}

interface FileLoss {
  readonly sizeBytes: number;
  /** What becomes old again, and how many sectors of it held anything. */
  readonly gone: readonly Stretch[];
  readonly unsynced: number;
  readonly lost: number;
}

function fateOfFile(place: UndoPlace, id: number, state: UndoState, random: Random): FileLoss {
  const path = keptPath(place, id);
  const file = state.files.get(id)!;
  const written = existsSync(path) ? withFile(path, 'r', (fd) => writtenSectors(fd, file)) : [];
  const writtenBytes = written.at(-1)?.to ?? file.durableBytes;
  const fate = fateOf({ ...file, writtenBytes }, random);
  const gone = new Set(fate.lost.map(({ from }) => from));
  const lost = written.filter(({ from }) => gone.has(from) || from >= fate.sizeBytes);
  return { sizeBytes: fate.sizeBytes, gone: fate.lost, unsynced: written.length, lost: lost.length };
}

function takeFrom(path: string, { sizeBytes, gone }: FileLoss): void {
  withFile(path, existsSync(path) ? 'r+' : 'w+', (fd) => {
    for (const stretch of gone) zero(fd, stretch);
    ftruncateSync(fd, sizeBytes);
  });
}

function withFile<T>(path: string, flags: string, work: (fd: number) => T): T {
  const fd = openSync(path, flags);
  try {
    return work(fd);
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
