/**
 * Reads and writes `history.jsonl`: one Jepsen operation a line, as JSON. `README.md` beside this folder describes the
 * format; a line that does not keep to it is an error, never a guess, because a checker that misreads its input lies.
 */
import type { MinimalOperation } from '../verdict/verdict.ts';
import { HistoryError } from './error.ts';
import type { Call, History, Json, Operation } from './operation.ts';
import { Pairing, type Event } from './pair.ts';

/**
 * Reads a whole file. A last line that a crash cut off (no newline at its end, not JSON) is dropped with a warning.
 * @param text the file's content
 * @param name how messages name the file
 * @throws HistoryError for an empty file and for every other malformed line
 */
export function readJsonl(text: string, name: string, options: { readonly clients?: number } = {}): History {
  const pairing = new Pairing(name);
  const warnings: string[] = [];
  let line = 0;
  for (let start = 0; start < text.length;) {
    line++;
    const newline = text.indexOf('\n', start);
    const content = text.slice(start, newline < 0 ? text.length : newline);
    start = newline < 0 ? text.length : newline + 1;
    const record = parse(content);
    if (record === NOT_JSON) {
      if (newline >= 0) throw new HistoryError(name, line, content.trim() === '' ? 'an empty line' : 'not JSON');
      warnings.push(`${name}:${line}: the last line was cut off and is left out`);
      line--;
      break;
    }
    const event = toEvent(record, line);
    if (typeof event === 'string') throw new HistoryError(name, line, event);
    pairing.add(event);
  }
  if (line === 0) throw new HistoryError(name, 1, text === '' ? 'the file is empty' : 'no complete line');
  return pairing.finish({ ...options, warnings });
}

const NOT_JSON: unique symbol = Symbol('not JSON');

function parse(content: string): unknown {
  try {
    return JSON.parse(content) as unknown;
  } catch {
    return NOT_JSON;
  }
}

/** The event, or the reason why the record is none. */
function toEvent(record: unknown, line: number): Event | string {
  if (typeof record !== 'object' || record === null || Array.isArray(record)) return 'not a JSON object';
  const { index, time, process, type, f, key, value, error, node, term, applied } = record as {
    readonly [name: string]: Json | undefined;
  };
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
  return {
    line,
    index,
    time,
    process,
    type,
    f,
    value,
    ...(key === undefined ? {} : { key }),
    ...(error === undefined ? {} : { error }),
    ...(node === undefined ? {} : { node }),
    ...(term === undefined ? {} : { term }),
    ...(applied === undefined ? {} : { applied }),
  };
}

function isCount(value: Json | undefined): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function show(value: Json | undefined): string {
  return value === undefined ? 'missing' : JSON.stringify(value);
}

/**
 * A minimal history as a file of the same format, which `readJsonl` reads again. An operation that stands weakened is
 * written as that write, with a field `was` holding what was recorded; `op` is the recorded index of each invocation.
 */
export function writeJsonl(minimal: readonly MinimalOperation[]): string {
  const lines: { time: number; closing: boolean; record: Record<string, Json> }[] = [];
  let endNs = 0;
  for (const { operation } of minimal) {
    endNs = Math.max(endNs, operation.callNs, operation.outcome.kind === 'ok' ? operation.outcome.returnNs : 0);
  }
  for (const { operation, as } of minimal) {
    const call = as ?? operation.input;
    const was: Record<string, Json> = as === undefined ? {} : { was: record(operation.input) };
    lines.push({
      time: operation.callNs,
      closing: false,
      record: {
        process: operation.process,
        type: 'invoke',
        ...record(call),
        ...entry(operation),
        op: operation.id,
        ...was,
      },
    });
    const end = operation.outcome.kind === 'ok' ? operation.outcome.returnNs : endNs;
    lines.push({ time: end, closing: true, record: { process: operation.process, ...completion(operation, call) } });
  }
  lines.sort((a, b) => a.time - b.time || Number(a.closing) - Number(b.closing));
  return lines.map(({ time, record: rest }, index) => `${JSON.stringify({ index, time, ...rest })}\n`).join('');
}

function record(call: Call): Record<string, Json> {
  return call.key === undefined ? { f: call.f, value: call.value } : { f: call.f, key: call.key, value: call.value };
}

function entry(operation: Operation): Record<string, Json> {
  return operation.entryNode === undefined ? {} : { node: operation.entryNode };
}

function completion(operation: Operation, call: Call): Record<string, Json> {
  const { outcome } = operation;
  if (outcome.kind === 'unknown') return { type: 'info', ...record(call), error: outcome.reason };
  const answerer = {
    ...(operation.node === undefined ? {} : { node: operation.node }),
    ...(operation.term === undefined ? {} : { term: operation.term }),
    ...(operation.applied === undefined ? {} : { applied: operation.applied }),
  };
  if (call.f === 'cas' && outcome.output === false) {
    return { type: 'fail', ...record(call), error: 'mismatch', ...answerer };
  }
  const value = call.f === 'write' || call.f === 'cas' ? call.value : outcome.output;
  return { type: 'ok', ...record({ ...call, value }), ...answerer };
}
