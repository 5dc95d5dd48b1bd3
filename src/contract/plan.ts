/** A plan: everything that decides a run, plain JSON, in run.json. */
import type { Call } from '../../checker/index.ts';
import type { FaultKind, FaultStep, FaultTarget } from './fault.ts';
import type { NodeSettings, SimulatedWorld } from './simulated.ts';
import type { SystemFacts } from './system-facts.ts';

/** A kind of fault as asked for on the command line: `partition:leader`. */
export interface FaultRequest {
  readonly kind: FaultKind;
  readonly target: FaultTarget;
}

/** A call of one client, which begins it then or, where the one before it takes longer, after that one. */
export interface PlannedCall {
  /** Since the clients began. */
  readonly atMs: number;
  readonly call: Call;
}

export interface Plan {
  readonly format: 1;
  /** What it is to show, in words, where somebody wrote it. */
  readonly about?: string;
  /** `raft`, the bundled one, or another, of which `foreign` tells. */
  readonly system: string;
  /** Of a system that is not the bundled one: what its read modes claim, and the flags by which it was found. */
  readonly foreign?: Pick<SystemFacts, 'reads' | 'flags'>;
  readonly nodes: number;
  readonly workload: string;
  readonly reads: string;
  readonly clients: number;
  readonly keys: number;
  readonly timeMs: number;
  readonly seed: string;
  /** Operations per second over all clients; null for as fast as they can. */
  readonly rate: number | null;
  /** Id of a mutant of the bundled node, or null for the correct one. */
  readonly mutant: string | null;
  readonly electionTimeoutMs: readonly [min: number, max: number];
  readonly attemptTimeoutMs: number;
  readonly operationTimeoutMs: number;
  /** The timeout of a witness's read: shorter than any fault. */
  readonly witnessTimeoutMs: number;
  readonly requested: readonly FaultRequest[];
  readonly steps: readonly FaultStep[];
  /** How long a client waits, at most, between an answer and its next call; not at all where left out. */
  readonly thinkMs?: number;
  /** What each client asks, in order of slots. Where left out each draws from the workload as it goes, until the time is over. */
  readonly calls?: readonly (readonly PlannedCall[])[];
  /** How the nodes are set up; as usual in what is left out. */
  readonly node?: Partial<NodeSettings>;
  /** Of a simulated cluster, and in place of `node`; real processes are what they are. */
  readonly world?: SimulatedWorld;
}
