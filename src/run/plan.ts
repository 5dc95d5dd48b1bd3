/**
 * From flags to a plan: everything that decides a run, as plain JSON. What cannot be run is refused here, each in one line
 * that says what is allowed, before anything is started.
 */
import { parseDurationMs } from '../base/duration.ts';
import { StalemateError } from '../base/errors.ts';
import { suggest } from '../base/suggest.ts';
import { DEFAULT_CLOCK_DRIFT } from '../base/time.ts';
import type { Capability, FaultStep, Plan, SystemFacts } from '../contract/index.ts';
import { drawSteps, faults, parseFaults } from '../faults/index.ts';
import { findWorkload, hasReads, type Workload } from '../../workloads/index.ts';
import { readModes } from './read-modes.ts';

/** The flags of `run`, as typed. What is left out gets its default. */
export interface PlanFlags {
  readonly system?: string | undefined;
  readonly nodes?: string | undefined;
  readonly workload?: string | undefined;
  readonly reads?: string | undefined;
  readonly faults?: string | undefined;
  readonly time?: string | undefined;
  readonly clients?: string | undefined;
  readonly keys?: string | undefined;
  readonly rate?: string | undefined;
  readonly mutant?: string | undefined;
  readonly seed: string;
}

/** What each flag is when it is not given, as one would type it. */
export const PLAN_DEFAULTS: {
  readonly [flag in 'system' | 'nodes' | 'workload' | 'reads' | 'faults' | 'time' | 'clients' | 'keys']: string;
} = {
  system: 'raft',
  nodes: '5',
  workload: 'cas-register',
  reads: 'read-index',
  faults: 'pause,kill,partition',
  time: '20s',
  clients: '10',
  keys: '5',
};

/** The election timeouts of a plan that says nothing of them (Raft 5.6: well above a round trip, well below a failure's rate). */
export const ELECTION_TIMEOUT_MS: Plan['electionTimeoutMs'] = [150, 300];

/** What can be chosen of the world besides the flags. */
export interface PlanWorld {
  /** What the cluster can be made to suffer. */
  readonly can: ReadonlySet<Capability>;
  /** Ids of the mutants that the node has. */
  readonly mutants: readonly string[];
  /** A system that is not the bundled one. */
  readonly foreign?: SystemFacts | undefined;
  /** Longer ones for tests on busy machines. */
  readonly electionTimeoutMs?: Plan['electionTimeoutMs'];
}

type Timeouts = Pick<Plan, 'attemptTimeoutMs' | 'operationTimeoutMs' | 'witnessTimeoutMs'>;

const TIMEOUTS: Timeouts = { attemptTimeoutMs: 100, operationTimeoutMs: 1000, witnessTimeoutMs: 100 };
/** Others answer more slowly; still shorter than any pause. */
const FOREIGN_TIMEOUTS: Timeouts = { attemptTimeoutMs: 250, operationTimeoutMs: 1000, witnessTimeoutMs: 250 };

const NODES_MOST = 9;
const CLIENTS_MOST = 1000;
const KEYS_MOST = 10_000;
const TIME_LEAST_MS = 100;
const TIME_MOST_MS = 24 * 3_600_000;
const SEED_LONGEST = 200;

/** The plan that these flags describe; equal flags give equal plans. Throws a usage error. */
export function makePlan(flags: PlanFlags, world: PlanWorld): Plan {
  const { foreign } = world;
  const given = { ...PLAN_DEFAULTS, ...(foreign && usualOf(foreign)), ...withoutUndefined(flags) };
  const system = foreign?.name ?? oneOf('--system', given.system, [PLAN_DEFAULTS.system]);
  const nodes = integer('--nodes', given.nodes, 1, NODES_MOST);
  const timeMs = duration('--time', given.time);
  const requested = parseFaults(given.faults);
  refuseWhatItCannot(
    requested.map(({ kind }) => kind),
    world,
  );
  const ofLinks = requested.find(({ kind }) => faultNeeds(kind).includes('link'));
  if (nodes === 1 && ofLinks !== undefined) {
    throw new StalemateError(
      'usage',
      `--faults ${ofLinks.kind}: one node has nobody to be cut off from`,
      '--nodes 3, or --faults pause,kill',
    );
  }
  const workload = workloadOf(given.workload, foreign);
  const reads = foreign === undefined ? readsOf(flags.reads, workload) : foreignReadsOf(flags.reads, foreign);
  if (reads === 'lease' && requested.some(({ kind }) => kind === 'clock-jump')) {
    throw new StalemateError(
      'usage',
      '--faults clock-jump: leases promise nothing to clocks that jump',
      '--reads read-index, or --faults clock-rate, which stays within the declared drift',
    );
  }
  const isLeaderTold = foreign?.tellsLeader ?? true;
  const atLeader = requested.find(({ target }) => target === 'leader' || target === 'follower');
  if (!isLeaderTold && atLeader !== undefined) {
    throw new StalemateError(
      'usage',
      `--faults ${atLeader.kind}:${atLeader.target}: nobody can say who leads there`,
      `${atLeader.kind}, or ${atLeader.kind}:minority`,
    );
  }
  const drift = reads === 'lease' ? { clockDrift: DEFAULT_CLOCK_DRIFT } : {};
  const names = Array.from({ length: nodes }, (_, i) => `n${i + 1}`);
  return {
    format: 1,
    system,
    ...(foreign !== undefined && { foreign: { reads: foreign.reads, flags: foreign.flags } }),
    nodes,
    workload: workload.name,
    reads,
    clients: integer('--clients', given.clients, 1, CLIENTS_MOST),
    keys: integer('--keys', given.keys, 1, KEYS_MOST),
    timeMs,
    seed: seedNamed(flags.seed),
    rate: flags.rate === undefined ? null : rateOf(flags.rate),
    mutant: flags.mutant === undefined ? null : mutantNamed(flags.mutant, world.mutants),
    electionTimeoutMs: world.electionTimeoutMs ?? ELECTION_TIMEOUT_MS,
    ...(foreign === undefined ? TIMEOUTS : FOREIGN_TIMEOUTS),
    requested,
    steps: drawSteps(flags.seed, requested, { nodes: names, timeMs, ...drift }).map((step) =>
      withoutWait(isLeaderTold ? step : atAnybody(step), workload),
    ),
  };
}

/** What flags are, where they are not given: as many nodes as such a system has, and the usual faults as far as it can suffer them. */
function usualOf({ nodes, can, usualFaults }: SystemFacts): { readonly nodes: string; readonly faults: string } {
  const requests = usualFaults ?? PLAN_DEFAULTS.faults.split(',');
  const possible = requests.filter((kind) => faultNeeds(kind).every((capability) => can.has(capability)));
  return { nodes: String(nodes), faults: possible.join() || 'none' };
}

function faultNeeds(kind: string): readonly Capability[] {
  return faults.find((fault) => fault.kind === kind)!.needs;
}

/** The keys of a run, short as people name registers: x, y, z, then k4, k5 … */
export function keyNames(keys: number): readonly string[] {
  return Array.from({ length: keys }, (_, i) => ['x', 'y', 'z'][i] ?? `k${i + 1}`);
}

/** Where nothing is read, every operation takes its place in the log, whatever way of reading is asked for. */
function readsOf(flag: string | undefined, workload: Workload): string {
  const modes = Object.keys(readModes({}).promises);
  const reads = oneOf('--reads', flag ?? (hasReads(workload) ? PLAN_DEFAULTS.reads : 'log'), modes);
  if (hasReads(workload) || reads === 'log') return reads;
  throw new StalemateError(
    'usage',
    `--reads ${reads}: the workload ${workload.name} has no reads`,
    'leave it out: all its operations go through the log',
  );
}

/** The first mode unless another is asked for. */
function foreignReadsOf(flag: string | undefined, { reads }: SystemFacts): string {
  const modes = Object.keys(reads.promises);
  return oneOf('--reads', flag ?? modes[0]!, modes);
}

function workloadOf(name: string, foreign: SystemFacts | undefined): Workload<unknown> {
  const workload = findWorkload(name);
  if (foreign === undefined || foreign.workloads.includes(workload.name)) return workload;
  throw new StalemateError(
    'usage',
    `--workload ${name}: clients of ${foreign.name} cannot do that`,
    `one of ${foreign.workloads.join(', ')}`,
  );
}

/** A step for a system of which nobody can say who leads. */
function atAnybody(step: FaultStep): FaultStep {
  const isAimed = step.target === 'leader' || step.target === 'follower';
  return isAimed ? { ...step, target: 'any', heal: 'time', maxMs: step.forMs } : step;
}

/** A fault of the leader does not wait for a read that nobody will ask. */
function withoutWait(step: FaultStep, workload: Workload): FaultStep {
  return hasReads(workload) ? step : { ...step, heal: 'time', maxMs: step.forMs };
}

function withoutUndefined(flags: PlanFlags): Partial<Record<keyof PlanFlags, string>> {
  return Object.fromEntries(Object.entries(flags).filter(([, value]) => value !== undefined));
}

function integer(flag: string, text: string, least: number, most: number): number {
  const value = /^\d+$/.test(text.trim()) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  throw new StalemateError(
    'usage',
    `${flag} ${text}: not a number of this kind`,
    `a whole number from ${least} to ${most}`,
  );
}

function duration(flag: string, text: string): number {
  const ms = parseDurationMs(text, flag);
  if (ms >= TIME_LEAST_MS && ms <= TIME_MOST_MS) return Math.round(ms);
  throw new StalemateError('usage', `${flag} ${text}: out of range`, 'from 100ms to 24h');
}

/** Operations per second, `200` or `200/s`. */
function rateOf(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(?:\/s)?$/.exec(text.trim());
  const rate = Number(match?.[1]);
  if (rate > 0) return rate;
  throw new StalemateError('usage', `--rate ${text}: not a rate`, 'operations per second over all clients: 200/s');
}

/** The id; null for `none`, the correct node. Throws a usage error. */
export function mutantNamed(text: string, mutants: readonly string[]): string | null {
  return text === 'none' ? null : oneOf('--mutant', text, mutants);
}

/** Throws a usage error where it is too long. */
export function seedNamed(text: string): string {
  if (text.length > 0 && text.length <= SEED_LONGEST) return text;
  throw new StalemateError('usage', '--seed is empty or too long', `any string of 1 to ${SEED_LONGEST} characters`);
}

function oneOf<T extends string>(flag: string, text: string, allowed: readonly T[]): T {
  const found = allowed.find((it) => it === text);
  if (found !== undefined) return found;
  const near = suggest(text, allowed);
  const hint = near === null ? `one of ${allowed.join(', ')}` : `did you mean ${near}?`;
  throw new StalemateError('usage', `${flag} ${text}: no such ${flag.slice(2)}`, hint);
}

function refuseWhatItCannot(kinds: readonly string[], { can, foreign }: PlanWorld): void {
  for (const fault of faults.filter(({ kind }) => kinds.includes(kind))) {
    const lacking = fault.needs.find((capability) => !can.has(capability));
    if (lacking === undefined) continue;
    throw new StalemateError(
      'usage',
      `--faults ${fault.kind}: this cluster cannot do that (${lacking})`,
      foreign?.cannot?.[lacking] ?? 'leave it out',
    );
  }
}
