/**
 * From what a register search decided to a whole order. The search notes only the writes and compare-and-sets that took effect
 * openly, and at which event. Everything else follows: a read stands where its value first is there after its call, a
 * hidden write just before the write that hid it.
 */
import { NEVER } from './columns.ts';
import { INITIAL, MISMATCH, READ, WRITE } from './register-part.ts';
import { CALL, type RegisterProblem } from './register-problem.ts';

/** What took effect openly, in order, with the place in `events` at which it was decided. */
export interface OpenEffects {
  readonly length: number;
  readonly operations: Int32Array;
  readonly positions: Int32Array;
}

/** The effects on the way to the present configuration. Keeps a copy of the longest, copying only what changed since the last copy. */
export class KeptLog implements OpenEffects {
  operations: Int32Array = new Int32Array(256);
  positions: Int32Array = new Int32Array(256);
  length = 0;
  #kept: { length: number; operations: Int32Array; positions: Int32Array } = {
    length: 0,
    operations: new Int32Array(256),
    positions: new Int32Array(256),
  };
  /** So much of the kept copy is still the same as the log. */
  #same = 0;
  #isKept = false;

  get bytes(): number {
    return 8 * (this.operations.length + this.#kept.operations.length);
  }

  push(operation: number, position: number): void {
    if (this.length === this.operations.length) {
      this.operations = doubled(this.operations);
      this.positions = doubled(this.positions);
    }
    this.operations[this.length] = operation;
    this.positions[this.length++] = position;
  }

  cut(length: number): void {
    this.length = length;
    if (length < this.#same) this.#same = length;
  }

  /** A copy of everything from a place on. */
  tail(from: number): OpenEffects {
    return {
      length: this.length - from,
      operations: this.operations.slice(from, this.length),
      positions: this.positions.slice(from, this.length),
    };
  }

  /** Puts a copied tail where it was, in place of what is there now. */
  replaceTail(from: number, tail: OpenEffects): void {
    this.cut(from);
    for (let i = 0; i < tail.length; i++) this.push(tail.operations[i]!, tail.positions[i]!);
  }

  /** The kept copy is no longer the longest. */
  forget(): void {
    this.#isKept = false;
  }

  /** Keeps a copy, unless there is one. */
  keepLongest(): void {
    if (this.#isKept) return;
    this.#isKept = true;
    const kept = this.#kept;
    while (kept.operations.length < this.length) {
      kept.operations = doubled(kept.operations);
      kept.positions = doubled(kept.positions);
    }
    kept.operations.set(this.operations.subarray(this.#same, this.length), this.#same);
    kept.positions.set(this.positions.subarray(this.#same, this.length), this.#same);
    kept.length = this.length;
    this.#same = this.length;
  }

  /** The kept copy, or the log itself if there is none. */
  longest(): OpenEffects {
    return this.#isKept ? this.#kept : this;
  }
}

function doubled(from: Int32Array): Int32Array {
  const into = new Int32Array(2 * from.length);
  into.set(from);
  return into;
}

/**
 * The order of everything that had its effect before the event at place `until`, or at it openly.
 * @returns operations by number
 */
export function reconstruct(problem: RegisterProblem, effects: OpenEffects, until: number): Int32Array {
  const { events, kind, needs, leaves, ret } = problem;
  const isOpen = new Uint8Array(ret.length);
  for (let i = 0; i < effects.length; i++) isOpen[effects.operations[i]!] = 1;
  const order = new Int32Array(events.length);
  let size = 0;
  let state: number = INITIAL;
  // Answered operations in flight that are not yet in the order; those that take effect openly are not among them.
  const waiting = new Int32Array(problem.slots + 1);
  let waitingSize = 0;
  const changesNothing = (operation: number): boolean => {
    const type = kind[operation];
    if (type === READ) return needs[operation] === state;
    return type === MISMATCH ? needs[operation] !== state : type === WRITE && leaves[operation] === state;
  };
  const settle = (isHidden: boolean): void => {
    let left = 0;
    for (let i = 0; i < waitingSize; i++) {
      const operation = waiting[i]!;
      if (isHidden ? kind[operation] === WRITE : changesNothing(operation)) order[size++] = operation;
      else waiting[left++] = operation;
    }
    waitingSize = left;
  };
  let next = 0;
  for (let position = 0; position <= until && position < events.length; position++) {
    for (; next < effects.length && effects.positions[next] === position; next++) {
      const operation = effects.operations[next]!;
      if (kind[operation] === WRITE) settle(true);
      order[size++] = operation;
      state = leaves[operation]!;
      settle(false);
    }
    const operation = events[position]! >> 2;
    if (position === until || (events[position]! & 3) !== CALL || isOpen[operation] === 1) continue;
    if (ret[operation] === NEVER) continue;
    if (changesNothing(operation)) order[size++] = operation;
    else waiting[waitingSize++] = operation;
  }
  return order.subarray(0, size);
}
