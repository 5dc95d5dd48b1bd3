/**
 * A process and those that it started: programs that are not ours may fork, and some of their children begin sessions of their own
 * (PostgreSQL's do), so that no process group has them all.
 */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { isAlive, processState } from './process-state.ts';

/** One process, told apart from a later one of the same number. */
export interface Member {
  readonly pid: number;
  readonly startTime: string;
}

/** The process and its descendants that live now, parents first. */
export function treeOf(root: Member): readonly Member[] {
  const children = childrenByParent();
  const found: Member[] = [];
  const visit = (pid: number): void => {
    const startTime = processState(pid)?.startTime;
    if (startTime === undefined) return;
    found.push({ pid, startTime });
    for (const child of children.get(pid) ?? []) visit(child);
  };
  if (isAlive(root.pid, root.startTime)) visit(root.pid);
  return found;
}

/** Sends it to those that still are who they were. */
export function signalAll(members: readonly Member[], signal: NodeJS.Signals): void {
  for (const { pid, startTime } of members) if (isAlive(pid, startTime)) send(pid, signal);
}

/** SIGKILL to what is left of the group that it led: what it started and was no child of anybody any more when it ended. */
export function killGroup(leader: Member): void {
  send(-leader.pid, 'SIGKILL');
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It ended in this very moment, or nobody is left.
  }
}

function childrenByParent(): ReadonlyMap<number, readonly number[]> {
  const children = new Map<number, number[]>();
  for (const [pid, parent] of process.platform === 'linux' ? parentsFromProc() : parentsFromPs()) {
    const siblings = children.get(parent);
    if (siblings === undefined) children.set(parent, [pid]);
    else siblings.push(pid);
  }
  return children;
}

/** `pid (name) state ppid …`: the name may hold blanks and parentheses. */
function parentsFromProc(): readonly (readonly [pid: number, parent: number])[] {
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'latin1');
      return [[Number(name), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])] as const];
    } catch {
      return [];
    }
  });
}

function parentsFromPs(): readonly (readonly [pid: number, parent: number])[] {
  const lines = execFileSync('ps', ['-axo', 'pid=,ppid='], { encoding: 'utf8' }).trim().split('\n');
  return lines.map((line) => {
    const [pid, parent] = line.trim().split(/\s+/).map(Number);
    return [pid!, parent!] as const;
  });
}
