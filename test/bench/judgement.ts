/** Holds what was measured against the target of its case. */
import type { Case } from './cases.ts';
import { faultsOf, type FactsData } from './facts.ts';
import type { Measurement } from './measure.ts';

/** A case in one size, measured. */
export interface Measured {
  readonly operations: number;
  readonly facts: FactsData;
  readonly measurement: Measurement;
}

/** A case in all its sizes. */
export interface Judged {
  readonly name: string;
  readonly runs: readonly Measured[];
  /** What misses the target, in words. */
  readonly misses: readonly string[];
  /** Whether a verdict, or its proof, is wrong, which is worse than none or a slow one. */
  readonly isWrong: boolean;
}

/** The share of `JSON.parse` line by line that a scan may cost. */
const SCAN_SHARE_MAX = 1 / 3;

export function judge({ name, target }: Case, runs: readonly Measured[]): Judged {
  const { measurement: last, operations } = runs.at(-1)!;
  const { ratioMax, peakMbMax, growthMax, coldSecondsMax, totalSecondsMax } = target;
  return {
    name,
    runs,
    isWrong: runs.some(({ measurement }) => isWrong(target.verdict, measurement)),
    misses: [
      ...runs.flatMap((run) => wrongVerdict(target.verdict, run)),
      ...runs.flatMap(({ facts }) => faultsOf(facts).map((fault) => `the history of ${facts.operations}: ${fault}`)),
      ...above('ratio', last.checkMs / last.scanMs, ratioMax),
      ...above('peak MB', last.peakMb, peakMbMax),
      ...above('growth', growthOf(runs), growthMax),
      ...above('cold seconds', last.coldCheckMs / 1000, coldSecondsMax),
      ...above('seconds in all', (last.coldScanMs + last.coldCheckMs) / 1000, totalSecondsMax),
      // Of a short file, the scan is still being compiled.
      ...(operations < 1_000_000 ? [] : above('scan / JSON.parse', scanShareOf(last), SCAN_SHARE_MAX)),
    ],
  };
}

/** The exponent of the check's CPU in the number of operations; undefined for one size. */
export function growthOf(runs: readonly Measured[]): number | undefined {
  const [first, last] = [runs[0]!, runs.at(-1)!];
  if (first === last) return undefined;
  return Math.log(last.measurement.checkMs / first.measurement.checkMs) / Math.log(last.operations / first.operations);
}

/** The scan in units of `JSON.parse` line by line; undefined where that was not measured. */
export function scanShareOf({ scanMs, parseMs }: Measurement): number | undefined {
  return parseMs === undefined ? undefined : scanMs / parseMs;
}

/** A figure that is missing misses nothing; one that is not a number misses everything. */
function above(name: string, value: number | undefined, max: number | undefined): readonly string[] {
  if (max === undefined || value === undefined || value <= max) return [];
  return [`${name} ${value.toFixed(2)}, not ${max.toFixed(2)}`];
}

function isWrong(wanted: Case['target']['verdict'], { verdict, wrongProof }: Measurement): boolean {
  return wrongProof !== undefined || (wanted !== 'decided' && verdict !== 'unknown' && verdict !== wanted);
}

function wrongVerdict(
  wanted: Case['target']['verdict'],
  { operations, facts, measurement }: Measured,
): readonly string[] {
  const { verdict, wrongProof, failure, anomaly, unknown } = measurement;
  const fault = wrongProof ?? failure;
  if (fault !== undefined) return [`${operations}: ${verdict}, ${fault}`];
  const isRight = wanted === 'decided' ? verdict !== 'unknown' : verdict === wanted;
  if (!isRight) return [`${operations}: ${verdict}, not ${wanted}${unknown === undefined ? '' : ` (${unknown})`}`];
  if (wanted !== 'violation' || facts.stale === undefined || anomaly?.operation === facts.stale.index) return [];
  return [`${operations}: accuses operation ${anomaly?.operation}, not the read ${facts.stale.index}`];
}
