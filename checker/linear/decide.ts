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
import { registerProblem } from './register-problem.ts';
import { searchRegister, type SearchOptions } from './register-search.ts';
import type { Cost, Progress, SearchResult } from './search-result.ts';
import { zonesOf, type Zones } from './zones.ts';

/** What a part came to; operations by their number in it. */
export type Decision = Cost &
  (
    | { readonly kind: 'ok'; readonly order: ArrayLike<number> }
    /** `impossible`: an operation that alone shows it, where the early stages found one. */
    | { readonly kind: 'violation'; readonly impossible: number | undefined }
    | { readonly kind: 'unknown'; readonly limit: 'steps' | 'memory' | 'stopped'; readonly progress: Progress }
  );

/** Decides a register. */
export function decideRegister(part: RegisterPart, budget: Budget, options: SearchOptions = {}): Decision {
  const strong = normalise(part, { keepForMismatches: false });
  const zones = zonesOf(part, strong.kept);
  if (zones !== undefined) {
    if (!zones.isPossible) return { kind: 'violation', impossible: undefined, ...FREE };
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
    const first = this.#search(strong);
    if (first.kind !== 'none') return this.#decision(first);
    if (!hasMismatch(this.#part)) return this.#decision(first);
    const second = this.#search(withoutMismatches(this.#part, strong));
    if (second.kind === 'none') return this.#decision(second);
    return this.#decision(this.#search(normalise(this.#part, { keepForMismatches: true })));
  }

  #search(normalised: Normalised): SearchResult {
    const { maxSteps } = this.#budget;
    const result = searchRegister(
      registerProblem(this.#part, normalised, this.#zones),
      // At least one step is left, so that the search that runs out says so itself.
      { ...this.#budget, maxSteps: Math.max(1, maxSteps - this.#steps) },
      { ...this.#options, isHopeless: () => this.#findImpossible() !== NONE },
    );
    this.#steps += result.steps;
    this.#configurations += result.configurations;
    return result;
  }

  #findImpossible(): number {
    return (this.#impossible ??= firstWithoutSource(this.#part, new Writers(this.#part)));
  }

  #decision(result: SearchResult): Decision {
    const cost = { steps: this.#steps, configurations: this.#configurations };
    const isImpossible = this.#impossible !== undefined && this.#impossible !== NONE;
    if (isImpossible) return { kind: 'violation', impossible: this.#impossible, ...cost };
    switch (result.kind) {
      case 'found':
        return { kind: 'ok', order: result.order, ...cost };
      case 'none':
        return { kind: 'violation', impossible: undefined, ...cost };
      case 'gave-up': {
        const { limit, deepest, prefix, states } = result;
        return { kind: 'unknown', limit, progress: { deepest, prefix, states }, ...cost };
      }
    }
  }
}
