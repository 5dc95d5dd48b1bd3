/** Reads a file in pieces, in bounded memory: what both the checker's reader and `JSON.parse` line by line are measured on. */
import { closeSync, openSync, readSync } from 'node:fs';

const CHUNK_BYTES = 1 << 20;

/** Gives the file's bytes piece by piece. A piece is only valid during the call. */
export function readChunks(file: string, take: (bytes: Uint8Array) => void): void {
  const descriptor = openSync(file, 'r');
  try {
    const buffer = new Uint8Array(CHUNK_BYTES);
    for (let read = 1; read > 0;) {
      read = readSync(descriptor, buffer, 0, CHUNK_BYTES, null);
      if (read > 0) take(buffer.subarray(0, read));
    }
  } finally {
    closeSync(descriptor);
  }
}

/** Gives the file's lines one by one, without their ends. The file is ASCII. */
export function readLines(file: string, take: (line: string) => void): void {
  let rest = '';
  readChunks(file, (bytes) => {
    const text = rest + Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
    let start = 0;
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', start)) {
      take(text.slice(start, end));
      start = end + 1;
    }
    rest = text.slice(start);
  });
  if (rest !== '') take(rest);
}
