/**
 * Values of operations as varints. Whole numbers, and pairs of them, are differences to the last one of the same key, which
 * they are mostly close to; everything else is a place in a list of texts.
 */
import type { Json } from '../../../checker/index.ts';
import type { ByteReader, ByteWriter } from '../../wire/bytes.ts';
import { unzigzag, zigzag } from './zigzag.ts';

const TEXT = 0;
const INTEGER = 1;
const PAIR = 2;
const FORMS = 3;
/** Beyond it a value is cut: a list that grows through the run would be most of the page. */
const MOST_CHARACTERS = 160;
/** Nothing beyond is a difference: two of them stay below 2^53, with the form. */
const MOST_NUMBER = 2 ** 49;

/** Writes values into columns of its choice; both ends must go through them in the same order. */
export class ValueWriter {
  readonly texts: string[] = [];
  readonly #places = new Map<string, number>();
  readonly #last = new LastNumbers();

  write(column: ByteWriter, value: Json, key: string | undefined): void {
    if (isNumber(value)) column.varint(zigzag(this.#last.difference(key, value)) * FORMS + INTEGER);
    else if (Array.isArray(value) && value.length === 2 && value.every(isNumber)) this.#pair(column, value, key);
    else column.varint(this.#place(JSON.stringify(value)) * FORMS + TEXT);
  }

  #pair(column: ByteWriter, [first, second]: readonly number[], key: string | undefined): void {
    column.varint(zigzag(this.#last.difference(key, first!)) * FORMS + PAIR);
    column.varint(zigzag(this.#last.difference(key, second!)));
  }

  #place(text: string): number {
    const cut = text.length <= MOST_CHARACTERS ? text : JSON.stringify(`${text.slice(0, MOST_CHARACTERS)}…`);
    const known = this.#places.get(cut);
    if (known !== undefined) return known;
    this.#places.set(cut, this.texts.length);
    return this.texts.push(cut) - 1;
  }
}

/** Reads what a `ValueWriter` wrote. A value that was cut is its beginning, as a text. */
export class ValueReader {
  readonly #values: readonly Json[];
  readonly #last = new LastNumbers();

  constructor(texts: readonly string[]) {
    this.#values = texts.map((text) => JSON.parse(text) as Json);
  }

  read(column: ByteReader, key: string | undefined): Json {
    const token = column.varint();
    const rest = Math.floor(token / FORMS);
    switch (token % FORMS) {
      case INTEGER:
        return this.#last.sum(key, unzigzag(rest));
      case PAIR:
        return [this.#last.sum(key, unzigzag(rest)), this.#last.sum(key, unzigzag(column.varint()))];
      default:
        return this.#values[rest] ?? null;
    }
  }
}

/** The last number of each key. */
class LastNumbers {
  readonly #byKey = new Map<string | undefined, number>();

  difference(key: string | undefined, value: number): number {
    const last = this.#byKey.get(key) ?? 0;
    this.#byKey.set(key, value);
    return value - last;
  }

  sum(key: string | undefined, difference: number): number {
    const value = (this.#byKey.get(key) ?? 0) + difference;
    this.#byKey.set(key, value);
    return value;
  }
}

function isNumber(value: Json): value is number {
  return Number.isInteger(value) && Math.abs(value as number) < MOST_NUMBER;
}
