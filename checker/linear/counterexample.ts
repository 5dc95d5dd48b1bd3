/**
 * Where a violating register history breaks: the operation that fits nowhere, the longest linearizable prefix before it, and
 * the states that the register can be in there.
 */
import type { Budget } from '../verdict/verdict.ts';
import { NEVER } from './columns.ts';
import { breakOfSearch, type Break, type Violation } from './decide.ts';
import { hasMismatch, normalise, withoutMismatches, type Normalised } from './normalise.ts';
import type { RegisterPart } from './register-part.ts';
import { registerProblem, type RegisterProblem } from './register-problem.ts';
import { searchRegister } from './register-search.ts';
import type { SearchResult } from './search-result.ts';
import { zonesOf } from './zones.ts';

/** Bounds the search for the place; where it does not suffice the place is the deepest that was reached. */
const LOCATE: Budget = { maxSteps: 400_000, maxBytes: 1 << 27 };

/** The first return that no linearization of what came before can pass; or, where that costs too much, one that surely does not. */
export function locate(part: RegisterPart, { broken, impossible }: Violation): Break {
  if (broken !== undefined) return broken;
  const strong = normalise(part, { keepForMismatches: false });
  const zones = zonesOf(part, strong.kept);
  const search = (normalised: Normalised): Located => {
    const problem = registerProblem(part, normalised, zones);
    return locatedBy(problem, searchRegister(problem, LOCATE));
  };
  const first = search(strong);
  if (!hasMismatch(part)) {
    if (first.isExact || zones === undefined) return breakOf(first, impossible);
    return breakOf(first, firstBadReturn(part, strong));
  }
  // The answered mismatches may break it earlier only because the crashed writes that they could need are left out.
  const second = search(withoutMismatches(part, strong));
  if (second.isExact && first.isExact && second.culprit === first.culprit) return breakOf(first, impossible);
  const whole = search(normalise(part, { keepForMismatches: true }));
  if (whole.isExact) return breakOf(whole, impossible);
  return breakOf(second.isExact ? second : whole, impossible);
}

interface Located extends Break {
  /** False where the search did not come to an end, or found an order. */
  readonly isExact: boolean;
}

function locatedBy(problem: RegisterProblem, result: SearchResult): Located {
  if (result.kind === 'found') return { isExact: false, culprit: 0, prefix: [], states: [] };
  return { isExact: result.kind === 'none', ...breakOfSearch(problem, result) };
}

function breakOf({ isExact, culprit, prefix, states }: Located, impossible: number | undefined): Break {
  return { culprit: isExact ? culprit : (impossible ?? culprit), prefix, states };
}

/** By bisection, with zones: the operation whose return no order of what was called before it can pass. */
function firstBadReturn(part: RegisterPart, { kept }: Normalised): number | undefined {
  const returns = kept.filter((i) => part.ret[i] !== NEVER).sort((a, b) => part.ret[a]! - part.ret[b]!);
  let low = 0;
  let high = returns.length - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (isPossibleUntil(part, part.ret[returns[middle]!]!)) low = middle + 1;
    else high = middle;
  }
  return returns[low];
}

/** What was called up to an event, with everything that had not returned by it of unknown outcome. */
function isPossibleUntil(part: RegisterPart, until: number): boolean {
  let count = 0;
  while (count < part.count && part.call[count]! <= until) count++;
  const ret = part.ret.slice(0, count).map((event) => (event > until ? NEVER : event));
  const prefix: RegisterPart = {
    ...part,
    count,
    ret,
    call: part.call.subarray(0, count),
    kind: part.kind.subarray(0, count),
    needs: part.needs.subarray(0, count),
    leaves: part.leaves.subarray(0, count),
    end: until + 1,
  };
  return zonesOf(prefix, normalise(prefix, { keepForMismatches: false }).kept)?.isPossible !== false;
}
