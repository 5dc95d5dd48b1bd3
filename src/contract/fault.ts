/** Faults: literal steps in a plan, actions on a cluster, injuries with their evidence and their cure. */
import type { Random } from '../base/random.ts';
import type { Capability, NodeId } from './names.ts';

/** A directed link that loses everything. */
export interface Cut {
  readonly from: NodeId;
  readonly to: NodeId;
}

/** What a directed link suffers that still delivers. */
export type LinkTrouble =
  | { readonly kind: 'delay'; readonly delayMs: number }
  /** Every message comes twice. */
  | { readonly kind: 'duplicate' }
  /** The connection is closed again and again. */
  | { readonly kind: 'reset'; readonly everyMs: number };

/** What a node reads first when it goes on after a pause: what arrived meanwhile, or its timers. */
export type ResumeOrder = 'input-first' | 'timers-first';

/** What a cluster can do to itself; a JSON union. */
export type FaultAction =
  | { readonly kind: 'kill'; readonly node: NodeId }
  /** What it reads first when it goes on; a real node does either, as the system has it. */
  | { readonly kind: 'pause'; readonly node: NodeId; readonly resume?: ResumeOrder }
  | { readonly kind: 'link'; readonly cuts: readonly Cut[] }
  | { readonly kind: 'disturb'; readonly links: readonly Cut[]; readonly trouble: LinkTrouble }
  /**
   * The nodes lose power at one moment, whatever state they are in, and with it what `seed` says of everything that was not
   * synced. Before that their disks are slow for a moment: every fsync takes `syncDelayMs` longer.
   */
  | {
      readonly kind: 'powerLoss';
      readonly nodes: readonly NodeId[];
      readonly seed: string;
      readonly syncDelayMs: number;
    }
  /** Every fsync takes so much longer. */
  | { readonly kind: 'slowDisk'; readonly node: NodeId; readonly syncDelayMs: number }
  | { readonly kind: 'diskFull'; readonly node: NodeId }
  /** The next fsync fails, and what it was to make durable may be gone: the node has to end. */
  | { readonly kind: 'failSync'; readonly node: NodeId }
  /**
   * The node is killed, and one bit of its log flips below the offset that is attested. It stays down for good; in the end a new node,
   * called `by`, takes its place.
   */
  | { readonly kind: 'bitFlip'; readonly node: NodeId; readonly seed: string; readonly by: NodeId }
  /** The node is killed, and its data folder emptied; from there on as `bitFlip`. */
  | { readonly kind: 'wipe'; readonly node: NodeId; readonly by: NodeId }
  /** Two new nodes join: the second is asked for when the first has not been answered. */
  | { readonly kind: 'addNodes'; readonly nodes: readonly [first: NodeId, second: NodeId] }
  /** A new node joins the cluster; a member leaves it, and keeps running and its data; a new node takes a member's place. */
  | { readonly kind: 'addNode'; readonly node: NodeId }
  | { readonly kind: 'removeNode'; readonly node: NodeId }
  | { readonly kind: 'replaceNode'; readonly node: NodeId; readonly by: NodeId }
  /** Whoever leads is asked to hand the leadership to this node. */
  | { readonly kind: 'transfer'; readonly node: NodeId }
  /** The node's clock jumps forward and goes on at another rate. */
  | { readonly kind: 'clock'; readonly node: NodeId; readonly rate: number; readonly jumpMs: number };

/** Harm done. The cure is born with the harm, and so is the proof that it hurt. */
export interface Injury {
  readonly nodes: readonly NodeId[];
  /** What was seen: a process state, a silent link. */
  readonly evidence: string;
  /** Undoes it and waits until it is undone. Idempotent. Says whether the harm held until now, and what was seen. */
  heal(): Promise<{ readonly effective: boolean; readonly evidence: string }>;
}

export type FaultKind =
  | 'pause'
  | 'kill'
  | 'partition'
  | 'power-loss'
  | 'slow-link'
  | 'duplicate'
  | 'reconnect'
  | 'slow-disk'
  | 'disk-full'
  | 'fsync-error'
  | 'bit-flip'
  | 'wipe'
  | 'clock-rate'
  | 'clock-jump'
  | 'membership'
  | 'transfer';

/** What becomes of the members; `grow`: two join, the second asked for before the first is in. */
export type MemberChange = 'add' | 'remove' | 'replace' | 'grow';

/**
 * `leader`: as the probes see it at injection. `halves` splits the cluster; `one-way`, `bridge` and `ring` are the other shapes of a
 * partition (see `partition.ts`); the rest name who is hit.
 */
export type FaultTarget =
  'any' | 'leader' | 'follower' | 'minority' | 'majority' | 'all' | 'halves' | 'one-way' | 'bridge' | 'ring';

/**
 * Something that a step waits for: it happens at that event, and not at a time, so that a plan means the same in the simulator and on real
 * processes, and goes on meaning it when other steps are taken out.
 */
export type Trigger =
  /** A leader of that term or a later one is known. */
  | { readonly kind: 'leader'; readonly term: number }
  /** So many operations were answered `ok`. */
  | { readonly kind: 'answered'; readonly operations: number }
  /** Another step was done, or undone. */
  | { readonly kind: 'fault'; readonly id: number; readonly event: 'inject' | 'heal' }
  /** Some node appended an entry with that index, or committed that far. Only a cluster that tells of every probe can say. */
  | { readonly kind: 'append'; readonly index: number }
  | { readonly kind: 'commit'; readonly index: number };

/**
 * One fault of a plan, all chance already drawn. Targets such as `leader` resolve at injection, with `draw` (in [0, 1))
 * choosing among equals, so the same plan stays meaningful whoever leads.
 */
export interface FaultStep {
  readonly id: number;
  readonly kind: FaultKind;
  readonly target: FaultTarget;
  /** These very nodes, whoever leads; `target` says then what they were when the plan was made. */
  readonly nodes?: readonly NodeId[];
  /** What has to have happened first. `atMs` counts from then; without it, from the begin of the clients. */
  readonly when?: Trigger;
  readonly atMs: number;
  /** Undone when this has happened, and forMs have gone by; at the latest after maxMs. */
  readonly until?: Trigger;
  /** How long it lasts at least. */
  readonly forMs: number;
  /**
   * `stale-window`: lasts on (up to maxMs) until a write of a higher term was acknowledged and then a witness of the hit
   * leader asked it again: only then could a stale leader be seen.
   */
  readonly heal: 'time' | 'stale-window';
  readonly maxMs: number;
  readonly draw: number;
  /** How much longer an fsync, or a message on its way, takes. */
  readonly delayMs?: number;
  /** How often a connection is closed. */
  readonly everyMs?: number;
  /** How fast the clock goes, in the host's seconds. */
  readonly rate?: number;
  readonly jumpMs?: number;
  /** Of a pause. */
  readonly resume?: ResumeOrder;
  /** Of a membership fault. */
  readonly change?: MemberChange;
}

/** What a fault needs to know of the cluster to draw its steps. */
export interface Shape {
  readonly nodes: readonly NodeId[];
  readonly timeMs: number;
  /** Where something rests on clocks: how far two of them may go apart, as a share. */
  readonly clockDrift?: number;
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
