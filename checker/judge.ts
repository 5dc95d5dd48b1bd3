/**
 * Judges the parts of a history one by one. Nothing of one part's judgement depends on another part, on the order in which
 * they are judged or on the thread that does it; buffers are shared between them, because making them anew would cost more
 * than deciding the small parts of a history with many keys.
 */
import { explainRegister, type Explanation, type Unnumbered } from './explain/anomalies.ts';
import { explainModel } from './explain/any-model.ts';
import type { Call, Json } from './history/operation.ts';
import { failedAt, operationAt, type Table } from './history/table.ts';
import type { Columns } from './linear/columns.ts';
import { decideModel, type ModelDecision } from './generic/decide.ts';
import { decideRegister, isRegister, type Decision } from './linear/decide.ts';
import { columnsOfParts, partsOf, type PartRows } from './linear/parts.ts';
import { RegisterParts } from './linear/register-part.ts';
import { verify } from './linear/verify.ts';
import { verifyRegisterRows } from './linear/verify-rows.ts';
import type { Model } from './model/model.ts';
import type { Budget, PartResult } from './verdict/verdict.ts';

/** What is the same for every part of a history. */
export interface Circumstances {
  /** For each part. */
  readonly budget: Budget;
  /** Number of clients if known, for naming clients in sentences. */
  readonly clients: number | undefined;
}

/** The judgement on one part. */
export interface Judged {
  readonly result: PartResult;
  readonly anomalies: readonly Unnumbered[];
}

/** The parts of a table under a model, and how to judge each. */
export class Judge<S> {
  /** In order of their first operation. */
  readonly parts: readonly PartRows[];
  readonly #table: Table;
  readonly #model: Model<S, Call, Json>;
  readonly #circumstances: Circumstances;
  readonly #columns: readonly Columns[];
  readonly #registers: RegisterParts<S> | undefined;

  constructor(table: Table, model: Model<S, Call, Json>, circumstances: Circumstances) {
    this.#table = table;
    this.#model = model;
    this.#circumstances = circumstances;
    this.parts = partsOf(table, model);
    this.#columns = columnsOfParts(table, this.parts);
    this.#registers = isRegister(model) ? new RegisterParts(table, model) : undefined;
  }

  /**
   * Decides a part, replays the order it found or explains why there is none.
   * @throws ModelError for an operation that is not the model's
   */
  judge(part: number): Judged {
    return this.#judgeRegister(part) ?? this.#judgeModel(part);
  }

  /** Undefined where the part is no register. */
  #judgeRegister(number: number): Judged | undefined {
    const { name, rows, failed } = this.parts[number]!;
    const part = this.#registers?.of(rows, this.#columns[number]!);
    if (part === undefined) return undefined;
    const table = this.#table;
    const { budget, clients } = this.#circumstances;
    const decision = decideRegister(part, budget);
    return this.#conclude(number, decision, () =>
      explainRegister({
        name,
        clients,
        budget,
        model: this.#model,
        part,
        operations: { length: rows.length, at: (i) => operationAt(table, rows[i]!) },
        failed: { length: failed.length, at: (i) => failedAt(table, failed[i]!) },
        impossible: decision.kind === 'violation' ? decision.impossible : undefined,
      }),
    );
  }

  #judgeModel(number: number): Judged {
    const { name, rows } = this.parts[number]!;
    const { budget, clients } = this.#circumstances;
    const operations = Array.from(rows, (row) => operationAt(this.#table, row));
    const decision = decideModel(operations, this.#model, budget);
    return this.#conclude(number, decision, () =>
      explainModel(name, operations, { model: this.#model, clients, budget }),
    );
  }

  #conclude(number: number, decision: Decision | ModelDecision, explain: () => Explanation): Judged {
    const { name, rows } = this.parts[number]!;
    const { steps, configurations } = decision;
    const counts = { part: name, operations: rows.length, steps, configurations };
    switch (decision.kind) {
      case 'ok':
        return { result: { ...counts, kind: 'ok', order: this.#verified(rows, decision.order) }, anomalies: [] };
      case 'violation': {
        const { counterexample, anomalies } = explain();
        return { result: { ...counts, kind: 'violation', counterexample }, anomalies };
      }
      case 'unknown': {
        const { limit, progress } = decision;
        const words = this.#progressWords(rows, progress.prefix.length, limit);
        return { result: { ...counts, kind: 'unknown', limit, progress: words }, anomalies: [] };
      }
    }
  }

  /** The ids of the order. One that does not hold is a fault of this library; better no verdict than a wrong one. */
  #verified(rows: Int32Array, order: ArrayLike<number>): readonly number[] {
    const ids = idsOf(this.#table, rows, order);
    const fault =
      this.#model.speaksRegister === true
        ? verifyRegisterRows(this.#table, rows, order, this.#model.initial as Json)
        : verify(
            Array.from(rows, (row) => operationAt(this.#table, row)),
            ids,
            this.#model,
          );
    if (fault !== undefined) throw new Error(`the checker found an order that does not hold: ${fault}`);
    return ids;
  }

  #progressWords(rows: Int32Array, placed: number, limit: string): string {
    const crashed = rows.filter((row) => this.#table.returnNs[row] === Infinity).length;
    const reason = limit === 'stopped' ? 'stopped' : `ran out of ${limit}`;
    return `${reason} after placing ${placed} of ${rows.length} operations, ${crashed} of them with unknown outcome`;
  }
}

function idsOf(table: Table, rows: Int32Array, order: ArrayLike<number>): readonly number[] {
  const ids = new Array<number>(order.length);
  for (let i = 0; i < order.length; i++) ids[i] = table.id[rows[order[i]!]!]!;
  return ids;
}
