/** What a break of an invariant is called, and what is told of it. */
import type { Probe } from '../contract/probe.ts';

/**
 * In the words of the paper's figure 3; `single-vote` is what election safety rests on (5.2), states and snapshots of one index
 * are equal because equal logs lead to equal states.
 */
export type InvariantName =
  | 'election-safety'
  | 'single-vote'
  | 'leader-append-only'
  | 'log-matching'
  | 'leader-completeness'
  | 'match-verified'
  | 'acknowledged-committed'
  | 'state-machine-safety'
  | 'commit-monotonic'
  | 'snapshot-equality'
  | 'state-equality'
  | 'configuration-equality'
  | 'change-after-own-commit'
  | 'reported-by-node';

/** A property that did not hold, with the probe that showed it. */
export interface BrokenInvariant {
  readonly name: InvariantName;
  readonly message: string;
  readonly probe: Probe;
}
