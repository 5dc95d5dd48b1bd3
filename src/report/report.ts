/** Report pages: of a run, and of a history that was merely checked. Pure functions of what the files hold. */
import type { History, Verdict } from '../../checker/index.ts';
import type { FaultLine, Plan, Probe, RunResult } from '../contract/index.ts';
import { countAnomalies } from './cause.ts';
import { formatDuration } from '../base/duration.ts';
import { brokenWords, count, instant, isLook, milliseconds, plural, withClock } from './format.ts';
import type { Chip, Fact } from './hero.ts';
import { page, type PageInput } from './page.ts';
import type { Ages } from './whole/ages.ts';
import { msToNs } from '../base/time.ts';

/** The files of a run, read and parsed. */
export interface ReportData {
  readonly result: RunResult;
  readonly plan: Plan;
  readonly history: History;
  /** Null where nobody can say how old a read was. */
  readonly ages: Ages | null;
  readonly faults: readonly FaultLine[];
  readonly probes: readonly Probe[];
}

/** `report.html` of a run: one file that loads nothing. */
export function renderReport({ result, plan, history, ages, faults, probes }: ReportData): string {
  return page({
    verdict: result.verdict,
    name: result.run,
    about: `${plan.reads} reads × ${plan.requested.map(({ kind, target }) => (target === 'any' ? kind : `${kind}:${target}`)).join(', ') || 'no faults'}`,
    chips: runChips(result),
    ...runHeadline(result),
    facts: runFacts(result, plan),
    anomalies: result.anomalies,
    history,
    ages,
    faults,
    probes,
    clockErrorsMs: result.clockErrorsMs,
    again: {
      command: result.command,
      about: 'Same seed, same faults, same plan of every client. Which process wins a race may still differ.',
      alsoCheck: 'npx stalemate check history.jsonl',
    },
    files: runFiles(result),
    version: result.system.version,
  });
}

function runChips({ anomalies, expected, exit, check, invariants, interrupted }: RunResult): readonly Chip[] {
  const keys = new Set(anomalies.map(({ part }) => part)).size;
  const chips: readonly (Chip | null)[] = [
    anomalies.length > 0 ? { text: countAnomalies(anomalies), tone: 'bad' } : null,
    keys > 0 ? { text: `${count(keys)} of ${plural(check.keys, 'key')}`, tone: '' } : null,
    invariants.length > 0 ? { text: brokenWords(invariants), tone: 'bad' } : null,
    interrupted ? { text: 'interrupted', tone: 'warn' } : null,
    {
      text: `${expected === 'any' ? 'any verdict' : expected === 'ok' ? 'no violation' : 'a violation'} expected · exit ${exit}`,
      tone: '',
    },
  ];
  return chips.flatMap((chip) => chip ?? []);
}

function runHeadline(result: RunResult): Pick<PageInput, 'headline' | 'because'> {
  const { verdict, reason, ops, faults, leaderChanges, check, invariants } = result;
  const broken = invariants.map(({ name, message }) => `${name}: ${message}`).join(' ');
  const windows = faults.reduce((sum, fault) => sum + fault.windows, 0);
  const done = `${plural(ops.okDuringFaults, 'operation was', 'operations were')} acknowledged while a fault held; ${plural(leaderChanges, 'change')} of leader; ${plural(windows, 'window')} in which a stale leader could have been seen.`;
  if (verdict === 'linearizable')
    return { headline: goodHeadline(ops.reads, ops.ok), because: broken === '' ? done : broken };
  const far = `${count(check.decided)} of ${plural(check.keys, 'key')} decided. ${done}`;
  return verdict === 'unknown'
    ? { headline: unknownHeadline(reason ?? 'no reason was recorded'), because: far }
    : { headline: 'No order of these operations explains the answers.', because: broken };
}

/** A vacuous run was decided, and shows nothing all the same. */
function unknownHeadline(reason: string): string {
  const [, vacuous] = /^vacuous: (.*)$/s.exec(reason) ?? [];
  return vacuous === undefined
    ? `Whether this run is linearizable is not known: ${reason}.`
    : `This run proves nothing: ${vacuous}.`;
}

/** Queues and locks have no reads: there every operation is one that had to fit. */
function goodHeadline(reads: number, operations: number): string {
  return reads > 0
    ? `No incorrect read in ${plural(reads, 'read')}.`
    : `An order was found for all ${plural(operations, 'operation')}.`;
}

function runFacts(result: RunResult, plan: Plan): readonly Fact[] {
  const { system, ops, check, faults, staleness, leaderChanges, finalReads } = result;
  const kinds = faults.map(({ kind, effective, total }) => `${kind} ${effective}/${total}`).join(', ');
  const stale =
    staleness.reads === 0
      ? []
      : [
          {
            name: 'Staleness',
            text: `${plural(staleness.reads, 'read')}, worst ${milliseconds(msToNs(staleness.maxMs))}`,
            aside: `half over ${milliseconds(msToNs(staleness.p50Ms))}`,
          },
        ];
  const missing =
    finalReads.missing.length === 0
      ? []
      : [{ name: 'Final reads', text: `missing for ${finalReads.missing.join(', ')}` }];
  return [
    {
      name: 'System',
      text: `${system.name} ${system.version}, ${plural(system.nodes, 'node')}`,
      ...(plan.mutant === null ? {} : { aside: `mutant ${plan.mutant}` }),
    },
    { name: 'Reads', text: result.reads, aside: `workload ${result.workload}` },
    { name: 'Promise', text: result.promise },
    {
      name: 'Faults',
      text: kinds === '' ? 'none' : kinds,
      aside: kinds === '' ? `in ${formatDuration(plan.timeMs)}` : `effective / total in ${formatDuration(plan.timeMs)}`,
    },
    {
      name: 'Operations',
      text: count(ops.total),
      aside: `· ${count(ops.ok)} ok, ${count(ops.fail)} failed (${count(ops.mismatch)} mismatches), ${count(ops.unknown)} unknown`,
    },
    {
      name: 'Checked',
      text: `${count(check.decided)} of ${plural(check.keys, 'key')} in ${check.seconds.toFixed(2)} s`,
    },
    { name: 'Leaders', text: plural(leaderChanges, 'change') },
    ...stale,
    ...missing,
  ];
}

function runFiles({ verdict }: RunResult): PageInput['files'] {
  return [
    { name: 'history.jsonl', about: 'every call and answer' },
    ...(verdict === 'not-linearizable' ? [{ name: 'minimal.jsonl', about: 'the shortest history that fails' }] : []),
    { name: 'check.json', about: 'verdict for each key, with its proof' },
    { name: 'faults.jsonl', about: 'what was done to the cluster' },
    { name: 'result.json', about: 'this page in numbers' },
    { name: 'run.json', about: 'plan, versions, machine, command' },
    { name: 'nodes/', about: 'output and probes of each node' },
  ];
}

/** A history and what the checker made of it. */
export interface CheckReportData {
  readonly verdict: Verdict;
  readonly history: History;
  /** Null where nobody can say how old a read was. */
  readonly ages: Ages | null;
  /** The file, as it was named. */
  readonly name: string;
  readonly command: string;
  readonly version: string;
}

/** The page of a history without a run: no faults, no nodes, and nothing made up in their place. */
export function renderCheckReport(data: CheckReportData): string {
  return withClock(data.history.untimed !== true, () => checkPage(data));
}

function checkPage({ verdict, history, ages, name, command, version }: CheckReportData): string {
  const { anomalies, parts } = verdict;
  const reads = history.operations.filter(({ input, outcome }) => isLook(input) && outcome.kind === 'ok').length;
  const decided = parts.filter(({ kind }) => kind !== 'unknown').length;
  const stuck = parts.find(({ kind }) => kind === 'unknown');
  const limit =
    stuck?.kind === 'unknown' ? `${stuck.limit} used up on ${stuck.part}: ${stuck.progress}` : 'no reason was recorded';
  return page({
    verdict: verdict.kind === 'ok' ? 'linearizable' : verdict.kind === 'violation' ? 'not-linearizable' : 'unknown',
    name,
    about: 'a recorded history',
    chips: anomalies.length === 0 ? [] : [{ text: countAnomalies(anomalies), tone: 'bad' }],
    headline:
      verdict.kind === 'ok'
        ? goodHeadline(reads, verdict.operations)
        : verdict.kind === 'unknown'
          ? `Whether this history is linearizable is not known: ${limit}.`
          : 'No order of these operations explains the answers.',
    because: history.warnings.join(' '),
    facts: checkFacts(verdict, history, decided),
    anomalies,
    history,
    ages,
    faults: [],
    probes: [],
    clockErrorsMs: undefined,
    again: { command, about: 'The verdict is a function of the file: it will be the same.', alsoCheck: null },
    files: [],
    version,
  });
}

function checkFacts({ operations, parts }: Verdict, history: History, decided: number): readonly Fact[] {
  const answered = history.operations.filter(({ outcome }) => outcome.kind === 'ok');
  // Counted as a run counts them: who compared in vain has failed.
  const mismatches = answered.filter(
    ({ input, outcome }) => !isLook(input) && outcome.kind === 'ok' && outcome.output === false,
  ).length;
  const failed = history.failed.length + mismatches;
  const unknown = history.operations.length - answered.length;
  const lastNs = history.operations.reduce((latest, { callNs }) => Math.max(latest, callNs), 0);
  return [
    {
      name: 'Operations',
      text: count(operations),
      aside: `· ${count(answered.length - mismatches)} ok, ${count(failed)} failed (${count(mismatches)} mismatches), ${count(unknown)} unknown`,
    },
    { name: 'Keys', text: `${count(decided)} of ${count(parts.length)} decided` },
    ...(history.clients === undefined ? [] : [{ name: 'Clients', text: count(history.clients) }]),
    { name: 'Recorded', text: instant(lastNs) },
  ];
}
