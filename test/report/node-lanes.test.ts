/** What a node's lane shows, and when. */
import { expect, test } from 'vitest';
import type { FaultLine, Probe } from '../../src/contract/index.ts';
import { faultSpans } from '../../src/report/fault-spans.ts';
import { hardship } from '../../src/report/hardship.ts';
import { roleSpans } from '../../src/report/node-lanes.ts';
import { indexProbes } from '../../src/report/probe-index.ts';

const start = (time: number, node: string, term: number): Probe => ({
  time,
  node,
  kind: 'start',
  term,
  votedFor: null,
  lastIndex: 3,
  lastTerm: term,
  commitIndex: 3,
});
const leads = (time: number, node: string, term: number): Probe => ({
  time,
  node,
  kind: 'role',
  role: 'leader',
  term,
  leader: node,
});

const KILL: readonly FaultLine[] = [
  {
    event: 'inject',
    id: 1,
    time: 30,
    kind: 'kill',
    target: 'leader',
    nodes: ['n1'],
    leader: { node: 'n1', term: 1 },
    about: 'Kill: n1',
    evidence: 'gone',
  },
  { event: 'heal', id: 1, time: 60, effective: true, evidence: 'was down', window: false },
];
const window = { fromNs: 0, toNs: 100 };

/** look, from, to */
function looks(probes: readonly Probe[], faults: readonly FaultLine[]): readonly unknown[] {
  const spans = roleSpans(indexProbes(probes), 'n1', { window, faults: faultSpans(faults) });
  return spans.map(({ look, fromNs, toNs }) => [look, fromNs, toNs]);
}

test('a killed node is down from the kill until it starts again', () => {
  expect(looks([start(0, 'n1', 1), leads(10, 'n1', 1), start(65, 'n1', 1)], KILL)).toEqual([
    ['follower', 0, 10],
    ['leader', 10, 30],
    ['down', 30, 65],
    ['follower', 65, Infinity],
  ]);
});

test('a leader is striped from the moment a higher term has one', () => {
  expect(looks([start(0, 'n1', 1), start(0, 'n2', 1), leads(10, 'n1', 1), leads(40, 'n2', 2)], [])).toEqual([
    ['follower', 0, 10],
    ['leader', 10, 40],
    ['deposed', 40, Infinity],
  ]);
});

test('a killed leader is not deposed by what happens while it is down', () => {
  expect(looks([start(0, 'n1', 1), leads(10, 'n1', 1), leads(40, 'n2', 2)], KILL)).toEqual([
    ['follower', 0, 10],
    ['leader', 10, 30],
    ['down', 30, Infinity],
  ]);
});

test('what a node suffers is said only while it does; a killed one that runs again is not down', () => {
  const at = (timeNs: number): string => hardship({ node: 'n1', startedNs: 0 }, timeNs, faultSpans(KILL));
  expect([29, 30, 59, 60].map(at)).toEqual(['', 'killed', 'killed', '']);
  expect(hardship({ node: 'n1', startedNs: 50 }, 55, faultSpans(KILL))).toBe('');
});
