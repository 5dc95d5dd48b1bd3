/**
 * Where operations lie along the axis, lane by lane. With true time a position is an instant; in event order it is the number of
 * invocations and answers before. The painter and the pointer know positions only.
 */
import type { RunColumns } from '../../report/explorer/run-columns.ts';

export interface Lane {
  /** The client's number, as the page names it. */
  readonly client: number;
  /** Operations by their place in the columns, in order of invocation. */
  readonly rows: Int32Array;
  /** By place in the lane: the last end among the operations up to there. */
  readonly reach: Float64Array;
}

export interface Layout {
  readonly isOrdered: boolean;
  readonly lanes: readonly Lane[];
  readonly start: Float64Array;
  /** That of an operation without an end is the end of the axis. */
  readonly end: Float64Array;
  readonly length: number;
  /** Operations on the lanes. */
  readonly count: number;
  readonly positionOf: (timeNs: number) => number;
  readonly timeAt: (position: number) => number;
}

export interface LayoutOptions {
  /** Place of the key whose operations are laid out, -1 for those of all keys. */
  readonly key: number;
  readonly isOrdered: boolean;
}

export function layOut(run: RunColumns, { key, isOrdered }: LayoutOptions): Layout {
  const rows = Int32Array.from({ length: run.count }, (_, row) => row).filter((row) => key < 0 || run.key[row] === key);
  const axis = isOrdered ? inOrder(run, rows) : inTime(run);
  return { isOrdered, lanes: lanesOf(run, rows, axis.end), count: rows.length, ...axis };
}

type Axis = Pick<Layout, 'start' | 'end' | 'length' | 'positionOf' | 'timeAt'>;

function inTime({ from, to, meta }: RunColumns): Axis {
  const length = Math.max(meta.endNs, 1);
  const same = (time: number): number => time;
  return { start: from, end: to.map((time) => Math.min(time, length)), length, positionOf: same, timeAt: same };
}

/** Invocations come before answers of the same instant: only an answer before an invocation is an order. */
function inOrder({ from, to, count }: RunColumns, rows: Int32Array): Axis {
  const times = Float64Array.from(
    [...rows].flatMap((row) => (to[row] === Infinity ? [from[row]!] : [from[row]!, to[row]!])),
  );
  times.sort();
  const start = new Float64Array(count);
  const end = new Float64Array(count).fill(times.length);
  const calls = rows.toSorted((left, right) => from[left]! - from[right]!);
  const returns = rows.filter((row) => to[row] !== Infinity).sort((left, right) => to[left]! - to[right]!);
  let r = 0;
  for (let c = 0; c < calls.length || r < returns.length;) {
    const isCall = c < calls.length && (r === returns.length || from[calls[c]!]! <= to[returns[r]!]!);
    if (isCall) start[calls[c]!] = c++ + r;
    else end[returns[r]!] = c + r++;
  }
  const positionOf = (time: number): number => firstAtLeast(times.length, (at) => times[at]!, time);
  const timeAt = (position: number): number =>
    times[Math.max(0, Math.min(times.length - 1, Math.round(position)))] ?? 0;
  return { start, end, length: Math.max(times.length, 1), positionOf, timeAt };
}

function lanesOf({ client, clients }: RunColumns, rows: Int32Array, end: Float64Array): readonly Lane[] {
  const byClient = clients.map((): number[] => []);
  for (const row of rows) byClient[client[row]!]!.push(row);
  return byClient
    .map((own, at): Lane => {
      let last = -Infinity;
      const reach = Float64Array.from(own, (row) => (last = Math.max(last, end[row]!)));
      return { client: clients[at]!, rows: Int32Array.from(own), reach };
    })
    .filter((lane) => lane.rows.length > 0)
    .toSorted((left, right) => left.client - right.client);
}

/** The places of a lane, [first, end), whose operations can be seen between two positions. */
export function placesWithin(
  { rows, reach }: Lane,
  start: Float64Array,
  from: number,
  to: number,
): readonly [number, number] {
  const first = firstAtLeast(rows.length, (at) => reach[at]!, from);
  return [
    first,
    Math.max(
      first,
      firstAtLeast(rows.length, (at) => start[rows[at]!]!, to),
    ),
  ];
}

/** The first place whose number, which never falls, is at least so large. */
function firstAtLeast(length: number, numberAt: (at: number) => number, least: number): number {
  let [low, high] = [0, length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (numberAt(middle) < least) low = middle + 1;
    else high = middle;
  }
  return low;
}
