/**
 * A short history as a small timeline, for two of them to stand next to each other: a lane for each client, the read in question, what its
 * key could hold by the acknowledgements, and either how long the read was behind or with what it overlapped. All of it is taken
 * from the lines of the history, so that a picture cannot show what did not happen.
 */
import { type History, readJsonl } from '../../checker/index.ts';
import type { Told } from '../contract/index.ts';
import { allowedSpans, type Version, versionsOf } from './allowed.ts';
import { html, type Markup } from './escape.ts';
import { milliseconds, showValue, shortValue } from './format.ts';
import { barLabel, barTitle } from './bar-words.ts';
import { axisMarks, round, textWidth } from './scale.ts';
import { type Bar, barsOf } from './scene.ts';

const WIDTH = 560;
const LEFT = 84;
const RIGHT = WIDTH - 8;
const PITCH = 48;
const BAR = 14;
const LEAST_BAR = 9;
const TOP = 34;
/** Below the lane of the read, for the bracket and its words. */
const BRACKET = 30;
const LEAST_ARROW = 12;
const MOST_BARS = 16;
const MOST_MARKS = 5;

/** Whether the read may be. */
export type Tone = 'bad' | 'good';

interface Picture {
  readonly tone: Tone;
  readonly bars: readonly Bar[];
  /** Operations that the history has. */
  readonly total: number;
  readonly read: Bar | undefined;
  /** What its key held when; null where that cannot be told. */
  readonly versions: readonly Version[] | null;
  readonly x: (timeNs: number) => number;
  readonly fromNs: number;
  readonly toNs: number;
}

/** The picture, and its operations in words for whoever cannot see it. */
export function picture(told: Told, tone: Tone): Markup {
  const drawing = lay(told, tone);
  const { bars, total, read } = drawing;
  const cut =
    bars.length < total ? html`<p class="sm">${bars.length} of ${total} operations, those around the read.</p>` : null;
  return html`${draw(drawing, told.words)}${cut}
    <details class="words">
      <summary>${bars.length} operations in words</summary>
      <ol>
        ${bars.map((bar) => html`<li>${bar === read ? html`<b>${barTitle(bar, false)}</b>` : barTitle(bar, false)}</li>`)}
      </ol>
    </details>`;
}

function lay(told: Told, tone: Tone): Picture {
  const history = historyOf(told);
  const all = barsOf(history);
  const id = readId(told);
  const read = all.find((bar) => bar.id === id);
  const versions = versionsOf(history.operations.filter(({ input }) => input.key === read?.input.key));
  const bars = chosen(all, { read, goneNs: versionRead(read, versions)?.goneNs });
  const instants = bars.flatMap(({ fromNs, toNs }) => (toNs === Infinity ? [fromNs] : [fromNs, toNs]));
  const firstNs = Math.min(...instants);
  const lastNs = Math.max(...instants, firstNs + 1);
  const fromNs = firstNs - 0.02 * (lastNs - firstNs);
  const toNs = lastNs + 0.06 * (lastNs - firstNs);
  const x = (timeNs: number): number =>
    round(LEFT + ((Math.min(toNs, Math.max(fromNs, timeNs)) - fromNs) * (RIGHT - LEFT)) / (toNs - fromNs));
  return { tone, bars, total: all.length, read, versions, x, fromNs, toNs };
}

function historyOf({ lines }: Told): History {
  return readJsonl(lines.map((line) => `${JSON.stringify(line)}\n`).join(''), 'answers.json', { mayBeEmpty: true });
}

/** The number that the line carries, as in the links to operations; else its place in the list. */
function readId({ lines, read }: Told): number | undefined {
  const named = lines.find(({ index, type }) => index === read && type === 'invoke');
  return (named ?? lines[read])?.index;
}

/** What tells the story, then what lies nearest to the read. */
function chosen(
  bars: readonly Bar[],
  { read, goneNs }: { readonly read: Bar | undefined; readonly goneNs: number | undefined },
): readonly Bar[] {
  if (bars.length <= MOST_BARS || read === undefined) return bars.slice(0, MOST_BARS);
  const outcome = read.operation?.outcome;
  const value = outcome?.kind === 'ok' ? showValue(outcome.output) : undefined;
  const tells = ({ kind, toNs, input }: Bar): boolean =>
    kind === 'change' && (toNs === goneNs || showValue(input.value) === value);
  const away = (bar: Bar): number => (bar === read ? -2 : tells(bar) ? -1 : Math.abs(bar.fromNs - read.fromNs));
  const kept = new Set(bars.toSorted((a, b) => away(a) - away(b)).slice(0, MOST_BARS));
  return bars.filter((bar) => kept.has(bar));
}

function draw(drawing: Picture, words: string): Markup {
  const { bars, read, tone } = drawing;
  const clients = [...new Set(bars.map(({ client }) => client))].toSorted((a, b) => a - b);
  let y = TOP - PITCH;
  const lanes = new Map<number, number>();
  for (const client of clients) {
    const after = lanes.size > 0 && [...lanes.keys()].at(-1) === read?.client ? BRACKET : 0;
    y += PITCH + after;
    lanes.set(client, y);
  }
  const bottom = y + (clients.at(-1) === read?.client ? BRACKET : 0) + 18;
  const height = bottom + 62;
  return html`<svg class="pic ${tone}" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${words}">
    ${tone === 'good' ? overlap(drawing, bottom) : null}${[...lanes].map(([client, at]) => lane(drawing, client, at))}
    ${tone === 'bad' ? bracket(drawing, lanes) : null}${possible(drawing, bottom)}${axis(drawing, bottom + 44)}
  </svg>`;
}

function lane(drawing: Picture, client: number, y: number): Markup {
  const bars = drawing.bars.filter((bar) => bar.client === client);
  const nodes = [...new Set(bars.flatMap(({ entryNode }) => entryNode ?? []))];
  const levels = labelLevels(drawing, bars);
  return html`<text class="lab" x="0" y="${y}">client ${client}</text>
    ${nodes.length === 1 ? html`<text class="m dim" x="0" y="${y + 14}">→ ${shortValue(nodes[0]!, 11).replaceAll('"', '')}</text>` : null}
    <line
      class="lane"
      x1="${LEFT}"
      x2="${RIGHT}"
      y1="${y}"
      y2="${y}"
    />${bars.map((bar) => barShape(drawing, bar, y))}${bars.map((bar) => label(drawing, bar, { y, level: levels.get(bar) }))}`;
}

const KINDS: Readonly<Record<Bar['kind'], string>> = {
  change: 'w',
  read: 'r',
  mismatch: 'r n',
  unknown: 'u',
  refused: 'f',
};

function nameOf({ read, tone }: Picture, bar: Bar): string {
  const asked = bar === read ? (tone === 'bad' ? ' bad' : ' fine') : '';
  return `op ${KINDS[bar.kind]}${asked}`;
}

function barShape(drawing: Picture, bar: Bar, y: number): Markup {
  const from = drawing.x(bar.fromNs);
  const width = Math.max(LEAST_BAR, round(drawing.x(bar.toNs) - from));
  return html`<g class="${nameOf(drawing, bar)}" data-op="${bar.id}"
    ><title>${barTitle(bar, bar === drawing.read && drawing.tone === 'bad')}</title
    ><rect x="${from}" y="${y - BAR / 2}" width="${width}" height="${BAR}" rx="3"
  /></g>`;
}

/** Which of two rows above its bar a label has, so that none lies on another; the read first. One without room is left to the words below. */
function labelLevels(drawing: Picture, bars: readonly Bar[]): ReadonlyMap<Bar, number> {
  const levels = new Map<Bar, number>();
  const taken: (readonly [level: number, from: number, to: number])[] = [];
  const rank = (bar: Bar): number => (bar === drawing.read ? 0 : bar.kind === 'change' ? 1 : 2);
  for (const bar of bars.toSorted((a, b) => rank(a) - rank(b))) {
    const { from, to } = labelSpan(drawing, bar);
    const level = [0, 1].find((at) => !taken.some((it) => it[0] === at && it[1] < to && it[2] > from));
    if (level === undefined) continue;
    levels.set(bar, level);
    taken.push([level, from, to]);
  }
  return levels;
}

function labelSpan({ x }: Picture, bar: Bar): { readonly from: number; readonly to: number } {
  const width = textWidth(barLabel(bar)) + 6;
  const from = Math.min(x(bar.fromNs), RIGHT - width);
  return { from: round(from), to: from + width };
}

function label(
  drawing: Picture,
  bar: Bar,
  { y, level }: { readonly y: number; readonly level: number | undefined },
): Markup | null {
  if (level === undefined) return null;
  const { from } = labelSpan(drawing, bar);
  return html`<g class="${nameOf(drawing, bar)}"
    ><text x="${from}" y="${y - BAR / 2 - 4 - 12 * level}">${barLabel(bar)}</text></g
  >`;
}

/** From the instant when what was read was certainly overwritten to the read: how late it was. */
function bracket({ read, versions, x }: Picture, lanes: ReadonlyMap<number, number>): Markup | null {
  const version = versionRead(read, versions);
  if (read === undefined || version === undefined || version.goneNs >= read.fromNs) return null;
  const y = lanes.get(read.client)! + BAR / 2 + 10;
  const [x1, x2] = [x(version.goneNs), x(read.fromNs)];
  // An arrow that is shorter than its head would look like a cross.
  const arrow = x2 - x1 < LEAST_ARROW ? null : html`<path d="M${x1} ${y}H${x2}m-5 -4l5 4l-5 4" />`;
  const words = `overwritten ${milliseconds(read.fromNs - version.goneNs)} before`;
  const middle = Math.min(Math.max((x1 + x2) / 2, LEFT + textWidth(words) / 2), RIGHT - textWidth(words) / 2);
  return html`<g class="gap" data-gap-ns="${read.fromNs - version.goneNs}"
    ><path class="dash" d="M${x1} ${TOP - PITCH / 2}V${y + 5}M${x2} ${y - 10}V${y + 5}" />${arrow}<text
      x="${round(middle)}"
      y="${y + 16}"
      text-anchor="middle"
      >${words}</text
    ></g
  >`;
}

function versionRead(read: Bar | undefined, versions: readonly Version[] | null): Version | undefined {
  const outcome = read?.operation?.outcome;
  if (outcome?.kind !== 'ok') return undefined;
  return versions?.find(({ value }) => showValue(value) === showValue(outcome.output));
}

/** Where the read and a change of its key were under way together. */
function overlap({ read, bars, x }: Picture, bottom: number): Markup | null {
  if (read === undefined) return null;
  const other = bars.find(
    (bar) =>
      bar.kind === 'change' && bar.input.key === read.input.key && bar.fromNs <= read.toNs && bar.toNs >= read.fromNs,
  );
  if (other === undefined) return null;
  const fromNs = Math.max(read.fromNs, other.fromNs);
  const toNs = Math.min(read.toNs, other.toNs);
  const [x1, x2] = [x(fromNs), x(toNs)];
  const words = `both under way for ${milliseconds(toNs - fromNs)}`;
  const half = textWidth(words) / 2;
  const middle = Math.min(Math.max((x1 + x2) / 2, LEFT + half), RIGHT - half);
  return html`<g class="both" data-overlap-ns="${toNs - fromNs}"
    ><rect x="${x1}" y="4" width="${round(Math.max(2, x2 - x1))}" height="${bottom - 8}" /><text
      x="${round(middle)}"
      y="${bottom - 10}"
      text-anchor="middle"
      >${words}</text
    ></g
  >`;
}

/** The values that the acknowledgements leave possible. */
function possible({ read, versions, x, fromNs, toNs }: Picture, y: number): Markup | null {
  if (versions === null || read === undefined) return null;
  const key = read.input.key === undefined ? 'value' : shortValue(read.input.key, 7).replaceAll('"', '');
  return html`<g class="must"
    ><text class="lab" x="0" y="${y + 14}">${key} must be</text>${allowedSpans(versions, { fromNs, toNs }).map(
      (span) => {
        const [x1, x2] = [x(span.fromNs), x(span.toNs)];
        const text = span.values.map((value) => shortValue(value, 8)).join(' or ');
        const fits = textWidth(text) + 6 < x2 - x1;
        return html`<rect
            class="${span.values.length === 1 ? 'one' : 'many'}"
            x="${x1}"
            y="${y}"
            width="${round(Math.max(0.4, x2 - x1))}"
            height="20"
            ><title>${text}</title></rect
          >${fits ? html`<text class="m v" x="${x1 + 4}" y="${y + 14}">${text}</text>` : null}`;
      },
    )}</g
  >`;
}

function axis(drawing: Picture, y: number): Markup {
  const marks = axisMarks(drawing);
  const every = Math.ceil(marks.length / MOST_MARKS);
  return html`${marks
    .filter((_, at) => at % every === 0)
    .map(({ atNs, label: text }) => {
      const middle = Math.min(Math.max(drawing.x(atNs), LEFT + 20), RIGHT - 24);
      return html`<text class="dim s" x="${round(middle)}" y="${y}" text-anchor="middle">${text}</text>`;
    })}`;
}
