/**
 * Just-in-time linearization (Wing & Gong 1993; Lowe 2017), depth first and without recursion. Events are taken in order.
 * Only at the return of an operation that has had no effect yet is there a choice: some operations in flight take effect now,
 * that one the last. A choice that led nowhere is undone, and the configuration remembered (see memory.ts).
 *
 * What keeps it small:
 * - Operations that change nothing take effect as soon as they are legal.
 * - A blind write that is in flight while another blind write takes effect is *free* from then on: it may have come just
 *   before the other one and was never seen. The same holds where the state already is what it writes.
 * - A blind write takes effect only at its own return or when an operation in flight waits for its value. Delaying it any
 *   other time loses nothing, because between its effect and the next one nobody looks.
 */
import type { Budget } from '../verdict/verdict.ts';
import { EffectLog } from './effect-log.ts';
import { Frames } from './frames.ts';
import { FailedConfigurations } from './memory.ts';
import { CALL, EXPIRE, IMPOSSIBLE, UNWANTED, WANTED, type Problem } from './problem.ts';
import { NONE } from './register-part.ts';

/** What a search came to. */
export type SearchResult = Cost &
  (
    | { readonly kind: 'found'; readonly order: readonly number[] }
    | ({ readonly kind: 'none' } & Progress)
    | ({ readonly kind: 'gave-up'; readonly limit: 'steps' | 'memory' | 'stopped' } & Progress)
  );

/** What it cost: choices taken and comparisons with remembered configurations, and how many of those there are. */
export interface Cost {
  readonly steps: number;
  readonly configurations: number;
}

/** How far it got. */
export interface Progress {
  /** Place in `events` of the latest return that was reached but not passed. */
  readonly deepest: number;
  /** The longest linearizable prefix: everything in effect when `deepest` was first reached, in a valid order. */
  readonly prefix: readonly number[];
  /** The states in which `deepest` was reached, at most 64. */
  readonly states: readonly number[];
}

/** Searches an order for the problem's operations. */
export function search(problem: Problem, budget: Budget): SearchResult {
  return new Search(problem, budget).run();
}

/** Asked every so many steps whether to stop. */
const STOP_CHECK_STEPS = 4096;
const STATES_MAX = 64;
/** A choice: the returning operation is free and simply leaves. */
const PASS = -1;

class Search {
  readonly #problem: Problem;
  readonly #budget: Budget;
  readonly #words: number;
  readonly #failed: FailedConfigurations;
  readonly #frames: Frames;
  /** The configuration: place in `events`, state, the words of the used slots followed by those of the free ones. */
  #position = 0;
  #state: number;
  readonly #sets: Int32Array;
  /** The operation in each slot, −1 where there is none. */
  readonly #inSlot: Int32Array;
  readonly #log = new EffectLog();
  /** By operation that is free as a hidden write: the place in the log before which it can stand. */
  readonly #hiddenBefore: Int32Array;
  #steps = 0;
  #nextStopCheck = STOP_CHECK_STEPS;
  #deepest = -1;
  readonly #states = new Set<number>();

  constructor(problem: Problem, budget: Budget) {
    this.#problem = problem;
    this.#budget = budget;
    this.#words = Math.max(1, (problem.slots + 31) >>> 5);
    this.#failed = new FailedConfigurations({ words: this.#words, events: problem.events.length });
    this.#frames = new Frames(2 * this.#words);
    this.#state = problem.initial;
    this.#sets = new Int32Array(2 * this.#words);
    this.#inSlot = new Int32Array(problem.slots).fill(-1);
    this.#hiddenBefore = new Int32Array(problem.slotOf.length);
  }

  run(): SearchResult {
    for (;;) {
      const returning = this.#advance();
      if (returning === -1) return { kind: 'found', order: this.#log.order(), ...this.#cost() };
      if (!this.#isRefuted()) this.#open(returning);
      const limit = this.#limitReached();
      if (limit !== undefined) return { kind: 'gave-up', limit, ...this.#cost(), ...this.#progress() };
      while (!this.#choose()) {
        if (!this.#fail()) return { kind: 'none', ...this.#cost(), ...this.#progress() };
      }
    }
  }

  /** Takes events up to the return of an operation that still owes its effect or could still have it; −1 at the end. */
  #advance(): number {
    const { events, slotOf } = this.#problem;
    for (; this.#position < events.length; this.#position++) {
      const event = events[this.#position]!;
      const operation = event >> 2;
      const slot = slotOf[operation]!;
      switch (event & 3) {
        case CALL:
          this.#enter(operation, slot);
          break;
        case EXPIRE:
          this.#leave(slot);
          break;
        default:
          if (!this.#mayReturn(operation, slot)) return operation;
          this.#leave(slot);
      }
    }
    return -1;
  }

  /** Also has for the operation what costs nothing at the moment of its call. */
  #enter(operation: number, slot: number): void {
    const { pure, crashed, blind, step } = this.#problem;
    this.#inSlot[slot] = operation;
    if (pure[operation] === 1) {
      if (step(this.#state, operation) !== IMPOSSIBLE) this.#serve(operation, slot);
    } else if (crashed[operation] === 1) {
      this.#free(slot);
    } else if (blind[operation] === this.#state) {
      this.#hide(operation, slot, this.#log.length);
    }
  }

  /** True if the operation had its effect, or is free and nobody can want it any more: then there is no choice. */
  #mayReturn(operation: number, slot: number): boolean {
    if (this.#isUsed(slot)) return true;
    if (!this.#isFree(slot)) return false;
    if (this.#problem.pure[operation] === 1) return true;
    if (this.#problem.wanted[operation] !== UNWANTED) return false;
    this.#log.push(operation, this.#hiddenBefore[operation]!);
    return true;
  }

  #isRefuted(): boolean {
    const compared = this.#failed.compare(this.#position, this.#state, this.#sets);
    this.#steps += Math.abs(compared);
    return compared < 0;
  }

  /** Opens a frame for the choices at the return of this operation. */
  #open(returning: number): void {
    this.#reach(returning);
    this.#frames.push(this.#position, this.#state, this.#log.length, this.#sets);
    this.#chooseSteps(returning);
    this.#chooseWrites(returning);
  }

  #reach(returning: number): void {
    if (this.#position > this.#deepest) {
      this.#deepest = this.#position;
      this.#states.clear();
      this.#log.forget();
    }
    if (this.#position === this.#deepest && this.#problem.blind[returning] === NONE && this.#states.size < STATES_MAX) {
      this.#states.add(this.#state);
    }
  }

  /** Choices that depend on the state: the returning operation first. */
  #chooseSteps(returning: number): void {
    const { pure, blind, step } = this.#problem;
    if (blind[returning] === NONE && step(this.#state, returning) !== IMPOSSIBLE) this.#frames.offer(returning);
    for (let slot = 0; slot < this.#inSlot.length; slot++) {
      const operation = this.#inSlot[slot]!;
      if (operation === -1 || operation === returning || pure[operation] === 1 || blind[operation] !== NONE) continue;
      if (!this.#isUsed(slot) && step(this.#state, operation) !== IMPOSSIBLE) this.#frames.offer(operation);
    }
  }

  /** Blind writes: the returning one, and those for which an operation in flight waits, in order of their rank. */
  #chooseWrites(returning: number): void {
    const { blind, wanted, slotOf } = this.#problem;
    const isFree = blind[returning] !== NONE && this.#isFree(slotOf[returning]!);
    if (isFree && wanted[returning] !== WANTED) this.#frames.offer(PASS);
    const awaited = this.#awaitedValues();
    const writes: number[] = [];
    for (let slot = 0; slot < this.#inSlot.length; slot++) {
      const operation = this.#inSlot[slot]!;
      if (operation === -1 || blind[operation] === NONE || this.#isUsed(slot)) continue;
      const value = blind[operation]!;
      if (operation === returning || (value !== this.#state && (awaited === 'any' || awaited.has(value)))) {
        writes.push(operation);
      }
    }
    const { rank } = this.#problem;
    writes.sort((a, b) => rank[a]! - rank[b]! || a - b);
    for (const operation of writes) this.#frames.offer(operation);
    if (isFree && wanted[returning] === WANTED) this.#frames.offer(PASS);
  }

  /** The values that operations in flight wait for; any other than the present one if a negative observer waits. */
  #awaitedValues(): ReadonlySet<number> | 'any' {
    const { needs, negative, pure } = this.#problem;
    const awaited = new Set<number>();
    for (let slot = 0; slot < this.#inSlot.length; slot++) {
      const operation = this.#inSlot[slot]!;
      if (operation === -1 || this.#isUsed(slot) || (pure[operation] === 1 && this.#isFree(slot))) continue;
      if (negative[operation] === 1) return 'any';
      if (needs[operation] !== NONE) awaited.add(needs[operation]!);
    }
    return awaited;
  }

  /** Takes the next choice of the innermost frame; false if it has none left or there is no frame. */
  #choose(): boolean {
    const frames = this.#frames;
    if (frames.isEmpty()) return false;
    const choice = frames.next();
    if (choice === undefined) return false;
    this.#restore();
    this.#steps++;
    const operation = this.#problem.events[this.#position]! >> 2;
    if (choice === PASS) {
      this.#log.push(operation, this.#hiddenBefore[operation]!);
      this.#leave(this.#problem.slotOf[operation]!);
      this.#position++;
    } else {
      this.#takeEffect(choice);
    }
    return true;
  }

  /** Back to the configuration of the innermost frame. */
  #restore(): void {
    const { events, slotOf } = this.#problem;
    const { position, state, logLength } = this.#frames.top();
    while (this.#position > position) {
      const event = events[--this.#position]!;
      this.#inSlot[slotOf[event >> 2]!] = (event & 3) === CALL ? -1 : event >> 2;
    }
    this.#state = state;
    this.#log.cut(logLength);
    this.#frames.copySets(this.#sets);
  }

  /** Remembers that the innermost frame's configuration leads nowhere, and drops the frame; false if none is left. */
  #fail(): boolean {
    if (this.#frames.isEmpty()) return false;
    this.#restore();
    if (this.#position === this.#deepest) this.#log.keepLongest();
    this.#failed.add(this.#position, this.#state, this.#sets);
    this.#frames.pop();
    return !this.#frames.isEmpty();
  }

  #takeEffect(operation: number): void {
    const { slotOf, blind, pure, step } = this.#problem;
    const slot = slotOf[operation]!;
    const place = this.#log.push(operation, EffectLog.DIRECT);
    this.#state = step(this.#state, operation);
    this.#use(slot);
    const hides = blind[operation] !== NONE;
    for (let other = 0; other < this.#inSlot.length; other++) {
      const waiting = this.#inSlot[other]!;
      if (waiting === -1 || this.#isUsed(other) || this.#isFree(other)) continue;
      if (pure[waiting] === 1) {
        if (step(this.#state, waiting) !== IMPOSSIBLE) this.#serve(waiting, other);
      } else if (blind[waiting] !== NONE && hides) {
        this.#hide(waiting, other, place);
      } else if (blind[waiting] === this.#state) {
        this.#hide(waiting, other, place + 1);
      }
    }
  }

  #serve(operation: number, slot: number): void {
    this.#log.push(operation, EffectLog.DIRECT);
    this.#free(slot);
  }

  /** The write is free: it can stand in the order just before this place of the log, and nobody need have seen it. */
  #hide(operation: number, slot: number, place: number): void {
    this.#hiddenBefore[operation] = place;
    this.#free(slot);
  }

  #isUsed(slot: number): boolean {
    return (this.#sets[slot >>> 5]! & (1 << (slot & 31))) !== 0;
  }

  #isFree(slot: number): boolean {
    return (this.#sets[this.#words + (slot >>> 5)]! & (1 << (slot & 31))) !== 0;
  }

  #use(slot: number): void {
    this.#sets[slot >>> 5]! |= 1 << (slot & 31);
    this.#sets[this.#words + (slot >>> 5)]! &= ~(1 << (slot & 31));
  }

  #free(slot: number): void {
    this.#sets[this.#words + (slot >>> 5)]! |= 1 << (slot & 31);
  }

  #leave(slot: number): void {
    this.#inSlot[slot] = -1;
    this.#sets[slot >>> 5]! &= ~(1 << (slot & 31));
    this.#sets[this.#words + (slot >>> 5)]! &= ~(1 << (slot & 31));
  }

  #limitReached(): 'steps' | 'memory' | 'stopped' | undefined {
    if (this.#steps >= this.#budget.maxSteps) return 'steps';
    if (this.#failed.bytes >= this.#budget.maxBytes) return 'memory';
    if (this.#steps < this.#nextStopCheck) return undefined;
    this.#nextStopCheck = this.#steps + STOP_CHECK_STEPS;
    return this.#budget.shouldStop?.() === true ? 'stopped' : undefined;
  }

  #cost(): Cost {
    return { steps: this.#steps, configurations: this.#failed.count };
  }

  #progress(): Progress {
    return { deepest: this.#deepest, prefix: this.#log.longest(), states: [...this.#states] };
  }
}
