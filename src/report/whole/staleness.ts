/** How old the stale reads were: when in the run, in milliseconds and in versions, and how many were how old. */
import type { StalenessSummary } from '../../../checker/index.ts';
import { html, type Markup } from '../escape.ts';
import { count, milliseconds, plural } from '../format.ts';
import { msToNs } from '../../base/time.ts';
import { round } from '../scale.ts';
import type { Ages, StaleRead } from './ages.ts';
import { sayLength, WHOLE_WIDTH, type WholeAxis, wholeBands, wholeMarks, wholePictures, wholeX } from './axis.ts';
import { logGrid, logScale, logY, sayMs } from './log-scale.ts';

/** Pixels of the run's length that share a mark. */
const SLOT = 6;
/** Younger than this is drawn as this: who was overtaken by microseconds does not stretch the axis. */
const LEAST_MS = 0.1;
const TOP = 16;
const BOTTOM = 104;

/** The read that the page is about, to be found in the picture. */
export interface StalenessInput {
  readonly axis: WholeAxis;
  readonly ages: Ages;
  readonly culprit: number | null;
}

/** A sentence where no read was stale, and pictures where some were. */
export function stalenessPanel({ axis, ages, culprit }: StalenessInput): Markup {
  const { summary, stale } = ages;
  const { reads, leftOut, ofStale } = summary;
  const aside =
    leftOut === 0
      ? null
      : html` Of ${plural(leftOut, 'other read')} the age is not known: their values have several possible writers, or
        none.`;
  if (stale.length === 0)
    return html`<section class="panel sec" aria-labelledby="h-stale">
      <h2 id="h-stale">How old the reads were</h2>
      <p class="lede">
        ${reads === 0 ? 'No read has an age that is known.' : html`Each of ${plural(reads, 'read')} was up to date: none missed a value that had been shown before it began.`}${aside}
      </p>
    </section>`;
  const { ms, versions } = ofStale;
  const half =
    ms === undefined
      ? html`half missed ${plural(versions.p50, 'newer value')} or more, the worst ${count(versions.max)}`
      : html`half were ${milliseconds(msToNs(ms.p50))} old or more, the worst ${milliseconds(msToNs(ms.max))} and
        ${plural(versions.max, 'version')} behind`;
  return html`<section class="panel sec whole" aria-labelledby="h-stale">
    <h2 id="h-stale">How old were the ${plural(stale.length, 'stale read')}?</h2>
    <p class="lede">
      Of ${count(reads)} reads ${count(stale.length)} (${share(stale.length, reads)}) missed a newer value;
      ${half}.${aside} Each mark spans the youngest to the oldest of an instant, with a dot at the middle one.
    </p>
    ${wholePictures(
      'Age of the stale reads',
      html`${axis.isTimed ? overTime(stale, { axis, culprit, title: 'milliseconds', of: ({ gapNs }) => Math.max(gapNs / 1e6, LEAST_MS), say: sayMs }) : null}
      ${overTime(stale, { axis, culprit, title: 'versions', of: ({ versions: behind }) => behind, say: sayNumber })}`,
    )}
    ${distributions(summary)}
  </section>`;
}

function share(part: number, whole: number): string {
  const percent = (100 * part) / whole;
  return percent < 0.1 ? 'less than 0.1 %' : `${percent.toFixed(1)} %`;
}

interface OverTime {
  readonly axis: WholeAxis;
  readonly culprit: number | null;
  readonly title: string;
  readonly of: (read: StaleRead) => number;
  readonly say: (number: number) => string;
}

function overTime(stale: readonly StaleRead[], { axis, culprit, title, of, say }: OverTime): Markup {
  const scale = logScale(stale.map(of), { top: TOP, bottom: BOTTOM });
  const slots = new Map<number, number[]>();
  for (const read of stale) {
    const x = Math.round(wholeX(axis, read.callNs) / SLOT) * SLOT;
    const slot = slots.get(x);
    if (slot === undefined) slots.set(x, [of(read)]);
    else slot.push(of(read));
  }
  const marks = [...slots].map(([x, numbers]) => ({ x, y: spread(numbers).map((number) => logY(scale, number)) }));
  const spans = marks.flatMap(({ x, y: [low, , high] }) => (low === high ? [] : [`M${x} ${high}V${low}`]));
  const it = stale.find(({ operation }) => operation === culprit);
  const ring =
    it === undefined
      ? null
      : html`<circle class="ring" cx="${wholeX(axis, it.callNs)}" cy="${logY(scale, of(it))}" r="6"
          ><title>the read of the sentence, ${say(of(it))}</title></circle
        >`;
  return html`<svg
    viewBox="0 0 ${WHOLE_WIDTH} ${BOTTOM + 18}"
    role="img"
    aria-label="Age of the stale reads in ${title}, over ${sayLength(axis)}, logarithmic; at most ${say(Math.max(0, ...[...slots.values()].map((numbers) => spread(numbers)[2])))}."
  >
    <text class="ey" x="${WHOLE_WIDTH}" y="10" text-anchor="end">${title.toUpperCase()}</text>
    ${wholeBands(axis, { top: 4, bottom: BOTTOM })}${logGrid(scale, say)}
    <path class="span" d="${spans.join('')}" />
    <path class="middle" d="${marks.map(({ x, y: [, middle] }) => `M${x} ${middle}h0`).join('')}" />
    ${ring}${wholeMarks(axis, BOTTOM + 14)}
  </svg>`;
}

/** The least, the middle and the largest. */
function spread(numbers: readonly number[]): readonly [least: number, middle: number, most: number] {
  const sorted = numbers.toSorted((left, right) => left - right);
  return [sorted[0]!, sorted[Math.floor((sorted.length - 1) / 2)]!, sorted.at(-1)!];
}

function sayNumber(number: number): string {
  return count(number);
}

type Bucket = StalenessSummary['histogram']['versions'][number];

function distributions({ histogram }: StalenessSummary): Markup {
  const { ms, versions } = histogram;
  return html`<div class="pair">
    ${ms === undefined ? null : columnChart(ms, { title: 'Stale reads by age, from', name: ({ from }) => (from === 0 ? '0' : sayMs(from)) })}
    ${columnChart(versions, {
      title: 'Stale reads by versions missed, from',
      name: ({ from }) => count(from),
    })}
  </div>`;
}

const COLUMN = 46;
const HIGHEST = 84;

/** A column a bucket, with its count on top; edges stand below. */
function columnChart(
  buckets: readonly Bucket[],
  { title, name }: { readonly title: string; readonly name: (bucket: Bucket) => string },
): Markup {
  const most = buckets.reduce((high, { count: of }) => Math.max(high, of), 1);
  const width = Math.max(buckets.length, 8) * COLUMN;
  return html`<figure>
    <figcaption class="sm">${title}</figcaption>
    <svg
      viewBox="0 0 ${width} ${HIGHEST + 34}"
      style="max-width:${width}px"
      role="img"
      aria-label="${title}: ${buckets.map((bucket) => `${name(bucket)}: ${bucket.count}`).join(', ')}"
    >
      ${buckets.map((bucket, nth) => {
        const height = bucket.count === 0 ? 0 : round(Math.max(1.5, (HIGHEST * bucket.count) / most));
        const x = nth * COLUMN;
        return html`<rect
            class="column"
            x="${x + 1}"
            y="${round(HIGHEST + 14 - height)}"
            width="${COLUMN - 2}"
            height="${height}"
            rx="2"
          /><text class="s" x="${x + COLUMN / 2}" y="${round(HIGHEST + 10 - height)}" text-anchor="middle"
            >${count(bucket.count)}</text
          ><text class="m dim s" x="${x + 2}" y="${HIGHEST + 28}">${name(bucket)}</text>`;
      })}
    </svg>
  </figure>`;
}
