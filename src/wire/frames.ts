/**
 * Frames: how payloads travel in a byte stream. Four bytes of length, big-endian, then the payload. TCP has checksums of
 * its own, so a frame has none; the log on disk, which has no TCP below it, does (see the wal room).
 */
import { assert } from '../base/assert.ts';
import { WireError } from './bytes.ts';

/** The largest payload. An announced length beyond it is a broken or hostile peer, and ends the connection. */
export const MAX_FRAME_BYTES: number = 16 * 1024 * 1024;

const HEADER_BYTES = 4;

/** The payload with its length in front. */
export function encodeFrame(payload: Uint8Array): Uint8Array {
  assert(
    payload.length <= MAX_FRAME_BYTES,
    () => `a frame of ${payload.length} bytes is larger than ${MAX_FRAME_BYTES}`,
  );
  const frame = new Uint8Array(HEADER_BYTES + payload.length);
  // Byte by byte: a view of a small array's buffer first moves that buffer to another place.
  for (let i = 0; i < HEADER_BYTES; i++) frame[i] = payload.length >>> (8 * (HEADER_BYTES - 1 - i));
  frame.set(payload, HEADER_BYTES);
  return frame;
}

/**
 * Cuts a byte stream back into payloads, however it was chunked. A payload that came in one chunk is a view of it; one that came in
 * several is copied together, every byte once, so the work is linear. Who keeps a payload for long keeps its chunk.
 */
export class FrameDecoder {
  readonly #chunks: Uint8Array[] = [];
  /** Index of the first chunk not yet used up, and how much of it is. */
  #first = 0;
  #used = 0;
  #buffered = 0;
  /** The largest payload that is taken. A change holds from the next frame on. */
  maxBytes: number = MAX_FRAME_BYTES;
  /** Length of the payload whose header was read. */
  #expected: number | undefined;

  push(chunk: Uint8Array): void {
    if (chunk.length === 0) return;
    this.#chunks.push(chunk);
    this.#buffered += chunk.length;
  }

  /** The next whole payload, or undefined until more bytes come. Throws WireError on an oversized frame. */
  next(): Uint8Array | undefined {
    this.#expected ??= this.#readLength();
    if (this.#expected === undefined || this.#buffered < this.#expected) return undefined;
    const payload = this.#take(this.#expected);
    this.#expected = undefined;
    return payload;
  }

  #readLength(): number | undefined {
    if (this.#buffered < HEADER_BYTES) return undefined;
    let length = 0;
    for (let i = 0; i < HEADER_BYTES; i++) length = length * 256 + this.#takeByte();
    if (length > this.maxBytes) throw new WireError(`a frame of ${length} bytes is larger than ${this.maxBytes}`);
    return length;
  }

  #takeByte(): number {
    const chunk = this.#chunks[this.#first]!;
    const byte = chunk[this.#used++]!;
    if (this.#used === chunk.length) this.#dropChunk();
    this.#buffered--;
    return byte;
  }

  #take(length: number): Uint8Array {
    const chunk = this.#chunks[this.#first];
    if (chunk === undefined || chunk.length - this.#used < length) return this.#takeCopied(length);
    const taken = new Uint8Array(chunk.buffer, chunk.byteOffset + this.#used, length);
    this.#used += length;
    if (this.#used === chunk.length) this.#dropChunk();
    this.#buffered -= length;
    return taken;
  }

  #takeCopied(length: number): Uint8Array {
    const taken = new Uint8Array(length);
    for (let filled = 0; filled < length;) {
      const chunk = this.#chunks[this.#first]!;
      const part = chunk.subarray(this.#used, this.#used + length - filled);
      taken.set(part, filled);
      filled += part.length;
      this.#used += part.length;
      if (this.#used === chunk.length) this.#dropChunk();
    }
    this.#buffered -= length;
    return taken;
  }

  /** Moves to the next chunk; the list itself is shortened now and then, so that dropping stays cheap. */
  #dropChunk(): void {
    this.#first++;
    this.#used = 0;
    if (this.#first === this.#chunks.length || this.#first >= 1024) {
      this.#chunks.splice(0, this.#first);
      this.#first = 0;
    }
  }
}
