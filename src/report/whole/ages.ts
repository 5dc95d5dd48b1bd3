/** How old the reads of a history were, as the report needs it: each stale one for the picture, and all of them in numbers. */
import {
  staleness,
  type Call,
  type History,
  type Json,
  type Model,
  type Nanos,
  stalenessSummary,
  type StalenessSummary,
} from '../../../checker/index.ts';

export interface Ages {
  readonly summary: StalenessSummary;
  readonly stale: readonly StaleRead[];
}

export interface StaleRead {
  readonly operation: number;
  readonly callNs: Nanos;
  readonly gapNs: Nanos;
  readonly versions: number;
}

/**
 * Null for a model whose parts are no registers: there nobody can say how old a read was.
 * @throws ModelError for an operation that is not the model's
 */
export function agesOf<S>(history: History, model: Model<S, Call, Json>): Ages | null {
  const summary = stalenessSummary(history, model);
  if (summary.perPart.length === 0) return null;
  if (summary.stale === 0) return { summary, stale: [] };
  const calls = new Map(history.operations.map(({ id, callNs }) => [id, callNs]));
  const stale = staleness(history, model).flatMap(({ reads }) =>
    reads.flatMap(({ operation, versions, gapNs }) =>
      versions === 0 ? [] : [{ operation, versions, gapNs, callNs: calls.get(operation)! }],
    ),
  );
  return { summary, stale };
}
