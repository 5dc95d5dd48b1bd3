/** When a node last heard a leader: from the rare probes of that and from all that only a leader can have sent. */
import { expect, test } from 'vitest';
import { isHeardTold, lastHeard } from '../../src/report/last-heard.ts';
import { indexProbes } from '../../src/report/probe-index.ts';
import type { Probe, ProbeBody } from '../../src/contract/index.ts';

const at = (time: number, node: string, body: ProbeBody): Probe => ({ time, node, ...body });
const start = { kind: 'start', term: 0, votedFor: null, lastIndex: 0, lastTerm: 0, commitIndex: 0 } as const;
const role = (name: 'follower' | 'candidate' | 'leader', term: number, leader: string | null) =>
  ({ kind: 'role', role: name, term, leader }) as const;

const probes = indexProbes([
  at(0, 'n1', start),
  at(10, 'n1', role('follower', 1, 'n2')),
  at(20, 'n1', { kind: 'heard', term: 1, leader: 'n2' }),
  at(30, 'n1', { kind: 'append', index: 1, entryTerm: 1, chain: 1 }),
  at(40, 'n1', { kind: 'commit', index: 1, term: 1 }),
  at(50, 'n1', role('candidate', 2, null)),
  at(60, 'n1', role('leader', 2, 'n1')),
  // Its own entries, and what it commits itself.
  at(70, 'n1', { kind: 'append', index: 2, entryTerm: 2, chain: 2 }),
  at(80, 'n1', { kind: 'commit', index: 2, term: 2 }),
  at(90, 'n1', role('candidate', 3, null)),
]);

test.each([
  [5, null, 'nobody yet'],
  [15, 10, 'when it began to follow'],
  [25, 20, 'as told'],
  [35, 30, 'with an entry'],
  [45, 40, 'with a commit'],
  [55, 40, 'still then, when it stood for election'],
  [95, 40, 'still then, after it had led itself'],
] as const)('at %i it had heard a leader at %s: %s', (timeNs, heardNs, _why) => {
  expect(lastHeard(probes.tracks[0]!, timeNs)).toBe(heardNs);
});

test('of nodes that do not tell nothing is said', () => {
  expect(isHeardTold(probes)).toBe(true);
  expect(isHeardTold(indexProbes([at(0, 'n1', start), at(10, 'n1', role('follower', 1, 'n2'))]))).toBe(false);
});
