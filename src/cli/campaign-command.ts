/**
 * `stalemate campaign FILE`: a matrix of systems, read modes and faults, each cell with several seeds. Every run is one of `run` or
 * `sim`, in a process of its own; what is there already is not run again, so one that was cut short is gone on with.
 */
import { setMaxListeners } from 'node:events';
import { cpSync, existsSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { basename, join, relative } from 'node:path';
import { cellResults, exitOf, isUnknown, isViolation } from '../campaign/index.ts';
import { StalemateError } from '../base/errors.ts';
import type { CampaignResult, CampaignRun } from '../contract/index.ts';
import { annotations, campaignPage, headlineOf, junit, plural, stepSummary } from '../report/index.ts';
import {
  campaignFolder,
  campaignsNamed,
  createCampaignFolder,
  holdCampaign,
  readJson,
  writeJson,
  writeWhole,
  type CampaignFile,
  type CampaignFolder,
} from '../store/index.ts';
import { ask, type Asked } from './campaign-file.ts';
import { campaignRun, finishedRun } from './campaign-run.ts';
import { tellServer } from './ci-server.ts';
import { defineCommand, isOn, screenFor, text, wholeNumber, type Command, type Given, type Screen } from './command.ts';
import { CountTeller } from './count-teller.ts';
import { listenForInterrupt } from './interrupt.ts';
import { VERSION } from './version.ts';

const JOBS_MOST = 256;

/** The campaign command. */
export const campaignCommand: Command = defineCommand({
  command: 'campaign <file>',
  describe: 'many runs: a matrix of systems, read modes and faults from a YAML file, judged against what it declares',
  positional: { name: 'file', describe: 'the matrix, YAML or JSON', array: false },
  flags: {
    shard: { type: 'string', describe: 'only a part of the runs: 1/3' },
    merge: { type: 'string', describe: 'folders of all parts, with commas between: puts them together, runs nothing' },
    jobs: { type: 'string', describe: 'runs at a time (default: one; in the simulator one a core)' },
    seed: { type: 'string', describe: "in place of the file's" },
    fresh: { type: 'boolean', describe: 'begin anew where one like it was cut short' },
    out: { type: 'string', default: 'results', describe: 'folder that gets a folder for the campaign' },
    quiet: { type: 'boolean', describe: 'no progress, only the end' },
    json: { type: 'boolean', describe: 'result.json on standard output, words on standard error' },
  },
  examples: [
    ['$0 campaign nightly.yaml', 'all of it'],
    ['$0 campaign nightly.yaml --shard 1/4', 'a quarter, for one of four machines'],
    ['$0 campaign nightly.yaml --merge part1,part2,part3,part4', 'what the four came to together'],
  ],
  perform,
});

async function perform(given: Given): Promise<number> {
  const screen = screenFor(given);
  const asked = await ask(given);
  const out = text(given, 'out') ?? 'results';
  const merged = text(given, 'merge');
  if (merged !== undefined && asked.file.shard !== null)
    throw new StalemateError('usage', '--merge with --shard', 'first the parts, then --merge alone');
  if (merged !== undefined) return merge(screen, { asked, out, parts: merged.split(',') });
  const jobs =
    wholeNumber(given, 'jobs', JOBS_MOST) ?? (asked.document.world === 'simulator' ? availableParallelism() : 1);
  const { folder, release } = folderFor(given, screen, asked, out);
  const interrupt = listenForInterrupt((line) => screen.say(line));
  try {
    const runs = await runAll(asked, folder, { screen, jobs, quiet: isOn(given, 'quiet'), signal: interrupt.signal });
    return tell(screen, { asked, folder, out, runs, isInterrupted: interrupt.signal.aborted });
  } finally {
    interrupt.dispose();
    release();
  }
}

interface Held {
  readonly folder: CampaignFolder;
  readonly release: () => void;
}

/** The newest of the same file that was cut short, or a new one. Throws a usage error where another process goes on with it. */
function folderFor(given: Given, screen: Screen, { file, runs }: Asked, out: string): Held {
  const same = campaignsNamed(out, file.campaign).findLast(
    (it) => it.result === null && it.file.digest === file.digest && it.file.shard === file.shard,
  );
  if (same !== undefined && !isOn(given, 'fresh')) {
    const release = holdCampaign(same.folder);
    const done = runs.filter(({ id }) => existsSync(join(same.folder.runs, id, 'result.json'))).length;
    screen.say(
      `going on with ${same.folder.path}: ${done} of ${plural(runs.length, 'run')} are there; --fresh begins anew`,
    );
    return { folder: same.folder, release };
  }
  const folder = createCampaignFolder(out, file);
  screen.say(`${plural(runs.length, 'run')}: ${folder.path}`);
  return { folder, release: holdCampaign(folder) };
}

interface Runner {
  readonly screen: Screen;
  readonly jobs: number;
  readonly quiet: boolean;
  readonly signal: AbortSignal;
}

/** `jobs` at a time, in the order of the matrix. An interrupt lets those under way end; so does the first that throws. */
async function runAll(
  { document, runs }: Asked,
  folder: CampaignFolder,
  { screen, jobs, quiet, signal: interrupted }: Runner,
): Promise<readonly CampaignRun[]> {
  const done = new Map<string, CampaignRun>();
  const failure = new AbortController();
  const signal = AbortSignal.any([interrupted, failure.signal]);
  // One a run under way: with more than ten Node would warn of a leak.
  setMaxListeners(jobs, signal);
  const queue = runs.values();
  const teller = new CountTeller(screen, runs.length);
  const underWay = new Set<string>();
  const tellProgress = (): void => {
    if (quiet) return;
    const words = (): string => progress([...done.values()], runs.length);
    teller.tell(done.size, words, () => [...underWay].join(', '));
  };
  const work = async (): Promise<void> => {
    for (const planned of queue) {
      if (signal.aborted) return;
      underWay.add(planned.id);
      tellProgress();
      const run = await campaignRun(planned, { folder, world: document.world, signal });
      underWay.delete(planned.id);
      if (run !== null) done.set(planned.id, run);
      tellProgress();
    }
  };
  const workers = Array.from({ length: jobs }, () =>
    work().catch((error: unknown) => {
      failure.abort();
      throw error;
    }),
  );
  await Promise.allSettled(workers);
  await Promise.all(workers);
  return runs.flatMap(({ id }) => done.get(id) ?? []);
}

function progress(done: readonly CampaignRun[], all: number): string {
  const [bad, unknown] = [isViolation, isUnknown].map((is) => done.filter(is).length);
  return `${done.length} of ${plural(all, 'run')}: ${done.length - bad! - unknown!} ✓, ${bad!} ✕, ${unknown!} ?`;
}

interface Ended {
  readonly asked: Asked;
  readonly folder: CampaignFolder;
  readonly out: string;
  readonly runs: readonly CampaignRun[];
  readonly isInterrupted: boolean;
}

/** Writes what the runs came to, says it, and tells a CI server in its own words. One that was interrupted has no result yet. */
function tell(screen: Screen, { asked, folder, out, runs, isInterrupted }: Ended): number {
  const { document, file } = asked;
  const cells = cellResults(asked.cells, runs, { isPart: file.shard !== null });
  const result: CampaignResult = {
    format: 1,
    campaign: document.name,
    version: VERSION,
    seed: document.seed,
    exit: exitOf(cells, isInterrupted),
    interrupted: isInterrupted,
    shard: file.shard,
    startedMs: file.startedMs,
    about: `${document.world === 'simulator' ? 'simulated' : 'real processes'}, ${plural(cells.length, 'cell')}, ${plural(document.seeds, 'seed')} each`,
    cells,
    runs,
  };
  const earlier = campaignsNamed(out, document.name).flatMap((it) =>
    it.result === null || it.file.shard !== null || it.folder.path === folder.path ? [] : [it.result],
  );
  writeWhole(folder.page, campaignPage(result, earlier));
  writeWhole(folder.junit, junit(result));
  const words = stepSummary(result);
  writeWhole(folder.summary, words);
  rmSync(join(folder.unfinished, String(process.pid)), { recursive: true, force: true });
  if (!isInterrupted) writeJson(folder.result, result);
  const { symbol, headline, aside, run } = headlineOf(result);
  screen.say(`${symbol} ${headline}`);
  for (const line of [run?.sentence ?? null, aside].filter((it) => it !== null)) screen.say(`  ${line}`);
  screen.say(`  ${progress(runs, asked.runs.length)}`);
  screen.say(`  Report  ${folder.page}`);
  if (run !== null) screen.say(`  Again   ${run.command}`);
  tellServer(screen, {
    summary: words,
    summaryPath: folder.summary,
    annotations: annotations(result),
  });
  screen.document(result);
  return result.exit;
}

/**
 * Puts the runs of all parts into one folder. Of a run that failed there is nothing but what its part said of it. Throws a usage error where a
 * part belongs to another campaign, or runs are missing.
 */
function merge(
  screen: Screen,
  { asked, out, parts }: { readonly asked: Asked; readonly out: string; readonly parts: readonly string[] },
): number {
  const sources = new Map<string, string>();
  const failed = new Map<string, CampaignRun>();
  for (const part of parts) {
    const source = campaignFolder(part);
    const file = readJson<CampaignFile>(source.file);
    if (file === null)
      throw new StalemateError('usage', `${part}: not a campaign (no campaign.json)`, 'the folder of a part');
    if (file.digest !== asked.file.digest)
      throw new StalemateError(
        'usage',
        `${part}: a part of another campaign`,
        `${file.campaign}, or another seed or file`,
      );
    for (const { id } of asked.runs)
      if (existsSync(join(source.runs, id, 'result.json'))) sources.set(id, join(source.runs, id));
    for (const run of readJson<CampaignResult>(source.result)?.runs ?? [])
      if (run.report === null) failed.set(run.id, run);
  }
  const missing = asked.runs.filter(({ id }) => !sources.has(id) && !failed.has(id));
  if (missing.length > 0)
    throw new StalemateError(
      'usage',
      `--merge: ${plural(missing.length, 'run')} of ${asked.runs.length} missing, ${missing[0]!.id} first`,
      'name the folders of all parts',
    );
  const folder = createCampaignFolder(out, asked.file);
  for (const [id, source] of sources) cpSync(source, join(folder.runs, id), { recursive: true });
  const runs = asked.runs.flatMap((planned) => finishedRun(planned, folder) ?? failed.get(planned.id) ?? []);
  screen.say(`${plural(parts.length, 'part')} in ${relative('.', folder.path) || basename(folder.path)}`);
  return tell(screen, { asked, folder, out, runs, isInterrupted: false });
}
