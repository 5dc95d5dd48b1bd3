/**
 * The acceptance table of the first release: read mode × ten seeds on real processes, 15 s each. Modes that are wrong on
 * purpose must show a stale read, explained by a sentence that agrees with the recorded history and by at most four operations; the
 * safe modes must pass under the same faults. `npm run accept:1`, about twelve minutes; `-- --only local` runs one row.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { execa } from 'execa';
import type { RunResult } from '../../src/contract/index.ts';
import { disagreements } from '../e2e/sentence.ts';

interface Row {
  readonly reads: string;
  readonly faults: string;
  readonly wants: 'violation' | 'ok';
  readonly atLeast: number;
}

const ROWS: readonly Row[] = [
  { reads: 'local', faults: 'pause,partition', wants: 'violation', atLeast: 9 },
  { reads: 'leader', faults: 'pause:leader,partition:leader', wants: 'violation', atLeast: 7 },
  { reads: 'read-index', faults: 'pause,partition', wants: 'ok', atLeast: 10 },
  { reads: 'read-index', faults: 'pause:leader,partition:leader', wants: 'ok', atLeast: 10 },
  { reads: 'log', faults: 'pause,partition', wants: 'ok', atLeast: 10 },
  { reads: 'log', faults: 'pause:leader,partition:leader', wants: 'ok', atLeast: 10 },
];
const PROGRAM = new URL('../../src/cli/stalemate.cjs', import.meta.url).pathname;
const CLIENTS = 10;

const { values } = parseArgs({
  options: { only: { type: 'string' }, seeds: { type: 'string', default: '10' }, keep: { type: 'string' } },
});
const out = values.keep ?? mkdtempSync(join(tmpdir(), 'stalemate-accept-'));
let failed = false;
for (const row of ROWS.filter((it) => values.only === undefined || it.reads === values.only)) {
  console.log(`\n--reads ${row.reads} --faults ${row.faults}: wants ${row.wants} in at least ${row.atLeast} of 10`);
  let reached = 0;
  for (let seed = 1; seed <= Number(values.seeds); seed++) reached += (await runOne(row, String(seed))) ? 1 : 0;
  const held = reached >= Math.min(row.atLeast, Number(values.seeds));
  failed ||= !held;
  console.log(`${held ? 'holds' : 'FALLS SHORT'}: ${reached} of ${values.seeds}`);
}
if (values.keep === undefined) rmSync(out, { recursive: true });
process.exitCode = failed ? 1 : 0;

/** Whether the run came out as wanted, explanation included. */
async function runOne(row: Row, seed: string): Promise<boolean> {
  const flags = [
    '--reads',
    row.reads,
    '--faults',
    row.faults,
    '--time',
    '15s',
    '--seed',
    seed,
    '--clients',
    String(CLIENTS),
    '--out',
    out,
    '--json',
  ];
  const { exitCode, stdout, stderr } = await execa(process.execPath, [PROGRAM, 'run', ...flags], { reject: false });
  if (exitCode !== 0 && exitCode !== 1) {
    console.log(`  seed ${seed}: exit ${exitCode}  ${stderr.trimEnd().split('\n').at(-1) ?? ''} ${reasonOf(stdout)}`);
    return false;
  }
  const result = JSON.parse(stdout) as RunResult;
  const stale = result.anomalies.find((it) => it.class === 'stale-read');
  const problems =
    stale === undefined
      ? []
      : disagreements({
          sentence: stale.sentence,
          historyFile: join(out, result.run, 'history.jsonl'),
          clients: CLIENTS,
        });
  const operations = stale?.minimal.length ?? 0;
  const wanted =
    row.wants === 'ok'
      ? exitCode === 0
      : exitCode === 1 && stale !== undefined && problems.length === 0 && operations <= 4;
  const faults = result.faults.map((it) => `${it.kind} ${it.effective}/${it.total} (${it.windows} windows)`).join(', ');
  console.log(
    `  seed ${seed}: exit ${exitCode}  ${result.ops.ok} ok, ${faults}, ${result.anomalyCount} anomalies, minimal ${operations}`,
  );
  if (stale !== undefined)
    console.log(`    ${stale.sentence}${problems.length > 0 ? `  DISAGREES: ${problems.join('; ')}` : ''}`);
  return wanted;
}

function reasonOf(stdout: string): string {
  try {
    return (JSON.parse(stdout) as RunResult).reason ?? '';
  } catch {
    return '';
  }
}
