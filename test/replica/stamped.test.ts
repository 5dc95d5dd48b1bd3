/** A probe in its place and time is all that its body says, with the fields in the order in which files have them. */
import { expect, test } from 'vitest';
import type { ProbeBody } from '../../src/contract/probe.ts';
import { stamped } from '../../src/replica/stamped.ts';

const bodies: readonly ProbeBody[] = [
  { kind: 'start', term: 1, votedFor: null, lastIndex: 2, lastTerm: 1, commitIndex: 0 },
  { kind: 'role', role: 'leader', term: 3, leader: 'n1' },
  { kind: 'heard', term: 3, leader: 'n1' },
  { kind: 'vote', term: 3, votedFor: 'n2' },
  { kind: 'append', index: 4, entryTerm: 3, chain: 77 },
  { kind: 'commit', index: 4, term: 3 },
  { kind: 'apply', index: 4, key: 'x', value: [1, null] },
  { kind: 'snapshot', index: 4, entryTerm: 3, chain: 77, hash: 8, installed: false },
  { kind: 'state', index: 4, hash: 8 },
  { kind: 'configuration', index: 0, entryTerm: 0, voters: ['n1'], outgoing: [], learners: [] },
  { kind: 'match', term: 3, follower: 'n2', matchIndex: 4, nextIndex: 5 },
  { kind: 'answer', index: 4, entryTerm: 3 },
  { kind: 'invariant', name: 'a', message: 'b' },
];

test.each(bodies)('$kind', (body) => {
  expect(JSON.stringify(stamped(body, 12.5, 'n3'))).toBe(JSON.stringify({ time: 12.5, node: 'n3', ...body }));
});
