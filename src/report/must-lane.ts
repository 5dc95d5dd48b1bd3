/** The lane between clients and nodes: which values a read may return, by the acknowledgements. */
import type { Json, Nanos } from '../../checker/index.ts';
import { type AllowedSpan, allowedSpans, type Version } from './allowed.ts';
import { html, type Markup } from './escape.ts';
import { instant, seconds, shortValue, showValue } from './format.ts';
import { GUTTER, round, type Scale, textWidth } from './scale.ts';
import type { Scene } from './scene.ts';

/** The values that the acknowledgements leave possible, along the window and, in the gutter, at the time line. */
export function mustBeLane(scene: Scene, versions: readonly Version[], scale: Scale, y: number): Markup {
  const spans = allowedSpans(versions, scale);
  const at = spans.find(({ fromNs, toNs }) => fromNs <= scene.atNs && toNs > scene.atNs);
  const values = at?.values ?? [];
  return html`<g class="must"
    ><text class="lab" x="0" y="${y + 11}">${scene.key ?? 'value'} must be</text
    ><text class="dim s" x="0" y="${y + 24}">by the acks</text>${spans.map((span) => mustBe(span, scale, y))}<text
      class="m v says"
      x="${GUTTER}"
      y="${y + 17}"
      data-values="${JSON.stringify(values)}"
      >${sayValues(values, MOST_SAID)}</text
    ></g
  >`;
}

/** Letters that the gutter has room for. */
const MOST_SAID = 24;

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
      data-says="${sayValues(values, MOST_SAID)}"
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
