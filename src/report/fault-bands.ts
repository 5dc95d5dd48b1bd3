/** The bands above the client lanes: from each fault's injection to its heal. */
import { html, type Markup } from './escape.ts';
import type { FaultSpan } from './fault-spans.ts';
import { instant } from './format.ts';
import { round, type Scale, textWidth } from './scale.ts';

/** Faults that overlap in time get rows of their own. */
export function bandRows(faults: readonly FaultSpan[]): readonly (readonly FaultSpan[])[] {
  const rows: FaultSpan[][] = [];
  for (const fault of faults) {
    const row = rows.find((one) => one.at(-1)!.toNs <= fault.fromNs);
    if (row === undefined) rows.push([fault]);
    else row.push(fault);
  }
  return rows;
}

export function faultBands(rows: readonly (readonly FaultSpan[])[], scale: Scale, height: number): Markup {
  return html`${rows.map((row, at) => row.map((fault) => faultBand(fault, scale, { y: 26 + at * 26, height })))}`;
}

function faultBand(
  fault: FaultSpan,
  scale: Scale,
  { y, height }: { readonly y: number; readonly height: number },
): Markup {
  const x = scale.x(fault.fromNs);
  const width = Math.max(2, round(scale.x(fault.toNs) - x));
  const edges = [fault.fromNs, fault.toNs].filter((at) => at >= scale.fromNs && at <= scale.toNs).map(scale.x);
  const lines = edges.map((edge) => html`<path class="edge" d="M${edge} ${y + 22}V${round(height - 4)}" />`);
  const room = Math.floor((width - 24) / 6.4);
  const text = fault.about.length <= room ? fault.about : room > 10 ? `${fault.about.slice(0, room - 1)}…` : '';
  const plate =
    text === ''
      ? null
      : html`<rect
            class="plate"
            x="${x + 8}"
            y="${y + 3}"
            width="${round(Math.min(textWidth(text) * 0.97 + 12, width - 10))}"
            height="16"
            rx="3"
          /><text x="${x + 14}" y="${y + 15.2}">${text}</text>`;
  const ended = Number.isFinite(fault.toNs) ? instant(fault.toNs) : 'the end';
  return html`<g class="fault" data-fault="${fault.id}"
    ><title>
      ${fault.about} · ${instant(fault.fromNs)} – ${ended} ·
      ${fault.effective === true ? 'seen to hold' : fault.effective === false ? 'not effective' : 'no heal recorded'}</title
    ><rect class="band" x="${x}" y="${y}" width="${width}" height="22" rx="5" /><rect
      class="hatch"
      x="${x}"
      y="${y}"
      width="${width}"
      height="22"
      rx="5"
    />${plate}${lines}</g
  >`;
}
