/** `stalemate run` from end to end, on real nodes: what passes, what fails, and what proves nothing. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { RunResult } from '../../src/contract/index.ts';
import { disagreements } from './sentence.ts';
import {
  CALM,
  commandLine,
  onlyRun,
  processesNaming,
  resultOf,
  resultsFolder,
  stalemate,
  startInGroup,
  type Finished,
} from './program.ts';

let results: ReturnType<typeof resultsFolder>;
beforeEach(() => {
  results = resultsFolder();
});
afterEach(() => {
  results.remove();
});

function run(...args: readonly string[]): Promise<Finished> {
  return stalemate(['run', '--out', results.path, ...CALM, ...args]);
}

test('a correct cluster under every kind of fault passes, and --json prints one document', async () => {
  const { exitCode, stdout } = await run('--nodes', '3', '--clients', '6', '--time', '9s', '--seed', 'e2e', '--json');
  const result = JSON.parse(stdout) as RunResult;
  expect({ exitCode, reason: result.reason, verdict: result.verdict }).toEqual({
    exitCode: 0,
    reason: null,
    verdict: 'linearizable',
  });
  expect(result.ops.okDuringFaults).toBeGreaterThan(0);
  expect(result.ops.mismatch).toBeGreaterThan(0);
  expect(result.faults.map((it) => it.kind).toSorted()).toEqual(['kill', 'partition', 'pause']);
  for (const fault of result.faults) expect(fault.effective, fault.kind).toBeGreaterThan(0);
  const folder = onlyRun(results.path);
  expect(resultOf(folder)).toEqual(result);
  for (const file of [
    'run.json',
    'history.jsonl',
    'faults.jsonl',
    'check.json',
    'report.html',
    'nodes/n1/probes.jsonl',
  ]) {
    expect(existsSync(join(folder, file)), file).toBe(true);
  }
  expect(readFileSync(join(folder, 'report.html'), 'utf8')).toMatch(/<title>✓/);
  expect(processesNaming(results.path)).toEqual([]);
});

test.each([
  ['power-loss,slow-disk,disk-full,bit-flip', ['unsynced sectors', 'is damaged at byte', 'ENOSPC', 'ms longer']],
  ['kill,wipe', ['was down until now', 'the data folder of node', 'took its place']],
  [
    'partition:ring,partition:one-way,partition:bridge,slow-link,duplicate,reconnect',
    ['hears only its neighbours', 'hears both', 'messages dropped', 'resets on'],
  ],
  ['clock-rate,clock-jump', ['the clock went at', 'the clock jumped by']],
  ['transfer', ['Transfer of leadership: to', 'stepped-down, then']],
  ['membership', ['Members: ', 'again, committed after', 'Who was a member']],
])('a correct cluster passes under %s, and each is seen to have happened', async (faults, told) => {
  const time = `${3 + 4 * faults.split(',').length}s`;
  const { exitCode, stdout } = await run('--nodes', '5', '--time', time, '--seed', '3', '--faults', faults, '--json');
  const result = JSON.parse(stdout) as RunResult;
  expect({ exitCode, reason: result.reason, invariants: result.invariants }).toEqual({
    exitCode: 0,
    reason: null,
    invariants: [],
  });
  for (const { kind, effective } of result.faults) expect(effective, kind).toBeGreaterThan(0);
  const page = readFileSync(join(onlyRun(results.path), 'report.html'), 'utf8');
  expect(told.filter((words) => !page.includes(words))).toEqual([]);
});

test('a node that acknowledges before its fsync (M23) loses acknowledged writes when the power goes', async () => {
  // A majority has to lose the same entry, which one run in some does not see.
  const m23 = ['--nodes', '3', '--mutant', 'M23', '--faults', 'power-loss:all', '--time', '8s'];
  const lost = await untilViolation([...m23, '--expect', 'violation'], 0);
  expect(lost.faults[0]!.effective).toBeGreaterThan(0);
});

test('local reads are stale behind a partition: one sentence that agrees with the history, at most four operations', async () => {
  const stale = await untilViolation([
    '--reads',
    'local',
    '--faults',
    'partition',
    '--nodes',
    '3',
    '--clients',
    '6',
    '--time',
    '6s',
  ]);
  const anomaly = stale.anomalies.find((it) => it.class === 'stale-read')!;
  const folder = join(results.path, stale.run);
  expect(disagreements({ sentence: anomaly.sentence, historyFile: join(folder, 'history.jsonl'), clients: 6 })).toEqual(
    [],
  );
  expect(anomaly.minimal.length).toBeLessThanOrEqual(4);
  expect(readFileSync(join(folder, 'report.html'), 'utf8')).toMatch(/<title>✕/);
  expect(readFileSync(join(folder, 'minimal.jsonl'), 'utf8').trimEnd().split('\n').length).toBe(
    2 * anomaly.minimal.length,
  );
});

test('a deposed leader that answers unchecked reads is caught', async () => {
  const stale = await untilViolation([
    '--reads',
    'leader',
    '--faults',
    'partition:leader',
    '--clients',
    '10',
    '--time',
    '10s',
  ]);
  expect(stale.faults.some((it) => it.windows > 0)).toBe(true);
  expect(stale.anomalies.some((it) => it.class === 'stale-read')).toBe(true);
});

test('--expect violation turns exit 1 into 0, and a clean run into 1', async () => {
  const { run: name } = await untilViolation(
    [
      '--reads',
      'local',
      '--faults',
      'partition',
      '--nodes',
      '3',
      '--clients',
      '6',
      '--time',
      '6s',
      '--expect',
      'violation',
    ],
    0,
  );
  expect(resultOf(join(results.path, name)).expected).toBe('violation');
  const clean = await run(
    '--faults',
    'none',
    '--nodes',
    '3',
    '--clients',
    '4',
    '--keys',
    '1',
    '--time',
    '2s',
    '--seed=-1',
    '--expect',
    'violation',
  );
  expect(clean.exitCode).toBe(1);
});

test('a run that proves nothing is unknown: exit 2, and it says what is missing', async () => {
  const { exitCode, stdout } = await run(
    '--faults',
    'none',
    '--nodes',
    '1',
    '--clients',
    '2',
    '--keys',
    '200',
    '--rate',
    '5/s',
    '--time',
    '2s',
    '--json',
  );
  const result = JSON.parse(stdout) as RunResult;
  expect(exitCode).toBe(2);
  expect(result.verdict).toBe('unknown');
  expect(result.reason).toMatch(/^vacuous: /);
});

/** Runs with one seed after the other until one is a violation; gives up after 60 s. */
async function untilViolation(args: readonly string[], exit = 1): Promise<RunResult> {
  const endMs = performance.now() + 60_000;
  for (let seed = 1; performance.now() < endMs; seed++) {
    const { exitCode, stdout, stderr } = await run(...args, '--seed', `until-${seed}`, '--json');
    const result = JSON.parse(stdout === '' ? '{}' : stdout) as RunResult;
    if (result.verdict === 'not-linearizable') {
      expect(exitCode).toBe(exit);
      return result;
    }
    expect(exitCode, stderr).not.toBe(255);
  }
  throw new Error('no violation within 60 s');
}

test('a run whose output nobody reads any more still ends with its verdict', async () => {
  const flags = ['--nodes', '1', '--clients', '2', '--keys', '1', '--faults', 'none', '--time', '1s', ...CALM];
  const program = startInGroup(commandLine('run', '--out', results.path, '--expect', 'violation', ...flags));
  program.stdout!.destroy();
  expect((await program).exitCode).toBe(1);
  expect(resultOf(onlyRun(results.path)).verdict).toBe('linearizable');
});
