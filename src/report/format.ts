/** How numbers, instants, values and operations are written, the same on the page and in the terminal. */
import type { Call, Json, Nanos, Operation } from '../../checker/index.ts';
import { NS_PER_MS } from '../base/time.ts';

const NS_PER_S = 1_000_000_000;

/** `41,208`. */
export function count(value: number): string {
  return String(Math.trunc(value)).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** `1 fault`, `2 faults`. */
export function plural(value: number, noun: string, many: string = `${noun}s`): string {
  return `${count(value)} ${value === 1 ? noun : many}`;
}

/** An instant in seconds: `12.402 s`. */
export function instant(timeNs: Nanos): string {
  return `${seconds(timeNs)} s`;
}

/** An instant in seconds without its unit: `12.402`. */
export function seconds(timeNs: Nanos): string {
  return (timeNs / NS_PER_S).toFixed(3);
}

/** A length of time as the checker's sentences write it: whole milliseconds, one decimal below 10 ms. */
export function milliseconds(lengthNs: Nanos): string {
  const ms = lengthNs / NS_PER_MS;
  if (ms < 0.05) return 'less than 0.1 ms';
  return `${ms < 9.95 ? ms.toFixed(1) : ms.toFixed(0)} ms`;
}

/** A value as JSON. */
export function showValue(value: Json): string {
  return JSON.stringify(value);
}

/** A value that fits a picture: at most `limit` characters. */
export function shortValue(value: Json, limit = 10): string {
  const text = showValue(value);
  return text.length <= limit ? text : `${text.slice(0, limit - 1)}…`;
}

/** What was asked, without its answer: `write x = 5`, `cas x 4 → 5`, `read x`. */
export function describeCall(call: Call, show: (value: Json) => string = showValue): string {
  const name = call.key === undefined ? call.f : `${call.f} ${call.key}`;
  if (call.f === 'cas' && Array.isArray(call.value) && call.value.length === 2) {
    const [from, to] = call.value as readonly Json[] as readonly [Json, Json];
    return `${name} ${show(from)} → ${show(to)}`;
  }
  if (call.value === null && call.f !== 'write') return name;
  return `${name} = ${show(call.value)}`;
}

/** What was asked and what was answered: `read x → 4`, `cas x 4 → 5, answered no`. */
export function describeOperation(
  { input, outcome }: Operation,
  as?: Call,
  show: (value: Json) => string = showValue,
): string {
  const asked = describeCall(as ?? input, show);
  if (outcome.kind === 'unknown') return `${asked}, no answer`;
  if (input.f === 'cas') return outcome.output === false ? `${asked}, answered no` : asked;
  return outcome.output === null && input.f !== 'read' ? asked : `${asked} → ${show(outcome.output)}`;
}

/** `11.268 – 11.312 s`; an operation without an answer has no end. */
export function interval({ callNs, outcome }: Operation): string {
  return outcome.kind === 'ok'
    ? `${seconds(callNs)} – ${seconds(outcome.returnNs)} s`
    : `${seconds(callNs)} s, never answered`;
}

/** A client's number: a process that ended unknown goes on as process + number of clients. */
export function clientOf(process: number, clients: number | undefined): number {
  return clients === undefined ? process : process % clients;
}
