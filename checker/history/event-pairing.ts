/**
 * Pairs events into the rows of a table: what every reader ends in. Events are given as numbers (names and values already
 * numbered in `rows`), in the order in which they happened. What cannot be paired is a HistoryError with its line.
 */
import { HistoryError } from './error.ts';
import type { History } from './operation.ts';
import { FAILED, NO_NAME, OK, Rows, TableHistory } from './table.ts';
import { FALSE_VALUE, NULL_VALUE, TRUE_VALUE } from './values.ts';

/** What came of an operation, as recorded. */
export type CompletionType = 'ok' | 'fail' | 'info';

/** How a format means what it says. */
export interface Dialect {
  /**
   * True where a compare-and-set that was answered "no" is an observation ("the value was another one"): `error` mismatch in
   * our own format, every failed one in etcd logs. Jepsen's and Knossos' `fail` only says that nothing happened.
   */
  readonly isMismatch: (error: number) => boolean;
  /** True where a read that completes with null constrains nothing (Knossos). It is left out. */
  readonly nullReadIsLegal: boolean;
  /** True where a process goes on under its own number after an unknown outcome. */
  readonly mayReuseProcess: boolean;
}

/** Takes events one after another and gives the paired history at the end. */
export class EventPairing {
  readonly rows: Rows = new Rows();
  readonly #file: string;
  readonly #dialect: Dialect;
  /** By process: the row of its open operation. */
  readonly #open = new Map<number, number>();
  /** By row that is open: the line of its invocation. By process that ended with an unknown outcome: the line where it did. */
  readonly #lineOf = new Map<number, number>();
  readonly #retired = new Map<number, number>();
  /** Rows that returned at the present instant: calls of the same instant come before them. */
  readonly #returning: number[] = [];
  #timeNs = -1;
  readonly #f: Readonly<Record<'read' | 'write' | 'cas', number>>;

  constructor(file: string, dialect: Dialect) {
    this.#file = file;
    this.#dialect = dialect;
    this.#f = { read: this.rows.name('read'), write: this.rows.name('write'), cas: this.rows.name('cas') };
  }

  /** @param event names and values as numbers of `rows`; `id` the recorded index, or the line where the format has none */
  invoke(event: {
    readonly line: number;
    readonly id: number;
    readonly timeNs: number;
    readonly process: number;
    readonly f: number;
    readonly key: number;
    readonly value: number;
    readonly node: number;
  }): void {
    const { line, process } = event;
    const open = this.#open.get(process);
    if (open !== undefined)
      this.refuse(line, `process ${process} already has an open operation, invoked on line ${this.#lineOf.get(open)}`);
    const retired = this.#retired.get(process);
    if (retired !== undefined) this.refuse(line, `process ${process} is used again after its info on line ${retired}`);
    this.#at(event.timeNs);
    const { rows } = this;
    const row = rows.addRow(event.f, event.value);
    rows.id[row] = event.id;
    rows.process[row] = process;
    rows.callNs[row] = event.timeNs;
    rows.key[row] = event.key;
    rows.entryNode[row] = event.node;
    this.#open.set(process, row);
    this.#lineOf.set(row, line);
  }

  /** @param event `term` and `applied` are NaN where not recorded; `value` what stands on the completing line */
  complete(event: {
    readonly line: number;
    readonly timeNs: number;
    readonly process: number;
    readonly type: CompletionType;
    readonly f: number;
    readonly key: number;
    readonly value: number;
    readonly error: number;
    readonly node: number;
    readonly term: number;
    readonly applied: number;
  }): void {
    const { line, process, type, f, value } = event;
    const { rows } = this;
    const row = this.#open.get(process);
    if (row === undefined) this.refuse(line, `${type} of process ${process} without an invocation`);
    const isEcho = f === this.#f.write || f === this.#f.cas;
    if (f !== rows.f[row] || event.key !== rows.key[row] || (isEcho && type === 'ok' && value !== rows.input[row])) {
      this.refuse(line, `${type} does not match what process ${process} invoked on line ${this.#lineOf.get(row)}`);
    }
    this.#at(event.timeNs);
    this.#open.delete(process);
    this.#lineOf.delete(row);
    rows.error[row] = event.error;
    if (type === 'info') {
      if (!this.#dialect.mayReuseProcess) this.#retired.set(process, line);
      return;
    }
    rows.returnNs[row] = event.timeNs;
    rows.node[row] = event.node;
    rows.term[row] = event.term;
    rows.applied[row] = event.applied;
    this.#returning.push(row);
    if (type === 'ok') {
      rows.state[row] = OK;
      rows.output[row] = f === this.#f.write ? NULL_VALUE : f === this.#f.cas ? TRUE_VALUE : value;
      if (this.#dialect.nullReadIsLegal && f === this.#f.read && value === NULL_VALUE) rows.state[row] = FAILED;
    } else if (f === this.#f.cas && this.#dialect.isMismatch(event.error)) {
      rows.state[row] = OK;
      rows.output[row] = FALSE_VALUE;
      rows.error[row] = NO_NAME;
    } else {
      rows.state[row] = FAILED;
    }
  }

  /** The history so far. Invocations without a completion are unknown: they may take effect at any later time, or never. */
  finish(options: { readonly clients?: number; readonly warnings: readonly string[] }): History {
    this.#at(Infinity);
    const never = this.rows.name('never completed');
    for (const row of this.#open.values()) this.rows.error[row] = never;
    return new TableHistory(this.rows, options);
  }

  refuse(line: number, reason: string): never {
    throw new HistoryError(this.#file, line, reason);
  }

  /** Numbers the returns of an earlier instant. */
  #at(timeNs: number): void {
    if (timeNs === this.#timeNs) return;
    for (const row of this.#returning) this.rows.ret[row] = this.rows.end++;
    this.#returning.length = 0;
    this.#timeNs = timeNs;
  }
}
