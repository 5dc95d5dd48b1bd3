/**
 * Mutants that harm nobody and hold everybody up: how long the cluster is without a leader, and how many terms it takes, beside the correct
 * node on the same plans. A number alone proves nothing, so it is a ratio that counts.
 */
import type { Liveness } from '../invariants/index.ts';
import { score, type ScoreOptions } from './score.ts';

/** So many times the leaderless time, or the terms, of the correct node are not chance. */
export const LIVENESS_RATIO = 2;

/** Below this the correct node's figures count as this, so that next to nothing is not divided by. */
const LEAST: Liveness = { leaderlessShare: 0.01, terms: 1 };

export interface LivenessScore {
  readonly schedules: number;
  /** Means over the schedules. */
  readonly mutant: Liveness;
  readonly correct: Liveness;
  /** The larger one of the two ratios, of the mutant's figures to the correct node's. */
  readonly ratio: number;
  readonly isCaught: boolean;
}

/** Plays the same plans with the mutant and with the correct node. */
export async function scoreLiveness(
  options: Omit<ScoreOptions, 'hits' | 'mutant'> & { readonly mutant: string },
): Promise<LivenessScore> {
  const { schedules, liveness: mutant } = await score({ ...options, hits: Infinity });
  const { liveness: correct } = await score({ ...options, mutant: null, hits: Infinity });
  const ratio = Math.max(
    mutant.leaderlessShare / Math.max(correct.leaderlessShare, LEAST.leaderlessShare),
    mutant.terms / Math.max(correct.terms, LEAST.terms),
  );
  return { schedules, mutant, correct, ratio, isCaught: ratio >= LIVENESS_RATIO };
}
