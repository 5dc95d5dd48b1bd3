/** Front door of the replica: what a host, real or simulated, needs to run one node. */
export { rulesOf } from '../raft/rules.ts';
export type { Clock, Disk, Network, Observer } from './ports.ts';
export { Replica } from './replica.ts';
export type { Ports, ReplicaOptions, ReplicaStatus } from './replica.ts';
