/**
 * The ten most telling mutants on real processes, each under a plan of its own (`test/accept/plans/`): clients alone have to find it,
 * in at least three of five runs, and the correct node comes through the very same plan without an alarm.
 * `npm run accept:mutants`, about a quarter of an hour; `-- --only M30 --runs 5`. Exits 1 where a row falls short.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { execa } from 'execa';
import type { RunResult } from '../../src/contract/index.ts';
import { MUTANTS } from '../../src/raft/rules.ts';

const PROGRAM = new URL('../../src/cli/stalemate.cjs', import.meta.url).pathname;
const PLANS = new URL('plans/', import.meta.url).pathname;
/** The share of runs in which a mutant has to be found. */
const FOUND_LEAST = 3 / 5;
/** Of a list, a sentence shows every value. */
const SENTENCE_LONGEST = 160;

const { values: flags } = parseArgs({
  options: { only: { type: 'string' }, runs: { type: 'string', default: '5' }, keep: { type: 'string' } },
});
const runs = Number(flags.runs);
const out = flags.keep ?? mkdtempSync(join(tmpdir(), 'stalemate-mutants-'));
const ids = readdirSync(PLANS)
  .map((file) => file.replace('.json', ''))
  .filter((id) => flags.only === undefined || flags.only.split(',').includes(id))
  .toSorted();
let isShort = ids.length === 0;
for (const id of ids) isShort = !(await row(id)) || isShort;
if (flags.keep === undefined) rmSync(out, { recursive: true });
process.exitCode = isShort ? 1 : 0;

/** Runs the plan with the mutant and with the correct node in turn, and prints a row. Whether it holds. */
async function row(id: string): Promise<boolean> {
  const beganMs = performance.now();
  const mutant: Ran[] = [];
  const correct: Ran[] = [];
  for (let nth = 1; nth <= runs; nth++) {
    mutant.push(await run(id, id, nth));
    correct.push(await run(id, 'none', nth));
  }
  const seconds = (performance.now() - beganMs) / 1000 / (2 * runs);
  const found = mutant.filter(({ verdict }) => verdict === 'not-linearizable').length;
  const unharmed = correct.filter(({ verdict, invariants }) => verdict === 'linearizable' && invariants === 0).length;
  const alarms = correct.filter(({ exit, invariants }) => exit === 1 || invariants > 0).length;
  const holds = found >= runs * FOUND_LEAST && unharmed === runs;
  const name = `${id} ${MUTANTS[id]?.name ?? ''}`.padEnd(28);
  const doubt = unharmed + alarms < runs ? `, ${runs - unharmed - alarms} proved nothing` : '';
  console.log(
    `${name} found by clients ${found}/${runs}, correct: alarms ${alarms}/${runs}${doubt}, ${seconds.toFixed(1)} s a run${holds ? '' : '  FALLS SHORT'}`,
  );
  const sentence = mutant.map(({ words }) => words).find((it) => it !== '');
  if (sentence !== undefined) console.log(`    ${shortened(sentence)}`);
  for (const { words, verdict } of correct) if (verdict !== 'linearizable') console.log(`    correct node: ${words}`);
  return holds;
}

function shortened(sentence: string): string {
  return sentence.length <= SENTENCE_LONGEST ? sentence : `${sentence.slice(0, SENTENCE_LONGEST)} …`;
}

interface Ran {
  readonly verdict: RunResult['verdict'] | 'failed';
  readonly exit: number | undefined;
  readonly invariants: number;
  /** The first sentence, or why there is none. */
  readonly words: string;
}

async function run(plan: string, mutant: string, nth: number): Promise<Ran> {
  const args = ['run', '--plan', join(PLANS, `${plan}.json`), '--mutant', mutant, '--seed', `${mutant}-${nth}`];
  const { stdout, stderr, exitCode } = await execa(
    process.execPath,
    [PROGRAM, ...args, '--out', join(out, plan), '--json', '--quiet'],
    { reject: false },
  );
  if (stdout === '')
    return { verdict: 'failed', exit: exitCode, invariants: 0, words: stderr.trimEnd().split('\n').at(-1)! };
  const result = JSON.parse(stdout) as RunResult;
  const words = result.anomalies[0]?.sentence ?? result.reason ?? result.invariants[0]?.message ?? '';
  if (flags.keep !== undefined)
    console.log(`  ${mutant} ${nth}: ${result.verdict} ${told(join(out, plan, result.run))} ${words}`);
  return { verdict: result.verdict, exit: exitCode, invariants: result.invariants.length, words };
}

/** Where the run is kept, and which steps found nobody to hit. */
function told(folder: string): string {
  const skips = readFileSync(join(folder, 'faults.jsonl'), 'utf8')
    .split('\n')
    .filter((line) => line.includes('"skip"'))
    .map((line) => (JSON.parse(line) as { readonly reason: string }).reason);
  return skips.length === 0 ? '' : `(skipped: ${skips.join('; ')})`;
}
