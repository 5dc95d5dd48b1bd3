/** Hints of mutants that are caught by how long nobody leads, or how many terms it takes (M10, M11, M12, M64): `liveness-score.ts`. */
import type { Hint } from '../score.ts';
import { DEFAULT_WORLD } from '../world.ts';
import { REGISTER, WORKING } from './scene.ts';

const FRAME = { ...REGISTER, clients: 6 };

export const liveness: Readonly<Record<string, Hint>> = {
  M10: {
    because: 'The leader dies, and the others stand for election at one moment, again and again: votes take an fsync.',
    frame: FRAME,
    world: { ...DEFAULT_WORLD, syncMs: [20, 40] },
    electionTimeoutMs: [100, 200],
    steps: [{ kind: 'kill', target: 'leader', when: WORKING, forMs: 900 }],
  },
  M11: {
    because: 'A node whose clock is fast and whose log is old keeps asking for votes that it does not get.',
    frame: FRAME,
    world: { ...DEFAULT_WORLD, clockRates: [2, 1, 1] },
    electionTimeoutMs: [100, 200],
    steps: [
      { kind: 'partition', target: 'leader', when: WORKING, forMs: 300 },
      { kind: 'kill', target: 'leader', when: { kind: 'fault', id: 0, event: 'heal' }, forMs: 800 },
    ],
  },
  M12: {
    because:
      'Two nodes do not hear each other, and a third one hears both: whoever does not hear the leader unseats it.',
    frame: FRAME,
    world: DEFAULT_WORLD,
    electionTimeoutMs: [100, 200],
    steps: [{ kind: 'partition', target: 'bridge', when: WORKING, forMs: 1200 }],
  },
  M64: {
    because: 'A node that was removed runs on without knowing it, and unseats one leader after another.',
    frame: { ...FRAME, nodes: 4 },
    world: DEFAULT_WORLD,
    electionTimeoutMs: [100, 200],
    steps: [{ kind: 'membership', target: 'follower', change: 'remove', when: WORKING, forMs: 1200 }],
  },
};
