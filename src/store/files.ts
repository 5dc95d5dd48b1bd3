/** Writing and reading the files of a run's folder. */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { StalemateError } from '../base/errors.ts';
import type { FaultLine, HistoryLine, RunFile, RunResult } from '../contract/index.ts';
import { runFolder, runNames, type RunFolder } from './folder.ts';
import { openJsonl, readJsonl } from './jsonl.ts';

/** Where a run writes its history and its faults. */
export interface RunSink {
  history(line: HistoryLine): void;
  fault(line: FaultLine): void;
  close(): void;
}

/**
 * Opens history.jsonl and faults.jsonl. An invocation is on its way to the disk before its request leaves: without its
 * invocation, the value that others read would look like one that nobody wrote. A completion that a kill loses only
 * turns a known answer into an unknown one, so it waits for the next invocation.
 */
export function openSink(folder: RunFolder): RunSink {
  const history = openJsonl(folder.history);
  const faults = openJsonl(folder.faults);
  return {
    history: (line) => (line.type === 'invoke' ? history.write(line) : history.writeSoon(line)),
    fault: (line) => faults.write(line),
    close: () => {
      history.close();
      faults.close();
    },
  };
}

/** Writes a document whole or not at all. */
export function writeJson(path: string, document: object): void {
  writeWhole(path, `${JSON.stringify(document, null, 2)}\n`);
}

/** Writes a text whole or not at all: whoever reads sees the old file or the new one. */
export function writeWhole(path: string, text: string): void {
  const next = `${path}.next`;
  writeFileSync(next, text);
  renameSync(next, path);
}

/** run.json. Throws a usage error where the folder is none of a run. */
export function readRunFile(folder: RunFolder): RunFile {
  const run = readJson<RunFile>(folder.run);
  if (run === null) throw new StalemateError('usage', `${folder.path}: not a run (no run.json)`, 'see stalemate list');
  return run;
}

/** result.json, or null if the run has none. */
export function readResult(folder: RunFolder): RunResult | null {
  return readJson<RunResult>(folder.result);
}

/** faults.jsonl, as far as it goes. */
export function readFaults(folder: RunFolder): readonly FaultLine[] {
  return readJsonl<FaultLine>(folder.faults);
}

/** Makes and names the folder of one node: its output, probes and data. */
export function nodeFolder(folder: RunFolder, node: string): string {
  const path = join(folder.nodes, node);
  mkdirSync(path, { recursive: true });
  return path;
}

/** A run in a list. */
export interface ListedRun {
  readonly folder: RunFolder;
  readonly run: RunFile;
  /** Null for a run that is going on, or that was killed. */
  readonly result: RunResult | null;
}

/** The runs under `out`, newest first; folders without a run.json are left out. */
export function listRuns(out: string): readonly ListedRun[] {
  return runNames(out).flatMap((name) => {
    const folder = runFolder(join(out, name));
    const run = readJson<RunFile>(folder.run);
    return run === null ? [] : [{ folder, run, result: readResult(folder) }];
  });
}

/** A document of ours, or null where there is no such file. Throws a usage error where it cannot be read or is none. */
export function readJson<T extends { readonly format: 1 }>(path: string): T | null {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw new StalemateError('usage', `${path}: cannot be read (${code ?? String(error)})`, 'see who owns it');
  }
  let document: Partial<T> | null;
  try {
    document = JSON.parse(text) as Partial<T> | null;
  } catch {
    throw new StalemateError('usage', `${path}: not JSON`, 'the file was changed after the run');
  }
  if (document?.format === 1) return document as T;
  throw new StalemateError('usage', `${path}: not of format 1`, 'it is of another version, or was changed');
}
