/** Numbers of values: equal values have equal numbers, whatever came before and however large they are. */
import { expect, test } from 'vitest';
import { Values } from '../../../checker/history/values.ts';
import { keyed } from '../../../src/base/random.ts';

test('a number keeps its place while the values grow past it', () => {
  for (let seed = 0; seed < 12; seed++) {
    const random = keyed('values', seed);
    const values = new Values();
    const known = new Map<number, number>();
    // Fresh values ever larger, as a run writes them, mixed with far ones, and every one looked up again now and then.
    let fresh = random.between(30_000, 70_000);
    for (let i = 0; i < 6_000; i++) {
      const value = random.chance(0.5)
        ? (fresh += random.int(40))
        : random.chance(0.3)
          ? random.int(1_000_000)
          : random.pick([...known.keys()].slice(-500).concat(0));
      const number = values.ofNumber(value);
      const before = known.get(value) ?? number;
      if (number !== before || values.get(number) !== value) {
        expect([seed, value, number, values.get(number)]).toEqual([seed, value, before, value]);
      }
      known.set(value, number);
    }
    expect(new Set(known.values()).size).toBe(known.size);
  }
});
