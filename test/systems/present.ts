/**
 * Real systems are tested where their programs are: on PATH, in Debian's places, or unpacked in the folder that STALEMATE_BIN_DIR names. Where they
 * are not, the tests are skipped with a word; not so where STALEMATE_REQUIRE names the system: then that is a failure.
 */
import { describe } from 'vitest';
import { findProgram, PROCESS_SYSTEMS } from '../../src/systems/index.ts';

/** The folder with the programs, as `--bin-dir` takes it. */
export const BIN_DIR: string | undefined = process.env['STALEMATE_BIN_DIR'];

/** `--bin-dir`, where there is one. */
export const BIN_FLAGS: readonly string[] = BIN_DIR === undefined ? [] : ['--bin-dir', BIN_DIR];

/** Describes the tests of that system, or skips them. */
export function describeSystem(name: string, tests: () => void): void {
  const { programs } = PROCESS_SYSTEMS.find((system) => system.name === name)!;
  const missing = programs.filter((program) => findProgram(program, BIN_DIR) === null).map((program) => program.name);
  const isRequired = (process.env['STALEMATE_REQUIRE'] ?? '').split(/[\s,]+/).includes(name);
  if (missing.length > 0 && isRequired)
    throw new Error(`STALEMATE_REQUIRE names ${name}, and there is no ${missing.join(', ')}`);
  if (missing.length > 0) describe.skip(`${name} (not here: ${missing.join(', ')})`, tests);
  else describe(name, tests);
}
