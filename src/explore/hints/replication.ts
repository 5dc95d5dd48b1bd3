/** What shows the mutants of replication and commitment (M14-M27). */
import type { Hint } from '../score.ts';
import { BARE, DATAGRAMS, QUICK } from './worlds.ts';

/** By the id of the mutant. */
export const replication: Readonly<Record<string, Hint>> = {
  M14: {
    because:
      'The tail of a leader that was cut off lies where its successors put their entries, and the second of them asks behind it; then the first one leads again.',
    frame: { nodes: 3, workload: 'append', clients: 12, keys: 1 },
    world: { ...BARE, ...QUICK },
    electionTimeoutMs: [100, 180],
    thinkMs: 60,
    steps: [
      { kind: 'partition', target: 'leader', when: { kind: 'leader', term: 1 }, atMs: 100, forMs: 450 },
      { kind: 'kill', target: 'leader', when: { kind: 'fault', id: 0, event: 'inject' }, atMs: 200, forMs: 1 },
      { kind: 'kill', target: 'leader', when: { kind: 'fault', id: 0, event: 'heal' }, atMs: 200, forMs: 300 },
    ],
  },
  M15: {
    because: 'A late message is shorter than the log, and the leader dies while the other follower lags.',
    frame: { nodes: 3, workload: 'append', clients: 8 },
    world: { ...BARE, maxEntriesPerMessage: 1, maxInFlight: 8, peerLink: { ...DATAGRAMS, late: 0.2, lateMs: 40 } },
    steps: [
      { kind: 'kill', target: 'leader', when: { kind: 'leader', term: 1 }, atMs: 200, forMs: 300 },
      { kind: 'kill', target: 'leader', when: { kind: 'leader', term: 2 }, atMs: 200, forMs: 300 },
      { kind: 'kill', target: 'leader', when: { kind: 'leader', term: 3 }, atMs: 200, forMs: 300 },
    ],
  },
  M16: {
    because:
      'A leader that was cut off takes its tail for committed when its successor says how far it has come; then it leads again.',
    frame: { nodes: 3, workload: 'append', clients: 12, keys: 1 },
    world: { ...BARE, ...QUICK },
    electionTimeoutMs: [100, 180],
    thinkMs: 60,
    steps: [
      { kind: 'partition', target: 'leader', when: { kind: 'leader', term: 1 }, atMs: 100, forMs: 450 },
      { kind: 'kill', target: 'leader', when: { kind: 'fault', id: 0, event: 'heal' }, atMs: 200, forMs: 300 },
    ],
  },
  M17: {
    because: 'Many messages are under way, and their answers overtake each other.',
    world: { maxEntriesPerMessage: 1, maxInFlight: 8, peerLink: { ...DATAGRAMS, late: 0.1, lateMs: 20 } },
    steps: [],
  },
  M18: {
    because: 'A leader that was cut off acknowledges its own tail to its successor, which is gone soon after.',
    frame: { nodes: 3, workload: 'append', clients: 10 },
    world: { ...BARE, maxEntriesPerMessage: 1, maxInFlight: 1, peerLink: { ...DATAGRAMS, delayMs: [5, 15] } },
    electionTimeoutMs: [100, 150],
    steps: [
      { kind: 'partition', target: 'leader', when: { kind: 'leader', term: 1 }, atMs: 100, forMs: 500 },
      { kind: 'kill', target: 'leader', when: { kind: 'fault', id: 0, event: 'heal' }, atMs: 80, forMs: 400 },
    ],
  },
  M19: {
    because:
      'A quick clock has one node lead twice, the second time with a shorter log, and an answer to its first term comes late.',
    frame: { nodes: 5, workload: 'append', reads: 'log', clients: 14 },
    world: {
      ...BARE,
      heartbeatMs: 20,
      maxEntriesPerMessage: 1,
      maxInFlight: 8,
      peerLink: { ...DATAGRAMS, delayMs: [0.1, 1], late: 0.3, lateMs: 800 },
      syncMs: [0.1, 0.5],
      snapshots: { everyEntries: null, keepEntries: 0, sliceBytes: 1000, pauseMs: 1 },
      clockRates: [1.5],
    },
    electionTimeoutMs: [120, 180],
    thinkMs: 60,
    steps: [
      { kind: 'partition', target: 'minority', when: { kind: 'leader', term: 1 }, atMs: 150, forMs: 220 },
      { kind: 'kill', target: 'leader', when: { kind: 'fault', id: 0, event: 'heal' }, atMs: 25, forMs: 300 },
      { kind: 'kill', target: 'leader', when: { kind: 'fault', id: 0, event: 'heal' }, atMs: 250, forMs: 300 },
    ],
  },
  M20: {
    because:
      'Figure 8 of the paper: an old entry reaches a majority before one of its leader does, that leader is gone, and one that never had the entry is back.',
    frame: { nodes: 3, workload: 'append', reads: 'log', clients: 12, timeMs: 2000 },
    world: {
      ...BARE,
      maxEntriesPerMessage: 1,
      maxInFlight: 1,
      peerLink: { ...DATAGRAMS, delayMs: [2, 6] },
      syncMs: [0.1, 0.5],
    },
    electionTimeoutMs: [100, 150],
    steps: [
      { kind: 'partition', target: 'leader', when: { kind: 'leader', term: 1 }, atMs: 100, forMs: 300 },
      { kind: 'partition', target: 'leader', when: { kind: 'fault', id: 0, event: 'inject' }, forMs: 500 },
      {
        kind: 'power-loss',
        target: 'leader',
        when: { kind: 'fault', id: 1, event: 'inject' },
        delayMs: 30,
        forMs: 400,
      },
      { kind: 'kill', target: 'leader', atMs: 1300, forMs: 300 },
    ],
  },
  M21: {
    because: 'One of three that is cut off leads on and commits alone.',
    frame: { nodes: 3, workload: 'append', clients: 8 },
    world: BARE,
    steps: [{ kind: 'partition', target: 'leader', when: { kind: 'leader', term: 1 }, atMs: 100, forMs: 400 }],
  },
  M22: {
    because:
      'A leader with a slow disk and one of two followers acknowledge, while the other one lags; then the power of all fails.',
    frame: { nodes: 3, workload: 'append', clients: 8 },
    electionTimeoutMs: [150, 300],
    steps: [
      { kind: 'slow-disk', target: 'leader', when: { kind: 'leader', term: 1 }, atMs: 50, forMs: 1000, delayMs: 100 },
      { kind: 'partition', target: 'follower', when: { kind: 'fault', id: 0, event: 'inject' }, atMs: 50, forMs: 90 },
      { kind: 'power-loss', target: 'all', when: { kind: 'fault', id: 1, event: 'inject' }, atMs: 80, forMs: 5 },
    ],
  },
  M23: powerLossOfAll('Disks are slow, and the power of all fails while what they acknowledged is not yet written.'),
  M24: powerLossOfAll('The power of all fails before the disks were asked to write.'),
  M25: {
    because: 'Messages overtake each other, and the earlier one knows less.',
    world: { maxEntriesPerMessage: 1, maxInFlight: 8, peerLink: { ...DATAGRAMS, late: 0.1, lateMs: 20 } },
    steps: [],
  },
  M26: {
    because: 'Messages overtake each other, so that entries are refused which come before those that they follow.',
    world: { maxEntriesPerMessage: 1, maxInFlight: 8, peerLink: { ...DATAGRAMS, late: 0.1, lateMs: 20 } },
    steps: [],
  },
  M27: {
    because: 'A leader dies before its successor knows what was committed.',
    frame: { nodes: 3, workload: 'append', clients: 8 },
    world: { ...BARE, peerLink: { ...DATAGRAMS, delayMs: [0.1, 30] } },
    steps: [
      { kind: 'kill', target: 'leader', when: { kind: 'leader', term: 1 }, atMs: 100, forMs: 300 },
      { kind: 'kill', target: 'leader', when: { kind: 'leader', term: 2 }, atMs: 100, forMs: 300 },
      { kind: 'kill', target: 'leader', when: { kind: 'leader', term: 3 }, atMs: 100, forMs: 300 },
    ],
  },
};

function powerLossOfAll(because: string): Hint {
  return {
    because,
    frame: { nodes: 3, workload: 'append', clients: 8 },
    world: { syncMs: [1, 60] },
    steps: [1, 2, 3].map((term) => ({
      kind: 'power-loss',
      target: 'all',
      when: { kind: 'leader', term },
      atMs: 100,
      forMs: 5,
    })),
  };
}
