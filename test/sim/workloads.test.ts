/**
 * Every workload in the simulator: the correct node is linearizable under crashes, power losses, pauses, partitions and bad
 * links, each workload's model judging. A client that retries blindly is caught by every one of them, and where there is
 * something to read, a read that a node answers on its own.
 */
import { describe, expect, test } from 'vitest';
import { findWorkload, hasReads, isRead, workloads } from '../../workloads/index.ts';
import { judge } from './judge.ts';
import { play, type Played } from './play.ts';
import { drawSchedule, type Schedule } from './schedules.ts';

const SCHEDULES = 25;

function played(workload: string, nth: number, change: Partial<Schedule> = {}): Played {
  return play(drawSchedule(`${workload}-${nth}`, { workload, ...change }));
}

describe.each(workloads.map(({ name }) => name))('%s', (workload) => {
  test(`nothing goes wrong on ${SCHEDULES} schedules`, () => {
    const names = new Map<string, number>();
    for (let nth = 0; nth < SCHEDULES; nth++) {
      const { lines, broken, failures, recovered } = played(workload, nth);
      const verdict = judge(lines, workload);
      const told = verdict.anomalies.map(({ sentence }) => sentence);
      const replay = `replay: npx tsx test/sim/soak.ts --workload ${workload} --only ${workload}-${nth}`;
      expect({ broken, failures, recovered, told, verdict: verdict.kind }, replay).toEqual({
        broken: [],
        failures: [],
        recovered: true,
        told: [],
        verdict: 'ok',
      });
      for (const { type, f } of lines) if (type === 'ok') names.set(f, (names.get(f) ?? 0) + 1);
    }
    // Each of the model's operations that the workload draws was answered, and often.
    expect(names.size).toBeGreaterThan(1);
    for (const [f, count] of names) expect(count, f).toBeGreaterThan(5 * SCHEDULES);
  });
});

test.each(workloads.map(({ name }) => name))('M40 blind-retry is caught by what clients of %s saw', (workload) => {
  const seen = Array.from({ length: 15 }, (_, nth) => {
    const { lines, broken, failures } = played(workload, nth, { mutant: 'M40', reads: 'read-index' });
    // The nodes do nothing wrong: only a client's history can tell.
    expect({ broken, failures }).toEqual({ broken: [], failures: [] });
    return judge(lines, workload).kind;
  });
  expect(seen.filter((kind) => kind === 'violation').length).toBeGreaterThan(1);
  expect(seen).not.toContain('unknown');
});

describe.each(workloads.filter(hasReads).map(({ name }) => name))('local reads of %s', (workload) => {
  test('are caught by what clients saw, with a sentence about a read', () => {
    let caught = 0;
    for (let nth = 0; nth < 12; nth++) {
      const { lines } = played(workload, nth, { reads: 'local', witnesses: 5 });
      const verdict = judge(lines, workload);
      expect(verdict.kind).not.toBe('unknown');
      if (verdict.kind !== 'violation') continue;
      caught++;
      const culprit = lines.find(({ index }) => index === verdict.anomalies[0]!.operation)!;
      expect(isRead(findWorkload(workload), culprit)).toBe(true);
    }
    expect(caught).toBeGreaterThan(3);
  });
});
