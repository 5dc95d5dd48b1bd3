/** The lane between clients and nodes: which values a read may return, by the acknowledgements. */
import type { Json } from '../../checker/index.ts';
import { type AllowedSpan, allowedSpans, type Version } from './allowed.ts';
import { html, type Markup } from './escape.ts';
import { shortValue } from './format.ts';
import { GUTTER, round, type Scale, textWidth } from './scale.ts';
import type { Scene } from './scene.ts';

/** The values that the acknowledgements leave possible, along the window and, in the gutter, at the time line. */
export function mustBeLane(scene: Scene, versions: readonly Version[], scale: Scale, y: number): Markup {
  const spans = allowedSpans(versions, scale);
  const at = spans.find(({ fromNs, toNs }) => fromNs <= scene.atNs && toNs > scene.atNs);
  const values = at?.values ?? [];
  const boxes = (wanted: boolean): string =>
    spans.map((span) => (hasOne(span) === wanted ? box(span, scale, y) : '')).join('');
  return html`<g class="must"
    ><text class="lab" x="0" y="${y + 11}">${scene.key ?? 'value'} must be</text
    ><text class="dim s" x="0" y="${y + 24}">by the acks</text><path class="one" d="${boxes(true)}" /><path
      class="many"
      d="${boxes(false)}"
    />${spans.map((span) => label(span, scale, y))}<text
      class="m v says"
      x="${GUTTER}"
      y="${y + 17}"
      data-values="${JSON.stringify(values)}"
      >${sayValues(values)}</text
    ></g
  >`;
}

function hasOne({ values }: AllowedSpan): boolean {
  return values.length === 1;
}

/** Two paths for all of them: in a busy window there are hundreds. */
function box({ fromNs, toNs }: AllowedSpan, { x }: Scale, y: number): string {
  const [x1, x2] = [x(fromNs), x(toNs)];
  return x2 - x1 < 0.4 ? '' : `M${x1} ${y}H${x2}V${y + 25}H${x1}Z`;
}

function label({ fromNs, toNs, values }: AllowedSpan, { x }: Scale, y: number): Markup | null {
  const [x1, x2] = [x(fromNs), x(toNs)];
  const text = sayValues(values);
  if (textWidth(text) + 8 >= x2 - x1) return null;
  return html`<text class="m v" x="${round(x1 + 5)}" y="${y + 17}" data-to="${x2}">${text}</text>`;
}

/** Letters that the gutter has room for. */
const MOST_SAID = 24;

/** `5`, `4 or 5`, `7 values`. */
export function sayValues(values: readonly Json[]): string {
  const text = values.map((value) => shortValue(value, 12)).join(' or ');
  return text.length <= MOST_SAID ? text : `${values.length} values`;
}
