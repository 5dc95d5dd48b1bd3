/**
 * A number that changes at instants, written small: thousands of such steps of five nodes stand in a page. A step is how far
 * the time went on, in letters to the base 26 of which the last one is a capital, and how the number changed, in digits unless by one.
 */

/** Where a number changes, in whole units of whatever the reader counts in, and what it is from there on. */
export interface Step {
  readonly at: number;
  readonly value: number;
}

const A = 'a'.charCodeAt(0);

/** @param steps in order of time; those that change nothing are left out */
export function encodeSteps(start: number, steps: readonly Step[]): string {
  let text = '';
  let last: Step = { at: 0, value: start };
  for (const step of steps) {
    if (step.value === last.value) continue;
    const change = step.value - last.value;
    text += letters(step.at - last.at) + (change === 1 ? '' : String(change));
    last = step;
  }
  return text;
}

/** What `encodeSteps` wrote. */
export function decodeSteps(start: number, text: string): readonly Step[] {
  let at = 0;
  let value = start;
  return [...text.matchAll(/([a-z]*[A-Z])(-?\d*)/g)].map(([, gap, change]) => {
    at += numberOf(gap!);
    value += change === '' ? 1 : Number(change);
    return { at, value };
  });
}

function letters(number: number): string {
  let text = String.fromCharCode(A + (number % 26)).toUpperCase();
  for (let rest = Math.floor(number / 26); rest > 0; rest = Math.floor(rest / 26)) {
    text = String.fromCharCode(A + (rest % 26)) + text;
  }
  return text;
}

function numberOf(text: string): number {
  return text
    .toLowerCase()
    .split('')
    .reduce((sum, letter) => sum * 26 + letter.charCodeAt(0) - A, 0);
}
