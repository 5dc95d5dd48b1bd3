/** Where the nodes stood, from probes alone. */
import { expect, test } from 'vitest';
import type { Probe, ProbeBody } from '../../src/contract/index.ts';
import { indexProbes, nodeStatesAt } from '../../src/report/probe-index.ts';

const PROBES: readonly Probe[] = [
  at(1, 'n10', { kind: 'start', term: 0, votedFor: null, lastIndex: 0, lastTerm: 0, commitIndex: 0 }),
  at(1, 'n2', { kind: 'start', term: 3, votedFor: 'n2', lastIndex: 7, lastTerm: 2, commitIndex: 5 }),
  at(2, 'n2', { kind: 'role', role: 'leader', term: 4, leader: 'n2' }),
  at(3, 'n2', { kind: 'append', index: 8, entryTerm: 4, chain: 1 }),
  at(4, 'n2', { kind: 'commit', index: 8, term: 4 }),
  at(4, 'n2', { kind: 'apply', index: 8, key: 'x', value: 'new' }),
  at(6, 'n10', { kind: 'role', role: 'leader', term: 5, leader: 'n10' }),
  at(7, 'n2', { kind: 'append', index: 8, entryTerm: 5, chain: 2 }),
  at(8, 'n2', { kind: 'role', role: 'follower', term: 5, leader: 'n10' }),
  at(9, 'n2', { kind: 'start', term: 5, votedFor: null, lastIndex: 8, lastTerm: 5, commitIndex: 0 }),
];

function at(time: number, node: string, body: ProbeBody): Probe {
  return { time, node, ...body };
}

/** The state of a node at an instant, asked about key x. */
function state(node: string, timeNs: number) {
  return nodeStatesAt(indexProbes(PROBES), timeNs, 'x').find((one) => one.node === node);
}

test('a node that has said nothing yet is left out', () => {
  expect(nodeStatesAt(indexProbes(PROBES), 0, 'x')).toEqual([]);
});

test('nodes come in the order of their numbers', () => {
  expect(nodeStatesAt(indexProbes(PROBES), 5, 'x').map(({ node }) => node)).toEqual(['n2', 'n10']);
});

test('a recovered node stands where its log says, and its map is not known', () => {
  expect(state('n2', 1)).toMatchObject({ role: 'follower', term: 3, commitIndex: 5, lastIndex: 7, lastTerm: 2 });
  expect(state('n2', 1)?.value).toBeUndefined();
});

test('a node that starts empty holds no value', () => {
  expect(state('n10', 1)?.value).toBeNull();
});

test('a probe counts from its own instant on', () => {
  expect(state('n2', 3)).toMatchObject({ role: 'leader', term: 4, commitIndex: 5, lastIndex: 8, lastTerm: 4 });
  expect(state('n2', 4)).toMatchObject({ commitIndex: 8, value: 'new' });
});

test('an append replaces the end of the log', () => {
  expect(state('n2', 7)).toMatchObject({ lastIndex: 8, lastTerm: 5 });
});

test('a leader is deposed from the moment a higher term has one, until it learns', () => {
  expect([5, 6, 7, 8].map((time) => state('n2', time)?.deposedSinceNs)).toEqual([null, 6, 6, null]);
});

test('a restart empties the map', () => {
  expect([state('n2', 8)?.value, state('n2', 9)?.value]).toEqual(['new', undefined]);
});

test('the order in which probe files were read does not matter', () => {
  expect(nodeStatesAt(indexProbes(PROBES.toReversed()), 6, 'x')).toEqual(nodeStatesAt(indexProbes(PROBES), 6, 'x'));
});
