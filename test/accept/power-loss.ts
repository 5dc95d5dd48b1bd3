/**
 * Cycles of power loss on real processes under load, on one node, the leader, a majority or everybody in turn: no acknowledged
 * write may be lost (the whole history is linearizable), every recovery ends in a state that has the same hash as the others' after
 * the same entry, and at the end every node holds the same log and the same values.
 * `npx tsx test/accept/power-loss.ts --cycles 200`, about two seconds a cycle; `--mutant M23` must be caught instead, and
 * `--faults kill` does the same with `kill -9`.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { judge } from '../../src/cli/judge.ts';
import { CAPABILITIES, startProcessCluster, type ProcessCluster } from '../../src/cluster/process-cluster.ts';
import { poll } from '../../src/cluster/waiting.ts';
import type { Client, NodeId, Plan, Probe, RunEnd, RunFile } from '../../src/contract/index.ts';
import { MUTANTS, rulesOf } from '../../src/raft/rules.ts';
import { executeRun, makePlan } from '../../src/run/index.ts';
import { createRunFolder, openSink, readProbes, writeJson, type RunFolder } from '../../src/store/index.ts';
import { connectRaft } from '../../src/systems/raft/raft-client.ts';
import { findWorkload } from '../../workloads/index.ts';
import { compareStates } from './state-hashes.ts';

const CYCLE_MS = 1700;
const CALM_MS = 2500;
const CATCH_UP_MS = 20_000;
/** A state is hashed after so many entries: several times in every life. */
const HASH_ENTRIES = 10;

const { values: flags } = parseArgs({
  options: {
    cycles: { type: 'string', default: '200' },
    nodes: { type: 'string', default: '5' },
    faults: { type: 'string', default: 'power-loss' },
    rate: { type: 'string', default: '200' },
    seed: { type: 'string', default: '1' },
    mutant: { type: 'string' },
    /** A snapshot after so many entries, so that recoveries begin with one. */
    snapshots: { type: 'string' },
    keep: { type: 'string' },
  },
});

const out = flags.keep ?? mkdtempSync(join(tmpdir(), 'stalemate-power-loss-'));
const plan = makePlan(
  {
    nodes: flags.nodes,
    faults: flags.faults,
    rate: flags.rate,
    seed: flags.seed,
    time: `${CALM_MS + Number(flags.cycles) * CYCLE_MS}ms`,
    ...(flags.mutant === undefined ? {} : { mutant: flags.mutant }),
  },
  { can: CAPABILITIES, mutants: Object.keys(MUTANTS) },
);
const problems = await run(plan, createRunFolder(out, plan, new Date()));
if (flags.keep === undefined) rmSync(out, { recursive: true });
console.log(problems.length === 0 ? 'holds' : problems.join('\n'));
process.exitCode = (problems.length === 0) === (flags.mutant === undefined) ? 0 : 1;

/** What was wrong, in words. */
async function run(it: Plan, folder: RunFolder): Promise<readonly string[]> {
  const cluster = await startProcessCluster({
    folder: folder.path,
    nodes: it.nodes,
    clusterId: folder.name,
    electionTimeoutMs: it.electionTimeoutMs,
    mutant: it.mutant,
    seed: it.seed,
    hashEntries: HASH_ENTRIES,
    ...(flags.snapshots === undefined ? {} : { snapshotEntries: Number(flags.snapshots) }),
    epochNs: process.hrtime.bigint(),
    connect: (place, options) => connectRaft(place, options, rulesOf(it.mutant)!),
  });
  const sink = openSink(folder);
  let differences: readonly string[];
  try {
    const outcome = await executeRun(it, {
      cluster,
      workload: findWorkload(it.workload),
      sink,
      signal: new AbortController().signal,
      onProgress: progress(it),
    });
    differences = await differencesBetween(cluster, ['x', 'y', 'z', 'k4', 'k5']);
    const ended: RunEnd = { ...outcome, readyMs: cluster.readyMs, eventLoopDelayMs: { p99: 0, max: 0 } };
    writeJson(folder.run, runFile(it, folder, ended));
  } finally {
    await cluster.stop();
    sink.close();
  }
  const { result } = judge(folder);
  const did = result.faults
    .map(({ kind, effective, total }) => `${kind} ${effective} of ${total} effective`)
    .join(', ');
  console.log(
    `${result.verdict}${result.reason === null ? '' : ` (${result.reason})`}: ${result.ops.ok} ok, ${result.ops.unknown} unknown; ${did}; ${result.leaderChanges} changes of leader`,
  );
  const probes = readProbes(folder);
  return [
    ...(result.verdict === 'linearizable' ? [] : [result.reason ?? result.verdict]),
    ...result.anomalies.slice(0, 3).map(({ sentence }) => sentence),
    ...result.invariants.map(({ name, message }) => `${name}: ${message}`),
    ...cluster.crashes.map(({ node, how, output }) => `${node} ended by itself (${how}): ${output}`),
    ...differences,
    ...differentLogs(probes, cluster.nodes()),
    ...differentStates(probes),
  ];
}

function runFile(it: Plan, folder: RunFolder, ended: RunEnd): RunFile {
  return {
    format: 1,
    run: folder.name,
    plan: it,
    expected: 'ok',
    command: `npx tsx test/accept/power-loss.ts --cycles ${flags.cycles} --seed ${flags.seed}`,
    startedMs: Date.now(),
    system: { name: 'stalemate-raft', version: '0', nodes: it.nodes },
    machine: { node: process.version, platform: process.platform, cpus: 0 },
    ended,
  };
}

/** Asks every node for every key, from its own state, until all answer what a linearizable read answers. */
async function differencesBetween(cluster: ProcessCluster, keys: readonly string[]): Promise<readonly string[]> {
  const connect = (entry: NodeId, reads: string, pinned: boolean): Client =>
    cluster.connect({ name: `look ${entry} ${reads}`, entry, pinned, reads, attemptTimeoutMs: 300, seed: 'look' });
  const truth = connect('n1', 'read-index', false);
  const locals = cluster.nodes().map((node) => ({ node, client: connect(node, 'local', true) }));
  const ask = async (client: Client, key: string): Promise<string | undefined> => {
    const answer = await client.invoke({ f: 'read', key, value: null }, 5000);
    return answer.kind === 'ok' ? JSON.stringify(answer.output) : undefined;
  };
  let differences: string[] = [];
  await poll(
    async () => {
      differences = [];
      for (const key of keys) {
        const value = await ask(truth, key);
        if (value === undefined) differences.push(`the cluster does not answer what ${key} is`);
        for (const { node, client } of locals) {
          const own = await ask(client, key);
          if (own !== value) differences.push(`${node} ends with ${key} = ${own}, the cluster with ${value}`);
        }
      }
      return differences.length === 0 ? true : undefined;
    },
    { everyMs: 100, timeoutMs: CATCH_UP_MS },
  );
  return differences;
}

/** Every life but the last few moments' must have told a state that another life tells as well. */
function differentStates(probes: readonly Probe[]): readonly string[] {
  const { compared, recoveries, compareds, differences } = compareStates(probes);
  console.log(
    `states compared after ${compared} entries: ${differences.length} differ; ${compareds} of ${recoveries} recoveries reached a compared state`,
  );
  return [...differences.slice(0, 3), ...(compared > 0 ? [] : ['no state was compared'])];
}

/** The chain hash of the last entry that every node has committed covers the whole log before it. */
function differentLogs(probes: readonly Probe[], nodes: readonly NodeId[]): readonly string[] {
  const logs = nodes.map((node) => lastLog(probes.filter((probe) => probe.node === node)));
  const common = Math.min(...logs.map(({ commitIndex }) => commitIndex));
  const chains = logs.map(({ chains: ofNode }) => ofNode.get(common));
  console.log(`logs compared up to entry ${common}: ${new Set(chains).size} chain`);
  return new Set(chains).size === 1 && chains[0] !== undefined
    ? []
    : [`the logs up to ${common} differ: ${chains.join(' ')}`];
}

function lastLog(probes: readonly Probe[]): {
  readonly commitIndex: number;
  readonly chains: ReadonlyMap<number, number>;
} {
  const chains = new Map<number, number>();
  let commitIndex = 0;
  for (const probe of probes) {
    if (probe.kind === 'start') commitIndex = probe.commitIndex;
    if (probe.kind === 'commit') commitIndex = probe.index;
    if (probe.kind === 'append') chains.set(probe.index, probe.chain);
  }
  return { commitIndex, chains };
}

function progress(it: Plan): (progress: { readonly elapsedMs: number; readonly ok: number }) => void {
  let nextMs = 30_000;
  return ({ elapsedMs, ok }) => {
    if (elapsedMs < nextMs) return;
    nextMs += 30_000;
    console.log(`  ${Math.round(elapsedMs / 1000)} of ${Math.round(it.timeMs / 1000)} s, ${ok} ok`);
  };
}
