/** The simulated cluster where a plan says nothing of it: calm links, fast disks, all defences on, as real nodes are. */
import type { Plan, SimulatedLink, SimulatedWorld } from '../contract/index.ts';

const CALM: SimulatedLink = { kind: 'stream', delayMs: [0.1, 1], loss: 0, duplication: 0, late: 0, lateMs: 0 };

export const DEFAULT_WORLD: SimulatedWorld = {
  heartbeatMs: 30,
  preVote: true,
  checkQuorum: true,
  maxEntriesPerMessage: 1000,
  maxInFlight: 2,
  peerLink: CALM,
  clientLink: CALM,
  syncMs: [0.1, 0.5],
  snapshots: { everyEntries: 1000, keepEntries: 100, sliceBytes: 64 * 1024, pauseMs: 5 },
  segmentBytes: 1_000_000,
  clockRates: [],
};

/** The plan's own, or the usual one with nodes that are set up as the plan has them. */
export function worldOf({ world, node }: Pick<Plan, 'world' | 'node'>): SimulatedWorld {
  return world ?? { ...DEFAULT_WORLD, ...node };
}
