/** What the fuzz has seen, by kind: a fuzz of good histories alone, or of none with a crash, would prove little. */
import type { Kind } from './kinds.ts';
import type { Trial } from './trial.ts';

export interface Counts {
  readonly histories: number;
  readonly violations: number;
  readonly crashed: number;
  readonly forced: number;
  readonly operations: number;
  readonly faults: number;
  /** Too much for the oracle. */
  readonly unjudged: number;
}

export function noCounts(): Counts {
  return { histories: 0, violations: 0, crashed: 0, forced: 0, operations: 0, faults: 0, unjudged: 0 };
}

/** The counts with another history, or with others' counts. */
export function add(counts: Counts, more: Trial | Counts): Counts {
  const other = 'histories' in more ? more : countsOf(more);
  return {
    histories: counts.histories + other.histories,
    violations: counts.violations + other.violations,
    crashed: counts.crashed + other.crashed,
    forced: counts.forced + other.forced,
    operations: counts.operations + other.operations,
    faults: counts.faults + other.faults,
    unjudged: counts.unjudged + other.unjudged,
  };
}

function countsOf({ expected, hasCrashed, isForced, fault, operations }: Trial): Counts {
  return {
    histories: 1,
    violations: Number(expected === false),
    crashed: Number(hasCrashed),
    forced: Number(isForced),
    operations: operations.length,
    faults: Number(fault !== undefined),
    unjudged: Number(expected === null),
  };
}

/** A line for each kind. */
export function report(kinds: readonly Kind[], tally: ReadonlyMap<string, Counts>): readonly string[] {
  return kinds.map(({ name }) => {
    const { histories, violations, crashed, forced, operations, faults, unjudged } = tally.get(name) ?? noCounts();
    const percent = (part: number): string => `${((100 * part) / Math.max(1, histories)).toFixed(0)} %`;
    return [
      `${name.padEnd(24)} ${String(histories).padStart(7)} histories of ${(operations / Math.max(1, histories)).toFixed(1)} operations`,
      `${percent(violations)} violations`,
      `${percent(crashed)} with crashed operations`,
      ...(forced > 0 ? [`refutation forced in ${percent(forced)}`] : []),
      ...(unjudged > 0 ? [`${unjudged} too much for the oracle`] : []),
      `${faults} disagreements`,
    ].join(', ');
  });
}
