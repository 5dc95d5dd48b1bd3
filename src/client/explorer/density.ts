/**
 * Too many operations to see one: each lane as a strip of pixels, the stronger the more operations began there. The colour says
 * what they were; wrong ones and those without an answer always show through.
 */
import { CHANGE, MISMATCH, UNKNOWN } from '../../report/explorer/run-columns.ts';
import { channels } from './palette.ts';
import { placesWithin } from './layout.ts';
import type { Stage } from './scenery.ts';

const LEAST_ALPHA = 70;

/** Pixels of the strips, one row a lane: as many as are wanted, kept from one frame to the next. */
interface Strips {
  readonly canvas: HTMLCanvasElement;
  readonly all: Uint32Array;
  readonly changes: Uint32Array;
  readonly flags: Uint8Array;
}

let kept: Strips | null = null;

export function paintDensity(stage: Stage): void {
  const { context, geometry, layout } = stage;
  const width = Math.max(1, Math.floor(geometry.width - geometry.left));
  const strips = stripsOf(width, layout.lanes.length);
  count(stage, strips, width);
  colour(stage, strips);
  context.imageSmoothingEnabled = false;
  const height = Math.max(2, Math.round(geometry.pitch * 0.66));
  for (let lane = 0; lane < layout.lanes.length; lane++) {
    const y = Math.round(geometry.top + (lane + 0.5) * geometry.pitch - height / 2);
    context.drawImage(strips.canvas, 0, lane, width, 1, geometry.left, y, width, height);
  }
}

function stripsOf(width: number, height: number): Strips {
  if (kept?.canvas.width !== width || kept.canvas.height !== height) {
    const canvas = Object.assign(document.createElement('canvas'), { width, height });
    const cells = width * height;
    kept = { canvas, all: new Uint32Array(cells), changes: new Uint32Array(cells), flags: new Uint8Array(cells) };
  }
  for (const cells of [kept.all, kept.changes, kept.flags]) cells.fill(0);
  return kept;
}

const IS_BAD = 1;
const IS_LOST = 2;

function count({ run, layout, window }: Stage, { all, changes, flags }: Strips, width: number): void {
  const { start, lanes } = layout;
  const { kind, isBad } = run;
  const perPosition = width / window.span;
  lanes.forEach((lane, at) => {
    const [first, end] = placesWithin(lane, start, window.from, window.to);
    for (let place = first; place < end; place++) {
      const row = lane.rows[place]!;
      const x = Math.max(0, Math.min(width - 1, ((start[row]! - window.from) * perPosition) | 0));
      const cell = at * width + x;
      all[cell]!++;
      if (kind[row] === CHANGE || kind[row] === MISMATCH) changes[cell]!++;
      if (isBad[row] === 1) flags[cell]! |= IS_BAD;
      else if (kind[row] === UNKNOWN) flags[cell]! |= IS_LOST;
    }
  });
}

function colour({ palette }: Stage, { canvas, all, changes, flags }: Strips): void {
  const context = canvas.getContext('2d')!;
  const image = context.createImageData(canvas.width, canvas.height);
  const [read, write, bad, lost] = [palette.read, palette.writefill, palette.badfill, palette.warn].map(channels);
  const most = all.reduce((high, number) => Math.max(high, number), 1);
  for (let cell = 0; cell < all.length; cell++) {
    if (all[cell] === 0) continue;
    const share = changes[cell]! / all[cell]!;
    const fixed = flags[cell]! & IS_BAD ? bad! : flags[cell]! & IS_LOST ? lost! : null;
    for (let channel = 0; channel < 3; channel++)
      image.data[cell * 4 + channel] = fixed?.[channel] ?? share * write![channel]! + (1 - share) * read![channel]!;
    image.data[cell * 4 + 3] = fixed === null ? LEAST_ALPHA + (255 - LEAST_ALPHA) * Math.sqrt(all[cell]! / most) : 255;
  }
  context.putImageData(image, 0, 0);
}
