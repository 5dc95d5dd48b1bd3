/** The registers of a history: each part of a table as columns of register actions, with the row of every operation. */
import type { Call, Json } from '../history/operation.ts';
import type { Table } from '../history/table.ts';
import { columnsOfParts, partsOf } from '../linear/parts.ts';
import { RegisterParts, type RegisterModel, type RegisterPart } from '../linear/register-part.ts';
import type { Model } from '../model/model.ts';

/** One register of a history. */
export interface NamedRegister {
  readonly name: string;
  /** By operation of the part: its row in the table. */
  readonly rows: Int32Array;
  /** Undefined where the model says of one of the operations that no register has it (an append, say). */
  readonly part: RegisterPart | undefined;
}

/**
 * The registers of a table, in order of their first operation. Undefined for a model whose parts are not registers.
 * @throws ModelError for an operation that is not the model's
 */
export function registersOf<S>(table: Table, model: Model<S, Call, Json>): readonly NamedRegister[] | undefined {
  if (model.asRegister === undefined) return undefined;
  const parts = partsOf(table, model);
  const columns = columnsOfParts(table, parts);
  const registers = new RegisterParts(table, model as RegisterModel<S>);
  return parts.map(({ name, rows }, p) => ({ name, rows, part: registers.of(rows, columns[p]!) }));
}
