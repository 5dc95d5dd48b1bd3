/** A campaign: a matrix of systems, read modes and faults, each cell run with several seeds, and what is declared of it. */
import type { RunResult } from './result.ts';

/** `never`: no run may violate. `may`: that is known. `must`: some run has to, or the fault, or the check, is worth nothing. */
export type Expectation = 'never' | 'may' | 'must';

/** One cell of the matrix. */
export interface Cell {
  /** Names its runs, too: `raft_M30-local-pause+kill`. */
  readonly id: string;
  /** As in the file: `raft`, or `raft M30` for a node with one rule broken. */
  readonly system: string;
  readonly reads: string;
  /** As in the file: `none`, `partition:leader`. */
  readonly faults: string;
  readonly expectation: Expectation;
}

/** What became of a cell. `expected`: violations that were declared. */
export type CellState = 'ok' | 'expected' | 'unexpected' | 'unknown';

export interface CellResult extends Cell {
  readonly runs: number;
  readonly violations: number;
  readonly unknown: number;
  readonly state: CellState;
  /** Id of the run that is most worth opening; null where none was run. */
  readonly worst: string | null;
}

/** One run, as far as a campaign tells of it; its folder has the rest. */
export interface CampaignRun {
  readonly id: string;
  readonly cell: string;
  readonly seed: string;
  readonly verdict: RunResult['verdict'];
  /** Why the verdict is unknown, or what failed. */
  readonly reason: string | null;
  /** Of a violation: its kind (or the invariant's name), and how many clients saw. Null where there is none. */
  readonly class: string | null;
  readonly anomalies: number;
  /** The first sentence: the identical string stands on the run's page. */
  readonly sentence: string | null;
  /** The shortest history, a line an operation. */
  readonly minimal: readonly string[];
  readonly worstStaleMs: number | null;
  readonly operations: number;
  readonly seconds: number;
  readonly command: string;
  /** Relative to the campaign's folder; null where the run left none. */
  readonly report: string | null;
}

/** `result.json` of a campaign: the one source of its page, of JUnit and of the summaries. */
export interface CampaignResult {
  readonly format: 1;
  readonly campaign: string;
  /** The tool's. */
  readonly version: string;
  readonly seed: string;
  /** 0 as declared, 1 something unexpected, 2 something unknown, 130 interrupted. */
  readonly exit: number;
  readonly interrupted: boolean;
  /** `1/2` where this is only a part. */
  readonly shard: string | null;
  readonly startedMs: number;
  readonly about: string;
  readonly cells: readonly CellResult[];
  readonly runs: readonly CampaignRun[];
}
