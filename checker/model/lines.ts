/**
 * Several values as one text, a line each: the state of every model that holds many values. Equal states are equal texts, so
 * that a state is its own key; JSON has no line break outside of escapes, so that a line is always one value.
 */
import type { Json } from '../history/operation.ts';
import { canonical } from './json.ts';
import { ModelError } from './model.ts';

/** One value as its line. */
export function lineOf(value: Json): string {
  return `${canonical(value)}\n`;
}

/** The first line; '' where there is none. */
export function firstLine(lines: string): string {
  return lines.slice(0, lines.indexOf('\n') + 1);
}

/** The last line; '' where there is none. */
export function lastLine(lines: string): string {
  return lines.length === 0 ? '' : lines.slice(lines.lastIndexOf('\n', lines.length - 2) + 1);
}

/** Where a line begins that is this one, or −1. */
export function findLine(lines: string, line: string): number {
  if (lines.startsWith(line)) return 0;
  const breakBefore = lines.indexOf(`\n${line}`);
  return breakBefore < 0 ? -1 : breakBefore + 1;
}

/** Takes out the line that begins there. */
export function withoutLine(lines: string, at: number): string {
  return lines.slice(0, at) + lines.slice(lines.indexOf('\n', at) + 1);
}

/** The lines as they are, each with its break. */
export function eachLine(lines: string): readonly string[] {
  return lines.length === 0 ? [] : lines.split(/(?<=\n)/);
}

/** Puts a line into lines that are sorted. */
export function withSortedLine(lines: string, line: string): string {
  let low = 0;
  for (let high = lines.length; low < high;) {
    const middle = (low + high) >> 1;
    const start = middle === 0 ? 0 : lines.lastIndexOf('\n', middle - 1) + 1;
    const end = lines.indexOf('\n', middle) + 1;
    if (lines.slice(start, end) > line) high = start;
    else low = end;
  }
  return lines.slice(0, low) + line + lines.slice(low);
}

/** The lines of these values, in their order. */
export function linesOf(values: readonly Json[]): string {
  return values.map(lineOf).join('');
}

/** The lines of these values, sorted. */
export function sortedLinesOf(values: readonly Json[]): string {
  return values
    .map(lineOf)
    .sort((a, b) => (a === b ? 0 : a < b ? -1 : 1))
    .join('');
}

const SHOWN = 12;

/** `[5, 6]`; of many only the first and the last ones. */
export function bracketed(lines: string): string {
  const texts = lines.split('\n').slice(0, -1);
  const some =
    texts.length <= SHOWN
      ? texts
      : [...texts.slice(0, SHOWN / 2), `… ${texts.length - SHOWN} more …`, ...texts.slice(-SHOWN / 2)];
  return `[${some.join(', ')}]`;
}

/** What a collection holds first. @throws ModelError unless it is an array */
export function initialValues(model: string, initial: Json | undefined): readonly Json[] {
  if (initial === undefined) return [];
  if (Array.isArray(initial)) return initial as readonly Json[];
  throw new ModelError(`the initial value of the model ${model} is an array of values, not ${JSON.stringify(initial)}`);
}
