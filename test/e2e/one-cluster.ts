/** A cluster of real processes for each test of a file, and what such tests wait for. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach } from 'vitest';
import {
  startProcessCluster,
  type ProcessCluster,
  type ProcessClusterOptions,
} from '../../src/cluster/process-cluster.ts';
import type { NodeId, Probe } from '../../src/contract/index.ts';
import { ALL_RULES } from '../../src/raft/rules.ts';
import { connectRaft } from '../../src/systems/raft/raft-client.ts';

/** Holds the cluster of the test that runs. */
export interface OneCluster {
  readonly cluster: ProcessCluster;
  /** What a node has told so far; the line that it is at is left out. */
  probesOf(node: NodeId): readonly Probe[];
}

/** Three nodes, started before each test and ended after it; `name` names cluster, seed and folder. */
export function oneClusterEach(
  name: string,
  options: Pick<ProcessClusterOptions, 'electionTimeoutMs' | 'snapshotEntries'>,
): OneCluster {
  let folder = '';
  let cluster: ProcessCluster | undefined;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), `stalemate-${name}-`));
    cluster = await startProcessCluster({
      folder,
      nodes: 3,
      clusterId: name,
      mutant: null,
      seed: name,
      epochNs: process.hrtime.bigint(),
      connect: (place, clientOptions) => connectRaft(place, clientOptions, ALL_RULES),
      ...options,
    });
  });
  afterEach(async () => {
    await cluster?.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  return {
    get cluster() {
      return cluster!;
    },
    probesOf: (node) => {
      const text = readFileSync(join(folder, 'nodes', node, 'probes.jsonl'), 'utf8');
      const lines = text.slice(0, text.lastIndexOf('\n') + 1).trimEnd();
      return lines.split('\n').map((line) => JSON.parse(line) as Probe);
    },
  };
}

export type RoleProbe = Extract<Probe, { kind: 'role' }>;

/** The next role probe that `wanted` accepts, the present ones included. */
export function untilRole(cluster: ProcessCluster, wanted: (probe: RoleProbe) => boolean): Promise<RoleProbe> {
  return new Promise((resolve) => {
    let done = false;
    const stop = cluster.watch((probe) => {
      if (done || probe.kind !== 'role' || !wanted(probe)) return;
      done = true;
      queueMicrotask(() => stop());
      resolve(probe);
    });
  });
}
