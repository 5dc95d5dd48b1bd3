/** Starts the built program as a user would, in a folder of its own, and finds what it left running. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa, type Options, type ResultPromise } from 'execa';
import type { RunResult } from '../../src/contract/index.ts';

const ROOT: string = new URL('../..', import.meta.url).pathname;
const LAUNCHER: string = join(ROOT, 'src/cli/stalemate.cjs');

/** Slow enough elections for two busy cores. */
export const CALM: readonly string[] = ['--election-timeout', '500ms-1s'];

/** What a finished program said. */
export interface Finished {
  readonly exitCode: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs to the end. */
export async function stalemate(args: readonly string[], input?: string): Promise<Finished> {
  const { exitCode, stdout, stderr } = await execa(process.execPath, [LAUNCHER, ...args], {
    reject: false,
    cwd: ROOT,
    env: { CI: '1' },
    ...(input === undefined ? { stdin: 'ignore' } : { input }),
  });
  return { exitCode, stdout, stderr };
}

/** Starts it as the leader of a process group, as a shell does, so that a test can press Ctrl-C. */
export function startInGroup(
  command: readonly [string, ...string[]],
  stdin: 'ignore' | 'pipe' = 'ignore',
): ResultPromise {
  const [file, ...args] = command;
  const options: Options = { reject: false, cwd: ROOT, detached: true, stdin, env: { CI: '1' } };
  return execa(file, args, options);
}

/** The command line of the program itself, for `startInGroup`. */
export function commandLine(...args: readonly string[]): [string, ...string[]] {
  return [process.execPath, LAUNCHER, ...args];
}

/** A folder for results outside the repository, removed by `remove`. */
export function resultsFolder(): { readonly path: string; readonly remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), 'stalemate-test-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** The only run in a results folder. */
export function onlyRun(results: string): string {
  const runs = readdirSync(results).filter((name) => name !== 'latest');
  if (runs.length !== 1) throw new Error(`${runs.length} runs in ${results}`);
  return join(results, runs[0]!);
}

/** result.json of a run's folder. */
export function resultOf(run: string): RunResult {
  return JSON.parse(readFileSync(join(run, 'result.json'), 'utf8')) as RunResult;
}

/** Pids, and states as the kernel tells them, of the processes whose command line names `path`: nodes of the runs below it. */
export function processesNaming(path: string): readonly { readonly pid: number; readonly state: string }[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        if (!readFileSync(`/proc/${name}/cmdline`, 'utf8').includes(path)) return [];
        const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
        return [{ pid: Number(name), state: stat.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3) }];
      } catch {
        return []; // It ended while we looked.
      }
    })
    .filter(({ state }) => state !== 'Z');
}

/** Waits until `seen` answers something, asking every 20 ms; throws with `what` after `limitMs`. */
export async function until<T>(what: string, limitMs: number, seen: () => T | undefined | false): Promise<T> {
  const endMs = performance.now() + limitMs;
  for (;;) {
    const value = seen();
    if (value !== undefined && value !== false) return value;
    if (performance.now() > endMs) throw new Error(`waited ${limitMs} ms for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
