/** What the simulator remembers of the frames that it carried: enough to tell equal ones apart, and no more. */
import { expect, test } from 'vitest';
import { keyed, keyedFrom } from '../../src/base/random.ts';
import { Repeats } from '../../src/sim/repeats.ts';

test('equal contents are counted, each for itself', () => {
  const repeats = new Repeats();
  expect([7, 8, 7, 7, 8].map((checksum) => repeats.next(checksum))).toEqual([0, 0, 1, 2, 1]);
});

test('a content is counted on over the next four thousand others, and forgotten after twice as many', () => {
  const repeats = new Repeats();
  const passOthers = (from: number): void => {
    for (let nth = 0; nth < 4100; nth++) repeats.next(from + nth);
  };
  repeats.next(1);
  passOthers(1000);
  expect(repeats.next(1)).toBe(1);
  passOthers(10_000);
  passOthers(20_000);
  expect(repeats.next(1)).toBe(0);
});

test('streams whose keys begin alike are those of all their keys', () => {
  const draws = keyedFrom('seed', 'frame', 'n1→n2 ');
  const drawn = [draws(3, 0), draws(3, 1), draws(4, 0)].map((stream) => stream.next());
  expect(drawn).toEqual(
    ['n1→n2 3', 'n1→n2 3', 'n1→n2 4'].map((key, i) => keyed('seed', 'frame', key, [0, 1, 0][i]!).next()),
  );
});
