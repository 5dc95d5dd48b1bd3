/**
 * Every workload on real nodes, each for a few seconds: what the correct cluster answers under pauses, kills and partitions is
 * linearizable by the workload's model, and a read that a node answers from what it has applied is caught. Two clusters at a
 * time, at a rate that two busy cores can keep.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { HistoryLine, RunResult } from '../../src/contract/index.ts';
import { findWorkload, hasReads, isRead, workloads } from '../../workloads/index.ts';
import { CALM, processesNaming, resultsFolder, stalemate } from './program.ts';

/** Those that `run.test.ts` has not. */
const NAMES = workloads.map(({ name }) => name).filter((name) => !name.endsWith('register'));
const WITH_READS = NAMES.filter((name) => hasReads(findWorkload(name)));
const WITHOUT = NAMES.filter((name) => !WITH_READS.includes(name));

let results: ReturnType<typeof resultsFolder>;
beforeEach(() => {
  results = resultsFolder();
});
afterEach(() => {
  results.remove();
});

const SMALL = ['--nodes', '3', '--clients', '6', '--keys', '2', '--rate', '300/s'];

async function run(workload: string, seed: string, ...flags: readonly string[]): Promise<RunResult> {
  const args = ['run', '--out', results.path, ...CALM, '--workload', workload, ...SMALL, ...flags, '--json'];
  const { stdout, stderr } = await stalemate([...args, '--seed', seed]);
  expect(stdout, stderr).not.toBe('');
  return JSON.parse(stdout) as RunResult;
}

async function passes(workload: string): Promise<void> {
  // Long enough that a node that was killed is back when the next fault looks for it.
  const result = await run(workload, 'safe', '--faults', 'pause,kill,partition', '--time', '12s');
  const { verdict, reason, exit, reads } = result;
  const sentences = result.anomalies.map(({ sentence }) => sentence);
  expect({ workload, verdict, reason, exit, sentences }).toEqual({
    workload,
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
}

/** Runs with one seed after the other until local reads were caught; gives up after 60 s. */
async function isCaught(workload: string): Promise<void> {
  const endMs = performance.now() + 60_000;
  for (let seed = 1; performance.now() < endMs; seed++) {
    const result = await run(workload, `local-${seed}`, '--reads', 'local', '--faults', 'partition', '--time', '4s');
    if (result.verdict !== 'not-linearizable') continue;
    expect(result.exit).toBe(1);
    const text = readFileSync(join(results.path, result.run, 'history.jsonl'), 'utf8').trimEnd();
    const history = text.split('\n').map((line) => JSON.parse(line) as HistoryLine);
    const culprit = history.find(({ index }) => index === result.anomalies[0]!.operation)!;
    expect(isRead(findWorkload(workload), culprit)).toBe(true);
    return;
  }
  throw new Error(`no violation of ${workload} within 60 s`);
}

test.each(WITH_READS)('%s passes under every kind of fault, and its local reads are caught', async (workload) => {
  await Promise.all([passes(workload), isCaught(workload)]);
  expect(processesNaming(results.path)).toEqual([]);
});

test(`${WITHOUT.join(' and ')} pass under every kind of fault`, async () => {
  expect(WITHOUT.length).toBe(2);
  await Promise.all(WITHOUT.map((workload) => passes(workload)));
  expect(processesNaming(results.path)).toEqual([]);
});

test('a workload without reads refuses a way of reading, and an unknown one is named', async () => {
  const local = await stalemate(['run', '--workload', 'lock', '--reads', 'local', '--out', results.path]);
  expect(local.exitCode).toBe(254);
  expect(local.stderr).toContain('--reads local: the workload lock has no reads');
  const unknown = await stalemate(['run', '--workload', 'queu', '--out', results.path]);
  expect(unknown.exitCode).toBe(254);
  expect(unknown.stderr).toContain('did you mean queue?');
});
