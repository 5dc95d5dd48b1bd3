/** What several hints have in common. */
import type { SimulatedLink, SimulatedWorld } from '../../contract/index.ts';
import type { Hint } from '../score.ts';

/** Nothing that hides what a rule of elections is for: no pre-votes, no stickiness, no CheckQuorum. */
export const BARE: Pick<SimulatedWorld, 'preVote' | 'checkQuorum'> = { preVote: false, checkQuorum: false };

/** Each frame on its own, so that a slow one is overtaken. */
export const DATAGRAMS: SimulatedLink = {
  kind: 'datagram',
  delayMs: [0.1, 5],
  loss: 0,
  duplication: 0,
  late: 0,
  lateMs: 0,
};

/** A leader that was cut off with a tail of its own, and a successor that is gone soon after it was elected. */
export const TAIL_AGAINST_NEWER: Pick<Hint, 'frame' | 'world' | 'electionTimeoutMs' | 'steps'> = {
  frame: { nodes: 3, clients: 10 },
  world: BARE,
  electionTimeoutMs: [100, 120],
  steps: [
    { kind: 'partition', target: 'leader', when: { kind: 'leader', term: 1 }, atMs: 100, forMs: 160 },
    { kind: 'kill', target: 'leader', when: { kind: 'leader', term: 2 }, atMs: 20, forMs: 400 },
  ],
};
