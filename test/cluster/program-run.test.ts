/** Programs that are not ours, on real processes: what they start is stopped and killed with them, and nobody is told of an end that was asked for. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startGuard, type Guard } from '../../src/cluster/guard.ts';
import { processState } from '../../src/cluster/process-state.ts';
import { ProgramRun } from '../../src/cluster/program-run.ts';
import { poll } from '../../src/cluster/waiting.ts';

const FAMILY = new URL('../programs/family.mjs', import.meta.url).pathname;

let folder: string;
let guard: Guard;
let crashes: { readonly how: string; readonly output: string }[];
const runs: ProgramRun[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'stalemate-program-'));
  guard = startGuard();
  crashes = [];
});
afterEach(async () => {
  for (const run of runs.splice(0)) await run.kill();
  await guard.stop();
  rmSync(folder, { recursive: true });
});

function start(...args: readonly string[]): ProgramRun {
  const run = new ProgramRun({
    launch: { name: 'program', file: process.execPath, args },
    cwd: folder,
    outputPath: join(folder, 'output.log'),
    guard,
    onCrash: (crash) => crashes.push(crash),
  });
  runs.push(run);
  return run;
}

/** A program with a child in a session of its own, and the child's number. */
async function family(): Promise<{ readonly run: ProgramRun; readonly child: number }> {
  const run = start(FAMILY);
  const child = await poll(() => /child (\d+)/.exec(readFileSync(join(folder, 'output.log'), 'utf8'))?.[1], {
    everyMs: 10,
    timeoutMs: 10_000,
  });
  return { run, child: Number(child) };
}

const stateOf = (pid: number) => processState(pid)?.code;

test('all that it started stops with it, and goes on with it', async () => {
  const { run, child } = await family();
  expect(await run.pause()).toBe(true);
  expect([stateOf(run.root.pid), stateOf(child)]).toEqual(['T', 'T']);
  expect(run.isStopped()).toBe(true);
  // Somebody lets one of them go on: then it is not as it was said to be.
  process.kill(child, 'SIGCONT');
  expect(await poll(() => stateOf(child) !== 'T' || undefined, { everyMs: 5, timeoutMs: 5000 })).toBe(true);
  expect(run.isStopped()).toBe(false);
  await run.resume();
  expect(stateOf(run.root.pid)).not.toBe('T');
});

test('a child that ends while its parent is stopped, and is not heard of, runs no more', async () => {
  const { run, child } = await family();
  process.kill(run.root.pid, 'SIGSTOP');
  expect(await poll(() => stateOf(run.root.pid) === 'T' || undefined, { everyMs: 5, timeoutMs: 5000 })).toBe(true);
  process.kill(child, 'SIGTERM');
  expect(await poll(() => stateOf(child) === 'Z' || undefined, { everyMs: 5, timeoutMs: 5000 })).toBe(true);
  expect(await run.pause()).toBe(true);
  expect(run.isStopped()).toBe(true);
});

test('all that it started dies with it, even stopped, and that is no crash', async () => {
  const { run, child } = await family();
  await run.pause();
  await run.kill();
  // Nobody may have waited for it yet: then it is a zombie, which runs no more.
  expect([stateOf(run.root.pid), ['Z', undefined].includes(stateOf(child))]).toEqual([undefined, true]);
  expect({ isGone: run.isGone, crashes }).toEqual({ isGone: true, crashes: [] });
});

test('one that ends by itself is told, with what it printed last', async () => {
  start('-e', 'console.error("no such disk"); process.exit(3)');
  expect(await poll(() => crashes[0], { everyMs: 10, timeoutMs: 10_000 })).toEqual({
    how: 'exit code 3',
    output: 'no such disk',
  });
});

test('what one leaves behind that ended by itself ends too', async () => {
  const orphan = `require('node:child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' })`;
  start('-e', `console.log('child ' + ${orphan}.pid); process.exit(3)`);
  const crash = await poll(() => crashes[0], { everyMs: 10, timeoutMs: 10_000 });
  const child = Number(/child (\d+)/.exec(crash!.output)![1]);
  const isGone = (): true | undefined => (['Z', undefined].includes(stateOf(child)) ? true : undefined);
  try {
    expect(await poll(isGone, { everyMs: 5, timeoutMs: 5000 })).toBe(true);
  } finally {
    if (isGone() === undefined) process.kill(child, 'SIGKILL');
  }
});

test('one that is not there is told at once', () => {
  const launch = { name: 'nothing', file: join(folder, 'nothing'), args: [] };
  const outputPath = join(folder, 'output.log');
  expect(() => new ProgramRun({ launch, cwd: folder, outputPath, guard, onCrash: () => {} })).toThrow(
    /nothing could not be started/,
  );
});
