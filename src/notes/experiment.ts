/**
 * An experiment puts one note to the test: arms that are played many times each, and a conclusion that turns what was counted into an
 * answer. What must be so for the answer to stand is a claim with the numbers beside it; where one does not hold the card says so.
 */
import { zeroBound } from '../base/zero-bound.ts';
import type { Ablation, Card, CardLink, Claim, Count, Figure, HistoryLine } from '../contract/index.ts';
import type { Facts, Recording, Scene, Story, Trial } from './recording.ts';

/** `quick`: a few minutes on two cores. `full`: enough for narrow bounds. */
export type Scale = 'quick' | 'full';

/** One way in which the cluster is set up and treated. */
export interface Arm {
  /** What is taken out of the node; the correct node (or whatever stands in its place, to see the card turn) where left out. */
  readonly mutant?: string;
  readonly runs: Readonly<Record<Scale, number>>;
  /** Seeds of its own; those of all arms of the experiment where left out. */
  readonly seeds?: string;
  readonly play: Played;
}

export type Played =
  | {
      readonly world: 'simulator';
      readonly record: (it: {
        readonly seed: string;
        readonly mutant: string | null;
        readonly nth: number;
      }) => Promise<Recording>;
    }
  /** A story on real processes. It is recorded into a run's folder. */
  | {
      readonly world: 'processes';
      readonly scene: Scene;
      readonly story: Story;
      readonly about: string;
      readonly judge?: (recording: Recording) => Facts;
    };

/** What an arm came to, by its name. */
export type Results = Readonly<Record<string, readonly Trial[]>>;

/** A run that is shown: that trial of that arm, at the operation that the facts name. */
export interface Shown {
  readonly arm: string;
  readonly nth: number;
  /** Of the invocation in the history. */
  readonly operation: number;
  readonly words: string;
}

/** What links are made of: the run is recorded again, and written, before the page is. */
export interface Links {
  readonly to: (shown: Shown) => CardLink;
  /** What happened in the run. */
  readonly lines: (shown: Shown) => readonly HistoryLine[];
}

export type Conclusion = Pick<Card, 'answer' | 'explanation' | 'figures' | 'claims' | 'ablations' | 'charts'> & {
  readonly show: readonly Shown[];
  /** What has links in the middle of it. */
  readonly linked?: (links: Links) => Pick<Card, 'matrix' | 'promises' | 'comparison'>;
};

export interface Experiment {
  readonly id: string;
  readonly lines: string;
  readonly note: string;
  readonly form: Card['form'];
  /** What the note turns out to be, as long as every claim holds. */
  readonly status: 'answered' | 'holds' | 'correction';
  /** The mutant that takes out what the answer rests on: in the place of the correct node it has to turn the card. */
  readonly decisive: string;
  readonly arms: Readonly<Record<string, Arm>>;
  readonly conclude: (results: Results) => Conclusion;
}

export function claim(words: string, holds: boolean, measured: string): Claim {
  return { words, holds, measured };
}

/** How many trials are like that. */
export function count(trials: readonly Trial[], is: (trial: Trial) => boolean): Count {
  return { hits: trials.filter(is).length, of: trials.length };
}

export function shown({ hits, of }: Count): string {
  return `${grouped(hits)} of ${grouped(of)}`;
}

/** 12,345 */
export function grouped(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

/** A count as a figure; none of n speaks for less than 3/n, with 95 % certainty. */
export function countFigure(counted: Count, label: string, tone?: Figure['tone']): Figure {
  const bound = counted.hits === 0 ? zeroBound(counted.of) : null;
  return { value: shown(counted), label, ...(bound !== null && { bound }), ...(tone !== undefined && { tone }) };
}

export function percent(share: number): string {
  if (Number.isNaN(share)) return '—';
  const value = share * 100;
  return `${value >= 10 || value === 0 ? value.toFixed(0) : value.toFixed(1)} %`;
}

export function ms(value: number): string {
  if (!Number.isFinite(value)) return '—';
  return `${value >= 10 ? value.toFixed(0) : value.toFixed(1)} ms`;
}

/** The fact of each trial that has it. */
export function numbers(trials: readonly Trial[], fact: string): readonly number[] {
  return trials.flatMap(({ facts }) => (typeof facts[fact] === 'number' ? [facts[fact]] : []));
}

export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

export function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** Something that must never be so was: to clients, or inside. */
export function isWrong({ anomalies, broken }: Trial): boolean {
  return anomalies.length > 0 || broken.length > 0;
}

/** What the clients saw was not linearizable. */
export function isViolation({ anomalies }: Trial): boolean {
  return anomalies.length > 0;
}

/** Every story was told to its end; what could not be told has shown nothing. */
export function toldClaim(name: string, trials: readonly Trial[]): Claim {
  const stuck = trials.filter((it) => it.stuck !== null);
  const why = stuck[0]?.stuck;
  return claim(
    `every run of the arm "${name}" came to its end`,
    trials.length > 0 && stuck.length === 0,
    `${shown({ hits: trials.length - stuck.length, of: trials.length })}${why ? `; ${why}` : ''}`,
  );
}

/** The first trial that shows it, as a link; none where none does. */
export function showFirst(
  results: Results,
  it: { readonly arm: string; readonly is?: (trial: Trial) => boolean; readonly fact?: string; readonly words: string },
): readonly Shown[] {
  const { arm, is = () => true, fact = 'at', words } = it;
  const found = results[arm]?.find(
    (trial) => trial.stuck === null && typeof trial.facts[fact] === 'number' && is(trial),
  );
  return found === undefined ? [] : [{ arm, nth: found.nth, operation: found.facts[fact] as number, words }];
}

/** With the rule nothing of the kind, without it some: both are claims, and stand as one ablation. */
export function ablate(
  results: Results,
  it: {
    readonly rule: string;
    readonly mutant: string;
    readonly counted: string;
    readonly with: string;
    readonly without: string;
    readonly is: (trial: Trial) => boolean;
  },
): { readonly ablation: Ablation; readonly claims: readonly Claim[] } {
  const kept = count(results[it.with] ?? [], it.is);
  const broken = count(results[it.without] ?? [], it.is);
  const { rule, mutant, counted } = it;
  return {
    ablation: { rule, mutant, counted, with: kept, without: broken },
    claims: [
      claim(`with the rule (${rule}) no ${counted}`, kept.of > 0 && kept.hits === 0, shown(kept)),
      claim(`without it (${mutant}) ${counted}`, broken.hits > 0, shown(broken)),
    ],
  };
}
