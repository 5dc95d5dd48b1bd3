/**
 * Events of formats in which the order of the file is the order of real time: Jepsen's, Knossos' and Porcupine's. A clock,
 * where there is one, says when for the reader's eyes, but two events that stand one after the other are never concurrent
 * for having the same time.
 */
import { EventPairing, type CompletionType, type IsMismatch } from './event-pairing.ts';
import type { History } from './operation.ts';
import type { ReadingOptions } from './reading.ts';
import { NO_NAME, TableHistory, type Rows, type Table } from './table.ts';
import { tableData, tableFromData } from './table-data.ts';

/** An event, names and values as numbers of `rows`. */
export interface FileEvent {
  readonly line: number;
  /** The recorded index, or the position in the file: what `id` and `completionId` of the table hold. */
  readonly id: number;
  /** As recorded, or the position in the file: not before the time of the event above. */
  readonly timeNs: number;
  readonly process: number;
  readonly f: number;
  readonly key: number;
  readonly value: number;
  readonly error: number;
}

/** Pairs events that come in the order of a file. */
export class FileEvents {
  readonly #pairing: EventPairing;
  readonly #order = new FileOrder();
  #completionIds: Float64Array = new Float64Array(256).fill(NaN);
  readonly #leftOut: number[] = [];
  /** Events so far. */
  count = 0;

  constructor(file: string, isMismatch: IsMismatch) {
    this.#pairing = new EventPairing(file, isMismatch);
  }

  get rows(): Rows {
    return this.#pairing.rows;
  }

  /** The row of a process's open operation, or undefined. */
  rowOf(process: number): number | undefined {
    return this.#pairing.rowOf(process);
  }

  invoke(event: FileEvent): void {
    this.count++;
    const { line, id, process, f, key, value } = event;
    const timeNs = this.#order.invocation(event.timeNs);
    this.#pairing.invoke({ line, id, timeNs, process, f, key, value, node: NO_NAME });
  }

  /** @param event the value of an unknown or failed outcome is not looked at, nor is its key */
  complete(type: CompletionType, event: FileEvent): void {
    this.count++;
    const { line, process, f, value, error } = event;
    const row = this.rowOf(process);
    const key = type === 'ok' || row === undefined ? event.key : this.rows.key[row]!;
    const timeNs = this.#order.completion(event.timeNs);
    const answer = { line, timeNs, process, type, f, key, value, error, node: NO_NAME, term: NaN, applied: NaN };
    this.#pairing.complete(answer);
    this.#completed(row!, event.id);
  }

  /** The operation in this row, which is answered, constrains nothing: it will not be in the history. */
  leaveOut(row: number): void {
    this.#leftOut.push(row);
  }

  get leftOut(): number {
    return this.#leftOut.length;
  }

  /** Invocations without a completion are unknown now; `rows` is final but for what the reader still writes into it. */
  close(): void {
    this.#pairing.finish({ warnings: [] });
  }

  /** @param told whether the times are those of a clock, and what was left out */
  history(options: ReadingOptions, told: { readonly untimed: boolean; readonly warnings: readonly string[] }): History {
    return new TableHistory(this.#table(), {
      ...(options.clients === undefined ? {} : { clients: options.clients }),
      ...told,
    });
  }

  refuse(line: number, reason: string): never {
    this.#pairing.refuse(line, reason);
  }

  #completed(row: number, id: number): void {
    if (row >= this.#completionIds.length) {
      const larger = new Float64Array(2 * row).fill(NaN);
      larger.set(this.#completionIds);
      this.#completionIds = larger;
    }
    this.#completionIds[row] = id;
  }

  #table(): Table {
    const { rows } = this;
    const completionId = new Float64Array(rows.count).fill(NaN);
    completionId.set(this.#completionIds.subarray(0, rows.count));
    rows.completionId = completionId;
    if (this.#leftOut.length === 0) return rows;
    const isLeftOut = new Uint8Array(rows.count);
    for (const row of this.#leftOut) isLeftOut[row] = 1;
    const kept = new Int32Array(rows.count - this.#leftOut.length);
    let count = 0;
    for (let row = 0; row < rows.count; row++) if (isLeftOut[row] === 0) kept[count++] = row;
    return tableFromData(tableData(rows, kept));
  }
}

/** The order of the file, as times: an invocation after a completion is later than it. */
class FileOrder {
  #lastNs = 0;
  #hasCompletion = false;

  invocation(timeNs: number): number {
    const at = Math.max(timeNs, this.#hasCompletion ? this.#lastNs + 1 : this.#lastNs);
    this.#hasCompletion = false;
    this.#lastNs = at;
    return at;
  }

  completion(timeNs: number): number {
    this.#lastNs = Math.max(timeNs, this.#lastNs);
    this.#hasCompletion = true;
    return this.#lastNs;
  }
}
