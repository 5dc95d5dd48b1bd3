/** Hints of the state machine and its clients (M38-M46): answers that come too early, twice or wrongly, and states that go apart. */
import type { Hint } from '../score.ts';
import { DEFAULT_WORLD } from '../world.ts';
import { LISTS, REGISTER, SNAPSHOTS, WORKING } from './scene.ts';

const ONE_AT_A_TIME = { maxEntriesPerMessage: 1, maxInFlight: 1 };

export const clients: Readonly<Record<string, Hint>> = {
  M38: {
    because: 'A leader that is cut off answers writes that nobody else will ever have.',
    frame: REGISTER,
    world: DEFAULT_WORLD,
    steps: [{ kind: 'partition', target: 'leader', when: WORKING, forMs: 300 }],
  },
  M39: {
    because: 'What is read stands in the log of the leader alone, as slowly as others get it, and dies with it.',
    frame: REGISTER,
    world: { ...DEFAULT_WORLD, ...ONE_AT_A_TIME, syncMs: [20, 60] },
    electionTimeoutMs: [100, 120],
    steps: [
      { kind: 'kill', target: 'leader', when: WORKING, forMs: 400 },
      { kind: 'kill', target: 'leader', when: { kind: 'leader', term: 3 }, atMs: 200, forMs: 400 },
    ],
  },
  M40: {
    because: 'Answers get lost, and a sum tells whether an addition was carried out twice.',
    frame: { ...REGISTER, workload: 'counter' },
    world: { ...DEFAULT_WORLD, clientLink: { ...DEFAULT_WORLD.clientLink, loss: 0.05 } },
    steps: [{ kind: 'kill', target: 'leader', when: WORKING, forMs: 100 }],
  },
  M41: {
    because: 'A node that starts from a snapshot knows no session, leaves out what others carry out, and then leads.',
    frame: LISTS,
    world: { ...DEFAULT_WORLD, snapshots: SNAPSHOTS },
    steps: [
      { kind: 'kill', target: 'follower', when: WORKING, forMs: 1 },
      { kind: 'kill', target: 'leader', when: { kind: 'fault', id: 0, event: 'heal' }, atMs: 200, forMs: 400 },
    ],
  },
  M42: {
    because: 'Answers get lost with the leader, and the next one carries out again what it is asked again.',
    frame: { ...REGISTER, workload: 'counter' },
    world: { ...DEFAULT_WORLD, clientLink: { ...DEFAULT_WORLD.clientLink, loss: 0.05 } },
    steps: [
      { kind: 'kill', target: 'leader', when: WORKING, forMs: 100 },
      { kind: 'kill', target: 'leader', when: { kind: 'leader', term: 3 }, atMs: 200, forMs: 100 },
    ],
  },
  M43: {
    because: 'A leader that hears nobody steps down, with writes of its own in the logs of the others.',
    frame: REGISTER,
    world: DEFAULT_WORLD,
    electionTimeoutMs: [100, 120],
    steps: [{ kind: 'slow-link', target: 'leader', when: WORKING, delayMs: 90, forMs: 600 }],
  },
  M44: {
    because: 'What a node answers of a key that nobody has written becomes a part of its state.',
    frame: { ...REGISTER, keys: 5 },
    world: DEFAULT_WORLD,
    steps: [{ kind: 'partition', target: 'leader', when: WORKING, forMs: 300 }],
  },
  M45: {
    because: 'Nodes die between the two files of a snapshot, and start with a label that is newer than the state.',
    frame: LISTS,
    world: { ...DEFAULT_WORLD, snapshots: SNAPSHOTS, syncMs: [1, 20] },
    steps: [
      { kind: 'power-loss', target: 'all', when: WORKING, forMs: 1 },
      { kind: 'power-loss', target: 'all', when: { kind: 'fault', id: 0, event: 'heal' }, atMs: 400, forMs: 1 },
      { kind: 'power-loss', target: 'all', when: { kind: 'fault', id: 1, event: 'heal' }, atMs: 400, forMs: 1 },
    ],
  },
  M46: {
    because: 'A new leader has applied nothing of what the old one had answered.',
    frame: REGISTER,
    world: DEFAULT_WORLD,
    steps: [{ kind: 'kill', target: 'leader', when: WORKING, forMs: 300 }],
  },
};
