/** The end of `stalemate notes` on the terminal: a line for each note, what did not hold, and where the page is. At most 30 lines of at most 100 columns. */
import type { Answers, Card, CardStatus } from '../contract/index.ts';
import { mutantWords, outcomeOf, STATUSES } from './answer-status.ts';
import { count } from './format.ts';
import { clip, wrap } from './terminal.ts';

const LINES = 30;

export interface AnswersSummaryOptions {
  readonly pagePath: string;
  /** Escape sequences; without them the text is plain. */
  readonly color: boolean;
}

/** Ends without a newline. The headline, what makes it say less, and the path are always there; cards give way to what did not hold. */
export function answersSummary(answers: Answers, { pagePath, color }: AnswersSummaryOptions): string {
  const paint = color ? painted : (text: string): string => text;
  const { symbol, words } = outcomeOf(answers);
  const top = [paint(clip(`${symbol} ${words}`), symbol), ...caveats(answers)];
  const end = [clip(`  Page  ${pagePath}`), again(answers.command)];
  const failing = failingLines(answers.cards);
  const room = LINES - top.length - end.length;
  const told = failing.length <= room / 2 ? failing : cut(failing, Math.floor(room / 2), 'claim that did not hold');
  const cards = cardLines(answers.cards, { most: room - told.length, paint });
  return [...top, ...cards, ...told.map((line) => paint(line, '✕')), ...end].join('\n');
}

/** Half a command would be worse than none. */
function again(command: string): string {
  const line = `  Again ${command}`;
  return clip(line) === line ? line : '  Again the command is in answers.json';
}

function caveats({ mutant, interrupted, scale }: Answers): readonly string[] {
  return [
    ...(mutant === null ? [] : wrap(`✕ ${mutantWords(mutant)}`)),
    ...(interrupted ? ['  Interrupted: this is what there was when it was stopped.'] : []),
    ...(scale === 'quick' ? ['  A quick campaign: few runs, so shares are rough and bounds are wide.'] : []),
  ];
}

/** Where there is not room for all, those that came out as expected give way, the last of them first. */
function cardLines(
  cards: readonly Card[],
  { most, paint }: { readonly most: number; readonly paint: typeof painted },
): readonly string[] {
  const width = Math.max(0, ...Object.values(STATUSES).map(({ words }) => words.length));
  const rank = ({ status }: Card): number => (status === 'not-as-expected' ? 0 : status === 'not-tested' ? 1 : 2);
  const first = new Set(cards.toSorted((a, b) => rank(a) - rank(b)).slice(0, cards.length > most ? most - 1 : most));
  const shown = [...cards.filter((it) => first.has(it)), ...cards.filter((it) => !first.has(it))];
  const lines = shown.map(({ id, status, answer }) => {
    const { symbol, words } = STATUSES[status];
    const told = status === 'not-tested' ? words : `${words.padEnd(width)}  ${answer}`;
    return paint(clip(`  ${symbol} ${id}  ${told}`), MARKS[status]);
  });
  return cut(lines, most, 'note');
}

function failingLines(cards: readonly Card[]): readonly string[] {
  return cards.flatMap(({ id, claims }) =>
    claims.filter(({ holds }) => !holds).map(({ words, measured }) => clip(`  ✕ ${id}: ${words}: ${measured}`)),
  );
}

/** As many as there is room for, the last of which counts the others. */
function cut(lines: readonly string[], most: number, noun: string): readonly string[] {
  if (lines.length <= most) return lines;
  const rest = lines.length - most + 1;
  const many = noun.replace(/^(note|claim)/, '$1s');
  return [...lines.slice(0, most - 1), `    … ${count(rest)} more ${rest === 1 ? noun : many} on the page`];
}

type Mark = '✓' | '✕' | '?' | '';

const MARKS: Readonly<Record<CardStatus, Mark>> = {
  answered: '',
  holds: '',
  correction: '',
  'not-as-expected': '✕',
  'not-tested': '?',
};

function painted(text: string, mark: Mark): string {
  const code = { '✓': '1;32', '✕': '1;31', '?': '33', '': null }[mark];
  return code === null ? text : `\u001b[${code}m${text}\u001b[0m`;
}
