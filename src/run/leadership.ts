/**
 * Who leads, as the probes say: the node that claims the highest term. It may lag behind, and a leader that is stopped or cut
 * off cannot say that it was deposed; such a one is not taken for the leader again until it or another is heard of.
 */
import type { Cluster, NodeId, Probe, Stop } from '../contract/index.ts';
import { Latch } from './latch.ts';

/** A leader and its term. */
export interface Leader {
  readonly node: NodeId;
  readonly term: number;
}

export class Leadership {
  readonly #claims = new Map<NodeId, number>();
  readonly stop: Stop;
  #news = new Latch();

  constructor(cluster: Cluster) {
    this.stop = cluster.watch((probe) => this.#observe(probe));
  }

  /** The leader of the highest term that anybody claimed and has not given up since. */
  get leader(): Leader | null {
    let leader: Leader | null = null;
    for (const [node, term] of this.#claims) if (leader === null || term > leader.term) leader = { node, term };
    return leader;
  }

  /** The leader, unless it is one of these. */
  leaderExcept(nodes: ReadonlySet<NodeId>): Leader | null {
    const { leader } = this;
    return leader !== null && nodes.has(leader.node) ? null : leader;
  }

  /** Raised at the next change. */
  get news(): Latch {
    return this.#news;
  }

  #observe(probe: Probe): void {
    if (probe.kind === 'start') this.#claims.delete(probe.node);
    if (probe.kind !== 'role') return;
    if (probe.role === 'leader') this.#claims.set(probe.node, probe.term);
    else this.#claims.delete(probe.node);
    const old = this.#news;
    this.#news = new Latch();
    old.raise();
  }
}
