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

/** `2 invariants of Raft broken`, `1 node ended by itself`. */
export function brokenWords(broken: readonly { readonly name: string }[]): string {
  const ended = broken.filter(({ name }) => name === 'node-failure').length;
  const others = broken.length - ended;
  return [
    ...(others > 0 ? [`${plural(others, 'invariant')} of Raft broken`] : []),
    ...(ended > 0 ? [`${plural(ended, 'node')} ended by itself`] : []),
  ].join('; ');
}

/** Whether times are nanoseconds; otherwise they are numbers of events. */
let isTimed = true;

/**
 * Has everything that `render` writes say times as the history has them: those of a history without a clock
 * (`History.untimed`) are numbers of events, and seconds would be made up.
 */
export function withClock<T>(hasClock: boolean, render: () => T): T {
  const before = isTimed;
  isTimed = hasClock;
  try {
    return render();
  } finally {
    isTimed = before;
  }
}

/** The same for all that a page's script writes: its page tells of one history only. */
export function sayEvents(): void {
  isTimed = false;
}

/** An instant: `12.402 s`, or `event 85` where there is no clock. */
export function instant(timeNs: Nanos): string {
  return isTimed ? `${seconds(timeNs)} s` : `event ${count(timeNs)}`;
}

/** An instant in seconds without its unit: `12.402`. */
export function seconds(timeNs: Nanos): string {
  return (timeNs / NS_PER_S).toFixed(3);
}

/** From an instant to a later one: `11.268 – 11.312 s`, `events 3 – 8`. */
export function stretch(fromNs: Nanos, toNs: Nanos): string {
  return isTimed ? `${seconds(fromNs)} – ${seconds(toNs)} s` : `events ${count(fromNs)} – ${count(toNs)}`;
}

/** A mark of an axis, with so many decimals of a second. */
export function axisLabel(timeNs: Nanos, decimals: number): string {
  return isTimed ? `${(timeNs / NS_PER_S).toFixed(decimals)} s` : `event ${count(timeNs)}`;
}

/** A length of time as the checker's sentences write it: whole milliseconds, one decimal below 10 ms; or a number of events. */
export function milliseconds(lengthNs: Nanos): string {
  if (!isTimed) return plural(lengthNs, 'event');
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

/** Whether it only looks, in the words of the models that we know. */
export function isLook({ f }: Call): boolean {
  return f === 'read' || f === 'get' || f === 'contains';
}

/** Whether it replaces what was there. */
function isAssignment({ f }: Call): boolean {
  return f === 'write' || f === 'put';
}

/** What was asked, without its answer: `write x = 5`, `cas x 4 → 5`, `read x`, `enqueue x 5`. */
export function describeCall(call: Call, show: (value: Json) => string = showValue): string {
  const name = call.key === undefined ? call.f : `${call.f} ${call.key}`;
  if (call.f === 'cas' && Array.isArray(call.value) && call.value.length === 2) {
    const [from, to] = call.value as readonly Json[] as readonly [Json, Json];
    return `${name} ${show(from)} → ${show(to)}`;
  }
  if (isAssignment(call)) return `${name} = ${show(call.value)}`;
  return call.value === null ? name : `${name} ${show(call.value)}`;
}

/** What was asked and what was answered: `read x → 4`, `cas x 4 → 5, answered no`. */
export function describeOperation(
  { input, outcome }: Operation,
  as?: Call,
  show: (value: Json) => string = showValue,
): string {
  const asked = describeCall(as ?? input, show);
  if (outcome.kind === 'unknown') return `${asked}, no answer`;
  const { output } = outcome;
  if (isLook(input)) return `${asked} → ${show(output)}`;
  if (output === false) return `${asked}, answered no`;
  return isAcknowledgement(input, output) ? asked : `${asked} → ${output === null ? 'empty' : show(output)}`;
}

/** Whether the answer only says that it was done. Who asks for nothing in particular is told what it was. */
function isAcknowledgement(call: Call, output: Json): boolean {
  if (call.value === null && !isAssignment(call)) return false;
  return output === null || output === true || showValue(output) === showValue(call.value);
}

/** `11.268 – 11.312 s`; an operation without an answer has no end. */
export function interval({ callNs, outcome }: Operation): string {
  return outcome.kind === 'ok' ? stretch(callNs, outcome.returnNs) : `${instant(callNs)}, never answered`;
}

/** A client's number: a process that ended unknown goes on as process + number of clients. */
export function clientOf(process: number, clients: number | undefined): number {
  return clients === undefined ? process : process % clients;
}
