/** Steps of a plan that wait for one event, and two nodes that join at once. */
import { expect, test } from 'vitest';
import type { FaultStep, Trigger } from '../../src/contract/index.ts';
import { DEFAULT_WORLD, drawPlan, findingsOf, play, type Played } from '../../src/explore/index.ts';

const BASE = { draw: 0, heal: 'time', atMs: 0, forMs: 200, maxMs: 200 } as const;

function playSteps(steps: readonly FaultStep[]): Promise<Played> {
  const drawn = drawPlan('members', { nodes: 3, workload: 'register', reads: 'read-index', kinds: [] });
  return play({ ...drawn, world: DEFAULT_WORLD, steps });
}

const eventsOf = ({ faults }: Played): string[] => faults.map(({ event, id }) => `${event} ${id}`);

test('several steps may wait for one trigger', async () => {
  const when: Trigger = { kind: 'answered', operations: 10 };
  const played = await playSteps([
    { ...BASE, id: 1, kind: 'slow-disk', target: 'any', delayMs: 5, when },
    { ...BASE, id: 2, kind: 'slow-link', target: 'any', delayMs: 5, when },
  ]);
  expect(eventsOf(played).slice(0, 2)).toEqual(['inject 1', 'inject 2']);
});

test('two nodes join, the second asked for before the first is in; and both leave again', async () => {
  const played = await playSteps([
    { ...BASE, id: 1, kind: 'membership', target: 'any', change: 'grow', atMs: 300, forMs: 500, maxMs: 500 },
  ]);
  expect(findingsOf(played)).toEqual([]);
  expect(played.faults).toMatchObject([
    { about: 'Members: m1 and m1b join', evidence: expect.stringMatching(/^voters n1 n2 n3 m1 m1b, committed after/) },
    { effective: true, evidence: expect.stringMatching(/^voters n1 n2 n3 again/) },
  ]);
  const voters = played.probes.flatMap((it) => (it.kind === 'configuration' ? [it.voters.length] : []));
  expect(Math.max(...voters)).toBe(5);
  expect(voters).toContain(4);
});
