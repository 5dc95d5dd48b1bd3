/**
 * The benchmark of the checker: `npm run bench:checker` makes histories, writes them to disk, decides each from disk in a
 * process of its own, and prints one table with the target of each row. Exits 1 if one is missed. CPU time, not wall time,
 * except for the start of the program. `-- --only queue` runs one group, or the cases whose name contains it; `--quick` stops
 * at 10⁵ operations; `--built FOLDER` measures another build than `dist`.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { execa } from 'execa';
import { groups, type Case, type Group } from './cases.ts';
import { generate } from './generate.ts';
import { judge, type Judged, type Measured } from './judgement.ts';
import type { Measurement, Task } from './measure.ts';
import { startUpMs } from './start-up.ts';
import { grouped, header, rowsOf, summaryOf } from './table.ts';

const QUICK_MAX = 100_000;
const START_UP_MS_MAX = 150;
/** After so much CPU a check is stopped, so that the table comes to an end. */
const STOP_AFTER_S = 120;
/** The wall time after which a process is killed that does not stop by itself: so much, and a multiple of what it may use. */
const KILL_AFTER_S = 120;
const KILL_FACTOR = 12;
const PROGRAM = new URL('measure.ts', import.meta.url).pathname;

const { values: flags } = parseArgs({
  options: {
    only: { type: 'string' },
    built: { type: 'string', default: new URL('../../dist', import.meta.url).pathname },
    quick: { type: 'boolean', default: false },
    seed: { type: 'string', default: 'bench' },
  },
});
const folder = mkdtempSync(join(tmpdir(), 'stalemate-bench-'));
const file = join(folder, 'history.jsonl');
let rows = 0;
let missed = 0;
try {
  console.log(`seed ${flags.seed}; milliseconds of CPU, medians; a scan is the shipped reader on the same file\n`);
  console.log(header());
  for (const group of groups) await runGroup(group);
  if (isWanted('start-up')) await runStartUp();
} finally {
  rmSync(folder, { recursive: true });
}
if (rows === 0) throw new Error(`no history is named ${flags.only}`);
console.log(`\n${rows} rows, ${missed === 0 ? 'all' : `${missed} of them do not`} meet their target`);
process.exitCode = missed === 0 ? 0 : 1;

async function runGroup(group: Group): Promise<void> {
  const cases = group.cases.filter((it) => isWanted(group.name, it.name));
  if (cases.length === 0) return;
  console.log(`\n${group.name}: ${group.claim}`);
  const judged: Judged[] = [];
  // Of many short cases, those of a size and a number of crashed operations have a row together.
  const together = group.isSummed === true ? grouped(cases, cellOf) : grouped(cases, ({ name }) => name);
  for (const [name, its] of together) {
    const fresh: Judged[] = [];
    for (const it of its) fresh.push(await runCase(it));
    console.log((group.isSummed === true ? summaryOf(name, fresh) : fresh.flatMap(rowsOf)).join('\n'));
    judged.push(...fresh);
  }
  count(group, judged);
}

async function runCase(it: Case): Promise<Judged> {
  const runs: Measured[] = [];
  for (const operations of sizesOf(it)) runs.push(await run(it, operations));
  return judge(it, runs);
}

function cellOf({ sizes, shape }: Case): string {
  return `${sizes.join(', ')} operations, ${shape.crashed} crashed`;
}

/** A wrong verdict is no matter of shares: it is missed whatever the others do. */
function count({ shareMin = 1 }: Group, judged: readonly Judged[]): void {
  rows += judged.length;
  const bad = judged.filter(({ misses }) => misses.length > 0);
  const met = judged.length - bad.length;
  if (bad.some(({ isWrong }) => isWrong) || met < shareMin * judged.length) missed += bad.length;
  if (shareMin < 1) console.log(`  ${met} of ${judged.length} meet it; wanted are ${100 * shareMin} %`);
}

function isWanted(group: string, name = group): boolean {
  const { only } = flags;
  return only === undefined || group === only || name.includes(only);
}

function sizesOf({ sizes }: Case): readonly number[] {
  return flags.quick ? [...new Set(sizes.map((size) => Math.min(size, QUICK_MAX)))] : sizes;
}

async function run(it: Case, operations: number): Promise<Measured> {
  const facts = generate(file, { ...it.shape, operations }, flags.seed);
  const task: Task = {
    built: pathToFileURL(join(flags.built, 'checker/')).href,
    file,
    model: it.model,
    repeat: repeatsOf(it, operations),
    parses: isRepeated(it),
    stopAfterS: it.target.coldSecondsMax ?? STOP_AFTER_S,
  };
  const args = ['--import', 'tsx', PROGRAM, JSON.stringify(task)];
  const timeout = 1000 * (KILL_AFTER_S + KILL_FACTOR * task.stopAfterS);
  const { stdout, stderr, exitCode, timedOut } = await execa(process.execPath, args, { reject: false, timeout });
  rmSync(file);
  const measurement =
    exitCode === 0
      ? (JSON.parse(stdout) as Measurement)
      : failed(timedOut ? `killed after ${timeout / 1000} s` : (errorIn(stderr) ?? `exit ${exitCode}`));
  return { operations, facts, measurement };
}

/** What is compared with other figures of its own. */
function isRepeated({ target }: Case): boolean {
  return target.ratioMax !== undefined || target.totalSecondsMax !== undefined;
}

/** What takes a few milliseconds is repeated more often: measured once, it says little. */
function repeatsOf(it: Case, operations: number): number {
  if (!isRepeated(it)) return 0;
  return operations <= 10_000 ? 25 : operations <= 100_000 ? 7 : 3;
}

function errorIn(stderr: string): string | undefined {
  return stderr.split('\n').find((line) => /Error|out of memory/.test(line));
}

function failed(failure: string): Measurement {
  const none = { coldScanMs: NaN, coldCheckMs: NaN, scanMs: NaN, checkMs: NaN, peakMb: NaN };
  return {
    ...none,
    verdict: 'unknown',
    failure,
    wrongProof: undefined,
    parseMs: undefined,
    anomaly: undefined,
    unknown: undefined,
  };
}

async function runStartUp(): Promise<void> {
  const { check, nothing } = await startUpMs(file);
  const isMet = check < START_UP_MS_MAX;
  rows++;
  if (!isMet) missed++;
  console.log(`\nstart-up: stalemate check of 80 operations, median of 20, < ${START_UP_MS_MAX} ms of wall time`);
  console.log(`  ${check.toFixed(0)} ms ${isMet ? '✓' : '✕'} (a node that does nothing: ${nothing.toFixed(0)} ms)`);
}
