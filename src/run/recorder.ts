/**
 * The recorder: what was asked and answered, one Jepsen operation a line, in the order in which it happened.
 *
 * An invocation is written before its request leaves and a completion after its answer arrived. So an interval can only be
 * too wide, and a too wide interval never accuses a correct system. Lines are stamped as they are written, so times never run
 * backwards from line to line.
 */
import { assert } from '../base/assert.ts';
import type { Call, Json } from '../../checker/index.ts';
import type { Cluster, Completion, HistoryLine, NodeId } from '../contract/index.ts';

/** Told of every line, with the node that the process is pinned to, if it is a witness. */
export type HistoryListener = (line: HistoryLine, witnessOf: NodeId | null) => void;

/** Counts of completions, for progress. A mismatch is a `fail`. */
export interface RecorderCounts {
  readonly ok: number;
  readonly fail: number;
  readonly unknown: number;
}

/** A line that is being written. Most runs have many, and a copy for each addition would cost more than all the rest. */
type Line = { -readonly [Name in keyof HistoryLine]: HistoryLine[Name] };

interface Open {
  readonly process: number;
  readonly call: Call;
  readonly witnessOf: NodeId | null;
}

export class Recorder {
  readonly #cluster: Cluster;
  readonly #write: (line: HistoryLine) => void;
  readonly #listeners = new Set<HistoryListener>();
  readonly #open = new Map<number, Open>();
  readonly #counts = { ok: 0, fail: 0, unknown: 0 };
  #lines = 0;
  #isClosed = false;
  #firstOkNs: number | null = null;

  constructor(cluster: Cluster, write: (line: HistoryLine) => void) {
    this.#cluster = cluster;
    this.#write = write;
  }

  get counts(): RecorderCounts {
    return this.#counts;
  }

  /** When the first `ok` was recorded. */
  get firstOkNs(): number | null {
    return this.#firstOkNs;
  }

  /** Calls `listener` for every line from now on, after it was written. Returns the means to stop. */
  listen(listener: HistoryListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** To be called before the request leaves. */
  invoke(it: { process: number; call: Call; entry: NodeId | null; witnessOf: NodeId | null }): void {
    assert(!this.#isClosed, 'nothing is asked after the history was closed');
    assert(!this.#open.has(it.process), () => `process ${it.process} has one operation open at a time`);
    this.#open.set(it.process, it);
    const line = this.#head(it.process, 'invoke', it.call);
    if (it.entry !== null) line.node = it.entry;
    this.#append(line, it.witnessOf);
  }

  /** To be called after the answer arrived. One that comes after `close` is not recorded: its operation is `info` already. */
  complete(process: number, completion: Completion): void {
    if (this.#isClosed) return;
    const open = this.#open.get(process);
    assert(open !== undefined, () => `process ${process} completes what it asked`);
    this.#open.delete(process);
    this.#append(this.#completionLine(open, completion), open.witnessOf);
  }

  /** Ends the history: what is still open becomes `info`. */
  close(reason: string): void {
    for (const process of this.#open.keys()) this.complete(process, { kind: 'unknown', error: reason });
    this.#isClosed = true;
  }

  #completionLine({ process, call }: Open, completion: Completion): HistoryLine {
    if (completion.kind === 'unknown') {
      this.#counts.unknown++;
      const line = this.#head(process, 'info', call);
      line.error = completion.error;
      return line;
    }
    if (completion.kind === 'fail') {
      this.#counts.fail++;
      const line = this.#head(process, 'fail', call);
      line.error = completion.error;
      return Object.assign(line, completion.from);
    }
    this.#counts.ok++;
    const line = Object.assign(this.#head(process, 'ok', answeredCall(call, completion.output)), completion.from);
    this.#firstOkNs ??= line.time;
    return line;
  }

  /** The fields that every line begins with, in the order that is promised. */
  #head(process: number, type: HistoryLine['type'], { f, key, value }: Call): Line {
    const index = this.#lines++;
    const time = this.#cluster.now();
    return key === undefined ? { index, time, process, type, f, value } : { index, time, process, type, f, key, value };
  }

  #append(line: HistoryLine, witnessOf: NodeId | null): void {
    this.#write(line);
    for (const listener of this.#listeners) listener(line, witnessOf);
  }
}

/**
 * What the line of an `ok` holds (Jepsen): the answer, where the operation has one that says more than that it was done; what was
 * asked, where it only says so (null), and for a compare-and-set that succeeded.
 */
export function answeredCall(call: Call, output: Json): Call {
  return call.f === 'cas' || output === null ? call : { ...call, value: output };
}

/**
 * A compare-and-set that was answered "no" is a proven failure named `mismatch`, however the client said it: it changed
 * nothing, and it observed that the value was another one.
 */
export function asRecorded(call: Call, completion: Completion): Completion {
  if (call.f !== 'cas' || completion.kind !== 'ok' || completion.output !== false) return completion;
  return { kind: 'fail', error: 'mismatch', ...(completion.from && { from: completion.from }) };
}
