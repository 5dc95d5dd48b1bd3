/**
 * The guard as a program: reads `+pid starttime` and `-pid` lines from standard input until it ends, then kills whoever is
 * registered and still the same process, with all that it started, and exits. SIGKILL also ends a process that is stopped.
 */
import { createInterface } from 'node:readline';
import { killGroup, signalAll, treeOf, type Member } from './process-tree.ts';

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
    for (const [pid, startTime] of registered) killAll({ pid, startTime });
    process.exit(0);
  });

/**
 * Also those that began sessions of their own: they may be stopped, and would stay so for ever. Stopped first, so that it starts nothing more
 * while they are looked for. The group has those whose parent is gone, such as a shell.
 */
function killAll(root: Member): void {
  signalAll([root], 'SIGSTOP');
  const members = treeOf(root);
  if (members.length > 0) killGroup(root);
  signalAll(members, 'SIGKILL');
}
