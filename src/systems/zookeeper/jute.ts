/** Jute, ZooKeeper's own encoding: whole numbers of four and eight bytes, texts and bytes behind their length, nothing named. */

export class JuteWriter {
  readonly #parts: Buffer[] = [];

  int(value: number): this {
    const bytes = Buffer.alloc(4);
    bytes.writeInt32BE(value);
    this.#parts.push(bytes);
    return this;
  }

  long(value: bigint): this {
    const bytes = Buffer.alloc(8);
    bytes.writeBigInt64BE(value);
    this.#parts.push(bytes);
    return this;
  }

  bool(value: boolean): this {
    this.#parts.push(Buffer.from([value ? 1 : 0]));
    return this;
  }

  bytes(value: Buffer): this {
    this.int(value.length);
    this.#parts.push(value);
    return this;
  }

  text(value: string): this {
    return this.bytes(Buffer.from(value));
  }

  /** With the length in front, as it goes over a connection. */
  frame(): Buffer {
    const whole = Buffer.concat(this.#parts);
    const length = Buffer.alloc(4);
    length.writeInt32BE(whole.length);
    return Buffer.concat([length, whole]);
  }
}

/** Reads in the order in which it was written. Throws a RangeError past the end. */
export class JuteReader {
  readonly #buffer: Buffer;
  #at = 0;

  constructor(buffer: Buffer) {
    this.#buffer = buffer;
  }

  int(): number {
    this.#at += 4;
    return this.#buffer.readInt32BE(this.#at - 4);
  }

  long(): bigint {
    this.#at += 8;
    return this.#buffer.readBigInt64BE(this.#at - 8);
  }

  /** Null where there are none, which is not the same as no bytes. */
  bytes(): Buffer | null {
    const length = this.int();
    if (length < 0) return null;
    this.#at += length;
    return this.#buffer.subarray(this.#at - length, this.#at);
  }

  skip(bytes: number): void {
    this.#at += bytes;
  }
}

/** The first whole frame and what follows it; null where there is none yet. */
export function firstFrame(received: Buffer): { readonly frame: Buffer; readonly rest: Buffer } | null {
  if (received.length < 4) return null;
  const end = 4 + received.readInt32BE(0);
  return received.length < end ? null : { frame: received.subarray(4, end), rest: received.subarray(end) };
}
