/**
 * Reads histories as Jepsen and Knossos write them: maps like `{:process 0, :type :invoke, :f :write, :value 3}`, bare or in
 * one vector, with `:index`, `:time` and `:error` now and then, and lines of the nemesis in between. Porcupine's kv text is
 * the same with a `:key`: see `EdnDialect`.
 *
 * What the words mean here: `info` is an unknown outcome, `fail` had no effect and observed nothing, what an `ok` says
 * replaces what was asked, a read that completes with nil constrains nothing and is left out (Knossos' models take it in every
 * state). The order of the file is the order of real time; `:time` only says when, and where there is none the position of
 * the form does. An operation's id is its `:index`, or the position of its form from 0. A process is a whole number, and is
 * never used again after an `info`.
 */
import { EdnError, Scalar, type Edn } from './edn-elements.ts';
import { shown, toJson } from './edn-json.ts';
import { KeyNames, tupleOf, TupleWatch } from './edn-keys.ts';
import { opOf, type EdnOp } from './edn-op.ts';
import { EdnStream } from './edn-stream.ts';
import { isCompletionOf, transactionOf, withoutNilReads, type MicroOperation } from './edn-transactions.ts';
import { FileEvents, type FileEvent } from './file-events.ts';
import type { History, Json } from './operation.ts';
import type { HistoryReader, ReadingOptions } from './reading.ts';
import { NO_NAME, OK } from './table.ts';
import { NULL_VALUE, type Values } from './values.ts';

/** What differs between the histories that are written in EDN. */
export interface EdnDialect {
  /** True where each map has a `:key` and its values are strings; false where keys are in the values (jepsen.independent). */
  readonly hasKeys: boolean;
  /** Why an operation is not one of the format, or undefined if it is one. */
  readonly refusal: (f: string) => string | undefined;
}

/** Jepsen's and Knossos' histories. */
const JEPSEN: EdnDialect = {
  hasKeys: false,
  refusal: (f) =>
    f === 'drain'
      ? ':drain takes many values at once, which no model here knows; end with :dequeue until empty'
      : undefined,
};

/** Reads one history. */
export class EdnReader implements HistoryReader {
  readonly #name: string;
  readonly #options: ReadingOptions;
  readonly #dialect: EdnDialect;
  readonly #stream: EdnStream;
  readonly #events: FileEvents;
  readonly #keys: KeyNames;
  /** The keys inside transactions. */
  readonly #registers: KeyNames;
  readonly #tuples: TupleWatch;
  readonly #clock = new Clock();
  #position = 0;
  #lastIndex: number | undefined;
  readonly #bystanders = new Map<string, number>();
  #nilMicroReads = 0;

  constructor(name: string, options: ReadingOptions = {}, dialect: EdnDialect = JEPSEN) {
    this.#name = name;
    this.#options = options;
    this.#dialect = dialect;
    this.#stream = new EdnStream(name, (form, at) => this.#take(form, at));
    this.#events = new FileEvents(name, () => false);
    this.#keys = new KeyNames(this.#events.rows);
    this.#registers = new KeyNames(this.#events.rows);
    this.#tuples = new TupleWatch(this.#events.rows);
  }

  push(bytes: Uint8Array): void {
    this.#stream.push(bytes);
  }

  finish(): History {
    const cutLine = this.#stream.finish();
    const events = this.#events;
    events.close();
    this.#tuples.split(events, this.#keys);
    sayWholeSets(events);
    if (this.#position === 0 && this.#options.mayBeEmpty !== true) events.refuse(1, 'no operation in the file');
    return events.history(this.#options, { untimed: !this.#clock.isRunning, warnings: this.#warnings(cutLine) });
  }

  #take(form: Edn, at: number): void {
    const op = opOf(form, at);
    const position = this.#position++;
    const id = this.#idOf(op.index, position, at);
    if (typeof op.process === 'string') {
      this.#countBystander(op.process);
      return;
    }
    const refusal = this.#dialect.refusal(op.f);
    if (refusal !== undefined) throw new EdnError(op.at.f, refusal);
    if (op.type === 'invoke') this.#invoke(op, id, position);
    else if (op.type === 'ok') this.#succeed(op, id, position);
    else this.#events.complete(op.type, this.#eventOf(op, { id, position, key: NO_NAME, value: NULL_VALUE }));
  }

  #eventOf(
    op: EdnOp,
    {
      id,
      position,
      key,
      value,
    }: { readonly id: number; readonly position: number; readonly key: number; readonly value: number },
  ): FileEvent {
    const { rows } = this.#events;
    return {
      line: this.#stream.line,
      id,
      timeNs: this.#clock.timeOf(op.time, { position, at: op.at.time }),
      process: op.process as number,
      f: rows.name(op.f),
      key,
      value,
      error: op.error === undefined ? NO_NAME : rows.name(op.error),
    };
  }

  #invoke(op: EdnOp, id: number, position: number): void {
    const { key, value } = this.#contentOf(op);
    const event = this.#eventOf(op, { id, position, key, value });
    this.#tuples.invoked(event);
    this.#events.invoke(event);
  }

  #succeed(op: EdnOp, id: number, position: number): void {
    const { rows } = this.#events;
    const { key, value: answer } = this.#contentOf(op);
    const row = this.#events.rowOf(op.process as number);
    const isPaired = row !== undefined && rows.f[row] === rows.name(op.f);
    const value = isPaired ? this.#answered(op, row, answer) : answer;
    if (isPaired) this.#tuples.answered(row, value, this.#stream.line);
    this.#events.complete('ok', this.#eventOf(op, { id, position, key, value }));
    const isNothing = op.f === 'read' ? value === NULL_VALUE : op.f === 'txn' && value === rows.values.of([]);
    if (isNothing) this.#events.leaveOut(row!);
  }

  /** What an `ok` with this value says; what was asked is replaced by what was done. */
  #answered(op: EdnOp, row: number, value: number): number {
    const { input } = this.#events.rows;
    const asked = input[row]!;
    if (op.f === 'txn') return this.#answeredTransaction(op, row, value);
    if (this.#dialect.hasKeys) return this.#answeredText(op, asked, value);
    if (op.f !== 'write' && op.f !== 'cas') return value;
    if (value === NULL_VALUE) return asked;
    input[row] = value;
    return value;
  }

  #answeredText(op: EdnOp, asked: number, value: number): number {
    if (op.f === 'get') {
      if (value === NULL_VALUE) throw new EdnError(op.at.value, 'a :get completes with a string');
    } else if (value !== NULL_VALUE && value !== asked) {
      throw new EdnError(op.at.value, `the :${op.f} was invoked with another value`);
    }
    return value;
  }

  /** Reads that were answered nil are taken out of a transaction; one of nothing else is left out as a whole. */
  #answeredTransaction(op: EdnOp, row: number, value: number): number {
    const { input, values } = this.#events.rows;
    const asked = values.get(input[row]!) as Json as readonly MicroOperation[];
    const done = values.get(value) as Json as readonly MicroOperation[];
    if (!isCompletionOf(asked, done))
      throw new EdnError(op.at.value, 'the transaction completes as another one than was invoked');
    const rest = withoutNilReads(done);
    if (rest.length === done.length) return value;
    this.#nilMicroReads += done.length - rest.length;
    const number = values.of(rest);
    input[row] = number;
    return number;
  }

  /** Key and value of a form, as numbers. */
  #contentOf(op: EdnOp): { readonly key: number; readonly value: number } {
    const { values } = this.#events.rows;
    const at = op.at.value;
    const edn = op.value ?? null;
    if (this.#dialect.hasKeys) return { key: this.#keyOf(op.key ?? null, op.at.key), value: textOf(op, values) };
    const tuple = tupleOf(edn, at);
    const key = tuple === undefined ? NO_NAME : this.#keyOf(tuple[0], at);
    const content = tuple === undefined ? edn : tuple[1];
    if (op.f !== 'txn') return { key, value: values.of(toJson(content, at)) };
    return { key, value: values.of(transactionOf(content, at, (name) => this.#registers.name(values.of(name), at))) };
  }

  #keyOf(edn: Edn, at: number): number {
    if (edn === null) throw new EdnError(at, 'a key is missing');
    const { rows } = this.#events;
    return rows.name(this.#keys.name(rows.values.of(toJson(edn, at)), at));
  }

  /** The recorded index, which then stands in every form and grows; or the position, where the first form has none. */
  #idOf(index: Edn | undefined, position: number, at: number): number {
    if (position === 0) this.#lastIndex = typeof index === 'number' ? -1 : undefined;
    if (this.#lastIndex === undefined) return position;
    if (typeof index !== 'number' || !Number.isInteger(index) || index < 0) {
      throw new EdnError(at, `:index must be a whole number from 0 on, as above, not ${shown(index)}`);
    }
    if (index === this.#lastIndex) throw new EdnError(at, `:index ${index} stands twice`);
    if (index < this.#lastIndex) throw new EdnError(at, `:index ${index} comes after ${this.#lastIndex}`);
    this.#lastIndex = index;
    return index;
  }

  #countBystander(who: string): void {
    const name = this.#bystanders.has(who) || this.#bystanders.size < BYSTANDERS_MAX ? who : 'other processes';
    this.#bystanders.set(name, (this.#bystanders.get(name) ?? 0) + 1);
  }

  #warnings(cutLine: number | undefined): readonly string[] {
    const { leftOut } = this.#events;
    const warnings = [...this.#bystanders].map(([who, count]) => `${who}: ${counted(count, 'form')} left out`);
    if (cutLine !== undefined) warnings.push(`the last form, on line ${cutLine}, was cut off and is left out`);
    if (this.#position > 0 && this.#events.count === 0) warnings.push('no operation of a client in the file');
    if (leftOut > 0)
      warnings.push(`${counted(leftOut, 'operation')} left out: reads that were answered nil constrain nothing`);
    if (this.#nilMicroReads > 0) {
      warnings.push(
        `${counted(this.#nilMicroReads, 'read')} of transactions left out: answered nil, which constrains nothing`,
      );
    }
    return warnings.map((warning) => `${this.#name}: ${warning}`);
  }
}

const BYSTANDERS_MAX = 16;

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

/** The value of kv text: a string as it is, so that appending is appending. */
function textOf(op: EdnOp, values: Values): number {
  const { value } = op;
  if (typeof value === 'string') return values.ofString(value);
  const isMissing = value === undefined || value === null;
  if (isMissing && (op.f === 'get' || op.type !== 'invoke')) return NULL_VALUE;
  throw new EdnError(op.at.value, `the value of a :${op.f} is a string, not ${shown(value)}`);
}

/**
 * Where values are added and never written, the read of a set shows the set: its answer is an array, as the models want it.
 * Elsewhere a set is one value among others.
 */
function sayWholeSets({ rows }: FileEvents): void {
  const used = new Set(rows.f.subarray(0, rows.count));
  const is = (f: string): boolean => used.has(rows.name(f));
  if (!is('add') || is('write') || is('cas')) return;
  const read = rows.name('read');
  for (let row = 0; row < rows.count; row++) {
    if (rows.f[row] !== read || rows.state[row] !== OK) continue;
    const value = rows.values.get(rows.output[row]!);
    if (typeof value === 'object' && value !== null && 'set' in value) rows.output[row] = rows.values.of(value['set']!);
  }
}

/** Nanoseconds since the run began: from `:time`, or the position of the form where the first one has no time. */
class Clock {
  #isRunning: boolean | undefined;
  /** What is taken from each time: the first one, where it is no number of nanoseconds since a beginning. */
  #base = 0n;

  /** False where times are positions. */
  get isRunning(): boolean {
    return this.#isRunning === true;
  }

  timeOf(time: Edn | undefined, { position, at }: { readonly position: number; readonly at: number }): number {
    const ns = nanosecondsOf(time, at);
    if (this.#isRunning === undefined) {
      this.#isRunning = ns !== undefined;
      if (ns !== undefined && (ns < 0n || ns > MAX_EXACT)) this.#base = ns;
    }
    if (!this.#isRunning) return position;
    if (ns === undefined) return 0;
    const since = ns - this.#base;
    if (since > MAX_EXACT) throw new EdnError(at, `:time ${ns} is too far from the first one to be held exactly`);
    return Math.max(0, Number(since));
  }
}

const MAX_EXACT = BigInt(Number.MAX_SAFE_INTEGER);

function nanosecondsOf(time: Edn | undefined, at: number): bigint | undefined {
  if (time === undefined || time === null) return undefined;
  if (typeof time === 'number' && Number.isInteger(time)) return BigInt(time);
  if (time instanceof Scalar && /^-?\d+N$/.test(time.text)) return BigInt(time.text.slice(0, -1));
  throw new EdnError(at, `:time must be a whole number of nanoseconds, not ${shown(time)}`);
}
