/** What a single run leaves for CI servers: JUnit's XML and a step summary, told as of a campaign of one run. */
import type { CampaignResult, CampaignRun, CellResult, Expectation, Plan, RunResult } from '../contract/index.ts';
import { cellResults } from '../campaign/index.ts';
import { annotations, runSummary } from './github.ts';
import { junit } from './junit.ts';
import { minimalLines } from './terminal.ts';

export interface RunWords {
  readonly junit: string;
  /** Markdown. */
  readonly summary: string;
  readonly annotations: readonly string[];
}

/** A pure function of result.json and the plan. */
export function runForServers(result: RunResult, plan: Plan): RunWords {
  const whole = asCampaign(result, plan);
  return { junit: junit(whole), summary: runSummary(result, whole.runs[0]!), annotations: annotations(whole) };
}

const EXPECTATIONS: Readonly<Record<RunResult['expected'], Expectation>> = {
  ok: 'never',
  violation: 'must',
  any: 'may',
};

function asCampaign(result: RunResult, plan: Plan): CampaignResult {
  const faults = plan.requested.map(({ kind }) => kind).join(',') || 'none';
  const system = plan.mutant === null ? plan.system : `${plan.system} ${plan.mutant}`;
  const cell = { id: 'run', system, reads: result.reads, faults, expectation: EXPECTATIONS[result.expected] };
  const report = `report.html${anchorOf(result)}`;
  const run = campaignRunOf(result, { id: result.run, cell: cell.id, clients: plan.clients, report });
  const cells: readonly CellResult[] = cellResults([cell], [run], { isPart: false });
  const { run: campaign, seed, exit, interrupted, startedMs } = result;
  const { version } = result.system;
  return {
    format: 1,
    campaign,
    version,
    seed,
    exit,
    interrupted,
    shard: null,
    startedMs,
    about: '',
    cells,
    runs: [run],
  };
}

/** The first anomaly's place on the report. */
export function anchorOf({ anomalies: [first] }: RunResult): string {
  return first === undefined ? '' : `#${first.id}`;
}

/** A run as a campaign tells of it. */
export function campaignRunOf(
  result: RunResult,
  it: { readonly id: string; readonly cell: string; readonly clients: number; readonly report: string },
): CampaignRun {
  const { id, cell, clients, report } = it;
  const first = result.anomalies[0];
  const broken = result.invariants[0];
  return {
    id,
    cell,
    seed: result.seed,
    verdict: result.verdict,
    reason: result.reason,
    class: first?.class ?? broken?.name ?? null,
    anomalies: result.anomalyCount,
    sentence: first?.sentence ?? broken?.message ?? null,
    minimal: first === undefined ? [] : minimalLines(first, clients),
    worstStaleMs: result.staleness.reads === 0 ? null : result.staleness.maxMs,
    operations: result.ops.total,
    seconds: result.durationNs / 1e9,
    command: result.command,
    report,
  };
}
