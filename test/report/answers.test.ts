/** The answers page and its summary for the terminal: what they show comes out of `answers.json` alone, and none of it is trusted. */
import { describe, expect, test } from 'vitest';
import type { Answers, Card, CardStatus } from '../../src/contract/index.ts';
import { answersSummary, renderAnswers } from '../../src/report/index.ts';
import { zeroBound } from '../../src/report/zero-bound.ts';
import {
  answersOf,
  CHARTED,
  CORRECT,
  CORRECTED,
  FALLEN,
  INCORRECT,
  LINK,
  PLAIN,
  REPLICA,
  UNTESTED,
} from './answers-fixture.ts';

/** The card as it stands in the page. */
function cardOf(page: string, id: string): string {
  return new RegExp(`<article class="[^"]*" id="${id}"[\\s\\S]*?</article>`).exec(page)![0];
}

/** What is read: without tags, entities and runs of space. */
function textOf(markup: string): string {
  const text = markup.replace(/<title>[\s\S]*?<\/title\s*>|<[^>]*>/g, ' ').replace(/\s+/g, ' ');
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&#39;', "'").replaceAll('&amp;', '&');
}

function pageOf(...cards: readonly Card[]): string {
  return renderAnswers(answersOf(cards));
}

describe('a card', () => {
  test('says where the note stands, the note, the status, the answer, why, numbers, links, runs and the command', () => {
    const text = textOf(cardOf(pageOf(PLAIN), 'S02'));
    for (const words of [
      'From your notes, lines 4–5, restated: a statement',
      PLAIN.note,
      'Your answer holds',
      PLAIN.answer,
      PLAIN.explanation,
      '0 of 400 < 0.75 %, 95 % sure',
      'terms with two leaders',
      'What was checked: 1 of 1 holds',
      '0 of 400 terms',
      'Open an election at read x = 4 , simulated',
      '400 simulated runs. Measure it again npx stalemate notes S02 --seed fixture',
    ]) {
      expect(text).toContain(words);
    }
  });

  test('one line of the notes is a line, a question of theirs is one', () => {
    const text = textOf(pageOf(CHARTED, { ...PLAIN, form: 'question' }));
    expect(text).toContain('From your notes, line 22, restated: your own answer');
    expect(text).toContain('lines 4–5, restated: a question left open');
  });

  test('an experiment that was not run says nothing but how to run it', () => {
    const card = cardOf(pageOf(UNTESTED), 'S09');
    expect(textOf(card)).toContain('Not yet tested.');
    expect(textOf(card)).toContain('Test it npx stalemate notes S09');
    expect(card).not.toContain(UNTESTED.answer);
    expect(card).not.toContain('What was checked');
  });

  test('what was checked is folded away, but open where something does not hold, which is also told above the answer', () => {
    expect(cardOf(pageOf(PLAIN), 'S02')).toMatch(/<details class="claims"\s*>/);
    const card = cardOf(pageOf(FALLEN), 'S04');
    expect(card).toMatch(/<details class="claims"\s+open\s*>/);
    const text = textOf(card);
    expect(text).toContain('What was checked: 1 of 2 holds');
    expect(text).toContain('✕ does not hold: No acknowledged write was lost 3 of 40 runs lost one');
    expect(text).toContain('✓ holds: The candidate was refused 40 of 40 times');
    const told = 'No acknowledged write was lost: 3 of 40 runs lost one';
    expect(text.indexOf(told)).toBeGreaterThan(0);
    expect(text.indexOf(told)).toBeLessThan(text.indexOf(FALLEN.answer));
  });

  test('a rule is shown with it and with it taken out, a zero with its bound', () => {
    const text = textOf(cardOf(pageOf(CORRECTED), 'S24'));
    expect(text).toContain('✓ 0 of 240 runs that lost an acknowledged write, with the rule < 1.3 %, 95 % sure');
    expect(text).toContain('✕ 17 of 240 runs that lost an acknowledged write, with it taken out (mutant M20)');
  });

  test('a rule that was broken is no ✓, and a mutant that did nothing no proof', () => {
    const [one] = CORRECTED.ablations;
    const turned = { ...one!, with: { hits: 1, of: 240 }, without: { hits: 0, of: 2 } };
    const text = textOf(cardOf(pageOf({ ...CORRECTED, ablations: [turned] }), 'S24'));
    expect(text).toContain('✕ 1 of 240');
    expect(text).toContain('? 0 of 2 runs');
    expect(text).toContain('too few to bound');
  });

  test('bars are as long as their values from the same zero', () => {
    const card = cardOf(pageOf(CHARTED), 'S08');
    expect([...card.matchAll(/<i style="width:([\d.]+)%"/g)].map(([, width]) => Number(width))).toEqual([100, 8.8, 0]);
    expect(textOf(card)).toContain('2 rounds 8.0 %');
  });
});

describe('the replica card', () => {
  const card = cardOf(pageOf(REPLICA), 'S20');

  test('every cell says in how many runs, links the run where there is one, and bounds a zero', () => {
    const text = textOf(card);
    expect(text).toContain('local, no fault: ✕ 38 of 60 266 of 60,000 reads');
    expect(card).toContain('href="runs/cell-38/report.html#a1"');
    expect(text).toContain('leader, kill: ✓ 0 of 60 < 5 %');
    expect(text).toContain('✓ 0 of 240 < 1.3 % of runs');
    expect(text).toContain('✕ 212 of 240 worst 1,412 ms late worst 7 versions behind');
    expect(card.match(/class="cell z"/g)).toHaveLength(14);
    expect(card.match(/<a class="cell b"/g)).toHaveLength(6);
  });

  test('a stale read is a defect where the mode promises that there is none, and only there', () => {
    expect(card).not.toContain('cell b no');
    const matrix = REPLICA.matrix!;
    const rows = matrix.rows.map((row) =>
      row.reads === 'log' ? { ...matrix.rows[0]!, reads: 'log', promise: 'linearizable' } : row,
    );
    const broken = cardOf(pageOf({ ...REPLICA, matrix: { ...matrix, rows } }), 'S20');
    expect(broken.match(/cell b no/g)).toHaveLength(4);
    expect(textOf(broken)).toContain('the mode promises that this never happens');
  });

  test('a cell without runs is no zero', () => {
    const matrix = REPLICA.matrix!;
    const cells = matrix.rows[0]!.cells.map((cell) => ({ ...cell, hits: 0, of: 0, link: null }));
    const rows = [{ ...matrix.rows[0]!, cells, all: { hits: 0, of: 0 } }];
    const empty = cardOf(pageOf({ ...REPLICA, matrix: { ...matrix, rows } }), 'S20');
    expect(textOf(empty)).toContain('local, no fault: not run');
    expect(empty).not.toMatch(/✓ 0/);
  });

  test('the promises stand in a table, in words and sign', () => {
    const text = textOf(card);
    expect(text).toContain(
      'the reader wrote the newer value itself ✕ broken ✕ broken ✕ broken ? not decided Client 1 wrote x = 5',
    );
    expect(text).toContain('writers and readers apart ✕ broken ✓ kept ✓ kept ✓ kept');
  });

  test('it is the large one, wherever it stands', () => {
    expect(card).toContain('the question that started this');
    expect(pageOf(PLAIN, REPLICA).match(/card star/g)).toHaveLength(1);
    expect(pageOf(PLAIN)).not.toContain('card star');
  });
});

describe('the two histories', () => {
  const pictures = (card: Card): readonly string[] =>
    [...cardOf(pageOf(card), card.id).matchAll(/<svg class="pic[\s\S]*?<\/svg>/g)].map(([svg]) => svg);

  test('the incorrect read is marked, with how long ago what it returned had been overwritten', () => {
    const [incorrect] = pictures(REPLICA);
    expect(incorrect).toContain('class="op r bad" data-op="4"');
    expect(incorrect).toContain('data-gap-ns="318000000"');
    expect(textOf(incorrect!)).toContain('overwritten 318 ms before');
    expect(incorrect).not.toContain('class="both"');
  });

  test('the correct one is marked otherwise, with how long both were under way', () => {
    const [, correct] = pictures(REPLICA);
    expect(correct).toContain('class="op r fine" data-op="3"');
    expect(textOf(correct!)).toContain('both under way for 3.0 ms');
    expect(correct).not.toContain('class="gap"');
  });

  test('a picture shows what its lines say and not where it stands: nothing was overwritten before a read that overlaps', () => {
    const [swapped] = pictures({ ...REPLICA, comparison: { incorrect: CORRECT, correct: INCORRECT } });
    expect(swapped).not.toContain('class="gap"');
  });

  test('what the key could hold is drawn from the acknowledgements', () => {
    expect(textOf(pictures(REPLICA)[1]!)).toContain('x must be null or 4 4 4 or 5 5');
  });

  test('the read is found by its line number, and by its place where the lines begin later', () => {
    const later = INCORRECT.lines.map((line) => ({ ...line, index: line.index + 100 }));
    const [shifted] = pictures({
      ...REPLICA,
      comparison: { incorrect: { ...INCORRECT, lines: later }, correct: CORRECT },
    });
    expect(shifted).toContain('class="op r bad" data-op="104"');
  });

  test('a long history is cut down to what is near the read, and says so', () => {
    const more = Array.from({ length: 60 }, (_, nth) => {
      const call = { process: 2, f: 'read', key: 'x', node: 'n2' };
      const at = 13_000 + 10 * nth;
      return [
        { ...call, index: 10 + 2 * nth, time: at * 1e6, type: 'invoke' as const, value: null },
        { ...call, index: 11 + 2 * nth, time: (at + 1) * 1e6, type: 'ok' as const, value: 5 },
      ];
    });
    const long = { ...INCORRECT, lines: [...INCORRECT.lines, ...more.flat()] };
    const page = pageOf({ ...REPLICA, comparison: { incorrect: long, correct: CORRECT } });
    expect(textOf(page)).toContain('24 of 63 operations, those around the read.');
    expect(page).toContain('class="op r bad" data-op="4"');
  });

  test('every operation stands below it in words', () => {
    const text = textOf(cardOf(pageOf(REPLICA), 'S20'));
    expect(text).toContain('op 4: read x → 4 · client 1 → n3 · 12.402 – 12.404 s (2.0 ms)');
  });
});

describe('the page', () => {
  test('counts every status by sign and words, the counts add up, and each note is in the contents', () => {
    const cards = [REPLICA, PLAIN, CORRECTED, CHARTED, UNTESTED, FALLEN];
    const page = pageOf(...cards);
    const tally = /<ul class="tally">[\s\S]*?<\/ul>/.exec(page)![0];
    expect(textOf(tally).trim()).toBe(
      '1 open, now answered 2 your answer holds 1 needs a correction 1 not yet tested 1 not as expected',
    );
    expect(tally.match(/<svg/g)).toHaveLength(5);
    const contents = /<nav class="qs"[\s\S]*?<\/nav>/.exec(page)![0];
    expect([...contents.matchAll(/href="#([^"]+)"/g)].map(([, id]) => id)).toEqual(cards.map(({ id }) => id));
    expect(textOf(contents)).toContain(`S09 ${UNTESTED.note} : Not yet tested`);
    for (const { id } of cards) expect(page.match(new RegExp(` id="${id}"`, 'g'))).toHaveLength(1);
  });

  test('cards are in the order that they were given in, whatever stands beside what', () => {
    const cards = [REPLICA, PLAIN, CORRECTED, FALLEN, CHARTED, { ...PLAIN, id: 'S03' }, UNTESTED];
    const ids = [...pageOf(...cards).matchAll(/<article [^>]*id="([^"]+)"/g)].map(([, id]) => id);
    expect(ids).toEqual(cards.map(({ id }) => id));
  });

  test.each<[string, Partial<Answers>, string]>([
    ['as expected', {}, '✓ Answers to the notes: 4 notes tested, all as expected'],
    ['one fell', { cards: [REPLICA, FALLEN, UNTESTED] }, '✕ Answers to the notes: 1 of 3 notes not as expected'],
    ['one is missing', { cards: [REPLICA, UNTESTED] }, '? Answers to the notes: 1 of 2 notes not yet tested'],
    ['interrupted', { interrupted: true, exit: 130 }, '? Answers to the notes: interrupted'],
    ['nothing', { cards: [] }, '? Answers to the notes: no note was tested'],
    [
      'a mutant that nobody noticed',
      { mutant: 'M20' },
      '? Answers to the notes: mutant M20 was not noticed by 4 notes',
    ],
  ])('title: %s', (_, over, title) => {
    expect(renderAnswers({ ...answersOf(), ...over })).toContain(`<title>${title} · stalemate</title>`);
  });

  test('a quick campaign, an interrupted one and a mutant are said before anything else, and only they', () => {
    const said = (over: Partial<Answers>): readonly string[] => {
      const page = renderAnswers({ ...answersOf(), ...over });
      const before = page.slice(page.indexOf('<main'), page.indexOf('<h1'));
      return [...before.matchAll(/<p class="banner[\s\S]*?<\/p>/g)].map(([banner]) => textOf(banner).trim());
    };
    expect(said({})).toEqual([]);
    expect(said({ scale: 'quick' })).toEqual([expect.stringMatching(/^A quick campaign\./)]);
    expect(said({ mutant: 'M20' })).toEqual([expect.stringMatching(/^✕ A mutant\. .* mutant M20 in place of/)]);
    expect(said({ interrupted: true, cards: [REPLICA, UNTESTED] })).toEqual([
      expect.stringMatching(/^\? Interrupted\. .* 1 note of 2 not yet tested\.$/),
    ]);
  });

  test('it loads nothing, and works without scripts: one script, all of its own', () => {
    const page = pageOf(REPLICA, PLAIN);
    expect(page).not.toMatch(/(?:src|href)="(?:https?:|\/)/);
    expect(page).not.toMatch(/url\((?!#)|@import/);
    expect(page.match(/<script/g)).toHaveLength(1);
    expect(page).not.toMatch(/<(?:article|section|details)[^>]* hidden/);
  });

  test('ids are there once, and every place that is linked on the page exists', () => {
    const page = pageOf(REPLICA, PLAIN, CORRECTED, CHARTED, UNTESTED, FALLEN);
    const ids = [...page.matchAll(/\sid="([^"]+)"/g)].map(([, id]) => id);
    expect(ids.length).toBeGreaterThan(15);
    expect(new Set(ids).size).toBe(ids.length);
    const wanted = [...page.matchAll(/(?:href="#|aria-labelledby=")([^"]+)"/g)].map(([, id]) => id);
    expect(wanted.length).toBeGreaterThan(15);
    expect(wanted.filter((id) => !ids.includes(id))).toEqual([]);
  });
});

describe('nothing of it is trusted', () => {
  const EVIL = '</script><img src=x onerror=alert(1)>"\'&\u202e\u0007 ✕ 漢字 é';

  /** The same answers with every string in them turned evil, but for the names that the contract fixes. */
  function poisoned<T>(value: T, name = ''): T {
    if (typeof value === 'string') return (FIXED.includes(name) ? value : `${value}${EVIL}`) as T;
    if (Array.isArray(value)) return value.map((one: unknown) => poisoned(one, name)) as T;
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, poisoned<unknown>(one, key)])) as T;
  }
  const FIXED = ['status', 'form', 'world', 'scale', 'tone', 'type', 'f', 'verdicts', 'href'];

  const cards = [REPLICA, PLAIN, CORRECTED, CHARTED, UNTESTED, FALLEN];
  const answers = poisoned({ ...answersOf(cards), mutant: 'M20', scale: 'quick', interrupted: true } as const);
  const page = renderAnswers(answers);

  test('tags, quotes and control characters of a value are text', () => {
    expect(page.match(/&lt;\/script&gt;&lt;img src=x/g)!.length).toBeGreaterThan(60);
    expect(page).not.toContain('<img');
    expect(page.match(/<\/script/g)).toHaveLength(1);
    for (const hidden of ['\u202e', '\u0007']) expect(page).not.toContain(hidden);
    expect(page).not.toMatch(/=\s*"[^"]*"\S*onerror/);
    expect(page).toContain('漢字 é');
  });

  test.each([
    'javascript:alert(1)',
    'JaVaScRiPt:alert(1)',
    'https://example.org/',
    '//example.org',
    '\\\\host',
    '../x',
    'a/../../x',
    '\u0001javascript:x',
  ])('a link to %j is not followed', (href) => {
    const made = pageOf({ ...PLAIN, links: [{ ...LINK, href }] });
    expect(made).toContain(`<span class="run">${LINK.words}</span>`);
    expect(made).not.toContain('class="run" href');
  });

  test('the terminal gets no escape sequence but its own, and no line of its own making', () => {
    const odd = { ...PLAIN, answer: 'one\n\u001b[2Jtwo' };
    const text = answersSummary(answersOf([odd]), { pagePath: 'x', color: false });
    expect(text).not.toContain('\u001b');
    expect(text.split('\n').filter((line) => line.includes('two'))).toEqual([expect.stringContaining('one')]);
  });
});

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
});

test.each([
  [240, '< 1.3 %'],
  [60, '< 5 %'],
  [2000, '< 0.15 %'],
  [90, '< 3.4 %'],
  [4, '< 75 %'],
  [3, null],
  [0, null],
])('none of %i: %s, never less than 3 ÷ n', (trials, words) => {
  expect(zeroBound(trials)).toBe(words);
  if (words !== null) expect(Number(words.replace(/[^\d.]/g, ''))).toBeGreaterThanOrEqual(300 / trials - 1e-9);
});
