/**
 * Events over slots: what the generic search walks along. A slot belongs to an operation from its call to its return, so the
 * sets that the search remembers are as wide as the history is concurrent, not as long as it is.
 */
import { NEVER } from '../history/table.ts';

/** Events of some operations of a part. */
export interface Layout {
  /** In order: operation × 2, plus 1 for a return. */
  readonly events: Int32Array;
  /** By operation. */
  readonly slotOf: Int32Array;
  readonly slots: number;
  /** By operation: nothing is owed of it; it may take effect or not. */
  readonly optional: Uint8Array;
  /** By operation: has no return here, so it stays in flight. These are optional too. */
  readonly lasting: Uint8Array;
}

/** What to lay out of a part. */
export interface Choice {
  /** The operations that take part, in any order. */
  readonly kept: Iterable<number>;
  /** Those of them that need not take effect, besides those of unknown outcome. */
  readonly isOptional?: (operation: number) => boolean;
  /** Events with a greater index are left out; an operation that returns later may take effect or not. */
  readonly until?: number;
}

/** Lays out some operations of a part. */
export function layOut(
  { count, call, ret, end }: { count: number; call: Int32Array; ret: Int32Array; end: number },
  { kept, isOptional, until = end }: Choice,
): Layout {
  const optional = new Uint8Array(count);
  const lasting = new Uint8Array(count);
  const at = new Int32Array(end).fill(-1);
  let size = 0;
  for (const i of kept) {
    if (call[i]! > until) continue;
    at[call[i]!] = 2 * i;
    size++;
    lasting[i] = Number(ret[i] === NEVER || ret[i]! > until);
    optional[i] = Number(lasting[i] === 1 || isOptional?.(i) === true);
    if (lasting[i] === 1) continue;
    at[ret[i]!] = 2 * i + 1;
    size++;
  }
  const events = new Int32Array(size);
  const slotOf = new Int32Array(count).fill(-1);
  const free: number[] = [];
  let slots = 0;
  let next = 0;
  for (const event of at) {
    if (event === -1) continue;
    events[next++] = event;
    if ((event & 1) === 1) free.push(slotOf[event >> 1]!);
    else slotOf[event >> 1] = free.pop() ?? slots++;
  }
  return { events, slotOf, slots, optional, lasting };
}
