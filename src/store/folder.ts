/**
 * The layout of results/: one folder a run, named by when, what and with which seed, and `latest`, which points at the last
 * one. Folders are only ever added; what a folder holds stands in results/README.md.
 */
import {
  accessSync,
  constants,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { StalemateError } from '../base/errors.ts';
import type { Plan } from '../contract/index.ts';

/** The files of one run, as absolute paths. */
export interface RunFolder {
  readonly name: string;
  readonly path: string;
  readonly run: string;
  readonly history: string;
  readonly faults: string;
  readonly check: string;
  readonly minimal: string;
  readonly result: string;
  readonly report: string;
  readonly junit: string;
  readonly summary: string;
  /** One folder a node in here. */
  readonly nodes: string;
}

const LATEST = 'latest';
const SEED_IN_NAME = 40;
const TAKEN_MOST = 1000;

/** The folder at `path`, whether it exists or not. */
export function runFolder(path: string): RunFolder {
  const full = resolve(path);
  const file = (name: string): string => join(full, name);
  return {
    name: full.slice(full.lastIndexOf('/') + 1),
    path: full,
    run: file('run.json'),
    history: file('history.jsonl'),
    faults: file('faults.jsonl'),
    check: file('check.json'),
    minimal: file('minimal.jsonl'),
    result: file('result.json'),
    report: file('report.html'),
    junit: file('junit.xml'),
    summary: file('summary.md'),
    nodes: file('nodes'),
  };
}

/**
 * Makes the folder of a new run, named by time, system, workload and seed, or as given. Throws a usage error where `out` cannot be written, or the
 * name is taken, before anything was started.
 */
export function createRunFolder(out: string, plan: Plan, now: Date, given?: string): RunFolder {
  const system = plan.world === undefined ? systemName(plan.system) : `${plan.system}-sim`;
  const folder = runFolder(
    given === undefined
      ? makeFolder(out, `${utcName(now)}-${system}-${plan.workload}-${seedName(plan.seed)}`)
      : makeNamed(out, given),
  );
  mkdirSync(folder.nodes);
  return folder;
}

/** Makes a folder for something that begins now, `<utc>-<what>`, in `out`; its path. Throws as `createRunFolder` does. */
export function createDatedFolder(out: string, now: Date, what: string): string {
  return makeFolder(out, `${utcName(now)}-${what}`);
}

function makeNamed(out: string, name: string): string {
  if (!/^[\w.+-]{1,200}$/.test(name) || name.startsWith('.') || name === LATEST)
    throw new StalemateError('usage', `--name ${name}: no name for a folder`, 'letters, digits, . + - and _');
  return makeIn(out, (root) => {
    if (existsSync(join(root, name)))
      throw new StalemateError('usage', `--name ${name}: there is one in ${out}`, 'another name');
    mkdirSync(join(root, name));
    return name;
  });
}

function makeFolder(out: string, name: string): string {
  return makeIn(out, (root) => makeUntaken(root, name));
}

/** `make` makes a folder in the root and gives its name. */
function makeIn(out: string, make: (root: string) => string): string {
  const root = resolve(out);
  try {
    makeWithParents(root);
    accessSync(root, constants.W_OK | constants.X_OK);
    refuseOtherLatest(join(root, LATEST));
    return join(root, make(root));
  } catch (error) {
    if (error instanceof StalemateError) throw error;
    const reason = (error as NodeJS.ErrnoException).code ?? String(error);
    throw new StalemateError(
      'usage',
      `--out ${out}: cannot be written (${reason})`,
      'name a folder that you may write to',
    );
  }
}

/** As `recursive: true`, which on Node 20 never ends where a folder cannot hold any (`/proc/x`: ENOENT although the parent is there). */
function makeWithParents(path: string): void {
  if (existsSync(path)) return;
  makeWithParents(dirname(path));
  try {
    mkdirSync(path);
  } catch (error) {
    // Two runs that begin at once may make the same folder.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

/** A `latest` that is no link is somebody's own, a copied results folder perhaps: it is not replaced. */
function refuseOtherLatest(link: string): void {
  if (lstatSync(link, { throwIfNoEntry: false })?.isSymbolicLink() ?? true) return;
  throw new StalemateError('usage', `--out: ${link} is no link`, 'move it away, or name another folder');
}

/** Makes `latest` point at this run; whoever follows it sees the old run or the new one, never none. */
export function pointLatestAt(folder: RunFolder): void {
  const root = join(folder.path, '..');
  const link = join(root, LATEST);
  const next = join(root, `.${LATEST}-${folder.name}`);
  rmSync(next, { force: true });
  symlinkSync(folder.name, next);
  renameSync(next, link);
}

/** Names of the folders of runs, campaigns and notes in `out`, newest first; none where there is no such folder. */
export function runNames(out: string): readonly string[] {
  try {
    return readdirSync(out)
      .filter((name) => name !== LATEST && !name.startsWith('.'))
      .filter((name) => statSync(join(out, name), { throwIfNoEntry: false })?.isDirectory())
      .flatMap((name) => {
        const began = beganAt(out, name);
        return began === null ? [] : [{ name, began }];
      })
      .toSorted((left, right) => compare(right.began, left.began) || compare(right.name, left.name))
      .map(({ name }) => name);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return [];
    throw new StalemateError('usage', `${out}: cannot be read (${code ?? String(error)})`, 'name a folder of runs');
  }
}

/** As dated names begin. One that was given a name (`--name`) says it in its run.json; null where there is none. */
function beganAt(out: string, name: string): string | null {
  const [dated] = /^\d{8}T\d{6}Z(?=-)/.exec(name) ?? [];
  if (dated !== undefined) return dated;
  const run = runFolder(join(out, name)).run;
  if (!existsSync(run)) return null;
  try {
    const { startedMs } = JSON.parse(readFileSync(run, 'utf8')) as { readonly startedMs: number };
    return utcName(new Date(startedMs));
  } catch {
    // What was changed after the run stands at the end, and is no reason to hide the others.
    return '';
  }
}

function compare(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

function makeUntaken(root: string, name: string): string {
  for (let n = 1; ; n++) {
    const candidate = n === 1 ? name : `${name}-${n}`;
    try {
      mkdirSync(join(root, candidate));
      return candidate;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || n === TAKEN_MOST) throw error;
    }
  }
}

/** `20261123T085130Z`: sorts by time. */
function utcName(now: Date): string {
  return now.toISOString().replace(/[-:]|\.\d+/g, '');
}

/** Of a system that a file describes the name of that file. */
function systemName(system: string): string {
  return seedName(system.replace(/^.*\//, '').replace(/\.[cm]?[jt]s$/, ''));
}

/** A seed is any string; in a name only what every file system and shell takes as it is. */
function seedName(seed: string): string {
  return seed.replace(/[^A-Za-z0-9._-]/g, '_').slice(0, SEED_IN_NAME);
}
