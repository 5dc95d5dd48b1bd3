/** How a run ends when it does not end by itself: Ctrl-C once, Ctrl-C twice, under npm, and by kill -9. Nothing may be left over. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  CALM,
  commandLine,
  onlyRun,
  processesNaming,
  resultOf,
  resultsFolder,
  stalemate,
  startInGroup,
  until,
} from './program.ts';

let results: ReturnType<typeof resultsFolder>;
beforeEach(() => {
  results = resultsFolder();
});
afterEach(() => {
  for (const { pid } of processesNaming(results.path)) process.kill(pid, 'SIGKILL');
  results.remove();
});

const LONG = [
  '--nodes',
  '3',
  '--clients',
  '6',
  '--time',
  '60s',
  '--faults',
  'pause',
  '--seed',
  'ending',
  ...CALM,
] as const;

test('Ctrl-C heals the faults, checks and writes what there is, and exits 130', async () => {
  const program = startInGroup(commandLine('run', '--out', results.path, ...LONG));
  await untilANodeIsStopped();
  process.kill(-program.pid!, 'SIGINT');
  expect((await program).exitCode).toBe(130);
  expectAPartialRun();
});

test('Ctrl-C under npm start, where the signal comes twice, does the same', async () => {
  const program = startInGroup(['npm', 'start', '--', '--out', results.path, ...LONG]);
  await untilANodeIsStopped();
  process.kill(-program.pid!, 'SIGINT');
  // npm ends by the signal itself; a shell calls that 130 too.
  const { exitCode, signal } = await program;
  expect(exitCode ?? signal).toSatisfy((it) => it === 130 || it === 'SIGINT');
  await until('the partial run', 20_000, () => existsSync(join(onlyRun(results.path), 'report.html')));
  await until('the nodes to be gone', 5_000, () => processesNaming(results.path).length === 0);
  expectAPartialRun();
});

test('a second Ctrl-C ends it at once, and nothing is left over', async () => {
  const program = startInGroup(commandLine('run', '--out', results.path, ...LONG));
  await untilANodeIsStopped();
  process.kill(-program.pid!, 'SIGINT');
  await new Promise((resolve) => setTimeout(resolve, 250)); // A person's second key press, not npm's echo of the first.
  if (program.exitCode === null) process.kill(-program.pid!, 'SIGINT');
  expect((await program).exitCode).toBe(130);
  await until('the nodes to be gone', 5_000, () => processesNaming(results.path).length === 0);
});

test('kill -9 of the controller while a node is stopped leaves no node, and the recorded history is still decided', async () => {
  const program = startInGroup(commandLine('run', '--out', results.path, ...LONG));
  await untilANodeIsStopped();
  program.kill('SIGKILL');
  await program;
  await until('the nodes to be gone', 5_000, () => processesNaming(results.path).length === 0);
  const { exitCode, stdout } = await stalemate(['check', join(results.path, 'latest', 'history.jsonl'), '--json']);
  const verdict = JSON.parse(stdout) as { verdict: string; operations: number };
  expect({ exitCode, verdict: verdict.verdict }).toEqual({ exitCode: 0, verdict: 'ok' });
  expect(verdict.operations).toBeGreaterThan(10);
});

/** The kernel says that a node is stopped, and clients have got somewhere. */
async function untilANodeIsStopped(): Promise<void> {
  await until('a stopped node', 30_000, () => processesNaming(results.path).some(({ state }) => state === 'T'));
  const history = join(results.path, 'latest', 'history.jsonl');
  await until('a recorded history', 10_000, () => existsSync(history) && readFileSync(history, 'utf8').length > 10_000);
}

function expectAPartialRun(): void {
  const run = onlyRun(results.path);
  expect(resultOf(run)).toMatchObject({ interrupted: true, exit: 130, anomalies: [] });
  const faults = readFileSync(join(run, 'faults.jsonl'), 'utf8');
  expect(faults.match(/"event":"heal"/g)?.length).toBe(faults.match(/"event":"inject"/g)?.length);
  expect(processesNaming(results.path)).toEqual([]);
}

test('a full disk is a failure of the tool, never a verdict, and leaves no node', async () => {
  const command = commandLine(
    'run',
    '--out',
    results.path,
    '--nodes',
    '1',
    '--clients',
    '2',
    '--faults',
    'none',
    ...CALM,
  );
  // A limit on the size of files, in blocks of 512 bytes: the history meets it within a second or two.
  const program = startInGroup(['sh', '-c', 'ulimit -f 300; exec "$@"', 'sh', ...command]);
  expect((await program).exitCode).toBe(255);
  await until('the nodes to be gone', 5_000, () => processesNaming(results.path).length === 0);
});
