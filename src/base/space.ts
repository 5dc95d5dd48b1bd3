/**
 * Space for short byte strings that live about as long as their neighbours, as frames do. A string of more than 64 bytes with a buffer of
 * its own costs ten times what writing it does: V8 keeps only shorter ones on its heap.
 */

const ON_HEAP_BYTES = 64;
const BLOCK_BYTES = 16 * 1024;

let block = new Uint8Array(BLOCK_BYTES);
let used = 0;

/** So many zeros, maybe in a buffer that others share: it is kept as long as one of them is. */
export function space(length: number): Uint8Array {
  if (length <= ON_HEAP_BYTES || length > BLOCK_BYTES / 4) return new Uint8Array(length);
  if (used + length > BLOCK_BYTES) {
    block = new Uint8Array(BLOCK_BYTES);
    used = 0;
  }
  used += length;
  return new Uint8Array(block.buffer, used - length, length);
}

/** What is short is copied more quickly byte by byte than by a call that says what is to be copied. */
const SHORT_BYTES = 32;

/** The first `length` bytes, as `slice` gives them, in such space. */
export function copyOf(bytes: Uint8Array, length: number = bytes.length): Uint8Array {
  const copy = space(length);
  if (length <= SHORT_BYTES) for (let i = 0; i < length; i++) copy[i] = bytes[i]!;
  else copy.set(length === bytes.length ? bytes : bytes.subarray(0, length));
  return copy;
}
