/** What many hints have in common. */
import type { SimulatedWorld, Trigger } from '../../contract/index.ts';
import type { PlanFrame } from '../generate.ts';
import { DEFAULT_WORLD } from '../world.ts';

/** A small cluster with a witness at every node, all on one key. */
export const REGISTER: PlanFrame = { nodes: 3, workload: 'register', reads: 'read-index', clients: 8, keys: 1 };

/** As that; and what is lost stays missing, where a register would soon be written over. */
export const LISTS: PlanFrame = { ...REGISTER, workload: 'append' };

/** The cluster is at work. */
export const WORKING: Trigger = { kind: 'answered', operations: 30 };

/** A leader that hears nobody goes on leading. */
export const LOYAL: SimulatedWorld = { ...DEFAULT_WORLD, checkQuorum: false };

/** A snapshot every few entries, which takes a while. */
export const SNAPSHOTS: SimulatedWorld['snapshots'] = {
  everyEntries: 5,
  keepEntries: 0,
  sliceBytes: 40,
  pauseMs: 10,
};
