/**
 * What the operating system says about a process: its state, and when it started. A pid alone names nobody, since it may have
 * been given to another process meanwhile; pid and start time together do.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

export interface ProcessState {
  /** As `ps` has it: R running, S sleeping, T stopped, Z gone but not yet waited for. */
  readonly code: string;
  /** In no unit that matters: equal or not. */
  readonly startTime: string;
}

/** The state of `pid`, or undefined if there is no such process. */
export function processState(pid: number): ProcessState | undefined {
  return process.platform === 'linux' ? fromProc(pid) : fromPs(pid);
}

/** True while a process runs under that pid that started then. A zombie runs no more. */
export function isAlive(pid: number, startTime: string): boolean {
  const state = processState(pid);
  return state !== undefined && state.startTime === startTime && state.code !== 'Z';
}

/** `pid (name) state …`: the name may hold blanks and parentheses, so fields count from the last one. Field 22 is the start time. */
function fromProc(pid: number): ProcessState | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { code: fields[0]!, startTime: fields[19]! };
  } catch {
    return undefined;
  }
}

function fromPs(pid: number): ProcessState | undefined {
  try {
    const line = execFileSync('ps', ['-o', 'state=,lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim();
    const match = /^(\S)\S*\s+(.+)$/.exec(line);
    return match === null ? undefined : { code: match[1]!, startTime: match[2]! };
  } catch {
    return undefined;
  }
}
