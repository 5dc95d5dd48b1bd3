/**
 * Pairs events into operations. A recorded history is a list of invocations and completions, as Jepsen writes them; the
 * checker works on operations, each with an interval of time and an outcome. What cannot be paired is an error with its line.
 */
import { sameJson } from '../model/json.ts';
import { HistoryError } from './error.ts';
import type { Call, FailedOperation, History, Json, Nanos, Operation } from './operation.ts';

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

/** A line and its place in the file. */
export interface Event extends HistoryLine {
  /** From 1. */
  readonly line: number;
}

/** Takes events one after another, in the order in which they happened, and gives the paired history at the end. */
export class Pairing {
  readonly #file: string;
  readonly #open = new Map<number, Event>();
  /** Processes whose operation ended `info`, with the line where it did. */
  readonly #retired = new Map<number, number>();
  readonly #operations: Operation[] = [];
  readonly #failed: FailedOperation[] = [];
  #last: Event | undefined;

  constructor(file: string) {
    this.#file = file;
  }

  /** @throws HistoryError where the event cannot follow the ones before it. */
  add(event: Event): void {
    this.#checkOrder(event);
    if (event.type === 'invoke') this.#invoke(event);
    else this.#complete(event);
    this.#last = event;
  }

  /** The history so far. Invocations without a completion are unknown: they may take effect at any later time, or never. */
  finish(options: { readonly clients?: number; readonly warnings: readonly string[] }): History {
    for (const invoke of this.#open.values()) this.#operations.push(unknown(invoke, 'never completed'));
    this.#operations.sort((a, b) => a.id - b.id);
    this.#failed.sort((a, b) => a.id - b.id);
    return {
      operations: this.#operations,
      failed: this.#failed,
      ...(options.clients === undefined ? {} : { clients: options.clients }),
      warnings: options.warnings,
    };
  }

  #checkOrder(event: Event): void {
    const last = this.#last;
    if (last === undefined) return;
    if (event.index === last.index) this.#refuse(event, `index ${event.index} stands twice`);
    if (event.index < last.index) this.#refuse(event, `index ${event.index} comes after ${last.index}`);
    if (event.time < last.time) this.#refuse(event, `time ${event.time} is before ${last.time} on the line above`);
  }

  #invoke(event: Event): void {
    const open = this.#open.get(event.process);
    if (open !== undefined) {
      this.#refuse(event, `process ${event.process} already has an open operation, invoked on line ${open.line}`);
    }
    const retired = this.#retired.get(event.process);
    if (retired !== undefined) {
      this.#refuse(event, `process ${event.process} is used again after its info on line ${retired}`);
    }
    this.#open.set(event.process, event);
  }

  #complete(event: Event): void {
    const invoke = this.#open.get(event.process);
    if (invoke === undefined) this.#refuse(event, `${event.type} of process ${event.process} without an invocation`);
    if (event.f !== invoke.f || event.key !== invoke.key || !isAnswerTo(invoke, event)) {
      this.#refuse(event, `${event.type} does not match what process ${event.process} invoked on line ${invoke.line}`);
    }
    this.#open.delete(event.process);
    switch (event.type) {
      case 'ok':
        this.#operations.push(answered(invoke, event, outputOf(event)));
        break;
      case 'fail':
        this.#fail(invoke, event);
        break;
      case 'info':
        this.#retired.set(event.process, event.line);
        this.#operations.push(unknown(invoke, event.error ?? 'unknown outcome'));
        break;
      case 'invoke':
        break;
    }
  }

  /** An answered mismatch is an observation ("the value was another one"); every other `fail` observed nothing. */
  #fail(invoke: Event, event: Event): void {
    if (event.f === 'cas' && event.error === 'mismatch') {
      this.#operations.push(answered(invoke, event, false));
      return;
    }
    this.#failed.push({
      id: invoke.index,
      process: invoke.process,
      input: callOf(invoke),
      callNs: invoke.time,
      returnNs: event.time,
      error: event.error ?? 'failed',
    });
  }

  #refuse(event: Event, reason: string): never {
    throw new HistoryError(this.#file, event.line, reason);
  }
}

/** Only a read completes with another value than it was invoked with; of other kinds of operation nothing is known. */
function isAnswerTo(invoke: Event, event: Event): boolean {
  const isKnown = invoke.f === 'write' || invoke.f === 'cas';
  return !isKnown || event.type !== 'ok' || sameJson(invoke.value, event.value);
}

/** What the operation answered: a read its value, a compare-and-set yes, a write nothing. */
function outputOf(event: Event): Json {
  if (event.f === 'write') return null;
  return event.f === 'cas' ? true : event.value;
}

function answered(invoke: Event, event: Event, output: Json): Operation {
  return {
    id: invoke.index,
    process: invoke.process,
    input: callOf(invoke),
    callNs: invoke.time,
    outcome: { kind: 'ok', output, returnNs: event.time },
    ...(invoke.node === undefined ? {} : { entryNode: invoke.node }),
    ...(event.node === undefined ? {} : { node: event.node }),
    ...(event.term === undefined ? {} : { term: event.term }),
    ...(event.applied === undefined ? {} : { applied: event.applied }),
  };
}

function unknown(invoke: Event, reason: string): Operation {
  return {
    id: invoke.index,
    process: invoke.process,
    input: callOf(invoke),
    callNs: invoke.time,
    outcome: { kind: 'unknown', reason },
    ...(invoke.node === undefined ? {} : { entryNode: invoke.node }),
  };
}

function callOf(invoke: Event): Call {
  return invoke.key === undefined
    ? { f: invoke.f, value: invoke.value }
    : { f: invoke.f, key: invoke.key, value: invoke.value };
}
