/** What was recorded of one arm of an experiment, played once: everything that a run's folder holds, and the facts that are counted. */
import { check, readJsonl, type Anomaly } from '../../checker/index.ts';
import type { FaultLine, HistoryLine, Plan, Probe, RunResult, SimulatedWorld } from '../contract/index.ts';
import { Invariants } from '../invariants/index.ts';
import { DEFAULT_WORLD, type Played } from '../explore/index.ts';
import { SimCluster } from '../sim/sim-cluster.ts';
import { findWorkload } from '../../workloads/index.ts';
import { ACTORS_MOST, Stage, Stuck } from './stage.ts';

/** What an arm counts or measures, by name. */
export type Facts = Readonly<Record<string, number | string | boolean | null>>;

/** The cluster that a story is told on; as a run's where nothing is said. */
export interface Scene {
  readonly nodes: number;
  readonly reads?: string;
  /** `register`, or `append` where what is lost has to stay missing. */
  readonly workload?: string;
  readonly electionTimeoutMs?: Plan['electionTimeoutMs'];
  readonly world?: Partial<SimulatedWorld>;
}

export type Story = (stage: Stage) => Promise<Facts>;

export interface Recording {
  readonly plan: Plan;
  readonly history: readonly HistoryLine[];
  readonly faults: readonly FaultLine[];
  readonly probes: readonly Probe[];
  /** Broken invariants, and nodes that ended by themselves. */
  readonly broken: RunResult['invariants'];
  readonly facts: Facts;
  /** Why the story could not be told to its end; null where it was. */
  readonly stuck: string | null;
  readonly durationNs: number;
}

/** The little that is counted over many recordings, and passes from thread to thread. */
export interface Trial {
  readonly nth: number;
  readonly stuck: string | null;
  /** Classes of what clients saw that is not linearizable. */
  readonly anomalies: readonly string[];
  /** Names of the invariants that broke. */
  readonly broken: readonly string[];
  readonly facts: Facts;
  /** Operations that were answered. */
  readonly ok: number;
}

/** Tells the story in the simulator. Equal seeds give equal recordings. */
export async function recordStory({ scene, story, seed, mutant, about }: StoryTold): Promise<Recording> {
  const probes: Probe[] = [];
  const invariants = new Invariants();
  const plan = planOf({ scene, seed, mutant, about });
  const cluster = new SimCluster({
    seed,
    nodes: scene.nodes,
    mutant,
    electionTimeoutMs: plan.electionTimeoutMs,
    world: plan.world!,
    onProbe: (probe) => {
      if (probe.kind !== 'match' && probe.kind !== 'answer') probes.push(probe);
      invariants.observe(probe);
    },
  });
  const stage = new Stage({
    cluster,
    seed,
    reads: plan.reads,
    vocabulary: findWorkload(plan.workload).model.name,
    pollMs: POLL_MS,
    probes,
  });
  const { facts, stuck } = await cluster.play(toItsEnd(stage, story));
  const durationNs = cluster.now();
  await cluster.stop();
  const failed = cluster.failures.map(({ node, error }) => ({
    name: 'node-failure',
    message: `${node}: ${wordsOf(error)}`,
  }));
  const broken = [...invariants.broken.map(({ name, message }) => ({ name, message })), ...failed];
  const { history, faults } = stage;
  return { plan: asked(plan, history, durationNs), history, faults, probes, broken, facts, stuck, durationNs };
}

export interface StoryTold {
  readonly scene: Scene;
  readonly story: Story;
  readonly seed: string;
  readonly mutant: string | null;
  readonly about: string;
}

/** A quarter of a millisecond: below any delay that a story rests on. */
const POLL_MS = 0.25;

/** Every story ends healed and closed, whatever became of it. */
export async function toItsEnd(
  stage: Stage,
  story: Story,
): Promise<{ readonly facts: Facts; readonly stuck: string | null }> {
  try {
    return { facts: await story(stage), stuck: null };
  } catch (error) {
    if (!(error instanceof Stuck)) throw error;
    return { facts: {}, stuck: error.message };
  } finally {
    await stage.healAll();
    await stage.end();
  }
}

/** The plan of a story: what it begins with. What happens then is the story's, so `run --plan` cannot tell it again; its command can. */
export function planOf({ scene, seed, mutant, about }: Omit<StoryTold, 'story'>): Plan {
  const { nodes, reads = 'read-index', workload = 'register', electionTimeoutMs = [150, 300], world = {} } = scene;
  return {
    format: 1,
    about,
    system: 'raft',
    nodes,
    workload,
    reads,
    clients: ACTORS_MOST,
    keys: 1,
    timeMs: 0,
    seed,
    rate: null,
    mutant,
    electionTimeoutMs,
    attemptTimeoutMs: 150,
    operationTimeoutMs: 2000,
    witnessTimeoutMs: 100,
    requested: [],
    steps: [],
    world: { ...DEFAULT_WORLD, ...world },
  };
}

/** What was asked stands in the plan afterwards: a run that says what each client asks means what it asks. */
export function asked(plan: Plan, history: readonly HistoryLine[], durationNs: number): Plan {
  const calls = Array.from({ length: plan.clients }, (_, slot) =>
    history
      .filter(({ type, process }) => type === 'invoke' && process % plan.clients === slot)
      .map(({ time, f, key, value }) => ({ atMs: time / 1e6, call: { f, ...(key !== undefined && { key }), value } })),
  );
  return { ...plan, calls, timeMs: durationNs / 1e6 };
}

/** A plan that was played, as a recording. */
export function recordingOf(played: Played, facts: Facts): Recording {
  const { plan, history, faults, probes, outcome } = played;
  const failed = played.failures.map(({ node, error }) => ({
    name: 'node-failure',
    message: `${node}: ${wordsOf(error)}`,
  }));
  const broken = [...played.broken.map(({ name, message }) => ({ name, message })), ...failed];
  return { plan, history, faults, probes, broken, facts, stuck: null, durationNs: outcome.durationNs };
}

/** What the checker says of the recording's clients, the most telling first. An undecided history is an error: stories are short. */
export function anomaliesOf({ plan, history }: Pick<Recording, 'plan' | 'history'>): readonly Anomaly[] {
  if (history.length === 0) return [];
  const text = history.map((line) => `${JSON.stringify(line)}\n`).join('');
  const verdict = check(readJsonl(text, 'recording'), findWorkload(plan.workload).model);
  if (verdict.kind === 'unknown') throw new Error(`seed ${plan.seed}: the history could not be decided`);
  return verdict.anomalies;
}

export function trialOf(recording: Recording, nth: number): Trial {
  const { history, facts, stuck, broken } = recording;
  return {
    nth,
    stuck,
    anomalies: [...new Set(anomaliesOf(recording).map((it) => it.class))],
    broken: [...new Set(broken.map(({ name }) => name))],
    facts,
    ok: history.filter(({ type }) => type === 'ok').length,
  };
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
