/**
 * The red tests of rules of the log and of votes for it: each mutant is caught by drawn schedules, by what its rule protects, and the
 * correct node does nothing wrong on the same ones.
 */
import { describe, expect, test } from 'vitest';
import { play } from './play.ts';
import { drawSchedule, type Schedule } from './schedules.ts';

const SCHEDULES_MAX = 60;

/** Nothing that hides what a rule is for: no pre-votes, no stickiness. */
function bare(nth: number, mutant: string | null): Schedule {
  const drawn = drawSchedule(`log-${nth}`);
  return { ...drawn, mutant, members: [], core: { ...drawn.core, preVote: false, checkQuorum: false } };
}

function findingsOf(nth: number, mutant: string | null): string[] {
  const { broken, failures } = play(bare(nth, mutant));
  return [...broken.map((it) => it.name), ...failures.map((it) => String(it.error))];
}

describe.each([
  ['M04', 'vote-no-log-check', 'leader-completeness'],
  ['M15', 'truncate-always', 'reported-by-node'],
  ['M16', 'commit-unbounded', 'state-machine-safety'],
])('%s %s', (mutant, _, expected) => {
  test(`is caught by ${expected}, and the correct node does nothing wrong on the same schedules`, () => {
    let nth = 0;
    while (nth < SCHEDULES_MAX && !findingsOf(nth, mutant).includes(expected)) nth++;
    expect(nth).toBeLessThan(SCHEDULES_MAX);
    for (let same = Math.max(0, nth - 5); same <= nth; same++) {
      expect([same, findingsOf(same, null)]).toEqual([same, []]);
    }
  });
});
