/**
 * Where everything meets: what a cluster, a client and a system are, for real processes and for the simulator alike.
 */
import type { Call, Json, Nanos } from '../../checker/index.ts';
import type { FaultAction, Injury } from './fault.ts';
import type { Capability, NodeId } from './names.ts';
import type { Probe } from './probe.ts';

/** Ends what the call that returned it began. */
export type Stop = () => void;

/** A started cluster, real or simulated. */
export interface Cluster {
  nodes(): readonly NodeId[];
  readonly can: ReadonlySet<Capability>;
  /** Nanoseconds since the run began, on the one clock that history, faults and probes share. */
  now(): Nanos;
  /** Resolves after `ms` of this cluster's time. */
  sleep(ms: number): Promise<void>;
  /** Does harm, and resolves when it was seen to have happened. */
  apply(action: FaultAction): Promise<Injury>;
  /** Role and term changes as they arrive; the cluster's own belief, which may lag. */
  watch(listener: (probe: Probe) => void): Stop;
  connect(options: ClientOptions): Client;
  /** Ends every node, whatever state it is in, and resolves when none is left. */
  stop(): Promise<void>;
}

/** How a client behaves. */
export interface ClientOptions {
  /** Names the client in sessions: unique in the run. */
  readonly name: string;
  /** The node that it sends to first. */
  readonly entry: NodeId;
  /** A pinned client never leaves its entry node (a witness, see the faults' README). */
  readonly pinned: boolean;
  /** Read mode of the system: for raft read-index, lease, log, leader or local. */
  readonly reads: string;
  /** Name of the model in whose words it asks; a register's where left out. */
  readonly vocabulary?: string;
  readonly attemptTimeoutMs: number;
  readonly seed: string;
}

/** One logical client. One operation at a time. After an `unknown` completion it goes on under a fresh session. */
export interface Client {
  /** Where the next request goes first, where the client can say so; a history's invocations then name it. */
  readonly target?: NodeId;
  /** Resolves within timeoutMs (and a little). Never rejects for what the system did; a rejection is a defect and counts as unknown. */
  invoke(call: Call, timeoutMs: number): Promise<Completion>;
  close(): Promise<void>;
}

/** What came back. `fail` is proven to have had no effect; any doubt is `unknown`. */
export type Completion =
  | { readonly kind: 'ok'; readonly output: Json; readonly from?: Answer }
  | { readonly kind: 'fail'; readonly error: string; readonly from?: Answer }
  | { readonly kind: 'unknown'; readonly error: string };

/** Who produced an answer. */
export interface Answer {
  readonly node: NodeId;
  readonly term?: number;
  readonly applied?: number;
}
