/**
 * Schedules: what a swarm of simulated clusters goes through. Each draws from its seed a configuration as well as faults
 * (swarm testing, Groce et al. 2012): a defence that is always on hides the bugs behind it.
 */
import { keyed, type Random } from '../../src/base/random.ts';
import { msToNs } from '../../src/base/time.ts';
import type { LinkOptions, ResumeOrder, SimulationOptions } from '../../src/sim/sim.ts';

/** `leader` is resolved when it happens. Anything else is a node's number. */
type Target = 'leader' | number;

export type FaultStep = { readonly atMs: number; readonly forMs: number } & (
  | { readonly kind: 'crash'; readonly target: Target }
  | { readonly kind: 'powerLoss'; readonly targets: readonly Target[] }
  | { readonly kind: 'pause'; readonly target: Target; readonly order: ResumeOrder }
  | { readonly kind: 'isolate'; readonly targets: readonly Target[] }
  | { readonly kind: 'oneWay'; readonly from: Target; readonly to: Target }
);

/** A change of the members, begun when those before it are done. */
export interface MemberStep {
  readonly atMs: number;
  /**
   * `replace` is one change; `replaceInPlace` begins with a death, and the newcomer starts at the dead node's address; `rivals` are two
   * leaders in turn, each with a change that the other does not know of.
   */
  readonly kind: 'add' | 'addTwo' | 'remove' | 'replace' | 'replaceInPlace' | 'rivals';
  readonly target: Target;
  /** How long a node that was removed runs on. */
  readonly runsOnForMs: number;
  /** When the newcomers are level, they and the leader are cut off from the others for so long: the change is asked for then. */
  readonly cutOffForMs: number;
}

/** Whoever leads is asked to hand the leadership over. */
export interface TransferStep {
  readonly atMs: number;
  readonly target: number;
}

/** Plain JSON: a schedule can be printed and played again. */
export interface Schedule {
  readonly seed: string;
  readonly nodes: number;
  readonly mutant: string | null;
  readonly workload: string;
  readonly reads: string;
  readonly core: SimulationOptions['core'];
  readonly peerLink: LinkOptions;
  readonly clientLink: LinkOptions;
  readonly syncMs: readonly [number, number];
  readonly clients: number;
  readonly witnesses: number;
  readonly pauseMs: number;
  readonly faults: readonly FaultStep[];
  readonly members: readonly MemberStep[];
  readonly transfers: readonly TransferStep[];
  /** Of the first nodes. */
  readonly clockRates: readonly number[];
  readonly faultMs: number;
  readonly snapshots: NonNullable<SimulationOptions['snapshots']>;
  readonly segmentBytes: number;
}

const FAULT_MS = 1500;

/** The schedule that belongs to a seed. `change` overrides what a test is about. */
export function drawSchedule(seed: string, change: Partial<Schedule> = {}): Schedule {
  const draw = keyed(seed, 'schedule');
  const nodes = draw.pick([3, 3, 5]);
  return {
    seed,
    nodes,
    mutant: null,
    workload: 'cas-register',
    reads: draw.pick(['read-index', 'read-index', 'read-index', 'log']),
    core: drawCore(draw),
    peerLink: drawPeerLink(draw),
    clientLink: { ...CLIENT_LINK, loss: draw.pick([0, 0, 0.01, 0.05]) },
    syncMs: draw.pick([
      [0.1, 0.5],
      [0.5, 5],
      [1, 60],
    ] as const),
    clients: draw.between(2, 4),
    witnesses: draw.pick([0, nodes]),
    pauseMs: draw.pick([10, 60]),
    faults: Array.from({ length: draw.between(1, 8) }, () => drawFault(draw, nodes)),
    members: keyed(seed, 'has changes').chance(1 / 3) ? drawMembers(keyed(seed, 'members')) : [],
    transfers: [],
    clockRates: [],
    ...(change.reads === 'lease' ? drawLeaseTrouble(keyed(seed, 'leases'), nodes) : {}),
    faultMs: FAULT_MS,
    ...drawSnapshots(keyed(seed, 'snapshots')),
    ...change,
  };
}

const CLIENT_LINK: LinkOptions = {
  kind: 'stream',
  minDelayNs: 100_000,
  maxDelayNs: 2_000_000,
  loss: 0,
  duplication: 0,
  late: 0,
  lateNs: 0,
};

function drawCore(draw: Random): SimulationOptions['core'] {
  const minMs = draw.pick([100, 150]);
  const checkQuorum = draw.chance(0.6);
  return {
    electionTimeoutMinNs: msToNs(minMs),
    electionTimeoutMaxNs: msToNs(minMs * draw.pick([1.2, 2])),
    heartbeatNs: msToNs(draw.pick([20, 40])),
    preVote: draw.chance(0.5),
    checkQuorum,
    maxEntriesPerMessage: draw.pick([1, 4, 1000]),
    maxInFlight: draw.pick([1, 8]),
  };
}

/** What leases have to bear: any two clocks within the drift that is declared (a tenth), and transfers. */
function drawLeaseTrouble(draw: Random, nodes: number): Pick<Schedule, 'clockRates' | 'transfers'> {
  return {
    clockRates: Array.from({ length: nodes }, () => draw.pick([0.95, 1, 1.05])),
    transfers: Array.from({ length: draw.int(4) }, () => ({ atMs: draw.int(FAULT_MS), target: draw.int(nodes) })),
  };
}

/** Never, or every so many entries; small segments, slices and chunks then, so that there are many. */
function drawSnapshots(draw: Random): Pick<Schedule, 'snapshots' | 'segmentBytes'> {
  const everyEntries = draw.pick([5, 15, 50, Infinity]);
  return {
    snapshots: {
      everyEntries,
      everyBytes: Infinity,
      keepEntries: draw.pick([0, 0, 10]),
      sliceBytes: draw.pick([40, 400, 1_000_000]),
      pauseNs: msToNs(draw.pick([1, 10])),
    },
    segmentBytes: draw.pick([500, 2000, 1_000_000]),
  };
}

function drawPeerLink(draw: Random): LinkOptions {
  const maxDelayMs = draw.pick([1, 5, 30]);
  return {
    kind: draw.pick(['stream', 'datagram', 'datagram']),
    minDelayNs: 100_000,
    maxDelayNs: msToNs(maxDelayMs),
    loss: draw.pick([0, 0.02, 0.1]),
    duplication: draw.pick([0, 0.1]),
    late: draw.pick([0, 0.1]),
    lateNs: msToNs(draw.pick([20, 400])),
  };
}

/** From one to four changes of the members. */
export function drawMembers(draw: Random): readonly MemberStep[] {
  return Array.from({ length: draw.between(1, 4) }, () => ({
    atMs: draw.int(FAULT_MS),
    kind: draw.pick(['add', 'addTwo', 'remove', 'remove', 'replace', 'replaceInPlace', 'rivals'] as const),
    target: draw.chance(0.5) ? 'leader' : draw.int(5),
    runsOnForMs: draw.pick([0, 100, 1000]),
    cutOffForMs: draw.pick([0, 0, 100, 600]),
  }));
}

function drawFault(draw: Random, nodes: number): FaultStep {
  const target = (): Target => (draw.chance(0.5) ? 'leader' : draw.int(nodes));
  const some = (): readonly Target[] => draw.shuffle(Array.from({ length: nodes }, (_, i) => i));
  const when = { atMs: draw.int(FAULT_MS), forMs: draw.pick([1, 50, 300, 900]) };
  switch (draw.pick(['crash', 'powerLoss', 'pause', 'isolate', 'oneWay'] as const)) {
    case 'crash':
      return { ...when, kind: 'crash', target: target() };
    case 'powerLoss':
      return { ...when, kind: 'powerLoss', targets: some().slice(0, draw.between(1, nodes)) };
    case 'pause':
      return { ...when, kind: 'pause', target: target(), order: draw.pick(['input-first', 'timers-first']) };
    case 'isolate':
      return {
        ...when,
        kind: 'isolate',
        targets: draw.chance(0.5) ? ['leader'] : some().slice(0, draw.between(1, nodes >> 1)),
      };
    case 'oneWay':
      return { ...when, kind: 'oneWay', from: target(), to: target() };
  }
}
