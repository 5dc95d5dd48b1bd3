/**
 * Stages 3 and 4: just-in-time linearization of one register (Wing & Gong 1993; Lowe 2017), depth first and without recursion.
 * Events are taken in order. Only at the return of an operation that has had no effect yet is there a choice: some operations
 * in flight take effect now, that one the last. A choice that led nowhere is undone, and the configuration remembered.
 *
 * What keeps it small:
 * - A configuration is about the slots of operations *in flight*, some words of 32 bits; each step is a few word operations.
 * - Operations that change nothing take effect as soon as they are legal.
 * - A blind write that is in flight while another blind write takes effect is *free* from then on: it may have come just
 *   before the other one and was never seen. The same holds where the state already is what it writes. A free operation
 *   may still take effect openly until it leaves.
 * - A blind write takes effect only at its own return or when an operation in flight waits for its value. Delaying it any
 *   other time loses nothing, because between its effect and the next one nobody looks. A write of the value that is there
 *   already is another matter: spent just before a compare-and-set uses that value, it hides every write that still owes its effect.
 * - Of operations that ask the same the one with the earliest deadline goes first, a crashed one last.
 * - A crashed operation that had taken effect before a subtree, and would have found nothing to do in it, played no part in
 *   its failure: the failure is remembered as if that operation were still free (no-good generalisation).
 *
 * *Detours*: a crashed operation mends any mistake, and is missing thousands of events later. Before one is spent at an event
 * that is reached for the first time, a way to pass that event without it is looked for, going back a little. If there is
 * one it is taken; nothing is lost, since everything that it goes past can still be tried.
 *
 * *Localised refutation*: when the search is stuck at an event, it is asked whether that event can be passed at all from a few
 * events before it, with everything in flight there free and in any state that was possible. That is more than any
 * past could offer; so if it cannot, the history is bad whatever happened before.
 */
import type { Budget } from '../verdict/verdict.ts';
import { NEVER } from './columns.ts';
import { FailedConfigurations } from './failed-configurations.ts';
import { KeptLog, reconstruct } from './register-order.ts';
import { CAS, INITIAL, MISMATCH, NONE, READ, WRITE } from './register-part.ts';
import { CALL, EXPIRE, type RegisterProblem } from './register-problem.ts';
import type { SearchResult, Window } from './search-result.ts';

/** How a search goes about it; each has a usual value. */
export interface SearchOptions {
  /** Choices without progress after which refutation is tried; doubled each time. */
  readonly refuteAfter?: number;
  /** Asked when the search is stuck for the first time; true ends it as having no order. */
  readonly isHopeless?: () => boolean;
}

const REFUTE_AFTER = 512;
/** The shortest window of a refutation, in events; and steps that one attempt may cost, for each choice without progress. */
const WINDOW_MIN = 8;
const WINDOW_EFFORT = 4;
const WINDOW_EFFORT_MIN = 2000;
/** How many events a detour may go back, one after the other, and how many steps each may cost. */
const DETOURS = [
  { events: 32, steps: 1000 },
  { events: 256, steps: 8000 },
  { events: 2048, steps: 32_000 },
] as const;
/** In place of how many crashed operations may take effect. */
const ANY_NUMBER = 0x7fffffff;
/** Asked every so many steps whether to stop. */
const STOP_CHECK_STEPS = 4096;
const STATES_MAX = 64;
/** A choice: the returning operation is free and simply leaves. */
const PASS = -1;
/** Crashed operations come after all others. */
const CRASHED_TIER = 10;

/** What an exploration came to. */
const PASSED = 0;
const EXHAUSTED = 1;
const LIMITED = 2;

/** Fields of a frame, before its three sets: used, free, and the crashed operations that played a part below it. */
const POSITION = 0;
const STATE = 1;
const LOG_LENGTH = 2;
const CHOICE_BASE = 3;
const CHOICE_NEXT = 4;
/** 1 until the first choice is taken: the configuration is still the frame's. */
const FRESH = 5;
/** How many crashed operations took effect on the way. */
const CRASHED = 6;
const FIELDS = 7;

/** Searches an order for the problem's operations. */
export function searchRegister(problem: RegisterProblem, budget: Budget, options: SearchOptions = {}): SearchResult {
  return new RegisterSearch(problem, budget, options).run();
}

class RegisterSearch {
  readonly #problem: RegisterProblem;
  readonly #budget: Budget;
  readonly #words: number;
  /** The configuration: place in `events`, state, used and free slots. */
  #position = 0;
  #state: number = INITIAL;
  readonly #used: Int32Array;
  readonly #free: Int32Array;
  /** What is in flight at the position, whatever the configuration: by slot the operation; by value and word the slots. */
  readonly #inSlot: Int32Array;
  readonly #inFlight: Int32Array;
  readonly #writes: Int32Array;
  readonly #mismatches: Int32Array;
  readonly #crashed: Int32Array;
  readonly #readsOf: Int32Array;
  readonly #mismatchesOf: Int32Array;
  readonly #writesOf: Int32Array;
  readonly #casFrom: Int32Array;
  readonly #casTo: Int32Array;
  /** The stack. */
  #frames: Int32Array;
  readonly #stride: number;
  #depth = 0;
  #choices: Int32Array = new Int32Array(256);
  #choicesEnd = 0;
  readonly #tiers: Int32Array;
  readonly #log = new KeptLog();
  #memo: FailedConfigurations;
  #steps = 0;
  #configurations = 0;
  #nextStopCheck = STOP_CHECK_STEPS;
  #limit: 'steps' | 'memory' | 'stopped' | undefined;
  /** Place in `events` of the latest return that was reached, the states there, and the choices opened since. */
  #deepest = -1;
  readonly #states = new Set<number>();
  #sinceDeepest = 0;
  #refuteAfter: number;
  #isHopeless: (() => boolean) | undefined;
  #crashedUsed = 0;
  /** False in a detour or a refutation, which do not tell how far the search itself came. */
  #isMain = true;
  /** In a detour: so many crashed operations may have taken effect. */
  #crashedMax: number = ANY_NUMBER;
  /** The latest event at which a detour was looked for. */
  #detourAt = -1;
  /** Of a refutation. */
  #stepsMax = 0;
  #window: Window | undefined;

  constructor(problem: RegisterProblem, budget: Budget, options: SearchOptions) {
    const words = Math.max(1, (problem.slots + 31) >>> 5);
    // One more value than there are: "any other", for refutation.
    const byValue = (problem.values + 1) * words;
    this.#problem = problem;
    this.#budget = budget;
    this.#words = words;
    this.#used = new Int32Array(words);
    this.#free = new Int32Array(words);
    this.#inSlot = new Int32Array(words * 32).fill(NONE);
    this.#inFlight = new Int32Array(words);
    this.#writes = new Int32Array(words);
    this.#mismatches = new Int32Array(words);
    this.#crashed = new Int32Array(words);
    this.#readsOf = new Int32Array(byValue);
    this.#mismatchesOf = new Int32Array(byValue);
    this.#writesOf = new Int32Array(byValue);
    this.#casFrom = new Int32Array(byValue);
    this.#casTo = new Int32Array(byValue);
    this.#stride = FIELDS + 3 * words;
    this.#frames = new Int32Array(64 * this.#stride);
    this.#tiers = new Int32Array(problem.slots + 2);
    this.#memo = new FailedConfigurations(words);
    this.#refuteAfter = options.refuteAfter ?? REFUTE_AFTER;
    this.#isHopeless = options.isHopeless;
  }

  run(): SearchResult {
    const came = this.#explore(0, this.#problem.events.length);
    const cost = { steps: this.#steps, configurations: this.#configurations + this.#memo.count };
    if (came === PASSED) {
      return { kind: 'found', order: reconstruct(this.#problem, this.#log, this.#problem.events.length), ...cost };
    }
    const progress = {
      deepest: this.#deepest,
      prefix: reconstruct(this.#problem, this.#log.longest(), this.#deepest),
      states: [...this.#states],
    };
    return came === EXHAUSTED
      ? { kind: 'none', window: this.#window, ...cost, ...progress }
      : { kind: 'gave-up', limit: this.#limit!, ...cost, ...progress };
  }

  /** Searches on from the present configuration up to the event `stop`, with frames above `base`. */
  #explore(base: number, stop: number): number {
    for (;;) {
      const returning = this.#advance(stop);
      if (returning === NONE) return PASSED;
      if (!this.#isRefuted(base)) this.#open(returning);
      if (this.#isSpent()) return LIMITED;
      while (this.#depth === base || !this.#choose()) {
        if (this.#depth === base) return EXHAUSTED;
        this.#fail(base);
        if (this.#isMain && this.#sinceDeepest >= this.#refuteAfter && this.#isRefutedLocally()) return EXHAUSTED;
        if (this.#limit !== undefined) return LIMITED;
      }
    }
  }

  /** Takes events up to a return at which there is a choice; NONE at `stop`. */
  #advance(stop: number): number {
    const { events, slotOf, kind, needs, leaves, ret, isWanted } = this.#problem;
    const used = this.#used;
    const free = this.#free;
    for (; this.#position < stop; this.#position++) {
      const event = events[this.#position]!;
      const operation = event >> 2;
      const slot = slotOf[operation]!;
      const word = slot >>> 5;
      const bit = 1 << (slot & 31);
      const type = event & 3;
      if (type === CALL) {
        this.#insert(operation, slot);
        const isFree =
          kind[operation] === READ
            ? needs[operation] === this.#state
            : kind[operation] === MISMATCH
              ? needs[operation] !== this.#state
              : ret[operation] === NEVER || (kind[operation] === WRITE && leaves[operation] === this.#state);
        if (isFree) free[word]! |= bit;
        continue;
      }
      if (type !== EXPIRE && (used[word]! & bit) === 0) {
        if ((free[word]! & bit) === 0) return operation;
        if (isWanted[operation] === 1) return operation;
      }
      this.#remove(operation, slot);
      used[word]! &= ~bit;
      free[word]! &= ~bit;
    }
    return NONE;
  }

  #insert(operation: number, slot: number): void {
    const { kind, needs, leaves, ret } = this.#problem;
    const word = slot >>> 5;
    const bit = 1 << (slot & 31);
    this.#inSlot[slot] = operation;
    this.#inFlight[word]! |= bit;
    const from = needs[operation]! * this.#words + word;
    switch (kind[operation]!) {
      case READ:
        this.#readsOf[from]! |= bit;
        return;
      case MISMATCH:
        this.#mismatches[word]! |= bit;
        this.#mismatchesOf[from]! |= bit;
        return;
      case WRITE:
        this.#writes[word]! |= bit;
        this.#writesOf[leaves[operation]! * this.#words + word]! |= bit;
        break;
      default:
        this.#casFrom[from]! |= bit;
        this.#casTo[leaves[operation]! * this.#words + word]! |= bit;
    }
    if (ret[operation] === NEVER) this.#crashed[word]! |= bit;
  }

  #remove(operation: number, slot: number): void {
    const { kind, needs, leaves } = this.#problem;
    const word = slot >>> 5;
    const rest = ~(1 << (slot & 31));
    this.#inSlot[slot] = NONE;
    this.#inFlight[word]! &= rest;
    const from = needs[operation]! * this.#words + word;
    switch (kind[operation]!) {
      case READ:
        this.#readsOf[from]! &= rest;
        return;
      case MISMATCH:
        this.#mismatches[word]! &= rest;
        this.#mismatchesOf[from]! &= rest;
        return;
      case WRITE:
        this.#writes[word]! &= rest;
        this.#writesOf[leaves[operation]! * this.#words + word]! &= rest;
        break;
      default:
        this.#casFrom[from]! &= rest;
        this.#casTo[leaves[operation]! * this.#words + word]! &= rest;
    }
    this.#crashed[word]! &= rest;
  }

  /** Moves what is in flight to another position; the configuration is not touched. */
  #moveTo(position: number): void {
    const { events, slotOf } = this.#problem;
    while (this.#position > position) {
      const event = events[--this.#position]!;
      if ((event & 3) === CALL) this.#remove(event >> 2, slotOf[event >> 2]!);
      else this.#insert(event >> 2, slotOf[event >> 2]!);
    }
    while (this.#position < position) {
      const event = events[this.#position++]!;
      if ((event & 3) === CALL) this.#insert(event >> 2, slotOf[event >> 2]!);
      else this.#remove(event >> 2, slotOf[event >> 2]!);
    }
  }

  #isRefuted(base: number): boolean {
    if (this.#memo.isEmptyAt(this.#position)) return false;
    const compared = this.#memo.compare(this.#position, this.#state, this.#used, this.#free);
    this.#steps += Math.abs(compared);
    if (compared >= 0) return false;
    if (this.#depth > base) {
      const touched = (this.#depth - 1) * this.#stride + FIELDS + 2 * this.#words;
      for (let word = 0; word < this.#words; word++) {
        this.#frames[touched + word]! |= this.#crashed[word]! & this.#used[word]! & ~this.#memo.freeOfLast(word);
      }
    }
    return true;
  }

  /** Opens a frame for the choices at the return of this operation. */
  #open(returning: number): void {
    if (this.#isMain) this.#reach();
    const words = this.#words;
    const at = this.#depth++ * this.#stride;
    if (at + this.#stride > this.#frames.length) {
      const larger = new Int32Array(this.#frames.length * 2);
      larger.set(this.#frames);
      this.#frames = larger;
    }
    const frames = this.#frames;
    frames[at + POSITION] = this.#position;
    frames[at + STATE] = this.#state;
    frames[at + LOG_LENGTH] = this.#log.length;
    frames[at + CHOICE_BASE] = this.#choicesEnd;
    frames[at + CHOICE_NEXT] = this.#choicesEnd;
    frames[at + FRESH] = 1;
    frames[at + CRASHED] = this.#crashedUsed;
    for (let word = 0; word < words; word++) {
      frames[at + FIELDS + word] = this.#used[word]!;
      frames[at + FIELDS + words + word] = this.#free[word]!;
      frames[at + FIELDS + 2 * words + word] = 0;
    }
    if (this.#choices.length < this.#choicesEnd + this.#inSlot.length + 2) {
      const larger = new Int32Array(this.#choices.length * 2 + this.#inSlot.length);
      larger.set(this.#choices);
      this.#choices = larger;
    }
    this.#offerAll(returning, at + FIELDS + 2 * words);
  }

  #reach(): void {
    if (this.#position > this.#deepest) {
      this.#deepest = this.#position;
      this.#states.clear();
      this.#log.forget();
      this.#sinceDeepest = 0;
    } else {
      this.#sinceDeepest++;
    }
    if (this.#position === this.#deepest && this.#states.size < STATES_MAX) this.#states.add(this.#state);
  }

  /** Every choice at the return of this operation, the most promising first. */
  #offerAll(returning: number, touched: number): void {
    const { kind, needs, leaves, slotOf, writers } = this.#problem;
    const slot = slotOf[returning]!;
    const isFree = (this.#free[slot >>> 5]! & (1 << (slot & 31))) !== 0;
    const hasCrashed = this.#hasUsedCrashed();
    let goal: number = NONE;
    if (kind[returning] === READ || kind[returning] === CAS) {
      if (needs[returning] !== this.#state) {
        goal = needs[returning]!;
        if (!isFree && !this.#hasProducer(goal)) {
          if (hasCrashed) this.#touchProducers(goal, touched);
          return;
        }
      }
    }
    if (hasCrashed) this.#touch(touched);
    const first = this.#choicesEnd;
    if (isFree) {
      const value = leaves[returning]!;
      const isSole = writers[value] === 1 || (this.#awaits(value) && !this.#hasOtherWrite(value, slot));
      this.#offer(first, PASS, isSole ? 3 : -1);
    }
    this.#offerCas(first, returning, goal);
    this.#offerWrites(first, returning, goal);
  }

  /** An unused operation in flight that leaves this value. */
  #hasProducer(value: number): boolean {
    const at = value * this.#words;
    for (let word = 0; word < this.#words; word++) {
      if (((this.#writesOf[at + word]! | this.#casTo[at + word]!) & ~this.#used[word]!) !== 0) return true;
    }
    return false;
  }

  #hasOtherWrite(value: number, than: number): boolean {
    const at = value * this.#words;
    for (let word = 0; word < this.#words; word++) {
      const others = word === than >>> 5 ? ~(1 << (than & 31)) : -1;
      if ((this.#writesOf[at + word]! & ~this.#used[word]! & others) !== 0) return true;
    }
    return false;
  }

  /** True if an operation in flight waits for this value. */
  #awaits(value: number): boolean {
    const at = value * this.#words;
    for (let word = 0; word < this.#words; word++) {
      if ((this.#readsOf[at + word]! & ~this.#free[word]!) !== 0) return true;
      if ((this.#casFrom[at + word]! & ~this.#used[word]!) !== 0) return true;
    }
    return false;
  }

  #hasWaitingMismatch(): boolean {
    for (let word = 0; word < this.#words; word++) {
      if ((this.#mismatches[word]! & ~this.#free[word]!) !== 0) return true;
    }
    return false;
  }

  /** True if a blind write in flight has neither had its effect nor is free. */
  #hasOwingWrite(): boolean {
    for (let word = 0; word < this.#words; word++) {
      if ((this.#writes[word]! & ~this.#used[word]! & ~this.#free[word]!) !== 0) return true;
    }
    return false;
  }

  /** Compare-and-sets that are legal now: of those to one value the one with the earliest deadline. */
  #offerCas(first: number, returning: number, goal: number): void {
    const { leaves, ret } = this.#problem;
    const at = this.#state * this.#words;
    for (let word = 0; word < this.#words; word++) {
      let slots = this.#casFrom[at + word]! & ~this.#used[word]!;
      while (slots !== 0) {
        const operation = this.#inSlot[(word << 5) + 31 - Math.clz32(slots & -slots)]!;
        slots &= slots - 1;
        const isDirect = operation === returning || leaves[operation] === goal;
        this.#offerOneOf(first, operation, (isDirect ? 0 : 1) + (ret[operation] === NEVER ? CRASHED_TIER : 0));
      }
    }
  }

  /**
   * Blind writes: the returning one, those of other values for which somebody waits, and where a write still owes its effect those
   * of the present value: one of them, spent now, hides it and leaves the value as it is.
   */
  #offerWrites(first: number, returning: number, goal: number): void {
    const { kind, needs, leaves, values } = this.#problem;
    if (kind[returning] === WRITE) this.#offer(first, returning, 2);
    if (this.#hasOwingWrite()) this.#offerWritesOf(first, returning, goal, this.#state);
    if (this.#hasWaitingMismatch()) {
      for (let word = 0; word < this.#words; word++) {
        let slots = this.#writes[word]! & ~this.#used[word]!;
        while (slots !== 0) {
          const operation = this.#inSlot[(word << 5) + 31 - Math.clz32(slots & -slots)]!;
          slots &= slots - 1;
          if (leaves[operation] !== this.#state) this.#offerWrite(first, returning, goal, operation);
        }
      }
      return;
    }
    if (values <= 16) {
      for (let value = 0; value < values; value++) {
        if (value !== this.#state && this.#awaits(value)) this.#offerWritesOf(first, returning, goal, value);
      }
      return;
    }
    for (let word = 0; word < this.#words; word++) {
      let slots = this.#inFlight[word]! & ~this.#writes[word]! & ~this.#mismatches[word]! & ~this.#used[word]!;
      while (slots !== 0) {
        const lowest = slots & -slots;
        const operation = this.#inSlot[(word << 5) + 31 - Math.clz32(lowest)]!;
        slots &= slots - 1;
        const value = needs[operation]!;
        if (kind[operation] === READ && (this.#free[word]! & lowest) !== 0) continue;
        if (value !== this.#state) this.#offerWritesOf(first, returning, goal, value);
      }
    }
  }

  #offerWritesOf(first: number, returning: number, goal: number, value: number): void {
    const at = value * this.#words;
    for (let word = 0; word < this.#words; word++) {
      let slots = this.#writesOf[at + word]! & ~this.#used[word]!;
      while (slots !== 0) {
        const operation = this.#inSlot[(word << 5) + 31 - Math.clz32(slots & -slots)]!;
        slots &= slots - 1;
        this.#offerWrite(first, returning, goal, operation);
      }
    }
  }

  #offerWrite(first: number, returning: number, goal: number, operation: number): void {
    if (operation === returning) return;
    const { leaves, ret } = this.#problem;
    const value = leaves[operation]!;
    const isLeading = goal !== NONE && this.#leadsTo(value, goal);
    const tier = value === goal ? 2 : value === this.#state ? 5 : isLeading ? 3 : 4;
    this.#offerOneOf(first, operation, tier + (ret[operation] === NEVER ? CRASHED_TIER : 0));
  }

  /** True if an unused compare-and-set in flight makes `goal` out of this value. */
  #leadsTo(value: number, goal: number): boolean {
    for (let word = 0; word < this.#words; word++) {
      const both = this.#casFrom[value * this.#words + word]! & this.#casTo[goal * this.#words + word]!;
      if ((both & ~this.#used[word]!) !== 0) return true;
    }
    return false;
  }

  /** Offers an operation unless one that asks the same is offered and has the earlier deadline. */
  #offerOneOf(first: number, operation: number, tier: number): void {
    const { kind, leaves, ret } = this.#problem;
    for (let i = first; i < this.#choicesEnd; i++) {
      const other = this.#choices[i]!;
      if (other === PASS || kind[other] !== kind[operation] || leaves[other] !== leaves[operation]) continue;
      if (ret[operation]! >= ret[other]!) return;
      this.#choicesEnd--;
      for (let j = i; j < this.#choicesEnd; j++) {
        this.#choices[j] = this.#choices[j + 1]!;
        this.#tiers[j - first] = this.#tiers[j + 1 - first]!;
      }
      break;
    }
    this.#offer(first, operation, tier);
  }

  /** Puts a choice in its place among those offered: by tier, then by rank. */
  #offer(first: number, choice: number, tier: number): void {
    const { rank } = this.#problem;
    const own = choice === PASS ? 0 : rank[choice]!;
    let at = this.#choicesEnd++;
    for (; at > first; at--) {
      const otherTier = this.#tiers[at - 1 - first]!;
      const other = this.#choices[at - 1]!;
      if (otherTier < tier || (otherTier === tier && (other === PASS ? 0 : rank[other]!) <= own)) break;
      this.#choices[at] = other;
      this.#tiers[at - first] = otherTier;
    }
    this.#choices[at] = choice;
    this.#tiers[at - first] = tier;
  }

  #hasUsedCrashed(): boolean {
    for (let word = 0; word < this.#words; word++) if ((this.#crashed[word]! & this.#used[word]!) !== 0) return true;
    return false;
  }

  /** Notes the crashed operations that took effect and could have made a difference here, were they still free. */
  #touch(touched: number): void {
    const { kind, needs, leaves } = this.#problem;
    const anyMismatch = this.#hasWaitingMismatch();
    for (let word = 0; word < this.#words; word++) {
      let slots = this.#crashed[word]! & this.#used[word]!;
      while (slots !== 0) {
        const lowest = slots & -slots;
        const operation = this.#inSlot[(word << 5) + 31 - Math.clz32(lowest)]!;
        slots &= slots - 1;
        const isTouched =
          kind[operation] === WRITE
            ? this.#couldWrite(leaves[operation]!, anyMismatch)
            : this.#couldCas(needs[operation]!, leaves[operation]!);
        if (isTouched) this.#frames[touched + word]! |= lowest;
      }
    }
  }

  #couldWrite(value: number, anyMismatch: boolean): boolean {
    if (this.#hasOtherWrite(value, NONE)) return false;
    if (value === this.#state) return this.#hasOwingWrite();
    return anyMismatch || this.#awaits(value) || this.#hasUsedCrashedIn(this.#casFrom, value);
  }

  #couldCas(from: number, to: number): boolean {
    if (from !== this.#state && !this.#hasOtherWrite(from, NONE) && !this.#hasUsedCrashedIn(this.#writesOf, from)) {
      return false;
    }
    return !this.#leadsTo(from, to);
  }

  #hasUsedCrashedIn(of: Int32Array, value: number): boolean {
    for (let word = 0; word < this.#words; word++) {
      if ((of[value * this.#words + word]! & this.#crashed[word]! & this.#used[word]!) !== 0) return true;
    }
    return false;
  }

  #touchProducers(value: number, touched: number): void {
    for (let word = 0; word < this.#words; word++) {
      const producers = this.#writesOf[value * this.#words + word]! | this.#casTo[value * this.#words + word]!;
      this.#frames[touched + word]! |= producers & this.#crashed[word]! & this.#used[word]!;
    }
  }

  /** Takes the next choice of the innermost frame; false if it has none left. */
  #choose(): boolean {
    const at = (this.#depth - 1) * this.#stride;
    const next = this.#frames[at + CHOICE_NEXT]!;
    if (next === this.#choicesEnd) return false;
    const choice = this.#choices[next]!;
    if (this.#frames[at + FRESH] === 0) this.#restore(at);
    this.#frames[at + FRESH] = 0;
    if (choice !== PASS && this.#problem.ret[choice] === NEVER) {
      if (this.#crashedUsed >= this.#crashedMax) return false;
      if (this.#mayBeSaved(choice) && this.#takeDetour()) return true;
    }
    this.#frames[at + CHOICE_NEXT] = next + 1;
    this.#steps++;
    if (choice === PASS) {
      const operation = this.#problem.events[this.#position]! >> 2;
      const slot = this.#problem.slotOf[operation]!;
      this.#remove(operation, slot);
      this.#used[slot >>> 5]! &= ~(1 << (slot & 31));
      this.#free[slot >>> 5]! &= ~(1 << (slot & 31));
      this.#position++;
    } else {
      this.#takeEffect(choice);
    }
    return true;
  }

  /** True if it is not yet known that this crashed operation has to be spent here: others leave its value too. */
  #mayBeSaved(operation: number): boolean {
    const isNew = this.#position === this.#deepest && this.#position > this.#detourAt;
    return this.#isMain && isNew && this.#problem.writers[this.#problem.leaves[operation]!]! > 1;
  }

  /** Back to the configuration of the frame at this place. */
  #restore(at: number): void {
    const frames = this.#frames;
    this.#moveTo(frames[at + POSITION]!);
    this.#state = frames[at + STATE]!;
    this.#log.cut(frames[at + LOG_LENGTH]!);
    this.#crashedUsed = frames[at + CRASHED]!;
    for (let word = 0; word < this.#words; word++) {
      this.#used[word] = frames[at + FIELDS + word]!;
      this.#free[word] = frames[at + FIELDS + this.#words + word]!;
    }
  }

  /** Remembers that the innermost frame's configuration leads nowhere, and drops the frame. */
  #fail(base: number): void {
    const words = this.#words;
    const at = (this.#depth - 1) * this.#stride;
    this.#restore(at);
    if (this.#isMain && this.#position === this.#deepest) this.#log.keepLongest();
    const touched = at + FIELDS + 2 * words;
    const above = touched - this.#stride;
    for (let word = 0; word < words; word++) {
      const raised = this.#crashed[word]! & this.#used[word]! & ~this.#frames[touched + word]!;
      if (this.#depth - 1 > base) this.#frames[above + word]! |= this.#frames[touched + word]!;
      this.#used[word]! &= ~raised;
      this.#free[word]! |= raised;
    }
    this.#memo.add(this.#position, this.#state, this.#used, this.#free);
    this.#choicesEnd = this.#frames[at + CHOICE_BASE]!;
    this.#depth--;
  }

  #takeEffect(operation: number): void {
    const { slotOf, kind, leaves, ret } = this.#problem;
    const words = this.#words;
    const slot = slotOf[operation]!;
    if (ret[operation] === NEVER) this.#crashedUsed++;
    const used = this.#used;
    const free = this.#free;
    this.#log.push(operation, this.#position);
    used[slot >>> 5]! |= 1 << (slot & 31);
    const state = leaves[operation]!;
    this.#state = state;
    const hides = kind[operation] === WRITE ? -1 : 0;
    const at = state * words;
    for (let word = 0; word < words; word++) {
      const served =
        this.#readsOf[at + word]! |
        (this.#mismatches[word]! & ~this.#mismatchesOf[at + word]!) |
        this.#writesOf[at + word]! |
        (this.#writes[word]! & hides);
      free[word] = (free[word]! | served) & ~used[word]!;
    }
  }

  /**
   * Looks for a way to pass the present event on which no more crashed operations took effect than so far. If there is one, it
   * is the present way afterwards, with all its choices still open.
   */
  #takeDetour(): boolean {
    const top = (this.#depth - 1) * this.#stride;
    const event = this.#position;
    const memo = this.#memo;
    const earliest = this.#frameBefore(this.#depth - 1, event - DETOURS.at(-1)!.events);
    const logLength = this.#frames[earliest * this.#stride + LOG_LENGTH]!;
    const tail = this.#log.tail(logLength);
    this.#detourAt = event;
    this.#crashedMax = this.#crashedUsed;
    this.#isMain = false;
    let isFound = false;
    for (let frame = this.#depth - 1, i = 0; frame > 0 && i < DETOURS.length; i++) {
      const { events, steps } = DETOURS[i]!;
      const before = this.#frameBefore(frame, event - events);
      if (before === frame) continue;
      frame = before;
      isFound = this.#canPassFrom(frame, event, steps);
      if (isFound || this.#limit !== undefined) break;
    }
    this.#isMain = true;
    this.#crashedMax = ANY_NUMBER;
    this.#memo = memo;
    if (!isFound) {
      this.#log.replaceTail(logLength, tail);
      this.#restore(top);
    }
    return isFound;
  }

  /** The innermost frame from this one down whose event is not after the given one; the outermost if there is none. */
  #frameBefore(frame: number, event: number): number {
    let before = frame;
    while (before > 0 && this.#frames[before * this.#stride + POSITION]! > event) before--;
    return before;
  }

  /** Explores anew from the configuration of a frame; if the event is passed, the way there replaces that frame and those above. */
  #canPassFrom(frame: number, event: number, stepsMax: number): boolean {
    const base = this.#depth;
    const choicesBase = this.#choicesEnd;
    this.#restore(frame * this.#stride);
    this.#memo = new FailedConfigurations(this.#words);
    this.#stepsMax = this.#steps + stepsMax;
    const came = this.#explore(base, event + 1);
    this.#configurations += this.#memo.count;
    if (came !== PASSED) {
      this.#depth = base;
      this.#choicesEnd = choicesBase;
      return false;
    }
    this.#adopt(frame, base, choicesBase);
    return true;
  }

  /** Moves the frames above `base` down to `frame`; every choice of theirs is open again. */
  #adopt(frame: number, base: number, choicesBase: number): void {
    const stride = this.#stride;
    const firstChoice = this.#frames[frame * stride + CHOICE_BASE]!;
    const shift = choicesBase - firstChoice;
    this.#frames.copyWithin(frame * stride, base * stride, this.#depth * stride);
    this.#choices.copyWithin(firstChoice, choicesBase, this.#choicesEnd);
    this.#choicesEnd -= shift;
    this.#depth -= base - frame;
    for (let adopted = frame; adopted < this.#depth; adopted++) {
      const at = adopted * stride;
      this.#frames[at + CHOICE_BASE]! -= shift;
      this.#frames[at + CHOICE_NEXT] = this.#frames[at + CHOICE_BASE]!;
      this.#frames[at + FRESH] = 0;
    }
  }

  /** True if it is proven that the deepest event cannot be passed. The configuration is another one afterwards. */
  #isRefutedLocally(): boolean {
    if (this.#isHopeless?.() === true) return true;
    this.#isHopeless = undefined;
    const memo = this.#memo;
    const logLength = this.#log.length;
    this.#isMain = false;
    const effort = Math.max(WINDOW_EFFORT_MIN, WINDOW_EFFORT * this.#refuteAfter);
    const isRefuted = this.#refute(this.#deepest, this.#steps + effort);
    this.#isMain = true;
    this.#refuteAfter = Math.max(1, this.#refuteAfter * 2);
    this.#memo = memo;
    this.#log.cut(logLength);
    return isRefuted;
  }

  #refute(fail: number, stepsMax: number): boolean {
    for (let window = WINDOW_MIN; window < fail; window *= 2) {
      const from = fail - window;
      const canPass = this.#statesAt(from, fail).some((state) => this.#canPass(from, state, fail, stepsMax));
      if (!canPass) {
        this.#window = { from: this.#firstEventFrom(from), to: this.#eventOf(fail) };
        return true;
      }
      if (this.#steps >= stepsMax || this.#limit !== undefined) return false;
    }
    return false;
  }

  /** True if the event `fail` can be passed from there, or if that was not found out. */
  #canPass(from: number, state: number, fail: number, stepsMax: number): boolean {
    if (this.#steps >= stepsMax) return true;
    this.#moveTo(from);
    this.#state = state;
    this.#used.fill(0);
    this.#free.set(this.#inFlight);
    this.#memo = new FailedConfigurations(this.#words);
    this.#stepsMax = stepsMax;
    const base = this.#depth;
    const choicesEnd = this.#choicesEnd;
    const came = this.#explore(base, fail + 1);
    this.#configurations += this.#memo.count;
    this.#depth = base;
    this.#choicesEnd = choicesEnd;
    return came !== EXHAUSTED;
  }

  /** The states to start a window from: those that somebody in it asks about and that could have been written, and "any other". */
  #statesAt(from: number, fail: number): readonly number[] {
    const { events, needs, firstWrite, values, kind } = this.#problem;
    this.#moveTo(from);
    const asked = new Set<number>();
    for (const operation of this.#inSlot)
      if (operation !== NONE && kind[operation] !== WRITE) asked.add(needs[operation]!);
    for (let position = from; position <= fail; position++) {
      const operation = events[position]! >> 2;
      if (kind[operation] !== WRITE) asked.add(needs[operation]!);
    }
    const fromEvent = this.#firstEventFrom(from);
    return [...[...asked].filter((value) => firstWrite[value]! <= fromEvent), values];
  }

  /** The event index of the first call or return from a place in `events` on. There is one: a window ends with a return. */
  #firstEventFrom(from: number): number {
    let position = from;
    while (this.#eventOf(position) === NEVER) position++;
    return this.#eventOf(position);
  }

  /** The event index of a place in `events`; of an expiry nothing is known. */
  #eventOf(position: number): number {
    const { events, call, ret } = this.#problem;
    const operation = events[position]! >> 2;
    const type = events[position]! & 3;
    return type === EXPIRE ? NEVER : type === CALL ? call[operation]! : ret[operation]!;
  }

  #isSpent(): boolean {
    if (!this.#isMain && this.#steps >= this.#stepsMax) return true;
    if (this.#steps >= this.#budget.maxSteps) this.#limit = 'steps';
    else if (this.#bytes() >= this.#budget.maxBytes) this.#limit = 'memory';
    else if (this.#steps >= this.#nextStopCheck) {
      this.#nextStopCheck = this.#steps + STOP_CHECK_STEPS;
      if (this.#budget.shouldStop?.() === true) this.#limit = 'stopped';
    }
    return this.#limit !== undefined;
  }

  #bytes(): number {
    return (
      this.#memo.bytes + 4 * (this.#frames.length + this.#choices.length + 5 * this.#readsOf.length) + this.#log.bytes
    );
  }
}
