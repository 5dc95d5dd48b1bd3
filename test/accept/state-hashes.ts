/**
 * What the probes of a run say about the states of its nodes: every so many entries each node tells a hash of all that decides what
 * later entries do, in every life anew. A recovery is in order when the node has told one, and each is what the others tell.
 */
import type { Probe } from '../../src/contract/index.ts';

export interface StateHashes {
  /** Entries after which at least two nodes, or one in two lives, told a hash. */
  readonly compared: number;
  /** Starts on a folder that had a log, and how many of them were followed by a hash that could be compared. */
  readonly recoveries: number;
  readonly compareds: number;
  readonly differences: readonly string[];
}

/** @param probes of all nodes, in order of time */
export function compareStates(probes: readonly Probe[]): StateHashes {
  const tellings = new Map<number, number>();
  for (const probe of probes)
    if (probe.kind === 'state') tellings.set(probe.index, (tellings.get(probe.index) ?? 0) + 1);
  const first = new Map<number, Probe & { readonly kind: 'state' }>();
  const differences: string[] = [];
  const began = new Set<string>();
  /** Nodes that have started again and not yet told a hash. */
  const awaited = new Set<string>();
  let recoveries = 0;
  let compareds = 0;
  for (const probe of probes) {
    if (probe.kind === 'start') {
      if (began.has(probe.node)) {
        recoveries++;
        awaited.add(probe.node);
      }
      began.add(probe.node);
    }
    if (probe.kind !== 'state') continue;
    if (tellings.get(probe.index)! > 1 && awaited.delete(probe.node)) compareds++;
    const other = first.get(probe.index);
    if (other === undefined) first.set(probe.index, probe);
    else if (other.hash !== probe.hash) {
      differences.push(`after entry ${probe.index} ${probe.node} has state ${probe.hash}, ${other.node} ${other.hash}`);
    }
  }
  return { compared: [...tellings.values()].filter((it) => it > 1).length, recoveries, compareds, differences };
}
