/** What makes each mutant show (see `Hint`), by its id. */
import type { Hint } from '../score.ts';
import { clients } from './clients.ts';
import { elections } from './elections.ts';
import { liveness } from './liveness.ts';
import { members } from './members.ts';
import { reads } from './reads.ts';
import { replication } from './replication.ts';
import { storage } from './storage.ts';

export const HINTS: Readonly<Record<string, Hint>> = {
  ...elections,
  ...replication,
  ...reads,
  ...clients,
  ...storage,
  ...members,
  ...liveness,
};
