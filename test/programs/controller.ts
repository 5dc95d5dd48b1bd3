/**
 * A controller that is about to be killed: starts a cluster of three in the folder given, stops one node, prints the pids of
 * all as one line of JSON, and lives on.
 */
import { startProcessCluster } from '../../src/cluster/process-cluster.ts';
import { ALL_RULES } from '../../src/raft/rules.ts';
import { connectRaft } from '../../src/systems/raft/raft-client.ts';

const cluster = await startProcessCluster({
  folder: process.argv[2]!,
  nodes: 3,
  clusterId: 'doomed',
  electionTimeoutMs: [500, 1000],
  mutant: null,
  seed: 'controller',
  epochNs: process.hrtime.bigint(),
  connect: (place, options) => connectRaft(place, options, ALL_RULES),
});
await cluster.apply({ kind: 'pause', node: 'n2' });
process.stdout.write(`${JSON.stringify(cluster.pids())}\n`);
