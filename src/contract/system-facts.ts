/** What is known of a system under test before anything is started: plain data. */
import type { FaultKind } from './fault.ts';
import type { Capability } from './names.ts';

/** What a system can be asked for. */
export interface ReadModes {
  /**
   * By name, the default first: what the answers claim to be, in words. Words that begin with `linearizable` are a promise never to
   * violate it; any others (`may be stale: …`) allow it, and say when.
   */
  readonly promises: Readonly<Record<string, string>>;
  /** The one that the final reads use. */
  readonly strongest: string;
  /** Those that each node answers on its own, so that each is a different observer. */
  readonly nodeLocal: readonly string[];
}

/** What is known of a system before anything is started. */
export interface SystemFacts {
  /** As after `--system`. */
  readonly name: string;
  readonly version: string;
  /** How many nodes it usually has here. */
  readonly nodes: number;
  readonly reads: ReadModes;
  /** Names of the workloads that its clients can do. */
  readonly workloads: readonly string[];
  readonly can: ReadonlySet<Capability>;
  /** The faults that a run has where none are named, as far as it can suffer them; pause, kill and partition where left out. */
  readonly usualFaults?: readonly FaultKind[];
  /** False where nobody can say who leads: then no fault aims at the leader. */
  readonly tellsLeader?: boolean;
  /** Of what it cannot suffer: why, or how to get it, in words. */
  readonly cannot?: Readonly<Partial<Record<Capability, string>>>;
  /** The flags by which it was found, so that its command line can be told again. */
  readonly flags: Readonly<Record<string, string>>;
}
