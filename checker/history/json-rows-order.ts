/** Rows that came in any order, as a table: in order of their calls, each call and return with its place among the events. */
import { NEVER, OK, type Rows, type Table } from './table.ts';

/** The table of these rows. */
export function inOrderOfCalls(rows: Rows): Table {
  const order = sortedRows(rows, (a, b) => rows.callNs[a]! - rows.callNs[b]! || a - b);
  const floats = (from: Float64Array): Float64Array => permuted(from, order, new Float64Array(order.length));
  const ints = (from: Int32Array): Int32Array => permuted(from, order, new Int32Array(order.length));
  const columns = { callNs: floats(rows.callNs), returnNs: floats(rows.returnNs) };
  return {
    count: rows.count,
    ...events(columns),
    ...columns,
    state: permuted(rows.state, order, new Uint8Array(order.length)),
    f: ints(rows.f),
    key: ints(rows.key),
    input: ints(rows.input),
    output: ints(rows.output),
    error: ints(rows.error),
    entryNode: ints(rows.entryNode),
    node: ints(rows.node),
    id: floats(rows.id),
    process: floats(rows.process),
    term: floats(rows.term),
    applied: floats(rows.applied),
    values: rows.values,
    names: rows.names,
  };
}

/**
 * Two rows of one client that overlap in time, or undefined. One that never returned is passed over: its client gave up waiting.
 * Equal times are no overlap.
 */
export function overlapOf(rows: Rows): readonly [earlier: number, later: number] | undefined {
  const { process, callNs, returnNs, state } = rows;
  const order = sortedRows(
    rows,
    (a, b) => process[a]! - process[b]! || callNs[a]! - callNs[b]! || compare(returnNs[a]!, returnNs[b]!) || a - b,
  );
  let last: number | undefined;
  for (const row of order) {
    if (last !== undefined && process[last] !== process[row]) last = undefined;
    if (last !== undefined && returnNs[last]! > callNs[row]!) return [last, row];
    if (state[row] === OK) last = row;
  }
  return undefined;
}

function compare(a: number, b: number): number {
  return a === b ? 0 : a < b ? -1 : 1;
}

/** Row numbers in an order; nothing is sorted where they are in it already. */
function sortedRows(rows: Rows, compareRows: (a: number, b: number) => number): Int32Array {
  const order = new Int32Array(rows.count);
  let isSorted = true;
  for (let row = 0; row < rows.count; row++) {
    order[row] = row;
    if (row > 0 && compareRows(row - 1, row) > 0) isSorted = false;
  }
  return isSorted ? order : order.sort(compareRows);
}

function permuted<A extends Uint8Array | Int32Array | Float64Array>(from: A, order: Int32Array, into: A): A {
  for (let at = 0; at < order.length; at++) into[at] = from[order[at]!]!;
  return into;
}

/** Calls of an instant come before its returns. */
function events(columns: { readonly callNs: Float64Array; readonly returnNs: Float64Array }): {
  readonly call: Int32Array;
  readonly ret: Int32Array;
  readonly end: number;
} {
  const { callNs, returnNs } = columns;
  const call = new Int32Array(callNs.length);
  const ret = new Int32Array(callNs.length).fill(NEVER);
  const returns = Int32Array.from(callNs.keys()).sort((a, b) => compare(returnNs[a]!, returnNs[b]!) || a - b);
  let end = 0;
  let next = 0;
  const returnBefore = (ns: number): void => {
    for (; next < returns.length && returnNs[returns[next]!]! < ns; next++) ret[returns[next]!] = end++;
  };
  for (let row = 0; row < callNs.length; row++) {
    returnBefore(callNs[row]!);
    call[row] = end++;
  }
  returnBefore(Infinity);
  return { call, ret, end };
}
