/** How long the built program takes to check a file of 80 operations, as a user waits for it: wall time, its own process. */
import { execa } from 'execa';
import { generate } from './generate.ts';

const PROGRAM = new URL('../../src/cli/stalemate.cjs', import.meta.url).pathname;
const RUNS = 20;
const OPERATIONS = 80;

/** The median of 20 runs, in milliseconds, and that of a node that does nothing, taken in turns. @throws if one does not say ok */
export async function startUpMs(file: string): Promise<{ readonly check: number; readonly nothing: number }> {
  const shape = { keys: 1, values: 5, crashed: 0, crashedIn: 'everywhere', mismatches: 'observed' } as const;
  generate(file, { ...shape, object: 'cas-register', operations: OPERATIONS, clients: 5 }, 'start-up');
  const check: number[] = [];
  const nothing: number[] = [];
  for (let i = 0; i < RUNS; i++) {
    check.push(await wallMs([PROGRAM, 'check', file]));
    nothing.push(await wallMs(['-e', '0']));
  }
  return { check: median(check), nothing: median(nothing) };
}

async function wallMs(args: readonly string[]): Promise<number> {
  const fromMs = performance.now();
  await execa(process.execPath, args);
  return performance.now() - fromMs;
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[RUNS / 2]!;
}
