/** The end of `stalemate notes` on the terminal. */
import { describe, expect, test } from 'vitest';
import type { Card, CardStatus } from '../../src/contract/index.ts';
import { answersSummary } from '../../src/report/index.ts';
import { answersOf, FALLEN, PLAIN, UNTESTED } from './answers-fixture.ts';

describe('on the terminal', () => {
  const options = { pagePath: 'results/notes/answers.html', color: false };
  const many = (cards: number, status: CardStatus = 'holds'): readonly Card[] =>
    Array.from({ length: cards }, (_, nth) => ({
      ...(status === 'not-as-expected' ? FALLEN : PLAIN),
      id: `S${10 + nth}`,
    }));

  test('a line for each note, what did not hold, the page and the command', () => {
    expect(answersSummary(answersOf([PLAIN, UNTESTED, FALLEN]), options).split('\n')).toEqual([
      '✕ 1 of 3 notes not as expected',
      '  ✓ S02  Your answer holds   Yes: it raises its term, votes for itself, makes both durable, and onl…',
      '  ? S09  Not yet tested',
      '  ✕ S04  Not as expected     Yes: it raises its term, votes for itself, makes both durable, and onl…',
      '  ✕ S04: No acknowledged write was lost: 3 of 40 runs lost one',
      '  Page  results/notes/answers.html',
      '  Again npx stalemate notes --seed fixture',
    ]);
  });

  test.each([
    ['24 that hold', answersOf(many(24))],
    ['24 that fell', answersOf(many(24, 'not-as-expected'))],
    [
      '60, quick, interrupted, with a mutant',
      { ...answersOf(many(60, 'not-as-expected')), mutant: 'M20', interrupted: true, scale: 'quick' as const },
    ],
  ])('%s: at most 30 lines of at most 100 columns, and nothing is cut off without its count', (_, answers) => {
    const lines = answersSummary(answers, options).split('\n');
    expect(lines.length).toBeLessThanOrEqual(30);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(100);
    const told = (pattern: RegExp): number => lines.filter((line) => pattern.test(line)).length;
    const rest = (noun: string): number => Number(new RegExp(`… (\\d+) more ${noun}`).exec(lines.join('\n'))?.[1] ?? 0);
    expect(told(/^  . S\d+  /) + rest('note')).toBe(answers.cards.length);
    const wrong = answers.cards.flatMap(({ claims }) => claims.filter(({ holds }) => !holds));
    expect(told(/^  ✕ S\d+: /) + rest('claim')).toBe(wrong.length);
    expect(lines.at(-2)).toBe('  Page  results/notes/answers.html');
  });

  test('24 notes that hold are all told', () => {
    expect(answersSummary(answersOf(many(24)), options)).not.toContain('more');
  });

  test('where there is not room for all, those that fell are told, in their order', () => {
    const cards = [...many(40), { ...FALLEN, id: 'S90' }, { ...UNTESTED, id: 'S91' }];
    const lines = answersSummary(answersOf(cards), options).split('\n');
    const ids = lines.flatMap((line) => /^  . (S\d+)  /.exec(line)?.[1] ?? []);
    expect(ids).toEqual([...many(23).map(({ id }) => id), 'S90', 'S91']);
    expect(lines.join('\n')).toContain('… 17 more notes on the page');
  });

  test('a command that does not fit is not cut in half', () => {
    const text = answersSummary({ ...answersOf(), command: `npx stalemate notes --seed ${'x'.repeat(90)}` }, options);
    expect(text).toMatch(/\n  Again the command is in answers\.json$/);
  });

  test('a mutant, an interruption and a quick campaign are said at the top', () => {
    const text = answersSummary({ ...answersOf(), mutant: 'M20', interrupted: true, scale: 'quick' }, options);
    const top = text.split('\n').slice(0, 6).join(' ');
    expect(top).toContain('mutant M20 in place of the correct node');
    expect(top).toContain('Interrupted');
    expect(top).toContain('A quick campaign');
  });

  test('colours only where they are wanted', () => {
    const answers = answersOf([PLAIN, FALLEN]);
    expect(answersSummary(answers, { ...options, color: true })).toContain('\u001b[1;31m');
    expect(answersSummary(answers, options)).not.toContain('\u001b');
  });

  test('the terminal gets no escape sequence but its own, and no line of its own making', () => {
    const odd = { ...PLAIN, answer: 'one\n\u001b[2Jtwo' };
    const text = answersSummary(answersOf([odd]), { pagePath: 'x', color: false });
    expect(text).not.toContain('\u001b');
    expect(text.split('\n').filter((line) => line.includes('two'))).toEqual([expect.stringContaining('one')]);
  });
});
