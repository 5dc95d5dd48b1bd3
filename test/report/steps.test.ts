/** Steps are written small, and read back as they were. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeSteps, encodeSteps } from '../../src/report/steps.ts';

test('steps by one take a letter or two', () => {
  const steps = [
    { at: 3, value: 8 },
    { at: 30, value: 9 },
    { at: 31, value: 7 },
    { at: 900, value: 7 },
  ];
  expect(encodeSteps(7, steps)).toBe('DbBB-2');
});

test('whatever is written is read back', () => {
  const gaps = fc.array(
    fc.tuple(
      fc.nat(20_000),
      fc.integer({ min: -3000, max: 3000 }).filter((by) => by !== 0),
    ),
  );
  fc.assert(
    fc.property(fc.integer({ min: -5, max: 1e9 }), gaps, (start, changes) => {
      let [at, value] = [0, start];
      const steps = changes.map(([gap, by]) => ({ at: (at += gap), value: (value += by) }));
      expect(decodeSteps(start, encodeSteps(start, steps))).toEqual(steps);
    }),
  );
});
