/** The order found so far, as a log that can be cut back. */

const DIRECT = -1;

/** Operations in the order in which they took effect; some are entered later than they are placed. */
export class Placed {
  #log: Log = newLog(256);
  length = 0;
  /** The longest log since `forget`, and how much of it and of the present one is the same: only the rest is ever copied. */
  #kept: Log = newLog(256);
  #keptLength = 0;
  #same = 0;

  get bytes(): number {
    return 8 * (this.#log.operations.length + this.#kept.operations.length);
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
    return this.#log.operations[i]!;
  }

  /** True for an operation that took effect when it was entered. */
  isDirect(i: number): boolean {
    return this.#log.before[i] === DIRECT;
  }

  cut(length: number): void {
    this.length = length;
    this.#same = Math.min(this.#same, length);
  }

  /** The operations in order. */
  order(): readonly number[] {
    return orderOf(this.#log, this.length);
  }

  /** The longest order kept since `forget`. */
  get longest(): readonly number[] {
    return orderOf(this.#kept, this.#keptLength);
  }

  forget(): void {
    this.#keptLength = 0;
  }

  keepLongest(): void {
    if (this.length <= this.#keptLength) return;
    while (this.#kept.operations.length < this.length) this.#kept = doubled(this.#kept);
    this.#kept.operations.set(this.#log.operations.subarray(this.#same, this.length), this.#same);
    this.#kept.before.set(this.#log.before.subarray(this.#same, this.length), this.#same);
    this.#keptLength = this.length;
    this.#same = this.length;
  }

  #push(operation: number, before: number): void {
    if (this.length === this.#log.operations.length) this.#log = doubled(this.#log);
    this.#log.operations[this.length] = operation;
    this.#log.before[this.length++] = before;
  }
}

interface Log {
  readonly operations: Int32Array;
  /** DIRECT, or the place in the log before which the operation stands. */
  readonly before: Int32Array;
}

function newLog(length: number): Log {
  return { operations: new Int32Array(length), before: new Int32Array(length) };
}

function doubled(from: Log): Log {
  const into = newLog(2 * from.operations.length);
  into.operations.set(from.operations);
  into.before.set(from.before);
  return into;
}

function orderOf({ operations, before }: Log, length: number): readonly number[] {
  const early = new Map<number, number[]>();
  for (let i = 0; i < length; i++) {
    const place = before[i]!;
    if (place === DIRECT) continue;
    const there = early.get(place);
    if (there === undefined) early.set(place, [operations[i]!]);
    else there.push(operations[i]!);
  }
  const order: number[] = [];
  for (let i = 0; i < length; i++) {
    for (const operation of early.get(i) ?? []) order.push(operation);
    if (before[i] === DIRECT) order.push(operations[i]!);
  }
  for (const operation of early.get(length) ?? []) order.push(operation);
  return order;
}
