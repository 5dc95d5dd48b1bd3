/**
 * The life of each value of a queue, stack or bag: the one operation that put it in and the one that took it out.
 *
 * Two rewritings make every history the same plain case. *Tightening*: a put comes before the take of its value, so it is over
 * by the take's return, and the take does not begin before the put's call. *The end*: every value that is in at the end is
 * taken out there, by imaginary takes from event `end` on that nobody returned from, and a take whose answer has not come yet
 * may happen there too. A linearization goes on at its end in the one order that the collection gives values back in, and
 * one that goes on like that holds without the imaginary takes. So a value of which nothing was seen to take it out, and a take
 * that may or may not have happened, need no cases of their own.
 */
import { NEVER } from '../history/table.ts';
import { NONE, PUT, TAKE, TAKE_UNSEEN, type CollectionPart } from './collection-part.ts';

/** By value; tightened event indices. Columns of a value that takes no part are NONE. */
export interface Lives {
  readonly put: Int32Array;
  /** NONE where only the imaginary take at the end is left. */
  readonly take: Int32Array;
  readonly putCall: Int32Array;
  readonly putReturn: Int32Array;
  /** The part's `end` for an imaginary take. */
  readonly takeCall: Int32Array;
  /** NEVER for an imaginary take, and for one whose answer has not come. */
  readonly takeReturn: Int32Array;
}

/** A value that is wrong all by itself. */
export interface LifeFault {
  readonly class: 'never-put' | 'future' | 'duplicate';
  readonly value: number;
  /** The take that is wrong. */
  readonly culprit: number;
}

export interface LivesFound {
  readonly lives: Lives;
  /** The wrong value whose take returned first. */
  readonly fault: LifeFault | undefined;
  /** True if some value was put in more than once: such values are left out. */
  readonly isAmbiguous: boolean;
  /** The takes of which nobody saw the answer, in order of call. */
  readonly unseen: readonly number[];
}

const AMBIGUOUS = -2;

/** The lives of a part's values, in O(n). */
export function livesOf(part: CollectionPart): LivesFound {
  const { count, kind, value, ret, values } = part;
  const put = new Int32Array(values).fill(NONE);
  const take = new Int32Array(values).fill(NONE);
  const unseen: number[] = [];
  let isAmbiguous = false;
  let fault: LifeFault | undefined;
  const accuse = (found: LifeFault): void => {
    if (fault === undefined || ret[found.culprit]! < ret[fault.culprit]!) fault = found;
  };
  for (let i = 0; i < count; i++) {
    if (kind[i] === PUT) {
      const v = value[i]!;
      if (put[v] !== NONE) isAmbiguous = true;
      put[v] = put[v] === NONE ? i : AMBIGUOUS;
    } else if (kind[i] === TAKE_UNSEEN) unseen.push(i);
  }
  for (let i = 0; i < count; i++) {
    if (kind[i] !== TAKE) continue;
    const v = value[i]!;
    const other = take[v]!;
    if (other === NONE) take[v] = i;
    else if (put[v] === AMBIGUOUS) continue;
    else if (ret[i] !== NEVER && ret[other] !== NEVER) {
      const later = ret[i]! > ret[other]! ? i : other;
      take[v] = later === i ? other : i;
      accuse({ class: 'duplicate', value: v, culprit: later });
    } else if (ret[i]! < ret[other]!) take[v] = i;
  }
  const lives = tighten(part, put, take, accuse);
  return { lives, fault, isAmbiguous, unseen };
}

function tighten(
  { call, ret, end, values }: CollectionPart,
  put: Int32Array,
  take: Int32Array,
  accuse: (fault: LifeFault) => void,
): Lives {
  const putCall = new Int32Array(values).fill(NONE);
  const putReturn = new Int32Array(values).fill(NONE);
  const takeCall = new Int32Array(values).fill(NONE);
  const takeReturn = new Int32Array(values).fill(NONE);
  for (let v = 0; v < values; v++) {
    const p = put[v]!;
    const t = take[v]!;
    if (p < 0) {
      if (p === NONE && t !== NONE && ret[t] !== NEVER) accuse({ class: 'never-put', value: v, culprit: t });
      put[v] = NONE;
      take[v] = NONE;
      continue;
    }
    const taken = t === NONE ? NEVER : ret[t]!;
    if (call[p]! > taken) {
      accuse({ class: 'future', value: v, culprit: t });
    }
    // A put that may not have happened, of a value that nobody was seen to take: it need not have happened.
    if (ret[p] === NEVER && taken === NEVER) {
      put[v] = NONE;
      take[v] = NONE;
      continue;
    }
    putCall[v] = call[p]!;
    putReturn[v] = Math.min(ret[p]!, taken);
    takeCall[v] = t === NONE ? end : Math.max(call[t]!, call[p]!);
    takeReturn[v] = taken;
  }
  return { put, take, putCall, putReturn, takeCall, takeReturn };
}

/**
 * The same without the values that nothing was seen to take, be it that the take has not returned yet. A linearization of the
 * whole holds without them, and without the takes that may have taken them: so what is wrong here is wrong, whatever the unseen
 * takes took.
 */
export function withoutUntaken(lives: Lives): Lives {
  const { put, take, putCall, putReturn, takeCall, takeReturn } = lives;
  const of = (column: Int32Array): Int32Array => column.map((entry, v) => (takeReturn[v] === NEVER ? NONE : entry));
  return {
    put: of(put),
    take: of(take),
    putCall: of(putCall),
    putReturn: of(putReturn),
    takeCall: of(takeCall),
    takeReturn: of(takeReturn),
  };
}
