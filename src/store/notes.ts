/** The layout of a campaign of the notes: trials as they are made, the runs that are shown, and the answers. */
import { existsSync, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { assert } from '../base/assert.ts';
import { readJson, writeJson } from './files.ts';
import { createDatedFolder, runNames } from './folder.ts';
import { hold } from './hold.ts';

/** notes.json: written at the beginning, so that a campaign that was cut short can be gone on with. */
export interface NotesFile {
  readonly format: 1;
  /** Of the tool's version, the seed, the scale, the mutant and the experiments: equal digests ask for equal trials. */
  readonly digest: string;
  readonly startedMs: number;
}

/** The files of it, as absolute paths. */
export interface NotesFolder {
  readonly path: string;
  readonly file: string;
  /** Process number of who is at it. */
  readonly holder: string;
  /** A trial a line, with its name. */
  readonly trials: string;
  /** A folder for each run that is shown. */
  readonly runs: string;
  readonly answers: string;
  readonly page: string;
}

/** The files of the campaign at `path`, whether it exists or not. */
export function notesFolder(path: string): NotesFolder {
  const full = resolve(path);
  const file = (name: string): string => join(full, name);
  return {
    path: full,
    file: file('notes.json'),
    holder: file('pid'),
    trials: file('trials.jsonl'),
    runs: file('runs'),
    answers: file('answers.json'),
    page: file('answers.html'),
  };
}

/**
 * The newest campaign of that digest in `out` that has no answers yet, and that nobody is at; a new one, `<utc>-notes-<name>`, where there is
 * none. Throws a usage error where `out` cannot be written. `release` it when done.
 */
export function openNotesFolder(
  out: string,
  it: { readonly name: string; readonly file: NotesFile },
): { readonly folder: NotesFolder; readonly isNew: boolean; readonly release: () => void } {
  for (const name of runNames(out)) {
    const folder = notesFolder(join(out, name));
    if (readJson<NotesFile>(folder.file)?.digest !== it.file.digest || existsSync(folder.answers)) continue;
    const release = hold(folder.holder);
    if (release !== null) return { folder, isNew: false, release };
  }
  const folder = notesFolder(createDatedFolder(out, new Date(it.file.startedMs), `notes-${it.name}`));
  mkdirSync(folder.runs);
  const release = hold(folder.holder);
  assert(release !== null, 'a new folder is held by nobody else');
  writeJson(folder.file, it.file);
  return { folder, isNew: true, release };
}
