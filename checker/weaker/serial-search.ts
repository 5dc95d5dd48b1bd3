/**
 * Looks for one order of all operations that keeps the given edges and in which every answer is right: depth first, a step an
 * operation. Observers go as soon as their value is there, which never costs anything. A write goes only when everybody who saw
 * the value before it has been served, because a value with one writer does not come back; of several the one goes first whose
 * value was in effect first, so that a linearizable history is ordered without a step back. States from which there was no way
 * on are remembered, exactly, so that an exhausted search is a proof.
 */
import { grown } from '../history/growth.ts';
import { NEVER } from '../linear/columns.ts';
import { CAS, MISMATCH, NONE, READ } from '../linear/register-part.ts';
import type { Budget } from '../verdict/verdict.ts';
import { INITIAL, isObserver, isWrite, type ClientHistory } from './client-history.ts';
import type { Edges, Successors } from './graph.ts';

/** What a search came to; operations by number. */
export type SerialResult = { readonly steps: number } & (
  | { readonly kind: 'found'; readonly order: readonly number[] }
  /** `stuck`: the first answered operation that could not go where the search came furthest. */
  | { readonly kind: 'none'; readonly stuck: number }
  | { readonly kind: 'gave-up'; readonly reason: string }
);

/** How to search. */
export interface SerialOptions {
  readonly budget: Budget;
  /** False to give up at the first step back. */
  readonly mayStepBack: boolean;
  /** False to leave answered mismatches out, which weakens the history. */
  readonly withMismatches: boolean;
}

/** Searches. */
export function searchSerial(history: ClientHistory, edges: Edges, options: SerialOptions): SerialResult {
  return new SerialSearch(history, edges, options).run();
}

/** A choice among writes that could all go next. */
interface Choice {
  /** How many operations were placed before it. */
  readonly placed: number;
  readonly writes: readonly number[];
  next: number;
}

/** About what a place in a map costs. */
const ENTRY_BYTES = 48;

class SerialSearch {
  readonly #history: ClientHistory;
  readonly #options: SerialOptions;
  readonly #after: Successors;
  readonly #missing: Int32Array;
  readonly #priority: Int32Array;
  /** By value: observers that must see it and have not; −1 for values that may come back. */
  readonly #pending: Int32Array;
  readonly #current: Int32Array;
  readonly #ready: number[] = [];
  /** By operation its place in `#ready`, or NONE. */
  readonly #readyAt: Int32Array;
  readonly #placed: number[] = [];
  readonly #replaced: number[] = [];
  /**
   * States from which there was no way on: by hash, where the last one begins in `#states`. There stand, for each: where the one
   * before it begins or NONE, how many operations were ready, which, and the current values.
   */
  readonly #failed = new Map<number, number>();
  #states: Int32Array = new Int32Array(1024);
  #statesEnd = 0;
  /** Of the present state: the operations that are ready and the current values, all XORed together (Zobrist 1970). */
  #hash = 0;
  #left = 0;
  #fewestLeft = Infinity;
  #stuck = NONE;
  #steps = 0;

  constructor(history: ClientHistory, edges: Edges, options: SerialOptions) {
    const { count } = history;
    this.#history = history;
    this.#options = options;
    this.#after = edges.successors(count);
    this.#missing = new Int32Array(count);
    for (const to of this.#after.to) this.#missing[to]!++;
    this.#priority = prioritiesOf(history);
    this.#pending = pendingOf(history);
    this.#current = history.initialOf.slice();
    this.#readyAt = new Int32Array(count).fill(NONE);
    for (let i = 0; i < count; i++) {
      if (history.ret[i] !== NEVER) this.#left++;
      if (this.#missing[i] === 0) this.#addReady(i);
    }
  }

  run(): SerialResult {
    const choices: Choice[] = [];
    for (;;) {
      this.#serve();
      if (this.#left === 0) return { kind: 'found', order: this.#placed, steps: this.#steps };
      const limit = this.#limit();
      if (limit !== undefined) return { kind: 'gave-up', reason: limit, steps: this.#steps };
      const isKnown = this.#isFailed();
      const writes = isKnown ? [] : this.#writes();
      if (!this.#options.mayStepBack) choices.length = 0;
      choices.push({ placed: this.#placed.length, writes, next: 0 });
      if (writes.length === 0 && !isKnown) this.#noteStuck();
      if (!this.#goOn(choices)) {
        if (!this.#options.mayStepBack)
          return { kind: 'gave-up', reason: 'a step back would be needed', steps: this.#steps };
        return { kind: 'none', stuck: this.#stuck, steps: this.#steps };
      }
    }
  }

  /** Takes the next write of the last choice that has one. False if there is none. */
  #goOn(choices: Choice[]): boolean {
    for (let choice = choices.at(-1); choice !== undefined; choice = choices.at(-1)) {
      while (this.#placed.length > choice.placed) this.#undo();
      if (choice.next < choice.writes.length && (choice.next === 0 || this.#options.mayStepBack)) {
        this.#place(choice.writes[choice.next++]!);
        return true;
      }
      if (!this.#options.mayStepBack) return false;
      this.#remember();
      choices.pop();
    }
    return false;
  }

  #limit(): string | undefined {
    const { budget } = this.#options;
    if (this.#steps > budget.maxSteps) return 'the budget of steps is used up';
    if (4 * this.#statesEnd + ENTRY_BYTES * this.#failed.size > budget.maxBytes)
      return 'the budget of memory is used up';
    return budget.shouldStop?.() === true ? 'stopped' : undefined;
  }

  /** Places everything that can go and changes nothing. */
  #serve(): void {
    const { kind, part, needs } = this.#history;
    for (let i = 0; i < this.#ready.length;) {
      const operation = this.#ready[i]!;
      const isSeen = this.#current[part[operation]!] === needs[operation];
      const canGo =
        (kind[operation] === READ && isSeen) ||
        (kind[operation] === MISMATCH && (!isSeen || !this.#options.withMismatches));
      this.#steps++;
      if (canGo) this.#place(operation);
      // Of one that went the place is taken by another one; what became ready stands at the end.
      if (!canGo) i++;
    }
  }

  /** The writes that can go next, in the order in which they are to be tried. */
  #writes(): readonly number[] {
    this.#steps += this.#ready.length;
    return this.#ready.filter((operation) => this.#canWrite(operation)).sort((a, b) => this.#compare(a, b));
  }

  #canWrite(operation: number): boolean {
    const { kind, part, needs } = this.#history;
    if (!isWrite(this.#history, operation)) return false;
    const current = this.#current[part[operation]!]!;
    if (kind[operation] !== CAS) return this.#pending[current]! <= 0;
    return current === needs[operation] && this.#pending[current]! <= (this.#isAwaited(operation) ? 1 : 0);
  }

  #compare(a: number, b: number): number {
    return this.#priority[a]! - this.#priority[b]! || a - b;
  }

  #place(operation: number): void {
    const { part, leaves, ret, needs } = this.#history;
    const { start, to } = this.#after;
    this.#removeReady(operation);
    for (let i = start[operation]!; i < start[operation + 1]!; i++)
      if (--this.#missing[to[i]!]! === 0) this.#addReady(to[i]!);
    this.#placed.push(operation);
    this.#replaced.push(this.#current[part[operation]!]!);
    if (this.#isAwaited(operation)) this.#pending[needs[operation]!]!--;
    if (leaves[operation] !== NONE) this.#setCurrent(part[operation]!, leaves[operation]!);
    if (ret[operation] !== NEVER) this.#left--;
  }

  #undo(): void {
    const { part, ret, needs } = this.#history;
    const { start, to } = this.#after;
    const operation = this.#placed.pop()!;
    for (let i = start[operation]!; i < start[operation + 1]!; i++)
      if (this.#missing[to[i]!]!++ === 0) this.#removeReady(to[i]!);
    this.#addReady(operation);
    this.#setCurrent(part[operation]!, this.#replaced.pop()!);
    if (this.#isAwaited(operation)) this.#pending[needs[operation]!]!++;
    if (ret[operation] !== NEVER) this.#left++;
  }

  #isAwaited(operation: number): boolean {
    return (
      isObserver(this.#history, operation) &&
      this.#pending[this.#history.needs[operation]!]! >= 0 &&
      isCertain(this.#history, operation)
    );
  }

  /** Values are numbers of their own in each register, so that the value alone tells the register too. */
  #setCurrent(part: number, value: number): void {
    this.#hash ^= mixed(~this.#current[part]!) ^ mixed(~value);
    this.#current[part] = value;
  }

  #addReady(operation: number): void {
    this.#hash ^= mixed(operation);
    this.#readyAt[operation] = this.#ready.push(operation) - 1;
  }

  #removeReady(operation: number): void {
    this.#hash ^= mixed(operation);
    const at = this.#readyAt[operation]!;
    const last = this.#ready.pop()!;
    if (last !== operation) {
      this.#ready[at] = last;
      this.#readyAt[last] = at;
    }
    this.#readyAt[operation] = NONE;
  }

  /** What was placed is everything that is not ready or behind something ready; with the values it is the whole state. */
  #remember(): void {
    if (this.#isFailed()) return;
    const size = 2 + this.#ready.length + this.#current.length;
    const at = this.#statesEnd;
    if (at + size > this.#states.length) this.#states = grown(this.#states, new Int32Array(2 * (at + size)));
    this.#states[at] = this.#failed.get(this.#hash) ?? NONE;
    this.#states[at + 1] = this.#ready.length;
    this.#states.set(this.#ready, at + 2);
    this.#states.set(this.#current, at + 2 + this.#ready.length);
    this.#statesEnd += size;
    this.#steps += size;
    this.#failed.set(this.#hash, at);
  }

  #isFailed(): boolean {
    for (let at = this.#failed.get(this.#hash) ?? NONE; at !== NONE; at = this.#states[at]!) {
      if (this.#isState(at)) return true;
    }
    return false;
  }

  #isState(at: number): boolean {
    const length = this.#states[at + 1]!;
    this.#steps += length + this.#current.length;
    if (length !== this.#ready.length) return false;
    let from = at + 2;
    for (let i = 0; i < length; i++) if (this.#readyAt[this.#states[from++]!] === NONE) return false;
    for (let part = 0; part < this.#current.length; part++) {
      if (this.#states[from++] !== this.#current[part]) return false;
    }
    return true;
  }

  #noteStuck(): void {
    if (this.#left >= this.#fewestLeft) return;
    this.#fewestLeft = this.#left;
    this.#stuck = this.#ready
      .filter((operation) => this.#history.ret[operation] !== NEVER)
      .reduce((first, operation) => (first === NONE || operation < first ? operation : first), NONE as number);
  }
}

/** A crashed compare-and-set may never have happened, unless somebody saw its value and nobody else can have written it. */
function isCertain({ ret, source }: ClientHistory, operation: number): boolean {
  return ret[operation] !== NEVER || source[operation]! >= INITIAL;
}

/** By value how many observers must see it, or −1 where it may come back because it has several writers. */
function pendingOf(history: ClientHistory): Int32Array {
  const { count, values, leaves, needs, initialOf } = history;
  const writers = new Int32Array(values);
  for (const initial of initialOf) writers[initial]!++;
  for (let i = 0; i < count; i++) if (isWrite(history, i)) writers[leaves[i]!]!++;
  const pending = new Int32Array(values);
  for (let value = 0; value < values; value++) if (writers[value]! > 1) pending[value] = -1;
  for (let i = 0; i < count; i++) {
    if (isObserver(history, i) && pending[needs[i]!]! >= 0 && isCertain(history, i)) pending[needs[i]!]!++;
  }
  return pending;
}

/** By write the event by which its value came into effect, or the last call of its observers if that is earlier (see zones.ts). */
function prioritiesOf(history: ClientHistory): Int32Array {
  const { count, call, ret, source } = history;
  const firstReturn = ret.slice();
  const lastCall = call.slice();
  for (let i = 0; i < count; i++) {
    const writer = isObserver(history, i) ? source[i]! : NONE;
    if (writer < 0) continue;
    firstReturn[writer] = Math.min(firstReturn[writer]!, ret[i]!);
    lastCall[writer] = Math.max(lastCall[writer]!, call[i]!);
  }
  return firstReturn.map((first, i) => Math.min(first, lastCall[i]!));
}

/** 32 bits that look random, the same for the same number (the finalizer of MurmurHash3, Appleby 2011). */
function mixed(number: number): number {
  let bits = Math.imul(number ^ (number >>> 16) ^ 0x9e3779b9, 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return bits ^ (bits >>> 16);
}
