/** Hints by mutant's id. */
import type { Hint } from '../score.ts';

export const HINTS: Readonly<Record<string, Hint>> = {};
