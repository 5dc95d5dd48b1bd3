/** The guard kills what was registered, stopped or not, when its controller dies; and nobody else. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, expect, test } from 'vitest';
import { startGuard } from '../../src/cluster/guard.ts';
import { isAlive, processState } from '../../src/cluster/process-state.ts';
import { poll } from '../../src/cluster/waiting.ts';

const programs = new URL('../programs/', import.meta.url).pathname;
const children: ChildProcess[] = [];

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

/** Starts a program and resolves with its process, pid, start time and first line. */
async function launch(
  ...args: string[]
): Promise<{ child: ChildProcess; pid: number; startTime: string; line: string }> {
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  const [line] = (await once(child.stdout!, 'data')) as [Buffer];
  return { child, pid: child.pid!, startTime: processState(child.pid!)!.startTime, line: line.toString().trim() };
}

const launchVictim = (): ReturnType<typeof launch> => launch(`${programs}never-ends.mjs`);
const launchController = (...args: string[]): ReturnType<typeof launch> =>
  launch('--import', 'tsx', `${programs}guarded.ts`, ...args);

async function gone(pid: number, startTime: string): Promise<boolean> {
  return (await poll(() => (isAlive(pid, startTime) ? undefined : true), { everyMs: 10, timeoutMs: 5000 })) ?? false;
}

test('a stopped process dies with a controller that was killed by SIGKILL', async () => {
  const victim = await launchVictim();
  const controller = await launchController(String(victim.pid));
  process.kill(victim.pid, 'SIGSTOP');
  const stopped = await poll(() => (processState(victim.pid)?.code === 'T' ? true : undefined), {
    everyMs: 5,
    timeoutMs: 5000,
  });
  expect(stopped).toBe(true);
  const guard = processState(Number(controller.line))!;

  controller.child.kill('SIGKILL');

  expect(await gone(victim.pid, victim.startTime)).toBe(true);
  expect(await gone(Number(controller.line), guard.startTime)).toBe(true);
});

test.each([
  ['in its process group', ''],
  ['in a session of its own, as servers of PostgreSQL do', 'setsid '],
])('with a shell dies what it runs %s, stopped or not', async (_where, prefix) => {
  const command = `${prefix}${process.execPath} ${programs}never-ends.mjs & echo $!; wait`;
  const shell = spawn('/bin/sh', ['-c', command], { detached: true, stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(shell);
  const [line] = (await once(shell.stdout!, 'data')) as [Buffer];
  const child = Number.parseInt(line.toString(), 10);
  const { startTime } = processState(child)!;
  process.kill(child, 'SIGSTOP');
  const guard = startGuard();
  guard.add(shell.pid!, processState(shell.pid!)!.startTime);
  try {
    await guard.stop();
    expect(await gone(child, startTime)).toBe(true);
  } finally {
    if (isAlive(child, startTime)) process.kill(child, 'SIGKILL');
  }
});

test('a process that got the pid of a registered one is left alone', async () => {
  const [registered, bystander] = [await launchVictim(), await launchVictim()];
  const guard = startGuard();
  guard.add(bystander.pid, `${bystander.startTime}9`);
  guard.add(registered.pid, registered.startTime);

  await guard.stop();

  expect(await gone(registered.pid, registered.startTime)).toBe(true);
  expect(isAlive(bystander.pid, bystander.startTime)).toBe(true);
});

test('a process that was taken off the list is left alone', async () => {
  const [victim, released] = [await launchVictim(), await launchVictim()];
  const guard = startGuard();
  guard.add(victim.pid, victim.startTime);
  guard.add(released.pid, released.startTime);
  guard.remove(released.pid);

  await guard.stop();

  expect(await gone(victim.pid, victim.startTime)).toBe(true);
  expect(isAlive(released.pid, released.startTime)).toBe(true);
});

test('the guard is in no process group of its controller, so Ctrl-C does not reach it', async () => {
  const guard = startGuard();
  // Signal 0 to a group asks whether there is one of that number: the guard leads its own.
  expect(() => process.kill(-guard.pid, 0)).not.toThrow();
  await guard.stop();
});
