/** How it was before: the share of violating runs of each read mode, campaign by campaign. */
import { isViolation } from '../campaign/index.ts';
import type { CampaignResult } from '../contract/index.ts';
import { html, type Markup } from './escape.ts';
import { plural } from './format.ts';

/** An earlier campaign of the same name. */
export type Earlier = Pick<CampaignResult, 'startedMs' | 'cells' | 'runs'>;

const MOST = 14;
const LINES_MOST = 4;
const WIDTH = 520;
const HEIGHT = 190;
const LEFT = 46;
const RIGHT = 360;
const TOP = 16;
const BOTTOM = 160;
const STROKES: readonly (readonly [colour: string, dashes: string])[] = [
  ['var(--ink2)', ''],
  ['var(--writefill)', '6 3'],
  ['var(--badfill)', '2 2'],
  ['var(--fault)', '8 2 2 2'],
];

/** Over the earlier campaigns (at least one) and this one: a line for each row of the matrix that violated anything, at most four. */
export function trend(result: CampaignResult, earlier: readonly Earlier[]): Markup {
  const campaigns = [...earlier, result].slice(-MOST);
  const rows = [...new Set(result.cells.map(({ system, reads }) => `${system} · ${reads}`))];
  const lines = rows
    .map((row) => ({ row, shares: campaigns.map((campaign) => shareOf(campaign, row)) }))
    .filter(({ shares }) => shares.some((share) => share !== null && share > 0))
    .toSorted((a, b) => (b.shares.at(-1) ?? 0) - (a.shares.at(-1) ?? 0));
  const shown = lines.slice(0, LINES_MOST);
  const clean = rows.length - lines.length;
  const cut = lines.length > shown.length ? ` The ${shown.length} highest of ${lines.length} rows are drawn.` : '';
  return html`<section class="panel sec" aria-labelledby="h-trend">
    <h2 id="h-trend">The last ${plural(campaigns.length, 'campaign')}</h2>
    <p class="lede">
      Share of runs with a violation. ${plural(clean, 'row')} of ${rows.length} without any, ever.${cut}
    </p>
    ${shown.length === 0 ? null : picture(shown, campaigns)}
  </section>`;
}

/** Null where it was not run then. */
function shareOf({ cells, runs }: Earlier, row: string): number | null {
  const ids = new Set(cells.filter(({ system, reads }) => `${system} · ${reads}` === row).map(({ id }) => id));
  const its = runs.filter(({ cell }) => ids.has(cell));
  return its.length === 0 ? null : its.filter(isViolation).length / its.length;
}

function picture(
  lines: readonly { readonly row: string; readonly shares: readonly (number | null)[] }[],
  campaigns: readonly Earlier[],
): Markup {
  const x = (nth: number): number =>
    LEFT + (campaigns.length === 1 ? 1 : nth / (campaigns.length - 1)) * (RIGHT - LEFT);
  const y = (share: number): number => BOTTOM - share * (BOTTOM - TOP);
  const labels = apart(lines.map(({ shares }) => y(shares.at(-1) ?? 0)));
  const days = [campaigns[0]!, campaigns.at(-1)!].map(({ startedMs }) =>
    new Date(startedMs).toISOString().slice(0, 10),
  );
  return html`<svg
    class="trend"
    viewBox="0 0 ${WIDTH} ${HEIGHT}"
    role="img"
    aria-label="Share of violating runs by campaign"
  >
    ${[0, 0.5, 1].map(
      (share) =>
        html`<line class="axis" x1="${LEFT}" x2="${RIGHT}" y1="${y(share)}" y2="${y(share)}" />
          <text class="dim" x="${LEFT - 6}" y="${y(share) + 4}" text-anchor="end">${share * 100}%</text>`,
    )}
    ${lines.map(({ row, shares }, at) => {
      const [colour, dashes] = STROKES[at]!;
      const points = shares.flatMap((share, nth) =>
        share === null ? [] : [`${x(nth).toFixed(1)},${y(share).toFixed(1)}`],
      );
      const last = shares.at(-1) ?? null;
      const dot = last === null ? null : html`<circle cx="${RIGHT}" cy="${y(last)}" r="3.5" fill="${colour}" />`;
      return html`<polyline points="${points.join(' ')}" stroke="${colour}" stroke-dasharray="${dashes}" />${dot}
        <text x="${RIGHT + 10}" y="${labels[at]! + 4}">${row}</text>`;
    })}
    <text class="dim" x="${LEFT}" y="${HEIGHT - 8}">${days[0]!}</text>
    <text class="dim" x="${RIGHT}" y="${HEIGHT - 8}" text-anchor="end">${days[1]!}</text>
  </svg>`;
}

/** Heights of labels, moved down where they would lie on one another. They come from the top. */
function apart(heights: readonly number[]): readonly number[] {
  const LINE = 15;
  let least = -Infinity;
  return heights.map((height) => (least = Math.max(height, least + LINE)));
}
