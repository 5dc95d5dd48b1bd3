/**
 * Where the programs of a system are: in the folder that was named, which may be a Debian package unpacked, on PATH, or where Debian puts them.
 * Nothing is installed: what is missing is told, with the command that installs it.
 */
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { Program } from '../contract/system.ts';

/** The path of the program, or null where there is none. */
export function findProgram({ name, places }: Program, binDir: string | undefined): string | null {
  const given = binDir === undefined ? [] : [binDir, ...[...BELOW, ...places].map((place) => join(binDir, place))];
  const path = (process.env['PATH'] ?? '').split(delimiter).filter(Boolean);
  const found = [...given, ...path, ...places].map((folder) => join(folder, name)).find(isProgram);
  return found ?? null;
}

/** The command that installs what has these programs, on Debian. */
export function installCommand(programs: readonly Program[]): string {
  return `apt-get install ${[...new Set(programs.map((program) => program.package))].join(' ')}`;
}

const BELOW = ['bin', 'sbin', 'usr/bin', 'usr/sbin', 'usr/local/bin'];

function isProgram(path: string): boolean {
  try {
    accessSync(path, path.endsWith('.jar') ? constants.R_OK : constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
