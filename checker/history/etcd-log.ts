/**
 * Reads the logs of Jepsen's early etcd test, which Porcupine tests itself with, and lines like them in other logs:
 *
 *     INFO  jepsen.util - 3   :invoke   :cas   [1 4]
 *
 * The order of the lines is the order of real time; there is no clock. `:ok` of a read shows a value (nil before the first
 * write). `:fail` of a compare-and-set with its values is an answer: the value was another one. Any other `:fail` had no
 * effect; `:info` is an unknown outcome, and its process number is never used again. Values may be followed by
 * names with values (`:hint 4`), which are not looked at. Other lines are left out and counted. Ids are line numbers.
 */
import { EdnParser } from './edn.ts';
import { EdnError, Keyword, type Edn } from './edn-elements.ts';
import { toJson } from './edn-json.ts';
import type { CompletionType } from './event-pairing.ts';
import { FileEvents } from './file-events.ts';
import { Lines } from './lines.ts';
import type { History, Json } from './operation.ts';
import type { HistoryReader, ReadingOptions } from './reading.ts';
import { NO_NAME } from './table.ts';

/** A line that tells of an operation: process, type, f, and the rest. */
const EVENT = /\bjepsen\.(?:util|core)\b[\s:-]*?\s(\d+|:[\w.-]+)\s+:(invoke|ok|fail|info)\s+:([^\s:]+)(?:\s+(.*))?$/;

/** True for a line of such a log. */
export function isEtcdLogLine(line: string): boolean {
  return EVENT.test(line);
}

/** Reads one history. */
export class EtcdLogReader implements HistoryReader {
  readonly #name: string;
  readonly #options: ReadingOptions;
  readonly #lines: Lines;
  readonly #events: FileEvents;
  #others = 0;

  constructor(name: string, options: ReadingOptions = {}) {
    this.#name = name;
    this.#options = options;
    this.#lines = new Lines(name, (line, number) => this.#take(line, number));
    this.#events = new FileEvents(name, (error) => error === NO_NAME);
  }

  push(bytes: Uint8Array): void {
    this.#lines.push(bytes);
  }

  finish(): History {
    const rest = this.#lines.finish();
    const warnings: string[] = [];
    if (rest !== '') this.#takeUnended(rest, warnings);
    if (this.#others > 0) warnings.push(`${this.#name}: ${this.#others} other lines of the log left out`);
    const events = this.#events;
    events.close();
    if (events.count === 0 && this.#options.mayBeEmpty !== true) events.refuse(1, 'no operation in the file');
    return events.history(this.#options, { untimed: true, warnings });
  }

  /** A last line without an end may have been cut off: it counts if it is whole. */
  #takeUnended(line: string, warnings: string[]): void {
    if (EVENT.test(line)) {
      this.#take(line, this.#lines.count + 1);
    } else {
      warnings.push(`${this.#name}:${this.#lines.count + 1}: the last line was cut off and is left out`);
    }
  }

  #take(line: string, number: number): void {
    const match = EVENT.exec(line);
    if (match === null || match[1]!.startsWith(':')) {
      if (line.trim() !== '') this.#others++;
      return;
    }
    const { rows } = this.#events;
    const type = match[2] as CompletionType | 'invoke';
    const f = match[3]!;
    const { value, error } = this.#contentOf(match[4] ?? '', { type, f, number });
    const event = {
      line: number,
      id: number,
      timeNs: number,
      process: this.#processOf(match[1]!, number),
      f: rows.name(f),
      key: NO_NAME,
      value: rows.values.of(value),
      error: error === undefined ? NO_NAME : rows.name(error),
    };
    if (type === 'invoke') this.#events.invoke(event);
    else this.#events.complete(type, event);
  }

  #processOf(digits: string, number: number): number {
    const process = Number(digits);
    if (!Number.isSafeInteger(process)) this.#events.refuse(number, `process ${digits} is no number that can be held`);
    return process;
  }

  /** The value of a line, or what went wrong: a word in place of the value, or after it. */
  #contentOf(
    text: string,
    { type, f, number }: { readonly type: string; readonly f: string; readonly number: number },
  ): { readonly value: Json; readonly error?: string } {
    const isAnswer = type === 'ok' || type === 'invoke';
    try {
      const [value, rest] = valueAndRest(text);
      const error = value instanceof Keyword ? value.name : rest;
      if (!isAnswer) return error === undefined ? { value: null } : { value: null, error };
      if (value instanceof Keyword) throw new EdnError(0, `the value of a :${f} is missing before :${value.name}`);
      if (rest !== undefined) throw new EdnError(0, `a word after the value: ${rest}`);
      return { value: toJson(value, 0) };
    } catch (error) {
      if (!(error instanceof EdnError)) throw error;
      // The words of an error are free text; those of a value are not.
      if (isAnswer) this.#events.refuse(number, error.message);
      return { value: null, error: text.slice(0, 200) };
    }
  }
}

/** The element at the start of a text, and what follows it but for names with values. */
function valueAndRest(text: string): readonly [Edn, string | undefined] {
  const parser = new EdnParser(text, 0, true);
  if (!parser.next()) throw new EdnError(0, 'the value is missing');
  const value = parser.read();
  const rest = text.slice(parser.at);
  const isHints = /^(?:\s+:[a-z-]+\s+\d+)*\s*$/.test(rest);
  return [value, isHints ? undefined : rest.trim().replace(/^:/, '').slice(0, 200)];
}
