/** Equality and numbering of JSON values: what "the same value" means to every model of the checker. */
import type { Json } from '../history/operation.ts';

/** Deep equality; the order of an object's names does not matter. */
export function sameJson(a: Json, b: Json): boolean {
  if (a === b) return true;
  return typeof a === 'object' && typeof b === 'object' && canonical(a) === canonical(b);
}

/** Numbers values from 0 on in the order in which they are first seen: equal values get equal numbers. */
export class Interner {
  readonly #scalars = new Map<Json, number>();
  readonly #structures = new Map<string, number>();
  readonly #values: Json[] = [];

  number(value: Json): number {
    const structure = typeof value === 'object' && value !== null ? canonical(value) : undefined;
    const known = structure === undefined ? this.#scalars.get(value) : this.#structures.get(structure);
    if (known !== undefined) return known;
    const fresh = this.#values.length;
    this.#values.push(value);
    if (structure === undefined) this.#scalars.set(value, fresh);
    else this.#structures.set(structure, fresh);
    return fresh;
  }

  /** The values by number. */
  get values(): readonly Json[] {
    return this.#values;
  }
}

/** One text for equal values. */
export function canonical(value: Json): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  return JSON.stringify(value, (_name, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}
