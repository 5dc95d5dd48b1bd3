/** Faults: literal steps in a plan, actions on a cluster, injuries with their evidence and their cure. */
import type { Random } from '../base/random.ts';
import type { Capability, NodeId } from './names.ts';

/** A directed link that loses everything. */
export interface Cut {
  readonly from: NodeId;
  readonly to: NodeId;
}

/** What a cluster can do to itself; a JSON union. */
export type FaultAction =
  | { readonly kind: 'kill'; readonly node: NodeId }
  | { readonly kind: 'pause'; readonly node: NodeId }
  | { readonly kind: 'link'; readonly cuts: readonly Cut[] };

/** Harm done. The cure is born with the harm, and so is the proof that it hurt. */
export interface Injury {
  readonly nodes: readonly NodeId[];
  /** What was seen: a process state, a silent link. */
  readonly evidence: string;
  /** Undoes it and waits until it is undone. Idempotent. Says whether the harm held until now, and what was seen. */
  heal(): Promise<{ readonly effective: boolean; readonly evidence: string }>;
}

export type FaultKind = 'pause' | 'kill' | 'partition';
/** `leader`: as the probes see it at injection. `halves` splits the cluster; the rest name who is hit. */
export type FaultTarget = 'any' | 'leader' | 'follower' | 'minority' | 'majority' | 'halves';

/**
 * One fault of a plan, all chance already drawn. Targets such as `leader` resolve at injection, with `draw` (in [0, 1))
 * choosing among equals, so the same plan stays meaningful whoever leads.
 */
export interface FaultStep {
  readonly id: number;
  readonly kind: FaultKind;
  readonly target: FaultTarget;
  readonly atMs: number;
  /** How long it lasts at least. */
  readonly forMs: number;
  /**
   * `stale-window`: lasts on (up to maxMs) until a write of a higher term was acknowledged and then a witness of the hit
   * leader asked it again: only then could a stale leader be seen.
   */
  readonly heal: 'time' | 'stale-window';
  readonly maxMs: number;
  readonly draw: number;
}

/** What a fault needs to know of the cluster to draw its steps. */
export interface Shape {
  readonly nodes: readonly NodeId[];
  readonly timeMs: number;
}

/** A stretch of the run that the schedule gives to one step. */
export interface Slot {
  readonly fromMs: number;
  readonly toMs: number;
}

/** A kind of fault: draws literal steps, one for each slot. Chance happens here only. */
export interface Fault {
  readonly kind: FaultKind;
  readonly needs: readonly Capability[];
  readonly targets: readonly FaultTarget[];
  plan(random: Random, shape: Shape, target: FaultTarget, slots: readonly Slot[]): readonly Omit<FaultStep, 'id'>[];
}
