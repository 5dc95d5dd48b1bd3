/** The card of the replica question: matrix, two histories next to each other and promises. */
import { describe, expect, test } from 'vitest';
import type { Card } from '../../src/contract/index.ts';
import { CORRECT, INCORRECT, PLAIN, REPLICA } from './answers-fixture.ts';
import { cardOf, pageOf, textOf } from './answers-text.ts';

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
    expect(text).toContain('linearizability sequential consistency read your writes monotonic reads');
    expect(text).toContain('writers and readers apart ✕ broken ✓ kept ✓ kept ✓ kept');
  });

  test('a promise of which nothing is said is not kept', () => {
    const { promises, rows } = REPLICA.promises!;
    const short = { promises, rows: [{ ...rows[0]!, verdicts: ['kept' as const] }] };
    const table = cardOf(pageOf({ ...REPLICA, promises: short }), 'S20');
    expect(table.match(/✓ kept/g)).toHaveLength(1);
    expect(table.match(/\? not decided/g)).toHaveLength(3);
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

  test('a read right after the acknowledgement has no room for an arrow, and says how late it was all the same', () => {
    const soon = INCORRECT.lines.map((line) => (line.index < 4 ? line : { ...line, time: line.time - 317_999_999 }));
    const [close] = pictures({
      ...REPLICA,
      comparison: { incorrect: { ...INCORRECT, lines: soon }, correct: CORRECT },
    });
    expect(textOf(close!)).toContain('overwritten less than 0.1 ms before');
    expect(close).not.toContain('m-5 -4');
    expect(pictures(REPLICA)[0]).toContain('m-5 -4');
  });

  test('the correct one is marked otherwise, with how long both were under way', () => {
    const [, correct] = pictures(REPLICA);
    expect(correct).toContain('class="op r fine" data-op="3"');
    expect(textOf(correct!)).toContain('both under way for 3.0 ms');
    expect(correct).not.toContain('class="gap"');
  });

  test('a picture shows what its lines say and not where it stands: nothing was overwritten before a read that overlaps', () => {
    const [left, right] = pictures({ ...REPLICA, comparison: { incorrect: CORRECT, correct: INCORRECT } });
    for (const picture of [left, right]) expect(picture).not.toMatch(/class="(?:gap|both)"/);
  });

  test('what the key could hold is drawn from the acknowledgements', () => {
    expect(textOf(pictures(REPLICA)[1]!)).toContain('x must be null or 4 4 4 or 5 5');
  });

  test.each([
    ['by the number that its line carries', 2, 6],
    ['by its place, where lines are numbered from further on', 100, 4],
  ])('the read is found %s', (_, shift, read) => {
    const lines = INCORRECT.lines.map((line) => ({ ...line, index: line.index + shift }));
    const incorrect = { ...INCORRECT, lines, read };
    const [shifted] = pictures({ ...REPLICA, comparison: { incorrect, correct: CORRECT } });
    expect(shifted).toContain(`class="op r bad" data-op="${4 + shift}"`);
  });

  test('a long history is cut down to what tells the story and what is near the read, and says so', () => {
    const between = Array.from({ length: 60 }, (_, nth) => {
      const call = { process: 2, f: 'read', key: 'x', node: 'n2' };
      const at = 12_100 + 5 * nth;
      return [
        { ...call, index: 10 + 2 * nth, time: at * 1e6, type: 'invoke' as const, value: null },
        { ...call, index: 11 + 2 * nth, time: (at + 1) * 1e6, type: 'ok' as const, value: 5 },
      ];
    }).flat();
    const last = INCORRECT.lines.slice(4).map((line) => ({ ...line, index: line.index + 200 }));
    const long = { ...INCORRECT, lines: [...INCORRECT.lines.slice(0, 4), ...between, ...last], read: 204 };
    const picture = pictures({ ...REPLICA, comparison: { incorrect: long, correct: CORRECT } })[0]!;
    expect(textOf(pageOf({ ...REPLICA, comparison: { incorrect: long, correct: CORRECT } }))).toContain(
      '16 of 63 operations, those around the read.',
    );
    const drawn = [...picture.matchAll(/data-op="(\d+)"/g)].map(([, id]) => Number(id)).toSorted((a, b) => a - b);
    expect(drawn).toEqual([0, 2, ...Array.from({ length: 13 }, (_, nth) => 104 + 2 * nth), 204]);
    expect(textOf(picture)).toContain('overwritten 318 ms before');
  });

  test('every operation stands below it in words', () => {
    const text = textOf(cardOf(pageOf(REPLICA), 'S20'));
    expect(text).toContain('op 4: read x → 4 · client 1 → n3 · 12.402 – 12.404 s (2.0 ms)');
  });
});
