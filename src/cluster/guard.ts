/**
 * The guard: no node outlives the controller, whatever ends it. A node that is stopped cannot notice that its controller is
 * gone, so a second process does: it sits in a session of its own (Ctrl-C does not reach it), holds the read end of a
 * pipe, and kills every registered process when the pipe closes, which the kernel does for a controller killed by SIGKILL too.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { assert } from '../base/assert.ts';
import { programArgs } from '../spawn/own-program.ts';

export interface Guard {
  readonly pid: number;
  /** From now on this process dies with the controller. */
  add(pid: number, startTime: string): void;
  /** The process was seen to be gone. */
  remove(pid: number): void;
  /** Ends the guard, and with it every process still registered. */
  stop(): Promise<void>;
}

/** Starts a guard. It keeps no event loop alive. */
export function startGuard(): Guard {
  const child = spawn(process.execPath, programArgs('cluster/guard-main'), {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  assert(child.pid !== undefined, 'the guard process could not be started');
  const pipe = child.stdin as Socket;
  // A guard that was killed by hand is no reason to end the run.
  pipe.on('error', () => {});
  const exited = once(child, 'exit');
  child.unref();
  pipe.unref();
  return {
    pid: child.pid,
    add: (pid, startTime) => void pipe.write(`+${pid} ${startTime}\n`),
    remove: (pid) => void pipe.write(`-${pid}\n`),
    stop: async () => {
      child.ref();
      pipe.end();
      await exited;
      pipe.destroy();
    },
  };
}
