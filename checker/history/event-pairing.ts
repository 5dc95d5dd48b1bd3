/**
 * Pairs events into the rows of a table: what every reader ends in. Events are given as numbers (names and values already
 * numbered in `rows`), in the order in which they happened. What cannot be paired is a HistoryError with its line.
 */
import { HistoryError } from './error.ts';
import { capacityFor, grown } from './growth.ts';
import { ANSWER_FAIL, ANSWER_INFO, ANSWER_OK, EventBatch, INVOKE } from './event-batch.ts';
import type { History } from './operation.ts';
import { FAILED, NO_NAME, OK, Rows, TableHistory } from './table.ts';
import { FALSE_VALUE, NULL_VALUE, TRUE_VALUE } from './values.ts';

/** What came of an operation, as recorded. */
export type CompletionType = 'ok' | 'fail' | 'info';

/**
 * Whether a compare-and-set that failed with this error is an observation ("the value was another one"): `mismatch` in our own
 * format, every answered one in etcd logs. Jepsen's and Knossos' `fail` only says that nothing happened.
 */
export type IsMismatch = (error: number) => boolean;

/** In place of the row that a process has open: none, or none ever again. */
const NONE = -1;
const RETIRED = -2;

const TYPES: Readonly<Record<CompletionType, number>> = { ok: ANSWER_OK, fail: ANSWER_FAIL, info: ANSWER_INFO };
const WORDS: readonly string[] = ['invoke', 'ok', 'fail', 'info'];

/** Takes events one after another, or by the batch, and gives the paired history at the end. */
export class EventPairing {
  readonly rows: Rows = new Rows();
  readonly #file: string;
  readonly #isMismatch: IsMismatch;
  readonly #processes = new Processes();
  /** Rows that returned at the present instant: calls of the same instant come before them. */
  #returning: Int32Array = new Int32Array(64);
  #returnCount = 0;
  #timeNs = -1;
  readonly #f: Readonly<Record<'write' | 'cas', number>>;
  readonly #single = new EventBatch(1);

  constructor(file: string, isMismatch: IsMismatch) {
    this.#file = file;
    this.#isMismatch = isMismatch;
    this.#f = { write: this.rows.name('write'), cas: this.rows.name('cas') };
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
    const single = this.#single;
    single.type[0] = INVOKE;
    single.id[0] = event.id;
    this.#addSingle(event);
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
    const single = this.#single;
    single.type[0] = TYPES[event.type];
    single.error[0] = event.error;
    single.term[0] = event.term;
    single.applied[0] = event.applied;
    this.#addSingle(event);
  }

  /** The history so far. Invocations without a completion are unknown: they may take effect at any later time, or never. */
  finish(options: { readonly clients?: number; readonly warnings: readonly string[] }): History {
    this.#returnAll();
    const never = this.rows.name('never completed');
    for (const row of this.#processes.openRows()) this.rows.error[row] = never;
    return new TableHistory(this.rows, options);
  }

  refuse(line: number, reason: string): never {
    throw new HistoryError(this.#file, line, reason);
  }

  /** The row of a process's open operation, or undefined. */
  rowOf(process: number): number | undefined {
    const row = this.#processes.open[this.#processes.slotOf(process)]!;
    return row < 0 ? undefined : row;
  }

  /**
   * Pairs the events of a batch and empties it. One long loop over local columns: two million events go through here for a
   * million operations, and every look-up of a field would count.
   */
  add(batch: EventBatch): void {
    const { count, line, type, timeNs, process, f, key, value, error, node } = batch;
    const { rows } = this;
    const processes = this.#processes;
    const { write, cas } = this.#f;
    rows.reserve(count);
    const { id, process: rowProcess, callNs, returnNs, f: rowF, key: rowKey, input, entryNode } = rows;
    let lastNs = this.#timeNs;
    for (let i = 0; i < count; i++) {
      const slot = processes.slotOf(process[i]!);
      const open = processes.open[slot]!;
      const now = timeNs[i]!;
      if (type[i] === INVOKE) {
        if (open !== NONE) this.#refuseInvocation(batch, i, slot);
        if (now !== lastNs) this.#returnAll();
        const row = rows.addRow(f[i]!, value[i]!);
        id[row] = batch.id[i]!;
        rowProcess[row] = process[i]!;
        callNs[row] = now;
        rowKey[row] = key[i]!;
        entryNode[row] = node[i]!;
        processes.set(slot, row, line[i]!);
      } else {
        const isAsked = open >= 0 && f[i] === rowF[open] && key[i] === rowKey[open];
        // Only a read completes with another value than it was invoked with; of other kinds of operation nothing is known.
        const isEcho = type[i] === ANSWER_OK && (f[i] === write || f[i] === cas);
        if (!isAsked || (isEcho && value[i] !== input[open])) this.#refuseAnswer(batch, i, slot);
        if (now !== lastNs) this.#returnAll();
        rows.error[open] = error[i]!;
        if (type[i] === ANSWER_INFO) {
          processes.set(slot, RETIRED, line[i]!);
        } else {
          processes.set(slot, NONE, line[i]!);
          returnNs[open] = now;
          rows.node[open] = node[i]!;
          rows.term[open] = batch.term[i]!;
          rows.applied[open] = batch.applied[i]!;
          this.#willReturn(open);
          if (type[i] === ANSWER_OK) this.#succeed(open, f[i]!, value[i]!);
          else this.#fail(open, f[i]!, error[i]!);
        }
      }
      lastNs = now;
    }
    this.#timeNs = lastNs;
    batch.count = 0;
  }

  #addSingle(event: {
    readonly line: number;
    readonly timeNs: number;
    readonly process: number;
    readonly f: number;
    readonly key: number;
    readonly value: number;
    readonly node: number;
  }): void {
    const single = this.#single;
    single.count = 1;
    single.line[0] = event.line;
    single.timeNs[0] = event.timeNs;
    single.process[0] = event.process;
    single.f[0] = event.f;
    single.key[0] = event.key;
    single.value[0] = event.value;
    single.node[0] = event.node;
    this.add(single);
  }

  #succeed(row: number, f: number, value: number): void {
    const { rows } = this;
    const { write, cas } = this.#f;
    rows.state[row] = OK;
    rows.output[row] = f === write ? NULL_VALUE : f === cas ? TRUE_VALUE : value;
  }

  /** An answered mismatch is an observation; every other `fail` observed nothing. */
  #fail(row: number, f: number, error: number): void {
    const { rows } = this;
    if (f !== this.#f.cas || !this.#isMismatch(error)) {
      rows.state[row] = FAILED;
      return;
    }
    rows.state[row] = OK;
    rows.output[row] = FALSE_VALUE;
    rows.error[row] = NO_NAME;
  }

  #refuseInvocation(batch: EventBatch, i: number, slot: number): never {
    const process = batch.process[i]!;
    const line = this.#processes.line[slot]!;
    const isRetired = this.#processes.open[slot] === RETIRED;
    this.refuse(
      batch.line[i]!,
      isRetired
        ? `process ${process} is used again after its info on line ${line}`
        : `process ${process} already has an open operation, invoked on line ${line}`,
    );
  }

  #refuseAnswer(batch: EventBatch, i: number, slot: number): never {
    const process = batch.process[i]!;
    const word = WORDS[batch.type[i]!]!;
    const isOpen = this.#processes.open[slot]! >= 0;
    this.refuse(
      batch.line[i]!,
      isOpen
        ? `${word} does not match what process ${process} invoked on line ${this.#processes.line[slot]!}`
        : `${word} of process ${process} without an invocation`,
    );
  }

  #willReturn(row: number): void {
    if (this.#returnCount === this.#returning.length) {
      this.#returning = grown(this.#returning, new Int32Array(2 * this.#returnCount));
    }
    this.#returning[this.#returnCount++] = row;
  }

  /** Numbers the returns of the last instant, which is over. */
  #returnAll(): void {
    const { ret } = this.rows;
    let { end } = this.rows;
    for (let i = 0; i < this.#returnCount; i++) ret[this.#returning[i]!] = end++;
    this.rows.end = end;
    this.#returnCount = 0;
  }
}

/** Process numbers below this are looked up in an array. */
const NEAR_MAX = 1 << 20;

/** What each process is at. A process has a slot, from 0 on in the order in which they are first seen. */
class Processes {
  /** By slot: the row of its open operation, NONE or RETIRED; and the line of its invocation, or of the `info` that ended it. */
  open: Int32Array = new Int32Array(64);
  line: Int32Array = new Int32Array(64);
  #count = 0;
  /** By process number: slot + 1. */
  #near: Int32Array = new Int32Array(64);
  readonly #far = new Map<number, number>();

  slotOf(process: number): number {
    const near = this.#near;
    if (process >= 0 && process < near.length) {
      const known = near[process];
      if (known !== undefined && known !== 0) return known - 1;
    }
    return this.#newOrFar(process);
  }

  set(slot: number, open: number, line: number): void {
    this.open[slot] = open;
    this.line[slot] = line;
  }

  *openRows(): Generator<number> {
    for (let slot = 0; slot < this.#count; slot++) if (this.open[slot]! >= 0) yield this.open[slot]!;
  }

  #newOrFar(process: number): number {
    if (process >= 0 && process < NEAR_MAX && Number.isInteger(process)) {
      if (process >= this.#near.length) this.#near = grown(this.#near, new Int32Array(capacityFor(process + 1)));
      const slot = this.#newSlot();
      this.#near[process] = slot + 1;
      return slot;
    }
    const known = this.#far.get(process);
    if (known !== undefined) return known;
    const slot = this.#newSlot();
    this.#far.set(process, slot);
    return slot;
  }

  #newSlot(): number {
    const slot = this.#count++;
    if (slot === this.open.length) {
      this.open = grown(this.open, new Int32Array(capacityFor(slot + 1)));
      this.line = grown(this.line, new Int32Array(capacityFor(slot + 1)));
    }
    this.open[slot] = NONE;
    return slot;
  }
}
