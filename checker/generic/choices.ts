/** The choices at the return of an operation, in the order in which they are tried: what most often leads on comes first. */
import type { SearchState } from './search-state.ts';
import { IMPOSSIBLE } from './states.ts';

/** A choice: the returning operation is free and simply leaves. */
export const PASS = -1;

/** Tiers, tried one after another; within one, whoever returns first. */
const BEFORE_RETURNING = 0;
const RETURNING = 1;
const ENABLING = 2;
const OWING = 3;
const FREE = 4;
const LASTING = 5;

/** Offers the innermost frame every choice but the one that it has taken already. */
export function listChoices(search: SearchState): void {
  const { frames, problem, returning } = search;
  const slot = problem.layout.slotOf[returning]!;
  const taken = frames.chosenAt(0);
  const hasTaken = frames.hasChosen;
  if (search.isFree(slot) && !(hasTaken && taken === PASS)) {
    if (mayPass(search, slot)) frames.offer(PASS);
    else keepUsed(search);
  }
  const first = frames.offered;
  for (let word = 0; word < search.words; word++) {
    let open = search.inFlight[word]! & ~search.sets[word]!;
    for (; open !== 0; open &= open - 1) {
      const operation = search.inSlot[32 * word + 31 - Math.clz32(open & -open)]!;
      if (problem.pure[operation] === 1 || (hasTaken && operation === taken)) continue;
      const next = search.next(search.state, operation);
      if (next === IMPOSSIBLE || next === search.state) continue;
      offerInOrder(search, first, operation);
    }
  }
}

/**
 * Having passed first, whatever took effect before could have done so after; so there is no need to pass later in a chain,
 * unless the returning operation has only just become free.
 */
function mayPass({ frames, words }: SearchState, slot: number): boolean {
  return frames.chain === 0 || (frames.wordAt(1, words + (slot >>> 5)) & (1 << (slot & 31))) === 0;
}

/**
 * What is not tried here, for having been tried where these crashed operations were unused, proves nothing of a configuration in which they
 * are: they do not count as unused in what is remembered.
 */
export function keepUsed({ frames, sets, lasting, words }: SearchState): void {
  for (let word = 0; word < words; word++) frames.addGround(word, sets[word]! & lasting[word]!);
}

/** Inserts the operation where it belongs, unless one like it is there: of those the one that returns first is tried. */
function offerInOrder(search: SearchState, first: number, operation: number): void {
  const { frames, problem } = search;
  const { classOf, layout, ret } = problem;
  const isFree = search.isFree(layout.slotOf[operation]!);
  for (let i = first; i < frames.offered; i++) {
    const other = frames.offeredAt(i);
    if (classOf[other] !== classOf[operation] || search.isFree(layout.slotOf[other]!) !== isFree) continue;
    if (ret[other]! <= ret[operation]!) return;
    frames.withdraw(i);
    break;
  }
  frames.offer(operation);
  let at = frames.offered - 1;
  for (; at > first && isBefore(search, operation, frames.offeredAt(at - 1)); at--) {
    frames.offerAt(at, frames.offeredAt(at - 1));
  }
  frames.offerAt(at, operation);
}

function isBefore(search: SearchState, a: number, b: number): boolean {
  const tierA = tierOf(search, a);
  const tierB = tierOf(search, b);
  if (tierA !== tierB) return tierA < tierB;
  const { ret } = search.problem;
  return tierA === BEFORE_RETURNING ? rankOf(search, a) < rankOf(search, b) : ret[a]! < ret[b]!;
}

function tierOf(search: SearchState, operation: number): number {
  const { returning, problem } = search;
  const { hints, layout } = problem;
  if (operation === returning) return RETURNING;
  if (hints.isPut(operation) && hints.isPut(returning) && rankOf(search, operation) < rankOf(search, returning)) {
    return BEFORE_RETURNING;
  }
  if (search.next(search.next(search.state, operation), returning) !== IMPOSSIBLE) {
    if (search.next(search.state, returning) === IMPOSSIBLE) return ENABLING;
  }
  if (layout.lasting[operation] === 1) return LASTING;
  return search.isFree(layout.slotOf[operation]!) ? FREE : OWING;
}

function rankOf({ problem, puts, takes }: SearchState, operation: number): number {
  return problem.hints.rank(operation, puts, takes);
}
