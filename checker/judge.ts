/**
 * Judges the parts of a history one by one. Nothing of one part's judgement depends on another part, on the order in which
 * they are judged or on the thread that does it; buffers are shared between them, because making them anew would cost more
 * than deciding the small parts of a history with many keys.
 */
import { explainRegister, type Explanation, type List, type Unnumbered } from './explain/anomalies.ts';
import { explainModel } from './explain/any-model.ts';
import { explainCollection } from './explain/collection.ts';
import type { Call, Json } from './history/operation.ts';
import { failedAt, operationAt, type Table } from './history/table.ts';
import type { Columns } from './linear/columns.ts';
import { decidePart, type ModelDecision } from './generic/decide.ts';
import { modelPartOf } from './generic/model-part.ts';
import { decideRegister, isRegister, type Decision } from './linear/decide.ts';
import { columnsOfParts, partsOf, type PartRows } from './linear/parts.ts';
import { RegisterParts } from './linear/register-part.ts';
import type { Cost } from './linear/search-result.ts';
import { verify } from './linear/verify.ts';
import { verifyRegisterRows } from './linear/verify-rows.ts';
import type { Model } from './model/model.ts';
import { collectionPartOf } from './monitor/collection-part.ts';
import { monitor } from './monitor/monitor.ts';
import { verifyCollection } from './monitor/verify-collection.ts';
import type { Budget, PartResult } from './verdict/verdict.ts';

/** What is the same for every part of a history. */
export interface Circumstances {
  /** For each part. */
  readonly budget: Budget;
  /** Number of clients if known, for naming clients in sentences. */
  readonly clients: number | undefined;
  /** `History.untimed`. */
  readonly untimed: boolean;
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
    return this.#judgeRegister(part) ?? this.#judgeCollection(part) ?? this.#judgeModel(part);
  }

  /** Undefined where the part is no register. */
  #judgeRegister(number: number): Judged | undefined {
    const { name, rows, failed } = this.parts[number]!;
    const part = this.#registers?.of(rows, this.#columns[number]!);
    if (part === undefined) return undefined;
    const table = this.#table;
    const { budget, clients, untimed } = this.#circumstances;
    const decision = decideRegister(part, budget);
    return this.#conclude(number, decision, {
      faultOf: (order) => this.#faultOfRegister(rows, order),
      explain: () =>
        explainRegister({
          name,
          clients,
          untimed,
          budget,
          model: this.#model,
          part,
          operations: listOf(rows, (row) => operationAt(table, row)),
          failed: listOf(failed, (row) => failedAt(table, row)),
          violation: decision.kind === 'violation' ? decision : assertNever(),
        }),
    });
  }

  /** Undefined where the part is no collection, or one whose history its monitor leaves open. */
  #judgeCollection(number: number): Judged | undefined {
    const { name, rows } = this.parts[number]!;
    const part = collectionPartOf(this.#table, { rows, columns: this.#columns[number]! }, this.#model);
    const monitored = part === undefined ? undefined : monitor(part);
    if (part === undefined || monitored === undefined) return undefined;
    const { clients, untimed } = this.#circumstances;
    if (monitored.kind === 'ok') {
      return this.#conclude(
        number,
        { kind: 'ok', order: monitored.order, ...MONITORED },
        { faultOf: () => verifyCollection(part, monitored), explain: () => assertNever() },
      );
    }
    const operations = listOf(rows, (row) => operationAt(this.#table, row));
    return this.#conclude(
      number,
      { kind: 'violation', ...MONITORED },
      {
        faultOf: () => undefined,
        explain: () => explainCollection({ name, clients, untimed, part, violation: monitored, operations }),
      },
    );
  }

  #judgeModel(number: number): Judged {
    const { name, rows } = this.parts[number]!;
    const { budget, clients, untimed } = this.#circumstances;
    const operations = Array.from(rows, (row) => operationAt(this.#table, row));
    const part = modelPartOf(operations, this.#model);
    const decision = decidePart(part, budget);
    return this.#conclude(number, decision, {
      faultOf: (order) => verify(operations, idsOf(this.#table, rows, order), this.#model),
      explain: () =>
        decision.kind === 'violation'
          ? explainModel(part, decision, { telling: { part: name, clients, untimed }, shouldStop: budget.shouldStop })
          : assertNever(),
    });
  }

  #conclude(
    number: number,
    decision: Decided,
    { faultOf, explain }: { faultOf: (order: ArrayLike<number>) => string | undefined; explain: () => Explanation },
  ): Judged {
    const { name, rows } = this.parts[number]!;
    const { steps, configurations } = decision;
    const counts = { part: name, operations: rows.length, steps, configurations };
    switch (decision.kind) {
      case 'ok': {
        const fault = faultOf(decision.order);
        // An order that does not hold is a fault of this library; better no verdict than a wrong one.
        if (fault !== undefined) throw new Error(`the checker found an order that does not hold: ${fault}`);
        return { result: { ...counts, kind: 'ok', order: idsOf(this.#table, rows, decision.order) }, anomalies: [] };
      }
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

  #faultOfRegister(rows: Int32Array, order: ArrayLike<number>): string | undefined {
    const words = this.#model.registerWords;
    if (words !== undefined) {
      return verifyRegisterRows(this.#table, rows, order, { words, initial: this.#model.initial as Json });
    }
    const operations = Array.from(rows, (row) => operationAt(this.#table, row));
    return verify(operations, idsOf(this.#table, rows, order), this.#model);
  }

  #progressWords(rows: Int32Array, placed: number, limit: string): string {
    const crashed = rows.filter((row) => this.#table.returnNs[row] === Infinity).length;
    const reason = limit === 'stopped' ? 'stopped' : `ran out of ${limit}`;
    const remedy =
      limit === 'stopped' ? '' : `; more ${limit}, values that are written once, and fewer unknown outcomes help`;
    return `${reason} after placing ${placed} of ${rows.length} operations, ${crashed} of them with unknown outcome${remedy}`;
  }
}

/** What a decision must say to be concluded. */
type Decided =
  Exclude<Decision | ModelDecision, { readonly kind: 'violation' }> | (Cost & { readonly kind: 'violation' });

/** A monitor does not search. */
const MONITORED: Cost = { steps: 0, configurations: 0 };

function assertNever(): never {
  throw new Error('an order needs no explanation');
}

function listOf<T>(rows: Int32Array, at: (row: number) => T): List<T> {
  return { length: rows.length, at: (i) => at(rows[i]!) };
}

function idsOf(table: Table, rows: Int32Array, order: ArrayLike<number>): readonly number[] {
  const ids: number[] = [];
  for (let i = 0; i < order.length; i++) ids.push(table.id[rows[order[i]!]!]!);
  return ids;
}
