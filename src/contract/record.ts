/** The lines of history.jsonl and faults.jsonl. Names and order of the fields of a history line are a promise to others' scripts. */
import type { Nanos } from '../base/time.ts';
import type { FaultKind, FaultTarget } from './fault.ts';

export type { HistoryLine } from '../../checker/index.ts';

/** A fault as it really happened; one line when it was seen to hold, one when it was undone. */
export type FaultLine =
  | {
      readonly event: 'inject';
      readonly id: number;
      readonly time: Nanos;
      readonly kind: FaultKind;
      readonly target: FaultTarget;
      /** The nodes that were hit; for a partition one side of the cut. */
      readonly nodes: readonly string[];
      /** For a partition both sides. */
      readonly sides?: readonly (readonly string[])[];
      /** The leader known at injection and its term. */
      readonly leader: { readonly node: string; readonly term: number } | null;
      /** `Partition: n1 cut off from n2 n3 n4 n5`. */
      readonly about: string;
      readonly evidence: string;
    }
  | {
      readonly event: 'heal';
      readonly id: number;
      readonly time: Nanos;
      /** Seen to have held from injection to heal. A fault that was not is counted as idle. */
      readonly effective: boolean;
      readonly evidence: string;
      /** Whether the stale window occurred (see FaultStep.heal). */
      readonly window: boolean;
    }
  /** A step that found no target (no leader known) or could not be done; counted as idle. */
  | {
      readonly event: 'skip';
      readonly id: number;
      readonly time: Nanos;
      readonly kind: FaultKind;
      readonly target: FaultTarget;
      readonly reason: string;
    };
