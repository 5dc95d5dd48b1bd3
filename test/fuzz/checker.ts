/**
 * The oracle comparison in full: `npm run fuzz:checker` plays 200,000 short histories, 50,000 of 10 to 45 operations of a
 * register, and some of every other model and of hundreds of operations, on as many processes as there are cores. Any
 * disagreement is printed with its seed and the history, and makes it exit 1. `-- --replay long/cas-register/fuzz-17` plays one.
 */
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { execa } from 'execa';
import { writeJsonl } from '../../checker/index.ts';
import { add, noCounts, report, type Counts } from './counts.ts';
import { kinds, type Kind, type Size } from './kinds.ts';
import { play, type Trial } from './trial.ts';

const { values: flags } = parseArgs({
  options: {
    seed: { type: 'string', default: 'fuzz' },
    jobs: { type: 'string', default: String(availableParallelism()) },
    /** Parts of kinds' names, with commas: `short`, `queue,stack`, `long/cas-register`. */
    only: { type: 'string', default: '' },
    /** Histories of each size, over all kinds of it. */
    short: { type: 'string', default: '210000' },
    long: { type: 'string', default: '50000' },
    'long-models': { type: 'string', default: '9000' },
    windows: { type: 'string', default: '2000' },
    replay: { type: 'string' },
    /** Given by the program to its own children: which of how many. */
    child: { type: 'string' },
  },
});
const PROGRAM = new URL(import.meta.url).pathname;
const SAY_EVERY_MS = 10_000;

if (flags.replay !== undefined) replay(flags.replay);
else if (flags.child !== undefined) playShare(Number(flags.child), Number(flags.jobs));
else await playAll(Number(flags.jobs));

function replay(seed: string): void {
  const trial = play(seed);
  console.log(describe(trial));
  process.exitCode = trial.fault === undefined ? 0 : 1;
}

/** Every seed whose number is the child's, and a line of JSON to the parent now and then. */
function playShare(child: number, jobs: number): void {
  let saidMs = 0;
  let counts: Record<string, Counts> = {};
  const say = (): void => {
    process.stdout.write(`${JSON.stringify(counts)}\n`);
    counts = {};
    saidMs = performance.now();
  };
  for (const kind of kinds.filter(isWanted)) {
    for (let i = child; i < countOf(kind); i += jobs) {
      const trial = play(`${kind.name}/${flags.seed}-${i}`);
      counts[kind.name] = add(counts[kind.name] ?? noCounts(), trial);
      if (trial.fault !== undefined) {
        console.error(describe(trial));
        process.exitCode = 1;
      }
      if (performance.now() - saidMs > SAY_EVERY_MS) say();
    }
  }
  say();
}

async function playAll(jobs: number): Promise<void> {
  const wanted = kinds.filter(isWanted);
  if (wanted.length === 0)
    throw new Error(`no kind is named ${flags.only}: ${kinds.map(({ name }) => name).join(', ')}`);
  const total = wanted.reduce((sum, kind) => sum + countOf(kind), 0);
  console.log(`seed ${flags.seed}: ${total} histories of ${wanted.length} kinds on ${jobs} processes`);
  const tally = new Map<string, Counts>();
  const children = await Promise.all(Array.from({ length: jobs }, (_none, child) => runChild(child, tally, total)));
  for (const line of report(wanted, tally)) console.log(line);
  const played = [...tally.values()].reduce((sum, { histories }) => sum + histories, 0);
  const faults = [...tally.values()].reduce((sum, counts) => sum + counts.faults, 0);
  const isWhole = played === total && children.every((exitCode) => exitCode !== undefined && exitCode <= 1);
  console.log(`${played} histories, ${faults} disagreements${isWhole ? '' : '; not all of them were played'}`);
  process.exitCode = faults === 0 && isWhole ? 0 : 1;
}

/** The child's exit code. */
async function runChild(child: number, tally: Map<string, Counts>, total: number): Promise<number | undefined> {
  const args = ['--import', 'tsx', PROGRAM, ...process.argv.slice(2), '--jobs', flags.jobs, '--child', String(child)];
  const running = execa(process.execPath, args, { reject: false, stderr: 'inherit', buffer: false });
  for await (const line of running) {
    for (const [name, counts] of Object.entries(JSON.parse(line) as Record<string, Counts>)) {
      tally.set(name, add(tally.get(name) ?? noCounts(), counts));
    }
    const played = [...tally.values()].reduce((sum, { histories }) => sum + histories, 0);
    console.log(`  ${played} of ${total}`);
  }
  return (await running).exitCode;
}

function isWanted({ name }: Kind): boolean {
  return flags.only.split(',').some((part) => name.includes(part));
}

/** How many histories of this kind: the number for its size, spread evenly over the kinds of it. */
function countOf(kind: Kind): number {
  const bucket = bucketOf(kind);
  const kin = kinds.filter((other) => bucketOf(other) === bucket);
  return Math.ceil(Number(flags[bucket]) / kin.length);
}

function bucketOf({ size, model }: Kind): Size | 'long-models' {
  return size === 'long' && model !== 'register' && model !== 'cas-register' ? 'long-models' : size;
}

function describe({ seed, fault, expected, verdict, operations }: Trial): string {
  // A process each: operations of one process may touch here, and a file is read with calls before returns.
  const minimal = operations.map((operation) => ({
    operation: { ...operation, process: operation.id },
    pinned: false,
    why: '',
  }));
  return [
    `${seed}: ${fault ?? `${verdict}, as the oracle says (${expected ? 'has an order' : 'has none'})`}`,
    writeJsonl(minimal).trimEnd(),
    `npm run fuzz:checker -- --replay ${seed}`,
  ].join('\n');
}
