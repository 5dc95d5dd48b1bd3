/** The page of a run with stale reads of two causes, as a reader uses it; the numbers refer to the points of the report's design. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { expect, inject, test } from 'vitest';
import type { RunResult } from '../../src/contract/index.ts';
import { disagreements } from '../e2e/sentence.ts';
import { disagreementsOf, factOf } from './agreement.ts';
import { inBrowser } from './chromium.ts';
import { jsonIn, recordedIn, stoodAt } from './recorded.ts';

const CLIENTS = 5;

inBrowser('the page of a failing run', ({ open, browser }) => {
  const run = (): string => inject('pages').stale;
  const report = (): string => join(run(), 'report.html');
  const result = (): RunResult => jsonIn<RunResult>(run(), 'result.json');
  const gutter = (page: Page): Promise<readonly string[]> =>
    page.locator('.view:visible').locator('.at text, .must .says').allTextContents();

  test.each(['stale', 'dense'] as const)(
    'every number of the %s run agrees with history.jsonl, probes and result.json',
    async (name) => {
      const folder = inject('pages')[name];
      const page = await open(join(folder, 'report.html'));
      expect(await disagreementsOf(page, folder)).toEqual([]);
      const { anomalies } = jsonIn<RunResult>(folder, 'result.json');
      const sentence = (await page.locator('h1:visible').innerText()).replace(/\s+/g, ' ');
      expect(sentence).toBe(anomalies[0]!.sentence);
      expect(disagreements({ sentence, historyFile: join(folder, 'history.jsonl'), clients: CLIENTS })).toEqual([]);
    },
  );

  test('1: it works in a frame that allows scripts and nothing else', async () => {
    const page = await browser().newPage({ viewport: { width: 1440, height: 900 } });
    page.setDefaultTimeout(8000);
    const asked: string[] = [];
    page.on('request', (request) => asked.push(request.url()));
    await page.setContent('<iframe sandbox="allow-scripts" width="1400" height="880"></iframe>');
    await page
      .locator('iframe')
      .evaluate((frame: HTMLIFrameElement, text) => (frame.srcdoc = text), readFileSync(report(), 'utf8'));
    const frame = page.frameLocator('iframe');
    await frame.locator('.controls:visible').first().waitFor();
    expect(await frame.locator('h1:visible').innerText()).toBe(result().anomalies[0]!.sentence);
    await frame.locator('.tab').nth(1).click();
    await frame.locator('.tab[aria-current=true] i:text-is("2")').waitFor();
    expect(await frame.locator('h1:visible').count()).toBe(1);
    expect(await frame.locator('h1:visible').innerText()).not.toBe(result().anomalies[0]!.sentence);
    await frame.locator('[data-copy]').click();
    await frame.locator('[data-copy]:has-text("opied"),[data-copy]:has-text("Selected")').waitFor();
    expect(asked.filter((url) => !url.startsWith('data:') && url !== 'about:srcdoc')).toEqual([]);
  });

  test('2: without scripts the verdict, sentence, timeline, proof and node table are there, and links between anomalies work', async () => {
    const page = await open(report(), { javaScriptEnabled: false });
    expect(await page.locator('.verdict').innerText()).toContain('Not linearizable');
    expect(await page.locator('h1:visible').innerText()).toBe(result().anomalies[0]!.sentence);
    expect(await page.locator('svg.picture:visible a.op').count()).toBeGreaterThan(20);
    expect(await page.locator('.proof:visible .step').count()).toBe(result().anomalies[0]!.minimal.length);
    expect(await page.locator('table.nodes:visible tbody tr').count()).toBe(5);
    expect(await page.locator('button:visible').count()).toBe(0);
    await page.locator('.tab').nth(1).click();
    expect(await page.locator('h1:visible').count()).toBe(1);
    expect(await page.locator('h1:visible').innerText()).not.toBe(result().anomalies[0]!.sentence);
  });

  test.each(['stale', 'dense', 'passing'] as const)(
    '3: of the %s run the verdict, sentence, tabs and every lane are seen on 1440 × 900 without scrolling',
    async (name) => {
      const page = await open(join(inject('pages')[name], 'report.html'));
      const parts = page.locator('.verdict, h1:visible, .tab, .view:visible .lab, .view:visible .at');
      expect(await page.locator('.view:visible .at').count()).toBe(5);
      const bottoms = await parts.evaluateAll((all) => all.map((it) => it.getBoundingClientRect().bottom));
      expect(bottoms.length).toBeGreaterThan(12);
      expect(Math.max(...bottoms)).toBeLessThanOrEqual(900);
    },
  );

  test('6: the facts are those of result.json', async () => {
    const page = await open(report());
    const { system, reads, promise, check, faults } = result();
    expect(await factOf(page, 'System')).toContain(`${system.name} ${system.version}, 5 nodes`);
    expect(await factOf(page, 'Reads')).toContain(reads);
    expect(await factOf(page, 'Promise')).toBe(promise);
    for (const { kind, effective, total } of faults)
      expect(await factOf(page, 'Faults')).toContain(`${kind} ${effective}/${total}`);
    expect(await factOf(page, 'Checked')).toBe(
      `${check.decided} of ${check.keys} keys in ${check.seconds.toFixed(2)} s`,
    );
  });

  test('7: tabs count every anomaly once; each opens its story by link, by click and by j and k', async () => {
    const page = await open(report());
    const sizes = await page.locator('.tab em').allInnerTexts();
    expect(sizes.length).toBeGreaterThan(1);
    const total = sizes.reduce((sum, text) => sum + Number.parseInt(text.replaceAll(',', ''), 10), 0);
    expect(total).toBe(result().anomalyCount);
    const hashes = await page.locator('.tab').evaluateAll((tabs) => tabs.map((tab) => (tab as HTMLAnchorElement).hash));
    const byId = new Map(result().anomalies.map(({ id, sentence }) => [`#${id}`, sentence]));
    const shown = async (): Promise<string> => page.locator('h1:visible').innerText();
    const current = (): Promise<string | null> => page.locator('.tab[aria-current=true]').getAttribute('href');
    for (const key of ['j', 'j', 'k', 'k', 'k']) {
      const at = hashes.indexOf((await current())!);
      await page.keyboard.press(key);
      const wanted = hashes[(at + (key === 'j' ? 1 : hashes.length - 1)) % hashes.length]!;
      await page.locator(`.tab[aria-current=true][href="${wanted}"]`).waitFor();
      expect(await shown()).toBe(byId.get(wanted));
    }
    const linked = await open(report(), {}, hashes[1]);
    expect(await linked.locator('h1:visible').innerText()).toBe(byId.get(hashes[1]!));
    expect(await linked.locator('svg.picture:visible').count()).toBe(1);
  });

  test.each(['stale', 'dense'] as const)(
    '7: in the %s run #a<n> of an anomaly that has no story leads to its operation',
    async (name) => {
      const folder = inject('pages')[name];
      const { anomalies } = jsonIn<RunResult>(folder, 'result.json');
      const stories = new Set(
        await (
          await open(join(folder, 'report.html'))
        )
          .locator('.tab')
          .evaluateAll((tabs) => tabs.map((tab) => (tab as HTMLAnchorElement).hash)),
      );
      for (const { id, operation } of anomalies
        .slice(0, 60)
        .filter((it) => !stories.has(`#${it.id}`))
        .slice(-3)) {
        const page = await open(join(folder, 'report.html'), {}, `#${id}`);
        await page.waitForURL((url) => url.hash === `#op-${operation}`);
        const target = page.locator(`svg.picture #op-${operation}`);
        if ((await target.count()) > 0) expect(await target.isVisible()).toBe(true);
        else expect(await page.locator('.ex-said').innerText()).toMatch(/ → .* · client \d+ → n\d .*fits in no order/);
      }
    },
  );

  test('8: rows are faults, clients, what the key must be, nodes, with a gutter', async () => {
    const page = await open(report());
    const picture = page.locator('svg.picture:visible');
    const words = await picture.locator('.lab').allTextContents();
    expect(words).toEqual([
      'client 0',
      'client 1',
      'client 2',
      'client 3',
      'client 4',
      `${result().anomalies[0]!.part} must be`,
      'n1',
      'n2',
      'n3',
      'n4',
      'n5',
    ]);
    const tops = await picture.locator('.lab').evaluateAll((all) => all.map((it) => it.getBoundingClientRect().top));
    expect(tops).toEqual(tops.toSorted((left, right) => left - right));
    expect(await picture.locator('.fault').count()).toBeGreaterThan(0);
    expect(await picture.locator('.role.leader').count()).toBeGreaterThan(0);
    expect(await picture.locator('.at').count()).toBe(5);
    const { newer, operation } = result().anomalies[0]!;
    const read = recordedIn(run()).get(operation)!;
    const possible = JSON.parse((await picture.locator('.says').getAttribute('data-values'))!) as readonly unknown[];
    expect(possible.length).toBeGreaterThan(0);
    expect(possible).not.toContainEqual(read.answer);
    expect(newer!.gapNs).toBe(read.callNs - newer!.sinceNs);
  });

  test('10: the bracket goes from the acknowledgement to the read and says the gap; a dot marks the node that answered', async () => {
    const page = await open(report());
    const { newer, operation } = result().anomalies[0]!;
    const recorded = recordedIn(run());
    const bracket = page.locator('svg.picture:visible .gap');
    const data = await bracket.evaluate((it) => Object.fromEntries(Object.entries((it as SVGElement).dataset)));
    const write = recorded.get(newer!.operation)!;
    const read = recorded.get(operation)!;
    expect(Number(data['fromNs'])).toBeLessThanOrEqual(write.returnNs);
    expect([Number(data['toNs']), Number(data['gapNs'])]).toEqual([read.callNs, read.callNs - Number(data['fromNs'])]);
    expect(await bracket.locator('text').textContent()).toBe(`${Math.round(newer!.gapNs / 1e6)} ms`);
    const [left, right] = await bracket
      .locator('rect')
      .first()
      .evaluate((it) => {
        const { left: from, right: to } = it.getBoundingClientRect();
        return [from, to];
      });
    const line = (await page.locator('svg.picture:visible .cur line').boundingBox())!;
    expect(Math.abs(right! - line.x)).toBeLessThan(2);
    expect(left!).toBeLessThan(right!);
    const dot = page.locator('svg.picture:visible .node', { has: page.locator('.served') });
    const sentence = result().anomalies[0]!.sentence;
    expect(sentence).toContain(` from ${await dot.getAttribute('data-node')} at `);
  });

  test('11: pointing at an operation, or its focus, tells all of it', async () => {
    const page = await open(report());
    const bad = page.locator(`#op-${result().anomalies[0]!.operation}`);
    const title = (await bad.locator('title').textContent())!;
    const tip = page.locator('#tip');
    expect(await tip.isVisible()).toBe(false);
    await bad.hover();
    expect(await tip.innerText()).toBe(title);
    await page.mouse.move(5, 5);
    expect(await tip.isVisible()).toBe(false);
    await bad.focus();
    expect(await tip.innerText()).toBe(title);
    expect(title).toMatch(/read \S+ → \d+ · client \d → n\d · [\d.]+ – [\d.]+ s \([\d.]+ ms\) · fits in no order/);
    const box = (await tip.boundingBox())!;
    expect([box.x >= 0, box.x + box.width <= 1440, box.y >= 0]).toEqual([true, true, true]);
  });

  test.each(['stale', 'dense', 'passing'] as const)(
    '11: in the %s run #op-<id> leads to every operation that is drawn',
    async (name) => {
      const page = await open(join(inject('pages')[name], 'report.html'));
      const failed = await page.evaluate(async () => {
        const links = [...document.querySelectorAll<SVGAElement>('svg.picture a.op')];
        const wrong = links.length < 50 ? ['too few'] : [];
        for (const { id, href } of links) {
          const arrived = new Promise((resolve) => addEventListener('hashchange', resolve, { once: true }));
          location.hash = `#${id}`;
          await arrived;
          const target = document.querySelector(':target');
          if (target?.id !== id || target.getClientRects().length === 0 || href.baseVal !== `#${id}`) wrong.push(id);
        }
        return wrong;
      });
      expect(failed).toEqual([]);
    },
  );

  test('12: the arrows move the time line by 10 ms, with Shift by 100 ms, and the gutter tells where each node stood there', async () => {
    const page = await open(report());
    const atNs = recordedIn(run()).get(result().anomalies[0]!.operation)!.callNs;
    const line = page.locator('svg.picture:visible .cur text');
    const before = await gutter(page);
    for (const [key, movedMs] of [
      ['Shift+ArrowLeft', -100],
      ['Shift+ArrowLeft', -200],
      ['ArrowRight', -190],
      ['Shift+ArrowLeft', -290],
    ] as const) {
      await page.keyboard.press(key);
      const thereNs = atNs + movedMs * 1e6;
      expect(await line.textContent()).toBe(`${(thereNs / 1e9).toFixed(3)} s`);
      const stood = [...stoodAt(run(), thereNs)].map(([, { commit, term }]) => `commit ${commit} term ${term}`);
      const said = (await gutter(page)).join('\n').matchAll(/commit (\d+).*\n.*term (\d+)/g);
      expect([...said].map(([, commit, term]) => `commit ${commit} term ${term}`)).toEqual(stood);
    }
    expect(await gutter(page)).not.toEqual(before);
    for (const key of ['Shift+ArrowRight', 'Shift+ArrowRight', 'Shift+ArrowRight', 'ArrowLeft'])
      await page.keyboard.press(key);
    expect(await gutter(page)).toEqual(before);
  });

  test('12: it follows the pointer, and goes back when the pointer leaves', async () => {
    const page = await open(report());
    const picture = page.locator('svg.picture:visible');
    const line = picture.locator('.cur line');
    const home = (await line.boundingBox())!.x;
    const before = await gutter(page);
    const { x, y, width } = (await picture.boundingBox())!;
    await page.mouse.move(x + width * 0.3, y + 120);
    expect(Math.abs((await line.boundingBox())!.x - (x + width * 0.3))).toBeLessThan(2);
    expect(await gutter(page)).not.toEqual(before);
    await page.mouse.move(x + width * 0.3, y - 200);
    expect((await line.boundingBox())!.x).toBeCloseTo(home, 1);
    expect(await gutter(page)).toEqual(before);
  });

  test('13: all keys shows what the clients did elsewhere; this key hides it again', async () => {
    const page = await open(report());
    const others = page.locator('svg.picture:visible .others a.op');
    const there = await page.locator('svg.picture').first().locator('.others a.op').count();
    expect(there).toBeGreaterThan(5);
    expect(await others.locator('visible=true').count()).toBe(0);
    await page.locator('[data-keys=all]:visible').click();
    expect(await others.locator('visible=true').count()).toBe(there);
    expect(await page.locator('.view:visible .elsewhere').innerText()).toContain(`${there}`);
    const key = result().anomalies[0]!.part;
    expect((await others.locator('title').allTextContents()).filter((title) => title.includes(` ${key} `))).toEqual([]);
    await page.locator('[data-keys=this]:visible').click();
    expect(await others.locator('visible=true').count()).toBe(0);
  });

  test('13: event order puts calls and answers at equal distances in their order; true time puts all of it back', async () => {
    const page = await open(report());
    const picture = page.locator('svg.picture:visible');
    const drawn = (): Promise<string> => picture.evaluate((it) => it.outerHTML);
    const before = await drawn();
    await page.locator('[data-order=events]:visible').click();
    const bars = await picture.locator('a.op:not(.others *)').evaluateAll((links) =>
      links.map((link) => {
        const [from, length] = (link as SVGElement).dataset['ns']!.split(' ');
        return {
          fromNs: Number(from),
          toNs: Number(from) + Number(length),
          x: Number(link.querySelector('rect')!.getAttribute('x')),
        };
      }),
    );
    const inside = bars.filter(({ fromNs }) => fromNs > 0).toSorted((left, right) => left.fromNs - right.fromNs);
    const times = [...new Set(bars.flatMap(({ fromNs, toNs }) => [fromNs, toNs]))].toSorted(
      (left, right) => left - right,
    );
    const gaps = inside.slice(1).map((bar, nth) => ({
      steps: times.indexOf(bar.fromNs) - times.indexOf(inside[nth]!.fromNs),
      px: bar.x - inside[nth]!.x,
    }));
    const step = gaps[0]!.px / gaps[0]!.steps;
    expect(step).toBeGreaterThan(1);
    for (const { steps, px } of gaps) expect(Math.abs(px - steps * step)).toBeLessThan(0.12 + steps * 0.1);
    expect(await drawn()).not.toBe(before);
    await page.locator('[data-order=time]:visible').click();
    expect(await drawn()).toBe(before);
  });

  test('14: what is left out is counted, and the anomaly is always inside', async () => {
    const page = await open(join(inject('pages').dense, 'report.html'));
    const caption = await page.locator('.view:visible .tlhead p').innerText();
    const [, drawn, total] = /^([\d,]+) of ([\d,]+) operations in this window/.exec(caption)!;
    expect(Number(drawn!.replaceAll(',', ''))).toBeLessThan(Number(total!.replaceAll(',', '')));
    const { minimal, operation } = jsonIn<RunResult>(inject('pages').dense, 'result.json').anomalies[0]!;
    for (const { operation: kept } of minimal) expect(await page.locator(`#op-${kept.id}`).count()).toBe(1);
    expect(await page.locator(`svg.picture #op-${operation}`).isVisible()).toBe(true);
    expect(await page.locator('svg.picture a.op').count()).toBeLessThanOrEqual(400);
  });

  test('16: the table gives every node its role, term, commit, log end and value, and when it heard a leader', async () => {
    const page = await open(report());
    const heads = await page.locator('table.nodes:visible thead th').allInnerTexts();
    expect(heads).toEqual([
      'Node',
      'Role, by its own belief',
      'Term',
      'Committed',
      'Log end, term',
      result().anomalies[0]!.part,
      'Last heard leader',
    ]);
    const answered = await page.locator('table.nodes:visible tr.hi th').innerText();
    expect(result().anomalies[0]!.sentence).toContain(` from ${answered} at `);
  });

  test('17: the command is there word for word, and the button copies it', async () => {
    const page = await open(report(), { permissions: ['clipboard-read', 'clipboard-write'] });
    expect(await page.locator('section[aria-label="Run it again"] pre').innerText()).toBe(result().command);
    await page.locator('[data-copy]').click();
    await page.locator('[data-copy]:text-is("Copied")').waitFor();
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(result().command);
    await page.locator('[data-copy]:text-is("Copy command")').waitFor();
  });

  test('20: without the operations that it draws and carries the page takes at most 150 KB', async () => {
    for (const name of ['stale', 'dense', 'passing', 'unknown'] as const) {
      const page = await open(join(inject('pages')[name], 'report.html'));
      const bytes = await page.evaluate(() => {
        for (const it of document.querySelectorAll('svg.picture a.op, #operations')) it.remove();
        return new TextEncoder().encode(document.documentElement.outerHTML).length;
      });
      expect(bytes).toBeLessThan(150_000);
    }
  });
});
