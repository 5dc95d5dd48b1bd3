/**
 * The benchmark of the scan: `tsx test/bench/scan.ts` writes histories of a million operations as the recorder does, and
 * measures in one process each, the file in the page cache: `JSON.parse` of every line and nothing else, and the shipped
 * reader from bytes to a table. Exits 1 where a scan costs more than a third of `JSON.parse`. CPU time, minima; `cold` is the first scan.
 * `--built FOLDER` measures a build instead of the sources, `--operations N` and `--seed S` other histories.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { execa } from 'execa';
import type * as Jsonl from '../../checker/history/jsonl.ts';
import type { TableHistory } from '../../checker/history/table.ts';
import { generate, type HistoryShape } from './generate.ts';
import { readChunks, readLines } from './lines.ts';

const RATIO_MAX = 1 / 3;
const RATIO_GOAL = 1 / 4;
const SCANS = 7;
const PARSES = 3;

interface Figures {
  readonly operations: number;
  readonly parseMs: number;
  readonly scanMs: number;
  readonly coldMs: number;
  /** Of the process after the first scan. */
  readonly peakMb: number;
}

const { values: flags } = parseArgs({
  options: {
    operations: { type: 'string', default: '1000000' },
    seed: { type: 'string', default: 'scan' },
    built: { type: 'string' },
    measure: { type: 'string' },
  },
});

const SHARED = { operations: Number(flags.operations), crashedIn: 'everywhere', mismatches: 'observed' } as const;
const SHAPES: Readonly<Record<string, HistoryShape>> = {
  'register, unique values': { ...SHARED, object: 'register', clients: 10, keys: 1, values: 0, crashed: 0 },
  'register, 100 crashed': { ...SHARED, object: 'register', clients: 10, keys: 1, values: 0, crashed: 100 },
  'cas-register of 5 values': { ...SHARED, object: 'cas-register', clients: 10, keys: 1, values: 5, crashed: 0 },
  'kv of 1,000 keys, text': { ...SHARED, object: 'kv', clients: 20, keys: 1000, values: 0, crashed: 0 },
};

if (flags.measure === undefined) await compare();
else console.log(JSON.stringify(await measure(flags.measure)));

async function compare(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'stalemate-scan-'));
  try {
    for (const [name, shape] of Object.entries(SHAPES)) await row(name, shape, join(folder, 'history.jsonl'));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function row(name: string, shape: HistoryShape, file: string): Promise<void> {
  const { bytes } = generate(file, shape, flags.seed);
  const built = flags.built === undefined ? [] : ['--built', flags.built];
  const program = new URL(import.meta.url).pathname;
  const { stdout } = await execa(process.execPath, ['--import', 'tsx', program, '--measure', file, ...built]);
  const { operations, parseMs, scanMs, coldMs, peakMb } = JSON.parse(stdout) as Figures;
  if (operations !== shape.operations) throw new Error(`${operations} operations were read of ${shape.operations}`);
  const ratio = scanMs / parseMs;
  const mark = ratio <= RATIO_GOAL ? '✓ goal' : ratio <= RATIO_MAX ? '✓' : '✕';
  if (ratio > RATIO_MAX) process.exitCode = 1;
  const figures = `JSON.parse ${parseMs.toFixed(0)} ms, scan ${scanMs.toFixed(0)} ms (cold ${coldMs.toFixed(0)})`;
  console.log(
    `${name}: ${(bytes / 1e6).toFixed(0)} MB; ${figures}, ratio ${ratio.toFixed(2)} ${mark}; peak ${peakMb.toFixed(0)} MB`,
  );
}

async function measure(file: string): Promise<Figures> {
  const folder = flags.built === undefined ? new URL('../../', import.meta.url) : pathToFileURL(`${flags.built}/`);
  const extension = flags.built === undefined ? 'ts' : 'js';
  const { JsonlReader } = (await import(new URL(`checker/history/jsonl.${extension}`, folder).href)) as typeof Jsonl;
  let operations = 0;
  const scan = (): void => {
    const reader = new JsonlReader(file);
    readChunks(file, (bytes) => {
      reader.push(bytes);
    });
    operations = (reader.finish() as TableHistory).table.count;
  };
  const parse = (): void => {
    readLines(file, (line) => {
      operations += typeof JSON.parse(line) === 'object' ? 0 : NaN;
    });
  };
  readChunks(file, () => undefined);
  const coldMs = cpuMsOf(scan);
  const peakMb = process.resourceUsage().maxRSS / 1024;
  const scanMs = Math.min(...Array.from({ length: SCANS }, () => cpuMsOf(scan)));
  const parseMs = Math.min(...Array.from({ length: PARSES }, () => cpuMsOf(parse)));
  return { operations, parseMs, scanMs, coldMs, peakMb };
}

function cpuMsOf(run: () => void): number {
  const from = process.cpuUsage();
  run();
  const { user, system } = process.cpuUsage(from);
  return (user + system) / 1000;
}
