/** What shows the mutants of elections (M01-M13). */
import type { Hint } from '../score.ts';
import { BARE, DATAGRAMS, QUICK, TAIL_AGAINST_NEWER } from './worlds.ts';

/** By the id of the mutant. */
export const elections: Readonly<Record<string, Hint>> = {
  M01: {
    because:
      'A voter loses power the moment that its candidate leads, before its vote is durable, and votes again in that term while that leader is cut off.',
    frame: { nodes: 3, workload: 'cas-register', reads: 'read-index', clients: 8 },
    world: { ...BARE, syncMs: [20, 60] },
    steps: [
      { kind: 'kill', target: 'leader', when: { kind: 'leader', term: 2 }, atMs: 100, forMs: 150 },
      { kind: 'partition', target: 'leader', when: { kind: 'leader', term: 3 }, forMs: 400 },
      { kind: 'power-loss', target: 'follower', when: { kind: 'leader', term: 3 }, forMs: 5 },
    ],
  },
  M02: {
    because: 'A voter restarts after its vote and before an entry of the new term reaches it.',
    frame: { nodes: 3 },
    world: BARE,
    electionTimeoutMs: [100, 200],
    steps: [
      { kind: 'partition', target: 'leader', when: { kind: 'leader', term: 1 }, atMs: 50, forMs: 400 },
      { kind: 'kill', target: 'follower', when: { kind: 'leader', term: 2 }, forMs: 1 },
    ],
  },
  M03: {
    because: 'Candidates meet in one term where timeouts lie close together, and each wins.',
    frame: { nodes: 3, clients: 8 },
    world: { ...BARE, peerLink: { ...DATAGRAMS, delayMs: [0.1, 30] } },
    electionTimeoutMs: [100, 105],
    steps: [
      { kind: 'kill', target: 'leader', when: { kind: 'leader', term: 1 }, atMs: 100, forMs: 1 },
      { kind: 'kill', target: 'leader', when: { kind: 'leader', term: 2 }, atMs: 100, forMs: 1 },
      { kind: 'kill', target: 'leader', when: { kind: 'leader', term: 3 }, atMs: 100, forMs: 1 },
    ],
  },
  M04: {
    because:
      'A follower that was cut off comes back with a higher term and without the latest writes, and stands for election.',
    frame: { nodes: 3, clients: 8 },
    world: BARE,
    steps: [{ kind: 'partition', target: 'follower', when: { kind: 'leader', term: 1 }, atMs: 100, forMs: 400 }],
  },
  M05: {
    because:
      'A leader that was cut off with a long tail stands against a node that holds a later write, when its successor is gone.',
    ...TAIL_AGAINST_NEWER,
  },
  M06: {
    because:
      'A follower that misses the last writes stands first, since it has not heard its leader for longer, when that dies.',
    frame: { nodes: 3, workload: 'append', clients: 8 },
    world: { ...BARE, ...QUICK },
    electionTimeoutMs: [100, 110],
    thinkMs: 60,
    steps: [
      { kind: 'partition', target: 'follower', when: { kind: 'leader', term: 1 }, atMs: 150, forMs: 85 },
      { kind: 'kill', target: 'leader', when: { kind: 'fault', id: 0, event: 'inject' }, atMs: 80, forMs: 400 },
    ],
  },
  M07: {
    because:
      'A follower that misses the last writes stands first when its leader is cut off, and who has them has not heard that they are committed.',
    frame: { nodes: 3, workload: 'append', clients: 10 },
    world: {
      ...BARE,
      ...QUICK,
      maxEntriesPerMessage: 1,
      maxInFlight: 8,
      peerLink: { ...DATAGRAMS, delayMs: [15, 20] },
    },
    electionTimeoutMs: [100, 110],
    thinkMs: 10,
    steps: [
      { kind: 'partition', target: 'follower', when: { kind: 'leader', term: 1 }, atMs: 150, forMs: 30 },
      { kind: 'partition', target: 'leader', when: { kind: 'fault', id: 0, event: 'inject' }, atMs: 25, forMs: 400 },
    ],
  },
  M08: {
    because: 'Timeouts lie close together, and who has just won is asked by the other candidate of its term.',
    frame: { nodes: 3 },
    world: { ...BARE, peerLink: { ...DATAGRAMS, delayMs: [0.1, 30] } },
    electionTimeoutMs: [100, 105],
    steps: [
      { kind: 'kill', target: 'leader', when: { kind: 'leader', term: 1 }, atMs: 100, forMs: 1 },
      { kind: 'kill', target: 'leader', when: { kind: 'leader', term: 2 }, atMs: 100, forMs: 1 },
    ],
  },
  M09a: {
    because: 'Answers come twice, and each of two candidates of five counts one of them for another voter.',
    frame: { nodes: 5 },
    world: { ...BARE, peerLink: { ...DATAGRAMS, delayMs: [0.1, 30], duplication: 0.5 } },
    electionTimeoutMs: [100, 105],
    steps: [
      { kind: 'kill', target: 'leader', when: { kind: 'leader', term: 1 }, atMs: 100, forMs: 1 },
      { kind: 'kill', target: 'leader', when: { kind: 'leader', term: 2 }, atMs: 100, forMs: 1 },
    ],
  },
  M09b: {
    because: 'Votes are split again and again, and one of an earlier term comes late.',
    frame: { nodes: 5 },
    world: { ...BARE, peerLink: { ...DATAGRAMS, delayMs: [0.1, 30], late: 0.5, lateMs: 200 } },
    electionTimeoutMs: [100, 120],
    steps: [
      { kind: 'kill', target: 'leader', when: { kind: 'leader', term: 1 }, atMs: 100, forMs: 1 },
      { kind: 'kill', target: 'leader', when: { kind: 'leader', term: 2 }, atMs: 100, forMs: 1 },
    ],
  },
  M09c: {
    because: 'Two candidates have the pre-votes of all, and one of them the votes; the other one counts what it has.',
    frame: { nodes: 5 },
    world: { preVote: true, checkQuorum: false, peerLink: { ...DATAGRAMS, delayMs: [0.1, 30], duplication: 0.3 } },
    electionTimeoutMs: [100, 105],
    steps: [
      { kind: 'kill', target: 'leader', when: { kind: 'leader', term: 1 }, atMs: 100, forMs: 1 },
      { kind: 'kill', target: 'leader', when: { kind: 'leader', term: 2 }, atMs: 100, forMs: 1 },
    ],
  },
  M13: {
    because:
      'A leader that was cut off hears the follower of its successor, before its successor, and takes the refusal for a confirmation.',
    frame: { nodes: 3, reads: 'read-index', workload: 'register', clients: 8 },
    world: { ...BARE, heartbeatMs: 40 },
    steps: [
      { kind: 'partition', target: 'leader', when: { kind: 'leader', term: 2 }, atMs: 100, forMs: 600 },
      { kind: 'slow-link', target: 'leader', when: { kind: 'leader', term: 3 }, forMs: 1000, delayMs: 40 },
    ],
  },
};
