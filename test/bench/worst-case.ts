/**
 * The worst cases that could be thought of, checked by the built program with 2 GiB of memory and a number of steps:
 * `npx tsx test/bench/worst-case.ts`. Each must end as `unknown` with exit code 2 and say why, and may never have occupied more
 * than it was given. Exits 1 if one does not. Two to five minutes.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { writeJsonl, type PartResult, type Verdict } from '../../checker/index.ts';
import { worstHistories, type WorstHistory } from './worst-histories.ts';

const CRASHED = 100;
const MEMORY_GIB = 2;
/** Where memory is to run out first, and where steps are. */
const STEPS = [50_000_000, 5_000_000] as const;
const LOOK_EVERY_MS = 100;
const UNKNOWN = 2;
const PROGRAM = new URL('../../src/cli/stalemate.cjs', import.meta.url).pathname;

interface Document {
  readonly verdict: Verdict['kind'];
  readonly parts: readonly PartResult[];
}

const folder = mkdtempSync(join(tmpdir(), 'stalemate-worst-'));
let bad = 0;
try {
  for (const history of worstHistories(CRASHED, 'worst')) {
    for (const steps of STEPS) if (!(await run(history, steps))) bad++;
  }
} finally {
  rmSync(folder, { recursive: true });
}
process.exitCode = bad === 0 ? 0 : 1;

/** Whether the budget was honoured. */
async function run({ name, model, operations }: WorstHistory, steps: number): Promise<boolean> {
  const file = join(folder, `${name}.jsonl`);
  writeFileSync(file, writeJsonl(operations.map((operation) => ({ operation, pinned: false, why: '' }))));
  const flags = ['--model', model, '--max-memory', `${MEMORY_GIB}GiB`, '--max-steps', String(steps), '--json'];
  const fromMs = performance.now();
  const running = execa(process.execPath, [PROGRAM, 'check', file, ...flags], { reject: false });
  let peakBytes = 0;
  const looking = setInterval(() => (peakBytes = Math.max(peakBytes, peakOf(running.pid))), LOOK_EVERY_MS);
  const { exitCode, signal, stdout, stderr } = await running;
  clearInterval(looking);
  const seconds = (performance.now() - fromMs) / 1000;
  const [part] = exitCode === UNKNOWN ? (JSON.parse(stdout) as Document).parts : [];
  const isHonoured = part?.kind === 'unknown' && peakBytes <= MEMORY_GIB * 2 ** 30;
  console.log(
    `${isHonoured ? '✓' : '✕'} ${name}, ${operations.length} operations of a ${model}, ${CRASHED} crashed, ${steps} steps and ` +
      `${MEMORY_GIB} GiB: exit ${exitCode ?? signal}, ${seconds.toFixed(0)} s, peak ${(peakBytes / 1e6).toFixed(0)} MB`,
  );
  console.log(`    ${part?.kind === 'unknown' ? `${part.limit}: ${part.progress}` : stderr.trimEnd().slice(-500)}`);
  return isHonoured;
}

/** Bytes of memory that the process occupied at most so far; 0 where the system does not say (not Linux). */
function peakOf(pid: number | undefined): number {
  try {
    return 1024 * Number(/^VmHWM:\s*(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
  } catch {
    return 0;
  }
}
