/**
 * Fsyncs of programs that are not ours, late or in vain: strace is attached to all processes of a node and changes what the kernel does for them. It
 * stops them at every system call for that, so a node is slower all over while it lasts. When it ends, or is killed, they go on as before.
 */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { StalemateError } from '../base/errors.ts';
import type { Injury } from '../contract/fault.ts';
import { injury } from '../faults/index.ts';
import type { ForeignNode } from './foreign-node.ts';
import type { Guard } from './guard.ts';
import { processState } from './process-state.ts';
import { poll, within } from './waiting.ts';

const ATTACH_WITHIN_MS = 5000;
const DETACH_WITHIN_MS = 5000;
const ENDS_WITHIN_MS = 500;
const STRACE = 'strace';
const CALLS = 'fsync,fdatasync';
const ATTACHED = /^strace: Process \d+ attached/m;

let canTrace: boolean | undefined;

/** Whether strace is here and may be attached to what others started: tried once, with a process of its own. */
export function canTraceSyncs(): boolean {
  canTrace ??= process.platform === 'linux' && triesToTrace();
  return canTrace;
}

/** `timeout` says 124 where strace was still attached when its time was over; one that may not attach ends before, by itself. */
function triesToTrace(): boolean {
  const script = `sleep 5 & timeout -s INT 0.3 strace -o /dev/null -e inject=fsync:error=EIO -p $!; code=$?; kill $!; exit $code`;
  return spawnSync('/bin/sh', ['-c', script], { stdio: 'ignore', timeout: 5000 }).status === 124;
}

/** Where it is done: with which guard, and the folder of the node for what strace writes. */
export interface TraceWorld {
  readonly guard: Guard;
  readonly folder: string;
}

/** Every fsync of the node takes longer. */
export async function slowSyncs(node: ForeignNode, syncDelayMs: number, world: TraceWorld): Promise<Injury> {
  const trace = await attach(node, `delay_exit=${syncDelayMs * 1000}`, world);
  return injury([node.id], `every fsync takes ${syncDelayMs} ms longer`, async () => {
    const slow = await trace.stop('DELAYED');
    return { effective: slow > 0, evidence: `${slow} fsyncs took ${syncDelayMs} ms longer` };
  });
}

/** The next fsync of each thread fails. Whether the node ends then is for it to decide; one that did starts again in the end. */
export async function failSyncs(node: ForeignNode, world: TraceWorld): Promise<Injury> {
  node.expectEnd(true);
  const trace = await attach(node, 'error=EIO:when=1', world).catch((error: unknown) => {
    node.expectEnd(false);
    throw error;
  });
  return injury([node.id], 'the next fsync of each thread fails', async () => {
    const failed = await trace.stop('INJECTED');
    // One that takes a moment to end is no crash a moment later.
    const gone = (): true | undefined => node.isGone() || undefined;
    const hasEnded = failed > 0 && (await poll(gone, { everyMs: 20, timeoutMs: ENDS_WITHIN_MS })) === true;
    node.expectEnd(false);
    if (hasEnded) node.start();
    const then = hasEnded ? 'the node ended, and runs again' : 'the node went on';
    return { effective: failed > 0, evidence: `${failed} fsyncs failed; ${then}` };
  });
}

const traced = new WeakSet<ForeignNode>();

interface Trace {
  /** Detaches, and says how many calls were marked by that word. */
  readonly stop: (mark: string) => Promise<number>;
}

async function attach(node: ForeignNode, what: string, { guard, folder }: TraceWorld): Promise<Trace> {
  if (node.state !== 'running') throw new StalemateError('failed', `${node.id} is already ${node.state}`);
  // The kernel allows no second one, whose log would be that of the first.
  if (traced.has(node)) throw new StalemateError('failed', `fsyncs of ${node.id} are disturbed already`);
  const log = join(folder, 'fsyncs.log');
  rmSync(log, { force: true });
  const targets = node.allPids().flatMap((pid) => ['-p', String(pid)]);
  const args = ['-f', '-o', log, '-e', `trace=${CALLS}`, '-e', `inject=${CALLS}:${what}`, ...targets];
  const child = spawn(STRACE, args, { stdio: ['ignore', 'ignore', 'pipe'], detached: true });
  traced.add(node);
  const exited = once(child, 'exit').catch(() => []);
  const stop = async (mark: string): Promise<number> => {
    child.kill('SIGINT');
    if ((await within(exited, DETACH_WITHIN_MS)) === undefined) child.kill('SIGKILL');
    await exited;
    traced.delete(node);
    if (child.pid !== undefined) guard.remove(child.pid);
    return existsSync(log) ? readFileSync(log, 'utf8').split(`(${mark})`).length - 1 : 0;
  };
  const startTime = child.pid === undefined ? undefined : processState(child.pid)?.startTime;
  if (child.pid !== undefined && startTime !== undefined) guard.add(child.pid, startTime);
  const said = (await within(untilAttached(child), ATTACH_WITHIN_MS)) ?? 'nothing';
  if (ATTACHED.test(said)) return { stop };
  await stop('');
  throw new StalemateError('failed', `strace was not attached to ${node.id}: it said ${said}`);
}

/** What it says until it is attached to one of them, or ends. First it may say of others that they are gone: a server's connection that was closed meanwhile. */
function untilAttached(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    let said = '';
    child.once('error', (error) => resolve(error.message));
    child.stderr!.on('data', (piece: Buffer) => {
      said += piece.toString();
      if (ATTACHED.test(said)) resolve(said);
    });
    child.once('close', () => resolve(said.trim().split('\n')[0] || 'nothing'));
  });
}
