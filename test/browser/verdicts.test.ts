/** Pages without a violation, and of histories without a cluster: the same layout, and nothing that they cannot know. Point 18 of the report's design. */
import { join } from 'node:path';
import { expect, inject, test } from 'vitest';
import type { RunResult } from '../../src/contract/index.ts';
import { disagreementsOf, factOf } from './agreement.ts';
import { inBrowser } from './chromium.ts';
import { countsIn, jsonIn } from './recorded.ts';

inBrowser('pages of every verdict', ({ open }) => {
  test('a passing run: ✓, how many reads were right, what the faults did, and numbers that agree with its files', async () => {
    const run = inject('pages').passing;
    const page = await open(join(run, 'report.html'));
    const { ops, faults } = jsonIn<RunResult>(run, 'result.json');
    expect(await page.title()).toMatch(/^✓ Linearizable/);
    expect(await page.locator('h1').innerText()).toBe(`No incorrect read in ${ops.reads.toLocaleString('en')} reads.`);
    expect(await disagreementsOf(page, run)).toEqual([]);
    expect(await page.locator('.because').innerText()).toContain(
      `${ops.okDuringFaults.toLocaleString('en')} operations were acknowledged while a fault held`,
    );
    const rows = await page.locator('section[aria-label="Faults"] tbody tr').count();
    expect(rows).toBe(faults.reduce((sum, { total }) => sum + total, 0));
    expect(await page.locator('.verdict').evaluate((it) => getComputedStyle(it).color)).toBe('rgb(10, 107, 104)');
    expect(await page.locator('.bad, .tab, .gap, .proof').count()).toBe(0);
    expect(await page.locator('svg.picture .at').count()).toBe(5);
  });

  test('an unknown run: ?, the reason, how far the check came, and no green', async () => {
    const run = inject('pages').unknown;
    const page = await open(join(run, 'report.html'));
    const { reason, check } = jsonIn<RunResult>(run, 'result.json');
    expect(await page.title()).toMatch(/^\? Unknown/);
    expect(await page.locator('h1').innerText()).toBe(`This run proves nothing: ${reason!.replace('vacuous: ', '')}.`);
    expect(await page.locator('.because').innerText()).toContain(`${check.decided} of ${check.keys} keys decided`);
    const { total, ok } = countsIn(run);
    expect(await factOf(page, 'Operations')).toMatch(new RegExp(`^${total} · ${ok} ok`));
    const green = await page.evaluate(
      () =>
        [...document.querySelectorAll('main *')].filter((it) => {
          const { color, backgroundColor, fill, stroke } = getComputedStyle(it);
          return [color, backgroundColor, fill, stroke].some((value) =>
            /rgb\(10, 107, 104\)|rgb\(223, 240, 238\)/.test(value),
          );
        }).length,
    );
    expect(green).toBe(0);
  });

  test('a checked history: the sentence of the run it came from, and no nodes, faults or causes', async () => {
    const page = await open(inject('pages').checked);
    const { anomalies, anomalyCount } = jsonIn<RunResult>(inject('pages').stale, 'result.json');
    expect(await page.title()).toMatch(/^✕ Not linearizable/);
    expect(await page.locator('h1:visible').innerText()).toBe(anomalies[0]!.sentence);
    const { total, ok, fail, mismatch, unknown } = countsIn(inject('pages').stale);
    expect(mismatch).toBeGreaterThan(0);
    expect(await factOf(page, 'Operations')).toBe(
      `${total} · ${ok} ok, ${fail} failed (${mismatch} mismatches), ${unknown} unknown`,
    );
    const sizes = await page.locator('.tab em').allInnerTexts();
    expect(sizes.reduce((sum, text) => sum + Number.parseInt(text, 10), 0)).toBe(anomalyCount);
    expect(await page.locator('.node, .fault, table.nodes, section[aria-label="Faults"], .because').count()).toBe(0);
    await page.keyboard.press('ArrowLeft');
    expect(await page.locator('svg.picture:visible .cur text').textContent()).toMatch(/^[\d.]+ s$/);
  });

  test('a history that nobody could decide: ?, what was used up and on what', async () => {
    const page = await open(inject('pages').undecided);
    expect(await page.title()).toMatch(/^\? Unknown/);
    expect(await page.locator('h1').innerText()).toMatch(
      /^Whether this history is linearizable is not known: .* used up on \w+: /,
    );
    expect(await page.locator('.verdict.good').count()).toBe(0);
  });
});
