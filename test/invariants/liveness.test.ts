/** The measure of liveness, on probes as a test makes them up. */
import { expect, test } from 'vitest';
import type { Probe } from '../../src/contract/index.ts';
import { livenessOf } from '../../src/invariants/index.ts';

function role(node: string, time: number, role: 'leader' | 'follower' | 'candidate', term: number): Probe {
  return { kind: 'role', node, time, role, term, leader: role === 'leader' ? node : null };
}

const WINDOW = { fromNs: 100, toNs: 200 };

test('time counts as led from a leader’s word on until it says otherwise', () => {
  const probes = [role('n1', 120, 'leader', 2), role('n1', 150, 'follower', 3)];
  expect(livenessOf(probes, WINDOW).leaderlessShare).toBeCloseTo(0.7);
  expect(livenessOf([], WINDOW).leaderlessShare).toBe(1);
});

test('leadership from before the window counts inside it, and two leaders at a time count once', () => {
  const probes = [role('n1', 10, 'leader', 2), role('n2', 140, 'leader', 3), role('n1', 160, 'follower', 3)];
  expect(livenessOf(probes, WINDOW).leaderlessShare).toBe(0);
});

test('a leader that is stopped leads no more, though it cannot say so', () => {
  const probes = [role('n1', 10, 'leader', 2)];
  const stops = [{ node: 'n1', atNs: 130 }];
  expect(livenessOf(probes, { ...WINDOW, stops }).leaderlessShare).toBeCloseTo(0.7);
  const start: Probe = {
    kind: 'start',
    node: 'n1',
    time: 160,
    term: 2,
    votedFor: 'n1',
    lastIndex: 1,
    lastTerm: 1,
    commitIndex: 0,
  };
  const again = [...probes, start, role('n1', 180, 'leader', 3)];
  expect(livenessOf(again, { ...WINDOW, stops }).leaderlessShare).toBeCloseTo(0.5);
});

test('terms count where they begin in the window', () => {
  const probes = [
    role('n1', 50, 'leader', 2),
    role('n2', 150, 'candidate', 3),
    role('n2', 160, 'candidate', 5),
    role('n2', 300, 'leader', 9),
  ];
  expect(livenessOf(probes, WINDOW).terms).toBe(3);
});
