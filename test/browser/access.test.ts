/** For every reader: no WCAG A or AA violation by axe, in light, dark and on 500 px, of every kind of page; print and stillness. */
import { expect, inject, test } from 'vitest';
import { violations } from './axe.ts';
import { inBrowser } from './chromium.ts';
import type { Pages } from './make-pages.ts';

const FILES: readonly (readonly [name: string, file: (pages: Pages) => string])[] = [
  ['a failing run', ({ stale }) => `${stale}/report.html`],
  ['a dense run', ({ dense }) => `${dense}/report.html`],
  ['a passing run', ({ passing }) => `${passing}/report.html`],
  ['an unknown run', ({ unknown }) => `${unknown}/report.html`],
  ['a checked history', ({ checked }) => checked],
  ['hostile values', ({ hostile }) => hostile],
  ['a campaign', ({ campaign }) => `${campaign}/index.html`],
  ['answers to the notes', ({ answers }) => answers],
];

const LOOKS = [
  { name: 'light', colorScheme: 'light' },
  { name: 'dark', colorScheme: 'dark' },
  { name: 'on 500 px', colorScheme: 'light', viewport: { width: 500, height: 900 } },
] as const;

inBrowser('for every reader', ({ open }) => {
  test.each(FILES)('%s has no violation in any look', async (_, file) => {
    const found = [];
    for (const { name, ...options } of LOOKS) {
      const page = await open(file(inject('pages')), options);
      found.push(...(await violations(page)).map((it) => `${name}: ${it}`));
      await page.close();
    }
    expect(found).toEqual([]);
  });

  test('axe would find one: a picture without a name, a faint word', async () => {
    const page = await open(`${inject('pages').stale}/report.html`);
    await page.evaluate(() => {
      document
        .querySelector('main')!
        .insertAdjacentHTML('beforeend', '<img src="data:,"><p style="color:#eee">faint</p>');
    });
    expect((await violations(page)).join('\n')).toMatch(/image-alt[^]*color-contrast|color-contrast[^]*image-alt/);
  });

  test('an operation of another anomaly, and all keys, have none either', async () => {
    const page = await open(`${inject('pages').stale}/report.html`, {}, '#a2');
    await page.locator('[data-keys=all]:visible').click();
    await page.locator('[data-order=events]:visible').click();
    expect(await violations(page)).toEqual([]);
  });

  test.each(FILES)('%s prints: every panel is on paper, nothing that only a mouse needs', async (_, file) => {
    const page = await open(file(inject('pages')));
    const panels = await page.locator('section.panel:visible').count();
    await page.emulateMedia({ media: 'print' });
    expect(await page.locator('section.panel:visible').count()).toBe(panels);
    expect(await page.locator('button:visible').count()).toBe(0);
    const paper = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    expect(paper).toBe('rgb(255, 255, 255)');
    const pdf = await page.pdf({ preferCSSPageSize: true });
    expect(pdf.subarray(0, 5).toString()).toBe('%PDF-');
    const sizes = [...pdf.toString('latin1').matchAll(/\/MediaBox\s*\[0 0 ([\d.]+) ([\d.]+)\]/g)];
    expect(sizes.length).toBeGreaterThan(0);
    expect(sizes.every(([, width, height]) => Number(width) > Number(height))).toBe(true);
  });

  test('who asked for stillness sees nothing move', async () => {
    for (const [, file] of FILES) {
      const page = await open(file(inject('pages')), { reducedMotion: 'reduce' });
      const moving = await page.evaluate(() =>
        [...document.querySelectorAll('*')]
          .filter((it) => {
            const { transitionDuration, animationName, scrollBehavior } = getComputedStyle(it);
            return transitionDuration !== '0s' || animationName !== 'none' || scrollBehavior === 'smooth';
          })
          .map((it) => it.outerHTML.slice(0, 80)),
      );
      expect(moving).toEqual([]);
      await page.close();
    }
  });

  test('on 500 px the timeline is scrolled to the bad read, and the page itself does not scroll sideways', async () => {
    const page = await open(`${inject('pages').stale}/report.html`, { viewport: { width: 500, height: 900 } });
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(500);
    const line = (await page.locator('.view:visible .cur line').boundingBox())!;
    expect(line.x).toBeGreaterThan(50);
    expect(line.x).toBeLessThan(450);
  });
});
