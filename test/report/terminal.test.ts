/** The end of a run on the terminal: what it says, in how much room, and without escapes where none are wanted. */
import { expect, test } from 'vitest';
import type { RunResult } from '../../src/contract/index.ts';
import { progressLine, summary } from '../../src/report/index.ts';
import { quietRun, staleRun } from './fixture.ts';

const REPORT = 'results/20261123T090000Z-raft-register-fixture/report.html';
const options = { reportPath: REPORT, color: false, clients: 8 };
const { result, probes } = staleRun();

test('a violation says verdict, sentence, cause, history, nodes, kinds, faults, path and command', () => {
  const text = summary(result, { ...options, probes });
  const flat = text.replace(/\s+/g, ' ');
  expect(text.startsWith('✕ Not linearizable: 11 stale reads on 1 of 1 key\n')).toBe(true);
  expect(flat).toContain(result.anomalies[0]!.sentence);
  expect(flat).toContain('n1 had been deposed and did not know.');
  expect(text).toContain('  ✕ client 7 → n1  read x → 55   4.755 ─ 4.756');
  expect(text).toContain('n1 deposed leader, term 3, commit 56    n3 leader, term 4, commit 63');
  expect(text).toContain('11 × deposed leader answered');
  expect(text).toContain('pause 1/2, partition 1/1 effective; 1 stale window');
  expect(text).toContain(`${REPORT}#a1`);
  expect(flat.replaceAll(' \\', '')).toContain(result.command);
});

test('every kind of fault is counted, in as many lines as it takes', () => {
  const kinds = [
    'pause',
    'kill',
    'partition',
    'power-loss',
    'slow-link',
    'duplicate',
    'reconnect',
    'slow-disk',
  ] as const;
  const faults = kinds.map((kind) => ({ kind, total: 3, effective: 2, windows: 0 }));
  const text = summary({ ...result, faults }, options);
  for (const kind of kinds) expect(text).toMatch(new RegExp(`\\b${kind} 2/3(,| effective;)`));
  expect(text).toContain('slow-disk 2/3 effective; 0 stale windows');
  for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(100);
});

test('where nodes stood is not told without their probes', () => {
  expect(summary(result, options)).not.toMatch(/commit|deposed|Cause/);
});

test('where the cause of one anomaly cannot be told, all are counted by class', () => {
  const [last, ...others] = result.anomalies.toReversed();
  const anomalies = [...others.toReversed(), { ...last!, minimal: result.anomalies[0]!.minimal }];
  expect(summary({ ...result, anomalies }, { ...options, probes })).toContain('11 × stale read (worst');
});

test('a passing run is one line of verdict, and links to no anomaly', () => {
  const quiet = quietRun().result;
  const text = summary(quiet, options);
  expect(text.startsWith(`✓ Linearizable: no incorrect read in ${quiet.ops.reads} reads\n`)).toBe(true);
  expect(text).toContain(REPORT);
  expect(text).not.toContain('#a');
});

test('where nothing is read, the operations are counted that had to fit', () => {
  const { result: run } = quietRun();
  const locks: RunResult = { ...run, ops: { ...run.ops, reads: 0, ok: 1200 } };
  expect(summary(locks, options).split('\n')[0]).toBe('✓ Linearizable: an order was found for 1,200 operations');
});

test('an unknown says why', () => {
  const vacuous: RunResult = { ...quietRun().result, verdict: 'unknown', reason: 'vacuous: no fault held' };
  expect(summary(vacuous, options).split('\n')[0]).toBe('? Unknown: vacuous: no fault held');
});

test('never more than 20 lines of 100 columns, and the path and command are never lost', () => {
  const first = result.anomalies[0]!;
  const long = 'a very long value '.repeat(40);
  const huge: RunResult = {
    ...result,
    reason: long,
    command: `npx stalemate run ${Array.from({ length: 30 }, (_, at) => `--option-${at} value`).join(' ')}`,
    anomalies: [{ ...first, sentence: long, minimal: Array.from({ length: 30 }, (_, at) => first.minimal[at % 3]!) }],
    invariants: [{ name: 'election safety', message: long }],
  };
  const lines = summary(huge, { ...options, probes }).split('\n');
  expect(lines.length).toBeLessThanOrEqual(20);
  expect(lines.filter((line) => line.length > 100)).toEqual([]);
  expect(lines.some((line) => line.includes(`${REPORT}#a1`))).toBe(true);
  expect(lines.join(' ')).toContain('--option-29');
});

test('colour is only for the verdict, and only when asked for', () => {
  expect(summary(result, options)).not.toContain('\u001b');
  expect(summary(result, { ...options, color: true }).split('\n')[0]).toBe(
    '\u001b[1;31m✕ Not linearizable: 11 stale reads on 1 of 1 key\u001b[0m',
  );
});

test('a value cannot drive the terminal', () => {
  const first = result.anomalies[0]!;
  const evil: RunResult = { ...result, anomalies: [{ ...first, sentence: 'x = \u001b[2J gone' }] };
  expect(summary(evil, options)).not.toContain('\u001b');
});

test('a line of progress says time, counts, leader and what holds', () => {
  const line = progressLine({
    elapsedMs: 10_040,
    timeMs: 20_000,
    ok: 12_345,
    fail: 20,
    unknown: 3,
    perSecond: 1234,
    leader: { node: 'n3', term: 4 },
    faults: ['Partition: n1 cut off from n2 n3'],
  });
  expect(line).toBe(
    '10.0 / 20 s  ok 12,345 (1,234/s)  failed 20  unknown 3  n3 leads term 4  Partition: n1 cut off from…',
  );
  expect(line.length).toBeLessThanOrEqual(100);
});
