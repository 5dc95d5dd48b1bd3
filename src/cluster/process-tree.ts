/**
 * A process and those that it started: programs that are not ours may fork, and some of their children begin sessions of their own
 * (PostgreSQL's do), so that no process group has them all.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
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

/**
 * The same as numbers only, by the kernel's own lists of children, which may leave out one whose sibling ends in that moment: for those who ask often
 * and can ask again. The whole of /proc takes milliseconds. Undefined where the kernel keeps no such lists.
 */
export function pidsBelow(root: Member): readonly number[] | undefined {
  if (!existsSync('/proc/thread-self/children')) return undefined;
  const found = isAlive(root.pid, root.startTime) ? [root.pid] : [];
  for (const pid of found) found.push(...childrenOf(pid));
  return found;
}

function childrenOf(pid: number): readonly number[] {
  try {
    const lists = readdirSync(`/proc/${pid}/task`).map((thread) =>
      readFileSync(`/proc/${pid}/task/${thread}/children`, 'latin1'),
    );
    return lists.flatMap((list) => list.split(' ').filter(Boolean).map(Number));
  } catch {
    return []; // It ended meanwhile.
  }
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
