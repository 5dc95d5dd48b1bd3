/** `stalemate run`: a cluster, clients and faults; then the verdict on what the clients saw. */
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { StalemateError } from '../base/errors.ts';
import type { Crash, Plan, RunEnd, RunFile } from '../contract/index.ts';
import { plural, runForServers, summary } from '../report/index.ts';
import { carryOver, executeRun, isLinearizable, type RunOutcome } from '../run/index.ts';
import { createRunFolder, openSink, pointLatestAt, writeJson, type RunFolder } from '../store/index.ts';
import { findWorkload } from '../../workloads/index.ts';
import { tellServer } from './ci-server.ts';
import { defineCommand, isOn, screenFor, text, type Command, type Given, type Screen } from './command.ts';
import { listenForInterrupt } from './interrupt.ts';
import { fileOf, judge } from './judge.ts';
import { PLAN_FLAG, planGiven, systemGiven } from './given-plan.ts';
import { expectationOf, OUTCOME_FLAGS, PLAN_FLAGS } from './plan-flags.ts';
import { runFileOf } from './run-file.ts';
import { RunTeller } from './run-teller.ts';
import { chooseSystem, type ChosenSystem } from './systems.ts';

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
    ['$0 run --system etcd --reads serializable', 'three members of etcd, which any of them answers from what it has'],
    ["$0 run --system-cmd 'node my-node.js'", 'nodes of your own, written for Maelstrom'],
    ['$0 run --plan results/latest --mutant none', 'the same faults and questions again, for the correct node'],
  ],
  perform,
});

async function perform(given: Given): Promise<number> {
  const screen = screenFor(given);
  const system = await chooseSystem(systemGiven(given), given);
  const { plan: asked, isFromFlags } = planGiven(given, system.aim);
  const { plan, leftOut } = carryOver(asked, system.aim.can);
  const expected = expectationOf(given);
  const out = text(given, 'out') ?? 'results';
  system.refuse?.(plan, out);
  const folder = createRunFolder(out, plan, new Date(), text(given, 'name'));
  const run = runFileOf(folder, plan, { expected, isFromFlags, foreign: system.aim.foreign });
  writeJson(folder.run, run);
  pointLatestAt(folder);
  const interrupt = listenForInterrupt((line) => screen.say(line));
  try {
    screen.say(
      `${plural(plan.nodes, 'node')}, ${plural(plan.clients, 'client')}, ${plan.reads} reads, seed ${plan.seed}: ${folder.path}`,
    );
    for (const words of [plan.about, leftOut]) if (typeof words === 'string') screen.say(words);
    const ended = await runCluster(plan, folder, {
      system,
      screen,
      signal: interrupt.signal,
      quiet: isOn(given, 'quiet'),
    });
    writeJson(folder.run, { ...run, ended } satisfies RunFile);
    const judgement = judge(folder);
    if (isAsPromised(judgement)) removeData(folder);
    return tell(screen, folder, judgement);
  } catch (error) {
    // Before the cluster had come up: there is nothing to judge.
    if (!interrupt.signal.aborted || !(error instanceof StalemateError)) throw error;
    screen.say(error.message);
    return 130;
  } finally {
    interrupt.dispose();
  }
}

/** Of a system that is not ours: whether no promise of it was broken. */
function isAsPromised({ plan, result }: ReturnType<typeof judge>): boolean {
  if (plan.foreign === undefined) return false;
  // Whatever was expected of it: the exit code of a violation that was is 0, too.
  const isClean = result.verdict !== 'not-linearizable' && result.invariants.length === 0;
  return isClean || !isLinearizable(plan.reads, plan.foreign.reads);
}

/** Databases are large, and of no interest where nothing was found that should not be. */
function removeData(folder: RunFolder): void {
  for (const node of readdirSync(folder.nodes))
    rmSync(join(folder.nodes, node, 'data'), { recursive: true, force: true });
}

interface RunWorld {
  readonly system: ChosenSystem;
  readonly screen: Screen;
  readonly signal: AbortSignal;
  readonly quiet: boolean;
}

/** Starts the cluster, runs the plan on it, ends every node. Throws where the tool failed: a cluster that does not start, a node that died by itself. */
async function runCluster(plan: Plan, folder: RunFolder, world: RunWorld): Promise<RunEnd> {
  const delay = monitorEventLoopDelay({ resolution: 5 });
  delay.enable();
  const crashes: Crash[] = [];
  const cluster = await world.system.start({
    plan,
    folder: folder.path,
    clusterId: folder.name,
    epochNs: process.hrtime.bigint(),
    onCrash: (crash) => crashes.push(crash),
    signal: world.signal,
  });
  let sink: ReturnType<typeof openSink> | undefined;
  try {
    sink = openSink(folder);
    const teller = world.quiet ? null : new RunTeller(plan, world.screen);
    if (teller !== null) cluster.watch((probe) => teller.observe(probe));
    const outcome = await executeRun(plan, {
      cluster,
      workload: findWorkload(plan.workload),
      sink: teller === null ? sink : teller.through(sink),
      signal: world.signal,
      ...(teller === null ? {} : { onProgress: (progress) => teller.tell(progress) }),
    });
    if (crashes.length > 0 && plan.foreign === undefined) throw crashError(crashes, folder);
    const eventLoopDelayMs = { p99: delay.percentile(99) / 1e6, max: delay.max / 1e6 };
    const end = endOf(outcome, {
      readyMs: cluster.readyMs,
      eventLoopDelayMs,
      ...(cluster.clockErrorsMs && { clockErrorsMs: await cluster.clockErrorsMs() }),
    });
    return crashes.length === 0 ? end : { ...end, broken: crashes.map(failureOf) };
  } finally {
    delay.disable();
    // First: a sink on a full disk throws when it is closed, and nodes would keep the program alive.
    await cluster.stop();
    sink?.close();
  }
}

function endOf(
  { interrupted, durationNs, finalReads }: RunOutcome,
  measured: Pick<RunEnd, 'readyMs' | 'eventLoopDelayMs' | 'clockErrorsMs'>,
): RunEnd {
  return { interrupted, durationNs, finalReads, ...measured };
}

/** A node of another system that ends by itself is something that was found out about that system. */
function failureOf({ node, how, output }: Crash): NonNullable<RunEnd['broken']>[number] {
  return {
    name: 'node-failure',
    message: `${node} ended by itself (${how}): ${output.trim().split('\n').at(-1) ?? ''}`,
  };
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

function tell(screen: Screen, folder: RunFolder, judgement: ReturnType<typeof judge>): number {
  const { result, plan, probes, undrawn, recorded } = judgement;
  const { color } = screen;
  screen.say(summary(result, { reportPath: folder.report, color, clients: plan.clients, probes, recorded }));
  if (undrawn !== null) screen.say(`  ${undrawn}`);
  tellServer(screen, { ...runForServers(result, plan), summaryPath: folder.summary });
  screen.document(fileOf(result));
  return result.exit;
}
