/** One row of the mutation score: a mutant under general plans and under its hint, and the smallest plan that shows it. */
import type { Plan } from '../contract/index.ts';
import { DETECTORS } from './catalogue.ts';
import { scoreLiveness, type LivenessScore } from './liveness-score.ts';
import { planFor, score, type Hint, type Tally } from './score.ts';
import { findingsOf, play, type Finding } from './play.ts';
import { shrink } from './shrink.ts';

const LIVENESS_SCHEDULES = 20;

/** How one mutant fared. */
export interface MutantScore {
  readonly mutant: string;
  readonly general: Tally;
  /** Null where it needs no hint and has none. */
  readonly hinted: Tally | null;
  /** The correct node under the plans that `hinted` counts. */
  readonly correct: Tally | null;
  /** How the cluster was led under hinted plans, beside the correct node; null where the catalogue does not ask for it, or it was interrupted. */
  readonly liveness: LivenessScore | null;
  /** Of a plan that was caught, by what clients saw where there is one; null where none was, or nobody asked. */
  readonly shrunk: ShrunkSize | null;
  readonly seconds: number;
}

/** A shrunk plan. */
export interface ShrunkSize {
  readonly plan: Plan;
  readonly finding: Finding;
  readonly faults: number;
  /** Client operations that were asked, final reads left out. */
  readonly operations: number;
  /** Plans that were played on the way. */
  readonly plays: number;
}

export interface MutantOptions {
  readonly mutant: string;
  readonly seed: string;
  readonly hint: Hint | undefined;
  /** At most so many schedules in each column, and enough after so many catches. */
  readonly schedules: number;
  readonly hits: number;
  readonly jobs?: number;
  /** At most so many plays to shrink; 0 for none. */
  readonly shrinkPlays: number;
  readonly signal: AbortSignal;
}

/** Plays them all. With a hint, what the catalogue wants seen by clients is looked for until they saw it. */
export async function scoreMutant(options: MutantOptions): Promise<MutantScore> {
  const { hint, ...plain } = options;
  const { mutant } = plain;
  const beganMs = performance.now();
  const general = await score(plain);
  const byClients = DETECTORS[mutant]?.includes('clients') === true;
  const byLiveness = DETECTORS[mutant]?.[0] === 'liveness';
  // What shows in a ratio only is not waited for as an alarm.
  const schedules = byLiveness ? Math.min(LIVENESS_SCHEDULES, plain.schedules) : plain.schedules;
  const hinted =
    hint === undefined ? null : await score({ ...plain, schedules, hint, wanted: byClients ? 'clients' : 'any' });
  const correct =
    hinted === null || hint === undefined
      ? null
      : await score({ ...plain, hint, mutant: null, schedules: hinted.schedules, hits: Infinity });
  const led =
    hint !== undefined && byLiveness ? await scoreLiveness({ ...plain, hint, schedules: LIVENESS_SCHEDULES }) : null;
  // Means over other plans than the correct node's, where it was cut short, are no ratio.
  const liveness = options.signal.aborted ? null : led;
  const shown = shownBy(options, general, hinted);
  const shrunk =
    shown === null || options.shrinkPlays === 0 || options.signal.aborted ? null : await shrunkSize(shown, options);
  return { mutant, general, hinted, correct, liveness, shrunk, seconds: (performance.now() - beganMs) / 1000 };
}

/** The first plan that clients saw, or else that anything saw. */
function shownBy({ mutant, hint, seed }: MutantOptions, general: Tally, hinted: Tally | null): Plan | null {
  const wanted = [
    { nth: hinted?.firstByClients, hint },
    { nth: general.firstByClients, hint: undefined },
    { nth: hinted?.first, hint },
    { nth: general.first, hint: undefined },
  ].find(({ nth }) => nth !== null && nth !== undefined);
  return wanted === undefined
    ? null
    : planFor({ mutant, seed, ...(wanted.hint && { hint: wanted.hint }) }, wanted.nth!);
}

async function shrunkSize(plan: Plan, { shrinkPlays, signal }: MutantOptions): Promise<ShrunkSize | null> {
  const played = await play(plan);
  const of = findingsOf(played).find(({ detector }) => detector !== 'undecided');
  if (of === undefined) return null;
  const shrunk = await shrink({ played, of }, { maxPlays: shrinkPlays, shouldStop: () => signal.aborted });
  const { plan: small } = shrunk.played;
  return {
    plan: small,
    finding: shrunk.finding,
    faults: small.steps.length,
    operations: (small.calls ?? []).flat().length,
    plays: shrunk.plays,
  };
}
