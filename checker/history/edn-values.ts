/** What stands as `:value` in a history of Jepsen: what was asked and what was answered, in EDN. */
import { sameJson } from '../model/json.ts';
import { ednOf, keyEdn } from './edn-text.ts';
import type { Json } from './operation.ts';
import type { Table } from './table.ts';

/** The history cannot be written so. */
export class NotWritable extends Error {
  override readonly name = 'NotWritable';
}

/** The element that stands for null in registers. */
export interface Sentinel {
  readonly text: string;
  /** What a reader makes of it; null where null is nil. */
  readonly value: Json;
}

/** The values of a table. Throws NotWritable for one that is the sentinel. */
export class EdnValues {
  readonly #table: Table;
  readonly #sentinel: Sentinel;

  constructor(table: Table, sentinel: Sentinel) {
    this.#table = table;
    this.#sentinel = sentinel;
  }

  /** What was asked in this row. */
  asked(row: number): string {
    const { f, input, names, values } = this.#table;
    const value = values.get(input[row]!);
    switch (names[f[row]!]!) {
      case 'write':
        return this.#held(value);
      case 'cas':
        return Array.isArray(value) ? this.#heldEach(value as readonly Json[]) : ednOf(value);
      case 'txn':
        return this.#transaction(value, false);
      default:
        return ednOf(value);
    }
  }

  /** What was answered, where something was. */
  answered(row: number): string {
    const { f, input, output, names, values } = this.#table;
    const asked = values.get(input[row]!);
    const value = values.get(output[row]!);
    switch (names[f[row]!]!) {
      case 'read':
        return this.#held(value);
      case 'write':
      case 'cas':
        return this.asked(row);
      case 'txn':
        return this.#transaction(Array.isArray(value) ? value : asked, Array.isArray(value));
      default:
        // Jepsen says again what was asked. Of a truth value that would be an answer.
        return ednOf(value === null && typeof asked !== 'boolean' ? asked : value);
    }
  }

  #transaction(value: Json, isAnswer: boolean): string {
    const micros = (value as readonly (readonly Json[])[]).map(([f, register, content]) => {
      const isRead = f === 'read' || f === 'r';
      const held = isRead && !isAnswer ? 'nil' : this.#held(content!);
      return `[${isRead ? ':r' : ':w'} ${keyEdn(`${register as string | number}`)} ${held}]`;
    });
    return `[${micros.join(' ')}]`;
  }

  #heldEach(values: readonly Json[]): string {
    return `[${values.map((value) => this.#held(value)).join(' ')}]`;
  }

  /** What a register holds. */
  #held(value: Json): string {
    const { text, value: stand } = this.#sentinel;
    if (value === null) return text;
    if (stand !== null && sameJson(value, stand)) {
      throw new NotWritable(`${text} cannot stand for null: it is a value of the history`);
    }
    return ednOf(value);
  }
}
