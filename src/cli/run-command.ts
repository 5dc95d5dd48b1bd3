/** `stalemate run`: a cluster, clients and faults; then the verdict on what the clients saw. */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { StalemateError } from '../base/errors.ts';
import { CAPABILITIES, startProcessCluster, type Crash, type ProcessCluster } from '../cluster/process-cluster.ts';
import type { Plan, RunEnd, RunFile } from '../contract/index.ts';
import { rulesOf } from '../raft/rules.ts';
import { plural, summary } from '../report/index.ts';
import { carryOver, executeRun, type RunOutcome } from '../run/index.ts';
import { createRunFolder, openSink, pointLatestAt, writeJson, type RunFolder } from '../store/index.ts';
import { connectRaft } from '../systems/raft/raft-client.ts';
import { findWorkload } from '../../workloads/index.ts';
import { defineCommand, isOn, screenFor, text, type Command, type Given, type Screen } from './command.ts';
import { listenForInterrupt } from './interrupt.ts';
import { fileOf, judge } from './judge.ts';
import { PLAN_FLAG, planGiven } from './given-plan.ts';
import { expectationOf, OUTCOME_FLAGS, PLAN_FLAGS } from './plan-flags.ts';
import { runFileOf } from './run-file.ts';
import { RunTeller } from './run-teller.ts';

/** The run command. */
export const runCommand: Command = defineCommand({
  command: 'run',
  describe: 'start a cluster, drive a workload under faults, check, report',
  flags: { ...PLAN_FLAGS, plan: PLAN_FLAG, ...OUTCOME_FLAGS },
  examples: [
    ['$0 run', 'five nodes under pauses, kills and partitions'],
    ['$0 run --reads local --faults pause,partition --time 15s', 'let a replica answer that lags'],
    ['$0 run --reads leader --faults partition:leader', 'let a deposed leader answer'],
    ['$0 run --workload lock', 'locks instead of registers'],
    ['$0 run --faults power-loss:all,disk-full,partition:ring', 'outages, a full disk, a ring of majorities'],
    [
      '$0 run --mutant M30 --faults partition:leader --expect violation',
      'a leader that does not ask whether it still leads',
    ],
    ['$0 run --plan results/latest --mutant none', 'the same faults and questions again, for the correct node'],
  ],
  perform,
});

async function perform(given: Given): Promise<number> {
  const screen = screenFor(given);
  const { plan: asked, isFromFlags } = planGiven(given, CAPABILITIES);
  const { plan, leftOut } = carryOver(asked, CAPABILITIES);
  const expected = expectationOf(given);
  const folder = createRunFolder(text(given, 'out') ?? 'results', plan, new Date(), text(given, 'name'));
  const run = runFileOf(folder, plan, { expected, isFromFlags });
  writeJson(folder.run, run);
  pointLatestAt(folder);
  const interrupt = listenForInterrupt((line) => screen.say(line));
  try {
    screen.say(
      `${plural(plan.nodes, 'node')}, ${plural(plan.clients, 'client')}, ${plan.reads} reads, seed ${plan.seed}: ${folder.path}`,
    );
    for (const words of [plan.about, leftOut]) if (typeof words === 'string') screen.say(words);
    const ended = await runCluster(plan, folder, { screen, signal: interrupt.signal, quiet: isOn(given, 'quiet') });
    writeJson(folder.run, { ...run, ended } satisfies RunFile);
    return tell(screen, folder, judge(folder));
  } finally {
    interrupt.dispose();
  }
}

interface RunWorld {
  readonly screen: Screen;
  readonly signal: AbortSignal;
  readonly quiet: boolean;
}

/** Starts the cluster, runs the plan on it, ends every node. Throws where the tool failed: a cluster that does not start, a node that died by itself. */
async function runCluster(plan: Plan, folder: RunFolder, world: RunWorld): Promise<RunEnd> {
  const delay = monitorEventLoopDelay({ resolution: 5 });
  delay.enable();
  const crashes: Crash[] = [];
  const cluster = await startCluster(plan, folder, (crash) => crashes.push(crash));
  const sink = openSink(folder);
  const teller = world.quiet ? null : new RunTeller(plan, world.screen);
  if (teller !== null) cluster.watch((probe) => teller.observe(probe));
  try {
    const outcome = await executeRun(plan, {
      cluster,
      workload: findWorkload(plan.workload),
      sink: teller === null ? sink : teller.through(sink),
      signal: world.signal,
      ...(teller === null ? {} : { onProgress: (progress) => teller.tell(progress) }),
    });
    if (crashes.length > 0) throw crashError(crashes, folder);
    return endOf(outcome, cluster, { p99: delay.percentile(99) / 1e6, max: delay.max / 1e6 });
  } finally {
    delay.disable();
    // First: a sink on a full disk throws when it is closed, and nodes would keep the program alive.
    await cluster.stop();
    sink.close();
  }
}

function startCluster(plan: Plan, folder: RunFolder, onCrash: (crash: Crash) => void): Promise<ProcessCluster> {
  const rules = rulesOf(plan.mutant)!;
  return startProcessCluster({
    folder: folder.path,
    nodes: plan.nodes,
    clusterId: folder.name,
    electionTimeoutMs: plan.electionTimeoutMs,
    settings: plan.node ?? {},
    mutant: plan.mutant,
    seed: plan.seed,
    epochNs: process.hrtime.bigint(),
    undoJournals: plan.steps.some(({ kind }) => kind === 'power-loss'),
    connect: (place, options) => connectRaft(place, options, rules),
    onCrash,
  });
}

function endOf(outcome: RunOutcome, cluster: ProcessCluster, eventLoopDelayMs: RunEnd['eventLoopDelayMs']): RunEnd {
  const { interrupted, durationNs, finalReads } = outcome;
  return { interrupted, durationNs, readyMs: cluster.readyMs, eventLoopDelayMs, finalReads };
}

/** A node of ours that ends by itself is a defect of ours, whatever the history says. */
function crashError(crashes: readonly Crash[], folder: RunFolder): StalemateError {
  const told = crashes.map(
    ({ node, how, output }) => `${node} ended by itself (${how}): ${output.trim().split('\n').at(-1) ?? ''}`,
  );
  return new StalemateError(
    'failed',
    told.join('; '),
    `see ${folder.nodes}; stalemate check ${folder.history} decides what was recorded`,
  );
}

function tell(screen: Screen, folder: RunFolder, { result, plan, probes }: ReturnType<typeof judge>): number {
  screen.say(summary(result, { reportPath: folder.report, color: screen.color, clients: plan.clients, probes }));
  screen.document(fileOf(result));
  return result.exit;
}
