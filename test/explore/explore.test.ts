/** Many plans on several threads: order, the end, and what goes wrong. */
import { getEventListeners } from 'node:events';
import { expect, test } from 'vitest';
import { drawPlan, explore } from '../../src/explore/index.ts';
import type { Plan } from '../../src/contract/index.ts';

function* plans(count: number): Generator<Plan> {
  for (let nth = 0; nth < count; nth++) yield drawPlan(`order-${nth}`, { timeMs: nth % 3 === 0 ? 600 : 100 });
}

test('outcomes come in the order of their plans, although some take longer', async () => {
  const seen: [string, string][] = [];
  await explore({
    jobs: 2,
    plans: plans(12),
    onOutcome: (outcome, plan) => {
      seen.push([outcome.seed, plan.seed]);
      return 'go-on';
    },
  });
  expect(seen).toEqual(Array.from({ length: 12 }, (_, nth) => [`order-${nth}`, `order-${nth}`]));
});

test('nothing is told after the one that was to be the last', async () => {
  const seen: string[] = [];
  await explore({
    jobs: 2,
    plans: plans(1000),
    onOutcome: ({ seed }) => {
      seen.push(seed);
      return seed === 'order-4' ? 'stop' : 'go-on';
    },
  });
  expect(seen).toEqual(['order-0', 'order-1', 'order-2', 'order-3', 'order-4']);
});

test('an abort ends it, before and while', async () => {
  let told = 0;
  const onOutcome = (): 'go-on' => {
    told++;
    if (told === 3) controller.abort();
    return 'go-on';
  };
  const controller = new AbortController();
  await explore({ jobs: 2, plans: plans(100_000), onOutcome, signal: controller.signal });
  expect(told).toBe(3);
  await explore({ jobs: 2, plans: plans(100_000), onOutcome, signal: controller.signal });
  expect(told).toBe(3);
});

test('what fails in a thread fails here', async () => {
  const broken = { ...drawPlan('x'), workload: 'nonsense' };
  await expect(explore({ jobs: 1, plans: [broken].values(), onOutcome: () => 'go-on' })).rejects.toThrow(/nonsense/);
});

test.each([
  ['onOutcome', { plans: plans(5), onOutcome: failing }],
  ['plans', { plans: broken(), onOutcome: () => 'go-on' as const }],
])('what %s throws fails here, and nothing is told after it', async (_, { plans: given, onOutcome }) => {
  let told = 0;
  const counting = (): 'go-on' => {
    told++;
    return onOutcome();
  };
  await expect(explore({ jobs: 2, plans: given, onOutcome: counting })).rejects.toThrow('as told');
  expect(told).toBeLessThanOrEqual(1);
});

function failing(): never {
  throw new Error('as told');
}

/** So many that threads have something in hand, then none but an error. */
function* broken(): Generator<Plan> {
  yield* plans(4);
  failing();
}

test('one signal may end many explorations: each leaves no listener behind', async () => {
  const { signal } = new AbortController();
  for (const _ of [1, 2]) await explore({ jobs: 1, plans: plans(1), onOutcome: () => 'go-on', signal });
  const gone = [drawPlan('x')].map((plan) => ({ ...plan, workload: 'nonsense' })).values();
  await expect(explore({ jobs: 1, plans: gone, onOutcome: () => 'go-on', signal })).rejects.toThrow();
  expect(getEventListeners(signal, 'abort')).toEqual([]);
});
