/** Hints of the members (M58-M64): a change that is asked of a leader when it is cut off, or nearly so. */
import type { Hint } from '../score.ts';
import { DEFAULT_WORLD } from '../world.ts';
import { LISTS, LOYAL, WORKING } from './scene.ts';

/** Within this a newcomer is a learner, and is not asked for as a voter yet. */
const LEARNT_MS = 20;

export const members: Readonly<Record<string, Hint>> = {
  M58: {
    because: 'The leader dies during a change, and the next one is asked for it before it has committed anything.',
    frame: LISTS,
    world: { ...DEFAULT_WORLD, syncMs: [20, 60] },
    electionTimeoutMs: [100, 120],
    steps: [
      { kind: 'membership', target: 'any', change: 'add', when: WORKING, forMs: 100 },
      { kind: 'kill', target: 'leader', when: WORKING, atMs: LEARNT_MS, forMs: 300 },
    ],
  },
  M59: {
    because: 'A leader is cut off with two learners, and takes in both, each before the other change is committed.',
    frame: LISTS,
    world: LOYAL,
    steps: [
      { kind: 'membership', target: 'any', change: 'grow', when: WORKING, forMs: 100 },
      { kind: 'partition', target: 'leader', when: WORKING, atMs: LEARNT_MS, forMs: 700 },
    ],
  },
  M60: {
    because:
      'A leader that has just got a learner is cut off with it, and takes it for a voter in place of another one.',
    frame: LISTS,
    world: LOYAL,
    steps: [
      { kind: 'membership', target: 'follower', change: 'replace', when: WORKING, forMs: 100 },
      { kind: 'partition', target: 'leader', when: WORKING, atMs: LEARNT_MS, forMs: 700 },
    ],
  },
  M61: {
    because: 'A leader that is cut off takes in a voter, and has to forget it when it hears of its successor.',
    frame: LISTS,
    world: LOYAL,
    electionTimeoutMs: [100, 120],
    steps: [
      { kind: 'membership', target: 'any', change: 'add', when: WORKING, forMs: 100 },
      { kind: 'partition', target: 'leader', when: WORKING, atMs: LEARNT_MS, forMs: 300 },
    ],
  },
  M62: {
    because: 'A leader is cut off with a learner, and counts it.',
    frame: LISTS,
    world: LOYAL,
    steps: [
      { kind: 'partition', target: 'leader', when: WORKING, forMs: 700 },
      { kind: 'membership', target: 'any', change: 'add', when: { kind: 'fault', id: 0, event: 'inject' }, forMs: 100 },
    ],
  },
  M63: {
    because: "A new node lives where a lost voter did, and is asked for that one's vote.",
    frame: LISTS,
    world: DEFAULT_WORLD,
    electionTimeoutMs: [100, 120],
    steps: [
      { kind: 'partition', target: 'follower', when: WORKING, forMs: 300 },
      { kind: 'wipe', target: 'follower', when: { kind: 'fault', id: 0, event: 'inject' }, atMs: 150, forMs: 200 },
      { kind: 'partition', target: 'leader', when: { kind: 'fault', id: 0, event: 'heal' }, forMs: 600 },
    ],
  },
};
