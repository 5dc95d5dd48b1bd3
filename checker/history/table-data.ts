/**
 * Some rows of a table as plain data: what is sent to a worker thread that decides a part of a history. Names, values and
 * events are numbered anew, so that a small part of a large history is small. Rows keep their order.
 */
import { NEVER, NO_NAME, type Table } from './table.ts';
import { NO_VALUE, Values, type ValuesData } from './values.ts';

/** A table that `postMessage` can send, and hand over without copying: see `buffersOf`. The columns are those of `Table`. */
export interface TableData {
  readonly count: number;
  readonly end: number;
  readonly columns: Columns;
  readonly names: readonly string[];
  readonly values: ValuesData;
}

type Ints = Int32Array<ArrayBuffer>;
type Floats = Float64Array<ArrayBuffer>;

type Columns = { readonly state: Uint8Array<ArrayBuffer> } & Readonly<Record<IntColumn, Ints>> &
  Readonly<Record<FloatColumn, Floats>> & { readonly completionId?: Floats };

type IntColumn = 'call' | 'ret' | NameColumn | ValueColumn;
type NameColumn = 'f' | 'key' | 'error' | 'entryNode' | 'node';
type ValueColumn = 'input' | 'output';
type FloatColumn = 'id' | 'process' | 'callNs' | 'returnNs' | 'term' | 'applied';

/**
 * Copies some rows of a table.
 * @param rows which, in growing order
 */
export function tableData(table: Table, rows: Int32Array): TableData {
  const names = new NameCopier(table.names);
  const values = new Values();
  const floats = (from: Float64Array): Floats => copied(from, rows, new Float64Array(rows.length));
  const named = (from: Int32Array): Ints => renamed(from, rows, names);
  const valued = (from: Int32Array): Ints => revalued(from, rows, table.values, values);
  const { call, ret, end } = events(table, rows);
  return {
    count: rows.length,
    end,
    columns: {
      state: copied(table.state, rows, new Uint8Array(rows.length)),
      call,
      ret,
      f: named(table.f),
      key: named(table.key),
      input: valued(table.input),
      output: valued(table.output),
      id: floats(table.id),
      process: floats(table.process),
      callNs: floats(table.callNs),
      returnNs: floats(table.returnNs),
      error: named(table.error),
      entryNode: named(table.entryNode),
      node: named(table.node),
      term: floats(table.term),
      applied: floats(table.applied),
      ...(table.completionId === undefined ? {} : { completionId: floats(table.completionId) }),
    },
    names: names.copied,
    values: values.toData(),
  };
}

/** The table of that data, which it takes over. */
export function tableFromData({ count, end, columns, names, values }: TableData): Table {
  return { count, end, ...columns, names, values: Values.fromData(values) };
}

/** The memory of that data, for the transfer list of `postMessage`. */
export function buffersOf({ columns, values }: TableData): ArrayBuffer[] {
  const { kinds, numbers, second, strings } = values;
  return [...Object.values(columns), kinds, numbers, second, ...Object.values(strings)].map(({ buffer }) => buffer);
}

function copied<A extends Uint8Array | Float64Array>(from: Uint8Array | Float64Array, rows: Int32Array, into: A): A {
  for (let at = 0; at < rows.length; at++) into[at] = from[rows[at]!]!;
  return into;
}

function renamed(from: Int32Array, rows: Int32Array, names: NameCopier): Ints {
  const into = new Int32Array(rows.length);
  for (let at = 0; at < rows.length; at++) into[at] = names.copy(from[rows[at]!]!);
  return into;
}

function revalued(from: Int32Array, rows: Int32Array, values: Values, copies: Values): Ints {
  const into = new Int32Array(rows.length);
  for (let at = 0; at < rows.length; at++) {
    const number = from[rows[at]!]!;
    into[at] = number === NO_VALUE ? NO_VALUE : copies.ofForeign(values, number);
  }
  return into;
}

class NameCopier {
  readonly copied: string[] = [];
  readonly #names: readonly string[];
  readonly #places = new Map<number, number>([[NO_NAME, NO_NAME]]);

  constructor(names: readonly string[]) {
    this.#names = names;
  }

  copy(name: number): number {
    const known = this.#places.get(name);
    if (known !== undefined) return known;
    const place = this.copied.push(this.#names[name]!) - 1;
    this.#places.set(name, place);
    return place;
  }
}

/** Calls and returns of the rows, numbered from 0 in the order that they have in the table. */
function events(table: Table, rows: Int32Array): { readonly call: Ints; readonly ret: Ints; readonly end: number } {
  const { length } = rows;
  const call = new Int32Array(length);
  const ret = new Int32Array(length).fill(NEVER);
  const returns = returnsInOrder(table, rows);
  let end = 0;
  let next = 0;
  const returnBefore = (event: number): void => {
    for (; next < returns.length && Math.floor(returns[next]! / length) < event; next++)
      ret[returns[next]! % length] = end++;
  };
  for (let at = 0; at < length; at++) {
    returnBefore(table.call[rows[at]!]!);
    call[at] = end++;
  }
  returnBefore(NEVER);
  return { call, ret, end };
}

/** Event and place among the rows in one number, which is exact for histories of up to 67 million operations. */
function returnsInOrder(table: Table, rows: Int32Array): Float64Array {
  const returns = new Float64Array(rows.length);
  let count = 0;
  for (let at = 0; at < rows.length; at++) {
    const event = table.ret[rows[at]!]!;
    if (event !== NEVER) returns[count++] = event * rows.length + at;
  }
  return returns.subarray(0, count).sort();
}
