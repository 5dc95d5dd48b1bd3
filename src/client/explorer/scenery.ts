/** What lies behind the operations: the axis, bands of faults, a line and a name for each lane. */
import type { RunColumns } from '../../report/explorer/run-columns.ts';
import { axisMarks } from '../../report/scale.ts';
import { type Geometry, xOf } from './geometry.ts';
import type { Layout } from './layout.ts';
import type { Palette } from './palette.ts';
import type { Window } from './window.ts';

export interface Stage {
  readonly context: CanvasRenderingContext2D;
  readonly run: RunColumns;
  readonly layout: Layout;
  readonly geometry: Geometry;
  readonly window: Window;
  readonly palette: Palette;
}

export function paintScenery(stage: Stage): void {
  const { context, geometry, palette } = stage;
  context.fillStyle = palette.panel;
  context.fillRect(0, 0, geometry.width, geometry.height);
  paintFaults(stage);
  paintAxis(stage);
  paintLanes(stage);
}

function paintFaults({ context, run, layout, geometry, window, palette }: Stage): void {
  context.font = `650 11px ${palette.sans}`;
  context.textAlign = 'left';
  let taken = geometry.left;
  for (const { kind, fromNs, toNs } of run.meta.faults) {
    const [from, to] = [layout.positionOf(fromNs), toNs === null ? layout.length : layout.positionOf(toNs)];
    if (to < window.from || from > window.to) continue;
    const x = Math.max(geometry.left, xOf(geometry, window, from));
    const width = Math.max(2, Math.min(geometry.width, xOf(geometry, window, to)) - x);
    context.fillStyle = palette.faultsoft;
    context.fillRect(x, 20, width, geometry.height);
    context.strokeStyle = palette.fault;
    context.strokeRect(x + 0.5, 20.5, Math.max(1, width - 1), 16);
    context.fillStyle = palette.fault;
    if (x >= taken && width > kind.length * 7 + 8) context.fillText(kind, x + 5, 32);
    taken = Math.max(taken, x + width);
  }
}

function paintAxis({ context, run, layout, geometry, window, palette }: Stage): void {
  const isTime = run.meta.isTimed && !layout.isOrdered;
  const { from: fromNs, to: toNs } = window;
  context.font = `11px ${palette.mono}`;
  context.textAlign = 'center';
  for (const { atNs, label } of axisMarks({ fromNs, toNs, x: (position) => position })) {
    const x = Math.round(xOf(geometry, window, atNs)) + 0.5;
    context.fillStyle = palette.line;
    context.fillRect(x - 0.5, 18, 1, geometry.height);
    context.fillStyle = palette.ink3;
    // The last one would be cut at the edge.
    if (x < geometry.width - 34 && x > geometry.left + 20)
      context.fillText(isTime ? label : `event ${Math.round(atNs)}`, x, 13);
  }
}

function paintLanes({ context, layout, geometry, palette }: Stage): void {
  const { pitch, top, left } = geometry;
  context.font = `550 ${Math.min(12, pitch)}px ${palette.sans}`;
  context.textAlign = 'left';
  const every = Math.ceil(12 / pitch);
  layout.lanes.forEach(({ client }, at) => {
    const y = top + (at + 0.5) * pitch;
    context.fillStyle = palette.line;
    context.fillRect(left, Math.round(y), geometry.width, 1);
    context.fillStyle = palette.ink;
    if (at % every === 0)
      context.fillText(left > 40 ? `client ${client}` : String(client), 2, y + Math.min(4, pitch / 2));
  });
}
