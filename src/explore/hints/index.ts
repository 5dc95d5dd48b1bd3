/** For each mutant what makes it show. */
import type { Hint } from '../score.ts';
import { clients } from './clients.ts';
import { liveness } from './liveness.ts';
import { members } from './members.ts';
import { reads } from './reads.ts';
import { storage } from './storage.ts';

export const HINTS: Readonly<Record<string, Hint>> = { ...reads, ...clients, ...storage, ...members, ...liveness };
