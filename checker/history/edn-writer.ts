/**
 * Writes a history as Jepsen does, so that its tools and Knossos take it: maps, one a line, in an order that is real time.
 *
 * Three things are said otherwise there. A read answered nil constrains nothing to Knossos, so null becomes a sentinel, which
 * registers then hold at first. A compare-and-set that was answered "no" is `:fail`, which observes nothing: those observations
 * are lost, and counted. And of two events in a file one is always earlier, while here equal times are concurrent: calls are
 * written before the returns of their instant, a call at the very instant of its process's last return under another number.
 */
import { sameJson } from '../model/json.ts';
import { countsOf, notesOf } from './edn-notes.ts';
import { ednOf, keyEdn, readBack, valueOf } from './edn-text.ts';
import { EdnValues, NotWritable, type Sentinel } from './edn-values.ts';
import { isAskingName } from './edn-keys.ts';
import { Labels } from './labels.ts';
import type { History, Json, Nanos } from './operation.ts';
import { FAILED, NEVER, NO_NAME, tableOf, UNKNOWN, type Table } from './table.ts';
import { FALSE_VALUE, NULL_VALUE } from './values.ts';

/** Something that another process than a client did, such as a fault. */
export interface Bystander {
  readonly timeNs: Nanos;
  /** `nemesis`. */
  readonly process: string;
  readonly f: string;
  readonly value: Json;
}

export interface EdnOptions {
  /** How the header names the history. */
  readonly name: string;
  /** The element that stands for null in registers; `nil` for none, which loses what reads of null observed. `:null` where left out. */
  readonly sentinel?: string;
  /** In order of time. */
  readonly bystanders?: readonly Bystander[];
}

/** A history in EDN. */
export interface EdnText {
  /** What whoever reads it has to know, a sentence each; they stand in the text as comments, too. */
  readonly notes: readonly string[];
  /** Observations that the format cannot carry: with none of them the verdict is the same. */
  readonly lost: number;
  /** What registers hold at first, to be told to `check --initial`; undefined where no register was null. */
  readonly initial: Json | undefined;
  /** To be gone through once. */
  readonly pieces: Iterable<string>;
}

/** @throws NotWritable, some of it only while the pieces are gone through */
export function writeEdn(history: History, options: EdnOptions): EdnText {
  const table = tableOf(history);
  const sentinel = sentinelOf(options.sentinel ?? ':null');
  const isNil = sentinel.value === null;
  const counts = countsOf(table);
  requireDistinct(table);
  const notes = notesOf(counts, { sentinel: sentinel.text, isNil });
  const writer = new Writer(history, sentinel, options.bystanders ?? []);
  return {
    notes,
    lost: counts.mismatches + (isNil ? counts.nulls : 0),
    initial: isNil || counts.nulls === 0 ? undefined : sentinel.value,
    pieces: inPieces(headed(writer, [`a history in the words of Jepsen, from ${options.name}`, ...notes])),
  };
}

function sentinelOf(text: string): Sentinel {
  const value = valueOf(text);
  if (value === undefined) throw new NotWritable(`${text} is not one element of EDN`);
  return { text, value };
}

/** Equal values are written equally; those that are read back as others must not become one with any that is there. */
function requireDistinct({ values }: Table): void {
  const { size } = values;
  const seen = new Map<number, Json>();
  for (let number = 0; number < size; number++) {
    const value = values.get(number);
    if (typeof value !== 'string' && (typeof value !== 'object' || value === null)) continue;
    const back = readBack(value);
    if (sameJson(back, value)) continue;
    const other = values.of(back);
    const twin = other < size ? back : seen.get(other);
    if (twin !== undefined)
      throw new NotWritable(`${JSON.stringify(value)} and ${JSON.stringify(twin)} would become one value`);
    seen.set(other, value);
  }
}

function* headed(writer: Writer, comments: readonly string[]): Generator<string> {
  for (const comment of comments) yield `; ${comment}\n`;
  yield* writer.lines();
}

const PIECE_UNITS = 1 << 16;

function* inPieces(lines: Iterable<string>): Generator<string> {
  let piece = '';
  for (const line of lines) {
    piece += line;
    if (piece.length < PIECE_UNITS) continue;
    yield piece;
    piece = '';
  }
  if (piece !== '') yield piece;
}

/** Goes through the events of a table in their order. */
class Writer {
  readonly #table: Table;
  readonly #isTimed: boolean;
  /** By name: the keyword, or '' where it cannot be one. */
  readonly #keywords: readonly string[];
  readonly #values: EdnValues;
  readonly #bystanders: readonly Bystander[];
  readonly #labels: Labels;
  readonly #areTuplesPlain: boolean;
  #index = 0;
  #bystander = 0;

  constructor(history: History, sentinel: Sentinel, bystanders: readonly Bystander[]) {
    this.#table = tableOf(history);
    this.#isTimed = history.untimed !== true;
    this.#keywords = this.#table.names.map(keyword);
    this.#values = new EdnValues(this.#table, sentinel);
    this.#bystanders = bystanders;
    this.#labels = new Labels(this.#table, history.clients);
    this.#areTuplesPlain = isToldByItself(this.#table);
  }

  *lines(): Generator<string> {
    const { callNs, returnNs } = this.#table;
    const rows = rowsByEvent(this.#table);
    let lastNs = 0;
    for (const event of rows) {
      if (event === 0) continue;
      const row = Math.abs(event) - 1;
      lastNs = event > 0 ? callNs[row]! : returnNs[row]!;
      yield* this.#bystandersUntil(lastNs);
      yield event > 0 ? this.#invocation(row) : this.#answer(row);
    }
    yield* this.#bystandersUntil(Infinity);
    yield* this.#unanswered(lastNs);
  }

  *#bystandersUntil(ns: Nanos): Generator<string> {
    for (; this.#bystander < this.#bystanders.length; this.#bystander++) {
      const { timeNs, process, f, value } = this.#bystanders[this.#bystander]!;
      if (timeNs > ns) return;
      yield this.#line({ process: `:${process}`, type: ':info', f: `:${f}`, value: ednOf(value), timeNs });
    }
  }

  /** Nothing is known of when they ended, and it is of no matter: they may take effect at any time. */
  *#unanswered(timeNs: Nanos): Generator<string> {
    const { count, state } = this.#table;
    for (let row = 0; row < count; row++) {
      if (state[row] === UNKNOWN) yield this.#event(row, { type: ':info', value: this.#values.asked(row), timeNs });
    }
  }

  #invocation(row: number): string {
    this.#labels.begin(row);
    return this.#event(row, { type: ':invoke', value: this.#values.asked(row), timeNs: this.#table.callNs[row]! });
  }

  #answer(row: number): string {
    const { state, output, returnNs, f, names } = this.#table;
    const isMismatch = names[f[row]!] === 'cas' && output[row] === FALSE_VALUE;
    const isFailed = state[row] === FAILED || isMismatch;
    const line = this.#event(row, {
      type: isFailed ? ':fail' : ':ok',
      value: isFailed ? this.#values.asked(row) : this.#values.answered(row),
      timeNs: returnNs[row]!,
      ...(isMismatch && { error: 'mismatch' }),
    });
    this.#labels.end(row);
    return line;
  }

  #event(
    row: number,
    it: { readonly type: string; readonly value: string; readonly timeNs: Nanos; readonly error?: string },
  ): string {
    const { f, key, names, error, node } = this.#table;
    const name = this.#keywords[f[row]!]!;
    if (name === '') throw new NotWritable(`the operation ${JSON.stringify(names[f[row]!])} cannot be a keyword`);
    const why = it.error ?? (it.type === ':fail' || it.type === ':info' ? names[error[row]!] : undefined);
    const isAnswer = it.type === ':ok' || it.type === ':fail';
    return this.#line({
      process: String(this.#labels.of(row)),
      f: name,
      type: it.type,
      timeNs: it.timeNs,
      value: key[row] === NO_NAME ? it.value : this.#keyed(names[key[row]!]!, it.value),
      ...(why !== undefined && { error: why }),
      ...(isAnswer && node[row] !== NO_NAME && { node: names[node[row]!]! }),
    });
  }

  #keyed(key: string, value: string): string {
    const tuple = `[${keyEdn(key)} ${value}]`;
    return this.#areTuplesPlain ? tuple : `#jepsen.independent/tuple ${tuple}`;
  }

  #line(it: {
    readonly process: string;
    readonly type: string;
    readonly f: string;
    readonly value: string;
    readonly timeNs: Nanos;
    readonly error?: string;
    readonly node?: string;
  }): string {
    const time = this.#isTimed ? `, :time ${it.timeNs}` : '';
    const error = it.error === undefined ? '' : `, :error ${keyword(it.error) || JSON.stringify(it.error)}`;
    const node = it.node === undefined ? '' : `, :node ${JSON.stringify(it.node)}`;
    return `{:process ${it.process}, :type ${it.type}, :f ${it.f}, :value ${it.value}${time}, :index ${this.#index++}${error}${node}}\n`;
  }
}

/** '' where the name cannot be one. */
function keyword(name: string): string {
  return /^[A-Za-z*!_?$%&=<>+-][\w.*+!?$%&=<>/-]*$/.test(name) ? `:${name}` : '';
}

/** By event: its row + 1, below zero for a return; 0 where there is none. */
function rowsByEvent({ count, call, ret, end }: Table): Int32Array {
  const rows = new Int32Array(end);
  for (let row = 0; row < count; row++) {
    rows[call[row]!] = row + 1;
    if (ret[row] !== NEVER) rows[ret[row]!] = -row - 1;
  }
  return rows;
}

/** Whether a reader tells by itself that values are `[key value]`: see `TupleWatch`. */
function isToldByItself({ count, key, f, names, input }: Table): boolean {
  let asks = false;
  for (let row = 0; row < count; row++) {
    const name = names[f[row]!]!;
    if (key[row] === NO_NAME || name === 'txn') return false;
    if (!isAskingName(name)) continue;
    if (input[row] !== NULL_VALUE) return false;
    asks = true;
  }
  return asks;
}
