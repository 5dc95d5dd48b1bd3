/** The timeline of a scene as static SVG: axis, fault bands, client lanes, "x must be", node lanes, the time line. */
import { html, type Markup } from './escape.ts';
import { bandRows, faultBands } from './fault-bands.ts';
import { spansWithin } from './fault-spans.ts';
import { count, describeCall, instant } from './format.ts';
import { drawLanes, drawOthers, layLanes } from './lanes.ts';
import { legend } from './legend.ts';
import { momentsOf } from './moments.ts';
import { mustBeLane } from './must-lane.ts';
import { NODE_LANE_HEIGHT, nodeLanes } from './node-lanes.ts';
import { axisMarks, GUTTER, LEFT, RIGHT, round, type Scale, scaleOf, textWidth, WIDTH } from './scale.ts';
import type { Scene } from './scene.ts';
import type { TimelineInput } from './timeline-input.ts';

/** The panel with its heading, picture and legend. */
export function timeline(input: TimelineInput): Markup {
  const { scene } = input;
  const name = scene.key === undefined ? 'What happened' : html`What happened to ${scene.key}`;
  return html`<div class="view">
    <div class="tlhead">
      <h2>${name}</h2>
      <p class="sm">${caption(scene)}</p>
      ${controls(scene)}
    </div>
    <div
      class="tlscroll"
      data-at="${round(scaleOf(scene).x(scene.atNs) / WIDTH)}"
      tabindex="0"
      role="region"
      aria-label="Timeline, scrolls sideways"
    >
      ${drawing(input)}
    </div>
    ${legend(input)}
    <template class="moments">${JSON.stringify(momentsOf(input))}</template>
  </div>`;
}

/** Only a script can follow them, so only a script shows them. */
function controls({ key, othersTotal }: Scene): Markup {
  const keys = html`<span class="seg" role="group" aria-label="Which operations">
    <button type="button" data-keys="this" aria-pressed="true">key ${key ?? ''}</button
    ><button type="button" data-keys="all" aria-pressed="false">all keys</button>
  </span>`;
  return html`<span class="controls" hidden
    ><span class="sm"><kbd>←</kbd> <kbd>→</kbd> move the time line</span>${othersTotal === 0 ? null : keys}<span
      class="seg"
      role="group"
      aria-label="What the distance means"
      ><button type="button" data-order="time" aria-pressed="true">true time</button
      ><button type="button" data-order="events" aria-pressed="false">event order</button></span
    ></span
  >`;
}

function caption({ bars, total, others, othersTotal, anomaly, fromNs }: Scene): Markup {
  const shown = bars.length === total ? count(total) : `${count(bars.length)} of ${count(total)}`;
  const cut = bars.length === total ? '' : ', thinned evenly';
  const before = (anomaly?.minimal ?? []).filter(
    ({ operation }) => operation.outcome.kind === 'ok' && operation.outcome.returnNs < fromNs,
  );
  const earlier = before.map(
    ({ operation }) =>
      ` ${describeCall(operation.input)} (op ${operation.id}) is earlier, at ${instant(operation.callNs)}.`,
  );
  const elsewhere = html`<span class="elsewhere">
    and ${others.length === othersTotal ? count(othersTotal) : `${count(others.length)} of ${count(othersTotal)}`} on
    other keys</span
  >`;
  const noun = total === 1 ? 'operation' : 'operations';
  return html`${shown} ${noun} in this window${othersTotal === 0 ? null : elsewhere}${cut}.${earlier}`;
}

function drawing(input: TimelineInput): Markup {
  const { scene, probes, versions, faults } = input;
  const scale = scaleOf(scene);
  const bands = bandRows(spansWithin(faults, scale));
  const clientsTop = 30 + bands.length * 26 + (bands.length > 0 ? 10 : 0);
  const lanes = layLanes(scene, clientsTop + 12);
  const mustTop = lanes.bottom + 8;
  const nodesTop = (versions === null ? lanes.bottom + 4 : mustTop + 32) + 14;
  const height = probes.tracks.length === 0 ? nodesTop - 8 : nodesTop + probes.tracks.length * NODE_LANE_HEIGHT + 2;
  // With the lanes that only other keys need; what is below the lower edge is not seen.
  const tallest = height + lanes.more;
  const options = { scale, bad: input.bad, anchor: input.anchor };
  return html`<svg
    class="picture"
    viewBox="0 0 ${WIDTH} ${round(height)}"
    role="group"
    aria-label="${describe(scene)}"
    data-from-ns="${scene.fromNs}"
    data-to-ns="${scene.toNs}"
    data-at-ns="${scene.atNs}"
    ${scene.key === undefined ? null : html` data-key="${scene.key}"`}
  >
    ${axis(scale, scene, tallest)} ${bands.length > 0 ? eyebrow('FAULT', 41) : null}${faultBands(bands, scale, tallest)}
    ${eyebrow('CLIENTS', clientsTop + 4)}${drawOthers(scene, lanes, options)}${drawLanes(scene, lanes, options)}
    <g class="below" data-shift="${lanes.more}">
      ${versions === null ? null : mustBeLane(scene, versions, scale, mustTop)}
      ${probes.tracks.length === 0 ? null : html`${eyebrow('NODES', nodesTop - 5)}${nodeLanes({ scene, scale, probes, faults, top: nodesTop })}`}
    </g>
    ${timeLine(scene, scale, tallest)}
  </svg>`;
}

function describe({ key, fromNs, toNs }: Scene): string {
  return `Timeline${key === undefined ? '' : ` of key ${key}`} from ${instant(fromNs)} to ${instant(toNs)}: clients on top, nodes below. The tables after it carry the same facts.`;
}

function eyebrow(text: string, y: number): Markup {
  return html`<text class="ey" x="0" y="${y}">${text}</text>`;
}

function axis(scale: Scale, { atNs }: Scene, height: number): Markup {
  const here = scale.x(atNs);
  return html`${axisMarks(scale).map((mark) => {
    const x = scale.x(mark.atNs);
    // Beside the time line and beside the gutter there is a word already.
    const near = Math.abs(x - here) < 70 || x > GUTTER - 36;
    return html`<line
        class="grid"
        x1="${x}"
        x2="${x}"
        y1="22"
        y2="${round(height - 4)}"
      />${near ? null : html`<text class="m dim axis" x="${x}" y="15" text-anchor="middle">${mark.label}</text>`}`;
  })}`;
}

function timeLine({ atNs, anomaly }: Scene, scale: Scale, height: number): Markup {
  const x = scale.x(atNs);
  const text = instant(atNs);
  const width = textWidth(text) + 12;
  const left = Math.max(LEFT - 20, Math.min(x - width / 2, RIGHT - width + 20));
  return html`<g class="cur${anomaly === null ? ' calm' : ''}"
      ><line x1="${x}" x2="${x}" y1="20" y2="${round(height - 4)}" /><rect
        x="${round(left)}"
        y="1"
        width="${round(width)}"
        height="19"
        rx="4"
      /><text x="${round(left + width / 2)}" y="14.5" text-anchor="middle">${text}</text></g
    ><text class="ey now" x="${GUTTER}" y="15">AT ${text}</text>`;
}
