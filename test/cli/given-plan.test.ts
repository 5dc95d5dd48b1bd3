/** Plans from files: what is no plan is refused, and what the tool wrote by itself is not. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { planGiven } from '../../src/cli/given-plan.ts';
import type { Plan } from '../../src/contract/index.ts';
import { drawPlan } from '../../src/explore/index.ts';
import { SIM_CAPABILITIES } from '../../src/sim/sim-cluster.ts';

const STEP = { id: 0, kind: 'kill', target: 'any', atMs: 0, forMs: 1, heal: 'time', maxMs: 1, draw: 0 } as const;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'stalemate-plan-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** The plan as it is understood, written to a file and given by flags. */
function givenOf(plan: Plan, flags: Readonly<Record<string, string>> = {}): Plan {
  const path = join(folder, 'plan.json');
  writeFileSync(path, JSON.stringify(plan));
  return planGiven({ plan: path, ...flags }, { can: SIM_CAPABILITIES }).plan;
}

test('the seed of a swarm is one that a plan may have, though it is longer than one that may be given', () => {
  const long = 's'.repeat(200);
  const plan = drawPlan(`${long}-12`);
  expect(givenOf(plan)).toEqual(plan);
  expect(givenOf(plan, { seed: long })).toEqual({ ...plan, seed: long });
  expect(() => givenOf(plan, { seed: `${long}-12` })).toThrow('--seed is empty or too long');
});

test.each<[unknown]>([[[]], ['n1'], [[1]], [null]])('a step is for nodes that are named, and not for %j', (nodes) => {
  const plan = drawPlan('nodes');
  expect(() => givenOf({ ...plan, steps: [{ ...STEP, nodes } as never] })).toThrow('steps[0] is no fault step');
  const named = { ...plan, steps: [{ ...STEP, nodes: ['n1'] }] };
  expect(givenOf(named)).toEqual(named);
});

test('a simulated world lacks nothing', () => {
  const plan = drawPlan('world');
  const { peerLink, snapshots } = plan.world!;
  const never = { ...plan, world: { ...plan.world!, snapshots: { ...snapshots, everyEntries: null } } };
  expect(givenOf(never)).toEqual(never);
  const { delayMs: _, ...link } = peerLink;
  for (const [world, words] of [
    [{}, 'world.heartbeatMs is not'],
    [{ ...plan.world!, peerLink: link }, 'world.peerLink.delayMs is not'],
    [{ ...plan.world!, preVote: 'yes' }, 'world.preVote is not'],
  ] as const)
    expect(() => givenOf({ ...plan, world: world as never })).toThrow(words);
});
