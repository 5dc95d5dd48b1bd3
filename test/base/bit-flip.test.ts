/** Where bits may flip. */
import { expect, test } from 'vitest';
import { pickAttestedBit } from '../../src/base/bit-flip.ts';
import { keyed } from '../../src/base/random.ts';

const FILES = [
  { name: 'log-0000000000000000.wal', sizeBytes: 100 },
  { name: 'log-0000000000000100.wal', sizeBytes: 80 },
  { name: 'log.tmp', sizeBytes: 50 },
  { name: 'snapshot-0000000000000007', sizeBytes: 50 },
];

const draw = (attestedThrough: number) =>
  Array.from({ length: 2000 }, (_, nth) => pickAttestedBit(FILES, attestedThrough, keyed('bit', nth)));

test('every bit of the log below the attested offset may be the one, and no other', () => {
  const places = new Set(draw(103).map((place) => `${place!.name} ${place!.offset}`));
  expect(places).toEqual(
    new Set([
      ...Array.from({ length: 100 }, (_, offset) => `log-0000000000000000.wal ${offset}`),
      ...[0, 1, 2].map((offset) => `log-0000000000000100.wal ${offset}`),
    ]),
  );
  expect(new Set(draw(103).map((place) => place!.bit))).toEqual(new Set([0, 1, 2, 3, 4, 5, 6, 7]));
});

test('where nothing is attested there is none', () => {
  expect(pickAttestedBit(FILES, 0, keyed('bit'))).toBeUndefined();
});
