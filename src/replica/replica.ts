/**
 * The replica: consensus core, log, state machine and sessions as one synchronous class over the ports.
 * (The contract that both hosts build against; the body follows.)
 */
import type { Rules } from '../raft/rules.ts';
import type { CoreOptions, LogIndex, NodeId, Role, Term } from '../raft/types.ts';
import type { Clock, Disk, Network, Observer } from './ports.ts';

export interface ReplicaOptions {
  readonly clusterId: string;
  readonly id: NodeId;
  /** host:port of every member, this one included; the first configuration of a node that starts with `init`. */
  readonly members: Readonly<Record<NodeId, string>>;
  /** Whether an empty data folder may become a new node. Without it an empty folder is refused. */
  readonly init: boolean;
  readonly core: CoreOptions;
  readonly rules: Rules;
  /** Seeds election timeouts (keyed by node and term). */
  readonly seed: string;
}

export interface ReplicaStatus {
  readonly role: Role;
  readonly term: Term;
  readonly leader: NodeId | null;
  readonly commitIndex: LogIndex;
  readonly lastApplied: LogIndex;
  readonly lastIndex: LogIndex;
}

export interface Ports {
  readonly disk: Disk;
  readonly network: Network;
  readonly clock: Clock;
  readonly observer: Observer;
}

export interface ReplicaContract {
  /** Recovers from disk and takes part. Throws StalemateError where the folder is refused (damage, foreign identity, empty without init). */
  start(): void;
  /** One payload (a frame's body) from a peer whose hello was checked by the host. A malformed one throws WireError; the host closes that connection. */
  onPeerMessage(from: NodeId, payload: Uint8Array): void;
  onClientRequest(connection: number, payload: Uint8Array): void;
  onClientClosed(connection: number): void;
  /** Everything up to and with this sync token is durable. */
  onDurable(token: number): void;
  onWake(): void;
  status(): ReplicaStatus;
}
