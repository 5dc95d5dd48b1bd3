/**
 * Records what a test asks of a system and what it is answered, so that the history can be judged:
 *
 *     const recording = recorder({ clients: 5 });
 *     const client = recording.client();
 *     await client.write('x', 5, () => db.put('x', 5));
 *     await client.read('x', () => db.get('x'));
 *     check(recording.history(), casRegister);
 *
 * The invocation is written before the call is made and the completion after its answer arrived. So an interval can only be too
 * wide, and a too wide interval never accuses a correct system.
 */
import { readJsonl } from '../history/jsonl.ts';
import type { Call, History } from '../history/operation.ts';
import { RecordingClient, type Answerer, type Asked } from './client.ts';
import { monotonicNowNs } from './clock.ts';
import { RecorderError } from './error.ts';
import { Lines } from './lines.ts';
import type { Meaning } from './outcome.ts';

/** All optional. */
export interface RecorderOptions {
  /**
   * A clock, in nanoseconds, for example of a simulation. Times are written from 0, the moment the recorder is made. A clock that
   * stands or goes back is overruled by the order of what happens. Default: the machine's monotonic clock.
   */
  readonly nowNs?: () => number;
  /**
   * How many clients there are at most; client = process mod clients, as in Jepsen. Give it where the JSONL is read by others, who
   * need the same number. Default: MOST_CLIENTS.
   */
  readonly clients?: number;
  /** Told of each line of JSONL, with its newline, as it is written: an invocation before its call is made. */
  readonly lines?: (line: string) => void;
  /**
   * What a throw means. Without it, and for `undefined`, a throw is `info`, unless it is a `NotApplied`. Answer `fail` only where
   * the operation certainly had no effect and never will have one, and `mismatch` only where a compare-and-set was answered no.
   */
  readonly classify?: (thrown: unknown, call: Call) => Meaning | undefined;
}

/** The clients that a recorder has room for when it is not told their number. */
export const MOST_CLIENTS = 1000;

/** What the operations that are open at the end are said to have come to. */
const ENDED = 'the recording ended before an answer';

/** @throws RecorderError for options that mean nothing */
export function recorder(options: RecorderOptions = {}): Recorder {
  return new Recorder(options);
}

/** A recording. Made by `recorder`. */
export class Recorder {
  /** Client = process mod clients. */
  readonly clients: number;
  readonly #options: RecorderOptions;
  readonly #lines: Lines;
  readonly #made: RecordingClient[] = [];
  #isEnded = false;

  constructor(options: RecorderOptions) {
    const { clients = MOST_CLIENTS } = options;
    if (!Number.isSafeInteger(clients) || clients < 1) {
      throw new RecorderError(`clients must be a whole number from 1 on, not ${String(clients)}`);
    }
    this.clients = clients;
    this.#options = options;
    this.#lines = new Lines(options.nowNs ?? monotonicNowNs, options.lines);
  }

  /**
   * A new client: somebody who asks one thing at a time. What runs at the same time needs a client each.
   * @param options `node`: where its requests go first
   * @throws RecorderError for more clients than the recorder was told of
   */
  client(options: { readonly node?: string } = {}): RecordingClient {
    const process = this.#made.length;
    if (process === this.clients) {
      const hint = this.#options.clients === undefined ? 'give recorder() their number' : 'one more is one too many';
      throw new RecorderError(`a recorder of ${this.clients} clients has made them all: ${hint}`);
    }
    const client = new RecordingClient({
      process,
      clients: this.clients,
      node: options.node,
      lines: this.#lines,
      classify: this.#options.classify,
      isEnded: () => this.#isEnded,
    });
    this.#made.push(client);
    return client;
  }

  /**
   * Ends the recording: what is still open becomes `info`, answers that come later are not recorded, and nothing more is asked.
   * Throws what the sink throws, after every client was ended.
   */
  end(): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    const troubles: unknown[] = [];
    for (const client of this.#made) {
      try {
        client.abandon(ENDED);
      } catch (trouble) {
        troubles.push(trouble);
      }
    }
    // The same full disk, most likely: the first says what it is.
    if (troubles.length > 0) throw troubles[0];
  }

  /** The history so far. What is open is of unknown outcome. */
  history(): History {
    const { clients } = this;
    const text = this.jsonl();
    // An empty recording is an empty history; an empty *file* would be an error.
    if (text === '') return { operations: [], failed: [], clients, warnings: [] };
    return readJsonl(text, 'the recording', { clients });
  }

  /** The recording so far, as JSONL: one Jepsen operation a line. */
  jsonl(): string {
    return this.#lines.text;
  }
}

export type { Answerer, Asked, RecordingClient };
