/** Every story in `transcripts/` goes as it is told. `UPDATE=1` writes down how it goes: read it against the paper before it is kept. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { play } from './transcript.ts';

const FOLDER = new URL('transcripts/', import.meta.url).pathname;
const stories = readdirSync(FOLDER).filter((name) => name.endsWith('.txt'));

test('the stories of figure 7 and figure 8 are there', () => {
  expect(stories).toEqual(expect.arrayContaining(['figure-7.txt', 'figure-8.txt']));
});

test.each(stories)('%s goes as it is told', (name) => {
  const told = readFileSync(FOLDER + name, 'utf8');
  const happened = play(told);
  if (process.env['UPDATE'] === '1') writeFileSync(FOLDER + name, happened);
  expect(happened).toBe(process.env['UPDATE'] === '1' ? happened : told);
});

test('a story that went otherwise is noticed', () => {
  const told = readFileSync(`${FOLDER}figure-8.txt`, 'utf8');
  expect(play(told.replace(' mutant=M20', ''))).not.toBe(told);
});
