/**
 * The correct node under many schedules of crashes, power losses, pauses, partitions and bad links: no invariant is broken, no
 * node dies, every history is linearizable, and the healed cluster answers again. `test/sim/soak.ts` plays more of them.
 */
import { expect, test } from 'vitest';
import { historyText, judge } from './judge.ts';
import { play } from './play.ts';
import { keyed } from '../../src/base/random.ts';
import { drawMembers, drawSchedule } from './schedules.ts';

const SCHEDULES = 120;

test(`nothing goes wrong on ${SCHEDULES} schedules, and faults are really felt`, () => {
  let answered = 0;
  let doubtful = 0;
  let elections = 0;
  let restarts = 0;
  let changed = 0;
  const snapshots = { saved: 0, installed: 0 };
  for (let nth = 0; nth < SCHEDULES; nth++) {
    const seed = `swarm-${nth}`;
    const { lines, probes, broken, failures, recovered, changes } = play(drawSchedule(seed));
    const verdict = judge(lines);
    const replay = `replay: npx tsx test/sim/soak.ts --only ${seed}`;
    expect({ broken, failures, recovered, verdict: verdict.kind }, replay).toEqual({
      broken: [],
      failures: [],
      recovered: true,
      verdict: 'ok',
    });
    answered += lines.filter((line) => line.type === 'ok').length;
    doubtful += lines.filter((line) => line.type === 'info').length;
    elections += probes.filter((probe) => probe.kind === 'role' && probe.role === 'leader').length;
    for (const probe of probes) {
      if (probe.kind === 'snapshot') snapshots[probe.installed ? 'installed' : 'saved']++;
    }
    changed += changes;
    restarts += probes.filter((probe) => probe.kind === 'start').length;
  }
  expect(answered).toBeGreaterThan(40 * SCHEDULES);
  expect(doubtful).toBeGreaterThan(SCHEDULES / 2);
  expect(elections).toBeGreaterThan(2 * SCHEDULES);
  expect(restarts).toBeGreaterThan(5 * SCHEDULES);
  expect(changed).toBeGreaterThan(SCHEDULES / 2);
  expect(snapshots.saved).toBeGreaterThan(5 * SCHEDULES);
  expect(snapshots.installed).toBeGreaterThan(SCHEDULES / 6);
});

test('one seed is one run: the same bytes of history and probes, twice', () => {
  const bytes = (seed: string): string => {
    const { lines, probes } = play(drawSchedule(seed, { members: drawMembers(keyed(seed)) }));
    return historyText(lines) + probes.map((probe) => JSON.stringify(probe)).join('\n');
  };
  for (const seed of ['one', 'two', 'three']) expect(bytes(seed)).toBe(bytes(seed));
  expect(bytes('one')).not.toBe(bytes('two'));
});
