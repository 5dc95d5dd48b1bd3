/** One plan is one run: the same bytes of history and probes, however often and on however many threads it is played. */
import { expect, test } from 'vitest';
import { drawPlan, explore } from '../../src/explore/index.ts';
import { outcomeOf } from '../../src/explore/outcome.ts';
import type { Plan } from '../../src/contract/index.ts';

const PLANS: readonly Plan[] = Array.from({ length: 50 }, (_, nth) => drawPlan(`same-${nth}`));

async function digestsOn(jobs: number, plans: readonly Plan[] = PLANS): Promise<readonly string[]> {
  const digests: string[] = [];
  await explore({
    jobs,
    plans: plans.values(),
    onOutcome: (outcome) => {
      digests.push(outcome.digest);
      return 'go-on';
    },
  });
  return digests;
}

test('50 drawn plans: twice in one process, on one thread and on two', async () => {
  const here = [];
  for (const plan of PLANS) here.push((await outcomeOf(plan)).digest);
  expect(new Set(here).size).toBe(PLANS.length);
  expect(await digestsOn(1)).toEqual(here);
  expect(await digestsOn(2)).toEqual(here);
  // The second time here, in another order: nothing is left over from one plan to the next.
  for (const nth of [...PLANS.keys()].toReversed()) expect((await outcomeOf(PLANS[nth]!)).digest).toBe(here[nth]);
});

test('a plan that went through JSON is the same plan', async () => {
  const plan = PLANS[7]!;
  const { digest } = await outcomeOf(plan);
  expect((await outcomeOf(JSON.parse(JSON.stringify(plan)) as Plan)).digest).toBe(digest);
  expect((await outcomeOf({ ...plan, seed: 'another' })).digest).not.toBe(digest);
});
