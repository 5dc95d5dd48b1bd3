/**
 * Negative observers (answered mismatches: the value was not e) put into a given order of the other operations, each at the
 * earliest place that real time and the value allow. An order of the others may be the wrong one for them, so that no place
 * proves nothing; a place for each is a linearization.
 */
import { NEVER } from './columns.ts';
import { INITIAL, MISMATCH, NONE, type RegisterPart } from './register-part.ts';

/** The order with the kept negative observers in it, or undefined where one finds no place. */
export function placeMismatches(part: RegisterPart, kept: Int32Array, order: Int32Array): Int32Array | undefined {
  if (order.length === kept.length) return order;
  const { call, ret, needs, kind } = part;
  const gaps = gapsOf(part, order);
  const eventOf = new Int32Array(part.end).fill(NONE);
  for (let k = 0; k < kept.length; k++) {
    const i = kept[k]!;
    if (kind[i] !== MISMATCH) continue;
    eventOf[call[i]!] = i;
    eventOf[ret[i]!] = i;
  }
  const gapOf = new Int32Array(part.count).fill(NONE);
  const inGap = new Int32Array(order.length + 2);
  // Those that returned before stand no later.
  let floor = 0;
  for (let event = 0; event < part.end; event++) {
    const i = eventOf[event]!;
    if (i === NONE) continue;
    if (event === ret[i]) {
      floor = Math.max(floor, gapOf[i]!);
      continue;
    }
    let gap = Math.max(floor, firstAbove(gaps.suffixFirstReturn, call[i]!));
    if (gaps.state[gap] === needs[i]) gap = gaps.nextChange[gap]!;
    if (gap > order.length || gaps.prefixLastCall[gap]! > ret[i]!) return undefined;
    gapOf[i] = gap;
    inGap[gap + 1]!++;
  }
  return merge(order, { kept, gapOf, inGap });
}

/** By gap, of which gap g is before the operation in place g: what is known of the order around it. */
interface Gaps {
  readonly state: Int32Array;
  /** The first gap behind this one with another state; one more than the last gap if there is none. */
  readonly nextChange: Int32Array;
  /** The latest call before the gap, the earliest return behind it. Both ascend. */
  readonly prefixLastCall: Int32Array;
  readonly suffixFirstReturn: Int32Array;
}

function gapsOf({ call, ret, leaves }: RegisterPart, order: Int32Array): Gaps {
  const last = order.length;
  const state = new Int32Array(last + 1);
  const nextChange = new Int32Array(last + 1);
  const prefixLastCall = new Int32Array(last + 1);
  const suffixFirstReturn = new Int32Array(last + 1);
  state[0] = INITIAL;
  prefixLastCall[0] = -1;
  for (let place = 0; place < last; place++) {
    const i = order[place]!;
    state[place + 1] = leaves[i] === NONE ? state[place]! : leaves[i]!;
    prefixLastCall[place + 1] = Math.max(prefixLastCall[place]!, call[i]!);
  }
  suffixFirstReturn[last] = NEVER;
  nextChange[last] = last + 1;
  for (let place = last - 1; place >= 0; place--) {
    suffixFirstReturn[place] = Math.min(suffixFirstReturn[place + 1]!, ret[order[place]!]!);
    nextChange[place] = state[place] === state[place + 1] ? nextChange[place + 1]! : place + 1;
  }
  return { state, nextChange, prefixLastCall, suffixFirstReturn };
}

/** The first place whose number is larger, in ascending numbers of which the last is. */
function firstAbove(ascending: Int32Array, than: number): number {
  let low = 0;
  let high = ascending.length - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (ascending[middle]! > than) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** @param placed `inGap[g + 1]` is how many stand in gap g; within a gap they stand in order of call */
function merge(
  order: Int32Array,
  { kept, gapOf, inGap }: { kept: Int32Array; gapOf: Int32Array; inGap: Int32Array },
): Int32Array {
  const next = inGap;
  for (let gap = 1; gap < next.length; gap++) next[gap]! += next[gap - 1]!;
  const whole = new Int32Array(kept.length);
  // Operation `place` of the order stands behind everything in the gaps up to its own.
  for (let place = 0; place < order.length; place++) whole[place + next[place + 1]!] = order[place]!;
  for (let k = 0; k < kept.length; k++) {
    const i = kept[k]!;
    const gap = gapOf[i]!;
    if (gap !== NONE) whole[gap + next[gap]!++] = i;
  }
  return whole;
}
