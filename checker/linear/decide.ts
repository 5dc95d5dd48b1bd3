/**
 * Decides one register: the stages one after another, and the first that is sure ends it. Where every value has one writer the
 * zones decide, but for negative observers (answered mismatches) that their order has no place for; else the search does, with
 * the necessary condition of each observer looked at as soon as it gets stuck.
 *
 * Negative observers are looked at from both sides first, because with them every crashed write could matter. Without those
 * crashed writes the history is *stronger*: an order of it is an order of the whole. Without the negative observers it is
 * *weaker*: if that has no order, the whole has none. Only where the two disagree is the whole searched.
 */
import type { Call, Json } from '../history/operation.ts';
import type { Model } from '../model/model.ts';
import type { Budget } from '../verdict/verdict.ts';
import { hasMismatch, normalise, withoutMismatches, type Normalised } from './normalise.ts';
import { placeMismatches } from './place-mismatches.ts';
import { firstWithoutSource, Writers } from './precheck.ts';
import { NONE, type RegisterModel, type RegisterPart } from './register-part.ts';
import { registerProblem, type RegisterProblem } from './register-problem.ts';
import { searchRegister, type SearchOptions } from './register-search.ts';
import type { Cost, Progress, SearchResult, Window } from './search-result.ts';
import { zonesOf, type Zones } from './zones.ts';

/** What a part came to; operations by their number in it. */
export type Decision = Cost &
  (
    | { readonly kind: 'ok'; readonly order: ArrayLike<number> }
    | ({ readonly kind: 'violation' } & Violation)
    | { readonly kind: 'unknown'; readonly limit: 'steps' | 'memory' | 'stopped'; readonly progress: Progress }
  );

/** What is known of a violation, by the stage that found it. */
export interface Violation {
  /** An operation that alone shows it. */
  readonly impossible: number | undefined;
  /** Where the search found the history to break: exactly there. */
  readonly broken: Break | undefined;
  /** The operations in flight in these events have no order, be they all or those that are no negative observers. */
  readonly window: (Window & { readonly withMismatches: boolean }) | undefined;
}

/** Where a violating history breaks; operations and values by number. */
export interface Break {
  /** The operation with the first return that no order of what came before can pass. */
  readonly culprit: number;
  /** The longest linearizable prefix, in a valid order. */
  readonly prefix: ArrayLike<number>;
  /** The states that are possible after it, at most 64. */
  readonly states: readonly number[];
}

/** Decides a register. */
export function decideRegister(part: RegisterPart, budget: Budget, options: SearchOptions = {}): Decision {
  const strong = normalise(part, { keepForMismatches: false });
  const zones = zonesOf(part, strong.kept);
  if (zones !== undefined) {
    if (!zones.isPossible) return { kind: 'violation', ...NOTHING_SEEN, ...FREE };
    const order = placeMismatches(part, strong.kept, zones.order);
    if (order !== undefined) return { kind: 'ok', order, ...FREE };
  }
  return new Searching(part, zones, budget, options).run(strong);
}

/** True if each part of the model is one register, or may be. */
export function isRegister<S>(model: Model<S, Call, Json>): model is RegisterModel<S> {
  return model.asRegister !== undefined;
}

const FREE: Cost = { steps: 0, configurations: 0 };
const NOTHING_SEEN: Violation = { impossible: undefined, broken: undefined, window: undefined };

class Searching {
  readonly #part: RegisterPart;
  readonly #zones: Zones | undefined;
  readonly #budget: Budget;
  readonly #options: SearchOptions;
  #steps = 0;
  #configurations = 0;
  /** An observer that nobody can have served; NONE if there is none; undefined while nobody looked. */
  #impossible: number | undefined;

  constructor(part: RegisterPart, zones: Zones | undefined, budget: Budget, options: SearchOptions) {
    this.#part = part;
    this.#zones = zones;
    this.#budget = budget;
    this.#options = options;
  }

  run(strong: Normalised): Decision {
    const { result: first, breakOf } = this.#search(strong);
    if (first.kind !== 'none') return this.#decision(first);
    if (!hasMismatch(this.#part)) return this.#decision(first, { broken: breakOf(), window: windowOf(first, true) });
    const { result: second, breakOf: weakBreakOf } = this.#search(withoutMismatches(this.#part, strong));
    if (second.kind === 'none') {
      // Between the stronger and the weaker history lies the whole. Where they break differently it is not known where that does.
      const isSame = breakOf().culprit === weakBreakOf().culprit;
      return this.#decision(second, { broken: isSame ? breakOf() : undefined, window: windowOf(second, false) });
    }
    const { result: third, breakOf: wholeBreakOf } = this.#search(normalise(this.#part, { keepForMismatches: true }));
    return third.kind === 'none'
      ? this.#decision(third, { broken: wholeBreakOf(), window: windowOf(third, true) })
      : this.#decision(third);
  }

  #search(normalised: Normalised): { readonly result: SearchResult; readonly breakOf: () => Break } {
    const { maxSteps } = this.#budget;
    const problem = registerProblem(this.#part, normalised, this.#zones);
    const result = searchRegister(
      problem,
      // At least one step is left, so that the search that runs out says so itself.
      { ...this.#budget, maxSteps: Math.max(1, maxSteps - this.#steps) },
      { ...this.#options, isHopeless: () => this.#findImpossible() !== NONE },
    );
    this.#steps += result.steps;
    this.#configurations += result.configurations;
    return { result, breakOf: () => breakOfSearch(problem, result) };
  }

  #findImpossible(): number {
    return (this.#impossible ??= firstWithoutSource(this.#part, new Writers(this.#part)));
  }

  #decision(result: SearchResult, seen: Omit<Violation, 'impossible'> = NOTHING_SEEN): Decision {
    const cost = { steps: this.#steps, configurations: this.#configurations };
    const isImpossible = this.#impossible !== undefined && this.#impossible !== NONE;
    // Such a search ended early: it does not know where the history breaks.
    if (isImpossible) return { kind: 'violation', ...NOTHING_SEEN, impossible: this.#impossible, ...cost };
    switch (result.kind) {
      case 'found':
        return { kind: 'ok', order: result.order, ...cost };
      case 'none':
        return { kind: 'violation', ...seen, impossible: undefined, ...cost };
      case 'gave-up': {
        const { limit, deepest, prefix, states } = result;
        return { kind: 'unknown', limit, progress: { deepest, prefix, states }, ...cost };
      }
    }
  }
}

/** Where a search that found no order got stuck. */
export function breakOfSearch({ events }: RegisterProblem, result: SearchResult): Break {
  if (result.kind === 'found') throw new Error('an order does not break');
  const { deepest, prefix, states } = result;
  return { culprit: events[deepest]! >> 2, prefix, states };
}

function windowOf(
  { window }: Extract<SearchResult, { readonly kind: 'none' }>,
  withMismatches: boolean,
): Violation['window'] {
  return window === undefined ? undefined : { ...window, withMismatches };
}
