/** The answers page in a real browser: by link and by key, without scripts, on a narrow screen and on paper; and what its pictures look like. */
import type { Page } from 'playwright-core';
import { expect, inject, test } from 'vitest';
import { EVERY_CARD, PLAIN, REPLICA } from '../report/answers-fixture.ts';
import { inBrowser } from './chromium.ts';

inBrowser('answers to the notes', ({ open }) => {
  const show = (options: Parameters<typeof open>[1] = {}, hash = ''): Promise<Page> =>
    open(inject('pages').answers, options, hash);

  test('the replica question comes first, its answer in the first window', async () => {
    const page = await show();
    const answer = (await page.locator('#S20-a').boundingBox())!;
    expect(answer.y + answer.height).toBeLessThan(900);
    const sizes = await page
      .locator('.ans')
      .evaluateAll((all) => all.map((it) => parseFloat(getComputedStyle(it).fontSize)));
    expect(Math.max(...sizes.slice(1))).toBeLessThan(sizes[0]!);
  });

  test.each([
    ['with scripts', true],
    ['without', false],
  ])('the contents lead to each note, and mark the one that is shown: %s', async (_, javaScriptEnabled) => {
    const page = await show({ javaScriptEnabled });
    for (const { id } of EVERY_CARD) {
      await page.locator(`nav.qs a[href="#${id}"]`).click();
      await expect.poll(() => marked(page)).toEqual([`#${id}`]);
      expect((await page.locator(`#${id}`).boundingBox())!.y).toBeLessThan(900);
    }
  });

  test('whoever scrolls sees in the contents what is read, however long they are', async () => {
    const page = await show({ viewport: { width: 1440, height: 260 } }, '#S02');
    expect(await marked(page)).toEqual(['#S02']);
    await page.locator('#S12').evaluate((it) => scrollTo(0, it.getBoundingClientRect().top + scrollY - 20));
    await expect.poll(() => marked(page)).toEqual(['#S12']);
    const [line, contents] = await Promise.all(
      ['nav.qs a[aria-current]', 'nav.qs'].map((it) => page.locator(it).boundingBox()),
    );
    expect(line!.y).toBeGreaterThanOrEqual(contents!.y);
    expect(line!.y + line!.height).toBeLessThanOrEqual(contents!.y + contents!.height + 1);
  });

  test('without scripts every answer, picture and command is there', async () => {
    const page = await show({ javaScriptEnabled: false });
    expect(await page.locator('article:visible').count()).toBe(EVERY_CARD.length);
    expect(await page.locator('svg.pic:visible').count()).toBe(4);
    expect(await page.locator('pre:visible').count()).toBe(EVERY_CARD.length + 1);
    expect(await page.locator('button:visible').count()).toBe(0);
    await page.locator('#S02 .claims summary').click();
    expect(await page.locator('#S02 .claims li:visible').count()).toBe(1);
  });

  test('what was checked opens by key', async () => {
    const page = await show();
    await page.locator('#S20 .claims summary').focus();
    expect(await page.locator('#S20 .claims li:visible').count()).toBe(0);
    await page.keyboard.press('Enter');
    expect(await page.locator('#S20 .claims li:visible').count()).toBe(REPLICA.claims.length);
  });

  test('a command is copied', async () => {
    const page = await show({ permissions: ['clipboard-read', 'clipboard-write'] });
    await page.locator('#S02 [data-copy]').click();
    await page.locator('#S02 [data-copy]', { hasText: 'Copied' }).waitFor();
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(PLAIN.command);
  });

  test.each([1440, 1000, 500])(
    'at %i px the page does not scroll sideways; tables do, by key as well',
    async (width) => {
      const page = await show({ viewport: { width, height: 900 } });
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
      const table = page.locator('#S20 .wide').first();
      const wider = await table.evaluate((it) => it.scrollWidth > it.clientWidth);
      expect(wider).toBe(width === 500);
      if (!wider) return;
      await table.focus();
      const name = page.locator('.mx th[scope=row]').first();
      const { x } = (await name.boundingBox())!;
      await page.keyboard.press('ArrowRight');
      await expect.poll(() => table.evaluate((it) => it.scrollLeft)).toBeGreaterThan(0);
      expect((await name.boundingBox())!.x).toBeCloseTo(x, 0);
    },
  );

  test('on paper what was checked is unfolded, and the two histories stand side by side', async () => {
    const page = await show({ viewport: { width: 1040, height: 720 } });
    const item = page.locator('#S20 .claims li').first();
    expect(await item.isVisible()).toBe(false);
    await page.emulateMedia({ media: 'print' });
    expect((await item.boundingBox())!.height).toBeGreaterThan(20);
    const [left, right] = await Promise.all([0, 1].map((nth) => page.locator('.side').nth(nth).boundingBox()));
    expect(left!.y).toBe(right!.y);
  });

  test('in the pictures no word lies on another, and none outside', async () => {
    const page = await show();
    const found = await page.locator('svg.pic').evaluateAll((pictures) =>
      pictures.flatMap((picture) => {
        const frame = picture.getBoundingClientRect();
        const words = [...picture.querySelectorAll('text')].map((it) => ({
          said: it.textContent,
          at: it.getBoundingClientRect(),
        }));
        const outside = words.filter(
          ({ at }) =>
            at.left < frame.left - 1 ||
            at.right > frame.right + 1 ||
            at.top < frame.top - 1 ||
            at.bottom > frame.bottom + 1,
        );
        const onAnother = words.filter(({ at }, nth) =>
          words.slice(nth + 1).some((it) => {
            const wide = Math.min(at.right, it.at.right) - Math.max(at.left, it.at.left);
            const high = Math.min(at.bottom, it.at.bottom) - Math.max(at.top, it.at.top);
            return wide > 1 && high > 4;
          }),
        );
        return [
          ...outside.map(({ said }) => `outside: ${said}`),
          ...onAnother.map(({ said }) => `on another: ${said}`),
        ];
      }),
    );
    expect(await page.locator('svg.pic text').count()).toBeGreaterThan(20);
    expect(found).toEqual([]);
  });

  test('a bar of the matrix is as long as the share of runs', async () => {
    const page = await show();
    const shares = await page
      .locator('.cell:has(i)')
      .evaluateAll((all) =>
        all.map((it) => it.querySelector('i')!.getBoundingClientRect().width / it.getBoundingClientRect().width),
      );
    const wanted = REPLICA.matrix!.rows.flatMap(({ cells }) =>
      cells.filter(({ hits }) => hits > 0).map(({ hits, of }) => hits / of),
    );
    expect(shares).toHaveLength(wanted.length);
    shares.forEach((share, nth) => expect(share).toBeCloseTo(wanted[nth]!, 2));
  });
});

/** The lines of the contents that look marked. */
function marked(page: Page): Promise<readonly (string | null)[]> {
  return page
    .locator('nav.qs a')
    .evaluateAll((all) =>
      all.filter((it) => getComputedStyle(it).boxShadow !== 'none').map((it) => it.getAttribute('href')),
    );
}
