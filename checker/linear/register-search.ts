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
import { PASS, RegisterChoices } from './register-choices.ts';
import { RegisterConfiguration } from './register-configuration.ts';
import { KeptLog, reconstruct } from './register-order.ts';
import { CAS, NONE, READ, WRITE } from './register-part.ts';
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
  readonly #at: RegisterConfiguration;
  /** The stack. */
  #frames: Int32Array;
  readonly #stride: number;
  #depth = 0;
  readonly #choices: RegisterChoices;
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
    this.#problem = problem;
    this.#budget = budget;
    this.#at = new RegisterConfiguration(problem);
    this.#choices = new RegisterChoices(problem, this.#at);
    const { words } = this.#at;
    this.#words = words;
    this.#stride = FIELDS + 3 * words;
    this.#frames = new Int32Array(64 * this.#stride);
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
      const returning = this.#at.advance(stop);
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

  #isRefuted(base: number): boolean {
    if (this.#memo.isEmptyAt(this.#at.position)) return false;
    const compared = this.#memo.compare(this.#at.position, this.#at.state, this.#at.used, this.#at.free);
    this.#steps += Math.abs(compared);
    if (compared >= 0) return false;
    if (this.#depth > base) {
      const touched = (this.#depth - 1) * this.#stride + FIELDS + 2 * this.#words;
      for (let word = 0; word < this.#words; word++) {
        this.#frames[touched + word]! |= this.#at.crashed[word]! & this.#at.used[word]! & ~this.#memo.freeOfLast(word);
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
    frames[at + POSITION] = this.#at.position;
    frames[at + STATE] = this.#at.state;
    frames[at + LOG_LENGTH] = this.#log.length;
    frames[at + CHOICE_BASE] = this.#choices.end;
    frames[at + CHOICE_NEXT] = this.#choices.end;
    frames[at + FRESH] = 1;
    frames[at + CRASHED] = this.#crashedUsed;
    for (let word = 0; word < words; word++) {
      frames[at + FIELDS + word] = this.#at.used[word]!;
      frames[at + FIELDS + words + word] = this.#at.free[word]!;
      frames[at + FIELDS + 2 * words + word] = 0;
    }
    this.#choices.reserve();
    this.#offerAll(returning, at + FIELDS + 2 * words);
  }

  #reach(): void {
    if (this.#at.position > this.#deepest) {
      this.#deepest = this.#at.position;
      this.#states.clear();
      this.#log.forget();
      this.#sinceDeepest = 0;
    } else {
      this.#sinceDeepest++;
    }
    if (this.#at.position === this.#deepest && this.#states.size < STATES_MAX) this.#states.add(this.#at.state);
  }

  /** Every choice at the return of this operation, the most promising first. */
  #offerAll(returning: number, touched: number): void {
    const { kind, needs, leaves, slotOf, writers } = this.#problem;
    const slot = slotOf[returning]!;
    const isFree = (this.#at.free[slot >>> 5]! & (1 << (slot & 31))) !== 0;
    const hasCrashed = this.#at.hasUsedCrashed();
    let goal: number = NONE;
    if (kind[returning] === READ || kind[returning] === CAS) {
      if (needs[returning] !== this.#at.state) {
        goal = needs[returning]!;
        if (!isFree && !this.#at.hasProducer(goal)) {
          if (hasCrashed) this.#touchProducers(goal, touched);
          return;
        }
      }
    }
    if (hasCrashed) this.#touch(touched);
    const first = this.#choices.end;
    if (isFree) {
      const value = leaves[returning]!;
      const isSole = writers[value] === 1 || (this.#at.awaits(value) && !this.#at.hasOtherWrite(value, slot));
      this.#choices.offer(first, PASS, isSole ? 3 : -1);
    }
    this.#choices.offerCas(first, returning, goal);
    this.#choices.offerWrites(first, returning, goal);
  }

  /** Notes the crashed operations that took effect and could have made a difference here, were they still free. */
  #touch(touched: number): void {
    const { kind, needs, leaves } = this.#problem;
    const anyMismatch = this.#at.hasWaitingMismatch();
    for (let word = 0; word < this.#words; word++) {
      let slots = this.#at.crashed[word]! & this.#at.used[word]!;
      while (slots !== 0) {
        const lowest = slots & -slots;
        const operation = this.#at.inSlot[(word << 5) + 31 - Math.clz32(lowest)]!;
        slots &= slots - 1;
        const isTouched =
          kind[operation] === WRITE
            ? this.#at.couldWrite(leaves[operation]!, anyMismatch)
            : this.#at.couldCas(needs[operation]!, leaves[operation]!);
        if (isTouched) this.#frames[touched + word]! |= lowest;
      }
    }
  }

  #touchProducers(value: number, touched: number): void {
    for (let word = 0; word < this.#words; word++) {
      const producers = this.#at.writesOf[value * this.#words + word]! | this.#at.casTo[value * this.#words + word]!;
      this.#frames[touched + word]! |= producers & this.#at.crashed[word]! & this.#at.used[word]!;
    }
  }

  /** Takes the next choice of the innermost frame; false if it has none left. */
  #choose(): boolean {
    const at = (this.#depth - 1) * this.#stride;
    const next = this.#frames[at + CHOICE_NEXT]!;
    if (next === this.#choices.end) return false;
    const choice = this.#choices.list[next]!;
    if (this.#frames[at + FRESH] === 0) this.#restore(at);
    this.#frames[at + FRESH] = 0;
    if (choice !== PASS && this.#problem.ret[choice] === NEVER) {
      if (this.#crashedUsed >= this.#crashedMax) return false;
      if (this.#mayBeSaved(choice) && this.#takeDetour()) return true;
    }
    this.#frames[at + CHOICE_NEXT] = next + 1;
    this.#steps++;
    if (choice === PASS) {
      const operation = this.#problem.events[this.#at.position]! >> 2;
      const slot = this.#problem.slotOf[operation]!;
      this.#at.remove(operation, slot);
      this.#at.used[slot >>> 5]! &= ~(1 << (slot & 31));
      this.#at.free[slot >>> 5]! &= ~(1 << (slot & 31));
      this.#at.position++;
    } else {
      this.#takeEffect(choice);
    }
    return true;
  }

  /** True if it is not yet known that this crashed operation has to be spent here: others leave its value too. */
  #mayBeSaved(operation: number): boolean {
    const isNew = this.#at.position === this.#deepest && this.#at.position > this.#detourAt;
    return this.#isMain && isNew && this.#problem.writers[this.#problem.leaves[operation]!]! > 1;
  }

  /** Back to the configuration of the frame at this place. */
  #restore(at: number): void {
    const frames = this.#frames;
    this.#at.moveTo(frames[at + POSITION]!);
    this.#at.state = frames[at + STATE]!;
    this.#log.cut(frames[at + LOG_LENGTH]!);
    this.#crashedUsed = frames[at + CRASHED]!;
    for (let word = 0; word < this.#words; word++) {
      this.#at.used[word] = frames[at + FIELDS + word]!;
      this.#at.free[word] = frames[at + FIELDS + this.#words + word]!;
    }
  }

  /** Remembers that the innermost frame's configuration leads nowhere, and drops the frame. */
  #fail(base: number): void {
    const words = this.#words;
    const at = (this.#depth - 1) * this.#stride;
    this.#restore(at);
    if (this.#isMain && this.#at.position === this.#deepest) this.#log.keepLongest();
    const touched = at + FIELDS + 2 * words;
    const above = touched - this.#stride;
    for (let word = 0; word < words; word++) {
      const raised = this.#at.crashed[word]! & this.#at.used[word]! & ~this.#frames[touched + word]!;
      if (this.#depth - 1 > base) this.#frames[above + word]! |= this.#frames[touched + word]!;
      this.#at.used[word]! &= ~raised;
      this.#at.free[word]! |= raised;
    }
    this.#memo.add(this.#at.position, this.#at.state, this.#at.used, this.#at.free);
    this.#choices.end = this.#frames[at + CHOICE_BASE]!;
    this.#depth--;
  }

  #takeEffect(operation: number): void {
    if (this.#problem.ret[operation] === NEVER) this.#crashedUsed++;
    this.#log.push(operation, this.#at.position);
    this.#at.takeEffect(operation);
  }

  /**
   * Looks for a way to pass the present event on which no more crashed operations took effect than so far. If there is one, it
   * is the present way afterwards, with all its choices still open.
   */
  #takeDetour(): boolean {
    const top = (this.#depth - 1) * this.#stride;
    const event = this.#at.position;
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
    const choicesBase = this.#choices.end;
    this.#restore(frame * this.#stride);
    this.#memo = new FailedConfigurations(this.#words);
    this.#stepsMax = this.#steps + stepsMax;
    const came = this.#explore(base, event + 1);
    this.#configurations += this.#memo.count;
    if (came !== PASSED) {
      this.#depth = base;
      this.#choices.end = choicesBase;
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
    this.#choices.list.copyWithin(firstChoice, choicesBase, this.#choices.end);
    this.#choices.end -= shift;
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
    this.#at.moveTo(from);
    this.#at.state = state;
    this.#at.used.fill(0);
    this.#at.free.set(this.#at.inFlight);
    this.#memo = new FailedConfigurations(this.#words);
    this.#stepsMax = stepsMax;
    const base = this.#depth;
    const choicesEnd = this.#choices.end;
    const came = this.#explore(base, fail + 1);
    this.#configurations += this.#memo.count;
    this.#depth = base;
    this.#choices.end = choicesEnd;
    return came !== EXHAUSTED;
  }

  /** The states to start a window from: those that somebody in it asks about and that could have been written, and "any other". */
  #statesAt(from: number, fail: number): readonly number[] {
    const { events, needs, firstWrite, values, kind } = this.#problem;
    this.#at.moveTo(from);
    const asked = new Set<number>();
    for (const operation of this.#at.inSlot)
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
    return this.#memo.bytes + 4 * (this.#frames.length + this.#choices.list.length) + this.#at.bytes + this.#log.bytes;
  }
}
