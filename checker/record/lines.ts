/**
 * The lines of a recording, in the order in which things happened: one Jepsen operation a line, as JSON, with the names and their
 * order as the reader knows them. All is recorded in one process, so the order of the lines *is* real time; the clock may be coarse,
 * and equal times would count as concurrent, so every line is stamped at least a nanosecond after the one before.
 */
import type { HistoryLine } from '../history/jsonl-line.ts';
import type { Nanos } from '../history/operation.ts';
import { RecorderError } from './error.ts';

/** A line without its place. */
export type Unplaced = Omit<HistoryLine, 'index' | 'time'>;

export class Lines {
  readonly #nowNs: () => number;
  readonly #sink: ((line: string) => void) | undefined;
  readonly #texts: string[] = [];
  readonly #beganNs: number;
  #lastNs: Nanos = -1;

  constructor(nowNs: () => number, sink: ((line: string) => void) | undefined) {
    this.#nowNs = nowNs;
    this.#sink = sink;
    this.#beganNs = this.#read();
  }

  /** Writes a line. Nothing is written where the clock or the sink throws. */
  add({ process, type, f, key, value, error, node, term, applied }: Unplaced): void {
    const time = Math.max(this.#lastNs + 1, Math.floor(this.#read() - this.#beganNs));
    const index = this.#texts.length;
    const line = { index, time, process, type, f, key, value, error, node, term, applied };
    const text = `${JSON.stringify(line)}\n`;
    this.#sink?.(text);
    this.#texts.push(text);
    this.#lastNs = time;
  }

  /** Everything so far. */
  get text(): string {
    return this.#texts.join('');
  }

  #read(): number {
    const nowNs = this.#nowNs();
    if (!Number.isFinite(nowNs)) throw new RecorderError(`the clock answered ${String(nowNs)}, not nanoseconds`);
    return nowNs;
  }
}
