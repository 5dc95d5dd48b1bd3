/** The choices of a register search at the return of an operation, in the order in which they are tried: the most promising first. */
import { NEVER } from './columns.ts';
import type { RegisterConfiguration } from './register-configuration.ts';
import { NONE, READ, WRITE } from './register-part.ts';
import type { RegisterProblem } from './register-problem.ts';

/** A choice: the returning operation is free and simply leaves. */
export const PASS = -1;
/** Crashed operations come after all others. */
const CRASHED_TIER = 10;

/** A stack of lists of choices, one list for each frame of the search. */
export class RegisterChoices {
  readonly #problem: RegisterProblem;
  readonly #at: RegisterConfiguration;
  /** Operations, or PASS. */
  list: Int32Array = new Int32Array(256);
  end = 0;
  readonly #tiers: Int32Array;

  constructor(problem: RegisterProblem, at: RegisterConfiguration) {
    this.#problem = problem;
    this.#at = at;
    this.#tiers = new Int32Array(problem.slots + 2);
  }

  /** Makes room for one more list. */
  reserve(): void {
    const { length } = this.#at.inSlot;
    if (this.list.length >= this.end + length + 2) return;
    const larger = new Int32Array(this.list.length * 2 + length);
    larger.set(this.list);
    this.list = larger;
  }

  /** Compare-and-sets that are legal now: of those to one value the one with the earliest deadline. */
  offerCas(first: number, returning: number, goal: number): void {
    const { leaves, ret } = this.#problem;
    const at = this.#at.state * this.#at.words;
    for (let word = 0; word < this.#at.words; word++) {
      let slots = this.#at.casFrom[at + word]! & ~this.#at.used[word]!;
      while (slots !== 0) {
        const operation = this.#at.inSlot[(word << 5) + 31 - Math.clz32(slots & -slots)]!;
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
  offerWrites(first: number, returning: number, goal: number): void {
    const { kind, needs, leaves, values } = this.#problem;
    if (kind[returning] === WRITE) this.offer(first, returning, 2);
    if (this.#at.hasOwingWrite()) this.#offerWritesOf(first, returning, goal, this.#at.state);
    if (this.#at.hasWaitingMismatch()) {
      for (let word = 0; word < this.#at.words; word++) {
        let slots = this.#at.writes[word]! & ~this.#at.used[word]!;
        while (slots !== 0) {
          const operation = this.#at.inSlot[(word << 5) + 31 - Math.clz32(slots & -slots)]!;
          slots &= slots - 1;
          if (leaves[operation] !== this.#at.state) this.#offerWrite(first, returning, goal, operation);
        }
      }
      return;
    }
    if (values <= 16) {
      for (let value = 0; value < values; value++) {
        if (value !== this.#at.state && this.#at.awaits(value)) this.#offerWritesOf(first, returning, goal, value);
      }
      return;
    }
    for (let word = 0; word < this.#at.words; word++) {
      let slots =
        this.#at.inFlight[word]! & ~this.#at.writes[word]! & ~this.#at.mismatches[word]! & ~this.#at.used[word]!;
      while (slots !== 0) {
        const lowest = slots & -slots;
        const operation = this.#at.inSlot[(word << 5) + 31 - Math.clz32(lowest)]!;
        slots &= slots - 1;
        const value = needs[operation]!;
        if (kind[operation] === READ && (this.#at.free[word]! & lowest) !== 0) continue;
        if (value !== this.#at.state) this.#offerWritesOf(first, returning, goal, value);
      }
    }
  }

  #offerWritesOf(first: number, returning: number, goal: number, value: number): void {
    const at = value * this.#at.words;
    for (let word = 0; word < this.#at.words; word++) {
      let slots = this.#at.writesOf[at + word]! & ~this.#at.used[word]!;
      while (slots !== 0) {
        const operation = this.#at.inSlot[(word << 5) + 31 - Math.clz32(slots & -slots)]!;
        slots &= slots - 1;
        this.#offerWrite(first, returning, goal, operation);
      }
    }
  }

  #offerWrite(first: number, returning: number, goal: number, operation: number): void {
    if (operation === returning) return;
    const { leaves, ret } = this.#problem;
    const value = leaves[operation]!;
    const isLeading = goal !== NONE && this.#at.leadsTo(value, goal);
    const tier = value === goal ? 2 : value === this.#at.state ? 5 : isLeading ? 3 : 4;
    this.#offerOneOf(first, operation, tier + (ret[operation] === NEVER ? CRASHED_TIER : 0));
  }

  /** Offers an operation unless one that asks the same is offered and has the earlier deadline. */
  #offerOneOf(first: number, operation: number, tier: number): void {
    const { kind, leaves, ret } = this.#problem;
    for (let i = first; i < this.end; i++) {
      const other = this.list[i]!;
      if (other === PASS || kind[other] !== kind[operation] || leaves[other] !== leaves[operation]) continue;
      if (ret[operation]! >= ret[other]!) return;
      this.end--;
      for (let j = i; j < this.end; j++) {
        this.list[j] = this.list[j + 1]!;
        this.#tiers[j - first] = this.#tiers[j + 1 - first]!;
      }
      break;
    }
    this.offer(first, operation, tier);
  }

  /** Puts a choice in its place among those offered: by tier, then by rank. */
  offer(first: number, choice: number, tier: number): void {
    const { rank } = this.#problem;
    const own = choice === PASS ? 0 : rank[choice]!;
    let at = this.end++;
    for (; at > first; at--) {
      const otherTier = this.#tiers[at - 1 - first]!;
      const other = this.list[at - 1]!;
      if (otherTier < tier || (otherTier === tier && (other === PASS ? 0 : rank[other]!) <= own)) break;
      this.list[at] = other;
      this.#tiers[at - first] = otherTier;
    }
    this.list[at] = choice;
    this.#tiers[at - first] = tier;
  }
}
