/** One promise that a history can keep, and what became of it. */
import type { SessionGuarantee } from './session-guarantees.ts';
import type { OrderKind } from './version-order.ts';

/** The promises, from the strongest down; `strongest.ts` says which follow from which. */
export type PromiseName =
  | 'linearizability'
  | 'sequential-consistency'
  | 'coherence'
  | 'causal-memory'
  | 'causal-convergence'
  | 'causal-consistency'
  | SessionGuarantee;

/** Which order of a register's values a session guarantee was held against. */
export type VersionOrderName = OrderKind | 'several' | 'found';

/** What became of one promise. */
export interface Guarantee {
  readonly name: PromiseName;
  readonly verdict: 'holds' | 'violated' | 'not-decided';
  /**
   * For session guarantees: the order of versions that was used. `several`: not the same for every register; `found`: an order of
   * all writes that explains the history, found for a stronger promise.
   */
  readonly versionOrder?: VersionOrderName;
  readonly reason: string;
  /** For session guarantees that are violated: how many operations break it. */
  readonly violations?: number;
  /** Ids of the operations that show it, in the order of the sentence. */
  readonly witness?: { readonly operations: readonly number[]; readonly sentence: string };
}
