/** Smaller histories out of a part: what monitors re-check evidence on. */
import { NEVER } from '../history/table.ts';
import type { Columns } from '../linear/columns.ts';
import { NONE, NOTHING, type CollectionPart } from './collection-part.ts';

/** The part of these operations, numbered as in the list. Operations are in order of call. */
export function projected(part: CollectionPart, operations: readonly number[]): CollectionPart {
  const values = new Map<number, number>();
  const dense = (value: number): number => {
    const known = values.get(value);
    if (known !== undefined || value === NONE) return known ?? NONE;
    values.set(value, values.size);
    return values.size - 1;
  };
  const value = Int32Array.from(operations, (i) => dense(part.value[i]!));
  return {
    ...timesOf(part, operations),
    order: part.order,
    kind: Uint8Array.from(operations, (i) => part.kind[i]!),
    value,
    values: values.size,
  };
}

/** When these operations were called and returned, their events numbered from 0 on. */
export function timesOf({ call, ret }: Columns, operations: ArrayLike<number>): Columns {
  const count = operations.length;
  const events: number[] = [];
  for (let i = 0; i < count; i++) {
    events.push(call[operations[i]!]!);
    if (ret[operations[i]!] !== NEVER) events.push(ret[operations[i]!]!);
  }
  events.sort((a, b) => a - b);
  const number = new Map(events.map((event, place) => [event, place]));
  return {
    count,
    call: Int32Array.from(operations, (i) => number.get(call[i]!)!),
    ret: Int32Array.from(operations, (i) => number.get(ret[i]!) ?? NEVER),
    end: events.length,
  };
}

/**
 * What was known up to and with this event, under the same numbers: operations called later are NOTHING, those that return later
 * may or may not have taken effect, and if they have, their answers are those that they came to have.
 */
export function prefixOf(part: CollectionPart, event: number): CollectionPart {
  const kind = part.kind.map((it, i) => (part.call[i]! > event ? NOTHING : it));
  return {
    ...part,
    kind,
    value: part.value.map((v, i) => (kind[i] === NOTHING ? NONE : v)),
    ret: part.ret.map((it) => (it > event ? NEVER : it)),
  };
}
