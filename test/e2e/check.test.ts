/** `stalemate check` on files, on several, and on standard input. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { commandLine, resultsFolder, stalemate, startInGroup } from './program.ts';

const HISTORIES = new URL('../checker/histories', import.meta.url).pathname;
const GOOD = join(HISTORIES, 'good-crashed-chain-of-compare-and-sets.jsonl');
const BAD = join(HISTORIES, 'bad-compare-and-set-after-overwrite.jsonl');

test('a good file is ok and a bad one a violation; of both the worst decides', async () => {
  expect((await stalemate(['check', GOOD])).exitCode).toBe(0);
  expect((await stalemate(['check', BAD])).exitCode).toBe(1);
  const both = await stalemate(['check', GOOD, BAD, '--json']);
  expect(both.exitCode).toBe(1);
  const document = JSON.parse(both.stdout) as { verdict: string; files: { verdict: string }[] };
  expect([document.verdict, ...document.files.map(({ verdict }) => verdict)]).toEqual(['violation', 'ok', 'violation']);
});

test('- is standard input', async () => {
  const { exitCode, stdout } = await stalemate(['check', '-', '--json'], readFileSync(BAD, 'utf8'));
  expect(exitCode).toBe(1);
  expect(JSON.parse(stdout)).toMatchObject({ verdict: 'violation' });
  const broken = await stalemate(['check', '-'], 'nonsense\n');
  expect(broken).toMatchObject({ exitCode: 254, stderr: expect.stringMatching(/standard input:1: /) as string });
});

test('standard input may come later than the program', async () => {
  const program = startInGroup(commandLine('check', '-', '--json'), 'pipe');
  // Long after the program began to read; a pipe that is empty by then is no end of file.
  setTimeout(() => program.stdin!.end(readFileSync(BAD)), 1000);
  expect((await program).exitCode).toBe(1);
});

test('the shortest history of a violation, written by --minimal, is a violation again, and --report draws a page', async () => {
  const folder = resultsFolder();
  try {
    const [minimal, report] = [join(folder.path, 'minimal.jsonl'), join(folder.path, 'report.html')];
    await stalemate(['check', BAD, '--minimal', minimal, '--report', report]);
    expect((await stalemate(['check', minimal])).exitCode).toBe(1);
    const page = readFileSync(report, 'utf8');
    expect(page).toMatch(/<title>✕[^<]* · stalemate<\/title>/);
    expect(page).not.toContain('Â');
  } finally {
    folder.remove();
  }
});

test('a step budget that runs out is unknown: exit 2', async () => {
  // Two of its writes have the same value, so that only the search can decide it.
  const hard = GOOD.replace(/[^/]+$/, 'good-crashed-write-of-the-present-value-hides-another.jsonl');
  const { exitCode, stdout } = await stalemate(['check', hard, '--max-steps', '1', '--json']);
  expect({ exitCode, verdict: (JSON.parse(stdout) as { verdict: string }).verdict }).toEqual({
    exitCode: 2,
    verdict: 'unknown',
  });
});
