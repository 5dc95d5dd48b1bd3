/** What a campaign came to, in a headline. */
import { byWeight, isSurprise, isUnknown } from '../campaign/index.ts';
import type { CampaignResult, CampaignRun, Cell } from '../contract/index.ts';
import { count, plural } from './format.ts';

export interface Headline {
  readonly tone: 'good' | 'bad' | 'warn';
  readonly symbol: '✓' | '✕' | '?';
  /** `2 surprises`. */
  readonly verdict: string;
  readonly headline: string;
  readonly aside: string;
  /** The run to open first. */
  readonly run: CampaignRun | null;
}

/** Names what was not declared; else what is not known; else says that all went as declared. */
export function headlineOf(result: CampaignResult): Headline {
  const { cells, runs } = result;
  const cellOf = (run: CampaignRun): Cell => cells.find(({ id }) => id === run.cell)!;
  const surprising = cells.filter(({ state }) => state === 'unexpected');
  const first = runs.filter((run) => isSurprise(run, cellOf(run))).toSorted(byWeight)[0] ?? null;
  const unknown = runs.filter(isUnknown);
  const rest = unknown.length > 0 ? ` ${plural(unknown.length, 'run')} could not be decided.` : '';
  if (first !== null) {
    const cell = cells.find(({ id }) => id === first.cell)!;
    return {
      tone: 'bad',
      symbol: '✕',
      verdict: plural(surprising.length, 'surprise'),
      headline: `${cell.system} was not linearizable with ${cell.reads} reads under ${faultWords(cell)}, where that was never to happen.`,
      aside: `${count(cell.violations)} of ${plural(cell.runs, 'run')}.${others(surprising.length - 1)}${rest}`,
      run: first,
    };
  }
  const [missing] = surprising;
  if (missing !== undefined) {
    return {
      tone: 'bad',
      symbol: '✕',
      verdict: plural(surprising.length, 'surprise'),
      headline: `${missing.system} with ${missing.reads} reads under ${faultWords(missing)} was to be caught, and was not.`,
      aside: `No violation in ${plural(missing.runs, 'run')}.${others(surprising.length - 1)}${rest}`,
      run: null,
    };
  }
  const idle = cells.filter((cell) => cell.runs === 0);
  if (unknown.length > 0 || idle.length > 0 || result.interrupted) {
    const worst = unknown.toSorted(byWeight)[0] ?? null;
    return {
      tone: 'warn',
      symbol: '?',
      verdict: result.interrupted ? 'Interrupted' : 'Not everything is known',
      headline:
        unknown.length > 0
          ? `${plural(unknown.length, 'run')} of ${count(runs.length)} could not be decided.`
          : `${plural(idle.length, 'cell')} of ${count(cells.length)} had no run.`,
      aside: worst?.reason ?? 'Everything else went as declared.',
      run: worst,
    };
  }
  return {
    tone: 'good',
    symbol: '✓',
    verdict: 'As declared',
    headline: `Everything went as declared, in ${plural(runs.length, 'run')}.`,
    aside: cells.some(({ state }) => state === 'expected')
      ? 'Where violations appeared they had been declared.'
      : 'No run violated anything.',
    run: null,
  };
}

function others(more: number): string {
  return more === 0 ? ' Everything else went as declared.' : ` ${plural(more, 'more cell')} did not go as declared.`;
}

/** `no fault`, `partition:leader`. */
export function faultWords({ faults }: Pick<Cell, 'faults'>): string {
  return faults === 'none' ? 'no fault' : faults;
}
