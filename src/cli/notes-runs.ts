/** The runs of the notes that get a folder: stories told on real processes, and recordings that a card links to. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { StalemateError } from '../base/errors.ts';
import { startProcessCluster } from '../cluster/process-cluster.ts';
import type { Crash, NodeSettings, Plan, RunEnd, RunFile } from '../contract/index.ts';
import { asked, planOf, Stage, toItsEnd, type RealTrial, type Recording } from '../notes/index.ts';
import { ALL_RULES, rulesOf } from '../raft/rules.ts';
import { createRunFolder, readProbes, type RunFolder } from '../store/index.ts';
import { connectRaft } from '../systems/raft/raft-client.ts';
import { findWorkload } from '../../workloads/index.ts';
import { judge } from './judge.ts';
import { writeRecorded } from './recorded-run.ts';
import { runFileOf } from './run-file.ts';

/** Real nodes say what they believe a little later; nothing in a story waits for less. */
const POLL_MS = 5;

/** Where these runs go, and the command that makes them again. */
export interface RunsPlace {
  readonly out: string;
  readonly command: string;
}

/** Leaves a folder of that name with everything that a run's folder holds. One that is there already was not finished. */
export function writeShown(name: string, recording: Recording, place: RunsPlace): void {
  const { plan, probes, broken, durationNs } = recording;
  const folder = emptyFolder(name, plan, place);
  const ended = { ...ENDED, durationNs, broken };
  writeRecorded(folder, { ...runOf(folder, plan, place), ended }, { ...recording, probes });
  judge(folder);
}

/** Tells the story on real processes, in a run's folder of its own. Throws where a node died by itself, or would not start. */
export async function recordReal({ name, play, seed, mutant }: RealTrial, place: RunsPlace): Promise<Recording> {
  const { scene, story, about } = play;
  const { world: _, ...plan } = planOf({ scene, seed, mutant, about });
  const folder = emptyFolder(name, plan, place);
  const crashes: Crash[] = [];
  const rules = rulesOf(mutant) ?? ALL_RULES;
  const cluster = await startProcessCluster({
    folder: folder.path,
    nodes: plan.nodes,
    clusterId: name,
    electionTimeoutMs: plan.electionTimeoutMs,
    settings: settingsOf(scene.world),
    mutant,
    seed,
    epochNs: process.hrtime.bigint(),
    undoJournals: false,
    connect: (at, options) => connectRaft(at, options, rules),
    onCrash: (crash) => crashes.push(crash),
  });
  try {
    const vocabulary = findWorkload(plan.workload).model.name;
    const stage = new Stage({ cluster, seed, reads: plan.reads, vocabulary, pollMs: POLL_MS, probes: [] });
    const { facts, stuck } = await toItsEnd(stage, story);
    const durationNs = cluster.now();
    await cluster.stop();
    const [crash] = crashes;
    if (crash !== undefined)
      throw new StalemateError(
        'failed',
        `${name}: ${crash.node} ended by itself (${crash.how})`,
        `see ${folder.nodes}`,
      );
    const { history, faults } = stage;
    const told = asked(plan, history, durationNs);
    const ended: RunEnd = { ...ENDED, durationNs, readyMs: cluster.readyMs };
    writeRecorded(folder, { ...runOf(folder, told, place), ended }, { history, faults, probes: null });
    const { result } = judge(folder);
    const recording: Recording = {
      plan: told,
      history,
      faults,
      probes: readProbes(folder),
      broken: result.invariants,
      facts,
      stuck,
      durationNs,
    };
    return { ...recording, facts: { ...facts, ...play.judge?.(recording) } };
  } finally {
    await cluster.stop();
  }
}

/** Stories end with reads of their own. */
const ENDED: Omit<RunEnd, 'durationNs'> = {
  interrupted: false,
  readyMs: null,
  eventLoopDelayMs: null,
  finalReads: { keys: 0, missing: [] },
};

function emptyFolder(name: string, plan: Plan, { out }: RunsPlace): RunFolder {
  rmSync(join(out, name), { recursive: true, force: true });
  return createRunFolder(out, plan, new Date(), name);
}

function runOf(folder: RunFolder, plan: Plan, { command }: RunsPlace): RunFile {
  return { ...runFileOf(folder, plan, { expected: 'any', isFromFlags: false }), command };
}

function settingsOf(world: Partial<NodeSettings> = {}): Partial<NodeSettings> {
  const { heartbeatMs, preVote, checkQuorum, maxEntriesPerMessage, maxInFlight } = world;
  const all = { heartbeatMs, preVote, checkQuorum, maxEntriesPerMessage, maxInFlight };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}
