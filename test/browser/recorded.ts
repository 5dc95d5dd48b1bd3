/** What a run's files hold, read here anew and by nobody's code but this: pages are compared with it. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A call and what became of it. Its id is the line of its invocation. */
export interface Recorded {
  readonly id: number;
  readonly process: number;
  readonly f: string;
  readonly key: string;
  readonly asked: unknown;
  readonly callNs: number;
  readonly type: 'ok' | 'fail' | 'info' | 'open';
  readonly answer: unknown;
  readonly returnNs: number;
  readonly error: string | undefined;
}

interface Line {
  readonly index: number;
  readonly time: number;
  readonly process: number;
  readonly type: 'invoke' | 'ok' | 'fail' | 'info';
  readonly f: string;
  readonly key: string;
  readonly value: unknown;
  readonly error?: string;
}

/** history.jsonl of a run, by id. */
export function recordedIn(run: string): ReadonlyMap<number, Recorded> {
  const open = new Map<number, Line>();
  const found = new Map<number, Recorded>();
  for (const line of linesOf<Line>(join(run, 'history.jsonl'))) {
    const { process, type, time, value, error } = line;
    const call = type === 'invoke' ? line : open.get(process)!;
    const { index: id, f, key, value: asked, time: callNs } = call;
    const known = { id, process, f, key, asked, callNs, error };
    found.set(
      id,
      type === 'invoke'
        ? { ...known, type: 'open', answer: undefined, returnNs: Infinity }
        : { ...known, type, answer: value, returnNs: type === 'info' ? Infinity : time },
    );
    if (type === 'invoke') open.set(process, line);
    else open.delete(process);
  }
  return found;
}

/** How many calls ended how, as a page counts: a compare-and-set that answered no is a failure of its own kind. */
export function countsIn(run: string): Readonly<Record<'total' | 'ok' | 'fail' | 'mismatch' | 'unknown', number>> {
  const all = [...recordedIn(run).values()];
  const of = (...types: readonly Recorded['type'][]): number => all.filter(({ type }) => types.includes(type)).length;
  return {
    total: all.length,
    ok: of('ok'),
    fail: of('fail'),
    mismatch: all.filter(({ type, error }) => type === 'fail' && error === 'mismatch').length,
    unknown: of('info', 'open'),
  };
}

/** Where a node stood, by its own probes. */
export interface Stood {
  readonly role: string;
  readonly term: number;
  readonly commit: number;
  /** `12 / 3`: index and term of the last entry. */
  readonly end: string;
  /** When the probes tell last that it heard a leader, or -Infinity; later than that it may have, too. */
  readonly heardNs: number;
}

interface Probe {
  readonly time: number;
  readonly kind: string;
  readonly role?: string;
  readonly term?: number;
  readonly index?: number;
  readonly commitIndex?: number;
  readonly entryTerm?: number;
  readonly lastIndex?: number;
  readonly lastTerm?: number;
  readonly installed?: boolean;
}

/** By node, at an instant. */
export function stoodAt(run: string, timeNs: number): ReadonlyMap<string, Stood> {
  const nodes = readdirSync(join(run, 'nodes')).toSorted();
  return new Map(
    nodes.map((node) => {
      const seen = linesOf<Probe>(join(run, 'nodes', node, 'probes.jsonl')).filter(({ time }) => time <= timeNs);
      const belief = seen.findLast(({ kind }) => kind === 'role' || kind === 'start');
      const commit = seen.findLast(({ kind }) => kind === 'commit' || kind === 'start');
      const role = belief?.kind === 'start' ? 'follower' : (belief?.role ?? '');
      const end = seen.findLast(({ kind, installed }) => kind === 'append' || kind === 'start' || installed === true);
      const [lastIndex, lastTerm] = [end?.index ?? end?.lastIndex ?? 0, end?.entryTerm ?? end?.lastTerm ?? 0];
      const stood = {
        role,
        term: belief?.term ?? 0,
        commit: commit?.index ?? commit?.commitIndex ?? 0,
        end: lastIndex === 0 ? '–' : `${lastIndex} / ${lastTerm}`,
        heardNs: seen.findLast(({ kind }) => kind === 'heard')?.time ?? -Infinity,
      };
      return [node, stood];
    }),
  );
}

/** One of a run's JSON files. */
export function jsonIn<T>(run: string, name: string): T {
  return JSON.parse(readFileSync(join(run, name), 'utf8')) as T;
}

function linesOf<T>(file: string): readonly T[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as T);
}
