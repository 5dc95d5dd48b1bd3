/**
 * A part of a history on one collection (a queue, a stack, a bag or a set) as columns: what the monitors work on. It comes
 * straight from the table where the model is a built-in one, and through `Model.asCollection` where it is another.
 */
import type { Call, Json } from '../history/operation.ts';
import { callAt, NEVER, OK, type Table } from '../history/table.ts';
import { FALSE_VALUE, NO_VALUE, NULL_VALUE, TRUE_VALUE } from '../history/values.ts';
import type { Columns } from '../linear/columns.ts';
import { UNSEEN, type CollectionAction, type CollectionOrder, type Model } from '../model/model.ts';

/** In place of a value or an operation: there is none. */
export const NONE = -1;

/** Neither changes nor shows anything. */
export const NOTHING = 0;
/** Put the value in. In a set: it is in afterwards, whether it was before or not. */
export const PUT = 1;
/** Took the value out. In a set: it was in before. */
export const TAKE = 2;
/** Was answered that there is nothing to take. */
export const EMPTY = 3;
/** Took something or nothing, and nobody saw what. */
export const TAKE_UNSEEN = 4;
/** Sets only: put the value in, which was not in before. */
export const INSERT = 5;
/** Sets only: the value is out afterwards, whether it was before or not. */
export const DROP = 6;
/** Sets only: saw that the value is in, or that it is not. */
export const HAS = 7;
export const LACKS = 8;

/** Columns by operation of the part. Event indices are as in a table. */
export interface CollectionPart extends Columns {
  readonly order: CollectionOrder;
  readonly kind: Uint8Array;
  /** Dense numbers, or NONE. */
  readonly value: Int32Array;
  /** How many values there are: the numbers are below this. */
  readonly values: number;
}

/**
 * The part that these rows of the table are, or undefined where some operation is none that a monitor knows, or one that its
 * model would refuse: then the search, which asks the model itself, has the word. Operations are numbered as the rows are.
 * @param rows OK and UNKNOWN rows, in order of call
 * @param columns when they were called and returned
 * @throws ModelError for an operation that is not the model's, where the model is not a built-in one
 */
export function collectionPartOf<S>(
  table: Table,
  { rows, columns }: { readonly rows: Int32Array; readonly columns: Columns },
  model: Model<S, Call, Json>,
): CollectionPart | undefined {
  const order = model.collection;
  if (order === undefined) return undefined;
  const drafting = new Drafting(table, rows, order);
  const names = BUILT_IN[model.name];
  if (names?.order === order ? !drafting.throughNames(names) : order === 'set' || !drafting.throughModel(model))
    return undefined;
  return { ...columns, order, ...drafting.finish() };
}

interface Names {
  readonly order: CollectionOrder;
  readonly put: string;
  readonly take: string;
}

/** The operations of the built-in models, by the model's name. */
const BUILT_IN: Readonly<Record<string, Names | undefined>> = {
  queue: { order: 'fifo', put: 'enqueue', take: 'dequeue' },
  'unordered-queue': { order: 'any', put: 'enqueue', take: 'dequeue' },
  stack: { order: 'lifo', put: 'push', take: 'pop' },
  set: { order: 'set', put: 'add', take: 'remove' },
};

/** What an action is here; the others are for the search. */
const KINDS: Readonly<Partial<Record<CollectionAction['kind'], number>>> = {
  put: PUT,
  take: TAKE,
  empty: EMPTY,
  'take-unseen': TAKE_UNSEEN,
  nothing: NOTHING,
};

class Drafting {
  readonly #table: Table;
  readonly #rows: Int32Array;
  readonly #order: CollectionOrder;
  readonly #kind: Uint8Array;
  /** Numbers of the table's pool, until they are made dense. */
  readonly #value: Int32Array;

  constructor(table: Table, rows: Int32Array, order: CollectionOrder) {
    this.#table = table;
    this.#rows = rows;
    this.#order = order;
    this.#kind = new Uint8Array(rows.length);
    this.#value = new Int32Array(rows.length).fill(NONE);
  }

  /** Columns from columns: no operation becomes an object. */
  throughNames(names: Names): boolean {
    const place = (name: string): number => this.#table.names.indexOf(name);
    const put = place(names.put);
    const take = place(names.take);
    if (this.#order === 'set') return this.#set(put, take, place('contains'));
    const emptyWord = this.#table.values.ofString('empty');
    const { f, input, output, state } = this.#table;
    for (let i = 0; i < this.#rows.length; i++) {
      const row = this.#rows[i]!;
      const asked = input[row]!;
      const answer = output[row]!;
      if (f[row] === put) {
        if (asked === NULL_VALUE || asked === emptyWord) return false;
        const isAcknowledged = answer === NULL_VALUE || answer === TRUE_VALUE || answer === asked;
        if (state[row] === OK && !isAcknowledged) return false;
        this.#is(i, PUT, asked);
      } else if (f[row] === take) {
        if (asked !== NULL_VALUE) return false;
        if (state[row] !== OK) this.#is(i, TAKE_UNSEEN, NONE);
        else if (answer === NULL_VALUE || answer === emptyWord) this.#is(i, EMPTY, NONE);
        else this.#is(i, TAKE, answer);
      } else {
        return false;
      }
    }
    return true;
  }

  /** What an `add`, a `remove` or a `contains` says of the one value that it is about. */
  #set(add: number, remove: number, contains: number): boolean {
    const { f, input, output, state } = this.#table;
    for (let i = 0; i < this.#rows.length; i++) {
      const row = this.#rows[i]!;
      const asked = input[row]!;
      const answer = state[row] === OK ? output[row]! : NO_VALUE;
      const isYes = answer === TRUE_VALUE;
      if (isYes || answer === FALSE_VALUE) {
        if (asked === answer) return false;
        if (f[row] === add) this.#is(i, isYes ? INSERT : HAS, asked);
        else if (f[row] === remove) this.#is(i, isYes ? TAKE : LACKS, asked);
        else if (f[row] === contains) this.#is(i, isYes ? HAS : LACKS, asked);
        else return false;
      } else if (f[row] === contains) {
        if (answer !== NO_VALUE) return false;
        this.#is(i, NOTHING, NONE);
      } else {
        if (answer !== NO_VALUE && answer !== NULL_VALUE && answer !== asked) return false;
        if (f[row] !== add && f[row] !== remove) return false;
        this.#is(i, f[row] === add ? PUT : DROP, asked);
      }
    }
    return true;
  }

  /** Each operation as its model describes it. */
  throughModel<S>(model: Model<S, Call, Json>): boolean {
    const { values, output, state } = this.#table;
    for (let i = 0; i < this.#rows.length; i++) {
      const row = this.#rows[i]!;
      const isAnswered = state[row] === OK;
      const action = model.asCollection?.(callAt(this.#table, row), isAnswered ? values.get(output[row]!) : UNSEEN);
      const kind = action === undefined ? undefined : KINDS[action.kind];
      if (action === undefined || kind === undefined) return false;
      // Who only looked and was not answered has shown nothing.
      if (!isAnswered && kind === EMPTY) continue;
      this.#is(i, kind, 'value' in action ? values.of(action.value) : NONE);
    }
    return true;
  }

  finish(): Pick<CollectionPart, 'kind' | 'value' | 'values'> {
    return { kind: this.#kind, ...dense(this.#value, this.#table.values.size) };
  }

  #is(i: number, kind: number, value: number): void {
    this.#kind[i] = kind;
    this.#value[i] = value;
  }
}

/** Numbers the values of this part only, unless it has most of those that there are. */
function dense(value: Int32Array, size: number): { readonly value: Int32Array; readonly values: number } {
  if (size <= 4 * value.length + 64) return { value, values: size };
  const numbers = new Map<number, number>();
  const renumbered = value.map((number) => {
    if (number === NONE) return NONE;
    const known = numbers.get(number);
    if (known !== undefined) return known;
    numbers.set(number, numbers.size);
    return numbers.size - 1;
  });
  return { value: renumbered, values: numbers.size };
}

/** Event index → operation × 2, + 1 for its return; NONE where nothing happens. */
export function eventsOf({ count, call, ret, end }: CollectionPart): Int32Array {
  const events = new Int32Array(end).fill(NONE);
  for (let i = 0; i < count; i++) {
    events[call[i]!] = 2 * i;
    if (ret[i] !== NEVER) events[ret[i]!] = 2 * i + 1;
  }
  return events;
}
