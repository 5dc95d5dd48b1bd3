/** The order found so far, as a log that can be cut back. */

const DIRECT = -1;

/** Operations in the order in which they took effect; some are entered later than they are placed. */
export class Placed {
  #operations: Int32Array = new Int32Array(256);
  /** DIRECT, or the place in the log before which the operation stands. */
  #before: Int32Array = new Int32Array(256);
  #longest: readonly number[] = [];
  length = 0;

  get bytes(): number {
    return 4 * (this.#operations.length + this.#before.length);
  }

  /** The operation takes effect now. */
  push(operation: number): void {
    this.#push(operation, DIRECT);
  }

  /** The operation took effect, changing nothing, just before what stands at this place. */
  pushBefore(operation: number, place: number): void {
    this.#push(operation, place);
  }

  at(i: number): number {
    return this.#operations[i]!;
  }

  isDirect(i: number): boolean {
    return this.#before[i] === DIRECT;
  }

  cut(length: number): void {
    this.length = length;
  }

  /** The operations in order. */
  order(): readonly number[] {
    const early = new Map<number, number[]>();
    for (let i = 0; i < this.length; i++) {
      const place = this.#before[i]!;
      if (place === DIRECT) continue;
      const there = early.get(place);
      if (there === undefined) early.set(place, [this.#operations[i]!]);
      else there.push(this.#operations[i]!);
    }
    const order: number[] = [];
    for (let i = 0; i < this.length; i++) {
      order.push(...(early.get(i) ?? []));
      if (this.#before[i] === DIRECT) order.push(this.#operations[i]!);
    }
    order.push(...(early.get(this.length) ?? []));
    return order;
  }

  /** The longest order kept since `forget`. */
  get longest(): readonly number[] {
    return this.#longest;
  }

  forget(): void {
    this.#longest = [];
  }

  keepLongest(): void {
    if (this.length > this.#longest.length) this.#longest = this.order();
  }

  #push(operation: number, before: number): void {
    if (this.length === this.#operations.length) {
      this.#operations = doubled(this.#operations);
      this.#before = doubled(this.#before);
    }
    this.#operations[this.length] = operation;
    this.#before[this.length++] = before;
  }
}

function doubled(from: Int32Array): Int32Array {
  const into = new Int32Array(2 * from.length);
  into.set(from);
  return into;
}
