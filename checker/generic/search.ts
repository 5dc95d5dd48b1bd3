/**
 * Just-in-time linearization (Wing & Gong 1993; Lowe 2017) for any model, depth first and without recursion. Events are taken
 * in order. Only at the return of an operation that has had no effect yet is there a choice: some operations in flight take
 * effect now, that one the last. A choice that led nowhere is undone, and the configuration remembered (see refuted.ts).
 *
 * What keeps it small, each without losing an order:
 * - An operation in flight that is possible and would change nothing is *free* from then on: it can stand right there. If it
 *   never changes anything (a read), that settles it.
 * - Of operations in flight that ask and answer the same, the one that returns first takes effect first, crashed ones last.
 * - A choice is redundant if one of the operations that took effect before the returning one could as well do so after it (see
 *   redundancy.ts): it is still in flight then.
 * - A crashed operation that took effect, and that no dead end of a subtree missed, counts as unused in what is remembered.
 */
import type { Budget } from '../verdict/verdict.ts';
import { keepUsed, listChoices, PASS } from './choices.ts';
import { FRESH, Frames, LISTED, STARTED } from './frames.ts';
import { Placed } from './placed.ts';
import { addMissed } from './missed.ts';
import { Farthest, type Progress } from './progress.ts';
import { isRedundant } from './redundancy.ts';
import { Refuted } from './refuted.ts';
import type { SearchProblem } from './problem.ts';
import type { SearchState } from './search-state.ts';
import { IMPOSSIBLE } from './states.ts';

/** What a search came to, so far. */
export type SearchResult =
  | { readonly kind: 'found'; readonly order: readonly number[] }
  | { readonly kind: 'none' }
  | { readonly kind: 'gave-up'; readonly limit: 'steps' | 'memory' | 'stopped' };

const STOP_CHECK_STEPS = 4096;
/** A comparison is a few words, a choice a look at everything in flight. */
const COMPARISONS_PER_STEP = 8;

/** A search that can be continued with a larger budget. */
export class Search implements SearchState {
  readonly problem: SearchProblem;
  readonly words: number;
  readonly frames: Frames;
  readonly sets: Int32Array;
  readonly inFlight: Int32Array;
  readonly lasting: Int32Array;
  readonly inSlot: Int32Array;
  state: number;
  readonly puts: Int32Array;
  takes = 0;
  #position = 0;
  readonly #placed = new Placed();
  /** By free operation: the place in the order before which it can stand. */
  readonly #freeBefore: Int32Array;
  readonly #refuted: Refuted;
  readonly #raised: Int32Array;
  #steps = 0;
  #nextStopCheck = STOP_CHECK_STEPS;
  #isOutOfMemory = false;
  #maxBytes = Infinity;
  readonly #farthest = new Farthest(this.#placed);

  constructor(problem: SearchProblem) {
    const { layout, initial } = problem;
    this.problem = problem;
    this.words = Math.max(1, (layout.slots + 31) >>> 5);
    this.frames = new Frames(this.words);
    this.sets = new Int32Array(2 * this.words);
    this.inFlight = new Int32Array(this.words);
    this.lasting = new Int32Array(this.words);
    this.inSlot = new Int32Array(32 * this.words).fill(-1);
    this.state = initial;
    this.puts = new Int32Array(problem.hints.values);
    this.#freeBefore = new Int32Array(layout.slotOf.length);
    this.#refuted = new Refuted(this.words);
    this.#raised = new Int32Array(2 * this.words);
  }

  /** Choices taken and comparisons with remembered configurations. */
  get steps(): number {
    return this.#steps;
  }

  /** Configurations remembered. */
  get configurations(): number {
    return this.#refuted.count;
  }

  /** The memory it takes, the states aside. */
  get bytes(): number {
    return this.#refuted.bytes + this.frames.bytes + this.#placed.bytes;
  }

  /** Searches until it is decided or the budget, counted from the beginning of the search, is spent. */
  run(budget: Budget): SearchResult {
    this.#maxBytes = budget.maxBytes;
    this.#isOutOfMemory = false;
    for (;;) {
      const limit = this.#limitReached(budget);
      if (limit !== undefined) return { kind: 'gave-up', limit };
      const returning = this.#advance();
      if (returning === -1) return { kind: 'found', order: this.#placed.order() };
      if (!this.#isRefuted()) this.#open();
      while (!this.#choose()) {
        if (!this.#fail()) return { kind: 'none' };
      }
    }
  }

  progress(): Progress {
    return this.#farthest.progress(this.problem.layout.events, this.#position);
  }

  isUsed(slot: number): boolean {
    return (this.sets[slot >>> 5]! & (1 << (slot & 31))) !== 0;
  }

  isFree(slot: number): boolean {
    return (this.sets[this.words + (slot >>> 5)]! & (1 << (slot & 31))) !== 0;
  }

  next(state: number, operation: number): number {
    return this.problem.states.next(state, this.problem.classOf[operation]!);
  }

  get returning(): number {
    return this.problem.layout.events[this.#position]! >> 1;
  }

  /** Takes events up to the return of an operation that owes its effect or could still have it; −1 at the end. */
  #advance(): number {
    const { layout, pure } = this.problem;
    const { events, slotOf } = layout;
    for (; this.#position < events.length; this.#position++) {
      const event = events[this.#position]!;
      const operation = event >> 1;
      const slot = slotOf[operation]!;
      if ((event & 1) === 0) this.#enter(operation, slot);
      else if (this.isUsed(slot) || (pure[operation] === 1 && this.isFree(slot))) this.#leave(slot);
      else return operation;
    }
    return -1;
  }

  #enter(operation: number, slot: number): void {
    const { optional, lasting } = this.problem.layout;
    const bit = 1 << (slot & 31);
    this.inSlot[slot] = operation;
    this.inFlight[slot >>> 5]! |= bit;
    if (lasting[operation] === 1) this.lasting[slot >>> 5]! |= bit;
    if (optional[operation] === 1) this.#free(slot);
    else if (this.next(this.state, operation) === this.state) this.#serve(operation, slot);
  }

  #leave(slot: number): void {
    const word = slot >>> 5;
    const others = ~(1 << (slot & 31));
    this.inFlight[word]! &= others;
    this.lasting[word]! &= others;
    this.sets[word]! &= others;
    this.sets[this.words + word]! &= others;
  }

  /** The operation is possible and changes nothing. */
  #serve(operation: number, slot: number): void {
    if (this.problem.pure[operation] === 1) this.#placed.push(operation);
    else this.#freeBefore[operation] = this.#placed.length;
    this.#free(slot);
  }

  #free(slot: number): void {
    this.sets[this.words + (slot >>> 5)]! |= 1 << (slot & 31);
  }

  /** True if a remembered configuration is at least as good. */
  #isRefuted(): boolean {
    const { states } = this.problem;
    if (this.#refuted.count === 0) return false;
    const compared = this.#refuted.compare(this.#position, states.canonical(this.state), this.sets);
    this.#steps += Math.ceil(Math.abs(compared) / COMPARISONS_PER_STEP);
    if (compared >= 0) return false;
    if (this.frames.depth === 0) return true;
    for (let word = 0; word < this.words; word++) {
      this.frames.addGround(word, this.#refuted.usedOf(word) & this.lasting[word]!);
    }
    return true;
  }

  /** Opens a frame for the choices at the present event. */
  #open(): void {
    const { frames } = this;
    this.#farthest.reach(this.#position, this.state);
    const chain = frames.depth > 0 && frames.position === this.#position ? frames.chain + 1 : 0;
    const { state } = this;
    frames.push({ position: this.#position, state, logLength: this.#placed.length, chain }, this.sets);
  }

  /** Takes the next choice of the innermost frame; false if it has none left or there is no frame. */
  #choose(): boolean {
    const { frames } = this;
    if (frames.depth === 0) return false;
    if (frames.stage === FRESH) {
      frames.stage = STARTED;
      const first = this.#firstChoice();
      if (first !== IMPOSSIBLE && this.#take(first)) return true;
    }
    this.#restore();
    if (frames.stage === STARTED) {
      frames.stage = LISTED;
      listChoices(this);
    }
    for (;;) {
      const choice = frames.next();
      if (Number.isNaN(choice)) return false;
      if (this.#take(choice)) return true;
      this.#restore();
    }
  }

  /** What most often leads on, if it can be told without looking at every operation in flight. */
  #firstChoice(): number {
    const { returning } = this;
    if (this.isFree(this.problem.layout.slotOf[returning]!)) return this.frames.chain === 0 ? PASS : IMPOSSIBLE;
    if (this.problem.hints.isPut(returning)) return IMPOSSIBLE;
    return this.next(this.state, returning) === IMPOSSIBLE ? IMPOSSIBLE : returning;
  }

  /** Takes a choice; false if it is redundant. */
  #take(choice: number): boolean {
    const { frames, returning } = this;
    const slot = this.problem.layout.slotOf[returning]!;
    this.#steps++;
    frames.chosen = choice;
    if (choice !== PASS) this.#use(choice);
    const isPast = choice === PASS || this.isUsed(slot) || (this.problem.pure[returning] === 1 && this.isFree(slot));
    if (isPast && frames.chain > 0 && isRedundant(this)) {
      keepUsed(this);
      return false;
    }
    if (choice === PASS) this.#pass(returning, slot);
    return true;
  }

  #pass(returning: number, slot: number): void {
    if (this.problem.layout.optional[returning] === 0) {
      this.#placed.pushBefore(returning, this.#freeBefore[returning]!);
    }
    this.#leave(slot);
    this.#position++;
  }

  #use(operation: number): void {
    const slot = this.problem.layout.slotOf[operation]!;
    const bit = 1 << (slot & 31);
    this.state = this.next(this.state, operation);
    this.sets[slot >>> 5]! |= bit;
    this.sets[this.words + (slot >>> 5)]! &= ~bit;
    this.#placed.push(operation);
    const { hints } = this.problem;
    if (hints.isPut(operation)) this.puts[hints.valueOf(operation)]!++;
    else if (hints.isTake(operation)) this.takes++;
    for (let word = 0; word < this.words; word++) {
      let owing = this.inFlight[word]! & ~this.sets[word]! & ~this.sets[this.words + word]!;
      for (; owing !== 0; owing &= owing - 1) {
        const other = 32 * word + 31 - Math.clz32(owing & -owing);
        const waiting = this.inSlot[other]!;
        if (this.next(this.state, waiting) === this.state) this.#serve(waiting, other);
      }
    }
  }

  /** Back to the configuration of the innermost frame. */
  #restore(): void {
    const { events, slotOf, lasting } = this.problem.layout;
    const { frames } = this;
    const { position } = frames;
    while (this.#position > position) {
      const event = events[--this.#position]!;
      const operation = event >> 1;
      const slot = slotOf[operation]!;
      const bit = 1 << (slot & 31);
      this.inSlot[slot] = operation;
      if ((event & 1) === 1) {
        this.inFlight[slot >>> 5]! |= bit;
      } else {
        this.inFlight[slot >>> 5]! &= ~bit;
        if (lasting[operation] === 1) this.lasting[slot >>> 5]! &= ~bit;
      }
    }
    this.state = frames.state;
    this.#displace(frames.logLength);
    frames.copySets(this.sets);
  }

  /** Cuts the order back. */
  #displace(length: number): void {
    const { hints } = this.problem;
    for (let i = this.#placed.length - 1; i >= length; i--) {
      if (!this.#placed.isDirect(i)) continue;
      const operation = this.#placed.at(i);
      if (hints.isPut(operation)) this.puts[hints.valueOf(operation)]!--;
      else if (hints.isTake(operation)) this.takes--;
    }
    this.#placed.cut(length);
  }

  /** Remembers that the innermost frame's configuration leads nowhere, and drops the frame; false if none is left. */
  #fail(): boolean {
    const { frames, words } = this;
    if (frames.depth === 0) return false;
    this.#restore();
    this.#farthest.leave(this.#position);
    this.#remember();
    const ground = Array.from({ length: words }, (_none, word) => frames.ground(word));
    frames.pop();
    if (frames.depth === 0) return false;
    for (let word = 0; word < words; word++) frames.addGround(word, ground[word]!);
    return true;
  }

  #remember(): void {
    const { frames, words } = this;
    addMissed(this);
    for (let word = 0; word < words; word++) {
      const raised = this.sets[word]! & this.lasting[word]! & ~frames.ground(word);
      this.#raised[word] = this.sets[word]! & ~raised;
      this.#raised[words + word] = this.sets[words + word]! | raised;
    }
    const { states } = this.problem;
    // Forgetting a dead end costs time, never an order.
    if (this.bytes + states.bytes + this.#refuted.growthBytes > this.#maxBytes) this.#isOutOfMemory = true;
    else this.#refuted.add(this.#position, states.canonical(this.state), this.#raised);
  }

  #limitReached(budget: Budget): 'steps' | 'memory' | 'stopped' | undefined {
    if (this.#steps >= budget.maxSteps) return 'steps';
    if (this.#isOutOfMemory || this.bytes + this.problem.states.bytes > budget.maxBytes) return 'memory';
    if (this.#steps < this.#nextStopCheck) return undefined;
    this.#nextStopCheck = this.#steps + STOP_CHECK_STEPS;
    return budget.shouldStop?.() === true ? 'stopped' : undefined;
  }
}
