/**
 * Files of one JSON document a line, written while a run goes on and read after it, also after a controller that was killed.
 */
import { closeSync, openSync, readSync, writeSync } from 'node:fs';
import { StringDecoder } from 'node:string_decoder';
import { StalemateError } from '../base/errors.ts';

/** Appends lines to one file. */
export interface JsonlWriter {
  /** Written when this returns: a killed process loses nothing (the page cache survives it). */
  write(line: object): void;
  /** May wait for the next `write`, or for FLUSH_AFTER_MS: a killed process loses it. */
  writeSoon(line: object): void;
  close(): void;
}

const FLUSH_AFTER_MS = 20;
/** A file of gigabytes is never one text: no string may be so long. */
const PIECE_BYTES = 1 << 22;

/** Opens a new file for writing; or goes on with one that is there. */
export function openJsonl(path: string, mode: 'new' | 'append' = 'new'): JsonlWriter {
  const file = openSync(path, mode === 'new' ? 'wx' : 'a');
  let waiting = '';
  let timer: NodeJS.Timeout | null = null;
  const flush = (): void => {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    if (waiting !== '') writeFully(file, waiting);
    waiting = '';
  };
  return {
    write: (line) => {
      waiting += `${JSON.stringify(line)}\n`;
      flush();
    },
    writeSoon: (line) => {
      waiting += `${JSON.stringify(line)}\n`;
      timer ??= setTimeout(flush, FLUSH_AFTER_MS);
    },
    close: () => {
      try {
        flush();
      } finally {
        closeSync(file);
      }
    },
  };
}

/** The lines of a file written so, in order; a last line that was cut off by a crash is left out. A missing file has none. */
export function readJsonl<T>(path: string): readonly T[] {
  return [...streamJsonl<T>(path)];
}

/** The same, one line after the other, for files that are too large to be held. */
export function* streamJsonl<T>(path: string): Generator<T> {
  let number = 0;
  let torn = '';
  for (const piece of piecesOf(path)) {
    const lines = (torn + piece).split('\n');
    torn = lines.pop()!;
    for (const line of lines) yield parseLine<T>(line, path, ++number);
  }
  const last = torn === '' ? undefined : parseTorn<T>(torn);
  if (last !== undefined) yield last;
}

/** A disk that is filling up takes a part first (a short write), then refuses. */
function writeFully(file: number, text: string): void {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at);
}

function* piecesOf(path: string): Generator<string> {
  const file = openOrMissing(path);
  if (file === null) return;
  const bytes = new Uint8Array(PIECE_BYTES);
  const text = new StringDecoder();
  try {
    for (let read = -1; read !== 0;) {
      read = readSync(file, bytes, 0, bytes.length, null);
      yield text.write(bytes.subarray(0, read));
    }
  } finally {
    closeSync(file);
  }
}

function openOrMissing(path: string): number | null {
  try {
    return openSync(path, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

function parseLine<T>(line: string, path: string, number: number): T {
  try {
    return JSON.parse(line) as T;
  } catch {
    throw new StalemateError('usage', `${path}:${number}: not a line of JSON`, 'the file was changed after the run');
  }
}

/** A line without its end is whole if it parses: only the end was cut. */
function parseTorn<T>(line: string): T | undefined {
  try {
    return JSON.parse(line) as T;
  } catch {
    return undefined;
  }
}
