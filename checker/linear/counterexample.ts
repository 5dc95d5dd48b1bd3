/**
 * Where a violating register history breaks: the operation that fits nowhere, the longest linearizable prefix before it, and
 * the states that the register can be in there.
 */
import type { Operation } from '../history/operation.ts';
import type { Budget } from '../verdict/verdict.ts';
import { hasMismatch, normalise } from './normalise.ts';
import { registerProblem, type Problem } from './problem.ts';
import { MISMATCH, type RegisterPart } from './register-part.ts';
import { search, type Progress, type SearchResult } from './search.ts';
import { zonesOf } from './zones.ts';

/** Where a history breaks; operations and values by number. */
export interface Break {
  readonly culprit: number;
  readonly prefix: readonly number[];
  readonly states: readonly number[];
}

/** Bounds the search for the place; where it does not suffice the place is the deepest that was reached. */
const LOCATE: Budget = { maxSteps: 200_000, maxBytes: 1 << 26 };

/**
 * The first return that no linearization of what came before can pass.
 * @param impossible an operation that is known to fit nowhere, in case the search does not come to an end
 */
export function locate(part: RegisterPart, impossible: number | undefined): Break {
  const strong = normalise(part, { keepForMismatches: false });
  const zones = zonesOf(part, strong.kept);
  const strongProblem = registerProblem(part, strong, zones);
  const first = breakOf(strongProblem, search(strongProblem, LOCATE), impossible);
  if (!hasMismatch(part)) return first!;
  // The answered mismatches may break it earlier only because the crashed writes that they could need are left out.
  const positive = { ...strong, kept: strong.kept.filter((i) => part.kind[i] !== MISMATCH) };
  const positiveProblem = registerProblem(part, positive, zones);
  const second = breakOf(positiveProblem, search(positiveProblem, LOCATE), impossible);
  if (second?.culprit === first?.culprit) return first!;
  const whole = registerProblem(part, normalise(part, { keepForMismatches: true }), zones);
  return breakOf(whole, search(whole, LOCATE), impossible) ?? second ?? first!;
}

function breakOf(problem: Problem, result: SearchResult, impossible: number | undefined): Break | undefined {
  if (result.kind === 'found') return undefined;
  const progress: Progress = result;
  const reached = problem.events[progress.deepest]! >> 2;
  const culprit = result.kind === 'none' ? reached : (impossible ?? reached);
  return { culprit, prefix: progress.prefix, states: progress.states };
}

/** The ids of operations by number. */
export function idsOf(operations: readonly Operation[], numbers: readonly number[]): readonly number[] {
  return numbers.map((number) => operations[number]!.id);
}
