/** One run of a campaign: a process of our own program, and what its folder says afterwards. */
import { existsSync, renameSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import type { CampaignDocument, PlannedRun } from '../campaign/index.ts';
import type { CampaignRun } from '../contract/index.ts';
import { anchorOf, campaignRunOf } from '../report/index.ts';
import { readResult, readRunFile, runFolder, type CampaignFolder } from '../store/index.ts';

type World = CampaignDocument['world'];

/** The launcher stands beside the sources, whether this file is one of them or was built. */
const LAUNCHER = ['../../src/cli/stalemate.cjs', '../../../src/cli/stalemate.cjs']
  .map((path) => fileURLToPath(new URL(path, import.meta.url)))
  .find((path) => existsSync(path))!;

/** A CI server is told of the campaign, once. */
const OF_THE_WHOLE = { GITHUB_STEP_SUMMARY: '', GITHUB_ACTIONS: '' };

/** Null where it was interrupted. One that the tool could not carry out is unknown, with what it said. */
export async function campaignRun(
  planned: PlannedRun,
  { folder, world, signal }: { readonly folder: CampaignFolder; readonly world: World; readonly signal: AbortSignal },
): Promise<CampaignRun | null> {
  const there = finishedRun(planned, folder);
  if (there !== null) return there;
  const out = join(folder.unfinished, String(process.pid));
  // In a container the campaign that was killed had the same number.
  rmSync(join(out, planned.id), { recursive: true, force: true });
  const flags = Object.entries(planned.flags).map(([name, value]) => `--${name}=${value}`);
  const outcome = ['--expect=any', '--quiet', `--out=${out}`, `--name=${planned.id}`];
  const child = execa(process.execPath, [LAUNCHER, world === 'simulator' ? 'sim' : 'run', ...flags, ...outcome], {
    reject: false,
    stdin: 'ignore',
    env: OF_THE_WHOLE,
  });
  const pass = (): void => void child.kill('SIGINT');
  signal.addEventListener('abort', pass, { once: true });
  const { exitCode, stderr } = await child;
  signal.removeEventListener('abort', pass);
  if (signal.aborted) return null;
  const isDone = exitCode !== undefined && exitCode < 254;
  // With a result whoever goes on with this campaign, or merges it, would take it for one that is finished.
  if (!isDone) rmSync(runFolder(join(out, planned.id)).result, { force: true });
  moveTo(join(folder.runs, planned.id), join(out, planned.id));
  const run = isDone ? finishedRun(planned, folder) : null;
  if (run !== null) return run;
  return failedRun(planned, `exit ${exitCode}: ${lastWords(stderr)}`);
}

/** Of a crash its message, not the end of its stack. */
function lastWords(stderr: string): string {
  const lines = stderr.trim().split('\n');
  return lines.findLast((line) => /^\S/.test(line) && !line.startsWith('Node.js v')) ?? lines[0]!;
}

/** One that failed before has left something there. */
function moveTo(path: string, from: string): void {
  if (!existsSync(from)) return;
  rmSync(path, { recursive: true, force: true });
  renameSync(from, path);
}

/** From the folder of a run that is finished; null where there is none. */
export function finishedRun({ id, cell, flags }: PlannedRun, folder: CampaignFolder): CampaignRun | null {
  const files = runFolder(join(folder.runs, id));
  const result = readResult(files);
  if (result === null) return null;
  const { clients } = readRunFile(files).plan;
  const report = `${relative(folder.path, files.report)}${anchorOf(result)}`;
  return { ...campaignRunOf(result, { id, cell: cell.id, clients, report }), seed: flags['seed']! };
}

function failedRun({ id, cell, flags }: PlannedRun, reason: string): CampaignRun {
  const nothing = { class: null, anomalies: 0, sentence: null, minimal: [], worstStaleMs: null, report: null };
  return {
    id,
    cell: cell.id,
    seed: flags['seed']!,
    verdict: 'unknown',
    reason,
    operations: 0,
    seconds: 0,
    command: '',
    ...nothing,
  };
}
