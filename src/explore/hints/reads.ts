/** Hints of reads (M29-M37): what it takes for a node that answers too early, or from too much, to be seen. */
import type { Hint, HintedStep } from '../score.ts';
import { DEFAULT_WORLD } from '../world.ts';
import { LOYAL, REGISTER, WORKING } from './scene.ts';

const LEASES = { ...REGISTER, reads: 'lease' };

export const reads: Readonly<Record<string, Hint>> = {
  M29: {
    because: 'A follower that is cut off answers its witness from what it had then.',
    frame: REGISTER,
    world: DEFAULT_WORLD,
    steps: [{ kind: 'partition', target: 'follower', when: WORKING, forMs: 400 }],
  },
  M30: {
    because: 'A leader that is cut off and does not ask the others believes itself, and has a witness that asks it.',
    frame: REGISTER,
    world: LOYAL,
    electionTimeoutMs: [100, 120],
    steps: [{ kind: 'partition', target: 'leader', when: WORKING, forMs: 300, heal: 'stale-window', maxMs: 900 }],
  },
  M31: {
    because: 'A new leader has not heard that the last writes of the old one are committed, and is asked at once.',
    frame: REGISTER,
    world: { ...DEFAULT_WORLD, syncMs: [20, 60] },
    electionTimeoutMs: [100, 120],
    steps: threeLeaders(),
  },
  M32a: {
    because:
      'A leader sleeps with a round acknowledged, hears of its successor late, and reads what lies in its buffers first.',
    frame: REGISTER,
    world: LOYAL,
    electionTimeoutMs: [100, 120],
    steps: asleep(),
  },
  M32b: {
    because: 'As M32a: the acknowledgements of the round before the sleep pass for those of the one after it.',
    frame: REGISTER,
    world: LOYAL,
    electionTimeoutMs: [100, 120],
    steps: asleep(),
  },
  M33: {
    because: 'A new leader is asked before its first commit shows what the old one has answered: fsyncs are slow.',
    frame: REGISTER,
    world: { ...DEFAULT_WORLD, syncMs: [20, 60] },
    electionTimeoutMs: [100, 120],
    steps: threeLeaders(),
  },
  M34: {
    because: 'Acknowledgements wait while the leader sleeps, and count from when it wakes up; then it is cut off.',
    frame: LEASES,
    world: DEFAULT_WORLD,
    electionTimeoutMs: [150, 155],
    steps: [
      { kind: 'pause', target: 'leader', when: WORKING, forMs: 110, resume: 'input-first' },
      { kind: 'partition', target: 'leader', when: { kind: 'fault', id: 0, event: 'heal' }, forMs: 500 },
    ],
  },
  M35: {
    because: 'A leader is cut off, and its successor is elected as soon as an election timeout allows.',
    frame: LEASES,
    world: DEFAULT_WORLD,
    electionTimeoutMs: [100, 400],
    steps: [{ kind: 'partition', target: 'leader', when: WORKING, forMs: 600 }],
  },
  M36: {
    because: 'A leader hands over and hears late that its successor was elected.',
    frame: LEASES,
    world: DEFAULT_WORLD,
    electionTimeoutMs: [300, 350],
    steps: [
      { kind: 'slow-link', target: 'leader', when: WORKING, forMs: 600, delayMs: 60 },
      { kind: 'transfer', target: 'follower', when: { kind: 'fault', id: 0, event: 'inject' }, atMs: 200, forMs: 1 },
    ],
  },
  M37: {
    because:
      'A leader sleeps beyond its lease, hears of its successor late, and first reads what lies in its buffers; no write may lie there before.',
    frame: LEASES,
    world: DEFAULT_WORLD,
    electionTimeoutMs: [100, 120],
    steps: asleep({ afterMs: 45 }),
  },
};

/** One leader after another dies. */
function threeLeaders(): NonNullable<Hint['steps']> {
  const died = { kind: 'kill', target: 'leader', atMs: 150, forMs: 50 } as const;
  return [2, 3, 4].map((term): HintedStep => ({ ...died, when: { kind: 'leader', term } }));
}

/** The leader sleeps while another one is elected; what that sends it takes longer than the clients' questions. */
function asleep({ afterMs } = { afterMs: 5 }): NonNullable<Hint['steps']> {
  return [
    { kind: 'slow-link', target: 'leader', when: WORKING, forMs: 1500, delayMs: 1000 },
    {
      kind: 'pause',
      target: 'leader',
      when: { kind: 'fault', id: 0, event: 'inject' },
      atMs: afterMs,
      forMs: 300,
      heal: 'stale-window',
      maxMs: 900,
      resume: 'input-first',
    },
  ];
}
