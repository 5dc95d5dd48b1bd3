/**
 * One line of history.jsonl, whatever the order of its names: `JSON.parse`, and then everything that a line must be. This
 * says what a line is; the byte-level scanner beside it is a faster way to the same for the lines that our recorder writes.
 */
import { inexactness, shortened } from './exact-json.ts';
import type { Json, Nanos } from './operation.ts';

/** One line of history.jsonl. The names, and their order in a line, are a promise to others' scripts. */
export interface HistoryLine {
  readonly index: number;
  readonly time: Nanos;
  readonly process: number;
  readonly type: 'invoke' | 'ok' | 'fail' | 'info';
  readonly f: string;
  readonly key?: string;
  readonly value: Json;
  /** On fail and info. A cas that was answered "no" is `fail` with `mismatch`. */
  readonly error?: string;
  /** On an invocation: where the request goes first. On an answer: who produced it. */
  readonly node?: string;
  readonly term?: number;
  readonly applied?: number;
}

/** In place of the reason: the text is not JSON at all, which the last line of a file may be. */
export const NOT_JSON: unique symbol = Symbol('not JSON');

/** The line, or the reason why the text is none. */
export function lineOf(text: string): HistoryLine | string | typeof NOT_JSON {
  const record = parse(text);
  if (record === NOT_JSON) return NOT_JSON;
  if (typeof record !== 'object' || record === null || Array.isArray(record)) return 'not a JSON object';
  return faultOf(record) ?? inexactness(text, (name) => name === 'value') ?? (record as HistoryLine);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return NOT_JSON;
  }
}

type Fields = { readonly [name in keyof HistoryLine]?: Json };

function faultOf(record: Fields): string | undefined {
  const { index, time, process, type, f, key, value, error, node, term, applied } = record;
  if (!isCount(index)) return `index must be a whole number from 0 on, not ${show(index)}`;
  if (!isCount(time)) return `time must be a whole number of nanoseconds from 0 on, not ${show(time)}`;
  if (!isCount(process)) return `process must be a whole number from 0 on, not ${show(process)}`;
  if (type !== 'invoke' && type !== 'ok' && type !== 'fail' && type !== 'info') {
    return `type must be invoke, ok, fail or info, not ${show(type)}`;
  }
  if (typeof f !== 'string') return `f must be a string, not ${show(f)}`;
  if (key !== undefined && typeof key !== 'string') return `key must be a string, not ${show(key)}`;
  if (value === undefined) return 'value is missing';
  if (error !== undefined && typeof error !== 'string') return `error must be a string, not ${show(error)}`;
  if (node !== undefined && typeof node !== 'string') return `node must be a string, not ${show(node)}`;
  if (term !== undefined && !isCount(term)) return `term must be a whole number from 0 on, not ${show(term)}`;
  if (applied !== undefined && !isCount(applied))
    return `applied must be a whole number from 0 on, not ${show(applied)}`;
  return undefined;
}

function isCount(value: Json | undefined): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

/** A value for messages, in a few characters. */
export function show(value: Json | undefined): string {
  if (value === undefined) return 'missing';
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'a list' : 'an object';
  return shortened(JSON.stringify(value));
}
