/** The command line of a node, as far as it is the same in every life. */
import { join } from 'node:path';
import type { ProcessClusterOptions } from './process-cluster.ts';

/** Everything but who is a member and what is cut. `folder` is the node's own. */
export function nodeFlags(id: string, folder: string, options: ProcessClusterOptions): readonly string[] {
  const { clusterId, electionTimeoutMs, settings = {}, mutant, seed, epochNs } = options;
  const { undoJournals = true, snapshotEntries, hashEntries } = options;
  const [minMs, maxMs] = electionTimeoutMs;
  const { heartbeatMs = Math.max(1, Math.round(minMs / 5)), maxEntriesPerMessage, maxInFlight } = settings;
  const flags: Readonly<Record<string, string | number | bigint | null | undefined>> = {
    id,
    'cluster-id': clusterId,
    data: join(folder, 'data'),
    probes: join(folder, 'probes.jsonl'),
    epoch: epochNs,
    'election-ms': `${minMs}-${maxMs}`,
    'heartbeat-ms': heartbeatMs,
    'max-entries': maxEntriesPerMessage,
    'max-in-flight': maxInFlight,
    seed,
    mutant,
    undo: undoJournals ? join(folder, 'undo') : null,
    'snapshot-entries': snapshotEntries,
    'hash-entries': hashEntries,
  };
  return [
    ...Object.entries(flags).flatMap(([name, value]) => (value == null ? [] : [`--${name}=${value}`])),
    ...(settings.preVote === false ? ['--no-pre-vote'] : []),
    ...(settings.checkQuorum === false ? ['--no-check-quorum'] : []),
  ];
}
