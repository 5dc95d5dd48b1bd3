/**
 * How far behind each observer of a register was; `staleness.ts` has the definition. One sweep over the events answers for all
 * observers whether a newer value had been shown before; only where some are stale are the newer values counted, with a tree
 * of sums (Fenwick 1994): O(n) for a register without stale reads, O(n log n) with.
 */
import { CAS, INITIAL, isObserver, NONE, READ, type RegisterPart } from '../linear/register-part.ts';
import { NEVER } from '../linear/columns.ts';

/** How far behind an observer was; operations by number. */
export interface Age {
  readonly versions: number;
  /** The newer value whose R is earliest: its write, and the operation whose return is that R. NONE where versions is 0. */
  readonly newerWrite: number;
  readonly newerShown: number;
  /** The operation whose return is R(v); NONE for the initial value. */
  readonly ownShown: number;
}

/** In place of a number of versions: not an answered observer, or its age is not known. */
export const NO_AGE = -1;

/** The fields of `Age` as columns, by operation. */
export interface Ages {
  /** NO_AGE where there is none; the other columns mean nothing there. */
  readonly versions: Int32Array;
  readonly newerWrite: Int32Array;
  readonly newerShown: Int32Array;
  readonly ownShown: Int32Array;
}

/** The age of each answered observer by number; undefined for other operations and where it is not known. */
export function agesOf(part: RegisterPart): readonly (Age | undefined)[] {
  const { versions, newerWrite, newerShown, ownShown } = ageColumns(part);
  return Array.from(versions, (behind, i) =>
    behind === NO_AGE
      ? undefined
      : { versions: behind, newerWrite: newerWrite[i]!, newerShown: newerShown[i]!, ownShown: ownShown[i]! },
  );
}

/** The same as columns. */
export function ageColumns(part: RegisterPart): Ages {
  const sources = sourcesOf(part);
  const ranking = rank(part, sources);
  const { writerOf, shownBy } = sources;
  const { count, call, ret, needs } = part;
  const { callsUpTo, valueAt, earliestFrom } = ranking;
  const ages: Ages = {
    versions: new Int32Array(count).fill(NO_AGE),
    newerWrite: new Int32Array(count).fill(NONE),
    newerShown: new Int32Array(count).fill(NONE),
    ownShown: new Int32Array(count).fill(NONE),
  };
  let anyStale = false;
  for (let i = 0; i < count; i++) {
    if (!isObserver(part, i)) continue;
    const value = needs[i]!;
    if (writerOf[value] === AMBIGUOUS || (writerOf[value] === NONE && value !== INITIAL)) continue;
    const own = value === INITIAL ? NONE : shownBy[value]!;
    ages.ownShown[i] = own;
    ages.versions[i] = 0;
    const from = own === NONE ? 0 : callsUpTo[ret[own]!]!;
    if (from === valueAt.length) continue;
    const newer = earliestFrom[from]!;
    if (ret[shownBy[newer]!]! >= call[i]!) continue;
    ages.versions[i] = 1;
    ages.newerWrite[i] = writerOf[newer]!;
    ages.newerShown[i] = shownBy[newer]!;
    anyStale = true;
  }
  if (anyStale) countVersions(part, sources, ranking, ages);
  return ages;
}

/** In place of a writer: the value has several. */
export const AMBIGUOUS = -2;

/** Who brings each value in, and who shows it first. */
export interface Sources {
  /** By value: its only writer; NONE without one, AMBIGUOUS with several, or where the initial value is written again. */
  readonly writerOf: Int32Array;
  /** By value: the answered operation whose return is R(v), the first among its writers and observers; NONE without one. */
  readonly shownBy: Int32Array;
}

/** The writers and first showings of a part's values. */
export function sourcesOf(part: RegisterPart): Sources {
  const { count, ret, kind, needs, leaves } = part;
  const writerOf = new Int32Array(part.values.length).fill(NONE);
  const shownBy = new Int32Array(writerOf.length).fill(NONE);
  for (let i = 0; i < count; i++) {
    const written = leaves[i]!;
    if (written !== NONE) {
      writerOf[written] = writerOf[written] === NONE && written !== INITIAL ? i : AMBIGUOUS;
      if (ret[i] !== NEVER) show(ret, shownBy, written, i);
    }
    if (ret[i] !== NEVER && (kind[i] === READ || kind[i] === CAS)) show(ret, shownBy, needs[i]!, i);
  }
  return { writerOf, shownBy };
}

function show(ret: Int32Array, shownBy: Int32Array, value: number, by: number): void {
  const shown = shownBy[value]!;
  if (shown === NONE || ret[by]! < ret[shown]!) shownBy[value] = by;
}

/** The values that can be newer than another one, which have one writer and were shown, in order of their write's call. */
interface Ranking {
  readonly valueAt: Int32Array;
  /** By value; NONE for others. */
  readonly rankOf: Int32Array;
  /** By event: how many of them were called up to it. */
  readonly callsUpTo: Int32Array;
  /** By rank: among the values from there on the one whose R is earliest. */
  readonly earliestFrom: Int32Array;
}

function rank(part: RegisterPart, { writerOf, shownBy }: Sources): Ranking {
  const { count, call, ret, leaves, end } = part;
  const valueAt = new Int32Array(writerOf.length);
  const rankOf = new Int32Array(writerOf.length).fill(NONE);
  const callsUpTo = new Int32Array(end);
  let ranks = 0;
  let event = 0;
  // Operations are in order of call.
  for (let i = 0; i < count; i++) {
    const value = leaves[i]!;
    if (value === NONE || writerOf[value] !== i || shownBy[value] === NONE) continue;
    for (; event < call[i]!; event++) callsUpTo[event] = ranks;
    rankOf[value] = ranks;
    valueAt[ranks++] = value;
  }
  callsUpTo.fill(ranks, event);
  const earliestFrom = new Int32Array(ranks);
  for (let r = ranks - 1, best = NONE; r >= 0; r--) {
    const value = valueAt[r]!;
    if (best === NONE || ret[shownBy[best]!]! >= ret[shownBy[value]!]!) best = value;
    earliestFrom[r] = best;
  }
  return { valueAt: valueAt.subarray(0, ranks), rankOf, callsUpTo, earliestFrom };
}

/** Says of each stale observer how many newer values had been shown before its call. */
function countVersions(part: RegisterPart, { shownBy }: Sources, ranking: Ranking, { versions, ownShown }: Ages): void {
  const { call, ret, needs, leaves } = part;
  const { rankOf, callsUpTo, valueAt } = ranking;
  const counts = new Counts(valueAt.length);
  const countShown = (value: number, by: number): void => {
    if (value !== NONE && shownBy[value] === by && rankOf[value] !== NONE) counts.add(rankOf[value]!);
  };
  for (const entry of operationsByEvent(part)) {
    if (entry < 0) {
      countShown(needs[~entry]!, ~entry);
      if (leaves[~entry] !== needs[~entry]) countShown(leaves[~entry]!, ~entry);
    } else if (entry !== NEVER && versions[entry]! > 0 && call[entry] !== NEVER) {
      const own = ownShown[entry]!;
      versions[entry] = counts.total - counts.below(own === NONE ? 0 : callsUpTo[ret[own]!]!);
    }
  }
}

/** By event: the operation that is called there, or, as its complement (~), the one that returns. NEVER where neither. */
function operationsByEvent({ count, call, ret, end }: RegisterPart): Int32Array {
  const at = new Int32Array(end).fill(NEVER);
  for (let i = 0; i < count; i++) {
    at[call[i]!] = i;
    if (ret[i] !== NEVER) at[ret[i]!] = ~i;
  }
  return at;
}

/** Counts of places, with prefix sums in logarithmic time (Fenwick 1994). */
class Counts {
  readonly #sums: Int32Array;
  total = 0;

  constructor(length: number) {
    this.#sums = new Int32Array(length + 1);
  }

  add(place: number): void {
    this.total++;
    for (let i = place + 1; i < this.#sums.length; i += i & -i) this.#sums[i]!++;
  }

  /** How many were added at places before this one. */
  below(place: number): number {
    let sum = 0;
    for (let i = place; i > 0; i -= i & -i) sum += this.#sums[i]!;
    return sum;
  }
}
