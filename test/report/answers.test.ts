/** The answers page: what it shows comes out of `answers.json` alone, and none of it is trusted. */
import { describe, expect, test } from 'vitest';
import type { Answers } from '../../src/contract/index.ts';
import { renderAnswers } from '../../src/report/index.ts';
import { answersOf, CHARTED, CORRECTED, FALLEN, LINK, PLAIN, REPLICA, UNTESTED } from './answers-fixture.ts';
import { cardOf, pageOf, textOf } from './answers-text.ts';

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

  test('the note that the address names is marked in the contents, without a script', () => {
    const style = /<style>[\s\S]*?<\/style>/.exec(pageOf(PLAIN, { ...PLAIN, id: 'S3 {}</style>' }))![0];
    expect(style).toContain(':root:has(#S02:target) .qs:not(.live) a[href="#S02"]{');
    expect(style).not.toContain('S3 ');
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
});

test('the time of a campaign that was gone on with is not taken for the time of all its runs', () => {
  expect(textOf(renderAnswers(answersOf([PLAIN])))).not.toContain('earlier start');
  const text = textOf(renderAnswers({ ...answersOf([PLAIN]), seconds: 2, earlierRuns: 399 }));
  expect(text).toMatch(/2 s, begun 2026-11-30 22:05 UTC, after 399 runs of an earlier start/);
});
