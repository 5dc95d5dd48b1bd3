/**
 * Choices that another choice makes superfluous. Suppose that a₁ … aₖ and then r took effect at the return of r, and that
 * without aᵢ the same sequence is possible too, and aᵢ after it leaves the same state. Then nothing is lost by leaving aᵢ for
 * later: it is still in flight when r has returned, and that configuration is reached by a shorter chain. What became free on
 * the way must become free on the other way too.
 *
 * Why the memory of dead ends stays right: the other configuration has one used operation less, and dominance never adds one;
 * so among the configurations wrongly taken for dead ends at the latest event, one with the fewest used operations cannot exist.
 */
import { PASS } from './choices.ts';
import type { SearchState } from './search-state.ts';
import { IMPOSSIBLE } from './states.ts';

/** True if the choice just taken, which passes the present event, is redundant. */
export function isRedundant(search: SearchState): boolean {
  for (let outwards = 1; outwards <= search.frames.chain; outwards++) {
    if (canWait(search, outwards)) return true;
  }
  return false;
}

/** True if the operation chosen by the frame so many frames further out could as well take effect after the event. */
function canWait(search: SearchState, outwards: number): boolean {
  const { frames, state: end } = search;
  const waiting = frames.chosenAt(outwards);
  let state = frames.stateAt(outwards);
  let unserved = gained(search, outwards);
  for (let inner = outwards - 1; inner >= 0; inner--) {
    const operation = frames.chosenAt(inner);
    if (operation === PASS) continue;
    state = search.next(state, operation);
    if (state === IMPOSSIBLE) return false;
    unserved = unserved.filter((waiter) => search.next(state, waiter) !== state);
  }
  // The returning operation must have got what it needs before it returns.
  if (unserved.includes(search.returning)) return false;
  if (search.next(state, waiting) !== end) return false;
  return unserved.every((waiter) => search.next(end, waiter) === end);
}

/** The operations that became free since the choice of that frame. */
function gained(search: SearchState, outwards: number): readonly number[] {
  const operations: number[] = [];
  for (let word = 0; word < search.words; word++) {
    const at = search.words + word;
    let fresh = search.sets[at]! & ~search.frames.wordAt(outwards, at);
    for (; fresh !== 0; fresh &= fresh - 1) {
      operations.push(search.inSlot[32 * word + 31 - Math.clz32(fresh & -fresh)]!);
    }
  }
  return operations;
}
