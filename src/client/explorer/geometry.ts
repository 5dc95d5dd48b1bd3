/** Where lanes lie on the canvas, and which pixel a position has. All in CSS pixels. */
import type { Layout } from './layout.ts';
import type { Window } from './window.ts';

export interface Geometry {
  readonly width: number;
  readonly height: number;
  /** Left edge of the plotted area; lanes' names stand left of it. */
  readonly left: number;
  readonly top: number;
  /** From one lane to the next. */
  readonly pitch: number;
}

const LEFT = 74;
const NARROW_LEFT = 26;
/** The axis and the row of faults. */
const TOP = 42;
const MOST_HEIGHT = 420;

export function geometryOf({ lanes }: Layout, width: number): Geometry {
  const pitch = Math.max(4, Math.min(24, Math.floor((MOST_HEIGHT - TOP) / Math.max(1, lanes.length))));
  return { width, height: TOP + lanes.length * pitch + 6, left: width < 560 ? NARROW_LEFT : LEFT, top: TOP, pitch };
}

export function xOf({ left, width }: Geometry, { from, span }: Window, position: number): number {
  return left + ((position - from) / span) * (width - left);
}

export function positionAt({ left, width }: Geometry, { from, span }: Window, x: number): number {
  return from + ((x - left) / (width - left)) * span;
}
