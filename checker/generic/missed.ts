/**
 * On which crashed operations a dead end rests. One that took effect could, were it unused, take effect here: then the dead end
 * says nothing of a configuration in which it is unused. Where that is so nowhere in a subtree, its failure holds for those as
 * well, and is remembered for them too.
 */
import type { SearchState } from './search-state.ts';
import { IMPOSSIBLE } from './states.ts';

/** Adds them, for the configuration of the innermost frame, to what its failure rests on. */
export function addMissed(search: SearchState): void {
  const { frames, lasting, sets } = search;
  for (let word = 0; word < search.words; word++) {
    let used = sets[word]! & lasting[word]! & ~frames.ground(word);
    for (; used !== 0; used &= used - 1) {
      const bit = used & -used;
      const operation = search.inSlot[32 * word + 31 - Math.clz32(bit)]!;
      const next = search.next(search.state, operation);
      if (next !== IMPOSSIBLE && next !== search.state && !hasUnusedLike(search, operation)) {
        frames.addGround(word, bit);
      }
    }
  }
}

/** One that is unused would be tried in its place, so that a second one adds no choice. */
function hasUnusedLike({ problem, words, lasting, sets, inSlot }: SearchState, operation: number): boolean {
  const { classOf } = problem;
  for (let word = 0; word < words; word++) {
    let unused = lasting[word]! & ~sets[word]!;
    for (; unused !== 0; unused &= unused - 1) {
      const other = inSlot[32 * word + 31 - Math.clz32(unused & -unused)]!;
      if (classOf[other] === classOf[operation]) return true;
    }
  }
  return false;
}
