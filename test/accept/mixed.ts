/**
 * Every kind of fault mixed, inside the fault model, with each safe read mode in turn, on real processes: `npm run accept:mixed -- --runs 30`, each of
 * 30 s. Prints a line a run. Exits 1 if a history is not linearizable, an invariant is broken, a node ends by itself, a run's
 * faults did hardly anything, or a kind of fault did nothing in any run.
 *
 * A kind is judged over all runs of a mode, and not in each: in 30 s there is room for two of most kinds and for one of two of them, and what is
 * asked for while others are still down, or while nobody leads after those, finds nobody to hit. A run's own verdict says `unknown` then,
 * which the table shows; what its history says counts all the same.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { judge } from '../../src/cli/judge.ts';
import { CAPABILITIES, startProcessCluster } from '../../src/cluster/process-cluster.ts';
import type { Crash, FaultKind, Plan, RunEnd, RunResult } from '../../src/contract/index.ts';
import { faults } from '../../src/faults/index.ts';
import { ALL_RULES } from '../../src/raft/rules.ts';
import { executeRun, makePlan } from '../../src/run/index.ts';
import { createRunFolder, openSink, writeJson, type RunFolder } from '../../src/store/index.ts';
import { connectRaft } from '../../src/systems/raft/raft-client.ts';
import { findWorkload } from '../../workloads/index.ts';

const MODES = ['read-index', 'lease', 'log'];

const { values: flags } = parseArgs({
  options: {
    runs: { type: 'string', default: '30' },
    time: { type: 'string', default: '30s' },
    nodes: { type: 'string', default: '5' },
    rate: { type: 'string', default: '200' },
    reads: { type: 'string', default: MODES.join() },
    seed: { type: 'string', default: '1' },
    keep: { type: 'string' },
  },
});

/** Of all runs of one mode. */
interface Tally {
  readonly effective: Map<FaultKind, number>;
  readonly problems: string[];
}

const out = flags.keep ?? mkdtempSync(join(tmpdir(), 'stalemate-mixed-'));
const problems: string[] = [];
console.log('reads       run  verdict         ok      unknown  leaders  faults effective');
for (const reads of flags.reads.split(',')) problems.push(...(await runsOf(reads)));
if (flags.keep === undefined) rmSync(out, { recursive: true });
console.log(problems.length === 0 ? 'holds' : problems.join('\n'));
process.exitCode = problems.length === 0 ? 0 : 1;

async function runsOf(reads: string): Promise<readonly string[]> {
  const tally: Tally = { effective: new Map(), problems: [] };
  const kinds = kindsWith(reads);
  for (let nth = 1; nth <= Number(flags.runs); nth++) {
    const seed = `${flags.seed}-${reads}-${nth}`;
    const plan = makePlan(
      { nodes: flags.nodes, faults: kinds.join(), rate: flags.rate, time: flags.time, reads, seed },
      { can: CAPABILITIES, mutants: [] },
    );
    const { result, crashes } = await run(plan, createRunFolder(join(out, seed), plan, new Date()));
    tell(reads, nth, result);
    note(tally, seed, result, crashes);
  }
  const idle = kinds.filter((kind) => (tally.effective.get(kind) ?? 0) === 0);
  return [...tally.problems, ...idle.map((kind) => `${reads}: ${kind} was never effective in any run`)];
}

/** All that real processes can suffer; and leases promise nothing to clocks that jump. */
function kindsWith(reads: string): readonly FaultKind[] {
  return faults
    .filter(({ needs }) => needs.every((capability) => CAPABILITIES.has(capability)))
    .map(({ kind }) => kind)
    .filter((kind) => reads !== 'lease' || kind !== 'clock-jump');
}

async function run(
  plan: Plan,
  folder: RunFolder,
): Promise<{ readonly result: RunResult; readonly crashes: readonly Crash[] }> {
  const startedMs = Date.now();
  const cluster = await startProcessCluster({
    folder: folder.path,
    nodes: plan.nodes,
    clusterId: folder.name,
    electionTimeoutMs: plan.electionTimeoutMs,
    mutant: null,
    seed: plan.seed,
    epochNs: process.hrtime.bigint(),
    connect: (place, options) => connectRaft(place, options, ALL_RULES),
  });
  const sink = openSink(folder);
  let ended: RunEnd;
  try {
    const outcome = await executeRun(plan, {
      cluster,
      workload: findWorkload(plan.workload),
      sink,
      signal: new AbortController().signal,
      onProgress: () => {},
    });
    ended = { ...outcome, readyMs: cluster.readyMs, eventLoopDelayMs: { p99: 0, max: 0 } };
  } finally {
    await cluster.stop();
    sink.close();
  }
  writeJson(folder.run, {
    format: 1,
    run: folder.name,
    plan,
    expected: 'ok',
    command: `npm run accept:mixed -- --reads ${plan.reads} --seed ${flags.seed}`,
    startedMs,
    system: { name: 'stalemate-raft', version: '0', nodes: plan.nodes },
    machine: { node: process.version, platform: process.platform, cpus: 0 },
    ended,
  });
  return { result: judge(folder).result, crashes: cluster.crashes };
}

function countsOf({ faults: counts }: RunResult): { readonly effective: number; readonly total: number } {
  const sum = (of: 'effective' | 'total'): number => counts.reduce((total, count) => total + count[of], 0);
  return { effective: sum('effective'), total: sum('total') };
}

function tell(reads: string, nth: number, result: RunResult): void {
  const { effective, total } = countsOf(result);
  const idle = result.faults.filter((fault) => fault.effective === 0).map(({ kind }) => kind);
  const cells = [
    reads.padEnd(10),
    String(nth).padStart(4),
    ` ${result.verdict.padEnd(14)}`,
    String(result.ops.ok).padEnd(7),
    String(result.ops.unknown).padEnd(8),
    String(result.leaderChanges).padEnd(8),
    `${effective} of ${total}${idle.length === 0 ? '' : `, idle: ${idle.join(' ')}`}`,
  ];
  console.log(cells.join(' '));
}

/**
 * A kind that found nobody to hit in one run of so many kinds is in the table; a run is a problem where it was idle as a whole. (A run's own
 * verdict is stricter, and says unknown then.)
 */
function note({ effective, problems: found }: Tally, seed: string, result: RunResult, crashes: readonly Crash[]): void {
  for (const fault of result.faults) {
    effective.set(fault.kind, (effective.get(fault.kind) ?? 0) + fault.effective);
  }
  const counts = countsOf(result);
  const isVacuous = result.verdict === 'unknown' && (result.reason ?? '').startsWith('vacuous');
  const isIdle = result.ops.okDuringFaults === 0 || counts.effective * 2 < counts.total;
  const wrong = [
    ...(result.verdict === 'linearizable' || isVacuous ? [] : [result.reason ?? result.verdict]),
    ...result.anomalies.slice(0, 3).map(({ sentence }) => sentence),
    ...result.invariants.map(({ name, message }) => `${name}: ${message}`),
    ...crashes.map(({ node, how, output }) => `${node} ended by itself (${how}): ${output}`),
    ...(isIdle
      ? [`idle: ${counts.effective} of ${counts.total} faults, ${result.ops.okDuringFaults} ok during them`]
      : []),
  ];
  found.push(...wrong.map((what) => `${seed}: ${what}`));
}
