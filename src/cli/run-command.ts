/** `stalemate run`: a cluster, clients and faults; then the verdict on what the clients saw. */
import { randomBytes } from 'node:crypto';
import { cpus } from 'node:os';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { parseDurationMs } from '../base/duration.ts';
import { StalemateError } from '../base/errors.ts';
import { CAPABILITIES, startProcessCluster, type Crash, type ProcessCluster } from '../cluster/process-cluster.ts';
import type { Plan, RunEnd, RunFile, RunResult } from '../contract/index.ts';
import { faults } from '../faults/index.ts';
import { MUTANTS, rulesOf } from '../raft/rules.ts';
import { plural, progressLine, summary } from '../report/index.ts';
import { commandFor, executeRun, makePlan, PLAN_DEFAULTS, type RunOutcome } from '../run/index.ts';
import { createRunFolder, openSink, pointLatestAt, writeJson, type RunFolder } from '../store/index.ts';
import { connectRaft } from '../systems/raft/raft-client.ts';
import { findWorkload, workloads } from '../../workloads/index.ts';
import { defineCommand, isOn, screenFor, text, type Command, type Given, type Screen } from './command.ts';
import { listenForInterrupt } from './interrupt.ts';
import { fileOf, judge } from './judge.ts';
import { VERSION } from './version.ts';

const EXPECTATIONS = ['ok', 'violation', 'any'] as const;
const PROGRESS_EVERY_MS = 10_000;
const DEFAULT_ELECTION_TIMEOUT = '150ms-300ms';

/** The run command. */
export const runCommand: Command = defineCommand({
  command: 'run',
  describe: 'start a cluster, drive a workload under faults, check, report',
  flags: {
    system: { type: 'string', default: PLAN_DEFAULTS.system, describe: 'the system under test: raft' },
    nodes: { type: 'string', default: PLAN_DEFAULTS.nodes, describe: 'number of nodes, 1 to 9' },
    workload: {
      type: 'string',
      default: PLAN_DEFAULTS.workload,
      describe: workloads.map(({ name }) => name).join(', '),
    },
    reads: {
      type: 'string',
      default: PLAN_DEFAULTS.reads,
      describe: 'read-index, lease, log, leader (may be stale) or local (may be stale); queue and lock have no reads',
    },
    faults: {
      type: 'string',
      default: PLAN_DEFAULTS.faults,
      describe: `kinds, each with a target if you like (partition:leader, power-loss:all), or none; there are ${faults
        .map(({ kind }) => kind)
        .join(', ')}`,
    },
    time: { type: 'string', default: PLAN_DEFAULTS.time, describe: 'how long clients are busy: 500ms, 20s, 2m' },
    clients: { type: 'string', default: PLAN_DEFAULTS.clients, describe: 'number of concurrent clients' },
    keys: { type: 'string', default: PLAN_DEFAULTS.keys, describe: 'number of keys: registers, queues, locks …' },
    rate: { type: 'string', describe: 'operations per second over all clients (default: as fast as they can)' },
    seed: {
      type: 'string',
      describe: 'any string; the same one asks the same and hurts the same (default: drawn and printed)',
    },
    mutant: {
      type: 'string',
      describe: `a bundled node with one rule broken: ${Object.entries(MUTANTS)
        .map(([id, { name }]) => `${id} ${name}`)
        .join(', ')}`,
    },
    'election-timeout': {
      type: 'string',
      default: DEFAULT_ELECTION_TIMEOUT,
      describe: 'least and most, drawn anew for each election',
    },
    expect: { type: 'string', default: 'ok', describe: 'ok, violation or any: what exits with 0' },
    out: { type: 'string', default: 'results', describe: 'folder that gets a folder for the run' },
    quiet: { type: 'boolean', describe: 'no progress, only the summary' },
    json: { type: 'boolean', describe: 'result.json on standard output, words on standard error' },
  },
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
  ],
  perform,
});

async function perform(given: Given): Promise<number> {
  const screen = screenFor(given);
  const plan = planOf(given);
  const expected = expectationOf(given);
  const folder = createRunFolder(text(given, 'out') ?? 'results', plan, new Date());
  const run = runFileOf(folder, plan, expected);
  writeJson(folder.run, run);
  pointLatestAt(folder);
  const interrupt = listenForInterrupt((line) => screen.say(line));
  try {
    screen.say(
      `${plural(plan.nodes, 'node')}, ${plural(plan.clients, 'client')}, ${plan.reads} reads, seed ${plan.seed}: ${folder.path}`,
    );
    const ended = await runCluster(plan, folder, { screen, signal: interrupt.signal, quiet: isOn(given, 'quiet') });
    writeJson(folder.run, { ...run, ended } satisfies RunFile);
    return tell(screen, folder, judge(folder));
  } finally {
    interrupt.dispose();
  }
}

/** The flags as a plan. The seed decides everything else that is drawn. */
function planOf(given: Given): Plan {
  const names = [
    'system',
    'nodes',
    'workload',
    'reads',
    'faults',
    'time',
    'clients',
    'keys',
    'rate',
    'mutant',
  ] as const;
  const flags = Object.fromEntries(names.map((name) => [name, text(given, name)]));
  const seed = text(given, 'seed') ?? randomBytes(4).toString('hex');
  return makePlan(
    { ...flags, seed },
    {
      can: CAPABILITIES,
      mutants: Object.keys(MUTANTS),
      electionTimeoutMs: electionTimeout(text(given, 'election-timeout') ?? DEFAULT_ELECTION_TIMEOUT),
    },
  );
}

/** `150ms-300ms`. Both ends matter: the least bounds how soon a leader is missed, the width how often votes are split. */
function electionTimeout(range: string): Plan['electionTimeoutMs'] {
  const [least, most, ...rest] = range.split('-').map((it) => parseDurationMs(it, '--election-timeout'));
  if (least !== undefined && most !== undefined && rest.length === 0 && least >= 20 && most > least)
    return [least, most];
  throw new StalemateError(
    'usage',
    `--election-timeout ${range}: not a range`,
    `least and most, 20ms or longer: ${DEFAULT_ELECTION_TIMEOUT}`,
  );
}

function expectationOf(given: Given): RunResult['expected'] {
  const word = text(given, 'expect') ?? 'ok';
  const found = EXPECTATIONS.find((it) => it === word);
  if (found === undefined)
    throw new StalemateError('usage', `--expect ${word}: no such expectation`, `one of ${EXPECTATIONS.join(', ')}`);
  return found;
}

function runFileOf(folder: RunFolder, plan: Plan, expected: RunResult['expected']): RunFile {
  return {
    format: 1,
    run: folder.name,
    plan,
    expected,
    command: commandFor(plan, expected),
    startedMs: Date.now(),
    system: {
      name: plan.mutant === null ? 'stalemate-raft' : `stalemate-raft (mutant ${plan.mutant})`,
      version: VERSION,
      nodes: plan.nodes,
    },
    machine: { node: process.version, platform: `${process.platform} ${process.arch}`, cpus: cpus().length },
    ended: null,
  };
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
  try {
    const outcome = await executeRun(plan, {
      cluster,
      workload: findWorkload(plan.workload),
      sink,
      signal: world.signal,
      ...(world.quiet ? {} : { onProgress: progressTeller(plan, world.screen) }),
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

function progressTeller(plan: Plan, screen: Screen): NonNullable<Parameters<typeof executeRun>[1]['onProgress']> {
  let nextMs = PROGRESS_EVERY_MS;
  return (progress) => {
    if (progress.elapsedMs < nextMs) return;
    nextMs += PROGRESS_EVERY_MS;
    const perSecond = Math.round((progress.ok / progress.elapsedMs) * 1000);
    screen.say(progressLine({ ...progress, perSecond, timeMs: plan.timeMs }));
  };
}

function tell(screen: Screen, folder: RunFolder, { result, plan, probes }: ReturnType<typeof judge>): number {
  screen.say(summary(result, { reportPath: folder.report, color: screen.color, clients: plan.clients, probes }));
  screen.document(fileOf(result));
  return result.exit;
}
