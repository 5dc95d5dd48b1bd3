/** What judging needs to know, on the calling thread and for the others. */
import type { Call, Json } from '../history/operation.ts';
import type { Table } from '../history/table.ts';
import type { PartRows } from '../linear/parts.ts';
import type { Model } from '../model/model.ts';
import type { Budget } from '../verdict/verdict.ts';
import type { Tally } from './tally.ts';

/** One check. */
export interface Task {
  readonly table: Table;
  readonly parts: readonly PartRows[];
  readonly model: Model<unknown, Call, Json>;
  readonly budget: Budget;
  readonly clients: number | undefined;
  readonly untimed: boolean;
  readonly maxResidentBytes: number;
  readonly signal: AbortSignal | undefined;
  readonly tally: Tally;
  /** To be called whenever something was added to the tally. */
  readonly progress: (parts: number, operations: number) => void;
}

/** How far a check has come. Parts are decided when they are judged, `unknown` included. */
export interface Progress {
  readonly parts: number;
  readonly operations: number;
  /** The whole history. */
  readonly of: { readonly parts: number; readonly operations: number };
}
