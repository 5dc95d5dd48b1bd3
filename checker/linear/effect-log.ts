/**
 * What took effect on the way to the present configuration, in order. A hidden write is logged when it leaves, with the
 * earlier place before which it stands. Keeps a copy of the longest prefix, copying only what changed since the last copy.
 */
export class EffectLog {
  /** In place of a place: takes effect where it was logged. */
  static readonly DIRECT = -1;

  readonly #operations: number[] = [];
  readonly #places: number[] = [];
  readonly #keptOperations: number[] = [];
  readonly #keptPlaces: number[] = [];
  /** So much of the kept copy is still the same as the log. */
  #same = 0;
  #isKept = false;

  get length(): number {
    return this.#operations.length;
  }

  /** Logs an effect and gives its place. */
  push(operation: number, place: number): number {
    this.#places.push(place);
    return this.#operations.push(operation) - 1;
  }

  cut(length: number): void {
    this.#operations.length = length;
    this.#places.length = length;
    this.#same = Math.min(this.#same, length);
  }

  /** The kept copy is no longer the longest. */
  forget(): void {
    this.#isKept = false;
  }

  /** Keeps a copy, unless there is one. */
  keepLongest(): void {
    if (this.#isKept) return;
    this.#isKept = true;
    this.#keptOperations.length = this.#same;
    this.#keptPlaces.length = this.#same;
    for (let i = this.#same; i < this.length; i++) {
      this.#keptOperations.push(this.#operations[i]!);
      this.#keptPlaces.push(this.#places[i]!);
    }
    this.#same = this.length;
  }

  order(): readonly number[] {
    return toOrder(this.#operations, this.#places);
  }

  /** The order of the kept copy, or of the log if there is none. */
  longest(): readonly number[] {
    return this.#isKept ? toOrder(this.#keptOperations, this.#keptPlaces) : this.order();
  }
}

function toOrder(operations: readonly number[], places: readonly number[]): number[] {
  const hidden = new Map<number, number[]>();
  operations.forEach((operation, i) => {
    const place = places[i]!;
    if (place === EffectLog.DIRECT) return;
    const before = hidden.get(place);
    if (before === undefined) hidden.set(place, [operation]);
    else before.push(operation);
  });
  const order: number[] = [];
  for (let i = 0; i <= operations.length; i++) {
    order.push(...(hidden.get(i) ?? []));
    if (i < operations.length && places[i] === EffectLog.DIRECT) order.push(operations[i]!);
  }
  return order;
}
