/**
 * What a power loss leaves behind. Every 512-byte sector that was not synced is independently old or new; the size of a file is
 * one of those it has had since its last fsync; and every change of the folder (create, rename, remove) since the last folder
 * fsync happened or did not. An fsync of a file does not make its name durable. A kept prefix is one special case.
 *
 * Files only grow, by appends, into sectors that were never written and read as zeros: so what a sector held before is known
 * without a copy of it, and what is durable of a file is a prefix. Chance comes in: the same draws lose the same things, on the
 * simulated disk and on real files.
 */
import type { Random } from './random.ts';

export const SECTOR_BYTES = 512;

/** A file as a power loss finds it. */
export interface UnsyncedFile {
  /** Everything before this offset survives. */
  readonly durableBytes: number;
  /** The size that the last fsync made durable, and every one since. At least one. */
  readonly sizes: readonly number[];
  /** How far anything may have been written. */
  readonly writtenBytes: number;
}

/** A stretch of a file that holds zeros again. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
}

/** What is left of a file. */
export interface FileFate {
  readonly sizeBytes: number;
  readonly lost: readonly Stretch[];
}

/** A change of a folder, which may or may not have reached the disk. */
export type FolderChange<F> =
  | { readonly kind: 'create'; readonly name: string; readonly file: F }
  | { readonly kind: 'rename'; readonly from: string; readonly to: string; readonly file: F }
  | { readonly kind: 'remove'; readonly name: string };

/** Which size and which sectors the disk holds. */
export function fateOf({ durableBytes, sizes, writtenBytes }: UnsyncedFile, random: Random): FileFate {
  const sizeBytes = random.pick(sizes);
  const lost: Stretch[] = [];
  for (let at = durableBytes - (durableBytes % SECTOR_BYTES); at < writtenBytes; at += SECTOR_BYTES) {
    if (random.chance(0.5)) lost.push({ from: Math.max(at, durableBytes), to: at + SECTOR_BYTES });
  }
  return { sizeBytes, lost };
}

/** The folder as the disk holds it, and how many changes it never saw. */
export function folderAfterPowerLoss<F>(
  durable: ReadonlyMap<string, F>,
  changes: readonly FolderChange<F>[],
  random: Random,
): { readonly folder: Map<string, F>; readonly lostChanges: number } {
  const folder = new Map(durable);
  const kept = changes.filter(() => random.chance(0.5));
  for (const change of kept) applyChange(folder, change);
  return { folder, lostChanges: changes.length - kept.length };
}

/** Does to the folder what the change says. */
export function applyChange<F>(folder: Map<string, F>, change: FolderChange<F>): void {
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
