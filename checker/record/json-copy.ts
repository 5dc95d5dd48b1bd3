/**
 * Copies values into a recording: what was asked and answered at that moment, whatever the test does to its objects later.
 * What JSON would silently change (NaN to null, a date to a string, undefined to nothing) is refused: a history that holds
 * another value than the system answered accuses the innocent.
 */
import type { Json } from '../history/operation.ts';
import { RecorderError } from './error.ts';

/** Deeper values are refused, as the reader refuses them. */
const DEEPEST = 100;

/**
 * A copy of a JSON value.
 * @param what how a message names it
 * @throws RecorderError where it is none
 */
export function jsonCopy(value: unknown, what: string, depth = 0): Json {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number') return numberCopy(value, what);
  if (typeof value !== 'object') throw new RecorderError(`${what} is ${article(typeof value)}, which JSON cannot hold`);
  if (depth === DEEPEST) throw new RecorderError(`${what} is nested more than ${DEEPEST} deep`);
  return Array.isArray(value) ? arrayCopy(value, what, depth) : objectCopy(value, what, depth);
}

function numberCopy(value: number, what: string): number {
  if (!Number.isFinite(value)) throw new RecorderError(`${what} is ${value}, which JSON cannot hold`);
  if (Number.isInteger(value) && !Number.isSafeInteger(value)) {
    throw new RecorderError(`${what} is ${value}, a whole number too large to be exact: record it as a string`);
  }
  return value;
}

function arrayCopy(value: readonly unknown[], what: string, depth: number): Json {
  return Array.from(value, (inner, i) => jsonCopy(inner, `${what}[${i}]`, depth + 1));
}

function objectCopy(value: object, what: string, depth: number): Json {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) {
    throw new RecorderError(`${what} is not a plain object (${classOf(value)}): record what it says, not the object`);
  }
  const fields = Object.entries(value).filter(([, inner]) => inner !== undefined);
  return Object.fromEntries(fields.map(([name, inner]) => [name, jsonCopy(inner, `${what}.${name}`, depth + 1)]));
}

function classOf(value: object): string {
  const { constructor } = value as { readonly constructor?: { readonly name?: string } };
  return constructor?.name ?? 'of an unnamed class';
}

function article(type: string): string {
  return type === 'undefined' ? type : `a ${type}`;
}
