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

/** Links and disks that take next to no time. */
export const QUICK: Pick<SimulatedWorld, 'peerLink' | 'syncMs'> = {
  peerLink: { ...DATAGRAMS, delayMs: [0.1, 1] },
  syncMs: [0.1, 0.5],
};

/** A leader is cut off with a tail of its own, and its successor dies as soon as it has committed something, when the first one is back. */
export const TAIL_AGAINST_NEWER: Pick<Hint, 'frame' | 'world' | 'electionTimeoutMs' | 'thinkMs' | 'steps'> = {
  frame: { nodes: 3, workload: 'append', reads: 'log', clients: 10 },
  world: { ...BARE, ...QUICK },
  electionTimeoutMs: [100, 120],
  thinkMs: 60,
  steps: [
    { kind: 'partition', target: 'leader', when: { kind: 'leader', term: 1 }, atMs: 100, forMs: 180 },
    { kind: 'kill', target: 'leader', when: { kind: 'fault', id: 0, event: 'inject' }, atMs: 170, forMs: 400 },
  ],
};
