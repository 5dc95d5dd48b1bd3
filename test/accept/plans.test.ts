/**
 * The plans of the ten telling mutants in the simulator, which is where they are quickly tried: clients find the mutant, and nothing is wrong
 * with the correct node under the same plan. `npm run accept:mutants` has them on real processes.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readPlan } from '../../src/cli/plan-file.ts';
import { CAPABILITIES } from '../../src/cluster/process-cluster.ts';
import { findingsOf, play } from '../../src/explore/index.ts';
import { carryOver } from '../../src/run/index.ts';

const PLANS = new URL('plans/', import.meta.url).pathname;
const SEEDS = ['1', '2', '3'];

const files = readdirSync(PLANS);

test('there is one for each of the ten, two of which are two', () => {
  expect(files.map((file) => file.replace('.json', ''))).toEqual([
    'M04',
    'M20',
    'M23',
    'M29',
    'M30',
    'M31',
    'M32a',
    'M32b',
    'M35',
    'M40',
    'M43',
  ]);
});

test.each(files)(
  '%s: clients find the mutant, nothing is wrong with the correct node, real processes can do it',
  async (file) => {
    const plan = readPlan(join(PLANS, file));
    expect(`${plan.mutant}.json`).toBe(file);
    expect(carryOver(plan, CAPABILITIES)).toEqual({ plan, leftOut: null });
    const found = [];
    for (const seed of SEEDS) {
      if (found.length > 0) break;
      const findings = findingsOf(await play({ ...plan, seed }));
      found.push(...findings.filter(({ detector }) => detector === 'clients'));
    }
    expect(found.length).toBeGreaterThan(0);
    expect(findingsOf(await play({ ...plan, seed: '1', mutant: null }))).toEqual([]);
  },
);
