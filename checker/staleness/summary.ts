/**
 * The staleness of a whole history in a few numbers: percentiles over all reads and over the stale ones, logarithmic
 * histograms, the worst reads, and each part. `staleness.ts` has the definition.
 */
import type { Call, History, Json, Nanos } from '../history/operation.ts';
import { tableOf } from '../history/table.ts';
import type { Model } from '../model/model.ts';
import { registersOf } from './registers.ts';
import { readAges, type ReadAges, type ReadStaleness } from './staleness.ts';

/** Nearest-rank percentiles: the smallest number that at least so many per cent are not above. 0 where there is nothing. */
export interface Percentiles {
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly max: number;
}

/** How many numbers are at least `from` and below `below`. */
export interface Bucket {
  readonly from: number;
  readonly below: number;
  readonly count: number;
}

/** The ages of one part's reads. */
export interface PartSummary {
  readonly part: string;
  readonly reads: number;
  readonly stale: number;
  readonly leftOut: number;
  readonly maxVersions: number;
  /** Not of a history without a clock. */
  readonly maxMs?: number;
}

/**
 * How old the reads of a history were. Ages are in milliseconds and in versions; an up-to-date read is 0 of both. A history without
 * a clock (`History.untimed`) has ages in versions only; `gapNs` is a number of events there.
 */
export interface StalenessSummary {
  /** Answered reads whose age is known. */
  readonly reads: number;
  /** Those of them that were stale. */
  readonly stale: number;
  /** Answered reads of values with several possible writers, or none: their age is not known. */
  readonly leftOut: number;
  /** Over all reads whose age is known. */
  readonly versions: Percentiles;
  readonly ms?: Percentiles;
  /** Over the stale ones only. */
  readonly ofStale: { readonly versions: Percentiles; readonly ms?: Percentiles };
  /** Of the stale reads. Buckets follow one on another, from the first that has a read to the last. */
  readonly histogram: { readonly versions: readonly Bucket[]; readonly ms?: readonly Bucket[] };
  /** The stalest reads by time, at most ten, the stalest first. */
  readonly worst: readonly (ReadStaleness & { readonly part: string })[];
  /** In order of their first operation. */
  readonly perPart: readonly PartSummary[];
}

const WORST_MAX = 10;

/**
 * Sums up the age of every answered read. Parts that are not registers are left out.
 * @throws ModelError for an operation that is not the model's
 */
export function stalenessSummary<S>(history: History, model: Model<S, Call, Json>): StalenessSummary {
  const table = tableOf(history);
  const isTimed = history.untimed !== true;
  const versions = new Numbers();
  const ms = new Numbers();
  const perPart: PartSummary[] = [];
  let worst: (ReadStaleness & { readonly part: string })[] = [];
  for (const register of registersOf(table, model) ?? []) {
    const ages = readAges(table, register);
    if (ages === undefined) continue;
    const summary = partSummary(register.name, ages, isTimed);
    perPart.push(summary);
    if (summary.stale === 0) continue;
    const stale = staleOf(ages);
    for (const i of stale) {
      versions.push(ages.versions[i]!);
      ms.push(toMs(ages.gapsNs[i]!));
    }
    const stalest = stale.sort((a, b) => ages.gapsNs[b]! - ages.gapsNs[a]! || a - b).slice(0, WORST_MAX);
    const named = Array.from(stalest, (i) => ({
      part: register.name,
      operation: table.id[ages.rows[i]!]!,
      versions: ages.versions[i]!,
      gapNs: ages.gapsNs[i]!,
    }));
    worst = [...worst, ...named].sort((a, b) => b.gapNs - a.gapNs || a.operation - b.operation).slice(0, WORST_MAX);
  }
  const reads = sum(perPart, 'reads');
  const sorted = { versions: versions.sorted(), ms: ms.sorted() };
  return {
    reads,
    stale: sum(perPart, 'stale'),
    leftOut: sum(perPart, 'leftOut'),
    versions: percentiles(sorted.versions, reads),
    ...(isTimed ? { ms: percentiles(sorted.ms, reads) } : {}),
    ofStale: {
      versions: percentiles(sorted.versions, sorted.versions.length),
      ...(isTimed ? { ms: percentiles(sorted.ms, sorted.ms.length) } : {}),
    },
    histogram: {
      versions: histogram(sorted.versions, doubling()),
      ...(isTimed ? { ms: histogram(sorted.ms, oneTwoFive()) } : {}),
    },
    worst,
    perPart,
  };
}

function toMs(ns: Nanos): number {
  return ns / 1e6;
}

function partSummary(part: string, { versions, gapsNs, leftOut }: ReadAges, isTimed: boolean): PartSummary {
  let stale = 0;
  let maxVersions = 0;
  let maxNs = 0;
  for (let i = 0; i < versions.length; i++) {
    if (versions[i] === 0) continue;
    stale++;
    maxVersions = Math.max(maxVersions, versions[i]!);
    maxNs = Math.max(maxNs, gapsNs[i]!);
  }
  return { part, reads: versions.length, stale, leftOut, maxVersions, ...(isTimed ? { maxMs: toMs(maxNs) } : {}) };
}

function staleOf({ versions }: ReadAges): Int32Array {
  const stale = new Numbers();
  for (let i = 0; i < versions.length; i++) if (versions[i]! > 0) stale.push(i);
  return Int32Array.from(stale.all());
}

function sum(parts: readonly PartSummary[], field: 'reads' | 'stale' | 'leftOut'): number {
  return parts.reduce((total, part) => total + part[field], 0);
}

/** Of `count` numbers: these, ascending, and before them as many zeros as are missing. */
function percentiles(ascending: Float64Array, count: number): Percentiles {
  const zeros = count - ascending.length;
  const at = (percent: number): number => {
    const place = Math.ceil((percent / 100) * count) - 1;
    return place < zeros ? 0 : (ascending[place - zeros] ?? 0);
  };
  return { p50: at(50), p90: at(90), p99: at(99), max: at(100) };
}

function histogram(ascending: Float64Array, edges: Iterable<number>): readonly Bucket[] {
  if (ascending.length === 0) return [];
  const buckets: Bucket[] = [];
  let from = 0;
  let at = 0;
  for (const below of edges) {
    const start = at;
    while (at < ascending.length && ascending[at]! < below) at++;
    if (at > 0) buckets.push({ from, below, count: at - start });
    if (at === ascending.length) break;
    from = below;
  }
  return buckets;
}

/** 1, 2, 4, 8 …: buckets of 1, of 2 and 3, of 4 to 7 versions. */
function* doubling(): Iterable<number> {
  for (let edge = 1; ; edge *= 2) yield edge;
}

/** 0.1, 0.2, 0.5, 1, 2, 5, 10 … milliseconds, exactly as written. */
function* oneTwoFive(): Iterable<number> {
  for (let power = -1; ; power++) for (const digit of [1, 2, 5]) yield Number(`${digit}e${power}`);
}

/** A list of numbers that grows. */
class Numbers {
  #numbers = new Float64Array(64);
  #length = 0;

  push(number: number): void {
    if (this.#length === this.#numbers.length) {
      const larger = new Float64Array(2 * this.#length);
      larger.set(this.#numbers);
      this.#numbers = larger;
    }
    this.#numbers[this.#length++] = number;
  }

  all(): Float64Array {
    return this.#numbers.subarray(0, this.#length);
  }

  sorted(): Float64Array {
    return this.#numbers.slice(0, this.#length).sort();
  }
}
