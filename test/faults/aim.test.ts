/** Who is hit: targets resolved against what is known of the cluster at that moment. */
import { expect, test } from 'vitest';
import { aim, type Situation } from '../../src/faults/index.ts';
import type { FaultKind, FaultStep, FaultTarget } from '../../src/contract/index.ts';

const NODES = ['n1', 'n2', 'n3', 'n4', 'n5'];
const CALM: Situation = { nodes: NODES, leader: { node: 'n2', term: 3 }, down: new Set() };
const DRAWS = Array.from({ length: 50 }, (_, i) => i / 50);

function stepOf(kind: FaultKind, target: FaultTarget, draw = 0): FaultStep {
  return { id: 1, kind, target, draw, atMs: 0, forMs: 1000, heal: 'time', maxMs: 1000 };
}

/** Who may be hit, over all draws. */
function hitBy(kind: FaultKind, target: FaultTarget, situation: Situation = CALM): readonly string[] {
  const sides = DRAWS.map((draw) => {
    const aimed = aim(stepOf(kind, target, draw), situation);
    return aimed.kind === 'hit' ? aimed.nodes.toSorted().join(' ') : aimed.reason;
  });
  return [...new Set(sides)].toSorted();
}

test('leader is who leads now, any is everybody, a follower is anybody else', () => {
  expect(hitBy('pause', 'leader')).toEqual(['n2']);
  expect(hitBy('pause', 'any')).toEqual(NODES);
  expect(hitBy('pause', 'follower')).toEqual(['n1', 'n3', 'n4', 'n5']);
});

test('without a known leader there is nobody to hit, and a follower is anybody', () => {
  const leaderless = { ...CALM, leader: null };
  expect(hitBy('pause', 'leader', leaderless)).toEqual(['no leader is known']);
  expect(hitBy('pause', 'follower', leaderless)).toEqual(NODES);
});

test('a minority of five is two, a majority three, each its own action', () => {
  expect(hitBy('kill', 'minority').every((side) => side.split(' ').length === 2)).toBe(true);
  const aimed = aim(stepOf('kill', 'majority', 0.5), CALM);
  expect(aimed).toMatchObject({ kind: 'hit', about: 'Kill: n3 n4 n5' });
  expect(aimed.kind === 'hit' && aimed.actions).toEqual(['n3', 'n4', 'n5'].map((node) => ({ kind: 'kill', node })));
});

test('nobody is hit twice, and no more than a minority is down', () => {
  expect(hitBy('kill', 'any', { ...CALM, down: new Set(['n4']) })).toEqual(['n1', 'n2', 'n3', 'n5']);
  expect(hitBy('kill', 'any', { ...CALM, down: new Set(['n4', 'n5']) })).toEqual(['n4 n5 are down already']);
  expect(hitBy('pause', 'leader', { ...CALM, down: new Set(['n2']) })).toEqual([
    'the last known leader, n2, is down already',
  ]);
});

test('only a majority asked for by name may be more than a minority', () => {
  const down = new Set(['n4', 'n5']);
  expect(hitBy('kill', 'majority', { ...CALM, down })).toEqual(['n1 n2 n3']);
});

test('a partition cuts every link between its sides in both directions and none within', () => {
  const aimed = aim(stepOf('partition', 'halves'), { ...CALM, nodes: ['n1', 'n2', 'n3'] });
  expect(aimed).toEqual({
    kind: 'hit',
    nodes: ['n1'],
    sides: [['n1'], ['n2', 'n3']],
    about: 'Partition: n1 cut off from n2 n3',
    actions: [
      {
        kind: 'link',
        cuts: [
          { from: 'n1', to: 'n2' },
          { from: 'n2', to: 'n1' },
          { from: 'n1', to: 'n3' },
          { from: 'n3', to: 'n1' },
        ],
      },
    ],
  });
});

test('a single node can be paused, but not cut off', () => {
  const alone: Situation = { nodes: ['n1'], leader: { node: 'n1', term: 1 }, down: new Set() };
  expect(hitBy('pause', 'any', alone)).toEqual(['n1']);
  expect(hitBy('partition', 'any', alone)).toEqual(['there is nobody to be cut off from']);
  expect(hitBy('partition', 'halves', alone)).toEqual(['one node has no halves']);
  expect(hitBy('kill', 'minority', alone)).toEqual(['a cluster this small has no minority']);
});
