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
    for (const [pid, startTime] of registered)
      if (isAlive(pid, startTime)) for (const target of [-pid, pid]) kill(target);
    process.exit(0);
  });

/** Of a negative number: the whole group that it leads, such as a shell and the command that it runs. */
function kill(target: number): void {
  try {
    process.kill(target, 'SIGKILL');
  } catch {
    // It ended in this very moment, or leads no group.
  }
}
