/** `run --plan`: one plan, for a mutant and for the correct node, and again from the folder that it left. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { RunFile, RunResult } from '../../src/contract/index.ts';
import { resultsFolder, stalemate } from './program.ts';

let results: ReturnType<typeof resultsFolder>;
beforeEach(() => {
  results = resultsFolder();
});
afterEach(() => {
  results.remove();
});

const M30 = new URL('../accept/plans/M30.json', import.meta.url).pathname;

async function run(
  command: 'run' | 'sim',
  ...args: readonly string[]
): Promise<{ readonly result: RunResult; readonly run: RunFile }> {
  const { stdout, stderr, exitCode } = await stalemate([command, '--out', results.path, '--json', '--quiet', ...args]);
  expect(stdout, stderr).not.toBe('');
  const result = JSON.parse(stdout) as RunResult;
  expect(exitCode).toBe(result.exit);
  const file = readFileSync(join(results.path, result.run, 'run.json'), 'utf8');
  return { result, run: JSON.parse(file) as RunFile };
}

test('the plan of M30 shows M30, and the correct node passes when the run is repeated with it', async () => {
  const mutant = await run('run', '--plan', M30, '--expect', 'violation');
  expect(mutant.result).toMatchObject({ verdict: 'not-linearizable', exit: 0 });
  expect(mutant.result.anomalies.map((it) => it.class)).toContain('stale-read');
  const folder = join(results.path, mutant.result.run);
  expect(mutant.run.command).toMatch(
    new RegExp(`^npx stalemate run --plan \\S*${mutant.result.run} --expect violation$`),
  );

  const correct = await run('run', '--plan', folder, '--mutant', 'none', '--seed', 'another');
  expect(correct.result).toMatchObject({ verdict: 'linearizable', reason: null, exit: 0 });
  expect(correct.run.plan).toEqual({ ...mutant.run.plan, mutant: null, seed: 'another' });
});

test('sim plays the plan of real processes, for the node and with the seed that are given', async () => {
  const mutant = await run('sim', '--plan', M30, '--expect', 'violation');
  expect(mutant.result).toMatchObject({ verdict: 'not-linearizable', exit: 0 });
  expect(mutant.run.command).toMatch(
    new RegExp(`^npx stalemate sim --plan \\S*${mutant.result.run} --expect violation$`),
  );
  const correct = await run('sim', '--plan', M30, '--mutant', 'none', '--seed', 'another');
  expect(correct.result).toMatchObject({ verdict: 'linearizable', reason: null, exit: 0 });
  expect(correct.run.plan).toMatchObject({ mutant: null, seed: 'another', electionTimeoutMs: [300, 1500] });
});
