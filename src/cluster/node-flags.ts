/** The command line of a node, as far as it is the same in every life. */
import { join } from 'node:path';
import type { NodeSettings } from '../contract/simulated.ts';

/** What all nodes of a cluster have in common. */
export interface NodeSetup {
  readonly clusterId: string;
  readonly electionTimeoutMs: readonly [min: number, max: number];
  /** As usual in what is left out. */
  readonly settings?: Partial<NodeSettings>;
  /** Id of a mutant, or null for the correct node. */
  readonly mutant: string | null;
  readonly seed: string;
  /** A snapshot after so many entries; without it as the node sees fit. */
  readonly snapshotEntries?: number;
  /** Nodes tell a hash of their state after so many entries, as a probe; never where left out. */
  readonly hashEntries?: number;
  /** process.hrtime.bigint() of the moment when the run began. */
  readonly epochNs: bigint;
  /** Nodes keep undo journals, so that they can lose power. Costs a small write an fsync; yes unless said otherwise. */
  readonly undoJournals?: boolean;
}

/** Everything but who is a member and what is cut. `folder` is the node's own. */
export function nodeFlags(id: string, folder: string, setup: NodeSetup): readonly string[] {
  const { clusterId, electionTimeoutMs, settings = {}, mutant, seed, epochNs } = setup;
  const { undoJournals = true, snapshotEntries, hashEntries } = setup;
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
    ...Object.entries(flags).flatMap(([name, value]) =>
      value === undefined || value === null ? [] : [`--${name}=${value}`],
    ),
    ...(settings.preVote === false ? ['--no-pre-vote'] : []),
    ...(settings.checkQuorum === false ? ['--no-check-quorum'] : []),
  ];
}
