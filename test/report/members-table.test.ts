/** Who was a member when, as the page tells it. */
import { expect, test } from 'vitest';
import type { Probe } from '../../src/contract/index.ts';
import { membersTable, memberships } from '../../src/report/members-table.ts';

const has = (
  time: number,
  node: string,
  index: number,
  voters: readonly string[],
  outgoing: readonly string[] = [],
): Probe => ({
  time,
  node,
  kind: 'configuration',
  index,
  entryTerm: 1,
  voters,
  outgoing,
  learners: [],
});
const commits = (time: number, node: string, index: number): Probe => ({ time, node, kind: 'commit', index, term: 1 });

const ABC = ['a', 'b', 'c'];
const BCD = ['b', 'c', 'd'];

test('a configuration counts from the moment at which a node knew that it was committed', () => {
  const probes = [
    has(0, 'a', 1, ABC),
    has(1, 'b', 1, ABC),
    commits(10, 'a', 2),
    has(20, 'a', 7, BCD, ABC),
    has(22, 'b', 7, BCD, ABC),
    commits(25, 'b', 6),
    commits(30, 'b', 7),
    has(31, 'a', 8, BCD),
    commits(40, 'a', 9),
  ];
  expect(
    memberships(probes).map(({ index, committedNs, voters, outgoing }) => [index, committedNs, voters, outgoing]),
  ).toEqual([
    [1, 10, ABC, []],
    [7, 30, BCD, ABC],
    [8, 40, BCD, []],
  ]);
});

test('one that was rolled back never counts, and a restart from a snapshot tells nothing new', () => {
  const probes = [
    has(0, 'a', 1, ABC),
    commits(10, 'a', 2),
    has(20, 'a', 3, BCD),
    has(30, 'a', 1, ABC),
    commits(31, 'a', 3),
    has(40, 'a', 3, ABC),
    commits(50, 'a', 4),
  ];
  expect(memberships(probes).map(({ index }) => index)).toEqual([1]);
});

test('members that never change are no news', () => {
  expect(membersTable([has(0, 'a', 1, ABC), commits(10, 'a', 2)])).toBeNull();
});

test('the table names the voters, and the old ones while they leave', () => {
  const probes = [has(0, 'a', 1, ABC), commits(1, 'a', 2), has(2, 'a', 3, BCD, ABC), commits(1_500_000_000, 'a', 3)];
  expect(membersTable(probes)!.text.replaceAll(/\s+/g, ' ')).toContain('<td>b c d</td> <td>a b c</td>');
});
