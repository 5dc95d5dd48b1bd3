/** The page of a campaign: the surprise in its headline, the matrix, and which runs to open. Points 21 to 24 of the report's design. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { expect, inject, test } from 'vitest';
import type { CampaignResult } from '../../src/contract/index.ts';
import { inBrowser } from './chromium.ts';
import { jsonIn } from './recorded.ts';

inBrowser('the page of a campaign', ({ open }) => {
  const index = (): string => join(inject('pages').campaign, 'index.html');
  const result = (): CampaignResult => jsonIn<CampaignResult>(inject('pages').campaign, 'result.json');
  const worth = (page: Page): Promise<readonly (readonly string[])[]> =>
    page
      .locator('section[aria-labelledby="h-open"] tbody tr')
      .evaluateAll((rows) =>
        rows.map((row) => [...(row as HTMLTableRowElement).cells].map((cell) => cell.innerText.trim())),
      );

  test('the headline names what was not declared', async () => {
    const page = await open(index());
    expect(await page.title()).toMatch(
      /^✕ raft M30 was not linearizable with \w+ reads under \S+, where that was never/,
    );
    const surprises = result().cells.filter(({ state }) => state === 'unexpected').length;
    expect(surprises).toBeGreaterThan(1);
    expect(await page.locator('.verdict').innerText()).toContain(`${surprises} surprises`);
  });

  test('every cell says how many of its runs violated, and links to the worst of them', async () => {
    const page = await open(index());
    for (const cell of result().cells) {
      const runs = result().runs.filter((run) => run.cell === cell.id);
      const bad = runs.filter(({ verdict }) => verdict === 'not-linearizable').length;
      const row = page.locator('table.cmx tbody', { has: page.locator(`th:text-is("${cell.system}")`) });
      const column = ['partition:leader', 'pause'].indexOf(cell.faults);
      const box = row
        .locator('tr', { has: page.locator(`th:text-is("${cell.reads}")`) })
        .locator('td')
        .nth(column);
      const words = await box.innerText();
      if (cell.state === 'unknown') expect(words).toContain('? unknown');
      else expect(words.replace(/\s+/g, ' ')).toContain(`${bad === 0 ? '✓' : '✕'} ${bad} of ${runs.length}`);
      const href = (await box.locator('a').getAttribute('href'))!;
      const [file, anomaly] = href.split('#');
      expect(existsSync(join(inject('pages').campaign, file!))).toBe(true);
      const worst = Math.max(...runs.map(({ worstStaleMs }) => worstStaleMs ?? 0));
      expect(runs.find(({ report }) => report === href)).toBeDefined();
      if (bad > 0) {
        expect(anomaly).toBe('a1');
        expect(runs.find(({ report }) => report === href)!.worstStaleMs).toBe(worst);
      }
    }
  });

  test('24: at most ten runs are worth opening, surprises first, and their links work', async () => {
    const page = await open(index());
    const { runs, cells } = result();
    const isSurprise = (id: string): boolean => {
      const run = runs.find((it) => it.id === id)!;
      const cell = cells.find((it) => it.id === run.cell)!;
      return run.verdict === 'not-linearizable' && cell.expectation === 'never';
    };
    const candidates = runs.filter((run) => run.verdict !== 'linearizable');
    expect(candidates.length).toBeGreaterThan(10);
    const rows = await worth(page);
    expect(rows).toHaveLength(10);
    const surprising = rows.map(([id]) => isSurprise(id!));
    expect(surprising).toContain(true);
    expect(surprising).toEqual(surprising.toSorted((left, right) => Number(right) - Number(left)));
    const there = runs.filter(({ id }) => isSurprise(id)).length;
    expect(surprising.filter(Boolean)).toHaveLength(Math.min(10, there));
    for (const [id, words, , late] of rows) {
      const run = runs.find((it) => it.id === id)!;
      expect(words).toContain(run.sentence ?? run.reason);
      expect(late).toBe(run.worstStaleMs === null ? '–' : lateness(run.worstStaleMs));
    }
    const links = await page
      .locator('section[aria-labelledby="h-open"] a')
      .evaluateAll((all) => all.map((it) => it.getAttribute('href')!));
    expect(links.map((href) => existsSync(join(inject('pages').campaign, href.split('#')[0]!)))).toEqual(
      links.map(() => true),
    );
    const first = await open(join(inject('pages').campaign, links[0]!.split('#')[0]!), {}, '#a1');
    expect(await first.locator('h1:visible').innerText()).toBe(
      runs.find(({ report }) => report === links[0])!.sentence,
    );
  });

  test('it says the same without scripts', async () => {
    const page = await open(index(), { javaScriptEnabled: false });
    expect(await page.locator('table.cmx .c').count()).toBe(result().cells.length);
    expect(await worthRows(page)).toBe(10);
  });
});

/** Without scripts nothing can be evaluated in the page. */
function worthRows(page: Page): Promise<number> {
  return page.locator('section[aria-labelledby="h-open"] tbody tr').count();
}

/** As the sentences of runs write it. */
function lateness(ms: number): string {
  return `${ms < 9.95 ? ms.toFixed(1) : ms.toFixed(0)} ms`;
}
