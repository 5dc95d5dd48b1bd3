/**
 * The one axis that all pictures of the whole run share: the same width, the same place for the same instant, the same bins,
 * fault bands and anomaly ticks, so that what happened together stands one above the other. A history without a clock has the
 * positions of its events in place of instants.
 */
import type { Nanos } from '../../../checker/index.ts';
import { html, type Markup } from '../escape.ts';
import type { FaultSpan } from '../fault-spans.ts';
import { count } from '../format.ts';
import { round } from '../scale.ts';
import type { Bar } from '../scene.ts';

export const WHOLE_WIDTH = 1272;
/** Bins of the run's length. */
export const BINS = 120;

export interface WholeAxis {
  readonly endNs: Nanos;
  /** False for a history without a clock. */
  readonly isTimed: boolean;
  readonly faults: readonly FaultSpan[];
  /** Invocations of the operations that are wrong. */
  readonly badNs: readonly Nanos[];
}

/** From the start to the last thing that happened. */
export function wholeAxis({ bars, ...rest }: Omit<WholeAxis, 'endNs'> & { readonly bars: readonly Bar[] }): WholeAxis {
  const endNs = bars.reduce(
    (latest, { fromNs, toNs }) => Math.max(latest, fromNs, Number.isFinite(toNs) ? toNs : 0),
    1,
  );
  return { endNs, ...rest };
}

/** x of an instant, to a tenth. */
export function wholeX({ endNs }: WholeAxis, timeNs: Nanos): number {
  return round((Math.min(timeNs, endNs) / endNs) * WHOLE_WIDTH);
}

/** The bin of an instant. */
export function binOf({ endNs }: WholeAxis, timeNs: Nanos): number {
  return Math.min(BINS - 1, Math.floor((timeNs / endNs) * BINS));
}

/** The middle of a bin. */
export function binX(bin: number): number {
  return round(((bin + 0.5) * WHOLE_WIDTH) / BINS);
}

/** Pictures of the whole run one below the other; on a narrow screen they scroll sideways together. */
export function wholePictures(name: string, pictures: Markup): Markup {
  return html`<div class="wide" tabindex="0" role="region" aria-label="${name}, scrolls sideways">${pictures}</div>`;
}

/** Bands of the faults between two heights. */
export function wholeBands(
  axis: WholeAxis,
  { top, bottom }: { readonly top: number; readonly bottom: number },
): Markup {
  return html`${axis.faults.map((fault) => {
    const from = wholeX(axis, fault.fromNs);
    const width = Math.max(1.5, round(wholeX(axis, fault.toNs) - from));
    const box = html`x="${from}" y="${top}" width="${width}" height="${bottom - top}"`;
    return html`<g class="fault"
      ><title>${fault.about}</title><rect class="wash" ${box} /><rect class="hatch" ${box}
    /></g>`;
  })}`;
}

/** Ticks down from a height, where operations were wrong. Those that touch are one: thousands must not make the page heavy. */
export function wholeTicks(axis: WholeAxis, top: number, height = 10): Markup | null {
  const ticks = runs(axis.badNs.map((at) => Math.round(wholeX(axis, at)))).map(
    ([from, to]) => `M${from} ${top}h${to - from + 1.6}v${height}H${from}z`,
  );
  return ticks.length === 0 ? null : html`<path class="badtick" d="${ticks.join('')}" />`;
}

/** Pixels that touch, as [first, last]. */
export function runs(pixels: readonly number[]): readonly (readonly [from: number, to: number])[] {
  const merged: [from: number, to: number][] = [];
  for (const pixel of [...new Set(pixels)].toSorted((left, right) => left - right)) {
    const last = merged.at(-1);
    if (last !== undefined && pixel <= last[1] + 1) last[1] = pixel;
    else merged.push([pixel, pixel]);
  }
  return merged;
}

/** `0 s`, `30 s` at the ends of the axis, and the kind of each fault under its band where there is room. */
export function wholeMarks(axis: WholeAxis, y: number): Markup {
  const end = sayLength(axis);
  let taken = 44;
  const names = axis.faults.map((fault) => {
    const middle = (wholeX(axis, fault.fromNs) + wholeX(axis, fault.toNs)) / 2;
    const half = (fault.kind.length * 6.6) / 2;
    if (middle - half < taken || middle + half > WHOLE_WIDTH - end.length * 7 - 14) return null;
    taken = middle + half + 8;
    return html`<text class="fl" x="${round(middle)}" y="${y}" text-anchor="middle">${fault.kind}</text>`;
  });
  return html`${names}<text class="m dim" x="0" y="${y}">${axis.isTimed ? '0 s' : 'start'}</text
    ><text class="m dim" x="${WHOLE_WIDTH}" y="${y}" text-anchor="end">${end}</text>`;
}

/** `30 s`, or `1,200 events` where there is no clock. */
export function sayLength({ endNs, isTimed }: WholeAxis): string {
  if (!isTimed) return `${count(endNs)} events`;
  const seconds = endNs / 1e9;
  return seconds >= 1 ? `${round(seconds)} s` : `${Number((seconds * 1000).toPrecision(3))} ms`;
}
