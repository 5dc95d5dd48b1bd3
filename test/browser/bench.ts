/**
 * The benchmark of the report page: `npm run bench:report`. Plays a simulated run of at least 100,000 operations with the built
 * program, opens its page in headless Chromium and scrolls through all of it with the keyboard, as a reader would. Exits 1 if a
 * goal is missed.
 */
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { execa } from 'execa';
import { chromium, type CDPSession, type Page } from 'playwright-core';
import type { RunResult } from '../../src/contract/index.ts';
import type { FrameDrawn } from '../../src/client/explorer/frame-drawn.ts';

const ROOT = new URL('../..', import.meta.url).pathname;
const RUN = [
  'sim',
  '--reads',
  'local',
  '--time',
  '20s',
  '--seed',
  'bench',
  '--expect',
  'any',
  '--quiet',
  '--name',
  'run',
];
const GOALS = { operations: 100_000, pageBytes: 1_500_000, openMs: 1500, frames: 200, drawnShare: 0.95, frameMs: 10 };
/** So few in sight that each is a bar of its own, and that a step is far less than the window. */
const IN_SIGHT = 1500;

const folder = mkdtempSync(join(tmpdir(), 'stalemate-bench-'));
try {
  await execa(process.execPath, [join(ROOT, 'src/cli/stalemate.cjs'), ...RUN, '--out', folder], { reject: false });
  const result = JSON.parse(readFileSync(join(folder, 'run/result.json'), 'utf8')) as RunResult;
  const file = join(folder, 'run/report.html');
  const measured = await measure(pathToFileURL(file).href);
  report([
    ['operations', result.ops.total, 'at least', GOALS.operations],
    ['page, bytes', statSync(file).size, 'at most', GOALS.pageBytes],
    ['script until the page stands, ms', measured.loadMs, 'at most', GOALS.openMs],
    ['script until the explorer is open, ms', measured.openMs, 'at most', GOALS.openMs],
    ['frames of the scroll', measured.bars.length, 'at least', GOALS.frames],
    ['operations drawn one by one, share', measured.drawn / result.ops.total, 'at least', GOALS.drawnShare],
    ['a frame of bars, p95, ms', p95(measured.bars), 'at most', GOALS.frameMs],
    ['a frame of densities, p95, ms', p95(measured.densities), 'at most', GOALS.frameMs],
    ['main thread with everything, a frame of the scroll, mean, ms', measured.taskMs, 'no goal', NaN],
  ]);
} finally {
  rmSync(folder, { recursive: true });
}

interface Measured {
  readonly loadMs: number;
  readonly openMs: number;
  readonly bars: readonly number[];
  readonly densities: readonly number[];
  /** Different operations. */
  readonly drawn: number;
  /** Everything that the main thread did, script or not, by frame. */
  readonly taskMs: number;
}

async function measure(url: string): Promise<Measured> {
  const browser = await chromium.launch({
    executablePath: process.env['STALEMATE_CHROMIUM'] ?? '/usr/bin/chromium',
    args: ['--no-sandbox'],
  });
  try {
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
    const session = await page.context().newCDPSession(page);
    await session.send('Performance.enable');
    await page.goto(url);
    const loadMs = await secondsOf(session, 'ScriptDuration');
    await page.locator('[data-open]').click();
    const view = page.locator('.exview');
    await view.waitFor();
    await page.keyboard.press('a');
    const openMs = (await secondsOf(session, 'ScriptDuration')) * 1000;
    await watch(page);
    const densities = await sweep(page, ['0', '+', '+', 'PageDown', 'PageDown', '-', '-'], 60);
    await zoomIn(page);
    await drawnSoFar(page);
    await page.keyboard.press('Home');
    const before = await secondsOf(session, 'TaskDuration');
    await scrollToTheEnd(page);
    const taskS = (await secondsOf(session, 'TaskDuration')) - before;
    const { bars, drawn } = await drawnSoFar(page);
    return {
      loadMs: loadMs * 1000,
      openMs,
      bars,
      densities,
      drawn,
      taskMs: (taskS * 1000) / bars.length,
    };
  } finally {
    await browser.close();
  }
}

async function secondsOf(session: CDPSession, name: string): Promise<number> {
  const { metrics } = await session.send('Performance.getMetrics');
  return metrics.find((it) => it.name === name)!.value;
}

/** Has every frame measured by marks on the page's own clock, and its operations remembered. */
async function watch(page: Page): Promise<void> {
  await page.locator('.exview').evaluate((view) => {
    const rows = new Set<number>();
    Object.assign(view, { rows });
    view.dataset['watched'] = '';
    view.addEventListener('drawn', (event) => {
      const { startMs, endMs, rows: drawn } = (event as CustomEvent<FrameDrawn>).detail;
      performance.measure(drawn === null ? 'densities' : 'bars', { start: startMs, end: endMs });
      for (const row of drawn ?? []) rows.add(row);
    });
  });
}

/** What was drawn since the last time. */
async function drawnSoFar(page: Page): Promise<{ readonly bars: number[]; readonly drawn: number }> {
  return page.locator('.exview').evaluate((view) => {
    const { rows } = view as HTMLElement & { readonly rows: Set<number> };
    const bars = performance.getEntriesByName('bars').map(({ duration }) => duration);
    const drawn = rows.size;
    performance.clearMeasures('bars');
    rows.clear();
    return { bars, drawn };
  });
}

/** Frames of densities while these keys are pressed over and over. */
async function sweep(page: Page, keys: readonly string[], presses: number): Promise<readonly number[]> {
  for (let nth = 0; nth < presses; nth++) await page.keyboard.press(keys[nth % keys.length]!);
  return page.evaluate(() => performance.getEntriesByName('densities').map(({ duration }) => duration));
}

async function zoomIn(page: Page): Promise<void> {
  await page.keyboard.press('0');
  while ((await inSight(page)) > IN_SIGHT) {
    await page.keyboard.press('+');
    await nextFrame(page);
  }
}

async function inSight(page: Page): Promise<number> {
  const text = await page.locator('.ex-seen').innerText();
  return Number(text.split(' of ')[0]!.replaceAll(',', ''));
}

async function nextFrame(page: Page): Promise<void> {
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(done)));
}

/** Presses the arrow until the frame on the overview stands at its end. */
async function scrollToTheEnd(page: Page): Promise<void> {
  const frame = page.locator('.frame.now');
  for (;;) {
    await page.keyboard.press('ArrowRight');
    await nextFrame(page);
    const [x, width] = await frame.evaluate((it) => [Number(it.getAttribute('x')), Number(it.getAttribute('width'))]);
    if (x! + width! >= 1271.9) break;
  }
}

function p95(numbers: readonly number[]): number {
  return numbers.toSorted((left, right) => left - right)[Math.ceil(0.95 * numbers.length) - 1] ?? NaN;
}

type Line = readonly [name: string, value: number, sense: 'at least' | 'at most' | 'no goal', goal: number];

function report(lines: readonly Line[]): void {
  const missed = lines.filter(
    ([, value, sense, goal]) => (sense === 'at least' && value < goal) || (sense === 'at most' && value > goal),
  );
  for (const line of lines) {
    const [name, value, sense, goal] = line;
    const shown = Number.isInteger(value) ? String(value) : value.toFixed(3);
    console.log(
      `${missed.includes(line) ? '✕' : '✓'} ${name.padEnd(60)} ${shown.padStart(10)}   ${sense}${sense === 'no goal' ? '' : ` ${goal}`}`,
    );
  }
  console.log(missed.length === 0 ? '\nholds' : `\nmissed: ${missed.map(([name]) => name).join('; ')}`);
  process.exitCode = missed.length === 0 ? 0 : 1;
}
