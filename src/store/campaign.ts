/** The layout of a campaign's folder: its runs in `runs/`, what was asked, and what it came to. */
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { StalemateError } from '../base/errors.ts';
import type { Answers, CampaignResult, RunFile, RunResult } from '../contract/index.ts';
import { readJson, readResult, writeJson } from './files.ts';
import { createDatedFolder, runFolder, runNames } from './folder.ts';
import { hold, holderOf } from './hold.ts';
import { notesFolder } from './notes.ts';

/** campaign.json: written at the beginning, so that a campaign that was cut short can be gone on with. */
export interface CampaignFile {
  readonly format: 1;
  readonly campaign: string;
  /** Of the file, defaults filled in, and the seed: equal digests ask for equal runs. */
  readonly digest: string;
  readonly shard: string | null;
  readonly startedMs: number;
}

/** The files of a campaign, as absolute paths. */
export interface CampaignFolder {
  readonly path: string;
  readonly file: string;
  /** Process number of who is at it. */
  readonly holder: string;
  readonly runs: string;
  /** Runs that are not finished; each campaign process has a folder of its own there, since a killed one's last run goes on for a while. */
  readonly unfinished: string;
  readonly result: string;
  readonly page: string;
  readonly junit: string;
  readonly summary: string;
}

export function campaignFolder(path: string): CampaignFolder {
  const full = resolve(path);
  const file = (name: string): string => join(full, name);
  return {
    path: full,
    file: file('campaign.json'),
    holder: file('pid'),
    runs: file('runs'),
    unfinished: file('unfinished'),
    result: file('result.json'),
    page: file('index.html'),
    junit: file('junit.xml'),
    summary: file('summary.md'),
  };
}

/** Makes the folder of a new campaign, `<utc>-campaign-<name>`. Throws a usage error where `out` cannot be written. */
export function createCampaignFolder(out: string, file: CampaignFile): CampaignFolder {
  const folder = campaignFolder(createDatedFolder(out, new Date(file.startedMs), `campaign-${file.campaign}`));
  mkdirSync(folder.runs);
  writeJson(folder.file, file);
  return folder;
}

/** Takes it for this process; `release` it when done. Throws a usage error where another process is at it. */
export function holdCampaign({ path, holder }: CampaignFolder): () => void {
  const release = hold(holder);
  if (release !== null) return release;
  throw new StalemateError(
    'usage',
    `${path}: process ${holderOf(holder) ?? ''} is at it`,
    `--fresh begins another; if that process is something else, delete ${holder}`,
  );
}

/** A campaign that is there, going on or finished. */
export interface FoundCampaign {
  readonly folder: CampaignFolder;
  readonly file: CampaignFile;
  /** Null while it goes on, and where it was cut short. */
  readonly result: CampaignResult | null;
}

/** Those of that name in `out`, the oldest first. */
export function campaignsNamed(out: string, name: string): readonly FoundCampaign[] {
  return runNames(out)
    .toReversed()
    .flatMap((it) => {
      const folder = campaignFolder(join(out, it));
      const file = readJson<CampaignFile>(folder.file);
      if (file === null || file.campaign !== name) return [];
      return [{ folder, file, result: readJson<CampaignResult>(folder.result) }];
    });
}

/** A run or a campaign in a folder of results. */
export interface ListedFolder {
  readonly name: string;
  /** Null for a campaign, for answers to the notes, and where it cannot be read. */
  readonly run: RunFile | null;
  /** Null while it goes on, and for ever if it was killed. */
  readonly result: RunResult | null;
  readonly campaign: CampaignResult | null;
  /** Of the notes. */
  readonly answers: Answers | null;
}

/** All of them, newest first. What cannot be read is listed by its name. */
export function listFolders(out: string): readonly ListedFolder[] {
  return runNames(out).map((name) => {
    const path = join(out, name);
    const isCampaign = orNull(() => readJson<CampaignFile>(campaignFolder(path).file)) !== null;
    const folder = runFolder(path);
    return {
      name,
      run: isCampaign ? null : orNull(() => readJson<RunFile>(folder.run)),
      result: isCampaign ? null : orNull(() => readResult(folder)),
      campaign: isCampaign ? orNull(() => readJson<CampaignResult>(campaignFolder(path).result)) : null,
      answers: orNull(() => readJson<Answers>(notesFolder(path).answers)),
    };
  });
}

/** What was changed after the run is no reason to hide the others. */
function orNull<T>(read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    if (error instanceof StalemateError) return null;
    throw error;
  }
}
