/** What a count of none says of the true share: the rule of three (Hanley and Lippman-Hand, 1983). */

/**
 * That the true share is below it, with 95 % certainty, after none in `trials`: 3 ÷ trials, `< 1.3 %`. Rounded up, so that it never
 * claims more than was counted; null where so few were tried that it would say nothing.
 */
export function zeroBound(trials: number): string | null {
  if (trials <= 3) return null;
  const percent = 300 / trials;
  const digit = 10 ** (Math.floor(Math.log10(percent)) - 1);
  // Less a hair: a quotient that is exact on paper is not to be rounded up for the last bit of a double.
  const upTo = Math.ceil(percent / digit - 1e-9) * digit;
  return `< ${Number(upTo.toPrecision(2))} %`;
}
