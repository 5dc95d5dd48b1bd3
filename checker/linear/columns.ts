/** When the operations of a part were called and returned: what every engine works on. See `Table` for event indices. */
import type { Operation } from '../history/operation.ts';
import { NEVER } from '../history/table.ts';

export { NEVER };

/** Operations are numbered from 0 on in order of call. */
export interface Columns {
  readonly count: number;
  /** Event indices, ascending. */
  readonly call: Int32Array;
  /** NEVER for an unknown outcome. */
  readonly ret: Int32Array;
  /** One more than the largest event index. */
  readonly end: number;
}

/** Numbers the events of these operations. */
export function columnsOf(operations: readonly Operation[]): Columns {
  const count = operations.length;
  const callNs = Float64Array.from(operations, (operation) => operation.callNs);
  const returnNs = Float64Array.from(operations, ({ outcome }) =>
    outcome.kind === 'ok' ? outcome.returnNs : Infinity,
  );
  const calls = inOrder(callNs);
  const returns = inOrder(returnNs);
  const call = new Int32Array(count);
  const ret = new Int32Array(count).fill(NEVER);
  let end = 0;
  let nextReturn = 0;
  const returnUntil = (beforeNs: number): void => {
    for (; nextReturn < count; nextReturn++) {
      const operation = returns[nextReturn]!;
      if (!(returnNs[operation]! < beforeNs)) return;
      ret[operation] = end++;
    }
  };
  for (const operation of calls) {
    returnUntil(callNs[operation]!);
    call[operation] = end++;
  }
  returnUntil(Infinity);
  return { count, call, ret, end };
}

/** Positions sorted by time; equal times keep their order. */
function inOrder(timesNs: Float64Array): Int32Array {
  const order = Int32Array.from(timesNs, (_time, position) => position);
  let sorted = true;
  for (let i = 1; i < timesNs.length && sorted; i++) sorted = timesNs[i - 1]! <= timesNs[i]!;
  return sorted ? order : order.sort((a, b) => compare(timesNs[a]!, timesNs[b]!) || a - b);
}

function compare(a: number, b: number): number {
  return a === b ? 0 : a < b ? -1 : 1;
}
