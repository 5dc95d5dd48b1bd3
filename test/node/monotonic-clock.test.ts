/** The node's clock, and what goes wrong with it: another rate, a jump forward, and a timer that follows. */
import { expect, test } from 'vitest';
import { poll } from '../../src/cluster/waiting.ts';
import { MonotonicClock } from '../../src/node/monotonic-clock.ts';

const MS = 1_000_000;

/** The clock, and when it woke its node, by the host's clock. */
function makeClock(): { readonly clock: MonotonicClock; readonly wokenMs: number[] } {
  const wokenMs: number[] = [];
  const clock: MonotonicClock = new MonotonicClock({
    epochNs: process.hrtime.bigint(),
    soon: setImmediate,
    onWake: () => wokenMs.push(clock.hostNs() / MS),
  });
  return { clock, wokenMs };
}

test('it goes with the host until it is disturbed', () => {
  const { clock } = makeClock();
  const host = clock.hostNs();
  expect(clock.nowNs() - host).toBeGreaterThanOrEqual(0);
  expect(clock.nowNs() - host).toBeLessThan(50 * MS);
});

test('a jump puts it forward at once, and wakes who waits for less', async () => {
  const { clock, wokenMs } = makeClock();
  clock.wakeAt(60_000 * MS);
  clock.disturb({ rate: 1, jumpMs: 90_000 });
  expect(clock.nowNs() - clock.hostNs()).toBeGreaterThan(89_999 * MS);
  await poll(() => (wokenMs.length > 0 ? true : undefined), { everyMs: 2, timeoutMs: 5000 });
  expect(wokenMs).toHaveLength(1);
  clock.disturb({ rate: 1, jumpMs: 0 });
  expect(clock.nowNs() - clock.hostNs()).toBeGreaterThan(89_999 * MS);
});

test('a slow clock wakes later than the host would, a fast one earlier', async () => {
  const [slow, fast] = [makeClock(), makeClock()];
  slow.clock.disturb({ rate: 0.25, jumpMs: 0 });
  fast.clock.disturb({ rate: 100, jumpMs: 0 });
  slow.clock.wakeAt(slow.clock.nowNs() + 25 * MS);
  fast.clock.wakeAt(fast.clock.nowNs() + 60_000 * MS);
  await poll(() => (slow.wokenMs.length + fast.wokenMs.length === 2 ? true : undefined), {
    everyMs: 2,
    timeoutMs: 10_000,
  });
  expect(slow.wokenMs[0]).toBeGreaterThanOrEqual(100);
  expect(fast.wokenMs[0]).toBeGreaterThanOrEqual(600);
  expect(fast.wokenMs[0]).toBeLessThan(10_000);
});

test('it never goes backwards when its rate changes', () => {
  const { clock } = makeClock();
  let last = 0;
  for (let nth = 0; nth < 2000; nth++) {
    if (nth % 10 === 0) clock.disturb({ rate: [0.5, 1, 3][(nth / 10) % 3]!, jumpMs: 0 });
    const now = clock.nowNs();
    expect(now).toBeGreaterThanOrEqual(last);
    last = now;
  }
});
