/**
 * A part that is one register, as columns of register actions with numbered values. Which operation can have written what
 * another one saw is known here, and with it what crashed operations can still matter.
 */
import type { Call, Json } from '../history/operation.ts';
import { NO_NAME, OK, operationAt, type Table } from '../history/table.ts';
import { FALSE_VALUE, NULL_VALUE, TRUE_VALUE, type Values } from '../history/values.ts';
import { UNSEEN, type Model, type RegisterAction, type RegisterWords } from '../model/model.ts';
import { NEVER, type Columns } from './columns.ts';
import { columnsOfParts, partsOf, type PartRows } from './parts.ts';

/** Kinds of action, as they stand in the column. */
export const READ = 0;
export const WRITE = 1;
export const CAS = 2;
/** A compare-and-set answered "no": a negative observer, which saw that the value was another one. */
export const MISMATCH = 3;
/** A crashed read: no constraint at all. */
export const NOTHING = 4;

/** No value. */
export const NONE = -1;

/** The values of a part by number. */
export interface ValueList {
  readonly length: number;
  at(number: number): Json | undefined;
}

/** One register's operations. Values are numbers; the initial value is number 0. */
export interface RegisterPart extends Columns {
  readonly kind: Uint8Array;
  /** What a READ saw, a CAS expected, a MISMATCH did not see; else NONE. */
  readonly needs: Int32Array;
  /** What a WRITE or a CAS leaves; else NONE. */
  readonly leaves: Int32Array;
  readonly values: ValueList;
}

/** The number of the initial value. */
export const INITIAL = 0;

/** A model whose parts are registers. */
export type RegisterModel<S> = Model<S, Call, Json> & {
  readonly asRegister: NonNullable<Model<S, Call, Json>['asRegister']>;
};

/** The register parts of a table; parts of which the model says that they are none are left out. */
export function registerPartsOf<S>(
  table: Table,
  model: RegisterModel<S>,
): readonly (PartRows & { readonly part: RegisterPart })[] {
  const parts = partsOf(table, model);
  const columns = columnsOfParts(table, parts);
  const registers = new RegisterParts(table, model);
  return parts.flatMap((rows, i) => {
    const part = registers.of(rows.rows, columns[i]!);
    return part === undefined ? [] : [{ ...rows, part }];
  });
}

/** Makes register parts of one table; buffers serve all of them. */
export class RegisterParts<S> {
  readonly #table: Table;
  readonly #model: RegisterModel<S>;
  readonly #numbering: Numbering;
  readonly #initial: number;

  constructor(table: Table, model: RegisterModel<S>) {
    this.#table = table;
    this.#model = model;
    this.#initial = table.values.of(model.initial as Json);
    this.#numbering = new Numbering(table.values);
  }

  /**
   * The part of these rows, undefined where the model says of an operation that no register has it.
   * @throws ModelError for an operation that is not the model's
   */
  of(rows: Int32Array, columns: Columns): RegisterPart | undefined {
    const part = {
      ...columns,
      kind: new Uint8Array(columns.count),
      needs: new Int32Array(columns.count).fill(NONE),
      leaves: new Int32Array(columns.count).fill(NONE),
    };
    this.#numbering.start(this.#initial);
    const isRegister =
      this.#model.registerWords === undefined
        ? this.#fromModel(rows, part)
        : this.#fromColumns(rows, part, this.#model.registerWords);
    return isRegister ? { ...part, values: this.#numbering.finish() } : undefined;
  }

  #fromColumns(rows: Int32Array, part: Omit<RegisterPart, 'values'>, words: RegisterWords): boolean {
    const { f, input, output, state, names, values } = this.#table;
    const { kind, needs, leaves } = part;
    const numbering = this.#numbering;
    const readName = names.indexOf(words.read);
    const writeName = names.indexOf(words.write);
    const casName = words.cas === undefined ? NO_NAME : names.indexOf(words.cas);
    const isAcknowledged = (row: number): boolean => {
      const answer = output[row]!;
      return state[row] !== OK || answer === NULL_VALUE || answer === TRUE_VALUE || answer === input[row];
    };
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i]!;
      const name = f[row]!;
      if (name === readName) {
        if (state[row] === OK) needs[i] = numbering.of(output[row]!);
        else kind[i] = NOTHING;
      } else if (name === writeName && isAcknowledged(row)) {
        kind[i] = WRITE;
        leaves[i] = numbering.of(input[row]!);
      } else if (
        name === casName &&
        values.isPair(input[row]!) &&
        (output[row] === FALSE_VALUE || isAcknowledged(row))
      ) {
        const expected = numbering.of(values.first(input[row]!));
        needs[i] = expected;
        if (output[row] === FALSE_VALUE) {
          kind[i] = MISMATCH;
        } else {
          kind[i] = CAS;
          leaves[i] = numbering.of(values.second(input[row]!));
        }
      } else if (!this.#fromAction(row, i, part)) {
        return false;
      }
    }
    return true;
  }

  #fromModel(rows: Int32Array, part: Omit<RegisterPart, 'values'>): boolean {
    for (let i = 0; i < rows.length; i++) if (!this.#fromAction(rows[i]!, i, part)) return false;
    return true;
  }

  #fromAction(row: number, i: number, { kind, needs, leaves }: Omit<RegisterPart, 'values'>): boolean {
    const { input, outcome } = operationAt(this.#table, row);
    const action: RegisterAction | undefined = this.#model.asRegister(
      input,
      outcome.kind === 'ok' ? outcome.output : UNSEEN,
    );
    if (action === undefined) return false;
    const number = (value: Json): number => this.#numbering.of(this.#table.values.of(value));
    switch (action.kind) {
      case 'read':
        kind[i] = READ;
        needs[i] = number(action.value);
        break;
      case 'write':
        kind[i] = WRITE;
        leaves[i] = number(action.value);
        break;
      case 'cas':
        kind[i] = CAS;
        needs[i] = number(action.from);
        leaves[i] = number(action.to);
        break;
      case 'mismatch':
        kind[i] = MISMATCH;
        needs[i] = number(action.not);
        break;
      case 'nothing':
        kind[i] = NOTHING;
        break;
    }
    return true;
  }
}

/** Numbers the values of one part after another densely, in one pair of buffers. */
class Numbering {
  readonly #values: Values;
  #numberOf: Int32Array;
  #seen: Int32Array = new Int32Array(64);
  #count = 0;

  constructor(values: Values) {
    this.#values = values;
    this.#numberOf = new Int32Array(values.size).fill(NONE);
  }

  start(initial: number): void {
    for (let i = 0; i < this.#count; i++) this.#numberOf[this.#seen[i]!] = NONE;
    this.#count = 0;
    this.of(initial);
  }

  of(value: number): number {
    if (value >= this.#numberOf.length) this.#grow(value);
    const known = this.#numberOf[value]!;
    if (known !== NONE) return known;
    if (this.#count === this.#seen.length) {
      const larger = new Int32Array(2 * this.#count);
      larger.set(this.#seen);
      this.#seen = larger;
    }
    this.#seen[this.#count] = value;
    return (this.#numberOf[value] = this.#count++);
  }

  finish(): ValueList {
    const values = this.#values;
    const seen = this.#seen.slice(0, this.#count);
    return {
      length: seen.length,
      at: (number) => {
        const value = seen[number];
        return value === undefined ? undefined : values.get(value);
      },
    };
  }

  /** A model may bring values that stand nowhere in the history. */
  #grow(value: number): void {
    const larger = new Int32Array(2 * value + 2).fill(NONE);
    larger.set(this.#numberOf);
    this.#numberOf = larger;
  }
}

/** True where the operation proves, by having returned, that the register once held `needs`. */
export function isObserver(part: RegisterPart, i: number): boolean {
  return part.ret[i] !== NEVER && (part.kind[i] === READ || part.kind[i] === CAS);
}
