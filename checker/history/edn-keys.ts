/**
 * Keys of EDN histories. jepsen.independent runs one test for each key and writes `[key value]` in place of each value. Newer
 * files may tag such a tuple; in others it looks like any vector of two, and only the whole history tells: every client
 * operation is invoked with a vector of two, and every one that only asks (a read, a get, a dequeue, a pop) with `[key nil]`.
 */
import { EdnError, Tagged, type Edn } from './edn-elements.ts';
import { keyText, shown } from './edn-json.ts';
import type { FileEvents } from './file-events.ts';
import { FAILED, NO_NAME, UNKNOWN, type Rows } from './table.ts';
import { NO_VALUE, NULL_VALUE } from './values.ts';

const TUPLE_TAGS: readonly string[] = [
  'jepsen.independent.Tuple',
  'jepsen.independent/tuple',
  'jepsen.independent/Tuple',
  'jepsen/independent-tuple',
  'independent/tuple',
];

/** What is asked with nil, where there are no keys. */
const ASKING: readonly string[] = ['read', 'get', 'dequeue', 'pop'];

/** Whether operations of this name only ask: their value is nil until they are answered. */
export function isAskingName(f: string): boolean {
  return ASKING.includes(f);
}

/** Key and value of a tagged tuple, or undefined for everything else. */
export function tupleOf(edn: Edn, at: number): readonly [key: Edn, value: Edn] | undefined {
  if (!(edn instanceof Tagged) || !TUPLE_TAGS.includes(edn.tag)) return undefined;
  const { value } = edn;
  if (!Array.isArray(value) || value.length !== 2) throw new EdnError(at, `not a tuple [key value]: ${shown(edn)}`);
  return value as readonly Edn[] as readonly [Edn, Edn];
}

/** The names of keys, one for each. */
export class KeyNames {
  readonly #rows: Rows;
  /** By number of the value: its name. By name: the number of its value. */
  readonly #names = new Map<number, string>();
  readonly #values = new Map<string, number>();

  constructor(rows: Rows) {
    this.#rows = rows;
  }

  /** @throws EdnError for a second key with the name of another one, which would be taken for it */
  name(value: number, at: number): string {
    const known = this.#names.get(value);
    if (known !== undefined) return known;
    const key = this.#rows.values.get(value);
    const name = keyText(key);
    const other = this.#values.get(name);
    if (other !== undefined) {
      const pair = [other, value].map((number) => JSON.stringify(this.#rows.values.get(number))).join(' and ');
      throw new EdnError(at, `two keys would both be called ${name}: ${pair}`);
    }
    this.#names.set(value, name);
    this.#values.set(name, value);
    return name;
  }
}

/** Finds out whether the values of a history are untagged tuples. */
export class TupleWatch {
  readonly #rows: Rows;
  readonly #read: number;
  readonly #asking: readonly number[];
  #isPossible = true;
  #asked = 0;
  /** The line of the first `ok` whose value is no tuple with the key of its invocation. */
  #strayLine: number | undefined;
  /** By first of a tuple: where it was first seen. */
  readonly #lines = new Map<number, number>();

  constructor(rows: Rows) {
    this.#rows = rows;
    this.#read = rows.name('read');
    this.#asking = ASKING.map((f) => rows.name(f));
  }

  invoked({
    f,
    key,
    value,
    line,
  }: {
    readonly f: number;
    readonly key: number;
    readonly value: number;
    readonly line: number;
  }): void {
    const { values } = this.#rows;
    if (!this.#isPossible) return;
    const isAsking = this.#asking.includes(f);
    this.#isPossible = key === NO_NAME && values.isPair(value) && (!isAsking || values.second(value) === NULL_VALUE);
    if (isAsking) this.#asked++;
    if (!this.#isPossible) this.#lines.clear();
    else if (!this.#lines.has(values.first(value))) this.#lines.set(values.first(value), line);
  }

  answered(row: number, value: number, line: number): void {
    if (!this.#isPossible || this.#strayLine !== undefined) return;
    const { values, input } = this.#rows;
    const isTuple = values.isPair(value) && values.first(value) === values.first(input[row]!);
    if (!isTuple) this.#strayLine = line;
  }

  /**
   * Splits the tuples of the whole history, if that is what its values are: keys go to their column, and reads that were
   * answered nil are left out.
   */
  split(events: FileEvents, names: KeyNames): void {
    if (!this.#isPossible || this.#asked === 0) return;
    if (this.#strayLine !== undefined) {
      events.refuse(
        this.#strayLine,
        'values are [key value] in this history, but this ok has no such value, or another key',
      );
    }
    const rows = this.#rows;
    const { values } = rows;
    for (let row = 0; row < rows.count; row++) {
      const input = rows.input[row]!;
      const output = rows.output[row]!;
      rows.key[row] = rows.name(this.#keyName(values.first(input), events, names));
      rows.input[row] = values.second(input);
      if (rows.state[row] === UNKNOWN || rows.state[row] === FAILED) continue;
      if (output !== NO_VALUE && values.isPair(output)) rows.output[row] = values.second(output);
      if (rows.f[row] === this.#read && rows.output[row] === NULL_VALUE) events.leaveOut(row);
    }
  }

  #keyName(key: number, events: FileEvents, names: KeyNames): string {
    try {
      return names.name(key, 0);
    } catch (error) {
      if (error instanceof EdnError) events.refuse(this.#lines.get(key)!, error.message);
      throw error;
    }
  }
}
