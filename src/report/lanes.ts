/** The upper half of the timeline: a lane for each client with its operations as bars, the bracket of the gap, the "x must be" lane. */
import type { Json, Nanos } from '../../checker/index.ts';
import { type AllowedSpan, allowedSpans, type Version } from './allowed.ts';
import { html, type Markup } from './escape.ts';
import {
  describeCall,
  describeOperation,
  instant,
  interval,
  milliseconds,
  seconds,
  shortValue,
  showValue,
} from './format.ts';
import { GUTTER, LEFT, RIGHT, round, type Scale, textWidth } from './scale.ts';
import type { Bar, Scene } from './scene.ts';

/** A client's lane: where it lies and what is on it. */
interface Lane {
  readonly client: number;
  /** Middle of the bars. */
  readonly y: number;
  readonly bars: readonly Bar[];
}

export interface Lanes {
  readonly lanes: readonly Lane[];
  readonly barHeight: number;
  readonly bottom: number;
}

/** Room above the bad operation's lane for the bracket. */
const BRACKET_ROOM = 20;

/** One lane a client, lower where there are many; the lane of the bad operation has room for the bracket. */
export function layLanes(scene: Scene, top: number): Lanes {
  const clients = [...new Set(scene.bars.map(({ client }) => client))].toSorted((left, right) => left - right);
  const pitch = clients.length <= 6 ? 28 : clients.length <= 10 ? 23 : 19;
  const bad = scene.bars.find(({ id }) => id === scene.culprit?.id)?.client;
  let y = top - pitch / 2;
  const lanes = clients.map((client): Lane => {
    y += pitch + (client === bad && scene.anomaly?.newer !== undefined ? BRACKET_ROOM : 0);
    return { client, y, bars: scene.bars.filter((bar) => bar.client === client) };
  });
  return { lanes, barHeight: pitch > 25 ? 16 : pitch > 20 ? 14 : 12, bottom: y + pitch / 2 };
}

export interface DrawOptions {
  readonly scale: Scale;
  /** Ids of every operation that is wrong, not only of this scene's. */
  readonly bad: ReadonlySet<number>;
  /** The anchor of an operation in this scene: `op-12`. */
  readonly anchor: (id: number) => string;
}

export function drawLanes(scene: Scene, { lanes, barHeight }: Lanes, options: DrawOptions): Markup {
  return html`${lanes.map(
    (lane) =>
      html`<text class="lab" x="0" y="${lane.y + 4}">client ${lane.client}</text>${laneNode(lane)}<line
          class="lane"
          x1="${LEFT}"
          x2="${RIGHT}"
          y1="${lane.y}"
          y2="${lane.y}"
        />`,
  )}${bracket(scene, lanes, options.scale)}${lanes.map((lane) => drawLane(scene, lane, barHeight, options))}`;
}

/** The node that a client talks to, where it is the same throughout. */
function laneNode({ bars, y }: Lane): Markup {
  const nodes = new Set(bars.flatMap(({ entryNode }) => (entryNode === undefined ? [] : [entryNode])));
  const [node] = nodes;
  return html`${nodes.size === 1 && node !== undefined ? html`<text class="m dim" x="${LEFT - 8}" y="${y + 4}" text-anchor="end">→ ${node}</text>` : null}`;
}

function drawLane(scene: Scene, { bars, y }: Lane, height: number, { scale, bad, anchor }: DrawOptions): Markup {
  const labelled = placeLabels(scene, bars, { scale, bad });
  // The story is drawn last, so that its labels lie on top.
  const ordered = bars.toSorted((left, right) => Number(scene.story.has(left.id)) - Number(scene.story.has(right.id)));
  return html`${ordered.map((bar) => {
    const { x, width } = extent(bar, scale, bad.has(bar.id));
    const isBad = bad.has(bar.id);
    const top = round(y - height / 2);
    const name = `op ${KIND_CLASS[bar.kind]}${isBad ? ' bad' : ''}${scene.story.has(bar.id) ? ' key' : ''}`;
    const label = labelled.has(bar.id) ? labelOf(bar, { x, width, y, isBad }) : null;
    const cross = isBad ? crossAt(x + width / 2, y) : null;
    return html`<a id="${anchor(bar.id)}" href="#${anchor(bar.id)}" class="${name}"
      ><title>${barTitle(bar, isBad)}</title>${shape(bar, { x, width, top, height })}${cross}${label}</a
    > `;
  })}`;
}

const KIND_CLASS: Readonly<Record<Bar['kind'], string>> = {
  change: 'w',
  read: 'r',
  mismatch: 'r n',
  unknown: 'u',
  refused: 'f',
};

function shape(
  { kind }: Bar,
  {
    x,
    width,
    top,
    height,
  }: { readonly x: number; readonly width: number; readonly top: number; readonly height: number },
): Markup {
  const inset = kind === 'mismatch' ? height / 4 : 0;
  return html`<rect
    x="${x}"
    y="${round(top + inset)}"
    width="${width}"
    height="${round(height - 2 * inset)}"
    rx="${width < 6 ? 1.5 : 3}"
  />`;
}

function crossAt(x: number, y: number): Markup {
  return html`<path d="M${round(x - 3)} ${y - 3}l6 6m0 -6l-6 6" />`;
}

/** A bar is drawn no narrower than can be pointed at, a bad one than its cross. */
const LEAST_WIDTH = 4;
const LEAST_BAD_WIDTH = 9;

function extent(bar: Bar, { x: at }: Scale, isBad: boolean): { readonly x: number; readonly width: number } {
  const x = at(bar.fromNs);
  return { x, width: Math.max(isBad ? LEAST_BAD_WIDTH : LEAST_WIDTH, round(at(bar.toNs) - x)) };
}

/** Inside a bar that is wide enough for it, else right of it. */
function labelOf(
  bar: Bar,
  { x, width, y, isBad }: { readonly x: number; readonly width: number; readonly y: number; readonly isBad: boolean },
): Markup {
  if (fitsInside(bar, width, isBad))
    return html`<text class="in" x="${round(x + 5)}" y="${y + 4}">${barLabel(bar)}</text>`;
  return html`<text x="${round(x + width + 4)}" y="${y + 4}">${barLabel(bar)}</text>`;
}

/** The middle of a bad bar belongs to its cross. */
function fitsInside(bar: Bar, width: number, isBad: boolean): boolean {
  const needed = textWidth(barLabel(bar)) + 10;
  return isBad ? width > 2 * needed + 12 : width > needed;
}

/** Labels go right of their bar where they hide nothing: those of the story first, then the others as they come. */
function placeLabels(
  scene: Scene,
  bars: readonly Bar[],
  { scale, bad }: Pick<DrawOptions, 'scale' | 'bad'>,
): ReadonlySet<number> {
  const taken: [from: number, to: number][] = bars.map((bar) => {
    const { x, width } = extent(bar, scale, bad.has(bar.id));
    return [x, x + width];
  });
  const labels: [from: number, to: number][] = [];
  const placed = new Set<number>();
  const importance = ({ id }: Bar): number =>
    id === scene.culprit?.id ? 0 : scene.story.has(id) ? 1 : bad.has(id) ? 2 : 3;
  for (const bar of bars.toSorted((left, right) => importance(left) - importance(right))) {
    const { x, width } = extent(bar, scale, bad.has(bar.id));
    if (fitsInside(bar, width, bad.has(bar.id))) {
      if (!labels.some((span) => span[0] < x + width && span[1] > x)) placed.add(bar.id);
      continue;
    }
    const from = x + width + 1;
    const to = from + 5 + textWidth(barLabel(bar));
    const forced = importance(bar) <= 1;
    if (!forced && (to > RIGHT || taken.some((span) => span[0] < to && span[1] > from))) continue;
    placed.add(bar.id);
    taken.push([from, to]);
    labels.push([from, to]);
  }
  return placed;
}

/** What a bar is called in the picture, in a few characters. */
export function barLabel({ kind, input, operation }: Bar): string {
  const show = (value: Json): string => shortValue(value, 8);
  if (kind === 'refused') return 'refused';
  const answer = operation?.outcome.kind === 'ok' ? operation.outcome.output : undefined;
  if (answer !== undefined && (kind === 'read' || input.f === 'dequeue')) {
    return `${input.f} ${answer === null && input.f === 'dequeue' ? 'empty' : show(answer)}`;
  }
  const asked = describeCall(input.key === undefined ? input : { f: input.f, value: input.value }, show).replace(
    ' = ',
    ' ',
  );
  return kind === 'unknown' ? `${asked} ?` : kind === 'mismatch' ? `${asked} no` : asked.replace(' → ', '→');
}

/** Everything that is known of an operation, in words. */
export function barTitle(bar: Bar, isBad: boolean): string {
  const { operation, input, client, entryNode, note, fromNs, toNs } = bar;
  const where = entryNode === undefined ? '' : ` → ${entryNode}`;
  if (operation === null) {
    return `op ${bar.id}: ${describeCall(input)} · client ${client}${where} · ${seconds(fromNs)} – ${seconds(toNs)} s · refused: ${note}`;
  }
  const { outcome, node, callNs } = operation;
  const took = outcome.kind === 'ok' ? ` (${milliseconds(outcome.returnNs - callNs)})` : `: ${note}`;
  const answered = node === undefined || node === entryNode ? '' : ` · answered by ${node}`;
  const wrong = isBad ? ' · fits in no order' : '';
  return `op ${bar.id}: ${describeOperation(operation)} · client ${client}${where} · ${interval(operation)}${took}${answered}${wrong}`;
}

/** From the newer write's acknowledgement to the bad read's start, with the length of the gap. */
function bracket({ anomaly, culprit, bars, atNs }: Scene, lanes: readonly Lane[], { x }: Scale): Markup {
  const newer = anomaly?.newer;
  const laneOf = (id: number | undefined): Lane | undefined =>
    lanes.find(({ client }) => client === bars.find((bar) => bar.id === id)?.client);
  const from = laneOf(newer?.operation);
  const to = laneOf(culprit?.id);
  if (newer === undefined || from === undefined || to === undefined) return html``;
  const y = to.y - BRACKET_ROOM + 2;
  const [x1, x2] = [x(newer.sinceNs), x(atNs)];
  const text = milliseconds(newer.gapNs);
  const width = textWidth(text) + 14;
  const inside = x2 - x1 > width + 16;
  const middle = inside ? (x1 + x2) / 2 : x1 - width / 2 - 4;
  return html`<g class="gap" data-from-ns="${newer.sinceNs}" data-to-ns="${atNs}" data-gap-ns="${newer.gapNs}"
    ><rect class="soft" x="${x1}" y="${y - 8}" width="${round(Math.max(x2 - x1, 1))}" height="16" /><path
      class="dash"
      d="M${x1} ${from.y}V${y < from.y ? y - 8 : y + 8}M${x2} ${y - 8}V${to.y}"
    /><path d="M${x1} ${y}H${x2}m-5 -4l5 4l-5 4" /><rect
      class="soft"
      x="${round(middle - width / 2)}"
      y="${y - 8}"
      width="${round(width)}"
      height="16"
      rx="4"
    /><text x="${round(middle)}" y="${y + 4}" text-anchor="middle">${text}</text></g
  >`;
}

/** The values that the acknowledgements leave possible, along the window and, in the gutter, at the time line. */
export function mustBeLane(scene: Scene, versions: readonly Version[], scale: Scale, y: number): Markup {
  const spans = allowedSpans(versions, scale);
  const at = spans.find(({ fromNs, toNs }) => fromNs <= scene.atNs && toNs > scene.atNs);
  const values = at?.values ?? [];
  return html`<g class="must"
    ><text class="lab" x="0" y="${y + 11}">${scene.key ?? 'value'} must be</text
    ><text class="dim s" x="0" y="${y + 24}">by the acks</text>${spans.map((span) => mustBe(span, scale, y))}<text
      class="m v"
      x="${GUTTER}"
      y="${y + 17}"
      data-values="${JSON.stringify(values)}"
      >${sayValues(values, 24)}</text
    ></g
  >`;
}

function mustBe({ fromNs, toNs, values }: AllowedSpan, { x }: Scale, y: number): Markup | null {
  const [x1, x2] = [x(fromNs), x(toNs)];
  if (x2 - x1 < 0.4) return null;
  const width = round(x2 - x1);
  const text = sayValues(values, 22);
  const label = textWidth(text) + 8 < width ? html`<text class="m v" x="${x1 + 5}" y="${y + 17}">${text}</text>` : null;
  return html`<rect
      class="${values.length === 1 ? 'one' : 'many'}"
      x="${x1}"
      y="${y}"
      width="${Math.max(0.4, width)}"
      height="25"
      ><title>${spanTitle(values, fromNs, toNs)}</title></rect
    >${label}`;
}

function spanTitle(values: readonly Json[], fromNs: Nanos, toNs: Nanos): string {
  return `${values.slice(0, 12).map(showValue).join(' or ')}${values.length > 12 ? ` or ${values.length - 12} more` : ''} · ${seconds(fromNs)} – ${instant(toNs)}`;
}

/** `5`, `4 or 5`, `7 values`. */
function sayValues(values: readonly Json[], limit: number): string {
  const text = values.map((value) => shortValue(value, 12)).join(' or ');
  return text.length <= limit ? text : `${values.length} values`;
}
