/** The explorer in a real browser, on real runs: every operation of history.jsonl is in it, found, drawn, and told in the same words. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { expect, inject, test } from 'vitest';
import type { FrameDrawn } from '../../src/client/explorer/frame-drawn.ts';
import { violations } from './axe.ts';
import { inBrowser } from './chromium.ts';

interface Line {
  readonly index: number;
  readonly time: number;
  readonly process: number;
  readonly type: 'invoke' | 'ok' | 'fail' | 'info';
  readonly f: string;
  readonly key: string;
  readonly value: unknown;
}

inBrowser('the explorer', ({ open }) => {
  test('a link to an operation that no picture has opens the explorer at it, and says what the history says', async () => {
    const run = inject('pages').dense;
    const lines = linesOf(run);
    const page = await open(reportOf(run));
    const drawn = new Set(await page.locator('a.op').evaluateAll((all) => all.map(({ id }) => Number(id.slice(3)))));
    const read = lines.find(
      ({ type, f, index }) => type === 'invoke' && f === 'read' && index > 5000 && !drawn.has(index),
    )!;
    const answer = lines.find(({ process, index }) => process === read.process && index > read.index)!;
    await page.evaluate((id) => (location.hash = `#op-${id}`), read.index);
    const said = page.locator('.ex-said');
    await expect
      .poll(() => said.innerText())
      .toContain(`op ${read.index}: read ${read.key} → ${String(answer.value)} · client ${read.process % 5}`);
    expect(await said.innerText()).toContain(`${(read.time / 1e9).toFixed(3)} – ${(answer.time / 1e9).toFixed(3)} s`);
    expect(await page.locator('.exview').isVisible()).toBe(true);
  });

  test('an operation that does not exist is said not to be there', async () => {
    const page = await open(reportOf(inject('pages').stale), {}, '#op-999999');
    await expect.poll(() => page.locator('.ex-said').innerText()).toContain('Operation 999999 is not on this page');
  });

  test('n goes through every operation of the history in its order, and each is drawn while it is shown', async () => {
    const run = inject('pages').stale;
    const page = await openExplorer(await open(reportOf(run)));
    await page.keyboard.press('a');
    await watch(page);
    await page.keyboard.press('Home');
    const asked = linesOf(run)
      .filter(({ type }) => type === 'invoke')
      .toSorted((left, right) => left.time - right.time);
    const seen: number[] = [];
    for (let nth = 0; nth < 60; nth++) {
      await page.keyboard.press('n');
      seen.push(await shownId(page));
    }
    expect(asked.length).toBeGreaterThan(300);
    const from = asked.findIndex(({ index }) => index === seen[0]);
    expect(seen).toEqual(asked.slice(from, from + 60).map(({ index }) => index));
    await page.keyboard.press('0');
    await expect.poll(() => drawnCount(page)).toBe(asked.length);
  });

  test('one key, and all keys, have as many operations in sight as the history', async () => {
    const run = inject('pages').stale;
    const page = await openExplorer(await open(reportOf(run)));
    const asked = linesOf(run).filter(({ type }) => type === 'invoke');
    await page.keyboard.press('0');
    for (const key of ['x', 'y']) {
      await page.locator('#explorer select').selectOption(`k${key}`);
      await expect.poll(() => inSight(page)).toEqual(Array(2).fill(asked.filter((it) => it.key === key).length));
    }
    await page.locator('#explorer select').selectOption('');
    await expect.poll(() => inSight(page)).toEqual([asked.length, asked.length]);
  });

  test('above 3,000 operations in sight lanes are densities, below each is a bar', async () => {
    const page = await openExplorer(await open(reportOf(inject('pages').dense)));
    await page.keyboard.press('a');
    await watch(page);
    await page.keyboard.press('0');
    await expect.poll(() => page.locator('.ex-seen').innerText()).toContain('as densities');
    expect((await inSight(page))[0]).toBeGreaterThan(3000);
    expect(await drawnCount(page)).toBe(0);
    while ((await inSight(page))[0]! > 3000) await pressAndDraw(page, '+');
    expect(await page.locator('.ex-seen').innerText()).not.toContain('densities');
    expect(await drawnCount(page)).toBeGreaterThan(500);
  });

  test('event order numbers events, and puts every operation somewhere too', async () => {
    const run = inject('pages').stale;
    const page = await openExplorer(await open(reportOf(run)));
    await page.keyboard.press('a');
    await watch(page);
    await page.keyboard.press('e');
    const pressed = page.locator('#explorer [data-axis=order]');
    expect(await pressed.getAttribute('aria-pressed')).toBe('true');
    await page.keyboard.press('0');
    const asked = linesOf(run).filter(({ type }) => type === 'invoke').length;
    await expect.poll(() => drawnCount(page)).toBe(asked);
    await page.locator('#explorer [data-axis=time]').click();
    expect(await pressed.getAttribute('aria-pressed')).toBe('false');
  });

  test('pointing at a bar tells it, a click makes it the address, and the bad ones are orange', async () => {
    const page = await openExplorer(await open(reportOf(inject('pages').stale)));
    const found = await sweepForBar(page);
    expect(found.text).toMatch(/^op \d+: (?:read|write|cas) /);
    await page.mouse.click(found.x, found.y);
    await expect.poll(() => page.locator('.ex-said').innerText()).toBe(found.text);
    expect(new URL(page.url()).hash).toBe(`#op-${/\d+/.exec(found.text)![0]}`);
    expect(await countPixels(page, '--badfill')).toBeGreaterThan(20);
    const passing = await openExplorer(await open(reportOf(inject('pages').passing)));
    expect(await countPixels(passing, '--badfill')).toBe(0);
  });

  test('dragging the frame on the overview opens the explorer and moves it along', async () => {
    const page = await open(reportOf(inject('pages').stale));
    const overview = page.locator('.whole svg[data-end-ns]');
    await overview.scrollIntoViewIfNeeded();
    const box = (await overview.boundingBox())!;
    const [x, width] = await sizesOf(page.locator('.frame[data-from-ns]:visible'));
    const at = (share: number): Promise<void> => page.mouse.move(box.x + share * box.width, box.y + 20);
    await at((x + width / 2) / 1272);
    await page.mouse.down();
    await at(0.4);
    await page.locator('.exview').waitFor();
    for (const share of [0.5, 0.75]) {
      await at(share);
      await expect.poll(() => frameMiddle(page)).toBeCloseTo(share, 2);
    }
    await page.mouse.up();
    await at(0.1);
    expect(await frameMiddle(page)).toBeCloseTo(0.75, 2);
  });

  test('the wheel scrolls the page until the explorer was clicked into, then it zooms', async () => {
    const page = await open(reportOf(inject('pages').stale));
    await page.locator('[data-open]').click();
    const view = page.locator('.exview');
    await view.evaluate((it) => it.blur());
    await view.hover();
    const before = await frameWidth(page);
    const scrolled = await page.evaluate(() => scrollY);
    await page.mouse.wheel(0, -200);
    await expect.poll(() => page.evaluate(() => scrollY)).toBeLessThan(scrolled);
    expect(await frameWidth(page)).toBe(before);
    await view.focus();
    await view.hover();
    await page.mouse.wheel(0, -400);
    await expect.poll(() => frameWidth(page)).toBeLessThan(before * 0.6);
  });

  test('dragging the canvas moves it by as much', async () => {
    const page = await openExplorer(await open(reportOf(inject('pages').stale)));
    const [before, width] = [await frameMiddle(page), await frameWidth(page)];
    const box = (await page.locator('.exview').boundingBox())!;
    await page.mouse.move(box.x + 900, box.y + 60);
    await page.mouse.down();
    await page.mouse.move(box.x + 500, box.y + 60, { steps: 4 });
    await page.mouse.up();
    const moved = ((400 / (box.width - 76)) * width) / 1272;
    await expect.poll(() => frameMiddle(page)).toBeCloseTo(before + moved, 2);
  });

  test('its colours are the theme’s, and change with it', async () => {
    const page = await openExplorer(await open(reportOf(inject('pages').stale)));
    expect(await countPixels(page, '--panel')).toBeGreaterThan(10_000);
    await page.emulateMedia({ colorScheme: 'dark' });
    await expect.poll(() => countPixels(page, '--panel')).toBeGreaterThan(10_000);
  });

  test('open, it has no violation by axe in any look, and stays off the paper', async () => {
    for (const options of [{}, { colorScheme: 'dark' }, { viewport: { width: 500, height: 900 } }] as const) {
      const page = await openExplorer(await open(reportOf(inject('pages').stale), options));
      expect(await violations(page)).toEqual([]);
      await page.emulateMedia({ media: 'print' });
      expect(await page.locator('#explorer').isVisible()).toBe(false);
    }
  });

  test('hostile values and keys are text in it', async () => {
    const page = await openExplorer(await open(inject('pages').hostile));
    await page.keyboard.press('a');
    const said: string[] = [];
    await page.keyboard.press('Home');
    for (let nth = 0; nth < 30; nth++) {
      await page.keyboard.press('n');
      said.push(await page.locator('.ex-said').innerText());
    }
    expect(said.join('\n')).toContain('</script>');
    expect(await page.locator('.ex-said *').count()).toBe(0);
  });

  test('without scripts a sentence says what is missing and where it is', async () => {
    const page = await open(reportOf(inject('pages').stale), { javaScriptEnabled: false });
    const count = linesOf(inject('pages').stale).filter(({ type }) => type === 'invoke').length;
    expect(await page.locator('#explorer').innerText()).toContain(
      `The explorer of all ${count} operations needs scripts`,
    );
    expect(await page.locator('#explorer button').count()).toBeGreaterThan(0);
    expect(await page.locator('#explorer button:visible, #explorer canvas:visible').count()).toBe(0);
    expect(await page.locator('#explorer a').getAttribute('href')).toBe('history.jsonl');
  });
});

function reportOf(run: string): string {
  return join(run, 'report.html');
}

function linesOf(run: string): readonly Line[] {
  const text = readFileSync(join(run, 'history.jsonl'), 'utf8');
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);
}

/** Opens it by its button, and waits until it has drawn. */
async function openExplorer(page: Page): Promise<Page> {
  await page.locator('[data-open]').click();
  await expect.poll(() => page.locator('.ex-seen').innerText()).toContain('in sight');
  return page;
}

/** Remembers the operations that are drawn one by one. */
async function watch(page: Page): Promise<void> {
  await page.locator('.exview').evaluate((view) => {
    const rows = new Set<number>();
    Object.assign(view, { rows });
    view.dataset['watched'] = '';
    view.addEventListener('drawn', (event) => {
      for (const row of (event as CustomEvent<FrameDrawn>).detail.rows ?? []) rows.add(row);
    });
  });
}

function drawnCount(page: Page): Promise<number> {
  return page.locator('.exview').evaluate((view) => (view as HTMLElement & { readonly rows: Set<number> }).rows.size);
}

async function pressAndDraw(page: Page, key: string): Promise<void> {
  await page.keyboard.press(key);
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
}

async function shownId(page: Page): Promise<number> {
  return Number(/^op (\d+):/.exec(await page.locator('.ex-said').innerText())![1]);
}

/** In sight, and altogether. */
async function inSight(page: Page): Promise<readonly number[]> {
  const words = /^([\d,]+) of ([\d,]+) in sight/.exec(await page.locator('.ex-seen').innerText())!;
  return words.slice(1).map((number) => Number(number.replaceAll(',', '')));
}

/** Middle of the frame on the overview, as a share of the run. */
async function frameMiddle(page: Page): Promise<number> {
  const [x, width] = await sizesOf(page.locator('.frame.now'));
  return (x + width / 2) / 1272;
}

async function frameWidth(page: Page): Promise<number> {
  return (await sizesOf(page.locator('.frame.now')))[1];
}

function sizesOf(frame: Locator): Promise<readonly [x: number, width: number]> {
  return frame.evaluate((it) => [Number(it.getAttribute('x')), Number(it.getAttribute('width'))] as const);
}

/** Points along the first lane until something is told. */
async function sweepForBar(page: Page): Promise<{ readonly x: number; readonly y: number; readonly text: string }> {
  const box = (await page.locator('.exview').boundingBox())!;
  const y = box.y + 42 + 12;
  for (let x = box.x + 90; x < box.x + box.width; x += 3) {
    await page.mouse.move(x, y);
    const text = await page.locator('#tip.on').allInnerTexts();
    if (text[0] !== undefined) return { x, y, text: text[0] };
  }
  throw new Error('no bar in the first lane');
}

/** Pixels of the canvas that have exactly a colour of the theme. */
function countPixels(page: Page, name: string): Promise<number> {
  return page.locator('.exview canvas').evaluate((canvas: HTMLCanvasElement, variable) => {
    const hex = getComputedStyle(canvas).getPropertyValue(variable).trim().slice(1);
    const long = hex.length === 3 ? hex.replace(/./g, '$&$&') : hex;
    const wanted = [0, 2, 4].map((at) => Number.parseInt(long.slice(at, at + 2), 16));
    const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
    let found = 0;
    for (let at = 0; at < data.length; at += 4) if (wanted.every((channel, nth) => data[at + nth] === channel)) found++;
    return found;
  }, name);
}
