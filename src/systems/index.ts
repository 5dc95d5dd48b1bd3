/** The systems that are started from programs on this machine, by name; the bundled one is not among them. */
import type { ProcessSystem } from '../contract/system.ts';
import { ETCD } from './etcd/etcd.ts';
import { NATS } from './nats/nats.ts';
import { POSTGRESQL } from './postgresql/postgresql.ts';
import { REDIS } from './redis/redis.ts';
import { ZOOKEEPER } from './zookeeper/zookeeper.ts';

export { findProgram, installCommand } from './programs.ts';
export { connectRoaming, roamingClient } from './roaming-client.ts';

export const PROCESS_SYSTEMS: readonly ProcessSystem[] = [ETCD, REDIS, ZOOKEEPER, POSTGRESQL, NATS];
