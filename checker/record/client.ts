/**
 * One client of a recording: makes the calls of a test one at a time and writes down when each began, when it ended and what it
 * came to. A client whose call ended with unknown outcome goes on under a new process number (Jepsen), because the old one may
 * still be at it.
 */
import type { Call, Json } from '../history/operation.ts';
import { RecorderError } from './error.ts';
import { jsonCopy } from './json-copy.ts';
import type { Lines, Unplaced } from './lines.ts';
import { NotApplied, wordsOf, type Meaning, type Recorded } from './outcome.ts';

/** What is asked, in Jepsen's words; without a value, null is asked with, as a read is. */
export interface Asked {
  readonly f: string;
  readonly key?: string;
  readonly value?: Json;
}

/** Who produced an answer, where the system says so. */
export interface Answerer {
  readonly node?: string;
  readonly term?: number;
  readonly applied?: number;
}

/** A recorded call: does what was asked, and may say who answered. */
export type Run<T> = (answeredBy: (answerer: Answerer) => void) => Promise<T> | T;

interface Place {
  /** The first process number. */
  readonly process: number;
  readonly clients: number;
  readonly node: string | undefined;
  readonly lines: Lines;
  readonly classify: ((thrown: unknown, call: Call) => Meaning | undefined) | undefined;
  readonly isEnded: () => boolean;
}

/** A call that was made and has not been completed. */
interface Open {
  readonly process: number;
  readonly call: Call;
  answerer: Answerer;
  /** Why its answer is no longer waited for. */
  abandoned?: string;
}

type Completion = Pick<Unplaced, 'type' | 'value' | 'error'>;

/** Made by `Recorder.client`. */
export class RecordingClient {
  readonly #place: Place;
  #process: number;
  #open: Open | undefined;

  constructor(place: Place) {
    this.#place = place;
    this.#process = place.process;
  }

  /** The process number under which the next call is recorded. */
  get process(): number {
    return this.#process;
  }

  /**
   * Makes a call and records it. What the call throws is recorded and told in what this resolves with; it is never thrown again.
   *
   * What the call resolves with is its answer: of a `read` the value, null where there is none; of a `cas` true, or false where the
   * value was another one; of a `write` nothing that matters. Of any other operation it is the answer, and undefined stands for
   * the value that was asked with.
   * @throws RecorderError (as a rejection) where the recorder is used wrongly: a second call at the same time on one client, a call after the
   * end, a value that JSON cannot hold, a compare-and-set answered neither true nor false. A call that was made is `info` then.
   */
  async invoke<T>(asked: Asked, run: Run<T>): Promise<Recorded<T>> {
    const open = this.#begin(callOf(asked));
    let value: T;
    let completion: Completion;
    try {
      value = await run((answerer) => {
        open.answerer = { ...open.answerer, ...checkedAnswerer(answerer) };
      });
      completion = completionOf(open.call, value);
    } catch (thrown) {
      return this.#threw(open, thrown);
    }
    const recorded: Recorded<T> = completion.type === 'ok' ? { type: 'ok', value } : told(completion, undefined);
    return this.#complete(open, completion, recorded);
  }

  /** Records a read of a key. */
  read<T extends Json>(key: string, run: Run<T>): Promise<Recorded<T>> {
    return this.invoke({ f: 'read', key, value: null }, run);
  }

  /** Records a write to a key. */
  write<T>(key: string, value: Json, run: Run<T>): Promise<Recorded<T>> {
    return this.invoke({ f: 'write', key, value }, run);
  }

  /** Records a compare-and-set of a key, which resolves with true, or with false where the value was not `from`. */
  cas(
    key: string,
    { from, to }: { readonly from: Json; readonly to: Json },
    run: Run<boolean>,
  ): Promise<Recorded<boolean>> {
    return this.invoke({ f: 'cas', key, value: [from, to] }, run);
  }

  /**
   * Completes what is open, if anything is, as `info`: its answer is no longer waited for, and not recorded if it comes. The client
   * may ask again at once.
   */
  abandon(error: string): void {
    const open = this.#open;
    if (open === undefined) return;
    open.abandoned = error;
    this.#write(open, { type: 'info', value: open.call.value, error });
  }

  #begin(call: Call): Open {
    const { lines, node, isEnded } = this.#place;
    if (isEnded()) throw new RecorderError(`${call.f} is asked after the end of the recording`);
    if (this.#open !== undefined) {
      throw new RecorderError(
        `client ${this.#place.process} asks ${call.f} while its ${this.#open.call.f} is not answered: a client has one operation ` +
          'open at a time; await it, or give each concurrent caller a client of its own',
      );
    }
    const open: Open = { process: this.#process, call, answerer: {} };
    lines.add({ process: open.process, type: 'invoke', ...call, ...(node === undefined ? {} : { node }) });
    this.#open = open;
    return open;
  }

  #threw(open: Open, thrown: unknown): Recorded<never> {
    const { completion, mistake } = this.#meaningOf(open.call, thrown);
    const recorded = this.#complete(open, completion, told(completion, thrown));
    if (mistake !== undefined) throw mistake;
    return recorded;
  }

  /** What a throw is recorded as, and the mistake of the test that it was, if it was one. */
  #meaningOf(call: Call, thrown: unknown): { readonly completion: Completion; readonly mistake?: unknown } {
    const info: Completion = { type: 'info', value: call.value, error: wordsOf(thrown) };
    if (thrown instanceof RecorderError) return { completion: info, mistake: thrown };
    let meaning: Meaning | undefined;
    try {
      meaning = this.#place.classify?.(thrown, call);
    } catch (mistake) {
      return { completion: info, mistake };
    }
    switch (meaning ?? (thrown instanceof NotApplied ? 'fail' : 'info')) {
      case 'info':
        return { completion: info };
      case 'fail':
        return { completion: { type: 'fail', value: call.value, error: refusalWords(call, thrown) } };
      case 'mismatch':
        return call.f === 'cas'
          ? { completion: mismatchOf(call) }
          : {
              completion: info,
              mistake: new RecorderError(`classify says mismatch of a ${call.f}: only a cas has one`),
            };
      default:
        return {
          completion: info,
          mistake: new RecorderError(`classify answers info, fail or mismatch, not ${JSON.stringify(meaning)}`),
        };
    }
  }

  /** Writes a completion and hands on what it was. One that nobody waited for is not written, and is what the history says. */
  #complete<T>(open: Open, completion: Completion, recorded: Recorded<T>): Recorded<T> {
    if (open.abandoned !== undefined) return { type: 'info', error: open.abandoned, cause: undefined };
    this.#write(open, completion);
    return recorded;
  }

  #write({ process, call, answerer }: Open, completion: Completion): void {
    // Whatever happens to the line, the call is over; without a completion in the recording its number must not be used again.
    this.#open = undefined;
    this.#process = process + this.#place.clients;
    this.#place.lines.add({
      process,
      ...call,
      ...completion,
      ...(completion.type === 'info' ? {} : answerer),
    });
    if (completion.type !== 'info') this.#process = process;
  }
}

function callOf({ f, key, value }: Asked): Call {
  if (typeof f !== 'string') throw new RecorderError(`f must be a string, not ${JSON.stringify(f)}`);
  if (key !== undefined && typeof key !== 'string') throw new RecorderError(`key must be a string, not ${String(key)}`);
  const copy = jsonCopy(value ?? null, `the value of the ${f}`);
  if (f === 'read' && copy !== null) throw new RecorderError('a read is asked with null: what it saw is its answer');
  if (f === 'cas' && !(Array.isArray(copy) && copy.length === 2)) {
    throw new RecorderError(`the value of a cas is [expected, new], not ${JSON.stringify(copy)}`);
  }
  return key === undefined ? { f, value: copy } : { f, key, value: copy };
}

/** @throws RecorderError for an answer that cannot be recorded */
function completionOf(call: Call, answer: unknown): Completion {
  switch (call.f) {
    case 'write':
      return { type: 'ok', value: call.value };
    case 'read':
      if (answer === undefined) {
        throw new RecorderError('a read was answered undefined: return what it saw, and null where there is no value');
      }
      return { type: 'ok', value: jsonCopy(answer, 'the answer of the read') };
    case 'cas':
      if (answer === true) return { type: 'ok', value: call.value };
      if (answer === false) return mismatchOf(call);
      throw new RecorderError('a cas is answered true, or false where the value was another one: return which');
    default:
      return { type: 'ok', value: answer === undefined ? call.value : jsonCopy(answer, `the answer of the ${call.f}`) };
  }
}

function mismatchOf(call: Call): Completion {
  return { type: 'fail', value: call.value, error: MISMATCH };
}

/** The error by which a failed compare-and-set is an observation. */
const MISMATCH = 'mismatch';

/** A refusal that happens to be worded like the observation must not become one. */
function refusalWords({ f }: Call, thrown: unknown): string {
  const words = wordsOf(thrown);
  return f === 'cas' && words === MISMATCH ? `not applied: ${words}` : words;
}

function told({ type, error }: Completion, cause: unknown): Recorded<never> {
  return { type: type === 'fail' ? 'fail' : 'info', error: error ?? '', cause };
}

function checkedAnswerer({ node, term, applied }: Answerer): Answerer {
  if (node !== undefined && typeof node !== 'string')
    throw new RecorderError('the node that answered is named by a string');
  for (const count of [term, applied]) {
    if (count !== undefined && !(Number.isSafeInteger(count) && count >= 0)) {
      throw new RecorderError(`term and applied are whole numbers from 0 on, not ${String(count)}`);
    }
  }
  return {
    ...(node === undefined ? {} : { node }),
    ...(term === undefined ? {} : { term }),
    ...(applied === undefined ? {} : { applied }),
  };
}
