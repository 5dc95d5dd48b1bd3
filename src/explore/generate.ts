/**
 * From a seed to a plan: what one of a swarm of simulated clusters goes through. A seed draws a configuration as well as faults and load
 * (swarm testing, Groce et al. 2012): a defence that is always on hides the bugs behind it. Faults are shorter than those of real
 * processes, and there are more of them: virtual time costs nothing but what happens in it.
 */
import { keyed, type Random } from '../base/random.ts';
import { DEFAULT_CLOCK_DRIFT } from '../base/time.ts';
import type { FaultKind, FaultStep, MemberChange, Plan, SimulatedLink, SimulatedWorld } from '../contract/index.ts';
import { faults } from '../faults/index.ts';
import { drawPattern, type PatternStep } from './patterns.ts';
import { hasReads, findWorkload, workloads } from '../../workloads/index.ts';

/** What is settled beforehand; the seed draws the rest. */
export interface PlanFrame {
  readonly nodes?: number | undefined;
  readonly workload?: string | undefined;
  readonly reads?: string | undefined;
  readonly clients?: number | undefined;
  readonly keys?: number | undefined;
  readonly timeMs?: number | undefined;
  readonly mutant?: string | null | undefined;
  /** The kinds that may be drawn; all that the simulator has where left out. */
  readonly kinds?: readonly FaultKind[] | undefined;
}

const TIME_MS = 1500;
const FAULTS_MOST = 8;
const SAFE_READS = ['read-index', 'lease', 'log'];

/** The plan that belongs to a seed. Each part has draws of its own, so that fixing one leaves the others alone. */
export function drawPlan(seed: string, frame: PlanFrame = {}): Plan {
  const draw = keyed(seed, 'plan');
  const nodes = frame.nodes ?? draw.pick([3, 3, 4, 5]);
  const workload = frame.workload ?? keyed(seed, 'workload').pick(workloads).name;
  const reads = frame.reads ?? (hasReads(findWorkload(workload)) ? keyed(seed, 'reads').pick(SAFE_READS) : 'log');
  const timeMs = frame.timeMs ?? TIME_MS;
  const storage = drawStorage(keyed(seed, 'storage'));
  const links = drawLinks(keyed(seed, 'links'));
  const isSlow = storage.syncMs[1] + links.peerLink.delayMs[1] >= SLOW_MS;
  const timing = drawTiming(keyed(seed, 'timing'), { reads, isSlow });
  const steps = drawSteps(keyed(seed, 'faults'), { nodes, timeMs, reads, kinds: frame.kinds });
  return {
    format: 1,
    system: 'raft',
    nodes,
    workload,
    reads,
    clients: frame.clients ?? nodes + keyed(seed, 'clients').between(1, 6),
    keys: frame.keys ?? 2,
    timeMs,
    seed,
    rate: null,
    mutant: frame.mutant ?? null,
    electionTimeoutMs: timing.electionTimeoutMs,
    attemptTimeoutMs: 150,
    operationTimeoutMs: 1000,
    witnessTimeoutMs: 100,
    requested: kindsOf(steps).map((kind) => ({ kind, target: 'any' })),
    steps,
    thinkMs: keyed(seed, 'think').pick([10, 60]),
    world: { ...timing.world, ...storage, ...links },
  };
}

type Timing = Pick<SimulatedWorld, 'heartbeatMs' | 'preVote' | 'checkQuorum' | 'maxEntriesPerMessage' | 'maxInFlight'> &
  Pick<SimulatedWorld, 'clockRates'>;

/** A vote that takes longer than this is overtaken by the next candidate, unless timeouts lie far apart (Raft 5.6). */
const SLOW_MS = 60;

/**
 * Leases rest on stickiness and CheckQuorum (thesis 6.4.1), and on clocks within the drift that is declared. The two defences are on or
 * off together more often than not, since either hides what the other one is for.
 */
function drawTiming(
  draw: Random,
  { reads, isSlow }: { readonly reads: string; readonly isSlow: boolean },
): { readonly electionTimeoutMs: Plan['electionTimeoutMs']; readonly world: Timing } {
  const minMs = draw.pick(reads === 'lease' ? [100, 150, 300] : [100, 150]);
  const maxMs = Math.round(minMs * (isSlow ? 3 : draw.pick([1.05, 1.2, 2])));
  const [preVote, checkQuorum] = draw.pick([
    [false, false],
    [false, false],
    [true, true],
    [true, true],
    [true, false],
    [false, true],
  ] as const);
  const [maxEntriesPerMessage, maxInFlight] = draw.pick([
    [1, 1],
    [1, 8],
    [4, 8],
    [1000, 1],
    [1000, 8],
  ] as const);
  return {
    electionTimeoutMs: [minMs, maxMs],
    world: {
      heartbeatMs: draw.pick([20, 40]),
      preVote,
      checkQuorum: checkQuorum || reads === 'lease',
      maxEntriesPerMessage,
      maxInFlight,
      clockRates: reads === 'lease' ? Array.from({ length: 5 }, () => draw.pick([0.95, 1, 1.05])) : [],
    },
  };
}

/** Snapshots never, or every so many entries; small segments, slices and chunks then, so that there are many. */
function drawStorage(draw: Random): Pick<SimulatedWorld, 'syncMs' | 'snapshots' | 'segmentBytes'> {
  return {
    syncMs: draw.pick([
      [0.1, 0.5],
      [0.5, 5],
      [1, 60],
      [20, 60],
    ] as const),
    snapshots: {
      everyEntries: draw.pick([5, 15, 50, null]),
      keepEntries: draw.pick([0, 0, 10]),
      sliceBytes: draw.pick([40, 400, 1_000_000]),
      pauseMs: draw.pick([1, 10]),
    },
    segmentBytes: draw.pick([500, 2000, 1_000_000]),
  };
}

function drawLinks(draw: Random): Pick<SimulatedWorld, 'peerLink' | 'clientLink'> {
  const peerLink: SimulatedLink = {
    kind: draw.pick(['stream', 'datagram', 'datagram']),
    delayMs: [0.1, draw.pick([1, 5, 30])],
    loss: draw.pick([0, 0.02, 0.1]),
    duplication: draw.pick([0, 0.1]),
    late: draw.pick([0, 0.1]),
    lateMs: draw.pick([20, 400]),
  };
  return { peerLink, clientLink: { ...CLIENT_LINK, loss: draw.pick([0, 0, 0.01, 0.05]) } };
}

/** The client protocol is spoken over TCP. */
const CLIENT_LINK: SimulatedLink = { kind: 'stream', delayMs: [0.1, 2], loss: 0, duplication: 0, late: 0, lateMs: 0 };

interface FaultWorld {
  readonly nodes: number;
  readonly timeMs: number;
  readonly reads: string;
  readonly kinds: readonly FaultKind[] | undefined;
}

/**
 * A third of all schedules have a pattern of faults, a third the classic ones only: those of disks, clocks and members change so much
 * that they would leave little of what the others do.
 */
function drawSteps(draw: Random, world: FaultWorld): readonly FaultStep[] {
  const kinds = world.kinds ?? faults.map(({ kind }) => kind);
  const possible = kinds.filter((kind) => world.reads !== 'lease' || kind !== 'clock-jump');
  if (possible.length === 0) return [];
  const way = draw.pick(['pattern', 'classic', 'any']);
  const pattern = way === 'pattern' ? drawPattern(draw, { kinds: new Set(possible), reads: world.reads }) : [];
  if (pattern.length > 0) return pattern.map((step, id) => asStep(draw, { id, ...step }));
  const classic = world.kinds === undefined && way === 'classic' ? CLASSIC : possible;
  const count = draw.between(1, FAULTS_MOST);
  return Array.from({ length: count }, (_, id) => drawStep(draw, { id, kind: draw.pick(classic), world }));
}

function asStep(draw: Random, step: PatternStep & { readonly id: number }): FaultStep {
  return { heal: 'time', maxMs: step.forMs, draw: draw.next(), ...step };
}

const CLASSIC: readonly FaultKind[] = ['pause', 'kill', 'power-loss', 'partition', 'partition'];

function drawStep(
  draw: Random,
  { id, kind, world }: { readonly id: number; readonly kind: FaultKind; readonly world: FaultWorld },
): FaultStep {
  const { targets } = faults.find((fault) => fault.kind === kind)!;
  const forMs = draw.pick([1, 50, 300, 900]);
  return {
    id,
    kind,
    target: draw.chance(0.5) && targets.includes('leader') ? 'leader' : draw.pick(targets),
    atMs: draw.int(world.timeMs),
    forMs,
    heal: 'time',
    maxMs: forMs,
    draw: draw.next(),
    ...amountOf(kind, draw, world),
  };
}

type Amount = Partial<Pick<FaultStep, 'delayMs' | 'everyMs' | 'rate' | 'jumpMs' | 'resume' | 'change'>>;

/** How bad it is. */
function amountOf(kind: FaultKind, draw: Random, { reads }: FaultWorld): Amount {
  switch (kind) {
    case 'pause':
      return { resume: draw.pick(['input-first', 'timers-first']) };
    case 'slow-link':
      return { delayMs: draw.pick([5, 50, 200]) };
    case 'slow-disk':
    case 'power-loss':
      return { delayMs: draw.pick([0, 20, 100]) };
    case 'reconnect':
      return { everyMs: draw.pick([10, 40, 200]) };
    case 'clock-rate':
      return { rate: draw.pick(reads === 'lease' ? [1 - DEFAULT_CLOCK_DRIFT / 2, 1] : [0.5, 0.8, 1.25, 2]) };
    case 'clock-jump':
      return { jumpMs: draw.pick([50, 200, 1000]) };
    case 'membership':
      return { change: draw.pick<MemberChange>(['add', 'remove', 'replace', 'grow']) };
    case 'bit-flip':
    case 'disk-full':
    case 'duplicate':
    case 'fsync-error':
    case 'kill':
    case 'partition':
    case 'transfer':
    case 'wipe':
      return {};
  }
}

function kindsOf(steps: readonly FaultStep[]): readonly FaultKind[] {
  return [...new Set(steps.map(({ kind }) => kind))];
}
