/** What a run says on the terminal: a plain line now and then, and the summary at its end, at most 20 lines of at most 100 columns. */
import type { Anomaly, Operation } from '../../checker/index.ts';
import type { Probe, RunResult } from '../contract/index.ts';
import { causeOf, countAnomalies, groupAnomalies, isProven, operationsById } from './cause.ts';
import type { Operations } from './cause-kinds.ts';
import { printable } from './escape.ts';
import {
  brokenWords,
  clientOf,
  count,
  describeOperation,
  milliseconds,
  plural,
  seconds,
  shortValue,
} from './format.ts';
import { VERDICTS } from './hero.ts';
import { indexProbes, type NodeState, nodeStatesAt, type ProbeIndex } from './probe-index.ts';

const COLUMNS = 100;
const LINES = 20;
const MOST_MINIMAL = 4;
const MOST_COMMAND = 8;

export interface SummaryOptions {
  readonly reportPath: string;
  /** Escape sequences; without them the text is plain. */
  readonly color: boolean;
  /** Number of clients, so that they are named as in the sentence. */
  readonly clients?: number;
  /** Where the nodes stood is told only if their probes are given. */
  readonly probes?: readonly Probe[];
  /** Every operation: some causes need those, too, that no shortest history has. */
  readonly recorded?: readonly Operation[];
}

/** The end of a run. Ends without a newline. */
export function summary(result: RunResult, options: SummaryOptions): string {
  const probes = indexProbes(options.probes ?? []);
  const operations = operationsById(options.recorded ?? [], result.anomalies);
  const first = result.anomalies[0];
  const verdict = paint(clip(runHeadline(result)), result.verdict, options.color);
  const story = first === undefined ? quiet(result) : tell(first, { ...options, probes, operations });
  const groups = groupLine(result, probes, operations);
  const told = [...story, ...(groups === '' ? [] : [groups])];
  const body = ['', ...told, ...(told.length === 0 ? [] : [''])].map(clip);
  const facts = [...faultLines(result), operationLine(result), checkLine(result)].map(clip);
  const anchor = first === undefined ? '' : `#${first.id}`;
  const room = LINES - 1 - facts.length - 1;
  const command = wrapCommand(`Again   ${printable(result.command)}`);
  // Half a command would be worse than none.
  const fits = command.length <= MOST_COMMAND && command.every((line) => line.length <= COLUMNS);
  const again = fits ? command : ['  Again   the command is in result.json'];
  // Too long a story loses its end, never the verdict, the path or the command.
  const kept = body.slice(0, room - again.length);
  return [verdict, ...kept, ...facts, `  Report  ${printable(options.reportPath)}${anchor}`, ...again].join('\n');
}

/** `✕ Not linearizable: 3 stale reads on 1 of 5 keys`. */
export function runHeadline({ verdict, anomalies, check, ops, reason, invariants }: RunResult): string {
  const { symbol, words } = VERDICTS[verdict];
  const keys = new Set(anomalies.map(({ part }) => part)).size;
  const broken = invariants.length === 0 ? '' : `; ${brokenWords(invariants)}`;
  if (anomalies.length > 0)
    return `${symbol} ${words}: ${countAnomalies(anomalies)} on ${count(keys)} of ${plural(check.keys, 'key')}${broken}`;
  if (verdict === 'unknown') return `${symbol} ${words}: ${reason ?? 'no reason was recorded'}${broken}`;
  return `${symbol} ${words}: ${allGood(ops)}${broken}`;
}

/** Queues and locks have no reads: there every operation is one that had to fit. */
function allGood({ reads, ok }: RunResult['ops']): string {
  return reads > 0
    ? `no incorrect read in ${plural(reads, 'read')}`
    : `an order was found for ${plural(ok, 'operation')}`;
}

function quiet({ invariants, finalReads }: RunResult): readonly string[] {
  const missing = finalReads.missing.length === 0 ? [] : [`  No final read of ${finalReads.missing.join(', ')}`];
  return [...invariants.slice(0, 3).map(({ name, message }) => `  ${name}: ${message}`), ...missing];
}

interface TellOptions {
  readonly probes: ProbeIndex;
  readonly operations: Operations;
  readonly clients?: number;
}

function tell(anomaly: Anomaly, { probes, operations, clients }: TellOptions): readonly string[] {
  const cause = causeOf(anomaly, probes, operations);
  const told = cause === null ? [] : wrap(`${cause.headline} ${cause.sentence}`);
  return [
    ...wrap(anomaly.sentence),
    ...told.slice(0, 2),
    '',
    ...(isProven(anomaly) ? minimalLines(anomaly, clients) : []),
    ...nodeLine(operations.get(anomaly.operation), probes),
  ];
}

/** The shortest history as a small table; the first and the last operations of a long one. */
export function minimalLines(anomaly: Anomaly, clients: number | undefined): readonly string[] {
  const rows = anomaly.minimal.map(({ operation, as }) => {
    const { process, entryNode, outcome, callNs } = operation;
    const end = outcome.kind === 'ok' ? seconds(outcome.returnNs) : '?';
    return {
      mark: operation.id === anomaly.operation ? '✕' : ' ',
      who: `client ${clientOf(process, clients)}${entryNode === undefined ? '' : ` → ${entryNode}`}`,
      what: describeOperation(operation, as, (value) => shortValue(value, 16)),
      when: `${seconds(callNs)} ─ ${end}`,
    };
  });
  const shown = rows.length <= MOST_MINIMAL ? rows : [...rows.slice(0, 2), ...rows.slice(-2)];
  const wide = (pick: (row: (typeof rows)[number]) => string): number =>
    shown.reduce((most, row) => Math.max(most, pick(row).length), 0);
  const [who, what] = [wide((row) => row.who), wide((row) => row.what)];
  const lines = shown.map((row) => `  ${row.mark} ${row.who.padEnd(who)}  ${row.what.padEnd(what)}  ${row.when}`);
  return rows.length === shown.length
    ? lines
    : [...lines.slice(0, 2), `    … ${count(rows.length - 4)} more in the report`, ...lines.slice(2)];
}

/** The node that answered, and the leader of the highest term. */
function nodeLine(culprit: Operation | undefined, probes: ProbeIndex): readonly string[] {
  if (culprit === undefined) return [];
  const states = nodeStatesAt(probes, culprit.callNs, culprit.input.key);
  const server = states.find(({ node }) => node === culprit.node);
  const leads = ({ role }: NodeState): number => (role === 'leader' ? 1 : 0);
  const ahead = states.toSorted((left, right) => right.term - left.term || leads(right) - leads(left))[0];
  if (server === undefined || ahead === undefined) return [];
  const told = ahead === server ? [server] : [server, ahead];
  return [
    `  ${told.map(({ node, role, term, commitIndex, deposedSinceNs }) => `${node} ${deposedSinceNs === null ? role : 'deposed leader'}, term ${term}${commitIndex === 0 ? '' : `, commit ${commitIndex}`}`).join('    ')}`,
  ];
}

/** Grouped by cause only if every cause can be told: the operation itself may be in nobody's shortest history. */
function groupLine({ anomalies }: RunResult, probes: ProbeIndex, operations: Operations): string {
  const known = anomalies.every(({ operation }) => operations.has(operation));
  const groups = groupAnomalies(anomalies, known ? probes : indexProbes([]), operations);
  if (groups.length === 0) return '';
  const words = groups.map(({ name, members }) => `${count(members.length)} × ${name.toLowerCase()}`);
  const worst = groups.map(({ worstNs }) => (worstNs === null ? '' : ` (worst ${milliseconds(worstNs)})`));
  const full = `  ${words.map((word, at) => word + worst[at]!).join('   ')}`;
  return full.length <= COLUMNS ? full : `  ${words.join('   ')}`;
}

/** As many lines as there are kinds for: each of them is to be seen. */
function faultLines({ faults }: RunResult): readonly string[] {
  if (faults.length === 0) return ['  Faults  none'];
  const kinds = faults.map(({ kind, effective, total }) => `${kind} ${effective}/${total}`);
  const windows = faults.reduce((sum, fault) => sum + fault.windows, 0);
  const words = `${kinds.join(', ')} effective; ${plural(windows, 'stale window')}`.split(/(?<=[,;]) /);
  const lines: string[] = [];
  for (const word of words) {
    const longer = `${lines.at(-1) ?? ' '} ${word}`;
    if (lines.length > 0 && longer.length <= COLUMNS) lines[lines.length - 1] = longer;
    else lines.push(`${lines.length === 0 ? '  Faults ' : '         '} ${word}`);
  }
  return lines;
}

function operationLine({ ops }: RunResult): string {
  return `  Ops     ${count(ops.total)}: ${count(ops.ok)} ok (${count(ops.okDuringFaults)} during faults), ${count(ops.fail)} failed (${count(ops.mismatch)} mismatches), ${count(ops.unknown)} unknown`;
}

function checkLine({ check, leaderChanges }: RunResult): string {
  return `  Checked ${count(check.decided)} of ${plural(check.keys, 'key')} in ${check.seconds.toFixed(2)} s; ${plural(leaderChanges, 'leader change')}`;
}

const COLORS: Readonly<Record<RunResult['verdict'], string>> = {
  linearizable: '32',
  'not-linearizable': '31',
  unknown: '33',
};

function paint(text: string, verdict: RunResult['verdict'], color: boolean): string {
  return color ? `\u001b[1;${COLORS[verdict]}m${text}\u001b[0m` : text;
}

/** One line of at most 100 columns. */
export function clip(line: string): string {
  const clean = printable(line).replaceAll('\n', ' ');
  return clean.length <= COLUMNS ? clean : `${clean.slice(0, COLUMNS - 1)}…`;
}

/** Words over as many lines as they need, indented; three at most. */
export function wrap(text: string): readonly string[] {
  const lines: string[] = [];
  for (const word of printable(text).split(/\s+/)) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= COLUMNS) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(`  ${word}`);
  }
  return lines.slice(0, 3);
}

/** A command over several lines that a shell still takes as one; a flag stays with its value. */
function wrapCommand(text: string): readonly string[] {
  const lines: string[] = [];
  for (const part of text.split(/ (?=--)/)) {
    const last = lines.at(-1);
    if (last === undefined) lines.push(`  ${part}`);
    else if (last.length + 1 + part.length + 2 <= COLUMNS) lines[lines.length - 1] = `${last} ${part}`;
    else lines.push(`            ${part}`);
  }
  return lines.map((line, at) => (at < lines.length - 1 ? `${line} \\` : line));
}

/** Where a run stands. */
export interface Progress {
  readonly elapsedMs: number;
  readonly timeMs: number;
  readonly ok: number;
  readonly fail: number;
  readonly unknown: number;
  readonly perSecond: number;
  /** The leader as the controller sees it. */
  readonly leader: { readonly node: string; readonly term: number } | null;
  /** What holds now, in words. */
  readonly faults: readonly string[];
}

/** One plain line: `10.0 / 20 s  ops 12,345 (1,240/s)  …`. */
export function progressLine({ elapsedMs, timeMs, ok, fail, unknown, perSecond, leader, faults }: Progress): string {
  const led = leader === null ? 'no leader' : `${leader.node} leads term ${leader.term}`;
  const hurt = faults.length === 0 ? '' : `  ${faults.join('; ')}`;
  return clip(
    `${(elapsedMs / 1000).toFixed(1)} / ${timeMs / 1000} s  ok ${count(ok)} (${count(perSecond)}/s)  failed ${count(fail)}  unknown ${count(unknown)}  ${led}${hurt}`,
  );
}
