/** Writers and readers of bytes: what goes in comes out, whatever other writers are at work. */
import { expect, test } from 'vitest';
import { ByteReader, ByteWriter } from '../../src/wire/bytes.ts';

test('writers that are at work at the same time, or one after the other, never share their bytes', () => {
  // One that has finished leaves its space to the next.
  new ByteWriter(1024).text('gone').finish();
  const first = new ByteWriter(8).text('first');
  const second = new ByteWriter(8).text('second');
  first.text('more of the first');
  const done = first.finish();
  const third = new ByteWriter(8).text('a third one, long enough to overwrite whatever it can reach');
  const fourth = new ByteWriter(8).text('fourth').finish();
  for (const [bytes, texts] of [
    [done, ['first', 'more of the first']],
    [second.finish(), ['second']],
    [third.finish(), ['a third one, long enough to overwrite whatever it can reach']],
    [fourth, ['fourth']],
  ] as const) {
    const reader = new ByteReader(bytes);
    expect(texts.map(() => reader.text())).toEqual(texts);
    reader.end();
  }
});

test('what is finished into blocks never shares a byte with its neighbours, and a long one keeps no block alive', () => {
  const sizes = [0, 1, 300, 9000, 16_384, 16_385, 70_000];
  const written = Array.from({ length: 60 }, (_, nth) => new Uint8Array(sizes[nth % sizes.length]!).fill(nth));
  const finished = written.map((content) => new ByteWriter().raw(content).finishInBlock());
  expect(finished.map((bytes, nth) => Buffer.compare(bytes, written[nth]!))).toEqual(written.map(() => 0));
  expect(new Set(finished.map(({ buffer }) => buffer)).size).toBeLessThan(finished.length);
  for (const bytes of finished) if (bytes.length > 16_384) expect(bytes.buffer.byteLength).toBe(bytes.length);
});

test.each(['', 'plain', 'Grüße', 'plain at first, then \u{1f600}', 'x'.repeat(300), `${'x'.repeat(200)}ß`])(
  '%s is read as it was written',
  (text) => {
    const bytes = new ByteWriter(1).text('before').text(text).text('after').finish();
    const reader = new ByteReader(bytes);
    expect([reader.text(), reader.text(), reader.text()]).toEqual(['before', text, 'after']);
    reader.end();
    expect(Buffer.from(bytes).includes(Buffer.from(text))).toBe(true);
  },
);

test('four bytes are big-endian, the highest bit too', () => {
  expect([...new ByteWriter().u32(0xfedcba98).finish()]).toEqual([0xfe, 0xdc, 0xba, 0x98]);
});
