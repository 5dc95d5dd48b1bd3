/**
 * Every workload on real nodes, each for a few seconds: what the correct cluster answers under pauses, kills and partitions is
 * linearizable by the workload's model, and a read that a node answers from what it has applied is caught.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { HistoryLine, RunResult } from '../../src/contract/index.ts';
import { findWorkload, hasReads, isRead, workloads } from '../../workloads/index.ts';
import { CALM, processesNaming, resultsFolder, stalemate } from './program.ts';

/** Those that `run.test.ts` has not. */
const NAMES = workloads.map(({ name }) => name).filter((name) => !name.endsWith('register'));

let results: ReturnType<typeof resultsFolder>;
beforeEach(() => {
  results = resultsFolder();
});
afterEach(() => {
  results.remove();
});

const SMALL = ['--nodes', '3', '--clients', '6', '--keys', '2', '--rate', '400/s'];

async function run(workload: string, seed: string, ...flags: readonly string[]): Promise<RunResult> {
  const args = ['run', '--out', results.path, ...CALM, '--workload', workload, ...SMALL, ...flags, '--json'];
  const { stdout, stderr } = await stalemate([...args, '--seed', seed]);
  expect(stdout, stderr).not.toBe('');
  return JSON.parse(stdout) as RunResult;
}

function historyOf({ run: name }: RunResult): readonly HistoryLine[] {
  const text = readFileSync(join(results.path, name, 'history.jsonl'), 'utf8').trimEnd();
  return text.split('\n').map((line) => JSON.parse(line) as HistoryLine);
}

test.each(NAMES)('%s passes under every kind of fault', async (workload) => {
  const result = await run(workload, 'workloads', '--faults', 'pause,kill,partition', '--time', '5s');
  const { verdict, reason, exit, reads } = result;
  const sentences = result.anomalies.map(({ sentence }) => sentence);
  expect({ verdict, reason, exit, sentences }).toEqual({
    verdict: 'linearizable',
    reason: null,
    exit: 0,
    sentences: [],
  });
  expect(reads).toBe(hasReads(findWorkload(workload)) ? 'read-index' : 'log');
  expect(result.ops.okDuringFaults).toBeGreaterThan(0);
  const page = readFileSync(join(results.path, result.run, 'report.html'), 'utf8');
  expect(page).toMatch(/<title>✓/);
  expect(page).not.toMatch(/in 0 reads/);
  expect(processesNaming(results.path)).toEqual([]);
});

test.each(NAMES.filter((name) => hasReads(findWorkload(name))))('local reads of %s are caught', async (workload) => {
  const endMs = performance.now() + 60_000;
  for (let seed = 1; performance.now() < endMs; seed++) {
    const result = await run(workload, `local-${seed}`, '--reads', 'local', '--faults', 'partition', '--time', '4s');
    expect(result.exit, result.reason ?? '').not.toBe(255);
    if (result.verdict !== 'not-linearizable') continue;
    const culprit = historyOf(result).find(({ index }) => index === result.anomalies[0]!.operation)!;
    expect(isRead(findWorkload(workload), culprit)).toBe(true);
    return;
  }
  throw new Error('no violation within 60 s');
});

test('a workload without reads refuses a way of reading, and an unknown one is named', async () => {
  const local = await stalemate(['run', '--workload', 'lock', '--reads', 'local', '--out', results.path]);
  expect(local.exitCode).toBe(254);
  expect(local.stderr).toContain('--reads local: the workload lock has no reads');
  const unknown = await stalemate(['run', '--workload', 'queu', '--out', results.path]);
  expect(unknown.exitCode).toBe(254);
  expect(unknown.stderr).toContain('did you mean queue?');
});
