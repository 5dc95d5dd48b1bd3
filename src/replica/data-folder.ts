/** What a node finds in its data folder when it starts: its log, its newest snapshot and the state machine in it; or the beginnings of a new one. */
import { StalemateError } from '../base/errors.ts';
import { KvMachine } from '../kv/machine.ts';
import { decodeState, EMPTY_STATE } from '../kv/snapshot.ts';
import { newCluster } from '../raft/configuration.ts';
import type { Rules } from '../raft/rules.ts';
import type { Configuration, NodeId } from '../raft/types.ts';
import { type FoundSnapshot, SnapshotFiles } from '../wal/snapshot-files.ts';
import { Wal, type WalOptions, type WalState } from '../wal/wal.ts';
import type { Disk } from './ports.ts';

export interface DataFolder {
  readonly wal: Wal;
  readonly state: WalState;
  readonly machine: KvMachine;
  readonly files: SnapshotFiles;
}

interface FolderOptions {
  readonly clusterId: string;
  readonly id: NodeId;
  readonly init: boolean;
  readonly rules: Rules;
  readonly segmentBytes: number | undefined;
  readonly disk: Disk;
  /** The first configuration of a new node. */
  readonly configuration: Configuration;
}

/**
 * Recovers, or begins, what the folder holds; all of it is durable when this returns. An empty folder becomes a node only with
 * `init`: one that lost its disk must not vote a second time under its old name.
 */
export function openFolder(options: FolderOptions): DataFolder {
  const { disk, clusterId, id, init, rules, segmentBytes, configuration } = options;
  const files = new SnapshotFiles(disk, clusterId, rules);
  const walOptions: WalOptions = {
    disk,
    identity: { clusterId, id },
    rules,
    ...(segmentBytes === undefined ? {} : { segmentBytes }),
  };
  if (Wal.exists(disk)) {
    const found = files.recover();
    return { ...Wal.open(walOptions, found?.snapshot ?? null), machine: machineOf(found, rules), files };
  }
  if (!init && rules.emptyIsRefused) {
    throw new StalemateError(
      'failed',
      `the data folder of node ${id} is empty`,
      'a new node starts with --init; one that lost its data comes back as a new member under a new id',
    );
  }
  const snapshot = { lastIncludedIndex: 0, lastIncludedTerm: 0, chain: 0, configuration };
  const state = { ...newCluster(configuration), snapshot };
  return { wal: Wal.create(walOptions, state), state, machine: machineOf(null, rules), files };
}

export function machineOf(found: FoundSnapshot | null, rules: Rules): KvMachine {
  if (found === null) return new KvMachine(rules);
  const state = found.state.length === 0 ? EMPTY_STATE : decodeState(found.state);
  return KvMachine.from(state, { lastApplied: found.snapshot.lastIncludedIndex, rules });
}
