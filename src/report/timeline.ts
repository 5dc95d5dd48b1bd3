/** The timeline of a scene as static SVG: axis, fault bands, client lanes, "x must be", node lanes, the time line. */
import type { Version } from './allowed.ts';
import { html, type Markup } from './escape.ts';
import { type FaultSpan, spansWithin } from './fault-spans.ts';
import { count, describeCall, instant } from './format.ts';
import { drawLanes, layLanes, mustBeLane } from './lanes.ts';
import { NODE_LANE_HEIGHT, nodeLanes } from './node-lanes.ts';
import type { ProbeIndex } from './probe-index.ts';
import { axisMarks, GUTTER, LEFT, RIGHT, round, type Scale, scaleOf, textWidth, WIDTH } from './scale.ts';
import type { Scene } from './scene.ts';

export interface TimelineInput {
  readonly scene: Scene;
  readonly faults: readonly FaultSpan[];
  readonly probes: ProbeIndex;
  /** Null where the values that a read may return are not known at every instant. */
  readonly versions: readonly Version[] | null;
  readonly bad: ReadonlySet<number>;
  readonly anchor: (id: number) => string;
}

/** The panel with its heading, picture and legend. */
export function timeline(input: TimelineInput): Markup {
  const { scene } = input;
  const name = scene.key === undefined ? 'What happened' : html`What happened to ${scene.key}`;
  return html`<div class="tlhead">
      <h2>${name}</h2>
      <p class="sm">${caption(scene)}</p>
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
    ${legend(input)}`;
}

function caption({ bars, total, story, anomaly, fromNs }: Scene): Markup {
  const shown = bars.length === total ? count(total) : `${count(bars.length)} of ${count(total)}`;
  const cut =
    bars.length === total ? '' : ', reads and then the rest thinned evenly, none of the shortest history left out';
  const before = (anomaly?.minimal ?? []).filter(
    ({ operation }) => operation.outcome.kind === 'ok' && operation.outcome.returnNs < fromNs,
  );
  const earlier = before.map(
    ({ operation }) =>
      ` ${describeCall(operation.input)} (op ${operation.id}) is earlier, at ${instant(operation.callNs)}.`,
  );
  return html`${shown} operations in this
  window${cut}.${earlier}${story.size > 0 ? ' Point at one for its details.' : ''}`;
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
  return html`<svg
    viewBox="0 0 ${WIDTH} ${round(height)}"
    role="group"
    aria-label="${describe(scene)}"
    data-from-ns="${scene.fromNs}"
    data-to-ns="${scene.toNs}"
    data-at-ns="${scene.atNs}"
  >
    ${axis(scale, scene, height)} ${faultBands(bands, scale, height)}
    ${eyebrow('CLIENTS', clientsTop + 4)}${drawLanes(scene, lanes, { scale, bad: input.bad, anchor: input.anchor })}
    ${versions === null ? null : mustBeLane(scene, versions, scale, mustTop)}
    ${probes.tracks.length === 0 ? null : html`${eyebrow('NODES', nodesTop - 5)}${nodeLanes({ scene, scale, probes, faults, top: nodesTop })}`}
    ${timeLine(scene, scale, height)}
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
    const near = Math.abs(x - here) < 70;
    return html`<line
        class="grid"
        x1="${x}"
        x2="${x}"
        y1="22"
        y2="${round(height - 4)}"
      />${near ? null : html`<text class="m dim" x="${x}" y="15" text-anchor="middle">${mark.label}</text>`}`;
  })}`;
}

/** Faults that overlap in time get rows of their own. */
function bandRows(faults: readonly FaultSpan[]): readonly (readonly FaultSpan[])[] {
  const rows: FaultSpan[][] = [];
  for (const fault of faults) {
    const row = rows.find((one) => one.at(-1)!.toNs <= fault.fromNs);
    if (row === undefined) rows.push([fault]);
    else row.push(fault);
  }
  return rows;
}

function faultBands(rows: readonly (readonly FaultSpan[])[], scale: Scale, height: number): Markup {
  return html`${rows.length > 0 ? eyebrow('FAULT', 41) : null}${rows.map((row, at) => row.map((fault) => faultBand(fault, scale, { y: 26 + at * 26, height })))}`;
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
    ><text class="ey" x="${GUTTER}" y="15">AT ${text}</text>`;
}

/** Only the shapes that this picture has. */
function legend({ scene, probes, versions }: TimelineInput): Markup {
  const kinds = new Set(scene.bars.map(({ kind }) => kind));
  const areRegisters = scene.bars.every(({ input }) => ['read', 'write', 'cas'].includes(input.f));
  const entries: readonly (readonly [boolean, Markup, string])[] = [
    [kinds.has('change'), swatch('op w'), areRegisters ? 'write, acknowledged' : 'change, acknowledged'],
    [kinds.has('read'), swatch('op r'), 'read'],
    [kinds.has('mismatch'), swatch('op r n'), areRegisters ? 'compare-and-set answered no' : 'answered no'],
    [scene.anomaly !== null, swatch('op r bad'), 'fits in no order'],
    [kinds.has('unknown'), swatch('op u'), 'no answer, outcome unknown'],
    [kinds.has('refused'), swatch('op f'), 'refused, no effect'],
    [
      versions !== null,
      html`<svg viewBox="0 0 26 14" aria-hidden="true">
        <g class="must"><rect class="many" x="2" y="1" width="22" height="12" /></g>
      </svg>`,
      'more than one value possible',
    ],
    ...(probes.tracks.length === 0 ? [] : NODE_LEGEND),
  ];
  return html`<div class="legend">
    ${entries.map(([shown, picture, words]) => (shown ? html`<span>${picture}${words}</span>` : null))}
  </div>`;
}

function swatch(name: string): Markup {
  const narrow = name.startsWith('op r');
  const [y, height] = name === 'op r n' ? [3.5, 7] : [1, 12];
  const cross = name.endsWith('bad') ? html`<path d="M10 4l6 6m0 -6l-6 6" />` : null;
  return html`<svg viewBox="0 0 26 14" aria-hidden="true">
    <g class="${name}">
      <rect x="${narrow ? 8 : 2}" y="${y}" width="${narrow ? 10 : 22}" height="${height}" rx="3" />
      ${cross}
    </g>
  </svg>`;
}

function roleSwatch(look: string, height: number): Markup {
  return html`<svg viewBox="0 0 26 14" aria-hidden="true">
    <rect class="role ${look}" x="1" y="${7 - height / 2}" width="24" height="${height}" rx="2" />
  </svg>`;
}

const NODE_LEGEND: readonly (readonly [boolean, Markup, string])[] = [
  [true, roleSwatch('leader', 11), 'leader'],
  [true, roleSwatch('deposed', 11), 'deposed, unaware'],
  [true, roleSwatch('candidate', 11), 'candidate'],
  [true, roleSwatch('follower', 4), 'follower'],
  [
    true,
    html`<svg viewBox="0 0 26 14" aria-hidden="true"><path class="tick" d="M6 2v11" /></svg>`,
    'entry applied: index and value',
  ],
];
