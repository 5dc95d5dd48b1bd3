/**
 * Orders an unambiguous FIFO queue, in O(n).
 *
 * Values go in and come out in one and the same order. It has to put v before w where v's put is over before w's begins or v's
 * take is over before w's begins (v → w), intervals tightened as in lives.ts. `sequenceOf` finds such an order or a pair with
 * v → w and w → v, which no queue can have answered; so pairs are all that can be wrong with a queue (Henzinger, Sezgin &
 * Vafeiadis 2013; here the algorithm itself is the proof).
 *
 * The order found can always be carried out. Go through the events, and do everything as late as possible: at the return of v's
 * put all puts up to v, at the return of v's take all takes up to v, each with its put, if that was not done. Whatever is done
 * then has been called. Let w be before v in the order, so that v → w does not hold. At the return of v's put, w's put has been
 * called, else v → w; at the return of v's take, w's take has been called, else v → w, and w's put, because tightened takes begin
 * after their puts are called. And nothing is done too late, because each thing is done at its own return if not before.
 */
import { NONE, type CollectionPart } from './collection-part.ts';
import type { Cuts } from './gaps.ts';
import type { Lives } from './lives.ts';

/** `first` was put before `second`, and yet taken after it. */
export interface OutOfOrder {
  readonly first: number;
  readonly second: number;
}

/** A linearization as operation numbers, or two values that were taken out of order. */
export function orderQueue(
  part: CollectionPart,
  events: Int32Array,
  lives: Lives,
  cuts: Cuts,
): Int32Array | OutOfOrder {
  const sequence = sequenceOf(part, events, lives);
  return sequence instanceof Int32Array ? carryOut(part, events, lives, { sequence, cuts }) : sequence;
}

/**
 * The values in the order in which they go in and come out. In order of their puts' returns; but before v come all whose takes are
 * over when v's begins, in order of their takes' returns. Let w stand before u although u → w. Say w was placed when v had its
 * turn, so that no put of a value unplaced is over before v's. If u's put is over before w's begins, so is v's: then
 * w is not v, and is reported with v. If u's take is over before w's begins, then u comes before w in the order of takes, in
 * which those of v's turn are placed, and w is not v, since that order was gone through up to v's take.
 */
function sequenceOf(part: CollectionPart, events: Int32Array, lives: Lives): Int32Array | OutOfOrder {
  const { putCall, putReturn, takeCall, takeReturn } = lives;
  const sequence = new Int32Array(part.values);
  const isPlaced = new Uint8Array(part.values);
  let placed = 0;
  let takes = 0;
  for (let event = 0; event < events.length; event++) {
    const v = returning(part, events[event]!);
    if (v === NONE || putReturn[v] !== event || isPlaced[v] === 1) continue;
    const until = takeCall[v]!;
    for (; takes < until; takes++) {
      const w = returning(part, events[takes]!);
      if (w === NONE || takeReturn[w] !== takes || isPlaced[w] === 1) continue;
      if (putCall[w]! > event) return { first: v, second: w };
      isPlaced[w] = 1;
      sequence[placed++] = w;
    }
    if (isPlaced[v] === 1) continue;
    isPlaced[v] = 1;
    sequence[placed++] = v;
  }
  return sequence.subarray(0, placed);
}

/** The value of the operation that returns, or NONE. */
function returning({ value }: CollectionPart, entry: number): number {
  return entry !== NONE && (entry & 1) === 1 ? value[entry >> 1]! : NONE;
}

/**
 * Does everything as late as possible. At an instant where an `empty` answer stands, all values whose puts are over are taken
 * first: no zone covers it, so their takes have been called. They are a beginning of the sequence: one is placed before a value whose
 * put is over after the instant, unless that value's take is over before its own begins, and its own begins before the instant.
 */
function carryOut(
  part: CollectionPart,
  events: Int32Array,
  lives: Lives,
  { sequence, cuts }: { readonly sequence: Int32Array; readonly cuts: Cuts },
): Int32Array {
  const { put, take, putReturn, takeReturn } = lives;
  const position = new Int32Array(part.values).fill(NONE);
  for (let at = 0; at < sequence.length; at++) position[sequence[at]!] = at;
  const order = new Int32Array(part.count);
  let size = 0;
  let puts = 0;
  let takes = 0;
  let returned = 0;
  let cut = 0;
  const putUntil = (end: number): void => {
    for (; puts < end; puts++) order[size++] = put[sequence[puts]!]!;
  };
  const takeUntil = (end: number): void => {
    for (; takes < end; takes++) {
      putUntil(takes + 1);
      order[size++] = take[sequence[takes]!]!;
    }
  };
  for (let event = 0; event < events.length; event++) {
    const v = returning(part, events[event]!);
    if (v !== NONE && position[v] !== NONE) {
      if (putReturn[v] === event) {
        returned++;
        putUntil(position[v]! + 1);
      }
      if (takeReturn[v] === event) takeUntil(position[v]! + 1);
    }
    if (cuts.after[cut] !== event) continue;
    takeUntil(returned);
    while (cuts.after[cut] === event) order[size++] = cuts.operations[cut++]!;
  }
  return order.subarray(0, size);
}
