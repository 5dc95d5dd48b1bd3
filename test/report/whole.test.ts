/** The pictures of the whole run: their numbers are the history's, they share one axis, and leave out what is not known. */
import { expect, test } from 'vitest';
import type { FailedOperation, History } from '../../checker/index.ts';
import { register } from '../../checker/index.ts';
import { faultSpans } from '../../src/report/fault-spans.ts';
import { agesOf, renderReport } from '../../src/report/index.ts';
import { barsOf } from '../../src/report/scene.ts';
import { wholeAxis, wholeX } from '../../src/report/whole/axis.ts';
import { latencyPanel } from '../../src/report/whole/latency.ts';
import { countOutcomes, overview } from '../../src/report/whole/overview.ts';
import { stalenessPanel } from '../../src/report/whole/staleness.ts';
import { HEAL_NS, CUT_NS, operation, quietRun, staleRun } from './fixture.ts';

const stale = staleRun();
const bars = barsOf(stale.history);
const axis = wholeAxis({ bars, faults: faultSpans(stale.faults), badNs: [], isTimed: true });

test('every operation is in one bin, by what came of it', () => {
  const bins = countOutcomes(axis, bars);
  const total = (of: 'ok' | 'unknown' | 'refused'): number => bins.reduce((sum, bin) => sum + bin[of], 0);
  const { ok, unknown, fail } = stale.result.ops;
  expect([total('ok'), total('unknown'), total('refused')]).toEqual([ok, unknown, fail]);
  expect(Math.min(ok, unknown, fail)).toBeGreaterThan(0);
});

test('an answer is counted when it came, not when it was asked', () => {
  const late = timed([
    { id: 0, callMs: 0, tookMs: 900 },
    { id: 2, callMs: 999, tookMs: 1 },
  ]);
  const bins = countOutcomes(axisOf(late), barsOf(late));
  expect(bins.flatMap(({ ok }, bin) => (ok > 0 ? [bin] : []))).toEqual([108, 119]);
});

test('the latencies are nearest-rank percentiles of reads and of writes', () => {
  const history = timed(Array.from({ length: 201 }, (_, nth) => ({ id: 2 * nth, callMs: nth * 5, tookMs: nth + 1 })));
  const panel = textOf(latencyPanel(axisOf(history), barsOf(history))!.text);
  expect(panel).toContain('reads: half within 101 ms, 99 % within 199 ms');
  expect(panel).not.toContain('writes');
});

test('where answers never came the latency picture says so', () => {
  const drawn = (history: History): string => latencyPanel(axisOf(history), barsOf(history))!.text;
  expect(drawn(stale.history)).toContain('marks where an answer never came');
  const answered = stale.history.operations.filter(({ outcome }) => outcome.kind === 'ok');
  expect(drawn({ ...stale.history, operations: answered })).not.toContain('never came');
});

test('the staleness picture counts the stale reads of the checker, and its columns add up to them', () => {
  const page = renderReport(stale);
  const found = stale.result.anomalies.length;
  expect(found).toBeGreaterThan(10);
  expect(textOf(page)).toContain(`How old were the ${found} stale reads?`);
  const sums = ['by age', 'by versions'].map((name) =>
    [...new RegExp(`aria-label="Stale reads ${name}[^:]*: ([^"]*)"`).exec(page)![1]!.matchAll(/: (\d+)/g)].reduce(
      (sum, [, number]) => sum + Number(number),
      0,
    ),
  );
  expect(sums).toEqual([found, found]);
});

test('a run without stale reads says how many reads were up to date', () => {
  const quiet = quietRun();
  const page = renderReport(quiet);
  expect(textOf(page)).toContain(`Each of ${quiet.result.ops.reads} reads was up to date`);
  expect(page).not.toContain('stale read?');
});

test('every picture of the whole run has the fault bands at the same place', () => {
  const pictures = [...renderReport(stale).matchAll(/<svg\s+viewBox="0 0 1272 [\d.]+"[\s\S]*?<\/svg>/g)].map(
    ([svg]) => svg,
  );
  expect(pictures).toHaveLength(4);
  const places = pictures.map((svg) =>
    [...svg.matchAll(/class="wash"\s+x="([\d.]+)"\s+y="\d+"\s+width="([\d.]+)"/g)].map(([, x, width]) => [x, width]),
  );
  expect(places[0]).toHaveLength(2);
  expect(new Set(places.map((one) => JSON.stringify(one))).size).toBe(1);
  const [from, width] = places[0]![1]!.map(Number);
  expect([from, from! + width!]).toEqual([wholeX(axis, CUT_NS), expect.closeTo(wholeX(axis, HEAL_NS), 5)]);
});

test('a history without a clock has no latencies, no milliseconds and no rate', () => {
  const untimed: History = { ...stale.history, untimed: true };
  const ages = agesOf(untimed, register)!;
  const clockless = axisOf(untimed);
  expect(latencyPanel(clockless, bars)).toBeNull();
  const staleness = textOf(stalenessPanel({ axis: clockless, ages, culprit: null }).text);
  expect(staleness).toMatch(/half missed \d+ newer values? or more/);
  expect(staleness).not.toMatch(/\bms\b|MILLISECONDS/);
  expect(textOf(overview({ axis: clockless, bars, scenes: [] }).text)).toMatch(/in the order of their events.*events/);
});

function axisOf(history: History): ReturnType<typeof wholeAxis> {
  return wholeAxis({ bars: barsOf(history), faults: [], badNs: [], isTimed: history.untimed !== true });
}

/** Reads that took so long. */
function timed(reads: readonly { readonly id: number; readonly callMs: number; readonly tookMs: number }[]): History {
  const failed: readonly FailedOperation[] = [];
  const operations = reads.map(({ id, callMs, tookMs }) =>
    operation({
      id,
      process: id,
      f: 'read',
      value: null,
      output: null,
      callNs: callMs * 1e6,
      returnNs: (callMs + tookMs) * 1e6,
      node: 'n1',
    }),
  );
  return { operations, failed, warnings: [] };
}

function textOf(markup: string): string {
  return markup.replace(/<[^>]*>/g, '').replace(/\s+/g, ' ');
}
