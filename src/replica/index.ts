/** Front door of the replica: what a host, real or simulated, needs to run one node. */
export { rulesOf } from '../raft/rules.ts';
export { Replica } from './replica.ts';
export type { ReplicaOptions } from './replica.ts';
