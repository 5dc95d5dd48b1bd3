/** The page of answers of a real campaign: whatever it links to is there, and is what it says. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, inject, test } from 'vitest';
import type { Answers } from '../../src/contract/index.ts';
import { inBrowser } from './chromium.ts';
import { agrees, fileOf, hrefsOn, linksOf, operationShown } from './follow.ts';

inBrowser('answers that were measured', ({ open }) => {
  const answers = (): Answers =>
    JSON.parse(readFileSync(join(inject('pages').notes, 'answers.json'), 'utf8')) as Answers;

  test('every link of the page is one of its answers, and the other way round', async () => {
    const page = await open(join(inject('pages').notes, 'answers.html'));
    const told = new Set(linksOf(answers()).map(({ href }) => href));
    expect(told.size).toBeGreaterThan(6);
    expect(new Set(await hrefsOn(page))).toEqual(told);
  });

  test('each opens a report at an operation that shows what it says', async () => {
    for (const link of linksOf(answers())) {
      const { file, hash } = fileOf(inject('pages').notes, link);
      const page = await open(file, {}, hash);
      const shown = await operationShown(page);
      expect(agrees(shown, link), `${link.card} ${link.href}: ${shown} against ${link.operation}`).toBe(true);
      await page.close();
    }
  });

  test('a link to another operation would be noticed', () => {
    expect(agrees('op 4: read x → 1 · client 2', { operation: 'read x = 1' })).toBe(true);
    expect(agrees('op 4: read x → 2 · client 2', { operation: 'read x = 1' })).toBe(false);
    expect(agrees('op 4: read x → 10 · client 2', { operation: 'read x = 1' })).toBe(false);
    expect(agrees('op 4: write x = 1 · client 2', { operation: 'read x = 1' })).toBe(false);
  });
});
