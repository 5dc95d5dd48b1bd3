/**
 * A violation in plain words, line by line, in the order in which a reader asks: the sentence, the shortest history that shows it, and
 * where the whole history breaks. Terminals and test runners print it as it is.
 */
import type { Call, History, Json, Nanos, Operation } from '../history/operation.ts';
import { UNSEEN, type Model } from '../model/model.ts';
import type { Anomaly, Counterexample, MinimalOperation, Verdict } from '../verdict/verdict.ts';

/** What was judged, and what it came to. */
export interface Judgement {
  readonly history: History;
  readonly model: Model<unknown, Call, Json>;
  readonly verdict: Verdict;
}

/** Longer histories are told by their first and last operations. */
const MOST_LINES = 40;
const MOST_STATES = 8;
const MOST_OTHERS = 5;

/** The lines about a verdict of `violation`; none for another. */
export function explanationLines(judged: Judgement): readonly string[] {
  const { verdict } = judged;
  const [first, ...others] = verdict.anomalies;
  if (first === undefined) return [];
  const broken = verdict.parts.find((part) => part.kind === 'violation' && part.part === first.part);
  return [
    first.sentence,
    '',
    ...minimalLines(first, judged),
    ...(broken?.kind === 'violation'
      ? ['', ...breakLines(broken.counterexample, broken.operations, broken.part, judged)]
      : []),
    ...otherLines(others),
  ];
}

function minimalLines({ minimal, operation: wrong }: Anomaly, judged: Judgement): readonly string[] {
  const rows = minimal.map((member) => ({
    mark: member.operation.id === wrong ? '✕' : ' ',
    who: who(member.operation, judged),
    what: describe(member, judged),
    when: interval(member.operation, judged),
    why: member.why,
  }));
  const wide = (pick: (row: (typeof rows)[number]) => string): number =>
    Math.max(...rows.map((row) => pick(row).length));
  const [whoWidth, whatWidth, whenWidth] = [wide((row) => row.who), wide((row) => row.what), wide((row) => row.when)];
  const lines = rows.map(
    ({ mark, who: name, what, when, why }) =>
      `  ${mark} ${name.padEnd(whoWidth)}  ${what.padEnd(whatWidth)}  ${when.padEnd(whenWidth)}  ${why}`,
  );
  return [
    `The shortest history that shows it (${count(minimal.length, 'operation')}):`,
    ...shortened(lines, MOST_LINES),
  ];
}

function breakLines(
  { culprit, prefix, states }: Counterexample,
  operations: number,
  part: string,
  judged: Judgement,
): readonly string[] {
  const told = describe({ operation: culprit }, judged);
  const lines = states.map(({ state, reason }) => `    ${state}: ${reason}`);
  return [
    `It breaks after ${prefix.length} of the ${count(operations, 'operation')} ${part === '' ? 'in all' : `on ${part}`}: they have an order, but`,
    `  ${told} of ${who(culprit, judged)} (${interval(culprit, judged)}) then fits nowhere${states.length === 0 ? '.' : ':'}`,
    ...shortened(lines, MOST_STATES),
  ];
}

function otherLines(others: readonly Anomaly[]): readonly string[] {
  if (others.length === 0) return [];
  const told = others.slice(0, MOST_OTHERS).map(({ sentence }) => `  ${sentence}`);
  const rest = others.length - told.length;
  return ['', `And ${others.length} more:`, ...told, ...(rest > 0 ? [`  … and ${rest} more`] : [])];
}

function shortened(lines: readonly string[], most: number): readonly string[] {
  if (lines.length <= most) return lines;
  const half = most >> 1;
  return [...lines.slice(0, half), `    … ${lines.length - 2 * half} more …`, ...lines.slice(-half)];
}

/** `client 3 → n2, answered by n1`. */
function who({ process, entryNode, node }: Operation, { history: { clients } }: Judgement): string {
  const client = `client ${clients === undefined ? process : process % clients}`;
  const asked = entryNode === undefined ? client : `${client} → ${entryNode}`;
  return node === undefined || node === entryNode ? asked : `${asked}, answered by ${node}`;
}

function describe({ operation, as }: Pick<MinimalOperation, 'operation' | 'as'>, { model }: Judgement): string {
  const { input, outcome } = operation;
  const call: Call = as ?? input;
  const output = outcome.kind === 'ok' && as === undefined ? outcome.output : UNSEEN;
  const words =
    model.describe?.(call, output) ?? plainWords(call, output === UNSEEN ? undefined : JSON.stringify(output));
  return outcome.kind === 'ok' ? words : `${words}, no answer`;
}

function plainWords({ f, key, value }: Call, answer: string | undefined): string {
  const asked = [f, ...(key === undefined ? [] : [key]), ...(value === null ? [] : [JSON.stringify(value)])].join(' ');
  return answer === undefined ? asked : `${asked} → ${answer}`;
}

function interval({ callNs, outcome }: Operation, { history: { untimed } }: Judgement): string {
  if (untimed === true)
    return outcome.kind === 'ok'
      ? `events ${callNs} – ${outcome.returnNs}`
      : `from event ${callNs} on (${outcome.reason})`;
  return outcome.kind === 'ok'
    ? `${seconds(callNs)} – ${seconds(outcome.returnNs)} s`
    : `from ${seconds(callNs)} s on (${outcome.reason})`;
}

/** To the microsecond: tests in one process are fast. */
function seconds(ns: Nanos): string {
  return (ns / 1e9).toFixed(6);
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
