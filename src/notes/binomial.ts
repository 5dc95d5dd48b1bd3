/** Whether a count agrees with a probability: the two tails of the binomial distribution. */
import type { Count } from '../contract/index.ts';

/**
 * Whether so many hits lie within the middle 99 % of what that share gives: neither so few nor so many come up in less than half a per
 * cent of such experiments. Of a share of 0 or 1 only none, or all.
 */
export function isWithin99({ hits, of }: Count, share: number): boolean {
  if (share === 0 || share === 1) return hits === of * share;
  const mass = (from: number, to: number): number => {
    let sum = 0;
    for (let k = from; k <= to; k++) sum += Math.exp(logProbability(k, of, share));
    return sum;
  };
  return mass(0, hits) > 0.005 && mass(hits, of) > 0.005;
}

/** In logarithms: the probability of no hit in two thousand is below the least double. */
function logProbability(hits: number, of: number, share: number): number {
  return (
    logFactorial(of) -
    logFactorial(hits) -
    logFactorial(of - hits) +
    hits * Math.log(share) +
    (of - hits) * Math.log1p(-share)
  );
}

const LOG_FACTORIALS: number[] = [0];

function logFactorial(n: number): number {
  for (let k = LOG_FACTORIALS.length; k <= n; k++) LOG_FACTORIALS.push(LOG_FACTORIALS[k - 1]! + Math.log(k));
  return LOG_FACTORIALS[n]!;
}
