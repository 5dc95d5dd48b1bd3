/** `sentences.md` says which test holds which rule of the paper and the thesis: every test and transcript that it names exists. */
import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const TEST = new URL('../', import.meta.url).pathname;

interface Row {
  readonly section: string;
  readonly rule: string;
  readonly held: string;
}

/** The table's rows, without its head. */
function rowsOf(markdown: string): readonly Row[] {
  const lines = markdown.split('\n').filter((line) => line.startsWith('|'));
  return lines.slice(2).map((line) => {
    const [section, rule, held] = line
      .slice(1, -1)
      .split('|')
      .map((cell) => cell.trim());
    return { section: section!, rule: rule!, held: held! };
  });
}

/** What is wrong with a row, in words. */
function missingIn({ rule, held }: Row): readonly string[] {
  if (held.startsWith('open: ')) return [];
  return held.split('<br>').flatMap((named) => {
    const [, file, name] = /^`([^`]+)`(?:: (.+))?$/.exec(named) ?? [];
    if (file === undefined || !existsSync(TEST + file)) return [`${rule}: there is no ${named}`];
    if (name === undefined) return file.endsWith('.txt') ? [] : [`${rule}: ${named} names no test`];
    return namesIn(file).has(name) ? [] : [`${rule}: ${file} has no test '${name}'`];
  });
}

/** The names of tests, and of groups of them, as they stand in the file. */
function namesIn(file: string): ReadonlySet<string> {
  const text = readFileSync(TEST + file, 'utf8');
  const names = text.matchAll(/\b(?:test|describe)(?:\.each\([^\n]*?\))?\(\s*(['`"])(.*?)\1\s*,/g);
  return new Set([...names].map((match) => match[2]!.replaceAll("\\'", "'")));
}

const rows = rowsOf(readFileSync(`${TEST}raft/sentences.md`, 'utf8'));

test('every test that holds a sentence exists', () => {
  expect(rows.flatMap(missingIn)).toEqual([]);
});

test('every section has its rules, and none is open', () => {
  const sections = new Set(rows.map(({ section }) => section));
  const wanted = [
    '5.2',
    '5.3',
    '5.4.1',
    '5.4.2',
    '5.4.3',
    '5.5',
    '5.6',
    '6',
    '7',
    '8',
    '4.1',
    '4.2.1',
    '4.2.2',
    '4.2.3',
  ];
  expect([...wanted, '4.3', '6.2', '6.3', '6.4', '6.4.1', '9.6'].filter((section) => !sections.has(section))).toEqual(
    [],
  );
  const open = rows.filter(({ held }) => held.startsWith('open: ')).map(({ section }) => section);
  expect(open).toEqual([]);
});

test('a test that does not exist is noticed', () => {
  const row = {
    section: '5.2',
    rule: 'one vote',
    held: '`raft/elections.test.ts`: a server votes as often as it likes',
  };
  expect(missingIn(row)).toEqual([
    "one vote: raft/elections.test.ts has no test 'a server votes as often as it likes'",
  ]);
  expect(missingIn({ ...row, held: '`raft/transcripts/figure-9.txt`' })).toHaveLength(1);
});
