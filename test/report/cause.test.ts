/** Why a read was stale, and how anomalies are counted: from probes, never a guess. */
import { expect, test } from 'vitest';
import type { Anomaly } from '../../checker/index.ts';
import type { Probe } from '../../src/contract/index.ts';
import { causeOf, groupAnomalies, operationsById } from '../../src/report/cause.ts';
import { indexProbes } from '../../src/report/probe-index.ts';
import { operation } from './fixture.ts';

const MS = 1_000_000;
const old = operation({ id: 0, process: 0, f: 'write', value: 4, output: null, callNs: 0, returnNs: MS, node: 'n1' });
const newer = operation({
  id: 2,
  process: 0,
  f: 'write',
  value: 5,
  output: null,
  callNs: 10 * MS,
  returnNs: 12 * MS,
  node: 'n1',
});

/** A read of 4 from n2, answered from entry `applied`. */
function staleRead(id: number, applied: number): Anomaly {
  const read = {
    ...operation({ id, process: 1, f: 'read', value: null, output: 4, callNs: 20 * MS, returnNs: 21 * MS, node: 'n2' }),
    applied,
  };
  return {
    id: `a${id}`,
    class: 'stale-read',
    part: 'x',
    sentence: 'Stale.',
    operation: id,
    newer: { operation: 2, value: 5, sinceNs: 12 * MS, gapNs: (8 + id) * MS, versions: 1 },
    minimal: [old, newer, read].map((kept) => ({ operation: kept, pinned: false, why: '' })),
  };
}

const started = ['n1', 'n2'].map((node): Probe => ({
  time: 0,
  node,
  kind: 'start',
  term: 1,
  votedFor: null,
  lastIndex: 0,
  lastTerm: 0,
  commitIndex: 0,
}));
const replicated: readonly Probe[] = [
  ...started,
  { time: 1, node: 'n1', kind: 'role', role: 'leader', term: 1, leader: 'n1' },
  { time: 11 * MS, node: 'n1', kind: 'apply', index: 8, key: 'x', value: 5 },
];

function cause(anomaly: Anomaly, probes: readonly Probe[]) {
  return causeOf(anomaly, indexProbes(probes), operationsById([], [anomaly]));
}

test('a node that answered from before the newer entry had fallen behind', () => {
  expect(cause(staleRead(4, 7), replicated)).toEqual({
    kind: 'replica-behind',
    headline: 'n2 was a replica that had fallen behind.',
    sentence: 'It answered from commit 7, but x = 5 is entry 8, which n1 had applied at 0.011 s.',
  });
});

test('an entry that was applied and then was gone is told as lost, and nobody is said to lag', () => {
  const restarted: Probe = {
    time: 15 * MS,
    node: 'n1',
    kind: 'start',
    term: 1,
    votedFor: null,
    lastIndex: 6,
    lastTerm: 1,
    commitIndex: 0,
  };
  expect(cause(staleRead(4, 7), [...replicated, restarted])).toEqual({
    kind: 'lost-entry',
    headline: 'n1 had lost an entry that it had applied.',
    sentence: 'It had applied entry 8 to x at 0.011 s; at 0.015 s its log ended with entry 6.',
  });
  const later = { ...restarted, time: 25 * MS };
  expect(cause(staleRead(4, 7), [...replicated, later])?.kind).toBe('replica-behind');
});

test('a node that had the newer entry and still answered the old value has no known cause', () => {
  expect(cause(staleRead(4, 8), replicated)?.kind).toBe('unknown');
});

test('what nobody had applied when the read began, nobody lagged behind', () => {
  const late: Probe = { time: 20 * MS + 1, node: 'n1', kind: 'apply', index: 8, key: 'x', value: 5 };
  expect(cause(staleRead(4, 7), [...replicated.slice(0, -1), late])?.kind).toBe('unknown');
});

test('where a value was applied at two indexes, neither is said to be the entry', () => {
  const twice: Probe = { time: 13 * MS, node: 'n1', kind: 'apply', index: 9, key: 'x', value: 5 };
  expect(cause(staleRead(4, 7), [...replicated, twice])?.kind).toBe('unknown');
});

test('a leader that another one had replaced did not know', () => {
  const probes: readonly Probe[] = [
    ...started,
    { time: 1, node: 'n2', kind: 'role', role: 'leader', term: 1, leader: 'n2' },
    { time: 15 * MS, node: 'n1', kind: 'role', role: 'leader', term: 2, leader: 'n1' },
  ];
  expect(cause(staleRead(4, 7), probes)).toMatchObject({
    kind: 'deposed-leader',
    headline: 'n2 had been deposed and did not know.',
  });
});

test('a leader that is replaced only after the read had not been deposed', () => {
  const probes: readonly Probe[] = [
    ...started,
    { time: 1, node: 'n2', kind: 'role', role: 'leader', term: 1, leader: 'n2' },
    { time: 25 * MS, node: 'n1', kind: 'role', role: 'leader', term: 2, leader: 'n1' },
  ];
  expect(cause(staleRead(4, 7), probes)?.kind).toBe('unknown');
});

test('a sum that fits nowhere is old if a change had been applied elsewhere before the read began', () => {
  const counted = { ...staleRead(4, 7), class: 'wrong-count' as const };
  const { newer: _none, ...anomaly } = counted;
  expect(cause(anomaly, replicated)).toEqual({
    kind: 'replica-behind',
    headline: 'n2 was a replica that had fallen behind.',
    sentence: 'It answered from entry 7, but entry 8 had changed x, which n1 had applied at 0.011 s.',
  });
  expect(cause({ ...anomaly, ...staleRead(4, 8), class: 'wrong-count' }, replicated)).toBeNull();
  const late: Probe = { time: 20 * MS, node: 'n1', kind: 'apply', index: 8, key: 'x', value: 5 };
  expect(cause(anomaly, [...replicated.slice(0, -1), late])).toBeNull();
  expect(cause({ ...anomaly, class: 'never-written' }, replicated)).toBeNull();
});

test('without probes nothing is said about the cause', () => {
  expect(cause(staleRead(4, 7), [])).toBeNull();
});

test('groups are exclusive, and the one shown has a proof of its own', () => {
  const unproven = { ...staleRead(4, 7), minimal: staleRead(6, 7).minimal };
  const anomalies = [unproven, staleRead(6, 7), staleRead(8, 8)];
  const operations = operationsById([staleRead(4, 7).minimal[2]!.operation], anomalies);
  const groups = groupAnomalies(anomalies, indexProbes(replicated), operations);
  expect(
    groups.map(({ name, members, shown, worstNs }) => ({ name, size: members.length, shown: shown.id, worstNs })),
  ).toEqual([
    { name: 'Replica had fallen behind', size: 2, shown: 'a6', worstNs: 14 * MS },
    { name: 'Stale read', size: 1, shown: 'a8', worstNs: 16 * MS },
  ]);
});

/** n1 leads term 1, and n2 term 2 from 15 ms on, as far as their roles tell. */
const succession: readonly Probe[] = [
  { time: 1, node: 'n1', kind: 'role', role: 'leader', term: 1, leader: 'n1' },
  { time: 2, node: 'n2', kind: 'role', role: 'follower', term: 1, leader: 'n1' },
  { time: 15 * MS, node: 'n2', kind: 'role', role: 'leader', term: 2, leader: 'n2' },
  { time: 15 * MS, node: 'n1', kind: 'role', role: 'follower', term: 2, leader: 'n2' },
];

test('of nodes that tell only who leads: what was acknowledged under one leader and is gone under the next was lost', () => {
  expect(cause(staleRead(4, 0), succession)).toEqual({
    kind: 'lost-entry',
    headline: 'An acknowledged write was lost.',
    sentence:
      'n1, in term 1, had acknowledged x = 5 at 0.012 s; n2 was seen to lead term 2 from 0.015 s on, and no answer since then shows that value.',
  });
});

test('it was not lost if a later read shows it, or if the same one led all the time', () => {
  const again = operation({
    id: 6,
    process: 1,
    f: 'read',
    value: null,
    output: 5,
    callNs: 30 * MS,
    returnNs: 31 * MS,
    node: 'n2',
  });
  const anomaly = staleRead(4, 0);
  const operations = operationsById([again], [anomaly]);
  expect(causeOf(anomaly, indexProbes(succession), operations)?.kind).toBe('unknown');
  const always: readonly Probe[] = [
    { time: 1, node: 'n1', kind: 'role', role: 'follower', term: 1, leader: 'n2' },
    { time: 1, node: 'n2', kind: 'role', role: 'leader', term: 1, leader: 'n2' },
  ];
  expect(cause(anomaly, always)?.kind).toBe('unknown');
});

test('a leader is seen to lead a little later than it does, and what it answered before that is its own', () => {
  const late = succession.map((probe) => (probe.time === 15 * MS ? { ...probe, time: 500 * MS } : probe));
  expect(cause(staleRead(4, 0), late)?.sentence).toContain('n2 was seen to lead term 2 from 0.500 s on');
});

test('of nodes that tell only who leads, a follower that answered without the newer value had fallen behind', () => {
  expect(cause(staleRead(4, 0), succession.slice(0, 2))).toEqual({
    kind: 'replica-behind',
    headline: 'n2 was a replica that had fallen behind.',
    sentence:
      'It answered as a follower of n1, in term 1, and did not have x = 5, which n1 had answered 8.0 ms before it was asked.',
  });
});
