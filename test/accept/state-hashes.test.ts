/** The comparison of states that `accept:power-loss` rests on. */
import { expect, test } from 'vitest';
import type { Probe, ProbeBody } from '../../src/contract/index.ts';
import { compareStates } from './state-hashes.ts';

const START: ProbeBody = { kind: 'start', term: 1, votedFor: null, lastIndex: 1, lastTerm: 1, commitIndex: 0 };
const state = (index: number, hash: number): ProbeBody => ({ kind: 'state', index, hash });
const told = (...all: readonly (readonly [node: string, body: ProbeBody])[]): Probe[] =>
  all.map(([node, body], time) => ({ time, node, ...body }));

test('a recovery counts once its node has told a hash that somebody else tells too', () => {
  const first = told(['n1', START], ['n2', START], ['n1', state(5, 7)], ['n1', START], ['n1', state(10, 8)]);
  expect(compareStates(first)).toEqual({ compared: 0, recoveries: 1, compareds: 0, differences: [] });
  const later = [...first, ...told(['n2', state(10, 8)])];
  expect(compareStates(later)).toEqual({ compared: 1, recoveries: 1, compareds: 1, differences: [] });
});

test('a difference names both nodes and the entry, also between two lives of one', () => {
  const { differences } = compareStates(told(['n1', state(5, 7)], ['n2', state(5, 9)], ['n1', state(5, 7)]));
  expect(differences).toEqual(['after entry 5 n2 has state 9, n1 7']);
});
