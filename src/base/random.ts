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
  const hash = new Hash128().add(seed);
  for (const key of keys) hash.add('\u0000').add(String(key));
  return hash.stream();
}

/**
 * As `keyed`, for many streams whose keys begin alike: the beginning is hashed once. `keyedFrom(seed, 'a', 'b ')('c', 1)` is
 * `keyed(seed, 'a', 'b c', 1)`, and what follows `c` is a key of its own.
 */
export function keyedFrom(seed: string, ...begin: readonly (string | number)[]): KeyedEnd {
  const begun = new Hash128().add(seed);
  for (const key of begin) begun.add('\u0000').add(String(key));
  return (end, last) => begun.copy().add(String(end)).add('\u0000').add(String(last)).stream();
}

/** Ends the last key that was begun, and adds one more. */
export type KeyedEnd = (end: string | number, last: string | number) => Random;

/** One object a stream: a simulation draws from thousands of them, once or twice from each. */
class Sfc32 implements Random {
  #a: number;
  #b: number;
  #c: number;
  #d: number;

  constructor(a: number, b: number, c: number, d: number) {
    this.#a = a;
    this.#b = b;
    this.#c = c;
    this.#d = d;
    for (let i = 0; i < 12; i++) this.next();
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

/** Of texts as if they were one. */
class Hash128 {
  #h1 = 1779033703;
  #h2 = 3144134277;
  #h3 = 1013904242;
  #h4 = 2773480762;

  add(text: string): this {
    let h1 = this.#h1;
    let h2 = this.#h2;
    let h3 = this.#h3;
    let h4 = this.#h4;
    for (let i = 0; i < text.length; i++) {
      const k = text.charCodeAt(i);
      h1 = h2 ^ Math.imul(h1 ^ k, 597399067);
      h2 = h3 ^ Math.imul(h2 ^ k, 2869860233);
      h3 = h4 ^ Math.imul(h3 ^ k, 951274213);
      h4 = h1 ^ Math.imul(h4 ^ k, 2716044179);
    }
    this.#h1 = h1;
    this.#h2 = h2;
    this.#h3 = h3;
    this.#h4 = h4;
    return this;
  }

  copy(): Hash128 {
    const copy = new Hash128();
    copy.#h1 = this.#h1;
    copy.#h2 = this.#h2;
    copy.#h3 = this.#h3;
    copy.#h4 = this.#h4;
    return copy;
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
