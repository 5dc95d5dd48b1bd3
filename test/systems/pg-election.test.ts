/** What a keeper of PostgreSQL does about what it sees, case by case. */
import { expect, test } from 'vitest';
import { COPY_AFTER_MS, decide, FAILOVER_AFTER_MS, type Round } from '../../src/systems/postgresql/election.ts';
import type { Standing } from '../../src/systems/postgresql/standing.ts';

const primary = (timeline: number): Standing => ({ isPrimary: true, timeline, position: 100, receivesFrom: null });
const receiver: Standing = { isPrimary: false, timeline: 1, position: 100, receivesFrom: 5432 };
const orphan = (position: number, timeline = 1): Standing => ({
  isPrimary: false,
  timeline,
  position,
  receivesFrom: null,
});

/** A replica n2 of three nodes that has missed the primary for long enough. */
function decisionOf(own: Standing, others: Readonly<Record<string, Standing>>, more: Partial<Round> = {}) {
  const round: Round = {
    self: 'n2',
    own,
    others: new Map(Object.entries(others)),
    latest: 1,
    nodes: 3,
    follows: 'n1',
    withoutPrimaryMs: FAILOVER_AFTER_MS,
    withoutLogMs: 0,
    ...more,
  };
  return decide(round);
}

test('of two replicas that miss their primary the one with more is promoted, and of equals the first', () => {
  expect(decisionOf(orphan(100), { n3: orphan(90) })).toEqual({ kind: 'promote' });
  expect(decisionOf(orphan(100), { n3: orphan(110) })).toEqual({ kind: 'stay' });
  expect(decisionOf(orphan(100), { n3: orphan(100) })).toEqual({ kind: 'promote' });
  expect(decisionOf(orphan(100), { n3: orphan(100) }, { self: 'n4' })).toEqual({ kind: 'stay' });
});

test('a later timeline goes before a longer log', () => {
  expect(decisionOf(orphan(100), { n3: orphan(90, 2) }, { latest: 2 })).toEqual({ kind: 'stay' });
  expect(decisionOf(orphan(90, 2), { n3: orphan(100) }, { latest: 2 })).toEqual({ kind: 'promote' });
});

test('nobody is promoted too early, without a majority, or while another one still receives', () => {
  expect(decisionOf(orphan(100), { n3: orphan(90) }, { withoutPrimaryMs: FAILOVER_AFTER_MS - 1 }).kind).toBe('stay');
  expect(decisionOf(orphan(100), {}).kind).toBe('stay');
  expect(decisionOf(orphan(100), { n3: receiver }).kind).toBe('stay');
  expect(decisionOf(orphan(100), { n3: orphan(90) }, { nodes: 4 }).kind).toBe('stay');
});

test('a replica follows the primary of the latest timeline, and none of a timeline that is over', () => {
  expect(decisionOf(orphan(100), { n1: primary(1), n3: primary(2) })).toEqual({ kind: 'follow', primary: 'n3' });
  expect(decisionOf(orphan(100), { n1: primary(1) }, { latest: 2, follows: 'n3' })).toEqual({ kind: 'stay' });
  expect(decisionOf(orphan(100), { n1: primary(1) })).toEqual({ kind: 'stay' });
});

test('a replica that is sent nothing for too long begins anew from a copy', () => {
  expect(decisionOf(orphan(100), { n1: primary(1) }, { withoutLogMs: COPY_AFTER_MS })).toEqual({ kind: 'stay' });
  expect(decisionOf(orphan(100), { n1: primary(1) }, { withoutLogMs: COPY_AFTER_MS + 1 })).toEqual({
    kind: 'copy',
    primary: 'n1',
  });
});

test('a primary gives way to one of a later timeline, and of two that were promoted at once the first does', () => {
  expect(decisionOf(primary(1), { n3: primary(2) })).toEqual({ kind: 'yield', primary: 'n3' });
  expect(decisionOf(primary(2), { n3: primary(1) })).toEqual({ kind: 'stay' });
  expect(decisionOf(primary(2), { n3: primary(2) })).toEqual({ kind: 'yield', primary: 'n3' });
  expect(decisionOf(primary(2), { n1: primary(2) })).toEqual({ kind: 'stay' });
});
