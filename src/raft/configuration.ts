/**
 * The configuration: who takes part. It is a log entry from index 1 on (Raft 6), so it is replicated, takes effect when it is
 * appended and rolls back when the entry is truncated. This file holds its bytes and the log that every member is born with.
 */
import { assert } from '../base/assert.ts';
import { decodeUtf8, encodeUtf8 } from '../base/utf8.ts';
import type { Configuration, Entry, HardState, NodeId } from './types.ts';

/** The canonical bytes: equal configurations have equal bytes, whatever order their members were named in. */
export function encodeConfiguration(configuration: Configuration): Uint8Array {
  const { voters, outgoing, learners, addresses } = configuration;
  const sorted = Object.fromEntries(Object.entries(addresses).sort(([a], [b]) => (a < b ? -1 : 1)));
  return encodeUtf8(
    JSON.stringify({
      voters: voters.toSorted(),
      outgoing: outgoing.toSorted(),
      learners: learners.toSorted(),
      addresses: sorted,
    }),
  );
}

/** Reads what `encodeConfiguration` wrote. Checksums guard these bytes on disk and wire: anything else is a defect, and crashes. */
export function decodeConfiguration(data: Uint8Array): Configuration {
  const value = JSON.parse(decodeUtf8(data)) as Configuration;
  assert(
    Array.isArray(value.voters) && Array.isArray(value.outgoing) && Array.isArray(value.learners),
    'a configuration entry does not hold a configuration',
  );
  return value;
}

/**
 * What a member of a new cluster finds in its log before its first life: the first configuration as entry 1 of term 1,
 * byte for byte the same on every member. Nobody leads term 1 (the first election is for term 2), so no other entry
 * (1, 1) can ever exist and log matching holds from the start; it commits with the first leader's no-op.
 * Without members it is a node that joins: its log is empty, and who belongs to the cluster it learns from a leader.
 */
export function newCluster(configuration: Configuration): {
  readonly hardState: HardState;
  readonly entries: readonly Entry[];
} {
  if (configuration.voters.length === 0) return { hardState: { term: 0, votedFor: null }, entries: [] };
  return {
    hardState: { term: 1, votedFor: null },
    entries: [{ index: 1, term: 1, kind: 'configuration', data: encodeConfiguration(configuration) }],
  };
}

/** Everyone who is sent entries: voters of both halves and learners, each once. */
export function members({ voters, outgoing, learners }: Configuration): readonly NodeId[] {
  return [...new Set([...voters, ...outgoing, ...learners])];
}

/** Whether `id` has a vote in either half. */
export function isVoter({ voters, outgoing }: Configuration, id: NodeId): boolean {
  return voters.includes(id) || outgoing.includes(id);
}
