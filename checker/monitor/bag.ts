/**
 * Orders an unambiguous bag (an unordered queue), in O(n): each value is there from just before its put returns until just after
 * its take is called, or, where that is the wrong way round, goes in and comes out in one instant. So the bag is empty
 * wherever no zone covers the instant (gaps.ts), and each `empty` answer has such an instant.
 */
import { NONE, type CollectionPart } from './collection-part.ts';
import type { Cuts } from './gaps.ts';
import type { Lives } from './lives.ts';

/** A linearization as operation numbers. */
export function orderBag(part: CollectionPart, events: Int32Array, lives: Lives, cuts: Cuts): Int32Array {
  const { put, take, putReturn, takeCall } = lives;
  const order = new Int32Array(part.count);
  let size = 0;
  let cut = 0;
  for (let event = 0; event < events.length; event++) {
    const entry = events[event]!;
    const v = entry === NONE ? NONE : part.value[entry >> 1]!;
    if (v !== NONE) {
      if (putReturn[v] === event && takeCall[v]! > event) order[size++] = put[v]!;
      if (takeCall[v] === event) {
        if (putReturn[v]! > event) order[size++] = put[v]!;
        order[size++] = take[v]!;
      }
    }
    while (cuts.after[cut] === event) order[size++] = cuts.operations[cut++]!;
  }
  return order.subarray(0, size);
}
