/**
 * Which bit of a log flips: one of those below the attested offset, where every bad byte is damage and none a torn write. Chance
 * comes in: the same draws choose the same bit of a simulated disk and of real files.
 */
import type { Random } from './random.ts';

export interface BitPlace {
  readonly name: string;
  /** Of the byte in its file. */
  readonly offset: number;
  readonly bit: number;
}

/** A segment of the log is called after the offset in the whole log at which it begins. */
const SEGMENT_NAME = /^log-(\d{16})\.wal$/;

/**
 * @param files all files of a data folder, in order of name, with their sizes; undefined where no byte of them is attested.
 */
export function pickAttestedBit(
  files: readonly { readonly name: string; readonly sizeBytes: number }[],
  attestedThrough: number,
  random: Random,
): BitPlace | undefined {
  const segments = files.flatMap(({ name, sizeBytes }) => {
    const base = Number(SEGMENT_NAME.exec(name)?.[1] ?? Number.NaN);
    const bytes = Math.min(sizeBytes, attestedThrough - base);
    return bytes > 0 ? [{ name, bytes }] : [];
  });
  if (segments.length === 0) return undefined;
  const { name, bytes } = random.pick(segments);
  return { name, offset: random.int(bytes), bit: random.int(8) };
}
