/**
 * A history as columns: a row an operation, in order of invocation. This is what readers build and what the engine works on; a
 * million operations are a dozen typed arrays instead of a million objects. `TableHistory` is the same with objects that are
 * made when somebody asks for them.
 */
import { capacityFor, grown } from './growth.ts';
import type { Call, FailedOperation, History, Operation } from './operation.ts';
import { NO_VALUE, Values } from './values.ts';

/** The return of an operation that may take effect at any later time: it never comes. */
export const NEVER = 0x7fffffff;

/** States of a row: answered, of unknown outcome, proven to have had no effect. */
export const OK = 0;
export const UNKNOWN = 1;
export const FAILED = 2;

/** In place of a name: there is none. */
export const NO_NAME = -1;

/** Columns by row. `count` rows are in use; the arrays may be longer. */
export interface Table {
  readonly count: number;
  /** OK, UNKNOWN or FAILED. */
  readonly state: Uint8Array;
  /**
   * When each operation was called and returned, as *event indices*: every call and every return has its own place in one
   * order, and A precedes B if A's return comes before B's call. Calls of an instant come before returns of the same instant,
   * so that equal times count as concurrent. `ret` is NEVER for an unknown outcome.
   */
  readonly call: Int32Array;
  readonly ret: Int32Array;
  /** One more than the largest event index. */
  readonly end: number;
  /** `f` and `key` (NO_NAME without one) as places in `names`. */
  readonly f: Int32Array;
  readonly key: Int32Array;
  /** What was asked and what was answered (see `Outcome`), as numbers of `values`; NO_VALUE where there was no answer. */
  readonly input: Int32Array;
  readonly output: Int32Array;
  readonly values: Values;
  readonly names: readonly string[];
  /** The recorded index of the invocation. */
  readonly id: Float64Array;
  /**
   * The recorded index of the completion, where a reader keeps it (formats whose events stand one after another in a file); NaN
   * for a row without one.
   */
  readonly completionId?: Float64Array;
  readonly process: Float64Array;
  readonly callNs: Float64Array;
  /** Infinity for an unknown outcome. */
  readonly returnNs: Float64Array;
  /** What an unknown outcome or a failure was said to be; the nodes asked and answering: places in `names`, or NO_NAME. */
  readonly error: Int32Array;
  readonly entryNode: Int32Array;
  readonly node: Int32Array;
  /** NaN where not recorded. */
  readonly term: Float64Array;
  readonly applied: Float64Array;
}

/** A history over a table. */
export class TableHistory implements History {
  readonly table: Table;
  readonly clients?: number;
  readonly untimed?: true;
  readonly warnings: readonly string[];
  #operations: readonly Operation[] | undefined;
  #failed: readonly FailedOperation[] | undefined;

  constructor(
    table: Table,
    options: { readonly clients?: number; readonly untimed?: boolean; readonly warnings: readonly string[] },
  ) {
    this.table = table;
    this.warnings = options.warnings;
    if (options.untimed === true) this.untimed = true;
    if (options.clients !== undefined) this.clients = options.clients;
  }

  get operations(): readonly Operation[] {
    if (this.#operations === undefined) {
      const operations: Operation[] = [];
      for (let row = 0; row < this.table.count; row++) {
        if (this.table.state[row] !== FAILED) operations.push(operationAt(this.table, row));
      }
      this.#operations = operations;
    }
    return this.#operations;
  }

  get failed(): readonly FailedOperation[] {
    if (this.#failed === undefined) {
      const failed: FailedOperation[] = [];
      for (let row = 0; row < this.table.count; row++) {
        if (this.table.state[row] === FAILED) failed.push(failedAt(this.table, row));
      }
      this.#failed = failed;
    }
    return this.#failed;
  }
}

/** The call in a row. */
export function callAt(table: Table, row: number): Call {
  const f = table.names[table.f[row]!]!;
  const value = table.values.get(table.input[row]!);
  const key = table.key[row]!;
  return key === NO_NAME ? { f, value } : { f, key: table.names[key]!, value };
}

/** The operation in a row that is OK or UNKNOWN. */
export function operationAt(table: Table, row: number): Operation {
  const { names } = table;
  const isAnswered = table.state[row] === OK;
  return {
    id: table.id[row]!,
    process: table.process[row]!,
    input: callAt(table, row),
    callNs: table.callNs[row]!,
    outcome: isAnswered
      ? { kind: 'ok', output: table.values.get(table.output[row]!), returnNs: table.returnNs[row]! }
      : { kind: 'unknown', reason: names[table.error[row]!] ?? 'unknown outcome' },
    ...(table.entryNode[row] === NO_NAME ? {} : { entryNode: names[table.entryNode[row]!]! }),
    ...(table.node[row] === NO_NAME ? {} : { node: names[table.node[row]!]! }),
    ...(Number.isNaN(table.term[row]!) ? {} : { term: table.term[row]! }),
    ...(Number.isNaN(table.applied[row]!) ? {} : { applied: table.applied[row]! }),
  };
}

/** The failed operation in a row that is FAILED. */
export function failedAt(table: Table, row: number): FailedOperation {
  return {
    id: table.id[row]!,
    process: table.process[row]!,
    input: callAt(table, row),
    callNs: table.callNs[row]!,
    returnNs: table.returnNs[row]!,
    error: table.names[table.error[row]!] ?? 'failed',
  };
}

/** The table of any history: the one it was read into, or one made of its operations. */
export function tableOf(history: History): Table {
  return history instanceof TableHistory ? history.table : tabulate(history);
}

function tabulate({ operations, failed }: History): Table {
  const all = [
    ...operations.map((operation) => ({ operation, isFailed: false })),
    ...failed.map((it) => ({
      operation: {
        ...it,
        outcome: { kind: 'ok', output: null, returnNs: it.returnNs },
      } satisfies Operation,
      isFailed: true,
    })),
  ].sort((a, b) => a.operation.callNs - b.operation.callNs);
  const rows = new Rows();
  const returns = all
    .flatMap(({ operation: { outcome } }, row) => (outcome.kind === 'ok' ? [{ row, ns: outcome.returnNs }] : []))
    .sort((a, b) => a.ns - b.ns);
  let nextReturn = 0;
  const returnBefore = (ns: number): void => {
    for (; nextReturn < returns.length && returns[nextReturn]!.ns < ns; nextReturn++) {
      rows.ret[returns[nextReturn]!.row] = rows.end++;
    }
  };
  for (const { operation, isFailed } of all) {
    returnBefore(operation.callNs);
    rows.addOperation(operation, isFailed);
  }
  returnBefore(Infinity);
  return rows;
}

const FIRST_CAPACITY = 256;

/** A table that grows. */
export class Rows implements Table {
  count = 0;
  end = 0;
  #capacity = FIRST_CAPACITY;
  state: Uint8Array = new Uint8Array(FIRST_CAPACITY);
  call: Int32Array = new Int32Array(FIRST_CAPACITY);
  ret: Int32Array = new Int32Array(FIRST_CAPACITY);
  f: Int32Array = new Int32Array(FIRST_CAPACITY);
  key: Int32Array = new Int32Array(FIRST_CAPACITY);
  input: Int32Array = new Int32Array(FIRST_CAPACITY);
  output: Int32Array = new Int32Array(FIRST_CAPACITY);
  id: Float64Array = new Float64Array(FIRST_CAPACITY);
  process: Float64Array = new Float64Array(FIRST_CAPACITY);
  callNs: Float64Array = new Float64Array(FIRST_CAPACITY);
  returnNs: Float64Array = new Float64Array(FIRST_CAPACITY);
  error: Int32Array = new Int32Array(FIRST_CAPACITY);
  entryNode: Int32Array = new Int32Array(FIRST_CAPACITY);
  node: Int32Array = new Int32Array(FIRST_CAPACITY);
  term: Float64Array = new Float64Array(FIRST_CAPACITY);
  applied: Float64Array = new Float64Array(FIRST_CAPACITY);
  completionId?: Float64Array;
  readonly values: Values = new Values();
  readonly names: string[] = [];
  readonly #nameOf = new Map<string, number>();

  /** The place of a name in `names`. */
  name(text: string): number {
    const known = this.#nameOf.get(text);
    if (known !== undefined) return known;
    this.#nameOf.set(text, this.names.length);
    return this.names.push(text) - 1;
  }

  /** A new row, called now and not yet answered: UNKNOWN, with no name but `f`'s. */
  addRow(f: number, input: number): number {
    const row = this.count++;
    if (row === this.#capacity) this.#grow(row + 1);
    this.state[row] = UNKNOWN;
    this.call[row] = this.end++;
    this.ret[row] = NEVER;
    this.f[row] = f;
    this.key[row] = NO_NAME;
    this.input[row] = input;
    this.output[row] = NO_VALUE;
    this.returnNs[row] = Infinity;
    this.error[row] = NO_NAME;
    this.entryNode[row] = NO_NAME;
    this.node[row] = NO_NAME;
    this.term[row] = NaN;
    this.applied[row] = NaN;
    return row;
  }

  /** A row for an operation whose return is numbered by the caller. */
  addOperation(operation: Operation, isFailed: boolean): void {
    const { input, outcome } = operation;
    const row = this.addRow(this.name(input.f), this.values.of(input.value));
    if (input.key !== undefined) this.key[row] = this.name(input.key);
    this.id[row] = operation.id;
    this.process[row] = operation.process;
    this.callNs[row] = operation.callNs;
    if (outcome.kind === 'ok') {
      this.state[row] = isFailed ? FAILED : OK;
      this.output[row] = this.values.of(outcome.output);
      this.returnNs[row] = outcome.returnNs;
    } else {
      this.error[row] = this.name(outcome.reason);
    }
    if ('error' in operation && typeof operation.error === 'string') this.error[row] = this.name(operation.error);
    if (operation.entryNode !== undefined) this.entryNode[row] = this.name(operation.entryNode);
    if (operation.node !== undefined) this.node[row] = this.name(operation.node);
    if (operation.term !== undefined) this.term[row] = operation.term;
    if (operation.applied !== undefined) this.applied[row] = operation.applied;
  }

  /** Makes room, so that the columns stay the same arrays while so many rows are added. */
  reserve(more: number): void {
    if (this.count + more > this.#capacity) this.#grow(this.count + more);
  }

  #grow(rows: number): void {
    this.#capacity = capacityFor(rows);
    const int = (from: Int32Array): Int32Array => grown(from, new Int32Array(this.#capacity));
    const float = (from: Float64Array): Float64Array => grown(from, new Float64Array(this.#capacity));
    this.state = grown(this.state, new Uint8Array(this.#capacity));
    this.call = int(this.call);
    this.ret = int(this.ret);
    this.f = int(this.f);
    this.key = int(this.key);
    this.input = int(this.input);
    this.output = int(this.output);
    this.id = float(this.id);
    this.process = float(this.process);
    this.callNs = float(this.callNs);
    this.returnNs = float(this.returnNs);
    this.error = int(this.error);
    this.entryNode = int(this.entryNode);
    this.node = int(this.node);
    this.term = float(this.term);
    this.applied = float(this.applied);
  }
}
