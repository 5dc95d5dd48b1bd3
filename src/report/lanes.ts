/** The upper half of the timeline: a lane for each client with its operations as bars, and the bracket of the gap. */
import { barLabel, barTitle } from './bar-words.ts';
import { html, type Markup } from './escape.ts';
import { milliseconds } from './format.ts';
import { LEFT, RIGHT, round, type Scale, textWidth } from './scale.ts';
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
  /** Lanes that only operations on other keys need. They lie where the next rows are, which move down when they are shown. */
  readonly extra: readonly Lane[];
  readonly barHeight: number;
  readonly bottom: number;
  /** Height of the extra lanes. */
  readonly more: number;
}

/** Room above the bad operation's lane for the bracket. */
const BRACKET_ROOM = 20;

/** One lane a client, lower where there are many; the lane of the bad operation has room for the bracket. */
export function layLanes(scene: Scene, top: number): Lanes {
  const clients = clientsOf(scene.bars);
  const pitch = clients.length <= 6 ? 28 : clients.length <= 10 ? 23 : 19;
  const bad = scene.bars.find(({ id }) => id === scene.culprit?.id)?.client;
  let y = top - pitch / 2;
  const lanes = clients.map((client): Lane => {
    y += pitch + (client === bad && scene.anomaly?.newer !== undefined ? BRACKET_ROOM : 0);
    return { client, y, bars: scene.bars.filter((bar) => bar.client === client) };
  });
  const others = clientsOf(scene.others).filter((client) => !clients.includes(client));
  const extra = others.map((client, at): Lane => ({ client, y: y + (at + 1) * pitch, bars: [] }));
  const barHeight = pitch > 25 ? 16 : pitch > 20 ? 14 : 12;
  return { lanes, extra, barHeight, bottom: y + pitch / 2, more: extra.length * pitch };
}

function clientsOf(bars: readonly Bar[]): readonly number[] {
  return [...new Set(bars.map(({ client }) => client))].toSorted((left, right) => left - right);
}

export interface DrawOptions {
  readonly scale: Scale;
  /** Ids of every operation that is wrong, not only of this scene's. */
  readonly bad: ReadonlySet<number>;
  /** The anchor of an operation in this scene: `op-12`. */
  readonly anchor: (id: number) => string;
}

export function drawLanes(scene: Scene, { lanes, barHeight }: Lanes, options: DrawOptions): Markup {
  return html`${lanes.map(laneLine)}${bracket(scene, lanes, options.scale)}${lanes.map((lane) => drawLane(scene, lane, barHeight, options))}`;
}

/** Operations on other keys, shown on demand. */
export function drawOthers({ others }: Scene, { lanes, extra, barHeight }: Lanes, options: DrawOptions): Markup {
  const rows = [...lanes, ...extra].map(({ y, client }) =>
    others.filter((bar) => bar.client === client).map((bar) => drawBar(bar, { y, height: barHeight }, options)),
  );
  return html`<g class="others">${extra.map(laneLine)}${rows}</g>`;
}

function laneLine(lane: Lane): Markup {
  const { y } = lane;
  return html`<text class="lab" x="0" y="${y + 4}">client ${lane.client}</text>${laneNode(lane)}<line
      class="lane"
      x1="${LEFT}"
      x2="${RIGHT}"
      y1="${y}"
      y2="${y}"
    />`;
}

/** The node that a client talks to, where it is the same throughout. */
function laneNode({ bars, y }: Lane): Markup {
  const nodes = new Set(bars.flatMap(({ entryNode }) => (entryNode === undefined ? [] : [entryNode])));
  const [node] = nodes;
  return html`${nodes.size === 1 && node !== undefined ? html`<text class="m dim" x="${LEFT - 8}" y="${y + 4}" text-anchor="end">→ ${node}</text>` : null}`;
}

function drawLane(scene: Scene, { bars, y }: Lane, height: number, options: DrawOptions): Markup {
  const labelled = placeLabels(scene, bars, options);
  // The story is drawn last, so that its labels lie on top.
  const ordered = bars.toSorted((left, right) => Number(scene.story.has(left.id)) - Number(scene.story.has(right.id)));
  return html`${ordered.map((bar) =>
    drawBar(bar, { y, height, label: labelled.has(bar.id), isKey: scene.story.has(bar.id) }, options),
  )}`;
}

interface BarLook {
  readonly y: number;
  readonly height: number;
  readonly label?: boolean;
  /** Part of the story. */
  readonly isKey?: boolean;
}

function drawBar(
  bar: Bar,
  { y, height, label = false, isKey = false }: BarLook,
  { scale, bad, anchor }: DrawOptions,
): Markup {
  const isBad = bad.has(bar.id);
  const { x, width } = extent(bar, scale, isBad);
  const name = `op ${KIND_CLASS[bar.kind]}${isBad ? ' bad' : ''}${isKey ? ' key' : ''}`;
  const top = round(y - height / 2);
  return html`<a id="${anchor(bar.id)}" href="#${anchor(bar.id)}" class="${name}" data-ns="${trueExtent(bar, scale)}"
    ><title>${barTitle(bar, isBad)}</title
    >${shape(bar, { x, width, top, height })}${isBad ? crossAt(x + width / 2, y) : null}${label ? labelOf(bar, { x, width, y, isBad }) : null}</a
  > `;
}

/** From and length in nanoseconds, from the left edge on: bars may be drawn wider than they are. No length where it never ended. */
function trueExtent({ fromNs, toNs }: Bar, scale: Scale): string {
  return `${Math.round(fromNs - scale.fromNs)} ${Number.isFinite(toNs) ? toNs - fromNs : ''}`;
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
    id === scene.culprit?.id
      ? 0
      : id === scene.anomaly?.newer?.operation
        ? 1
        : scene.story.has(id)
          ? 2
          : bad.has(id)
            ? 3
            : 4;
  for (const bar of bars.toSorted((left, right) => importance(left) - importance(right))) {
    const { x, width } = extent(bar, scale, bad.has(bar.id));
    if (fitsInside(bar, width, bad.has(bar.id))) {
      if (!labels.some((span) => span[0] < x + width && span[1] > x)) placed.add(bar.id);
      continue;
    }
    const from = x + width + 1;
    const to = from + 5 + textWidth(barLabel(bar));
    const forced = importance(bar) <= 2 && !labels.some((span) => span[0] < to && span[1] > from);
    if (!forced && (to > RIGHT || taken.some((span) => span[0] < to && span[1] > from))) continue;
    placed.add(bar.id);
    taken.push([from, to]);
    labels.push([from, to]);
  }
  return placed;
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
