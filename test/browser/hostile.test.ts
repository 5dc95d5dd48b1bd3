/** Keys, values and nodes of a hostile system are text on the page, and never run. */
import { expect, inject, test } from 'vitest';
import { printable } from '../../src/report/escape.ts';
import { inBrowser } from './chromium.ts';
import { HOSTILE_KEY, HOSTILE_NEW, HOSTILE_OLD } from './hostile-history.ts';

inBrowser('hostile values', ({ open }) => {
  test('they are shown letter by letter, and nothing of them becomes an element', async () => {
    const page = await open(inject('pages').hostile);
    expect(await page.title()).toMatch(/^✕ Not linearizable/);
    expect(await page.locator('img').count()).toBe(0);
    expect(await page.locator('script').count()).toBe(1);
    const heading = await page.locator('h1').textContent();
    for (const value of [HOSTILE_OLD, HOSTILE_NEW])
      expect(heading).toContain(printable(`${HOSTILE_KEY} = ${JSON.stringify(value)}`));
    const titles = await page.locator('a.op title').allTextContents();
    expect(titles).toHaveLength(3);
    expect(titles[2]).toContain(printable(`read ${HOSTILE_KEY} → ${JSON.stringify(HOSTILE_OLD)}`));
    expect(titles.join()).not.toContain('\u202e');
  });

  test('pointing at one shows the same text', async () => {
    const page = await open(inject('pages').hostile);
    await page.locator('a.op').last().focus();
    expect(await page.locator('#tip').innerText()).toContain(HOSTILE_OLD);
    await page.locator('[data-order=events]').click();
    await page.keyboard.press('ArrowLeft');
    expect(await page.title()).toMatch(/^✕/);
  });
});
