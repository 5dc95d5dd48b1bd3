/**
 * The guard as a program: reads `+pid starttime` and `-pid` lines from standard input until it ends, then kills whoever is
 * registered and still the same process, and exits. SIGKILL also ends a process that is stopped.
 */
import { createInterface } from 'node:readline';
import { isAlive } from './process-state.ts';

const registered = new Map<number, string>();

createInterface({ input: process.stdin })
  .on('line', (line) => {
    const match = /^([+-])(\d+)(?: (.+))?$/.exec(line);
    if (match === null) return;
    const pid = Number(match[2]);
    if (match[1] === '+') registered.set(pid, match[3] ?? '');
    else registered.delete(pid);
  })
  .on('close', () => {
    for (const [pid, startTime] of registered) if (isAlive(pid, startTime)) kill(pid);
    process.exit(0);
  });

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended in this very moment.
  }
}
