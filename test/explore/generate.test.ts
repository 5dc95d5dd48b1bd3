/** What a seed draws. */
import { describe, expect, test } from 'vitest';
import { drawPlan } from '../../src/explore/index.ts';
import { faults } from '../../src/faults/index.ts';
import { workloads } from '../../workloads/index.ts';

const PLANS = Array.from({ length: 400 }, (_, nth) => drawPlan(`draw-${nth}`));

test('a seed is one plan, plain JSON', () => {
  for (const plan of PLANS.slice(0, 50)) {
    expect(drawPlan(plan.seed)).toEqual(plan);
    expect(JSON.parse(JSON.stringify(plan))).toEqual(plan);
  }
  expect(new Set(PLANS.map((plan) => JSON.stringify({ ...plan, seed: '' }))).size).toBe(PLANS.length);
});

test('every workload, safe read mode and kind of fault is drawn, and no unsafe one', () => {
  const kinds = new Set(PLANS.flatMap(({ steps }) => steps.map(({ kind }) => kind)));
  expect([...kinds].toSorted()).toEqual(faults.map(({ kind }) => kind).toSorted());
  expect(new Set(PLANS.map(({ workload }) => workload))).toEqual(new Set(workloads.map(({ name }) => name)));
  expect(new Set(PLANS.map(({ reads }) => reads))).toEqual(new Set(['read-index', 'lease', 'log']));
});

test('every defence is off in some and on in others', () => {
  const worlds = PLANS.map(({ world }) => world!);
  const drawn = {
    preVote: worlds.map(({ preVote }) => preVote),
    checkQuorum: worlds.map(({ checkQuorum }) => checkQuorum),
    snapshots: worlds.map(({ snapshots }) => snapshots.everyEntries !== null),
    datagrams: worlds.map(({ peerLink }) => peerLink.kind === 'datagram'),
    loss: worlds.map(({ peerLink }) => peerLink.loss > 0),
  };
  for (const [name, values] of Object.entries(drawn)) expect(new Set(values), name).toEqual(new Set([true, false]));
});

describe('leases', () => {
  const leases = PLANS.filter(({ reads }) => reads === 'lease');

  test('rest on CheckQuorum and on clocks within the drift', () => {
    expect(leases.length).toBeGreaterThan(20);
    for (const { world, steps } of leases) {
      expect(world!.checkQuorum).toBe(true);
      expect(world!.clockRates.every((rate) => rate >= 0.95 && rate <= 1.05)).toBe(true);
      expect(steps.filter(({ kind }) => kind === 'clock-jump')).toEqual([]);
      expect(steps.filter(({ rate = 1 }) => rate < 0.95 || rate > 1.05)).toEqual([]);
    }
  });
});

test('about a third have faults at events, each waiting for another step of the same plan or for a leader', () => {
  const patterned = PLANS.filter(({ steps }) => steps.some(({ when }) => when !== undefined));
  expect(patterned.length / PLANS.length).toBeGreaterThan(0.25);
  expect(patterned.length / PLANS.length).toBeLessThan(0.42);
  for (const { steps } of patterned) {
    for (const [nth, { when, id }] of steps.entries()) {
      expect(id).toBe(nth);
      if (when?.kind === 'fault') expect(steps.map((step) => step.id).filter((it) => it !== id)).toContain(when.id);
      else expect(when?.kind).toBe('leader');
    }
  }
});

test('a pattern that takes a kind which may not be drawn is none', () => {
  const kinds = ['pause', 'slow-link'] as const;
  const drawn = PLANS.map(({ seed }) => drawPlan(seed, { kinds }));
  expect(new Set(drawn.flatMap(({ steps }) => steps.map(({ kind }) => kind)))).toEqual(new Set(kinds));
  expect(drawn.some(({ steps }) => steps.some(({ when }) => when !== undefined))).toBe(true);
  for (const { steps } of drawn) expect(steps.length).toBeGreaterThan(0);
});

test('what is settled beforehand holds, and leaves the other draws alone', () => {
  for (const plan of PLANS.slice(0, 40)) {
    const framed = drawPlan(plan.seed, { nodes: 5, clients: 7, mutant: 'M30', timeMs: plan.timeMs });
    expect(framed).toMatchObject({ nodes: 5, clients: 7, mutant: 'M30' });
    expect({ ...framed.world, clockRates: [] }).toEqual({ ...plan.world, clockRates: [] });
    expect(framed.steps.map(({ kind, target }) => [kind, target])).toEqual(
      plan.steps.map(({ kind, target }) => [kind, target]),
    );
  }
  const paused = drawPlan('x', { kinds: ['pause'] });
  expect(new Set(paused.steps.map(({ kind }) => kind))).toEqual(new Set(['pause']));
  expect(drawPlan('x', { kinds: [] }).steps).toEqual([]);
});
