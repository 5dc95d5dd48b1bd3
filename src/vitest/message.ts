/** What the matcher says: the explanation of a violation, or why there is no verdict that a test could pass on. */
import { explanationLines, type Operation } from '../../checker/index.ts';
import type { Judged } from './judge.ts';

/** The message for a history of which no operation was answered. */
export function vacuousMessage({ history: { operations } }: Judged): string {
  const asked =
    operations.length === 0
      ? 'the history is empty'
      : `none of its ${count(operations.length, 'operation')} was answered (${firstReason(operations)})`;
  return `The history shows nothing: ${asked}. It is linearizable, and would be whatever the system did.`;
}

/** The message for a verdict that was not the expected one. */
export function verdictMessage(judged: Judged): string {
  switch (judged.verdict.kind) {
    case 'ok':
      return okMessage(judged);
    case 'violation':
      return violationMessage(judged);
    case 'unknown':
      return unknownMessage(judged);
  }
}

function okMessage({ model, verdict }: Judged): string {
  return (
    `Expected the history not to be linearizable, but it is: ${count(verdict.operations, 'operation')} of ${article(model.name)} ` +
    'have an order, and it was replayed.'
  );
}

function unknownMessage({ model, verdict }: Judged): string {
  const undecided = verdict.parts.flatMap((part) =>
    part.kind === 'unknown' ? [`  ${partWords(part.part)}: ${part.progress}`] : [],
  );
  return [
    `It could not be decided whether the history is linearizable (${count(verdict.operations, 'operation')} of ${article(model.name)}). That is no pass.`,
    ...undecided,
    'What helps: values that are written only once, fewer operations of unknown outcome, or a larger budget:',
    '  expect(history).toBeLinearizable(model, { budget: { maxSteps, maxBytes } })',
  ].join('\n');
}

function violationMessage(judged: Judged): string {
  const { verdict, model } = judged;
  return [
    `The history is not linearizable: ${count(verdict.operations, 'operation')} of ${article(model.name)} have no order.`,
    '',
    ...explanationLines(judged),
  ].join('\n');
}

function partWords(part: string): string {
  return part === '' ? 'the whole history' : part;
}

function firstReason(operations: readonly Operation[]): string {
  const outcome = operations[0]?.outcome;
  return outcome?.kind === 'unknown' ? `the first: ${outcome.reason}` : '';
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

function article(name: string): string {
  return `${/^[aeiou]/.test(name) ? 'an' : 'a'} ${name}`;
}
