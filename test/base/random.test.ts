/** A stream belongs to its keys as they are written, whether they are numbers or texts. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { keyed, keyedFrom } from '../../src/base/random.ts';

const number = fc.oneof(fc.nat(), fc.maxSafeNat(), fc.maxSafeInteger(), fc.double());

test('a number is the same key as its text', () => {
  fc.assert(
    fc.property(number, fc.string(), (key, seed) => {
      expect(keyed(seed, 'a', key).next()).toBe(keyed(seed, 'a', String(key)).next());
    }),
  );
});

test('streams whose keys begin alike are those of all their keys, whatever was drawn in between', () => {
  fc.assert(
    fc.property(fc.string(), number, number, (begin, end, last) => {
      const draws = keyedFrom('seed', 'frame', begin);
      keyed('other', end).next();
      expect(draws(end, last).next()).toBe(keyed('seed', 'frame', `${begin}${end}`, last).next());
    }),
  );
});

/** Plans that were found and kept are worth nothing if their draws change. */
test('the draws of known keys stay what they are', () => {
  const stream = keyed('stalemate', 'slot', 3, 17);
  expect([stream.next(), stream.int(1000), stream.between(5, 9), stream.chance(0.5)]).toEqual([
    0.07560897106304765,
    722,
    7,
    true,
  ]);
});
