/**
 * Namespaces for nodes that are not ours, each held by a process: it goes with that one, and all that was made in it. The guard ends the holder with
 * the controller, so that nothing of it stays.
 */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { StalemateError } from '../base/errors.ts';
import type { Guard } from './guard.ts';
import { processState } from './process-state.ts';
import { within } from './waiting.ts';

/** With the folders where Debian keeps the programs of administrators, which a user's PATH leaves out. */
export const ADMIN_ENVIRONMENT: Readonly<Record<string, string>> = {
  PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`,
};

/** Says that it is there, and lives on. */
export const LIVES_ON: readonly string[] = ['sh', '-c', 'echo ready; exec sleep infinity'];

const READY_WITHIN_MS = 10_000;

/** A process that holds namespaces. */
export interface Holder {
  readonly pid: number;
  /** Ends it, and resolves when it is gone. */
  stop(): Promise<void>;
}

/**
 * Starts a program that prints something once it is ready, and waits for that.
 * Throws a StalemateError where it ends before, or says nothing for ten seconds; it is gone then.
 */
export async function hold(
  [file, ...args]: readonly [string, ...string[]],
  { guard, cwd }: { readonly guard: Guard; readonly cwd?: string },
): Promise<Holder> {
  const child = spawn(file, args, {
    detached: true,
    stdio: ['ignore', 'pipe', 'ignore'],
    env: ADMIN_ENVIRONMENT,
    ...(cwd !== undefined && { cwd }),
  });
  // A program that cannot be started has no pid, and says so again in a moment.
  child.once('error', () => {});
  const { pid } = child;
  const startTime = pid === undefined ? undefined : processState(pid)?.startTime;
  if (pid === undefined || startTime === undefined) throw new StalemateError('failed', `${file} did not start`);
  guard.add(pid, startTime);
  const exited = new Promise<null>((resolve) => child.once('exit', () => resolve(null)));
  const stop = async (): Promise<void> => {
    child.kill('SIGKILL');
    await exited;
    guard.remove(pid);
  };
  const said = await within(Promise.race([once(child.stdout, 'data'), exited]), READY_WITHIN_MS);
  if (said !== undefined && said !== null) return { pid, stop };
  await stop();
  throw new StalemateError('failed', `${file} ${args.join(' ')}: no namespace could be made`);
}

/**
 * Runs a program to its end, with that on its standard input, and gives what it printed. Rejects with a StalemateError that begins with `about`
 * where it fails.
 */
export function runToEnd(
  [file, ...args]: readonly [string, ...string[]],
  { about, input = '' }: { readonly about: string; readonly input?: string },
): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = execFile(file, args, { env: ADMIN_ENVIRONMENT, maxBuffer: 1 << 26 }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(new StalemateError('failed', `${about}: ${stderr.trim().split('\n')[0] || error.message}`));
    });
    // Not every program reads what it is given.
    child.stdin?.on('error', () => {});
    child.stdin?.end(input);
  });
}
