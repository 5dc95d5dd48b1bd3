/** What many stories have in common: clusters without the defences that hide what a rule is for, and clocks that settle who is first. */
import type { NodeId, Plan, Probe, SimulatedLink } from '../../contract/index.ts';
import type { Arm, Played } from '../experiment.ts';
import { HINTS, planFor, play } from '../../explore/index.ts';
import {
  recordingOf,
  recordStory,
  type Facts,
  type Recording,
  type Scene,
  type Story,
  type Trial,
} from '../recording.ts';
import { seen, type Actor, type Stage } from '../stage.ts';

/** Two to three milliseconds each way. */
export const EVEN_LINK: SimulatedLink = {
  kind: 'stream',
  delayMs: [2, 3],
  loss: 0,
  duplication: 0,
  late: 0,
  lateMs: 0,
};

/** Of real processes: on a machine that is busy with something else a heartbeat is late by hundreds of milliseconds. */
export const REAL_ELECTION_TIMEOUT_MS: Plan['electionTimeoutMs'] = [600, 900];

/**
 * Without pre-votes, stickiness and CheckQuorum, which hide most of what the rules of elections are for. The clock of n1 is the fastest,
 * so it leads first; that of the last node the slowest.
 */
export function barScene(clockRates: readonly number[], more: Partial<Scene> = {}): Scene {
  return {
    nodes: clockRates.length,
    electionTimeoutMs: [150, 165],
    ...more,
    world: {
      preVote: false,
      checkQuorum: false,
      // Often enough for clocks that go slowly.
      heartbeatMs: 10,
      peerLink: EVEN_LINK,
      clientLink: EVEN_LINK,
      syncMs: [0.2, 0.4],
      clockRates,
      ...more.world,
    },
  };
}

/** An arm that tells a story in the simulator. */
export function told(it: {
  readonly scene: Scene;
  readonly story: Story;
  readonly about: string;
  readonly quick: number;
  readonly full: number;
  readonly mutant?: string;
}): Arm {
  const { scene, story, about, quick, full, mutant } = it;
  const play: Played = {
    world: 'simulator',
    record: ({ seed, mutant: broken }) => recordStory({ scene, story, seed, mutant: broken, about }),
  };
  return { runs: { quick, full }, play, ...(mutant !== undefined && { mutant }) };
}

/** The same story with the rule and without it. */
export function both(
  it: Omit<Parameters<typeof told>[0], 'mutant'> & { readonly mutants: Readonly<Record<string, string>> },
): Readonly<Record<string, Arm>> {
  const { mutants, ...arm } = it;
  const broken = Object.entries(mutants).map(([name, mutant]) => [name, told({ ...arm, mutant })] as const);
  return { correct: told(arm), ...Object.fromEntries(broken) };
}

/** Everybody answers again, whoever was hit, and one read says what is left: its value, and its place in the history. */
export async function lastRead(
  stage: Stage,
  by: Actor,
): Promise<{ readonly at: number; readonly value: Facts[string] }> {
  await stage.healAll();
  await stage.leader();
  const asked = by.begin({ f: 'read', key: 'x', value: null });
  const value = seen(await asked.answered);
  return {
    at: asked.id,
    value: value === undefined ? null : typeof value === 'number' ? value : JSON.stringify(value),
  };
}

/** How often a node stood for election after that moment. */
export function campaigns(probes: readonly Probe[], node: NodeId, sinceMs: number): number {
  return probes.filter(
    (it) => it.node === node && it.kind === 'role' && it.role === 'candidate' && it.time >= sinceMs * 1e6,
  ).length;
}

/** Whether a node led after that moment. */
export function led(probes: readonly Probe[], node: NodeId, sinceMs: number): boolean {
  return probes.some(
    (it) => it.node === node && it.kind === 'role' && it.role === 'leader' && it.time >= sinceMs * 1e6,
  );
}

/** Index of the last entry that the node appended; 0 where it has none. */
export function lastIndex(stage: Stage, node: NodeId): number {
  const last = stage.probes.findLast((it) => it.node === node && (it.kind === 'append' || it.kind === 'start'));
  return last?.kind === 'append' ? last.index : last?.kind === 'start' ? last.lastIndex : 0;
}

/** How far the node has committed. */
export function commitIndex(stage: Stage, node: NodeId): number {
  const last = stage.probes.findLast((it) => it.node === node && it.kind === 'commit');
  return last?.kind === 'commit' ? last.index : 0;
}

/** Waits until all of these have everything that the leader has, and know it to be committed. */
export async function settled(stage: Stage, leader: NodeId): Promise<void> {
  const last = lastIndex(stage, leader);
  const isLevel = (id: NodeId): boolean => lastIndex(stage, id) === last && commitIndex(stage, id) === last;
  await stage.until('all logs to be level', () => stage.ids.every(isLevel));
}

/** Two leaders were elected in one term. */
export function hasTwoLeaders({ broken }: Trial): boolean {
  return broken.includes('election-safety');
}

/**
 * An arm that plays the plans with which the mutation score looks for that mutant: with the mutant, or with the correct node, on the same
 * schedules.
 */
export function hinted(it: {
  readonly of: string;
  readonly mutant?: string;
  readonly quick: number;
  readonly full: number;
}): Arm {
  const { of, mutant, quick, full } = it;
  const hint = HINTS[of]!;
  const record = async ({
    seed,
    mutant: broken,
    nth,
  }: {
    seed: string;
    mutant: string | null;
    nth: number;
  }): Promise<Recording> => recordingOf(await play(planFor({ mutant: broken, seed, hint }, nth)), {});
  return { runs: { quick, full }, play: { world: 'simulator', record }, ...(mutant !== undefined && { mutant }) };
}
