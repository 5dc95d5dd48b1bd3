/** From runs to what became of each cell and of the whole, judged against what was declared. */
import type { CampaignRun, Cell, CellResult, CellState } from '../contract/index.ts';

/**
 * Cells in their order, with what their runs came to. A part of a campaign leaves out cells that it has no run of, and cannot say that what
 * must happen did not.
 */
export function cellResults(
  cells: readonly Cell[],
  runs: readonly CampaignRun[],
  { isPart }: { readonly isPart: boolean },
): readonly CellResult[] {
  const counted = cells.map((cell): CellResult => {
    const its = runs.filter((run) => run.cell === cell.id);
    const violations = its.filter(isViolation).length;
    const unknown = its.filter(isUnknown).length;
    const state = stateOf(cell, { runs: its.length, violations, unknown, isPart });
    return { ...cell, runs: its.length, violations, unknown, state, worst: its.toSorted(byWeight)[0]?.id ?? null };
  });
  return isPart ? counted.filter((cell) => cell.runs > 0) : counted;
}

function stateOf(
  { expectation }: Cell,
  it: { readonly runs: number; readonly violations: number; readonly unknown: number; readonly isPart: boolean },
): CellState {
  if (it.violations > 0) return expectation === 'never' ? 'unexpected' : 'expected';
  if (it.unknown > 0 || it.runs === 0) return 'unknown';
  return expectation === 'must' && !it.isPart ? 'unexpected' : 'ok';
}

/** 1 for a surprise, else 2 where a run, or a cell, is unknown. */
export function exitOf(cells: readonly CellResult[], isInterrupted: boolean): number {
  if (isInterrupted) return 130;
  if (cells.some(({ state }) => state === 'unexpected')) return 1;
  return cells.some(({ unknown, runs }) => unknown > 0 || runs === 0) ? 2 : 0;
}

/** Whether a run is a surprise by itself. A `must` that nothing violated is one of its cell. */
export function isSurprise(run: CampaignRun, cell: Cell): boolean {
  return isViolation(run) && cell.expectation === 'never';
}

/** What clients saw, or an invariant of Raft that broke, whatever clients saw. */
export function isViolation({ class: kind }: CampaignRun): boolean {
  return kind !== null;
}

/** Not known, and nothing found either. */
export function isUnknown(run: CampaignRun): boolean {
  return run.verdict === 'unknown' && !isViolation(run);
}

/** A violation before an unknown verdict before a good run; the stalest read first, then the most anomalies. */
export function byWeight(a: CampaignRun, b: CampaignRun): number {
  return (
    rank(a) - rank(b) ||
    (b.worstStaleMs ?? 0) - (a.worstStaleMs ?? 0) ||
    b.anomalies - a.anomalies ||
    (a.id < b.id ? -1 : 1)
  );
}

function rank(run: CampaignRun): number {
  return isViolation(run) ? 0 : isUnknown(run) ? 1 : 2;
}
