/**
 * Stage 1: a necessary condition for each observer. Some operation that can have written the value it saw must have been
 * called before the observer returned, and must not be certainly overwritten before the observer was called. *Certainly
 * overwritten*: some operation that was called after the writer returned, and that returned before the observer was called,
 * wrote or saw another value. Where the value has a single writer, its return may be put forward to the first return of an
 * observer, since by then it had taken effect. One pass over the events answers that for every pair, so a stale, future or never-written
 * value is found at once however long the history is.
 */
import { NEVER } from './columns.ts';
import { INITIAL, isObserver, MISMATCH, NONE, READ, type RegisterPart } from './register-part.ts';

/** The writers of each value, and where each is certainly overwritten. */
export class Writers {
  readonly #part: RegisterPart;
  /** By value: its writers in order of call. The initial value's imagined writer, before everything, is not in it. */
  readonly #of: readonly (readonly number[])[];
  /** By value: for each writer in order, the latest return among it and those before it. */
  readonly #latestReturn: readonly (readonly number[])[];
  /** By value with a single writer: the operation by whose return that writer had taken effect. Else NONE. */
  readonly #shownBy: Int32Array;
  readonly #overwriters: Overwriters;

  constructor(part: RegisterPart) {
    const of: number[][] = Array.from({ length: part.values.length }, () => []);
    for (let i = 0; i < part.count; i++) {
      // A compare-and-set from a value to the same passes on what another operation wrote.
      if (part.leaves[i] !== NONE && part.needs[i] !== part.leaves[i]) of[part.leaves[i]!]!.push(i);
    }
    for (const writers of of) writers.sort((a, b) => part.call[a]! - part.call[b]!);
    this.#part = part;
    this.#of = of;
    this.#shownBy = firstShown(part, of);
    this.#latestReturn = of.map((writers, value) => {
      let latest = value === INITIAL ? -1 : -2;
      return writers.map((writer) => (latest = Math.max(latest, this.#inEffectBy(writer))));
    });
    this.#overwriters = new Overwriters(part);
  }

  /** Every writer of the value, in order of call. */
  of(value: number): readonly number[] {
    return this.#of[value]!;
  }

  /** True if no writer can have written what this observer saw, which no linearization can mend. */
  hasNoSource(observer: number): boolean {
    const value = this.#part.needs[observer]!;
    const called = this.#calledBefore(value, this.#part.ret[observer]!);
    // The later all of them returned, the less is certain: so the latest return decides for all.
    const latest = called === 0 ? (value === INITIAL ? -1 : -2) : this.#latestReturn[value]![called - 1]!;
    if (latest === -2) return true;
    return this.#overwriters.earliestReturn(latest, value) < this.#part.call[observer]!;
  }

  /**
   * The writers that this observer may have seen. Where none is possible, the one for which least speaks against it, so
   * that an explanation can show it.
   */
  sources(observer: number): readonly number[] {
    const { needs, call, ret } = this.#part;
    const value = needs[observer]!;
    const called = this.#of[value]!.slice(0, this.#calledBefore(value, ret[observer]!));
    const others = called.filter((writer) => writer !== observer);
    const possible = others.filter(
      (writer) => this.#overwriters.earliestReturn(this.#inEffectBy(writer), value) >= call[observer]!,
    );
    if (possible.length > 0 || others.length === 0) return possible;
    return [others.reduce((best, writer) => (ret[writer]! > ret[best]! ? writer : best))];
  }

  /**
   * For an observer whose every writer is certainly overwritten: the operation that proves it, the first to have returned;
   * NONE if there is none of that kind.
   * @param options `writesOnly` leaves out reads, which may be wrong themselves
   */
  overwriterOf(observer: number, options: { readonly writesOnly: boolean }): number {
    const { needs, call, ret, count, kind, leaves } = this.#part;
    const value = needs[observer]!;
    const called = this.#calledBefore(value, ret[observer]!);
    const latest = called === 0 ? -1 : this.#latestReturn[value]![called - 1]!;
    let first: number = NONE;
    for (let i = 0; i < count; i++) {
      if (call[i]! <= latest || ret[i]! >= call[observer]! || kind[i] === MISMATCH) continue;
      const isOther = kind[i] === READ ? !options.writesOnly && needs[i] !== value : leaves[i] !== value;
      if (isOther && (first === NONE || ret[i]! < ret[first]!)) first = i;
    }
    return first;
  }

  /** The writers of any other value that can have been in effect at an answered mismatch. */
  sourcesOfOther(mismatch: number): readonly number[] {
    const { needs, call, ret } = this.#part;
    const found: number[] = [];
    this.#of.forEach((writers, value) => {
      if (value === needs[mismatch]) return;
      for (const writer of writers) {
        if (call[writer]! > ret[mismatch]!) break;
        if (this.#overwriters.earliestReturn(this.#inEffectBy(writer), value) >= call[mismatch]!) found.push(writer);
      }
    });
    return found;
  }

  /** For a value with a single writer the operation by whose return it had been written, else NONE. */
  shownBy(value: number): number {
    return this.#shownBy[value]!;
  }

  /** The event by which this writer had taken effect for certain. */
  #inEffectBy(writer: number): number {
    const shown = this.#shownBy[this.#part.leaves[writer]!]!;
    return this.#part.ret[shown === NONE ? writer : shown]!;
  }

  /** How many writers of the value were called before the event. */
  #calledBefore(value: number, event: number): number {
    const writers = this.#of[value]!;
    let low = 0;
    let high = writers.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#part.call[writers[middle]!]! < event) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function firstShown(part: RegisterPart, writersOf: readonly (readonly number[])[]): Int32Array {
  const shown = Int32Array.from(writersOf, (writers, value) =>
    writers.length === 1 && value !== INITIAL ? writers[0]! : NONE,
  );
  for (let i = 0; i < part.count; i++) {
    if (!isObserver(part, i)) continue;
    const value = part.needs[i]!;
    if (shown[value] !== NONE && part.ret[i]! < part.ret[shown[value]!]!) shown[value] = i;
  }
  return shown;
}

/** The observer without a possible source that returned first, or NONE. */
export function firstWithoutSource(part: RegisterPart, writers: Writers): number {
  let first: number = NONE;
  for (let i = 0; i < part.count; i++) {
    if (!isObserver(part, i) || (first !== NONE && part.ret[i]! > part.ret[first]!)) continue;
    if (writers.hasNoSource(i)) first = i;
  }
  return first;
}

/** Answers: of the operations called after an event that show another value, which returned first? */
class Overwriters {
  /** By event: the earliest return among those called after it, the value that one shows, and the earliest of another value. */
  readonly #earliest: Int32Array;
  readonly #value: Int32Array;
  readonly #second: Int32Array;

  constructor(part: RegisterPart) {
    const calledAt = new Int32Array(part.end).fill(NONE);
    for (let i = 0; i < part.count; i++) calledAt[part.call[i]!] = i;
    this.#earliest = new Int32Array(part.end + 1).fill(NEVER);
    this.#value = new Int32Array(part.end + 1).fill(NONE);
    this.#second = new Int32Array(part.end + 1).fill(NEVER);
    for (let event = part.end - 1; event >= 0; event--) {
      this.#earliest[event] = this.#earliest[event + 1]!;
      this.#value[event] = this.#value[event + 1]!;
      this.#second[event] = this.#second[event + 1]!;
      const operation = calledAt[event]!;
      if (operation !== NONE) this.#add(event, part, operation);
    }
  }

  /** The first return of an operation that was called after `event` and shows a value other than this one. */
  earliestReturn(event: number, value: number): number {
    if (event === NEVER) return NEVER;
    return this.#value[event + 1] === value ? this.#second[event + 1]! : this.#earliest[event + 1]!;
  }

  #add(event: number, part: RegisterPart, operation: number): void {
    const ret = part.ret[operation]!;
    if (ret === NEVER || part.kind[operation] === MISMATCH) return;
    const shown = part.kind[operation] === READ ? part.needs[operation]! : part.leaves[operation]!;
    if (shown === this.#value[event]) {
      this.#earliest[event] = Math.min(this.#earliest[event]!, ret);
    } else if (ret < this.#earliest[event]!) {
      this.#second[event] = this.#earliest[event]!;
      this.#earliest[event] = ret;
      this.#value[event] = shown;
    } else {
      this.#second[event] = Math.min(this.#second[event]!, ret);
    }
  }
}
