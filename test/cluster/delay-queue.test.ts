/** Late is not out of order. */
import { expect, test } from 'vitest';
import { DelayQueue } from '../../src/cluster/delay-queue.ts';

test('what came first happens first, whatever the delays', async () => {
  const queue = new DelayQueue();
  const order: number[] = [];
  const fromMs = performance.now();
  await new Promise<void>((resolve) => {
    // Timers of 20 and 19.9 ms: by themselves the second would be the first to ring.
    for (let nth = 0; nth < 200; nth++) queue.add(nth % 2 === 0 ? 20 : 19.9 - nth / 100, () => order.push(nth));
    queue.add(0, resolve);
  });
  expect(order).toEqual(Array.from({ length: 200 }, (_, nth) => nth));
  expect(performance.now() - fromMs).toBeGreaterThanOrEqual(20);
});

test('nothing waits where there is no delay and nobody before', () => {
  const queue = new DelayQueue();
  let happened = false;
  queue.add(0, () => (happened = true));
  expect(happened).toBe(true);
});
