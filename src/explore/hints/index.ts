/** What makes each mutant show (see `Hint`), by its id. */
import type { Hint } from '../score.ts';
import { elections } from './elections.ts';
import { replication } from './replication.ts';

export const HINTS: Readonly<Record<string, Hint>> = { ...elections, ...replication };
