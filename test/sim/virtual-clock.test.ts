/** Virtual time goes forward; what is due at one instant happens in the order in which it was scheduled. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { VirtualClock } from '../../src/sim/virtual-clock.ts';

test('events happen by instant, then in the order of scheduling, those that events schedule included', () => {
  fc.assert(
    fc.property(fc.array(fc.record({ atNs: fc.nat({ max: 20 }), thenNs: fc.option(fc.nat({ max: 5 })) })), (events) => {
      const clock = new VirtualClock();
      const happened: { readonly atNs: number; readonly nth: number }[] = [];
      let scheduled = 0;
      const schedule = (delayNs: number, thenNs: number | null): void => {
        const nth = scheduled++;
        const atNs = clock.nowNs() + delayNs;
        clock.after(delayNs, () => {
          expect(clock.nowNs()).toBe(atNs);
          happened.push({ atNs, nth });
          if (thenNs !== null) schedule(thenNs, null);
        });
      };
      for (const { atNs, thenNs } of events) schedule(atNs, thenNs);
      while (clock.step(Infinity));
      expect(happened).toHaveLength(scheduled);
      expect(happened).toEqual(happened.toSorted((a, b) => a.atNs - b.atNs || a.nth - b.nth));
    }),
    { numRuns: 300 },
  );
});

test('a step up to an instant does what is due, and then time stands at that instant', () => {
  const clock = new VirtualClock();
  const happened: string[] = [];
  clock.at(5, () => happened.push('five'));
  clock.at(9, () => happened.push('nine'));
  expect([clock.step(7), clock.step(7), clock.nowNs(), clock.step(9), clock.step(Infinity)]).toEqual([
    true,
    false,
    7,
    true,
    false,
  ]);
  expect(happened).toEqual(['five', 'nine']);
});
