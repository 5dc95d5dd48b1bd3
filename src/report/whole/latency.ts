/** How long answers took through the run: median and 99th percentile of each bin, reads and changes apart. */
import { html, type Markup } from '../escape.ts';
import { round } from '../scale.ts';
import type { Bar } from '../scene.ts';
import {
  binOf,
  BINS,
  binX,
  runs,
  sayLength,
  WHOLE_WIDTH,
  type WholeAxis,
  wholeBands,
  wholeMarks,
  wholePictures,
  wholeTicks,
  wholeX,
} from './axis.ts';
import { logGrid, logScale, type LogScale, logY, sayMs } from './log-scale.ts';

const TOP = 20;
const BOTTOM = 154;
/** Below the curves, so that ticks hide none. */
const TICKS = BOTTOM + 4;
const MARKS = TICKS + 20;

/** Latencies of one kind of operation, in milliseconds. */
interface Latencies {
  readonly name: string;
  readonly look: string;
  readonly p50: readonly (number | null)[];
  readonly p99: readonly (number | null)[];
  readonly all: Percentiles;
}

interface Percentiles {
  readonly p50: number;
  readonly p99: number;
}

/** Null where no time is known, or nothing was answered. */
export function latencyPanel(axis: WholeAxis, bars: readonly Bar[]): Markup | null {
  if (!axis.isTimed) return null;
  const kinds = latencies(axis, bars);
  if (kinds.length === 0) return null;
  const unknown = runs(
    bars.flatMap(({ kind, fromNs }) => (kind === 'unknown' ? [Math.round(wholeX(axis, fromNs) / 3) * 3] : [])),
  );
  const drawn = kinds.flatMap(({ p50, p99 }) => [...p50, ...p99]).filter((ms) => ms !== null);
  const scale = logScale(drawn, { top: TOP, bottom: BOTTOM });
  return html`<section class="panel sec whole" aria-labelledby="h-latency">
    <h2 id="h-latency">Latency through the run</h2>
    <p class="lede">
      ${kinds.map(({ name, look, all }, at) => html`${at === 0 ? null : '; '}${sample(look)}${name}: half within ${sayMs(all.p50)}, 99 % within ${sayMs(all.p99)}`)}.
      The thick line is the median of each ${sayBin(axis)}, the thin one the 99th
      percentile${unknown.length === 0 ? null : html`; ${DIAMOND} marks where an answer never came`}.
    </p>
    ${wholePictures(
      'Latency',
      html`<svg
        viewBox="0 0 ${WHOLE_WIDTH} ${MARKS + 4}"
        role="img"
        aria-label="Latency over ${sayLength(axis)}, logarithmic. ${kinds.map(({ name, all }) => `${name}: median ${sayMs(all.p50)}, 99th percentile ${sayMs(all.p99)}`).join('. ')}."
      >
        ${wholeBands(axis, { top: 4, bottom: TICKS + 7 })}${logGrid(scale, sayMs)}${kinds.map((kind) => curves(kind, scale))}${unknown.length === 0 ? null : html`<path class="lost" d="${unknown.map(([from, to]) => `M${from} 12l4-4h${to - from}l4 4-4 4h${from - to}z`).join('')}" />`}${wholeTicks(axis, TICKS, 7)}${wholeMarks(axis, MARKS)}
      </svg>`,
    )}
  </section>`;
}

function latencies(axis: WholeAxis, bars: readonly Bar[]): readonly Latencies[] {
  const answered = bars.filter(({ kind }) => kind !== 'unknown' && kind !== 'refused');
  const areRegisters = answered.every(({ input }) => ['read', 'write', 'cas'].includes(input.f));
  const kinds = [
    { name: areRegisters ? 'writes' : 'changes', look: 'writes', of: answered.filter(({ kind }) => kind !== 'read') },
    { name: 'reads', look: 'reads', of: answered.filter(({ kind }) => kind === 'read') },
  ];
  return kinds.flatMap(({ of, ...kind }) => (of.length === 0 ? [] : [{ ...kind, ...perBin(axis, of) }]));
}

function perBin(axis: WholeAxis, bars: readonly Bar[]): Pick<Latencies, 'p50' | 'p99' | 'all'> {
  const bins = Array.from({ length: BINS }, (): number[] => []);
  const all = new Float64Array(bars.length);
  bars.forEach(({ fromNs, toNs }, nth) => {
    // An answer in no time at all (a simulated one) still has a place on a logarithmic axis.
    const ms = Math.max(1e-4, (toNs - fromNs) / 1e6);
    all[nth] = ms;
    bins[binOf(axis, toNs)]!.push(ms);
  });
  const found = bins.map((bin) => (bin.length === 0 ? null : percentiles(Float64Array.from(bin))));
  return {
    p50: found.map((one) => one?.p50 ?? null),
    p99: found.map((one) => one?.p99 ?? null),
    all: percentiles(all),
  };
}

/** Nearest rank. */
function percentiles(numbers: Float64Array): Percentiles {
  const sorted = numbers.sort();
  const at = (percent: number): number => sorted[Math.ceil((percent / 100) * sorted.length) - 1]!;
  return { p50: at(50), p99: at(99) };
}

function curves({ look, p50, p99 }: Latencies, scale: LogScale): Markup {
  return html`<g class="lat ${look}"
    ><path class="p99" d="${curve(p99, scale)}" /><path class="p50" d="${curve(p50, scale)}"
  /></g>`;
}

/** Broken where a bin has nothing; a bin between two such is a short dash. */
function curve(perBins: readonly (number | null)[], scale: LogScale): string {
  let isOpen = false;
  return perBins
    .map((ms, bin) => {
      if (ms === null) {
        isOpen = false;
        return '';
      }
      const y = logY(scale, ms);
      const isAlone = !isOpen && (perBins[bin + 1] ?? null) === null;
      const step = isOpen ? `L${binX(bin)} ${y}` : isAlone ? `M${round(binX(bin) - 3)} ${y}h6` : `M${binX(bin)} ${y}`;
      isOpen = true;
      return step;
    })
    .join('');
}

function sayBin({ endNs }: WholeAxis): string {
  return sayMs(endNs / BINS / 1e6);
}

function sample(look: string): Markup {
  return html`<svg class="line" viewBox="0 0 22 10" aria-hidden="true">
    <g class="lat ${look}"><path class="p50" d="M1 5H21" /></g>
  </svg>`;
}

const DIAMOND: Markup = html`<svg class="dot" viewBox="0 0 10 10" aria-hidden="true">
  <path class="lost" d="M1 5l4 -4l4 4l-4 4z" />
</svg>`;
