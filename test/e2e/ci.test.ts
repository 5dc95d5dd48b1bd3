/** A single run on a CI server: JUnit and a summary beside its report, and the server told where it says that it listens. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { commandLine, onlyRun, resultOf, resultsFolder } from './program.ts';

let folder: ReturnType<typeof resultsFolder>;
beforeAll(() => {
  folder = resultsFolder();
});
afterAll(() => {
  folder.remove();
});

const STALE = ['--reads', 'local', '--faults', 'partition', '--rate', '300/s', '--time', '8s', '--seed', 'ci'];

/** A simulated run on a runner of GitHub's: what it said, its folder, and the step summary. */
async function onRunner(name: string, args: readonly string[]) {
  const out = join(folder.path, name);
  const step = join(folder.path, `${name}.md`);
  writeFileSync(step, 'before\n');
  const [program, ...words] = commandLine('sim', '--nodes', '3', '--clients', '4', ...args, '--out', out);
  const { stdout, exitCode } = await execa(program, words, {
    reject: false,
    env: { CI: '1', GITHUB_ACTIONS: 'true', GITHUB_STEP_SUMMARY: step },
  });
  const read = (file: string): string => readFileSync(join(onlyRun(out), file), 'utf8');
  return { exitCode, stdout, result: resultOf(onlyRun(out)), read, step: readFileSync(step, 'utf8') };
}

/** As a reader of Markdown sees it. */
const plain = (markdown: string): string => markdown.replaceAll(/\\([^\w\s])/g, '$1');

test('a violation that nobody expected fails its testcase, and the same sentence stands everywhere', async () => {
  const { exitCode, stdout, result, read, step } = await onRunner('stale', STALE);
  expect(exitCode).toBe(1);
  const { sentence } = result.anomalies[0]!;
  const xml = read('junit.xml');
  expect(xml).toMatch(/<testsuites name="[^"]*" tests="1" failures="1" errors="0"/);
  expect(xml).toContain(`<failure type="stale-read" message="${sentence}">`);
  expect(plain(read('summary.md'))).toContain(`> ${sentence}\n`);
  expect(read('summary.md')).toMatch(/^## ✕ Not linearizable: /);
  expect(read('summary.md')).toContain(`\`${result.command}\``);
  expect(step).toBe(`before\n${read('summary.md')}\n`);
  expect(stdout.replaceAll(/\s+/g, ' ')).toContain(sentence);
  expect(stdout.split('\n').filter((line) => line.startsWith('::'))).toEqual([
    `::error title=Not linearizable%3A raft local × partition::${sentence} Again: ${result.command}`,
  ]);
}, 60_000);

test('one that was expected passes, with the sentence; where none came although one was, it fails', async () => {
  const caught = await onRunner('caught', [...STALE, '--expect', 'violation']);
  expect(caught.exitCode).toBe(0);
  expect(caught.read('junit.xml')).toMatch(/tests="2" failures="0" errors="0".*<system-out>violation as declared: /s);
  expect(caught.stdout).not.toMatch(/^::/m);
  const missed = await onRunner('missed', [...STALE, '--reads', 'log', '--expect', 'violation'].slice(2));
  expect(missed.exitCode).toBe(1);
  expect(missed.read('junit.xml')).toMatch(/tests="2" failures="1".*<failure type="nothing-found"/s);
  expect(missed.stdout).toMatch(/^::error title=Nothing found%3A raft log × partition::/m);
}, 60_000);

test('one that proves nothing is an error, not a pass', async () => {
  const { exitCode, stdout, read, result } = await onRunner('vacuous', [
    '--time',
    '1s',
    '--rate',
    '5/s',
    '--faults',
    'none',
  ]);
  expect(exitCode).toBe(2);
  expect(read('junit.xml')).toMatch(/tests="1" failures="0" errors="1".*<error type="unknown" message="vacuous: /s);
  expect(plain(read('summary.md'))).toContain(`## ? Unknown: ${result.reason}`);
  expect(stdout).toMatch(/^::warning title=Unknown%3A raft read-index × none::vacuous: /m);
}, 60_000);

test('the runs of a campaign tell nothing by themselves', async () => {
  const file = join(folder.path, 'two.json');
  writeFileSync(file, JSON.stringify({ name: 'two', world: 'simulator', nodes: 3, time: '4s', seeds: 2 }));
  const step = join(folder.path, 'campaign.md');
  const [program, ...words] = commandLine('campaign', file, '--out', join(folder.path, 'campaign'));
  await execa(program, words, { env: { CI: '1', GITHUB_ACTIONS: 'true', GITHUB_STEP_SUMMARY: step } });
  expect(existsSync(step)).toBe(true);
  expect(readFileSync(step, 'utf8').match(/^## /gm)).toHaveLength(1);
}, 60_000);
