/** The whole run in a strip: acknowledged operations per second, fault bands, a tick for each anomaly, the frame of the window above. */
import type { Nanos } from '../../checker/index.ts';
import { html, type Markup } from './escape.ts';
import type { FaultSpan } from './fault-spans.ts';
import { count, plural } from './format.ts';
import { round } from './scale.ts';
import type { Bar, Scene } from './scene.ts';

const STRIP_WIDTH = 1272;
const STRIP_TOP = 6;
const STRIP_BOTTOM = 38;
const BINS = 120;

export interface OverviewInput {
  readonly bars: readonly Bar[];
  readonly faults: readonly FaultSpan[];
  /** Invocations of the operations that are wrong. */
  readonly badNs: readonly Nanos[];
  readonly scene: Scene;
}

export function overview({ bars, faults, badNs, scene }: OverviewInput): Markup {
  const endNs = bars.reduce(
    (latest, { fromNs, toNs }) => Math.max(latest, fromNs, Number.isFinite(toNs) ? toNs : 0),
    1,
  );
  const x = (timeNs: Nanos): number => round((Math.min(timeNs, endNs) / endNs) * STRIP_WIDTH);
  const perBin = throughput(bars, endNs);
  const most = perBin.reduce((high, one) => Math.max(high, one), 1);
  const peak = most / (endNs / BINS / 1e9);
  const columns = perBin.map((done, bin) => {
    const height = round(((STRIP_BOTTOM - STRIP_TOP) * done) / most);
    return height === 0
      ? ''
      : `M${round((bin * STRIP_WIDTH) / BINS)} ${STRIP_BOTTOM}v-${height}h${round(STRIP_WIDTH / BINS - 1.5)}v${height}z`;
  });
  const ticks = runs(badNs.map((at) => Math.round(x(at)))).map(
    ([from, to]) => `M${from} ${STRIP_TOP}h${to - from + 1.6}v10H${from}z`,
  );
  const frame = { x: x(scene.fromNs), width: Math.max(4, round(x(scene.toNs) - x(scene.fromNs))) };
  return html`<div class="whole">
    <div class="tlhead">
      <h3>The whole run</h3>
      <p class="sm">
        acknowledged operations per second, at most
        ${count(Math.round(peak))}${badNs.length > 0 ? html`; orange where answers were wrong, ${count(badNs.length)} of them` : null}.
        The frame is the window above.
      </p>
    </div>
    <svg
      viewBox="0 0 ${STRIP_WIDTH} 58"
      role="img"
      aria-label="Whole run, ${round(endNs / 1e9)} seconds: operations per second, ${plural(faults.length, 'fault')}, ${plural(badNs.length, 'wrong answer')}."
    >
      <path class="density" d="${columns.join('')}" />
      ${faults.map((fault) => strip(fault, x))}${bandLabels(faults, x)}${ticks.length > 0 ? html`<path class="badtick" d="${ticks.join('')}" />` : null}
      <rect class="frame" x="${frame.x}" y="2" width="${frame.width}" height="${STRIP_BOTTOM}" rx="3" />
      <text class="m dim" x="0" y="53">0 s</text>
      <text class="m dim" x="${STRIP_WIDTH}" y="53" text-anchor="end">${round(endNs / 1e9)} s</text>
    </svg>
  </div>`;
}

/** Pixels that touch, as [first, last]: thousands of ticks must not make the page heavy. */
function runs(pixels: readonly number[]): readonly (readonly [from: number, to: number])[] {
  const merged: [from: number, to: number][] = [];
  for (const pixel of [...new Set(pixels)].toSorted((left, right) => left - right)) {
    const last = merged.at(-1);
    if (last !== undefined && pixel <= last[1] + 1) last[1] = pixel;
    else merged.push([pixel, pixel]);
  }
  return merged;
}

function throughput(bars: readonly Bar[], endNs: Nanos): readonly number[] {
  const bins = Array.from({ length: BINS }, () => 0);
  for (const { operation } of bars) {
    if (operation?.outcome.kind !== 'ok') continue;
    const bin = Math.min(BINS - 1, Math.floor((operation.outcome.returnNs / endNs) * BINS));
    bins[bin] = bins[bin]! + 1;
  }
  return bins;
}

function strip(fault: FaultSpan, x: (timeNs: Nanos) => number): Markup {
  const from = x(fault.fromNs);
  const width = Math.max(1.5, round(x(fault.toNs) - from));
  const box = html`x="${from}" y="4" width="${width}" height="${STRIP_BOTTOM - 4}"`;
  return html`<g class="fault"
    ><title>${fault.about}</title><rect class="wash" ${box} /><rect class="hatch" ${box}
  /></g>`;
}

/** `partition`, under its band, where there is room. */
function bandLabels(faults: readonly FaultSpan[], x: (timeNs: Nanos) => number): Markup {
  let taken = 34;
  return html`${faults.map((fault) => {
    const middle = (x(fault.fromNs) + x(fault.toNs)) / 2;
    const half = (fault.kind.length * 6.6) / 2;
    if (middle - half < taken || middle + half > STRIP_WIDTH - 48) return null;
    taken = middle + half + 8;
    return html`<text class="fl" x="${round(middle)}" y="53" text-anchor="middle">${fault.kind}</text>`;
  })}`;
}
