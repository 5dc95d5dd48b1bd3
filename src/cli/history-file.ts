/** Reading a recorded history, of any format, in pieces: a file of gigabytes is never one text. */
import { closeSync, openSync, readSync } from 'node:fs';
import {
  HistoryError,
  historyReader,
  type History,
  type HistoryReader,
  type ReaderOptions,
} from '../../checker/index.ts';
import { StalemateError } from '../base/errors.ts';

const PIECE_BYTES = 1 << 20;

/** Reads and pairs a history file. Throws a usage error that names file, line and reason. */
export function readHistoryFile(file: string, options: ReaderOptions = {}): History {
  const descriptor = opened(file);
  try {
    return paired(file, options, (reader) => {
      const piece = new Uint8Array(PIECE_BYTES);
      for (let bytes = readPiece(file, descriptor, piece); bytes > 0; bytes = readPiece(file, descriptor, piece)) {
        reader.push(piece.subarray(0, bytes));
      }
    });
  } finally {
    closeSync(descriptor);
  }
}

/** The same from standard input: not by a synchronous read, which a writer that is slow would fail (EAGAIN). */
export async function readHistoryFromInput(options: ReaderOptions = {}): Promise<History> {
  const reader = historyReader('standard input', options);
  try {
    for await (const piece of process.stdin) reader.push(piece as Uint8Array);
    return reader.finish();
  } catch (error) {
    throw inWords(error);
  }
}

function paired(file: string, options: ReaderOptions, fill: (reader: HistoryReader) => void): History {
  try {
    const reader = historyReader(file, options);
    fill(reader);
    return reader.finish();
  } catch (error) {
    throw inWords(error);
  }
}

function inWords(error: unknown): unknown {
  if (!(error instanceof HistoryError)) return error;
  return new StalemateError(
    'usage',
    error.message,
    'results/README.md describes the format, checker/README.md the others',
  );
}

function opened(file: string): number {
  try {
    return openSync(file, 'r');
  } catch (error) {
    throw unreadable(file, error);
  }
}

function readPiece(file: string, descriptor: number, piece: Uint8Array): number {
  try {
    return readSync(descriptor, piece, 0, piece.length, null);
  } catch (error) {
    throw unreadable(file, error);
  }
}

function unreadable(file: string, error: unknown): StalemateError {
  const code = (error as NodeJS.ErrnoException).code ?? String(error);
  return new StalemateError('usage', `${file}: cannot be read (${code})`, 'give the path of a recorded history');
}
