/** The whole run in a strip: what came of the operations, fault bands, a tick for each anomaly, the frame of each window above. */
import { html, type Markup } from '../escape.ts';
import { count, plural } from '../format.ts';
import { round } from '../scale.ts';
import type { Bar, Scene } from '../scene.ts';
import {
  binOf,
  BINS,
  sayLength,
  WHOLE_WIDTH,
  type WholeAxis,
  wholeBands,
  wholeMarks,
  wholePictures,
  wholeTicks,
  wholeX,
} from './axis.ts';

const STRIP_TOP = 6;
const STRIP_BOTTOM = 46;

export interface OverviewInput {
  readonly axis: WholeAxis;
  readonly bars: readonly Bar[];
  readonly scenes: readonly Scene[];
}

export function overview({ axis, bars, scenes }: OverviewInput): Markup {
  const bins = countOutcomes(axis, bars);
  const sizes = bins.map(({ ok, unknown, refused }) => ok + unknown + refused);
  const most = sizes.reduce((high, size) => Math.max(high, size), 1);
  return html`<div class="whole">
    <div class="tlhead">
      <h3>The whole run</h3>
      <p class="sm">${caption(axis, bins)}</p>
    </div>
    ${wholePictures(
      'The whole run',
      html`<svg
        viewBox="0 0 ${WHOLE_WIDTH} 64"
        role="img"
        aria-label="Whole run, ${sayLength(axis)}: ${axis.isTimed ? 'operations per second' : 'operations in order'}, ${plural(axis.faults.length, 'fault')}, ${plural(axis.badNs.length, 'wrong answer')}."
        data-end-ns="${axis.endNs}"
      >
        ${wholeBands(axis, { top: 4, bottom: STRIP_BOTTOM })}${OUTCOMES.map(
          (outcome, nth) =>
            html`<path
              class="${CLASSES[outcome]}"
              d="${columns(bins, { most, below: OUTCOMES.slice(0, nth), outcome })}"
            />`,
        )}${wholeTicks(axis, STRIP_TOP)}${scenes.map((scene) => frame(axis, scene))}${wholeMarks(axis, 60)}
      </svg>`,
    )}
  </div>`;
}

/** From the bottom up. */
const OUTCOMES = ['ok', 'unknown', 'refused'] as const;
type Outcomes = Readonly<Record<(typeof OUTCOMES)[number], number>>;
const CLASSES: Readonly<Record<keyof Outcomes, string>> = { ok: 'density', unknown: 'lost', refused: 'nay' };

/** By bin: answered and refused ones when that was, those without an answer when they were asked. */
export function countOutcomes(axis: WholeAxis, bars: readonly Bar[]): readonly Outcomes[] {
  const bins = Array.from({ length: BINS }, () => ({ ok: 0, unknown: 0, refused: 0 }));
  for (const { kind, fromNs, toNs } of bars) {
    const outcome = kind === 'unknown' || kind === 'refused' ? kind : 'ok';
    bins[binOf(axis, outcome === 'unknown' ? fromNs : toNs)]![outcome]++;
  }
  return bins;
}

function columns(
  bins: readonly Outcomes[],
  {
    most,
    below,
    outcome,
  }: { readonly most: number; readonly below: readonly (keyof Outcomes)[]; readonly outcome: keyof Outcomes },
): string {
  const heightOf = (number: number): number => ((STRIP_BOTTOM - STRIP_TOP) * number) / most;
  const width = round(WHOLE_WIDTH / BINS - 1.5);
  return bins
    .map((bin, nth) => {
      if (bin[outcome] === 0) return '';
      // A single lost answer among thousands of good ones is seen all the same.
      const height = round(Math.max(outcome === 'ok' ? 0.4 : 1.5, heightOf(bin[outcome])));
      const foot = round(STRIP_BOTTOM - heightOf(below.reduce((sum, it) => sum + bin[it], 0)));
      return `M${round((nth * WHOLE_WIDTH) / BINS)} ${foot}v-${height}h${width}v${height}z`;
    })
    .join('');
}

function caption(axis: WholeAxis, bins: readonly Outcomes[]): Markup {
  const total = (outcome: keyof Outcomes): number => bins.reduce((sum, bin) => sum + bin[outcome], 0);
  const peak = bins.reduce((high, { ok }) => Math.max(high, ok), 0) / (axis.endNs / BINS / 1e9);
  const [unknown, refused] = [total('unknown'), total('refused')];
  return html`${axis.isTimed ? html`acknowledged per second, at most ${count(Math.round(peak))}` : 'operations in the order of their events'}${unknown === 0 ? null : html` · ${swatch('lost')}${count(unknown)} without an answer`}${refused === 0 ? null : html` · ${swatch('nay')}${count(refused)} refused`}${axis.badNs.length === 0 ? null : html` · ${swatch('badtick')}${count(axis.badNs.length)} wrong`}.
  The frame is the window above.`;
}

function swatch(name: string): Markup {
  return html`<svg class="dot" viewBox="0 0 10 10" aria-hidden="true">
    <rect class="${name}" width="10" height="10" />
  </svg>`;
}

function frame(axis: WholeAxis, { slug, key, fromNs, toNs }: Scene): Markup {
  const x = wholeX(axis, fromNs);
  const width = Math.max(4, round(wholeX(axis, toNs) - x));
  return html`<rect
    class="frame for-${slug}"
    data-from-ns="${fromNs}"
    data-to-ns="${toNs}"
    data-key="${key ?? null}"
    x="${x}"
    y="2"
    width="${width}"
    height="${STRIP_BOTTOM}"
    rx="3"
  />`;
}
