/** Who is hit: targets resolved against what is known of the cluster at that moment. */
import { expect, test } from 'vitest';
import { aim, type Situation } from '../../src/faults/index.ts';
import type { FaultKind, FaultStep, FaultTarget } from '../../src/contract/index.ts';

const NODES = ['n1', 'n2', 'n3', 'n4', 'n5'];
const CALM: Situation = { nodes: NODES, leader: { node: 'n2', term: 3 }, down: new Set(), changing: new Set() };
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

test('a miss because others are down may pass, one for lack of a leader or of nodes not', () => {
  const passing = (target: FaultTarget, situation: Situation): boolean => {
    const aimed = aim(stepOf('kill', target), situation);
    return aimed.kind === 'miss' && aimed.passing;
  };
  expect(passing('any', { ...CALM, down: new Set(['n4', 'n5']) })).toBe(true);
  expect(passing('leader', { ...CALM, down: new Set(['n2']) })).toBe(true);
  expect(passing('leader', { ...CALM, leader: null, down: new Set(['n2']) })).toBe(false);
  expect(passing('minority', { ...CALM, nodes: ['n1'] })).toBe(false);
});

test.each(['any', 'follower', 'minority', 'majority', 'all'] as const)(
  'where nobody is up, %s hits nobody',
  (target) => {
    const dark: Situation = { ...CALM, nodes: NODES, leader: null, down: new Set(NODES) };
    const aimed = aim(stepOf('power-loss', target), dark);
    expect(aimed).toMatchObject({ kind: 'miss', passing: true });
  },
);

test('a majority is not hit where fewer are up', () => {
  expect(hitBy('kill', 'majority', { ...CALM, down: new Set(['n1', 'n3', 'n5']) })).toEqual(['no majority is up']);
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
  const alone: Situation = { ...CALM, nodes: ['n1'], leader: { node: 'n1', term: 1 } };
  expect(hitBy('pause', 'any', alone)).toEqual(['n1']);
  expect(hitBy('partition', 'any', alone)).toEqual(['there is nobody to be cut off from']);
  expect(hitBy('partition', 'halves', alone)).toEqual(['one node has no halves']);
  expect(hitBy('kill', 'minority', alone)).toEqual(['a cluster this small has no minority']);
});

function hit(kind: FaultKind, target: FaultTarget, more: Partial<FaultStep> = {}, situation: Situation = CALM) {
  const aimed = aim({ ...stepOf(kind, target, 0.4), ...more }, situation);
  if (aimed.kind === 'miss') throw new Error(aimed.reason);
  return aimed;
}

test('a power loss takes all its nodes at one moment, with the seed of its draw', () => {
  expect(hit('power-loss', 'all', { delayMs: 30 })).toMatchObject({
    about: 'Power loss: n3 n4 n5 n1 n2',
    actions: [{ kind: 'powerLoss', nodes: ['n3', 'n4', 'n5', 'n1', 'n2'], seed: '0.4', syncDelayMs: 30 }],
  });
  expect(hit('power-loss', 'leader').actions).toEqual([
    { kind: 'powerLoss', nodes: ['n2'], seed: '0.4', syncDelayMs: 0 },
  ]);
  expect(hitBy('power-loss', 'any', { ...CALM, down: new Set(['n4', 'n5']) })).toEqual(['n4 n5 are down already']);
});

test('one way, a node either hears nobody or is heard by nobody', () => {
  const seen = DRAWS.map((draw) => {
    const { actions, nodes } = hit('partition', 'one-way', { draw });
    const cuts = actions[0]!.kind === 'link' ? actions[0]!.cuts : [];
    const [node] = nodes;
    expect(cuts).toHaveLength(4);
    const deaf = cuts.every(({ to }) => to === node);
    expect(deaf || cuts.every(({ from }) => from === node)).toBe(true);
    return `${node} ${deaf ? 'deaf' : 'mute'}`;
  });
  expect(new Set(seen).size).toBeGreaterThan(8);
});

test('over a bridge two halves meet in one node only', () => {
  const { actions, sides } = hit('partition', 'bridge');
  const [left, right] = sides!;
  const halves = DRAWS.map((draw) => hit('partition', 'bridge', { draw }).nodes);
  expect(halves.every((nodes) => nodes.includes('n2'))).toBe(true); // The leader.
  expect(new Set(halves.flat()).size).toBe(5);
  expect([left!.length, right!.length]).toEqual([2, 2]);
  const cuts = actions[0]!.kind === 'link' ? actions[0]!.cuts : [];
  expect(cuts).toHaveLength(8);
  expect(cuts.every(({ from, to }) => left!.includes(from) !== left!.includes(to))).toBe(true);
});

test.each([3, 4, 5, 6, 7])('in a ring of %i every node hears a majority, and no two the same one', (count) => {
  const nodes = Array.from({ length: count }, (_, i) => `n${i + 1}`);
  const { actions } = hit('partition', 'ring', {}, { ...CALM, nodes });
  const cuts = actions[0]!.kind === 'link' ? actions[0]!.cuts : [];
  const heard = nodes.map((node) =>
    nodes.filter((from) => !cuts.some((cut) => cut.from === from && cut.to === node)).join(' '),
  );
  expect(heard.map((names, i) => [names.split(' ').length, names.split(' ').includes(nodes[i]!)])).toEqual(
    nodes.map(() => [Math.floor(count / 2) + 1, true]),
  );
  expect(new Set(heard).size).toBe(count);
});

test('a cluster too small for a shape is told so', () => {
  const pair: Situation = { ...CALM, nodes: ['n1', 'n2'] };
  expect(hitBy('partition', 'ring', pair)).toEqual(['ring takes 3 nodes']);
  expect(hitBy('partition', 'one-way', pair)).not.toContain('one-way takes 2 nodes');
});

test('links suffer in both directions, to everybody else', () => {
  const { actions, about } = hit('slow-link', 'leader', { delayMs: 40 }, { ...CALM, nodes: ['n1', 'n2', 'n3'] });
  expect(about).toBe('Slow links, + 40 ms: n2');
  expect(actions).toMatchObject([{ kind: 'disturb', trouble: { kind: 'delay', delayMs: 40 } }]);
  expect(actions[0]!.kind === 'disturb' && actions[0]!.links).toHaveLength(4);
  expect(hit('duplicate', 'any').actions).toMatchObject([{ trouble: { kind: 'duplicate' } }]);
  expect(hit('reconnect', 'any', { everyMs: 70 }).actions).toMatchObject([{ trouble: { kind: 'reset', everyMs: 70 } }]);
});

test('disks and clocks suffer one by one, as much as the step says', () => {
  expect(hit('slow-disk', 'minority', { delayMs: 50 }).actions).toEqual([
    { kind: 'slowDisk', node: 'n3', syncDelayMs: 50 },
    { kind: 'slowDisk', node: 'n4', syncDelayMs: 50 },
  ]);
  expect(hit('clock-rate', 'leader', { rate: 2 }).actions).toEqual([{ kind: 'clock', node: 'n2', rate: 2, jumpMs: 0 }]);
  expect(hit('clock-jump', 'leader', { jumpMs: 9 }).actions).toEqual([
    { kind: 'clock', node: 'n2', rate: 1, jumpMs: 9 },
  ]);
});

test('at most a minority is damaged or down, and the only node there is is not flipped', () => {
  expect(hitBy('bit-flip', 'any', { ...CALM, down: new Set(['n1', 'n2']) })).toEqual(['n1 n2 are down already']);
  const alone: Situation = { ...CALM, nodes: ['n1'], leader: { node: 'n1', term: 1 } };
  expect(hitBy('bit-flip', 'any', alone)).toEqual(['a cluster this small has no node to lose']);
  expect(hitBy('disk-full', 'any', alone)).toEqual(['n1']);
});

test('nobody is flipped whom those who stay cannot spare: newcomers and those who come and go do not count', () => {
  const [three, four]: readonly Situation[] = [3, 4].map((size) => ({ ...CALM, nodes: NODES.slice(0, size) }));
  const tooSmall = ['a cluster this small has no node to lose'];
  expect(hitBy('bit-flip', 'any', three)).toEqual(['n1', 'n2', 'n3']);
  // Two voters and a newcomer look like three.
  expect(hitBy('bit-flip', 'any', { ...CALM, nodes: ['n1', 'n2', 'm4'] })).toEqual(tooSmall);
  expect(hitBy('bit-flip', 'any', { ...three!, changing: new Set(['n1']) })).toEqual(tooSmall);
  expect(hitBy('bit-flip', 'any', { ...four!, changing: new Set(['n1', 'm4']) })).toEqual(['n1', 'n2', 'n3', 'n4']);
  const later = aim(stepOf('bit-flip', 'any'), { ...three!, changing: new Set(['n1']) });
  expect(later).toMatchObject({ kind: 'miss', passing: true });
  expect(aim(stepOf('bit-flip', 'any'), { ...CALM, nodes: ['n1'] })).toMatchObject({ kind: 'miss', passing: false });
});

test('members change by a newcomer that is named after the step, a member that leaves, or both', () => {
  expect(hit('membership', 'leader', { id: 7, change: 'add' })).toMatchObject({
    about: 'Members: m7 joins',
    nodes: ['m7'],
    actions: [{ kind: 'addNode', node: 'm7' }],
  });
  expect(hit('membership', 'leader', { change: 'remove' })).toMatchObject({
    about: 'Members: n2 leaves',
    nodes: ['n2'],
    actions: [{ kind: 'removeNode', node: 'n2' }],
  });
  expect(hit('membership', 'leader', { id: 7, change: 'replace' })).toMatchObject({
    about: 'Members: m7 takes the place of n2',
    nodes: ['n2', 'm7'],
    actions: [{ kind: 'replaceNode', node: 'n2', by: 'm7' }],
  });
});

test('members do not change while one is down, and a cluster of two spares nobody', () => {
  const down = { ...CALM, down: new Set(['n4']) };
  expect(aim({ ...stepOf('membership', 'leader'), change: 'add' }, down)).toEqual({
    kind: 'miss',
    reason: 'n4 is down',
    passing: true,
  });
  const two = { ...CALM, nodes: ['n1', 'n2'] };
  expect(aim({ ...stepOf('membership', 'leader'), change: 'remove' }, two)).toMatchObject({
    kind: 'miss',
    reason: 'a cluster this small has no member to spare',
  });
});

test('a newcomer is not aimed at by a change of the members: it leaves by itself', () => {
  const visited = { ...CALM, nodes: ['n1', 'm3', 'n3'] };
  expect(DRAWS.map((draw) => hit('membership', 'follower', { draw }, visited).nodes[0])).not.toContain('m3');
  expect(hitBy('membership', 'leader', { ...visited, leader: { node: 'm3', term: 4 } })).toEqual([
    'no leader is known',
  ]);
});

test('the leadership is transferred to a follower', () => {
  for (const draw of DRAWS) {
    const { nodes, actions, about } = hit('transfer', 'follower', { draw });
    expect(nodes[0]).not.toBe('n2');
    expect(actions).toEqual([{ kind: 'transfer', node: nodes[0] }]);
    expect(about).toBe(`Transfer of leadership: to ${nodes[0]}`);
  }
});
