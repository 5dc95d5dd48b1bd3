/**
 * Chance, keyed by what a thing *is* and not by how many draws came before it: `keyed(seed, 'slot', 3, 17)` is the same
 * stream whatever else happened in the run. Deleting one fault from a plan therefore leaves every other draw alone.
 *
 * The generator is sfc32 (Chris Doty-Humphrey, PractRand), seeded through the 128-bit string hash cyrb128.
 */
import { assert } from './assert.ts';

/** A stream of pseudo-random draws. Equal keys give equal streams on every machine. */
export interface Random {
  /** A float in [0, 1). */
  next(): number;
  /** An integer in [0, bound); bound is a positive integer. */
  int(bound: number): number;
  /** An integer in [low, high], both ends included. */
  between(low: number, high: number): number;
  /** True with the given probability. */
  chance(probability: number): boolean;
  /** One element of a non-empty list. */
  pick<T>(items: readonly T[]): T;
  /** A shuffled copy. */
  shuffle<T>(items: readonly T[]): T[];
}

/** The stream that belongs to this seed and these keys. */
export function keyed(seed: string, ...keys: readonly (string | number)[]): Random {
  hash.begin(seed);
  for (const key of keys) hash.next(key);
  return hash.stream();
}

/**
 * As `keyed`, for many streams whose keys begin alike: the beginning is hashed once. `keyedFrom(seed, 'a', 'b ')('c', 1)` is
 * `keyed(seed, 'a', 'b c', 1)`, and what follows `c` is a key of its own.
 */
export function keyedFrom(seed: string, ...begin: readonly (string | number)[]): KeyedEnd {
  hash.begin(seed);
  for (const key of begin) hash.next(key);
  const begun = hash.copy();
  return (end, last) => {
    hash.set(begun);
    hash.add(end);
    hash.next(last);
    return hash.stream();
  };
}

/** Ends the last key that was begun, and adds one more. */
export type KeyedEnd = (end: string | number, last: string | number) => Random;

const UNUSED_DRAWS = 12;

/** One object a stream: a simulation draws from thousands of them, once or twice from each. */
class Sfc32 implements Random {
  #a: number;
  #b: number;
  #c: number;
  #d: number;

  constructor(a: number, b: number, c: number, d: number) {
    // The first draws are of no use; as `next`, on variables.
    for (let i = 0; i < UNUSED_DRAWS; i++) {
      const t = (((a + b) | 0) + d) | 0;
      d = (d + 1) | 0;
      a = b ^ (b >>> 9);
      b = (c + (c << 3)) | 0;
      c = (((c << 21) | (c >>> 11)) + t) | 0;
    }
    this.#a = a;
    this.#b = b;
    this.#c = c;
    this.#d = d;
  }

  next(): number {
    const b = this.#b;
    const c = this.#c;
    const t = (((this.#a + b) | 0) + this.#d) | 0;
    this.#d = (this.#d + 1) | 0;
    this.#a = b ^ (b >>> 9);
    this.#b = (c + (c << 3)) | 0;
    this.#c = (((c << 21) | (c >>> 11)) + t) | 0;
    return (t >>> 0) / 4294967296;
  }

  int(bound: number): number {
    assert(Number.isInteger(bound) && bound > 0, () => `int() needs a positive bound, got ${bound}`);
    return Math.floor(this.next() * bound);
  }

  between(low: number, high: number): number {
    return low + this.int(high - low + 1);
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  pick<T>(items: readonly T[]): T {
    const item = items[this.int(items.length)];
    assert(item !== undefined, 'pick() found a hole');
    return item;
  }

  shuffle<T>(items: readonly T[]): T[] {
    const copy = [...items];
    for (let i = copy.length - 1; i > 0; i--) {
      const j = this.int(i + 1);
      [copy[i], copy[j]] = [copy[j]!, copy[i]!];
    }
    return copy;
  }
}

/** The characters of the number at hand, the last one first. */
const characters = new Uint8Array(16);
const ZERO = 48;

/** cyrb128 of texts as if they were one. */
class Hash128 {
  #h1 = 0;
  #h2 = 0;
  #h3 = 0;
  #h4 = 0;

  begin(text: string): void {
    this.#h1 = 1779033703;
    this.#h2 = 3144134277 | 0;
    this.#h3 = 1013904242;
    this.#h4 = 2773480762 | 0;
    this.add(text);
  }

  /** As part of the key at hand. */
  add(key: string | number): void {
    if (typeof key === 'string') for (let i = 0; i < key.length; i++) this.#mix(key.charCodeAt(i));
    else if (Number.isSafeInteger(key) && key >= 0) this.#addNumber(key);
    else this.add(String(key));
  }

  /** As one more key. */
  next(key: string | number): void {
    this.#mix(0);
    this.add(key);
  }

  /** As the text that it is written as, which is not made. */
  #addNumber(number: number): void {
    let length = 0;
    for (let rest = number; length === 0 || rest > 0;) {
      const shorter = Math.floor(rest / 10);
      characters[length++] = ZERO + (rest - 10 * shorter);
      rest = shorter;
    }
    while (length > 0) this.#mix(characters[--length]!);
  }

  #mix(code: number): void {
    this.#h1 = this.#h2 ^ Math.imul(this.#h1 ^ code, 597399067);
    this.#h2 = this.#h3 ^ Math.imul(this.#h2 ^ code, 2869860233);
    this.#h3 = this.#h4 ^ Math.imul(this.#h3 ^ code, 951274213);
    this.#h4 = this.#h1 ^ Math.imul(this.#h4 ^ code, 2716044179);
  }

  copy(): Hash128 {
    const copy = new Hash128();
    copy.set(this);
    return copy;
  }

  set(other: Hash128): void {
    this.#h1 = other.#h1;
    this.#h2 = other.#h2;
    this.#h3 = other.#h3;
    this.#h4 = other.#h4;
  }

  stream(): Random {
    const h1 = Math.imul(this.#h3 ^ (this.#h1 >>> 18), 597399067);
    const h2 = Math.imul(this.#h4 ^ (this.#h2 >>> 22), 2869860233);
    const h3 = Math.imul(h1 ^ (this.#h3 >>> 17), 951274213);
    const h4 = Math.imul(h2 ^ (this.#h4 >>> 19), 2716044179);
    const a = h1 ^ h2 ^ h3 ^ h4;
    return new Sfc32(a, h2 ^ a, h3 ^ a, h4 ^ a);
  }
}

/** Of the stream that is being asked for. */
const hash = new Hash128();
