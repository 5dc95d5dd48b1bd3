/**
 * The mutation score: how often the tool catches a node with one broken rule, and what catches it. General plans are those that anybody
 * gets; a hint fixes the configuration, or a few faults, and leaves everything else to chance. The correct node plays the same plans.
 */
import type { Plan, SimulatedWorld, FaultStep } from '../contract/index.ts';
import { explore } from './explore.ts';
import { drawPlan, type PlanFrame } from './generate.ts';
import { interval95 } from './interval.ts';
import type { Outcome } from './outcome.ts';
import type { Finding } from './play.ts';

/** What makes a mutant show: a configuration, and faults at events. It names no value that is written, and no draw. */
export interface Hint {
  /** In words, why it takes this. */
  readonly because: string;
  readonly frame?: PlanFrame;
  readonly world?: Partial<SimulatedWorld>;
  readonly electionTimeoutMs?: Plan['electionTimeoutMs'];
  /** In place of the drawn faults. */
  readonly steps?: readonly HintedStep[];
}

/** A fault at an event. */
export type HintedStep = Pick<FaultStep, 'kind' | 'target' | 'forMs'> &
  Partial<Pick<FaultStep, 'when' | 'until' | 'atMs' | 'maxMs' | 'resume' | 'change' | 'delayMs' | 'rate' | 'jumpMs'>>;

/** What was counted over a number of schedules. */
export interface Tally {
  readonly schedules: number;
  /** Schedules that found something, whatever found it. */
  readonly caught: number;
  /** Schedules in which clients saw it: their history is not linearizable. */
  readonly byClients: number;
  readonly byDetector: Readonly<Record<string, number>>;
  /** The share that is caught as was wanted, with its 95 % interval. */
  readonly rate: readonly [low: number, share: number, high: number];
  /** How many schedules one needs to catch it as was wanted, as the median over the catches; null where there was none. */
  readonly medianSchedules: number | null;
  /** The number of the first plan that was caught, and of the first that clients saw; null where there was none. */
  readonly first: number | null;
  readonly firstByClients: number | null;
  readonly seconds: number;
}

export interface ScoreOptions {
  readonly mutant: string | null;
  readonly seed: string;
  /** At most so many schedules. */
  readonly schedules: number;
  /** Enough after so many catches, by anything or by what clients saw alone. */
  readonly hits: number;
  readonly wanted?: 'any' | 'clients';
  readonly hint?: Hint;
  readonly jobs?: number;
  readonly signal?: AbortSignal;
}

/** Plays schedules until there are enough catches, or no more schedules. Equal options give equal counts, on any number of threads. */
export async function score(options: ScoreOptions): Promise<Tally> {
  const { schedules, hits, wanted = 'any', jobs, signal } = options;
  const beganMs = performance.now();
  const caughtAt: number[] = [];
  const byDetector: Record<string, number> = {};
  let played = 0;
  let caught = 0;
  let byClients = 0;
  let first: number | null = null;
  let firstByClients: number | null = null;
  await explore({
    ...(jobs === undefined ? {} : { jobs }),
    ...(signal === undefined ? {} : { signal }),
    plans: plansFor(options),
    onOutcome: (outcome) => {
      const nth = played++;
      const findings = alarmsOf(outcome);
      const isSeen = findings.some(({ detector }) => detector === 'clients');
      for (const name of new Set(findings.map(nameOf))) byDetector[name] = (byDetector[name] ?? 0) + 1;
      if (findings.length > 0) {
        caught++;
        first ??= nth;
      }
      if (isSeen) {
        byClients++;
        firstByClients ??= nth;
      }
      if (wanted === 'clients' ? isSeen : findings.length > 0) caughtAt.push(played);
      return caughtAt.length >= hits || played >= schedules ? 'stop' : 'go-on';
    },
  });
  const [low, high] = interval95(caughtAt.length, played);
  return {
    schedules: played,
    caught,
    byClients,
    byDetector,
    rate: [low, played === 0 ? 0 : caughtAt.length / played, high],
    medianSchedules: median(caughtAt.map((at, i) => at - (caughtAt[i - 1] ?? 0))),
    first,
    firstByClients,
    seconds: (performance.now() - beganMs) / 1000,
  };
}

/** The nth plan for a mutant: the same for every mutant and for the correct node, but for the mutant. */
export function planFor({ mutant, seed, hint }: Pick<ScoreOptions, 'mutant' | 'seed' | 'hint'>, nth: number): Plan {
  const plan = drawPlan(`${seed}-${nth}`, { ...hint?.frame, mutant });
  if (hint === undefined) return plan;
  const steps = hint.steps?.map((step, id): FaultStep => ({
    id,
    atMs: 0,
    heal: 'time',
    maxMs: step.forMs,
    draw: plan.steps[id]?.draw ?? 0,
    ...step,
  }));
  return {
    ...plan,
    world: { ...plan.world!, ...hint.world },
    ...(hint.electionTimeoutMs && { electionTimeoutMs: hint.electionTimeoutMs }),
    ...(steps && {
      steps,
      requested: [...new Set(steps.map(({ kind }) => kind))].map((kind) => ({ kind, target: 'any' as const })),
    }),
  };
}

function* plansFor(options: ScoreOptions): Iterator<Plan> {
  for (let nth = 0; nth < options.schedules; nth++) yield planFor(options, nth);
}

/** An undecided history is no alarm. */
function alarmsOf({ findings }: Outcome): readonly Finding[] {
  return findings.filter(({ detector }) => detector !== 'undecided');
}

function nameOf({ detector, class: name }: Finding): string {
  return detector === 'clients' ? 'clients' : name;
}

function median(values: readonly number[]): number | null {
  if (values.length === 0) return null;
  return values.toSorted((a, b) => a - b)[values.length >> 1]!;
}
