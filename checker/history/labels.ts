/**
 * Process numbers for a format in which a process that answers and asks again at one instant has done one after the other. Here
 * those two are concurrent, so the second gets another number: that of its process plus a multiple of the number of clients, as
 * after a crash, or where that is not known one that nobody has.
 */
import type { Table } from './table.ts';

/** Hands the numbers out, in order of events. */
export class Labels {
  readonly #table: Table;
  /** How far apart the numbers of one client are. */
  readonly #step: number;
  /** By process: its numbers that are free. */
  readonly #free = new Map<number, number[]>();
  /** By client: the largest number that is taken. */
  readonly #largest = new Map<number, number>();
  readonly #labels: Float64Array;

  /** @param clients undefined where not known */
  constructor(table: Table, clients: number | undefined) {
    this.#table = table;
    this.#step = clients ?? 1;
    this.#labels = new Float64Array(table.count);
    for (let row = 0; row < table.count; row++) {
      const process = table.process[row]!;
      const client = process % this.#step;
      this.#largest.set(client, Math.max(this.#largest.get(client) ?? 0, process));
    }
  }

  /** The operation in this row begins. */
  begin(row: number): void {
    const process = this.#table.process[row]!;
    const free = this.#free.get(process);
    this.#labels[row] = free === undefined ? process : (free.pop() ?? this.#fresh(process));
    if (free === undefined) this.#free.set(process, []);
  }

  /** It was answered, so that its number may be used again. That of one that was not never is. */
  end(row: number): void {
    this.#free.get(this.#table.process[row]!)!.push(this.#labels[row]!);
  }

  /** The number of the operation in this row, once it has begun. */
  of(row: number): number {
    return this.#labels[row]!;
  }

  #fresh(process: number): number {
    const client = process % this.#step;
    const label = this.#largest.get(client)! + this.#step;
    this.#largest.set(client, label);
    return label;
  }
}
