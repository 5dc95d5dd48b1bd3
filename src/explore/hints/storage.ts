/** Hints of snapshots and disks (M47-M57): what is lost, or damaged, or forgotten where it was to last. */
import type { Hint } from '../score.ts';
import { DEFAULT_WORLD } from '../world.ts';
import { LISTS, REGISTER, SNAPSHOTS, WORKING } from './scene.ts';

const OFTEN = { ...DEFAULT_WORLD, snapshots: SNAPSHOTS, segmentBytes: 500 };

export const storage: Readonly<Record<string, Hint>> = {
  M47: {
    because: 'Everybody starts from a snapshot that lacks the entry at its end.',
    frame: LISTS,
    world: OFTEN,
    steps: [
      { kind: 'power-loss', target: 'all', when: WORKING, forMs: 1 },
      { kind: 'power-loss', target: 'all', when: { kind: 'fault', id: 0, event: 'heal' }, atMs: 400, forMs: 1 },
    ],
  },
  M48: {
    because: 'A leader that is cut off goes on, and gets a snapshot that ends within what it had by itself.',
    frame: REGISTER,
    world: { ...OFTEN, checkQuorum: false },
    electionTimeoutMs: [100, 120],
    steps: [{ kind: 'partition', target: 'leader', when: WORKING, forMs: 250 }],
  },
  M49: {
    because:
      'A snapshot comes a second time, late, when the node has cut its log behind it already, and takes away what it has acknowledged; then it is left with one that was away.',
    frame: LISTS,
    world: {
      ...OFTEN,
      peerLink: { ...DEFAULT_WORLD.peerLink, kind: 'datagram', duplication: 0.3, late: 0.3, lateMs: 200 },
    },
    steps: [
      { kind: 'partition', target: 'follower', when: WORKING, forMs: 150 },
      { kind: 'partition', target: 'follower', when: { kind: 'fault', id: 0, event: 'heal' }, atMs: 20, forMs: 250 },
      { kind: 'partition', target: 'leader', when: { kind: 'fault', id: 1, event: 'heal' }, forMs: 600 },
    ],
  },
  M50: {
    because: 'The members change, and a node starts from a snapshot that does not know it.',
    frame: REGISTER,
    world: OFTEN,
    steps: [
      { kind: 'membership', target: 'follower', change: 'add', when: WORKING, forMs: 600 },
      { kind: 'kill', target: 'any', when: { kind: 'fault', id: 0, event: 'inject' }, atMs: 300, forMs: 1 },
    ],
  },
  M51: {
    because: 'Nodes die while they write over their only snapshot.',
    frame: REGISTER,
    world: OFTEN,
    steps: [{ kind: 'power-loss', target: 'all', when: WORKING, forMs: 1 }],
  },
  M52: {
    because: 'The power goes when the log is cut and the snapshot that replaces it is not durable.',
    frame: REGISTER,
    world: { ...OFTEN, syncMs: [5, 20] },
    steps: [{ kind: 'power-loss', target: 'all', when: WORKING, forMs: 1 }],
  },
  M53: {
    because: 'A bit flips in what was written, nobody notices, and the node that has it leads.',
    frame: LISTS,
    world: DEFAULT_WORLD,
    steps: [
      { kind: 'bit-flip', target: 'follower', when: WORKING, forMs: 1000 },
      { kind: 'partition', target: 'leader', when: { kind: 'fault', id: 0, event: 'inject' }, atMs: 150, forMs: 600 },
    ],
  },
  M54: {
    because: 'A voter that has a write with the leader loses it to a flipped bit, and elects one that never had it.',
    frame: LISTS,
    world: DEFAULT_WORLD,
    steps: forgetful('bit-flip'),
  },
  M55: {
    because: 'A voter that has a write with the leader forgets it with its disk, and elects one that never had it.',
    frame: LISTS,
    world: DEFAULT_WORLD,
    steps: forgetful('wipe'),
  },
  M56: {
    because: 'A write is acknowledged on fsyncs that failed, and then the power goes.',
    frame: { ...REGISTER, workload: 'counter', clients: 12 },
    world: { ...DEFAULT_WORLD, syncMs: [1, 2] },
    steps: [
      { kind: 'fsync-error', target: 'all', when: WORKING, forMs: 3 },
      { kind: 'power-loss', target: 'all', when: { kind: 'fault', id: 0, event: 'heal' }, forMs: 1 },
    ],
  },
  M57: {
    because: 'The power goes when the last segments of the log have no name yet that lasts.',
    frame: REGISTER,
    world: { ...DEFAULT_WORLD, segmentBytes: 500 },
    steps: [{ kind: 'power-loss', target: 'all', when: WORKING, forMs: 1 }],
  },
};

/** One voter is away; the other one is harmed, and left with the one that comes back, without the leader. */
function forgetful(kind: 'bit-flip' | 'wipe'): NonNullable<Hint['steps']> {
  return [
    { kind: 'partition', target: 'follower', when: WORKING, forMs: 300 },
    { kind, target: 'follower', when: { kind: 'fault', id: 0, event: 'inject' }, atMs: 150, forMs: 1000 },
    { kind: 'partition', target: 'leader', when: { kind: 'fault', id: 0, event: 'heal' }, forMs: 600 },
  ];
}
