/**
 * Space for byte strings that live about as long as their neighbours. V8 keeps only those of up to 64 bytes on its heap: a longer one with a buffer
 * of its own costs ten times what writing it does, and as much memory again as a short one has.
 */

/** Strings of one kind, in blocks: a block is kept as long as one of them is. */
export class Space {
  readonly #blockBytes: number;
  readonly #onHeapBytes: number;
  #block = new Uint8Array(0);
  #used = 0;

  /** @param onHeapBytes up to which length a string is not put into a block, since it needs no buffer of its own */
  constructor(options: { readonly blockBytes: number; readonly onHeapBytes: number }) {
    this.#blockBytes = options.blockBytes;
    this.#onHeapBytes = options.onHeapBytes;
  }

  /** So many zeros. One longer than a quarter of a block has a buffer of its own. */
  take(length: number): Uint8Array {
    if (length <= this.#onHeapBytes || length > this.#blockBytes / 4) return new Uint8Array(length);
    if (this.#used + length > this.#block.length) {
      this.#block = new Uint8Array(this.#blockBytes);
      this.#used = 0;
    }
    this.#used += length;
    return new Uint8Array(this.#block.buffer, this.#used - length, length);
  }
}

/** For what is gone in a moment, as frames are. */
const passing = new Space({ blockBytes: 16 * 1024, onHeapBytes: 64 });

/** So many zeros, for a string that is gone in a moment. */
export function space(length: number): Uint8Array {
  return passing.take(length);
}

/** Up to here a string is copied more quickly byte by byte than by a call that says what is to be copied. */
const SHORT_BYTES = 32;

/** Copies the first `length` bytes to that place. */
export function copyInto(target: Uint8Array, at: number, bytes: Uint8Array, length: number = bytes.length): void {
  if (length <= SHORT_BYTES) for (let i = 0; i < length; i++) target[at + i] = bytes[i]!;
  else target.set(length === bytes.length ? bytes : bytes.subarray(0, length), at);
}

/** The first `length` bytes, as `slice` gives them, for a string that is gone in a moment. */
export function copyOf(bytes: Uint8Array, length: number = bytes.length): Uint8Array {
  const copy = space(length);
  copyInto(copy, 0, bytes, length);
  return copy;
}
