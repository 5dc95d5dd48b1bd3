/**
 * The operations that a page carries for its explorer, as text. A run that is too long for one page brings those around what the
 * page is about, and says how many of how many they are.
 */
import { gzipSync } from 'node:zlib';
import type { Nanos } from '../../../checker/index.ts';
import type { Bar } from '../scene.ts';
import type { WholeAxis } from '../whole/axis.ts';
import { encodeRun, type RunMeta, unitFor } from './run-columns.ts';

/** What the data of a page may take, as text. */
const MOST_BYTES = 5_000_000;

export interface Embedded {
  readonly base64: string;
  readonly shown: number;
  readonly total: number;
}

export interface EmbedInput {
  readonly axis: WholeAxis;
  /** In order of invocation. */
  readonly bars: readonly Bar[];
  readonly bad: ReadonlySet<number>;
  /** What the page is about. */
  readonly atNs: Nanos;
}

/** @param mostBytes what the data may take, as text */
export function embed({ axis, bars, bad, atNs }: EmbedInput, mostBytes: number = MOST_BYTES): Embedded {
  const total = bars.length;
  let shown = bars;
  for (;;) {
    const base64 = gzipSync(encodeRun(shown, metaOf(axis, shown.length, total), bad)).toString('base64');
    if (base64.length <= mostBytes || shown.length <= 1) return { base64, shown: shown.length, total };
    // A little less than would fit if all were alike, so that hardly ever a third round is needed.
    shown = around(bars, atNs, Math.floor((0.95 * shown.length * mostBytes) / base64.length));
  }
}

function metaOf({ endNs, isTimed, faults }: WholeAxis, shown: number, total: number): RunMeta {
  return {
    isTimed,
    endNs,
    unitNs: unitFor(shown, isTimed),
    total,
    faults: faults.map(({ kind, fromNs, toNs }) => ({ kind, fromNs, toNs: Number.isFinite(toNs) ? toNs : null })),
  };
}

/** So many of them, the instant in the middle, as far as there are any on both sides. */
function around(bars: readonly Bar[], atNs: Nanos, most: number): readonly Bar[] {
  const middle = bars.findIndex(({ fromNs }) => fromNs >= atNs);
  const wanted = (middle < 0 ? bars.length : middle) - Math.floor(most / 2);
  const from = Math.max(0, Math.min(wanted, bars.length - most));
  return bars.slice(from, from + Math.max(1, most));
}
