/** Operations one by one, in the timeline's shapes: what is solid, hollow, dashed or crossed there is so here. */
import { barLabel } from '../../report/bar-words.ts';
import { barAt, CHANGE, MISMATCH, READ, REFUSED, UNKNOWN } from '../../report/explorer/run-columns.ts';
import { xOf } from './geometry.ts';
import { placesWithin } from './layout.ts';
import type { Stage } from './scenery.ts';

/** Above this the lanes turn to density. */
export const MOST_BARS = 3000;
/** A bar is no narrower than can be pointed at. */
const LEAST_WIDTH = 3;
/** Wide enough for its cross. */
const CROSS_WIDTH = 8;
/** Labels are the dearest thing on the canvas, and more of them nobody reads. */
const MOST_LABELS = 160;
const CHARACTER_PX = 6.7;

/** The bars of a frame as columns, kept from one to the next. */
const shown = {
  count: 0,
  row: new Int32Array(MOST_BARS),
  x: new Float32Array(MOST_BARS),
  y: new Float32Array(MOST_BARS),
  width: new Float32Array(MOST_BARS),
  /** Up to the next bar of the lane. */
  room: new Float32Array(MOST_BARS),
};

/** Operations of the lanes between the window's ends, or a few more. */
export function countWithin({ layout, window }: Pick<Stage, 'layout' | 'window'>): number {
  return layout.lanes.reduce((sum, lane) => {
    const [first, end] = placesWithin(lane, layout.start, window.from, window.to);
    return sum + end - first;
  }, 0);
}

/** Draws them, and says which: a view that lasts until the next frame. */
export function paintBars(stage: Stage, selected: number): Int32Array {
  const { context, geometry } = stage;
  context.save();
  context.beginPath();
  context.rect(geometry.left, 0, geometry.width, geometry.height);
  context.clip();
  place(stage);
  paintSolid(stage);
  paintOutlines(stage);
  paintLabels(stage);
  if (selected >= 0) ring(stage, selected);
  context.restore();
  return shown.row.subarray(0, shown.count);
}

function place({ layout, geometry, window }: Stage): void {
  const { start, end, lanes } = layout;
  shown.count = 0;
  lanes.forEach((lane, at) => {
    const [first, last] = placesWithin(lane, start, window.from, window.to);
    for (let place = first; place < last && shown.count < MOST_BARS; place++) {
      const row = lane.rows[place]!;
      if (end[row]! < window.from) continue;
      const i = shown.count++;
      const x = xOf(geometry, window, start[row]!);
      const next = lane.rows[place + 1];
      shown.row[i] = row;
      shown.x[i] = x;
      shown.y[i] = geometry.top + (at + 0.5) * geometry.pitch;
      shown.width[i] = Math.max(LEAST_WIDTH, xOf(geometry, window, end[row]!) - x);
      shown.room[i] = (next === undefined ? geometry.width : xOf(geometry, window, start[next]!)) - x;
    }
  });
}

function barHeight({ geometry }: Stage): number {
  return Math.max(3, Math.min(16, geometry.pitch * 0.62));
}

/** Changes in blue and whatever is wrong in orange, with its cross. */
function paintSolid(stage: Stage): void {
  const { context, run, palette } = stage;
  const height = barHeight(stage);
  for (const bad of [0, 1]) {
    context.fillStyle = bad === 1 ? palette.badfill : palette.writefill;
    for (let i = 0; i < shown.count; i++) {
      const row = shown.row[i]!;
      if (run.isBad[row] !== bad || (bad === 0 && run.kind[row] !== CHANGE)) continue;
      // A hair between two that follow one another.
      const width = shown.width[i]! - (shown.width[i]! > LEAST_WIDTH + 1 ? 1 : 0);
      context.fillRect(shown.x[i]!, shown.y[i]! - height / 2, width, height);
    }
  }
  context.strokeStyle = palette.panel;
  context.lineWidth = 1.6;
  context.beginPath();
  for (let i = 0; i < shown.count; i++) {
    if (run.isBad[shown.row[i]!] !== 1 || shown.width[i]! < CROSS_WIDTH) continue;
    const [x, y] = [shown.x[i]! + shown.width[i]! / 2, shown.y[i]!];
    context.moveTo(x - 3, y - 3);
    context.lineTo(x + 3, y + 3);
    context.moveTo(x + 3, y - 3);
    context.lineTo(x - 3, y + 3);
  }
  context.stroke();
}

function paintOutlines(stage: Stage): void {
  const { palette } = stage;
  outline(stage, READ, { colour: palette.read, dash: [], share: 1 });
  outline(stage, MISMATCH, { colour: palette.read, dash: [1.5, 1.5], share: 0.5 });
  outline(stage, UNKNOWN, { colour: palette.warn, dash: [4, 2], share: 1 });
  outline(stage, REFUSED, { colour: palette.ink3, dash: [2.5, 2], share: 1 });
}

function outline(
  stage: Stage,
  kind: number,
  { colour, dash, share }: { readonly colour: string; readonly dash: number[]; readonly share: number },
): void {
  const { context, run, palette } = stage;
  const height = barHeight(stage) * share;
  context.strokeStyle = colour;
  context.fillStyle = palette.panel;
  context.lineWidth = 1.2;
  context.setLineDash(dash);
  for (let i = 0; i < shown.count; i++) {
    const row = shown.row[i]!;
    if (run.kind[row] !== kind || run.isBad[row] === 1) continue;
    const [x, y, width] = [shown.x[i]! + 0.6, shown.y[i]! - height / 2, Math.max(1.8, shown.width[i]! - 1.2)];
    context.fillRect(x, y, width, height);
    context.strokeRect(x, y, width, height);
  }
  context.setLineDash([]);
}

/** Inside the bar where it is wide enough, else between it and the next one. */
function paintLabels(stage: Stage): void {
  const { context, geometry, run, palette } = stage;
  if (geometry.pitch < 13) return;
  context.font = `11px ${palette.mono}`;
  context.textAlign = 'left';
  let left = MOST_LABELS;
  for (let i = 0; i < shown.count && left > 0; i++) {
    if (shown.room[i]! < 5 * CHARACTER_PX) continue;
    const row = shown.row[i]!;
    const label = barLabel(barAt(run, row));
    const needed = label.length * CHARACTER_PX + 8;
    // What began before the window has its label where it can be read.
    const from = Math.max(shown.x[i]!, geometry.left);
    const end = shown.x[i]! + shown.width[i]!;
    const isInside = needed < end - from && run.isBad[row] !== 1;
    if (!isInside && needed > shown.x[i]! + shown.room[i]! - end) continue;
    const isSolid = isInside && run.kind[row] === CHANGE;
    context.fillStyle = isSolid ? palette.panel : run.isBad[row] === 1 ? palette.bad : palette.ink2;
    context.fillText(label, (isInside ? from : end) + 4, shown.y[i]! + 4);
    left--;
  }
}

function ring(stage: Stage, selected: number): void {
  const { context, palette } = stage;
  const i = shown.row.subarray(0, shown.count).indexOf(selected);
  if (i < 0) return;
  const height = barHeight(stage) + 4;
  context.strokeStyle = palette.focus;
  context.lineWidth = 2.5;
  context.strokeRect(shown.x[i]! - 2, shown.y[i]! - height / 2, shown.width[i]! + 4, height);
}
