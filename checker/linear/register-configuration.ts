/**
 * The configuration of a register search, and what is in flight there: the place in the events, the state, which slots are used and
 * which free, and by value the slots of those that wait for it or leave it. All of it are words of 32 slots.
 */
import { NEVER } from './columns.ts';
import { INITIAL, MISMATCH, NONE, READ, WRITE } from './register-part.ts';
import { CALL, EXPIRE, type RegisterProblem } from './register-problem.ts';

/** Where a search is. `position` and the sets by value go together; `state`, `used` and `free` are what a choice changes. */
export class RegisterConfiguration {
  readonly #problem: RegisterProblem;
  readonly words: number;
  /** Place in `events`. */
  position = 0;
  state: number = INITIAL;
  readonly used: Int32Array;
  readonly free: Int32Array;
  /** What is in flight at the position, whatever the configuration: by slot the operation; by value and word the slots. */
  readonly inSlot: Int32Array;
  readonly inFlight: Int32Array;
  readonly writes: Int32Array;
  readonly mismatches: Int32Array;
  readonly crashed: Int32Array;
  readonly readsOf: Int32Array;
  readonly mismatchesOf: Int32Array;
  readonly writesOf: Int32Array;
  readonly casFrom: Int32Array;
  readonly casTo: Int32Array;

  constructor(problem: RegisterProblem) {
    const words = Math.max(1, (problem.slots + 31) >>> 5);
    // One more value than there are: "any other", for refutation.
    const byValue = (problem.values + 1) * words;
    this.#problem = problem;
    this.words = words;
    this.used = new Int32Array(words);
    this.free = new Int32Array(words);
    this.inSlot = new Int32Array(words * 32).fill(NONE);
    this.inFlight = new Int32Array(words);
    this.writes = new Int32Array(words);
    this.mismatches = new Int32Array(words);
    this.crashed = new Int32Array(words);
    this.readsOf = new Int32Array(byValue);
    this.mismatchesOf = new Int32Array(byValue);
    this.writesOf = new Int32Array(byValue);
    this.casFrom = new Int32Array(byValue);
    this.casTo = new Int32Array(byValue);
  }

  /** The bytes of the sets by value. */
  get bytes(): number {
    return 4 * 5 * this.readsOf.length;
  }

  /** Takes events up to a return at which there is a choice; NONE at `stop`. */
  advance(stop: number): number {
    const { events, slotOf, kind, needs, leaves, ret, isWanted } = this.#problem;
    const used = this.used;
    const free = this.free;
    for (; this.position < stop; this.position++) {
      const event = events[this.position]!;
      const operation = event >> 2;
      const slot = slotOf[operation]!;
      const word = slot >>> 5;
      const bit = 1 << (slot & 31);
      const type = event & 3;
      if (type === CALL) {
        this.#insert(operation, slot);
        const isFree =
          kind[operation] === READ
            ? needs[operation] === this.state
            : kind[operation] === MISMATCH
              ? needs[operation] !== this.state
              : ret[operation] === NEVER || (kind[operation] === WRITE && leaves[operation] === this.state);
        if (isFree) free[word]! |= bit;
        continue;
      }
      if (type !== EXPIRE && (used[word]! & bit) === 0) {
        if ((free[word]! & bit) === 0) return operation;
        if (isWanted[operation] === 1) return operation;
      }
      this.remove(operation, slot);
      used[word]! &= ~bit;
      free[word]! &= ~bit;
    }
    return NONE;
  }

  #insert(operation: number, slot: number): void {
    const { kind, needs, leaves, ret } = this.#problem;
    const word = slot >>> 5;
    const bit = 1 << (slot & 31);
    this.inSlot[slot] = operation;
    this.inFlight[word]! |= bit;
    const from = needs[operation]! * this.words + word;
    switch (kind[operation]!) {
      case READ:
        this.readsOf[from]! |= bit;
        return;
      case MISMATCH:
        this.mismatches[word]! |= bit;
        this.mismatchesOf[from]! |= bit;
        return;
      case WRITE:
        this.writes[word]! |= bit;
        this.writesOf[leaves[operation]! * this.words + word]! |= bit;
        break;
      default:
        this.casFrom[from]! |= bit;
        this.casTo[leaves[operation]! * this.words + word]! |= bit;
    }
    if (ret[operation] === NEVER) this.crashed[word]! |= bit;
  }

  remove(operation: number, slot: number): void {
    const { kind, needs, leaves } = this.#problem;
    const word = slot >>> 5;
    const rest = ~(1 << (slot & 31));
    this.inSlot[slot] = NONE;
    this.inFlight[word]! &= rest;
    const from = needs[operation]! * this.words + word;
    switch (kind[operation]!) {
      case READ:
        this.readsOf[from]! &= rest;
        return;
      case MISMATCH:
        this.mismatches[word]! &= rest;
        this.mismatchesOf[from]! &= rest;
        return;
      case WRITE:
        this.writes[word]! &= rest;
        this.writesOf[leaves[operation]! * this.words + word]! &= rest;
        break;
      default:
        this.casFrom[from]! &= rest;
        this.casTo[leaves[operation]! * this.words + word]! &= rest;
    }
    this.crashed[word]! &= rest;
  }

  /** Moves what is in flight to another position; the configuration is not touched. */
  moveTo(position: number): void {
    const { events, slotOf } = this.#problem;
    while (this.position > position) {
      const event = events[--this.position]!;
      if ((event & 3) === CALL) this.remove(event >> 2, slotOf[event >> 2]!);
      else this.#insert(event >> 2, slotOf[event >> 2]!);
    }
    while (this.position < position) {
      const event = events[this.position++]!;
      if ((event & 3) === CALL) this.#insert(event >> 2, slotOf[event >> 2]!);
      else this.remove(event >> 2, slotOf[event >> 2]!);
    }
  }

  /** An unused operation in flight that leaves this value. */
  hasProducer(value: number): boolean {
    const at = value * this.words;
    for (let word = 0; word < this.words; word++) {
      if (((this.writesOf[at + word]! | this.casTo[at + word]!) & ~this.used[word]!) !== 0) return true;
    }
    return false;
  }

  hasOtherWrite(value: number, than: number): boolean {
    const at = value * this.words;
    for (let word = 0; word < this.words; word++) {
      const others = word === than >>> 5 ? ~(1 << (than & 31)) : -1;
      if ((this.writesOf[at + word]! & ~this.used[word]! & others) !== 0) return true;
    }
    return false;
  }

  /** True if an operation in flight waits for this value. */
  awaits(value: number): boolean {
    const at = value * this.words;
    for (let word = 0; word < this.words; word++) {
      if ((this.readsOf[at + word]! & ~this.free[word]!) !== 0) return true;
      if ((this.casFrom[at + word]! & ~this.used[word]!) !== 0) return true;
    }
    return false;
  }

  hasWaitingMismatch(): boolean {
    for (let word = 0; word < this.words; word++) {
      if ((this.mismatches[word]! & ~this.free[word]!) !== 0) return true;
    }
    return false;
  }

  /** True if a blind write in flight has neither had its effect nor is free. */
  hasOwingWrite(): boolean {
    for (let word = 0; word < this.words; word++) {
      if ((this.writes[word]! & ~this.used[word]! & ~this.free[word]!) !== 0) return true;
    }
    return false;
  }

  /** True if an unused compare-and-set in flight makes `goal` out of this value. */
  leadsTo(value: number, goal: number): boolean {
    for (let word = 0; word < this.words; word++) {
      const both = this.casFrom[value * this.words + word]! & this.casTo[goal * this.words + word]!;
      if ((both & ~this.used[word]!) !== 0) return true;
    }
    return false;
  }

  hasUsedCrashed(): boolean {
    for (let word = 0; word < this.words; word++) if ((this.crashed[word]! & this.used[word]!) !== 0) return true;
    return false;
  }

  couldWrite(value: number, anyMismatch: boolean): boolean {
    if (this.hasOtherWrite(value, NONE)) return false;
    if (value === this.state) return this.hasOwingWrite();
    return anyMismatch || this.awaits(value) || this.hasUsedCrashedIn(this.casFrom, value);
  }

  couldCas(from: number, to: number): boolean {
    if (from !== this.state && !this.hasOtherWrite(from, NONE) && !this.hasUsedCrashedIn(this.writesOf, from)) {
      return false;
    }
    return !this.leadsTo(from, to);
  }

  hasUsedCrashedIn(of: Int32Array, value: number): boolean {
    for (let word = 0; word < this.words; word++) {
      if ((of[value * this.words + word]! & this.crashed[word]! & this.used[word]!) !== 0) return true;
    }
    return false;
  }

  /** The operation takes effect: what it makes possible, or hides, is free. */
  takeEffect(operation: number): void {
    const { slotOf, kind, leaves } = this.#problem;
    const { words, used, free } = this;
    const slot = slotOf[operation]!;
    used[slot >>> 5]! |= 1 << (slot & 31);
    const state = leaves[operation]!;
    this.state = state;
    const hides = kind[operation] === WRITE ? -1 : 0;
    const at = state * words;
    for (let word = 0; word < words; word++) {
      const served =
        this.readsOf[at + word]! |
        (this.mismatches[word]! & ~this.mismatchesOf[at + word]!) |
        this.writesOf[at + word]! |
        (this.writes[word]! & hides);
      free[word] = (free[word]! | served) & ~used[word]!;
    }
  }
}
