/**
 * JSON documents from strangers. `parseDocument` answers an object or throws WireError, and a `Fields` hands out its
 * members by expected type, so that what leaves a codec has exactly the declared shape and nothing else.
 */
import type { Json } from '../base/json.ts';
import { decodeUtf8, encodeUtf8 } from '../base/utf8.ts';
import { WireError } from './bytes.ts';

/** Values nested deeper are refused: they would overflow the stack of whoever walks them. */
const MAX_DEPTH = 64;

export function encodeDocument(document: object): Uint8Array {
  return encodeUtf8(JSON.stringify(document));
}

/** Decodes one document and reads it with `read`; members that `read` did not ask for are an error, as is anything malformed. */
export function decodeDocument<T>(payload: Uint8Array, read: (fields: Fields) => T): T {
  const fields = new Fields(parse(payload));
  const value = read(fields);
  fields.end();
  return value;
}

function parse(payload: Uint8Array): unknown {
  try {
    return JSON.parse(decodeUtf8(payload));
  } catch {
    throw new WireError('not a JSON document');
  }
}

/** The members of one JSON object. Every getter throws WireError where the member is missing or of another type. */
export class Fields {
  readonly #members: Readonly<Record<string, unknown>>;
  readonly #names: readonly string[];
  readonly #asked: string[] = [];

  constructor(document: unknown) {
    if (typeof document !== 'object' || document === null || Array.isArray(document)) {
      throw new WireError('not a JSON object');
    }
    this.#members = document as Readonly<Record<string, unknown>>;
    this.#names = Object.keys(document);
  }

  text(name: string): string {
    const value = this.#get(name);
    return typeof value === 'string' ? value : wrongType(name, 'a string');
  }

  textOrNull(name: string): string | null {
    return this.#get(name) === null ? null : this.text(name);
  }

  oneOf<T extends string>(name: string, allowed: readonly T[]): T {
    const value = this.#get(name);
    return allowed.includes(value as T) ? (value as T) : wrongType(name, `one of ${allowed.join(', ')}`);
  }

  /** An integer in [least, 2^53). */
  integer(name: string, least = 0): number {
    const value = this.#get(name);
    const fits = typeof value === 'number' && Number.isSafeInteger(value) && value >= least;
    return fits ? value : wrongType(name, `an integer from ${least} on`);
  }

  /** An integer in (-2^53, 2^53). */
  wholeNumber(name: string): number {
    const value = this.#get(name);
    return Number.isSafeInteger(value) ? (value as number) : wrongType(name, 'a whole number');
  }

  /** A finite number above 0. */
  positive(name: string): number {
    const value = this.#get(name);
    return typeof value === 'number' && value > 0 && value < Infinity ? value : wrongType(name, 'a number above 0');
  }

  flag(name: string): boolean {
    const value = this.#get(name);
    return typeof value === 'boolean' ? value : wrongType(name, 'true or false');
  }

  texts(name: string): readonly string[] {
    const value = this.#get(name);
    const fits = Array.isArray(value) && value.every((item): item is string => typeof item === 'string');
    return fits ? value : wrongType(name, 'a list of strings');
  }

  json(name: string): Json {
    const value = this.#get(name);
    if (!isShallow(value, MAX_DEPTH)) wrongType(name, `a JSON value of at most ${MAX_DEPTH} levels`);
    return value;
  }

  object<T>(name: string, read: (fields: Fields) => T): T {
    const fields = new Fields(this.#get(name));
    const value = read(fields);
    fields.end();
    return value;
  }

  /** An object used as a map. */
  record<T>(name: string, read: (fields: Fields) => T): Readonly<Record<string, T>> {
    return this.object(name, (map) => {
      const entries = map.#names.map((key) => [key, map.object(key, read)] as const);
      return Object.fromEntries(entries);
    });
  }

  /** An object used as a map of strings. */
  textRecord(name: string): Readonly<Record<string, string>> {
    return this.object(name, (map) => Object.fromEntries(map.#names.map((key) => [key, map.text(key)])));
  }

  /** Nothing may be left that nobody asked for. */
  end(): void {
    // Mostly they were asked for in the order in which they stand.
    this.#names.forEach((name, i) => {
      const wasAsked = this.#asked[i] === name || this.#asked.includes(name);
      if (!wasAsked) throw new WireError(`${JSON.stringify(name)} does not belong here`);
    });
  }

  #get(name: string): unknown {
    this.#asked.push(name);
    if (!Object.hasOwn(this.#members, name)) throw new WireError(`${JSON.stringify(name)} is missing`);
    return this.#members[name];
  }
}

/** Everything that JSON.parse returns is Json; only its depth is in doubt. */
function isShallow(value: unknown, depth: number): value is Json {
  if (typeof value !== 'object' || value === null) return true;
  return depth > 0 && Object.values(value).every((item) => isShallow(item, depth - 1));
}

function wrongType(name: string, expected: string): never {
  throw new WireError(`${JSON.stringify(name)} is not ${expected}`);
}
