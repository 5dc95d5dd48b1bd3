/**
 * `answers.json`: the notes on Raft, each put to the test, and what came of it. Every number in it was counted or measured in the campaign
 * that wrote it; pages and terminal are pure functions of it.
 */
import type { HistoryLine } from './record.ts';

/** What the experiment says of a note. `not-as-expected`: a claim below did not hold. */
export type CardStatus = 'answered' | 'holds' | 'correction' | 'not-as-expected' | 'not-tested';

/** Something that has to be so for the answer to stand, and what was measured. One that does not hold turns the card. */
export interface Claim {
  readonly words: string;
  readonly holds: boolean;
  readonly measured: string;
}

/** One of the two to four numbers of a card. */
export interface Figure {
  /** As it is shown: `0 of 240`, `38 ms`. */
  readonly value: string;
  /** Of a count of none, what the true share is below, with 95 % certainty: `< 1.3 %`. */
  readonly bound?: string;
  readonly label: string;
  /** `bad`: something that must not happen to whoever needs the promise. */
  readonly tone?: 'good' | 'bad';
}

/** A rule, and what becomes of the same schedules without it. */
export interface Ablation {
  /** In words: `a vote goes only to a log that is at least as up to date`. */
  readonly rule: string;
  readonly mutant: string;
  /** What is counted: `runs that lost an acknowledged write`. */
  readonly counted: string;
  readonly with: Count;
  readonly without: Count;
}

export interface Count {
  readonly hits: number;
  readonly of: number;
}

/** Bars from the same zero. */
export interface BarChart {
  readonly title: string;
  readonly bars: readonly { readonly label: string; readonly value: number; readonly shown: string }[];
  readonly note: string;
}

/** S20: read modes against faults. */
export interface ReadMatrix {
  readonly faults: readonly { readonly name: string; readonly words: string }[];
  readonly rows: readonly {
    readonly reads: string;
    /** What the mode claims. */
    readonly promise: string;
    readonly cells: readonly MatrixCell[];
    readonly all: Count;
    readonly worstMs: number | null;
    readonly worstVersions: number | null;
  }[];
}

export interface MatrixCell extends Count {
  /** Reads that were answered in those runs, and those among them that were stale. */
  readonly reads: number;
  readonly stale: number;
  /** The run that shows it best, where one is incorrect. */
  readonly link: CardLink | null;
}

/** Two short histories next to each other: the read that may not be, and the one that may. */
export interface Comparison {
  readonly incorrect: Told;
  readonly correct: Told;
}

export interface Told {
  readonly words: string;
  /** As in history.jsonl. */
  readonly lines: readonly HistoryLine[];
  /** Index of the line where the read in question was invoked. */
  readonly read: number;
  readonly link: CardLink;
}

/** What histories keep and break: one row each, `kept`, `broken` or `not decided` by name of the promise. */
export interface PromiseTable {
  readonly promises: readonly string[];
  readonly rows: readonly {
    readonly words: string;
    readonly verdicts: readonly ('kept' | 'broken' | 'not decided')[];
    /** Why, of the strongest one that is broken besides linearizability. */
    readonly because: string;
    readonly link: CardLink;
  }[];
}

/** A run, at the operation that shows it. */
export interface CardLink {
  readonly words: string;
  /** Relative to answers.html: `runs/S10-stale/report.html#op-4`. */
  readonly href: string;
  readonly world: 'simulator' | 'processes';
  /** What has to be found there: the operation in words, `read x = 1`. */
  readonly operation: string;
}

export interface Card {
  readonly id: string;
  /** Lines of the notes, `69-71`. */
  readonly lines: string;
  /** Restated. */
  readonly note: string;
  readonly form: 'question' | 'answer' | 'statement';
  readonly status: CardStatus;
  /** A headline; at most two sentences. */
  readonly answer: string;
  readonly explanation: string;
  readonly claims: readonly Claim[];
  readonly figures: readonly Figure[];
  readonly ablations: readonly Ablation[];
  readonly charts: readonly BarChart[];
  readonly matrix?: ReadMatrix;
  readonly comparison?: Comparison;
  readonly promises?: PromiseTable;
  readonly links: readonly CardLink[];
  /** Runs of the simulator, and of real processes. */
  readonly runs: { readonly simulated: number; readonly real: number };
  /** The command that measures it again. */
  readonly command: string;
}

export interface Answers {
  readonly format: 1;
  /** The tool's. */
  readonly version: string;
  readonly seed: string;
  readonly scale: 'quick' | 'full';
  /** Of the node in the arms that are to be correct; null for the correct one. */
  readonly mutant: string | null;
  /** 0 where every card came out as expected, 1 where one did not, 130 interrupted. */
  readonly exit: number;
  readonly interrupted: boolean;
  readonly startedMs: number;
  readonly seconds: number;
  /** Runs of an earlier start, which was cut short: their time is not in `seconds`. */
  readonly earlierRuns: number;
  readonly command: string;
  /** The replica question first. */
  readonly cards: readonly Card[];
}
