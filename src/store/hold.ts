/** A folder that one process at a time goes on with: a file in it has the number of that process, as long as it is at it. */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';

/** Null where another process is at it: two would delete each other's runs. One that was killed is not at it any more. */
export function hold(holder: string): (() => void) | null {
  if (holderOf(holder) !== null) return null;
  rmSync(holder, { force: true });
  try {
    writeFileSync(holder, `${process.pid}\n`, { flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return null;
    throw error;
  }
  return () => rmSync(holder, { force: true });
}

/** The number of the other process that is at it, or null. */
export function holderOf(holder: string): number | null {
  if (!existsSync(holder)) return null;
  const pid = Number(readFileSync(holder, 'utf8'));
  if (!Number.isSafeInteger(pid) || pid <= 0 || pid === process.pid) return null;
  return isRunning(pid) ? pid : null;
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
