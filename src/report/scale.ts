/** From nanoseconds to the x of the timeline, and the marks of its axis. */
import type { Nanos } from '../../checker/index.ts';
import { axisLabel } from './format.ts';

/** Left and right edge of the plotted area; the names of the lanes stand left of it, the gutter right of it. */
export const LEFT = 112;
export const RIGHT = 1098;
export const GUTTER = 1116;
export const WIDTH = 1312;

export interface Scale {
  readonly fromNs: Nanos;
  readonly toNs: Nanos;
  /** x of an instant, to a tenth, held inside the plotted area. */
  readonly x: (timeNs: Nanos) => number;
}

export function scaleOf({ fromNs, toNs }: { readonly fromNs: Nanos; readonly toNs: Nanos }): Scale {
  const perNs = (RIGHT - LEFT) / (toNs - fromNs);
  const x = (timeNs: Nanos): number => round(LEFT + (Math.min(toNs, Math.max(fromNs, timeNs)) - fromNs) * perNs);
  return { fromNs, toNs, x };
}

export function round(value: number): number {
  return Math.round(value * 10) / 10;
}

/** Round instants inside the window, five to ten of them, with as many decimals as tell them apart. */
export function axisMarks({ fromNs, toNs }: Scale): readonly { readonly atNs: Nanos; readonly label: string }[] {
  const roughNs = (toNs - fromNs) / 8;
  const power = 10 ** Math.floor(Math.log10(roughNs));
  const stepNs = [1, 2, 2.5, 5, 10].map((factor) => factor * power).find((step) => step >= roughNs)!;
  const decimals = Math.max(0, Math.ceil(9 - Math.log10(stepNs) + (stepNs / power === 2.5 ? 1 : 0)));
  const first = Math.ceil(fromNs / stepNs);
  const last = Math.floor(toNs / stepNs);
  return Array.from({ length: last - first + 1 }, (_, at) => {
    const atNs = (first + at) * stepNs;
    return { atNs, label: axisLabel(atNs, decimals) };
  });
}

/** Width of a text of the lanes, in px: a safe estimate, since a page without scripts cannot measure. */
export function textWidth(text: string): number {
  return text.length * 6.7;
}
