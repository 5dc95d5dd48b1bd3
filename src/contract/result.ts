/** `result.json`: the one source of what page, terminal and CI files say about a finished run. A pure function of the run's other files. */
import type { Anomaly, Nanos } from '../../checker/index.ts';
import type { FaultKind } from './fault.ts';

/** Counts of one kind of fault. `effective` of `total` were seen to have held. */
export interface FaultCount {
  readonly kind: FaultKind;
  readonly total: number;
  readonly effective: number;
  /** Stale windows among the leader faults. */
  readonly windows: number;
}

export interface RunResult {
  readonly format: 1;
  readonly run: string;
  readonly seed: string;
  readonly command: string;
  readonly verdict: 'linearizable' | 'not-linearizable' | 'unknown';
  /** Set where the verdict is unknown: `vacuous: …`, `interrupted …`, a budget. */
  readonly reason: string | null;
  readonly expected: 'ok' | 'violation' | 'any';
  /** 0, 1, 2 or 130. */
  readonly exit: number;
  readonly interrupted: boolean;
  readonly system: { readonly name: string; readonly version: string; readonly nodes: number };
  readonly workload: string;
  readonly reads: string;
  /** What the system and read mode claim. */
  readonly promise: string;
  readonly ops: {
    readonly total: number;
    readonly ok: number;
    readonly fail: number;
    readonly unknown: number;
    readonly mismatch: number;
    /** ok operations that returned while at least one fault was active. */
    readonly okDuringFaults: number;
    readonly reads: number;
    readonly writes: number;
  };
  readonly faults: readonly FaultCount[];
  /** Distinct leaders that followed another one, from probes. */
  readonly leaderChanges: number;
  /** Wall clock at the start, in ms since 1970. */
  readonly startedMs: number;
  /** From the first process started to the first linearizable read answered, in ms; null where nothing was started or nobody lived to tell. */
  readonly readyMs: number | null;
  readonly durationNs: Nanos;
  readonly eventLoopDelayMs: { readonly p99: number; readonly max: number } | null;
  /**
   * How far the times of probes may be from the run's clock, by node, in ms. `shared`: there is one clock, as in the simulator.
   * `asked`: nodes of another system write none, whoever asks them now and then does. Left out where nobody measured.
   */
  readonly clockErrorsMs?: Readonly<Record<string, number>> | 'shared' | 'asked';
  readonly check: { readonly keys: number; readonly decided: number; readonly steps: number; readonly seconds: number };
  readonly staleness: { readonly reads: number; readonly p50Ms: number; readonly maxMs: number };
  /** How many there are. */
  readonly anomalyCount: number;
  /** The most telling first. The file holds at most 200 of them; the history gives the others again. */
  readonly anomalies: readonly Anomaly[];
  /** Invariants of Raft that the probes, or the simulator, saw broken, whatever clients saw; `node-failure` among them. One is enough for exit 1. */
  readonly invariants: readonly { readonly name: string; readonly message: string }[];
  readonly finalReads: { readonly keys: number; readonly missing: readonly string[] };
}
