/** The clock of one host, which can be made to go wrong. */
import { expect, test } from 'vitest';
import { NodeClock } from '../../src/sim/node-clock.ts';
import { VirtualClock } from '../../src/sim/virtual-clock.ts';

const MS = 1_000_000;

test('a clock goes on at its new rate from now on, after a jump, and back, and never backwards', () => {
  const hour = new VirtualClock();
  const clock = new NodeClock(hour, 1);
  hour.step(10 * MS);
  clock.disturb({ rate: 2, jumpMs: 100 });
  expect(clock.nowNs()).toBe(110 * MS);
  hour.step(20 * MS);
  expect(clock.nowNs()).toBe(130 * MS);
  clock.disturb({ rate: 1, jumpMs: 0 });
  hour.step(30 * MS);
  expect(clock.nowNs()).toBe(140 * MS);
  expect(() => clock.disturb({ rate: 1, jumpMs: -1 })).toThrow('forward');
  expect(() => clock.disturb({ rate: 0, jumpMs: 0 })).toThrow('forward');
});

test('an alarm rings at the first instant at which the clock shows the time, whatever its rate', () => {
  for (const rate of [0.3, 0.95, 1, 1.05, 7]) {
    const hour = new VirtualClock();
    const clock = new NodeClock(hour, 0.9);
    hour.step(7 * MS + 3);
    clock.disturb({ rate, jumpMs: 5 });
    const wantedNs = clock.nowNs() + 11 * MS + 1;
    const instantNs = clock.instantOf(wantedNs);
    hour.step(instantNs - Math.ceil(3 / rate) - 3);
    expect(clock.nowNs()).toBeLessThan(wantedNs);
    hour.step(instantNs);
    expect(clock.nowNs()).toBeGreaterThanOrEqual(wantedNs);
  }
});
