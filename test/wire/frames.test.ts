/** Frames come out of a byte stream as they went in, however the stream was chunked. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { WireError } from '../../src/wire/bytes.ts';
import { encodeFrame, FrameDecoder, MAX_FRAME_BYTES } from '../../src/wire/frames.ts';

function drain(decoder: FrameDecoder): Uint8Array[] {
  const payloads: Uint8Array[] = [];
  for (let next = decoder.next(); next !== undefined; next = decoder.next()) payloads.push(next);
  return payloads;
}

test('payloads survive any chunking', () => {
  const payloads = fc.array(fc.uint8Array({ maxLength: 50 }), { maxLength: 20 });
  fc.assert(
    fc.property(payloads, fc.array(fc.nat({ max: 30 }), { minLength: 1 }), (sent, sizes) => {
      const stream = Uint8Array.from(sent.flatMap((payload) => [...encodeFrame(payload)]));
      const decoder = new FrameDecoder();
      const received: Uint8Array[] = [];
      for (let at = 0, i = 0; at < stream.length; i++) {
        const size = sizes[i % sizes.length]! + (i % 2);
        decoder.push(stream.slice(at, at + size));
        received.push(...drain(decoder));
        at += size;
      }
      expect(received).toEqual(sent);
    }),
  );
});

test('a payload that came in one chunk is a view of it and costs no copy, wherever in the chunk it stands', () => {
  const decoder = new FrameDecoder();
  const frames = [encodeFrame(Uint8Array.of(1, 2, 3)), encodeFrame(Uint8Array.of(4, 5))];
  const chunk = Uint8Array.from([0, ...frames.flatMap((frame) => [...frame])]).subarray(1);
  decoder.push(chunk);
  const payloads = drain(decoder);
  expect(payloads).toEqual([Uint8Array.of(1, 2, 3), Uint8Array.of(4, 5)]);
  expect(payloads.every(({ buffer }) => buffer === chunk.buffer)).toBe(true);
});

test('an oversized frame is refused by its header alone, and the largest allowed one is not', () => {
  const header = (length: number): Uint8Array => Uint8Array.of(length >>> 24, length >>> 16, length >>> 8, length);
  const decoder = new FrameDecoder();
  decoder.push(header(MAX_FRAME_BYTES + 1));
  expect(() => decoder.next()).toThrow(WireError);
  const other = new FrameDecoder();
  other.push(header(MAX_FRAME_BYTES));
  expect(other.next()).toBeUndefined();
});

test('every byte is looked at once, however small the chunks are', () => {
  let taken = 0;
  class CountedChunk extends Uint8Array {
    override subarray(begin?: number, end?: number): Uint8Array<ArrayBuffer> {
      const part = Uint8Array.from(this).subarray(begin, end);
      taken += part.length;
      return part;
    }
  }
  const frame = encodeFrame(new Uint8Array(200_000).fill(7));
  const decoder = new FrameDecoder();
  let received = 0;
  for (let at = 0; at < frame.length; at += 64) {
    decoder.push(CountedChunk.from(frame.subarray(at, at + 64)));
    received += drain(decoder).length;
  }
  expect(received).toBe(1);
  // Those of the length are read one by one.
  expect(taken).toBe(200_000);
});
