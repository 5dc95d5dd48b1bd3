/**
 * Decides unambiguous histories of queues, stacks, bags and sets in O(n log n) or less: those in which no value is put in
 * twice. `ok` comes with a linearization, `violation` with a few values whose operations alone no such collection can have
 * answered. Undefined means undecided: the search goes on.
 *
 * Leaving out values (all operations on them) and `empty` answers leaves a linearization of a queue, stack, bag or set one: each
 * gives the rest back in the same order. So a violation of such a part of the history is one of the whole. That is why evidence
 * may be small, and why values that are put in twice can be left out to look for a violation, though not to say `ok`.
 *
 * Takes that nobody saw the answer of may have taken any one value. What is fine without them is fine; what is wrong without the
 * values of which nothing was seen to take them is wrong; in between, a queue's lost values are given to them by deadline.
 */
import { EMPTY, eventsOf, NONE, type CollectionPart } from './collection-part.ts';
import { orderBag } from './bag.ts';
import { coverOf, cutsOf } from './gaps.ts';
import { livesOf, withoutUntaken, type Lives } from './lives.ts';
import { orderQueue } from './queue.ts';
import { decideSet } from './set.ts';
import type { Monitored } from './monitored.ts';
import { orderStack } from './stack.ts';
import { giveToUnseen } from './unseen.ts';

/** Decides a part, or leaves it open. */
export function monitor(part: CollectionPart): Monitored | undefined {
  return part.order === 'set' ? decideSet(part) : decideByLives(part);
}

function decideByLives(part: CollectionPart): Monitored | undefined {
  const { lives, fault, isAmbiguous, unseen } = livesOf(part);
  if (fault !== undefined)
    return { kind: 'violation', class: fault.class, values: [fault.value], empties: [], needsTakes: false };
  const events = eventsOf(part);
  const plain = decide(part, events, lives);
  if (unseen.length === 0) return plain.kind === 'ok' && isAmbiguous ? undefined : plain;
  if (plain.kind === 'ok') return isAmbiguous ? undefined : plain;
  const seenOnly = decide(part, events, withoutUntaken(lives));
  if (seenOnly.kind === 'violation') return { ...seenOnly, needsTakes: true };
  if (isAmbiguous) return undefined;
  const given = giveToUnseen(part, events, lives, unseen);
  if (given === undefined) return undefined;
  const withThem = decide(given, events, livesOf(given).lives);
  return withThem.kind === 'ok' ? { ...withThem, took: given.value } : undefined;
}

function decide(part: CollectionPart, events: Int32Array, lives: Lives): Monitored {
  const violation = { kind: 'violation', empties: [], needsTakes: false } as const;
  const cuts = part.kind.includes(EMPTY) ? cutsOf(part, events, lives) : { operations: [], after: [] };
  if (typeof cuts === 'number') {
    const values = coverOf(lives, part.call[cuts]!, part.ret[cuts]!);
    return { ...violation, class: 'lost', values, empties: [cuts] };
  }
  const ok = { kind: 'ok', took: undefined } as const;
  if (part.order === 'any') return { ...ok, order: orderBag(part, events, lives, cuts) };
  if (part.order === 'fifo') {
    const order = orderQueue(part, events, lives, cuts);
    if (order instanceof Int32Array) return { ...ok, order };
    const isTaken = lives.take[order.first] !== NONE;
    return { ...violation, class: isTaken ? 'out-of-order' : 'lost', values: [order.first, order.second] };
  }
  const order = orderStack(part, events, lives, cuts);
  return order instanceof Int32Array ? { ...ok, order } : { ...violation, class: 'out-of-order', values: order.values };
}
