/**
 * When the collection can be empty. From the return of a value's put to the call of its take the value is *certainly in*: that
 * is its zone. Where no zone covers an instant, each value can be wholly before it (both operations have been called) or wholly
 * after it (neither has returned), so an `empty` answer fits there; where zones cover the whole of an operation that was
 * answered "empty", it fits nowhere (Henzinger, Sezgin & Vafeiadis 2013). Neither depends on the order in which values come
 * out, so this holds for queues, stacks and bags.
 */
import { NEVER } from '../history/table.ts';
import { EMPTY, NONE, type CollectionPart } from './collection-part.ts';
import type { Lives } from './lives.ts';

/** The `empty` answers and an instant for each, in order. */
export interface Cuts {
  readonly operations: readonly number[];
  /** The instant is just after the event with this index. */
  readonly after: readonly number[];
}

/** Places each `empty` answer in the first gap during it. A number is an operation that no gap is during. O(n). */
export function cutsOf(part: CollectionPart, events: Int32Array, lives: Lives): Cuts | number {
  const operations: number[] = [];
  const after: number[] = [];
  let waiting: number[] = [];
  let covering = 0;
  for (let event = 0; event < events.length; event++) {
    const entry = events[event]!;
    if (entry === NONE) continue;
    const i = entry >> 1;
    if (part.kind[i] === EMPTY) {
      if ((entry & 1) === 0) waiting.push(...(part.ret[i] === NEVER ? [] : [i]));
      else if (waiting.includes(i)) return i;
    } else {
      covering += zoneStep(lives, part.value[i]!, event);
    }
    if (covering !== 0 || waiting.length === 0) continue;
    for (const empty of waiting) {
      operations.push(empty);
      after.push(event);
    }
    waiting = [];
  }
  return { operations, after };
}

/** 1 where the value's zone begins with this event, −1 where it ends. */
function zoneStep({ putReturn, takeCall }: Lives, v: number, event: number): number {
  if (v === NONE) return 0;
  if (putReturn[v] === event) return takeCall[v]! > event ? 1 : 0;
  return takeCall[v] === event && putReturn[v]! < event ? -1 : 0;
}

/**
 * The fewest values whose zones cover every instant from just after event `from` to just before event `to`, in order: each time
 * the one that reaches furthest.
 */
export function coverOf({ putReturn, takeCall }: Lives, from: number, to: number): readonly number[] {
  const zones: number[] = [];
  for (let v = 0; v < putReturn.length; v++) {
    if (putReturn[v] !== NONE && putReturn[v]! < to && takeCall[v]! > from && putReturn[v]! < takeCall[v]!)
      zones.push(v);
  }
  zones.sort((a, b) => putReturn[a]! - putReturn[b]!);
  const cover: number[] = [];
  let at = from;
  for (let next = 0; at < to;) {
    let furthest = NONE;
    for (; next < zones.length && putReturn[zones[next]!]! <= at; next++) {
      if (furthest === NONE || takeCall[zones[next]!]! > takeCall[furthest]!) furthest = zones[next]!;
    }
    if (furthest === NONE || takeCall[furthest]! <= at) return cover;
    cover.push(furthest);
    at = takeCall[furthest]!;
  }
  return cover;
}
