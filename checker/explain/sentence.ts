/** The sentences of the anomalies, word for word the same wherever they are shown. Times are those of the history. */
import type { FailedOperation, Json, Nanos, Operation } from '../history/operation.ts';

/** What the sentences of one part need to know of it. */
export interface Telling {
  /** Name of the part: the key, or '' where the history has none. */
  readonly part: string;
  readonly clients: number | undefined;
  /** `History.untimed`. */
  readonly untimed: boolean;
}

/** What proves that a read was stale. */
export interface Newer {
  readonly value: Json;
  readonly gapNs: Nanos;
  readonly by: 'acknowledged' | 'already read';
}

export function staleRead(telling: Telling, read: Operation, value: Json, newer: Newer): string {
  return `${readWords(telling, read, value)}, although ${newerWords(telling, newer)}.`;
}

export function neverWritten(telling: Telling, observer: Operation, value: Json): string {
  return `${observedWords(telling, observer, value)}, although ${show(value)} was never written to ${key(telling)}.`;
}

export function failedWriteRead(telling: Telling, observer: Operation, value: Json, write: FailedOperation): string {
  return `${observedWords(telling, observer, value)}, although the only ${write.input.f} of ${show(value)} was answered fail (${write.error}).`;
}

export function futureRead(telling: Telling, observer: Operation, value: Json, beforeNs: Nanos): string {
  return `${observedWords(telling, observer, value)}, ${span(telling, beforeNs)} before ${show(value)} was first written to ${key(telling)}.`;
}

export function lostUpdate(telling: Telling, cas: Operation, newer: Newer | undefined): string {
  const although =
    newer === undefined
      ? `no order of the operations leaves ${key(telling)} with the value it expected`
      : newerWords(telling, newer);
  return `${casWords(telling, cas)} succeeded${at(cas)}, although ${although}.`;
}

export function impossibleMismatch(telling: Telling, cas: Operation): string {
  return `${casWords(telling, cas)} was refused${at(cas)} because the value was another one, although no order of the operations leaves ${key(telling)} with another one.`;
}

export function noOrder(telling: Telling, operation: Operation, description: string): string {
  return `${client(telling, operation)}'s ${description}${from(operation)} at ${instant(telling, operation.callNs)} fits in no order of the operations before it.`;
}

/** `Client 3 read x = 4 from n2 at 12.402 s`. */
function readWords(telling: Telling, read: Operation, value: Json): string {
  return `${client(telling, read)} read ${key(telling)} = ${show(value)}${from(read)} at ${instant(telling, read.callNs)}`;
}

/** `Client 3's compare-and-set of x from 4 to 5 at 12.402 s`. */
function casWords(telling: Telling, cas: Operation): string {
  const [expected, fresh] = cas.input.value as readonly [Json, Json];
  return `${client(telling, cas)}'s compare-and-set of ${key(telling)} from ${show(expected)} to ${show(fresh)} at ${instant(telling, cas.callNs)}`;
}

function observedWords(telling: Telling, observer: Operation, value: Json): string {
  return observer.input.f === 'cas'
    ? `${casWords(telling, observer)} succeeded${at(observer)}`
    : readWords(telling, observer, value);
}

function newerWords(telling: Telling, { value, gapNs, by }: Newer): string {
  return `${key(telling)} = ${show(value)} had ${by === 'acknowledged' ? 'been acknowledged' : 'already been read'} ${span(telling, gapNs)} before`;
}

/** `Client 3`. */
export function client({ clients }: Telling, { process }: Operation): string {
  return `Client ${clients === undefined ? process : process % clients}`;
}

/** ` from n2`, or nothing. */
export function from({ node }: Operation): string {
  return node === undefined ? '' : ` from ${node}`;
}

function at({ node }: Operation): string {
  return node === undefined ? '' : ` at ${node}`;
}

/** `x`, or `the register`. */
export function key({ part }: Telling): string {
  return part === '' ? 'the register' : part;
}

/** A value as JSON. */
export function show(value: Json): string {
  return JSON.stringify(value);
}

/** `12.402 s`; `event 12` where there is no clock. */
export function instant({ untimed }: Pick<Telling, 'untimed'>, ns: Nanos): string {
  return untimed ? `event ${ns}` : `${(ns / 1e9).toFixed(3)} s`;
}

/** Whole milliseconds, one decimal below 10 ms; `3 events` where there is no clock. */
export function span({ untimed }: Pick<Telling, 'untimed'>, ns: Nanos): string {
  if (untimed) return `${ns} ${ns === 1 ? 'event' : 'events'}`;
  const ms = ns / 1e6;
  if (ms < 0.05) return 'less than 0.1 ms';
  return `${ms < 9.95 ? ms.toFixed(1) : ms.toFixed(0)} ms`;
}
