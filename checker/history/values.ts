/**
 * The values of a history, numbered: equal JSON values have equal numbers, so that the engine compares integers. Small whole
 * numbers, which most histories consist of, cost one look-up in an array; an array of two (what a compare-and-set is asked
 * with) is kept as a pair of numbers, and a string in ASCII as its bytes, so that a million different ones need no objects.
 */
import { canonical } from '../model/json.ts';
import { ByteStrings, type ByteStringsData } from './byte-strings.ts';
import { capacityFor, grown } from './growth.ts';
import type { Json } from './operation.ts';

/** The numbers of the constants, the same in every pool. */
export const NULL_VALUE = 0;
export const TRUE_VALUE = 1;
export const FALSE_VALUE = 2;
/** No value: what an operation without an answer answered. */
export const NO_VALUE = -1;

/** In the look-up tables: nothing. It is the number of null, which stands in none of them. */
const NONE = 0;

const NUMBER = 0;
const PAIR = 1;
const STRING = 2;
const OTHER = 3;

/** Whole numbers below this, and below a small multiple of how many values there are, are looked up directly. */
const DIRECT_MIN = 1 << 16;
const FIRST_DIRECT = 256;
const FIRST_CAPACITY = 64;

/** The values as plain data, for another thread; by number: its kind, the number itself (or a place elsewhere), the second of a pair. */
export interface ValuesData {
  readonly kinds: Uint8Array<ArrayBuffer>;
  readonly numbers: Float64Array<ArrayBuffer>;
  readonly second: Int32Array<ArrayBuffer>;
  readonly strings: ByteStringsData;
  readonly others: readonly Json[];
}

/** Numbers values from 0 on. */
export class Values {
  #kinds: Uint8Array<ArrayBuffer> = new Uint8Array(FIRST_CAPACITY);
  /** The number itself, the first of a pair, the entry in `strings`, or the place in `#others`. */
  #numbers: Float64Array<ArrayBuffer> = new Float64Array(FIRST_CAPACITY);
  #second: Int32Array<ArrayBuffer> = new Int32Array(FIRST_CAPACITY);
  #others: Json[] = [];
  #size = 0;
  /** By small whole number: its number here, or NONE. */
  #direct: Int32Array = new Int32Array(FIRST_DIRECT);
  /** All other numbers, and the pairs: an open-addressing table of their numbers here, or NONE. Never more than half full. */
  #slots: Int32Array = new Int32Array(FIRST_CAPACITY);
  #slotsUsed = 0;
  #strings: ByteStrings = new ByteStrings((entry) => this.#add(STRING, entry, 0));
  /** Strings that are not ASCII. */
  readonly #texts = new Map<string, number>();
  readonly #structures = new Map<string, number>();
  /** False for values that came as data until somebody looks one up. */
  #isIndexed = true;

  constructor() {
    this.#addOther(null);
    this.#addOther(true);
    this.#addOther(false);
  }

  /** The values that `toData` gave, with the same numbers. Takes over the arrays. */
  static fromData(data: ValuesData): Values {
    const values = new Values();
    values.#kinds = data.kinds;
    values.#numbers = data.numbers;
    values.#second = data.second;
    values.#strings = ByteStrings.fromData(data.strings, (entry) => values.#add(STRING, entry, 0));
    values.#others = [...data.others];
    values.#size = data.kinds.length;
    values.#isIndexed = false;
    return values;
  }

  /** The values as plain data, of which nothing is shared with these. */
  toData(): ValuesData {
    return {
      kinds: this.#kinds.slice(0, this.#size),
      numbers: this.#numbers.slice(0, this.#size),
      second: this.#second.slice(0, this.#size),
      strings: this.#strings.toData(),
      others: [...this.#others],
    };
  }

  /** How many there are: the numbers are 0 to size − 1. */
  get size(): number {
    return this.#size;
  }

  /** The number of any value. Recurses into arrays of two and objects: readers refuse values that are nested too deeply. */
  of(value: Json): number {
    if (typeof value === 'number') return this.ofNumber(value);
    if (typeof value === 'string') return this.ofString(value);
    if (typeof value === 'boolean') return value ? TRUE_VALUE : FALSE_VALUE;
    return value === null ? NULL_VALUE : this.#ofStructure(value);
  }

  /** The number of a number. */
  ofNumber(value: number): number {
    const direct = this.#direct;
    if (value >= 0 && value < direct.length) {
      // A fraction has no place in the array: undefined.
      const known = direct[value];
      if (known !== undefined && known !== NONE) return known;
    }
    return this.#ofNewOrFar(value);
  }

  ofString(value: string): number {
    const bytes = asciiOf(value);
    if (bytes !== undefined) return this.#strings.of(bytes, 0, value.length);
    this.#index();
    const known = this.#texts.get(value);
    if (known !== undefined) return known;
    const fresh = this.#addOther(value);
    this.#texts.set(value, fresh);
    return fresh;
  }

  /** The strings, for a reader that has them as bytes. */
  get strings(): ByteStrings {
    return this.#strings;
  }

  /** The number of an array of the two values with these numbers. */
  ofPair(first: number, second: number): number {
    this.#index();
    return this.#ofHashed(PAIR, first, second);
  }

  /** The number here of a value of another pool. */
  ofForeign(other: Values, number: number): number {
    const kind = other.#kinds[number];
    const first = other.#numbers[number]!;
    if (kind === NUMBER) return this.ofNumber(first);
    if (kind === STRING) return this.#strings.ofForeign(other.#strings, first);
    if (kind === OTHER) return this.of(other.#others[first]!);
    return this.ofPair(this.ofForeign(other, first), this.ofForeign(other, other.#second[number]!));
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
    const kind = this.#kinds[number];
    const first = this.#numbers[number]!;
    if (kind === NUMBER) return first;
    if (kind === STRING) return this.#strings.text(first);
    if (kind === OTHER) return this.#others[first]!;
    return [this.get(first), this.get(this.#second[number]!)];
  }

  #ofStructure(value: Json): number {
    if (Array.isArray(value) && value.length === 2)
      return this.ofPair(this.of(value[0] as Json), this.of(value[1] as Json));
    this.#index();
    const text = canonical(value);
    const known = this.#structures.get(text);
    if (known !== undefined) return known;
    const fresh = this.#addOther(value);
    this.#structures.set(text, fresh);
    return fresh;
  }

  #ofNewOrFar(value: number): number {
    this.#index();
    // What the array has room for is never hashed, or it would be added to the array once more when there are more values.
    const isSmall = value >= 0 && value < Math.max(this.#direct.length, 4 * this.#size + DIRECT_MIN);
    if (!isSmall || !Number.isInteger(value)) return this.#ofHashed(NUMBER, value, 0);
    if (value >= this.#direct.length) this.#growDirect(value);
    const known = this.#direct[value]!;
    // Adding nothing makes 0 of −0.
    return known === NONE ? (this.#direct[value] = this.#add(NUMBER, value + 0, 0)) : known;
  }

  /** Numbers that were far are small now; they keep their numbers here. */
  #growDirect(value: number): void {
    const old = this.#direct.length;
    this.#direct = grown(this.#direct, new Int32Array(capacityFor(value + 1)));
    for (let at = 0; at < this.#size; at++) {
      const number = this.#numbers[at]!;
      if (this.#kinds[at] === NUMBER && number >= old && this.#isDirect(number)) this.#direct[number] = at;
    }
  }

  #isDirect(value: number): boolean {
    return value >= 0 && value < this.#direct.length && Number.isInteger(value);
  }

  #ofHashed(kind: number, number: number, second: number): number {
    const slot = this.#slotOf(kind, number, second);
    const known = this.#slots[slot]!;
    if (known !== NONE) return known;
    const fresh = this.#add(kind, number, second);
    this.#slots[slot] = fresh;
    if (++this.#slotsUsed * 2 > this.#slots.length) this.#rehash(2 * this.#slots.length);
    return fresh;
  }

  /** Where it stands, or where it would. */
  #slotOf(kind: number, number: number, second: number): number {
    const slots = this.#slots;
    const mask = slots.length - 1;
    let slot = hashOf(number, second) & mask;
    for (;;) {
      const at = slots[slot]!;
      if (at === NONE) return slot;
      if (this.#numbers[at] === number && this.#second[at] === second && this.#kinds[at] === kind) return slot;
      slot = (slot + 1) & mask;
    }
  }

  #rehash(length: number): void {
    this.#slots = new Int32Array(length);
    this.#slotsUsed = 0;
    for (let at = 0; at < this.#size; at++) {
      const kind = this.#kinds[at]!;
      const number = this.#numbers[at]!;
      const isHashed = kind === PAIR || (kind === NUMBER && !this.#isDirect(number));
      if (!isHashed) continue;
      this.#slots[this.#slotOf(kind, number, this.#second[at]!)] = at;
      this.#slotsUsed++;
    }
  }

  /** Makes values that came as data ready to be looked up. */
  #index(): void {
    if (this.#isIndexed) return;
    this.#isIndexed = true;
    this.#rehash(powerAbove(2 * this.#size));
    for (let at = 0; at < this.#size; at++) {
      const number = this.#numbers[at]!;
      if (this.#kinds[at] === OTHER) this.#indexOther(at, this.#others[number]!);
      else if (this.#kinds[at] === NUMBER && this.#isDirect(number)) this.#direct[number] = at;
    }
  }

  #indexOther(at: number, value: Json): void {
    if (typeof value === 'string') this.#texts.set(value, at);
    else if (typeof value === 'object' && value !== null) this.#structures.set(canonical(value), at);
  }

  #addOther(value: Json): number {
    return this.#add(OTHER, this.#others.push(value) - 1, 0);
  }

  #add(kind: number, number: number, second: number): number {
    const at = this.#size++;
    if (at >= this.#kinds.length) {
      const length = capacityFor(at + 1);
      this.#kinds = grown(this.#kinds, new Uint8Array(length));
      this.#numbers = grown(this.#numbers, new Float64Array(length));
      this.#second = grown(this.#second, new Int32Array(length));
    }
    this.#numbers[at] = number;
    // Zero stands there already, and a column that nobody writes to takes no memory.
    if (kind !== 0) this.#kinds[at] = kind;
    if (second !== 0) this.#second[at] = second;
    return at;
  }
}

/** Its last user has read it: a string that is being looked up. */
let scratch: Uint8Array = new Uint8Array(256);

/** The bytes of a string in ASCII, valid until the next call, or undefined. */
function asciiOf(text: string): Uint8Array | undefined {
  if (text.length > scratch.length) scratch = new Uint8Array(2 * text.length);
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code >= 0x80) return undefined;
    scratch[at] = code;
  }
  return scratch;
}

const double: Float64Array = new Float64Array(1);
const halves: Int32Array = new Int32Array(double.buffer);

function hashOf(number: number, second: number): number {
  double[0] = number;
  let hash = Math.imul(halves[0]! ^ Math.imul(halves[1]!, 0x9e3779b1), 0x85ebca6b) ^ Math.imul(second, 0xc2b2ae35);
  hash ^= hash >>> 15;
  hash = Math.imul(hash, 0x2c1b3c6d);
  return hash ^ (hash >>> 13);
}

function powerAbove(size: number): number {
  return 2 ** Math.ceil(Math.log2(Math.max(FIRST_CAPACITY, size + 1)));
}
