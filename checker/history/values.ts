/**
 * The values of a history, numbered: equal JSON values have equal numbers, so that the engine compares integers. Small whole
 * numbers, which most histories consist of, cost one look-up in an array; an array of two (what a compare-and-set is asked
 * with) is kept as a pair of numbers, so that a million different ones need no objects.
 */
import { canonical } from '../model/json.ts';
import type { Json } from './operation.ts';

/** The numbers of the constants, the same in every pool. */
export const NULL_VALUE = 0;
export const TRUE_VALUE = 1;
export const FALSE_VALUE = 2;
/** No value: what an operation without an answer answered. */
export const NO_VALUE = -1;

const NUMBER = 0;
const PAIR = 1;
const OTHER = 2;

/** Whole numbers below this, and below a small multiple of how many values there are, are looked up directly. */
const DIRECT_MIN = 1 << 16;

/** Numbers values from 0 on. */
export class Values {
  #kinds: Uint8Array = new Uint8Array(64);
  /** The number itself, the first of a pair, or the place in `#others`. */
  #numbers: Float64Array = new Float64Array(64);
  #second: Int32Array = new Int32Array(64);
  readonly #others: Json[] = [];
  #size = 0;
  #direct: Int32Array = new Int32Array(DIRECT_MIN).fill(NO_VALUE);
  readonly #far = new Map<number, number>();
  readonly #pairs = new Map<number, number>();
  readonly #strings = new Map<string, number>();
  readonly #structures = new Map<string, number>();

  constructor() {
    this.#addOther(null);
    this.#addOther(true);
    this.#addOther(false);
  }

  /** How many there are: the numbers are 0 to size − 1. */
  get size(): number {
    return this.#size;
  }

  /** The number of any value. */
  of(value: Json): number {
    switch (typeof value) {
      case 'number':
        return this.ofNumber(value);
      case 'string':
        return this.ofString(value);
      case 'boolean':
        return value ? TRUE_VALUE : FALSE_VALUE;
      default:
        return value === null ? NULL_VALUE : this.#ofStructure(value);
    }
  }

  /** The number of a number. */
  ofNumber(value: number): number {
    if (value >= 0 && value < this.#direct.length && Number.isInteger(value)) {
      const known = this.#direct[value]!;
      if (known !== NO_VALUE) return known;
      return (this.#direct[value] = this.#add(NUMBER, value, 0));
    }
    return this.#ofFar(value);
  }

  ofString(value: string): number {
    const known = this.#strings.get(value);
    if (known !== undefined) return known;
    const fresh = this.#addOther(value);
    this.#strings.set(value, fresh);
    return fresh;
  }

  /** The number of an array of the two values with these numbers. */
  ofPair(first: number, second: number): number {
    const hash = first * 0x4000000 + second;
    const known = this.#pairs.get(hash);
    if (known !== undefined) return known;
    const fresh = this.#add(PAIR, first, second);
    this.#pairs.set(hash, fresh);
    return fresh;
  }

  isPair(number: number): boolean {
    return this.#kinds[number] === PAIR;
  }

  /** Of an array of two. */
  first(number: number): number {
    return this.#numbers[number]!;
  }

  /** Of an array of two. */
  second(number: number): number {
    return this.#second[number]!;
  }

  /** The value with this number. */
  get(number: number): Json {
    switch (this.#kinds[number]) {
      case NUMBER:
        return this.#numbers[number]!;
      case PAIR:
        return [this.get(this.#numbers[number]!), this.get(this.#second[number]!)];
      default:
        return this.#others[this.#numbers[number]!]!;
    }
  }

  #ofStructure(value: Json): number {
    if (Array.isArray(value) && value.length === 2)
      return this.ofPair(this.of(value[0] as Json), this.of(value[1] as Json));
    const text = canonical(value);
    const known = this.#structures.get(text);
    if (known !== undefined) return known;
    const fresh = this.#addOther(value);
    this.#structures.set(text, fresh);
    return fresh;
  }

  #ofFar(value: number): number {
    const isNear = value >= 0 && value < 4 * this.#size + DIRECT_MIN && Number.isInteger(value);
    const known = this.#far.get(value);
    if (known !== undefined) return known;
    if (isNear) {
      this.#growDirect(value);
      return this.ofNumber(value);
    }
    const fresh = this.#add(NUMBER, value, 0);
    this.#far.set(value, fresh);
    return fresh;
  }

  /** Numbers that were far are near now: they move, so that each value is known in one place. */
  #growDirect(value: number): void {
    const larger = new Int32Array(Math.max(2 * this.#direct.length, value + 1)).fill(NO_VALUE);
    larger.set(this.#direct);
    this.#direct = larger;
    for (const [far, number] of this.#far) {
      if (far < 0 || far >= larger.length || !Number.isInteger(far)) continue;
      larger[far] = number;
      this.#far.delete(far);
    }
  }

  #addOther(value: Json): number {
    return this.#add(OTHER, this.#others.push(value) - 1, 0);
  }

  #add(kind: number, number: number, second: number): number {
    const at = this.#size++;
    if (at === this.#kinds.length) {
      this.#kinds = grown(this.#kinds, new Uint8Array(2 * at));
      this.#numbers = grown(this.#numbers, new Float64Array(2 * at));
      this.#second = grown(this.#second, new Int32Array(2 * at));
    }
    this.#kinds[at] = kind;
    this.#numbers[at] = number;
    this.#second[at] = second;
    return at;
  }
}

function grown<A extends Uint8Array | Float64Array | Int32Array>(from: A, into: A): A {
  into.set(from);
  return into;
}
