/** A plan from one cluster to another. */
import { expect, test } from 'vitest';
import type { Capability, FaultStep, Plan, SimulatedWorld } from '../../src/contract/index.ts';
import { DEFAULT_WORLD } from '../../src/explore/world.ts';
import { carryOver } from '../../src/run/index.ts';
import { SIM_CAPABILITIES } from '../../src/sim/sim-cluster.ts';
import { planOf } from './world.ts';

const REAL = without('probes');
const STEP: FaultStep = {
  id: 0,
  kind: 'kill',
  target: 'leader',
  atMs: 0,
  forMs: 1,
  heal: 'time',
  maxMs: 1,
  draw: 0,
};

function without(lacking: Capability | null): ReadonlySet<Capability> {
  return new Set([...SIM_CAPABILITIES].filter((capability) => capability !== lacking));
}

function withStep(step: Partial<FaultStep>): Plan {
  return { ...planOf(), steps: [{ ...STEP, ...step }] };
}

test('of a simulated world only how the nodes are set up stays, and that is said', () => {
  const world: SimulatedWorld = { ...DEFAULT_WORLD, preVote: false, maxEntriesPerMessage: 1, clockRates: [0.95] };
  const { plan, leftOut } = carryOver({ ...withStep({}), world }, REAL);
  const { heartbeatMs, checkQuorum, maxInFlight } = DEFAULT_WORLD;
  const node = { heartbeatMs, checkQuorum, maxInFlight, preVote: false, maxEntriesPerMessage: 1 };
  expect(plan).toEqual({ ...withStep({}), node });
  expect(leftOut).toMatch(/links, disks, snapshots and clocks/);
});

test('a plan without a world stays as it is', () => {
  expect(carryOver(withStep({}), REAL)).toEqual({ plan: withStep({}), leftOut: null });
});

test.each<[string, Partial<FaultStep>, Capability]>([
  ['steps[0] waits for append 7', { when: { kind: 'append', index: 7 } }, 'probes'],
  ['steps[0] waits for commit 7', { until: { kind: 'commit', index: 7 } }, 'probes'],
  ['steps[0]: this cluster cannot do clock-rate', { kind: 'clock-rate' }, 'clock'],
])('%s is refused by name where the cluster lacks that, and nowhere else', (words, step, lacking) => {
  expect(() => carryOver(withStep(step), without(lacking))).toThrow(words);
  expect(() => carryOver(withStep(step), SIM_CAPABILITIES)).not.toThrow();
});
