/**
 * Shrinks a violating register history to the fewest operations that still have no order.
 *
 * Leaving out operations must not make up a violation of its own: a read whose writer was left out would fit nowhere although
 * nothing was wrong with it. So what is shrunk is a set of *claims*. Each observer among them brings along every operation
 * that it may have seen (`Writers.sources`, judged on the whole history); those are pinned, and a compare-and-set that is only
 * there for its effect stands weakened, as a write. Then a linearization of the whole, restricted to such a set, is one of the
 * set: every observer still finds what it saw just before it. So a set without an order proves that the whole has none.
 */
import type { Budget } from '../verdict/verdict.ts';
import { decideRegister } from './decide.ts';
import type { Writers } from './precheck.ts';
import { CAS, MISMATCH, NONE, READ, type RegisterPart } from './register-part.ts';
import { subset, type Member } from './subset.ts';

/** An operation of a minimal history. */
export interface MinimalMember extends Member {
  readonly pinned: boolean;
  /** Pinned only because the effort was spent before anybody tried to leave it out. */
  readonly isUntried?: true;
}

/** Bounds each re-check: a small history that needs more is kept as it is. */
const RECHECK: Budget = { maxSteps: 1_000_000, maxBytes: 1 << 26 };
/** Steps, and checks of a history this long, that one minimal history may cost. */
const EFFORT_MAX = 20_000_000;
/** What a member of a set costs each time the set is checked, in steps. */
const MEMBER_EFFORT = 10;
/** The shortest stretch of the history that is tried as a whole. */
const WINDOW_MIN = 8;

/**
 * A minimal violating history.
 * @param seeds sets of operations that may suffice, tried first and in this order
 * @param culprit the operation that fits nowhere; everything called after its return is left out
 */
export function minimise(
  part: RegisterPart,
  writers: Writers,
  { seeds, culprit }: { readonly seeds: readonly (readonly Member[])[]; readonly culprit: number },
): readonly MinimalMember[] {
  return new Minimiser(part, writers).run(seeds, culprit);
}

class Minimiser {
  readonly #part: RegisterPart;
  readonly #writers: Writers;
  readonly #sourcesOf = new Map<number, readonly number[]>();
  #effort = 0;

  constructor(part: RegisterPart, writers: Writers) {
    this.#part = part;
    this.#writers = writers;
  }

  run(seeds: readonly (readonly Member[])[], culprit: number): readonly MinimalMember[] {
    for (const seed of seeds) {
      if (this.#violates(this.#closure(seed))) return this.#polish(this.#shrink(seed));
    }
    return this.#polish(this.#shrink(this.#window(culprit)));
  }

  /** The shortest stretch before the culprit's return that has no order, its length doubled until it has none. */
  #window(culprit: number): readonly Member[] {
    const { call, ret, count } = this.#part;
    const before: Member[] = [];
    for (let operation = 0; operation < count; operation++) {
      if (call[operation]! <= ret[culprit]!) before.push({ operation, weak: false });
    }
    before.sort((a, b) => call[a.operation]! - call[b.operation]!);
    for (let length = WINDOW_MIN; length < before.length; length *= 2) {
      const window = before.slice(-length);
      if (this.#violates(this.#closure(window))) return window;
    }
    return before;
  }

  /** Delta debugging (Zeller & Hildebrandt 2002): leaves out ever smaller stretches while the rest still has no order. */
  #shrink(start: readonly Member[]): readonly Member[] {
    let claims = start;
    for (let size = Math.ceil(claims.length / 2); size >= 1;) {
      const smaller = this.#withoutSome(claims, size);
      if (smaller === undefined) {
        if (size === 1) break;
        size = Math.ceil(size / 2);
      } else {
        claims = smaller;
        size = Math.max(1, Math.min(size, Math.ceil(claims.length / 2)));
      }
    }
    return claims;
  }

  #withoutSome(claims: readonly Member[], size: number): readonly Member[] | undefined {
    for (let from = 0; from < claims.length && !this.#isSpent(); from += size) {
      const rest = [...claims.slice(0, from), ...claims.slice(from + size)];
      if (this.#violates(this.#closure(rest))) return rest;
    }
    return undefined;
  }

  /** Leaves out single operations that are not pinned, each time without giving up what only they needed. */
  #polish(start: readonly Member[]): readonly MinimalMember[] {
    let members: readonly MinimalMember[] = this.#weaken(this.#closure(start));
    for (let i = 0; i < members.length;) {
      if (this.#isSpent())
        return members.map((member) => (member.pinned ? member : { ...member, pinned: true, isUntried: true }));
      const rest = members[i]!.pinned ? undefined : members.filter((_member, other) => other !== i);
      if (rest !== undefined && this.#violates(rest)) {
        members = this.#weaken(this.#closure(rest));
        i = 0;
      } else {
        i++;
      }
    }
    return members;
  }

  /** Drops the expectation of each compare-and-set whose effect is enough, and with it what only that expectation needed. */
  #weaken(start: readonly MinimalMember[]): readonly MinimalMember[] {
    let members = start;
    for (const { operation } of start) {
      if (this.#part.kind[operation] !== CAS || this.#isSpent()) continue;
      const known = members.find((member) => member.operation === operation);
      if (known === undefined || known.weak) continue;
      const needless = new Set(this.#sources(operation));
      for (const other of members) {
        if (other.operation !== operation && !other.weak)
          for (const source of this.#sources(other.operation)) needless.delete(source);
      }
      const weaker = members
        .filter((member) => !needless.has(member.operation))
        .map((member) => (member.operation === operation ? { ...member, weak: true } : member));
      const kept = [
        this.#closure(weaker),
        this.#closure([...weaker, ...members.filter((m) => needless.has(m.operation))]),
      ];
      members = kept.find((candidate) => this.#violates(candidate)) ?? members;
    }
    return members;
  }

  /** The claims and what their observers may have seen, in order of call. */
  #closure(claims: readonly Member[]): readonly MinimalMember[] {
    const weakOf = new Map(claims.map(({ operation, weak }) => [operation, weak]));
    const pinned = new Set<number>();
    for (const { operation, weak } of claims) {
      if (weak || this.#isSpent()) continue;
      for (const source of this.#sources(operation)) {
        pinned.add(source);
        if (!weakOf.has(source)) weakOf.set(source, this.#part.kind[source] === CAS);
      }
    }
    return [...weakOf]
      .map(([operation, weak]) => ({ operation, weak, pinned: pinned.has(operation) }))
      .sort((a, b) => this.#part.call[a.operation]! - this.#part.call[b.operation]!);
  }

  #sources(operation: number): readonly number[] {
    const known = this.#sourcesOf.get(operation);
    if (known !== undefined) return known;
    const kind = this.#part.kind[operation]!;
    const isPositive = (kind === READ || kind === CAS) && this.#part.needs[operation] !== NONE;
    const sources =
      kind === MISMATCH ? this.#writers.sourcesOfOther(operation) : isPositive ? this.#writers.sources(operation) : [];
    this.#sourcesOf.set(operation, sources);
    this.#effort += sources.length;
    return sources;
  }

  #isSpent(): boolean {
    return this.#effort > EFFORT_MAX;
  }

  #violates(members: readonly Member[]): boolean {
    if (this.#isSpent()) return false;
    const decision = decideRegister(subset(this.#part, members), RECHECK);
    this.#effort += MEMBER_EFFORT * members.length + decision.steps;
    return decision.kind === 'violation';
  }
}
