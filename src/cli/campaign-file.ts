/** A campaign's file and its flags: what is asked, and what is wrong with it. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { parse, YAMLParseError } from 'yaml';
import { StalemateError } from '../base/errors.ts';
import {
  cellsOf,
  parseShard,
  readDocument,
  runsOf,
  shardOf,
  type CampaignDocument,
  type PlannedRun,
} from '../campaign/index.ts';
import type { Cell, ReadModes } from '../contract/index.ts';
import { isLinearizable, isReadMode } from '../run/index.ts';
import { SIM_CAPABILITIES } from '../sim/sim-cluster.ts';
import type { CampaignFile } from '../store/index.ts';
import { text, type Given } from './command.ts';
import { planOf, type Aim } from './plan-flags.ts';
import { chooseSystem } from './systems.ts';

/** What a campaign is about, before anything was run. */
export interface Asked {
  readonly document: CampaignDocument;
  readonly cells: readonly Cell[];
  readonly runs: readonly PlannedRun[];
  readonly file: CampaignFile;
}

/** Everything that can be wrong with it is said before anything is started. */
export async function ask(given: Given): Promise<Asked> {
  const path = given['file'] as string;
  const written = readDocument(parsed(path), path);
  const document = { ...written, seed: text(given, 'seed') ?? written.seed };
  const aims = await aimsOf(document, path);
  const modesOf = (system: string): ReadModes | undefined => aims.get(system)?.foreign?.reads;
  const cells = cellsOf(
    document,
    (reads, system = 'raft') => isLinearizable(reads, modesOf(system)),
    (system, reads) => isReadMode(reads, modesOf(system)),
  );
  const all = runsOf(document, cells);
  for (const { flags } of new Map(all.map((run) => [run.cell.id, run])).values()) {
    try {
      planOf(flags, aims.get(flags['system']!)!);
    } catch (error) {
      throw inFile(error, path);
    }
  }
  const word = text(given, 'shard');
  const runs = word === undefined ? all : shardOf(all, parseShard(word));
  const digest = createHash('sha256').update(JSON.stringify(document)).digest('hex').slice(0, 16);
  const file: CampaignFile = {
    format: 1,
    campaign: document.name,
    digest,
    shard: word ?? null,
    startedMs: Date.now(),
  };
  return { document, cells, runs, file };
}

/** What can be asked of each system that is named. */
async function aimsOf({ systems, world, flags }: CampaignDocument, path: string): Promise<ReadonlyMap<string, Aim>> {
  const names = [...new Set(systems.map((system) => system.split(' ')[0]!))];
  if (world === 'simulator') return new Map(names.map((name) => [name, { can: SIM_CAPABILITIES }]));
  try {
    return new Map(
      await Promise.all(
        names.map(async (name) => [name, (await chooseSystem({ name, flags: {} }, flags)).aim] as const),
      ),
    );
  } catch (error) {
    throw inFile(error, path);
  }
}

function inFile(error: unknown, path: string): unknown {
  return error instanceof StalemateError
    ? new StalemateError(error.code, `${path}: ${error.message}`, error.hint)
    : error;
}

function parsed(path: string): unknown {
  let words: string;
  try {
    words = readFileSync(path, 'utf8');
  } catch (error) {
    throw new StalemateError(
      'usage',
      `${path}: cannot be read (${(error as NodeJS.ErrnoException).code})`,
      'a YAML file',
    );
  }
  try {
    return parse(words);
  } catch (error) {
    // Of its syntax; a ReferenceError where a `*name` has no anchor, or too many of them.
    if (!(error instanceof YAMLParseError || error instanceof ReferenceError)) throw error;
    const line = error instanceof YAMLParseError ? error.linePos?.[0].line : undefined;
    throw new StalemateError(
      'usage',
      `${path}${line === undefined ? '' : `:${line}`}: ${error.message.split('\n')[0]!}`,
      'as YAML',
    );
  }
}
