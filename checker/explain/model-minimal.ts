/**
 * The smallest history that still has no order, for any model. First windows before the culprit, where few states are possible
 * at all; then values of a collection one after another; then halves, quarters … single operations (ddmin, Zeller & Hildebrandt
 * 2002) are made optional as long as there is no order. What is required in the end is the proof. Some optional operations are
 * shown as well: those without which leaving out a required one would not help (the release between two acquires). They are
 * pinned, and what they may do is part of the re-check.
 */
import type { ModelPart } from '../generic/model-part.ts';
import { NEVER } from '../history/table.ts';
import { canonical } from '../model/json.ts';
import { Trials, type Trial } from './model-trial.ts';

/** A member of a minimal history; operations by number. */
export interface ModelMember {
  readonly operation: number;
  /** Leaving it out was not shown to make the rest have an order. */
  readonly pinned: boolean;
  /** It may take effect or not. */
  readonly optional: boolean;
  /** Pinned because nobody found out whether the rest has an order without it. */
  readonly untried: boolean;
}

/** Steps of all trials of one minimal history together. */
const MINIMISE_STEPS = 1_000_000;
const WINDOW_MIN = 8;
const PAIRS_MAX = 300;

/** In order of call. */
export function minimalModelHistory<S>(
  part: ModelPart<S>,
  culprit: number,
  shouldStop: (() => boolean) | undefined,
): readonly ModelMember[] {
  return new Minimising(part, culprit, shouldStop).run();
}

class Minimising<S> {
  readonly #part: ModelPart<S>;
  readonly #culprit: number;
  readonly #trials: Trials<S>;
  #required: readonly number[];
  /** What else may take effect: everything, or of a collection everything with the values that are left. */
  #others: readonly number[];

  constructor(part: ModelPart<S>, culprit: number, shouldStop: (() => boolean) | undefined) {
    this.#part = part;
    this.#culprit = culprit;
    this.#trials = new Trials(part, { culprit, steps: MINIMISE_STEPS, shouldStop });
    this.#others = this.#trials.candidates;
    this.#required = this.#others.filter((i) => part.ret[i]! <= this.#trials.until);
  }

  run(): readonly ModelMember[] {
    this.#window();
    this.#valuesAside();
    this.#readsAside();
    this.#shrink();
    return this.#told();
  }

  /** Where few states are possible: the shortest window before the culprit that has no order, whatever came before. */
  #window(): void {
    if (this.#trials.closure === undefined) return;
    const { until } = this.#trials;
    for (let size = WINDOW_MIN; size < 2 * until; size *= 2) {
      const inside = this.#required.filter((i) => this.#part.call[i]! >= until - size);
      if (inside.length === this.#required.length) return;
      if (this.#accept([...new Set([...inside, this.#culprit])])) return;
    }
  }

  /** All other reads at once, as they change nothing. */
  #readsAside(): void {
    this.#accept(this.#required.filter((i) => i === this.#culprit || this.#part.pure[i] === 0));
  }

  /**
   * Values of a collection: at first all but the culprit's own, and all but that and one other; then many, half as many … at
   * once. All operations on a value can be left out of an order of a queue, stack, bag or set, and what remains is an order of
   * the rest (whoever saw the whole set aside); so here leaving out proves something.
   */
  #valuesAside(): void {
    const valueOf = collectionValues(this.#part);
    if (valueOf === undefined || isReadAll(this.#part, this.#culprit)) return;
    const own = valueOf(this.#culprit);
    const values = [...new Set(this.#others.map(valueOf))].filter((value) => value !== own && value !== undefined);
    const isAlone = (i: number): boolean => valueOf(i) === own;
    if (own !== undefined && this.#only(isAlone)) return;
    for (const other of values.slice(-PAIRS_MAX)) {
      if (this.#only((i) => isAlone(i) || valueOf(i) === other)) return;
    }
    if (this.#required.some((i) => isReadAll(this.#part, i))) return;
    this.#valuesAsideByHalves(values, valueOf);
  }

  #valuesAsideByHalves(all: readonly (string | undefined)[], valueOf: (i: number) => string | undefined): void {
    let values = all;
    for (let size = values.length; size > 1 && !this.#trials.isSpent;) {
      size = Math.ceil(size / 2);
      for (let at = 0; at < values.length && !this.#trials.isSpent;) {
        const aside = new Set(values.slice(at, at + size));
        if (this.#without((i) => aside.has(valueOf(i)))) values = values.filter((value) => !aside.has(value));
        else at += size;
      }
    }
  }

  /** Tries only these operations, and of what they leave open the crashed ones. */
  #only(isKept: (operation: number) => boolean): boolean {
    const { ret } = this.#part;
    const isAside = (i: number): boolean => !isKept(i) && (ret[i] !== NEVER || isReadAll(this.#part, i));
    return this.#without((i) => i !== this.#culprit && isAside(i));
  }

  #without(isAside: (operation: number) => boolean): boolean {
    const others = this.#others.filter((i) => !isAside(i));
    const required = this.#required.filter((i) => !isAside(i));
    if (this.#trials.weakened(new Set(required), others).kind !== 'no-order') return false;
    this.#others = others;
    this.#required = required;
    return true;
  }

  #shrink(): void {
    let size = Math.ceil(this.#required.length / 2);
    for (let isSmaller = true; !this.#trials.isSpent;) {
      isSmaller = this.#shrinkBy(size);
      if (size === 1 && !isSmaller) return;
      size = Math.max(1, Math.ceil(size / 2));
    }
  }

  /** The oldest first: what is far from the culprit is least likely to be needed. */
  #shrinkBy(size: number): boolean {
    let isSmaller = false;
    for (let at = 0; at < this.#required.length && !this.#trials.isSpent;) {
      const kept = this.#required.filter((i, place) => i === this.#culprit || place < at || place >= at + size);
      if (kept.length < this.#required.length && this.#accept(kept)) isSmaller = true;
      else at += size;
    }
    return isSmaller;
  }

  #accept(required: readonly number[]): boolean {
    if (required.length === this.#required.length) return false;
    if (this.#trials.weakened(new Set(required), this.#others).kind !== 'no-order') return false;
    this.#required = required;
    return true;
  }

  /** Adds the optional operations that leaving out each required one rests on, and looks whether it then has an order. */
  #told(): readonly ModelMember[] {
    const optional = new Set<number>();
    for (const operation of this.#required) {
      if (this.#trials.isSpent) break;
      const rest = new Set(this.#required.filter((i) => i !== operation));
      const trial = this.#trials.weakened(rest, this.#others);
      if (trial.kind !== 'order') continue;
      for (const used of trial.used) optional.add(used);
      for (const before of this.#pathTo(trial.from, rest) ?? []) optional.add(before);
    }
    // The one that is left out may itself take effect in the weakened history; it is a member already.
    for (const operation of this.#required) optional.delete(operation);
    return this.#members([...optional]);
  }

  /** One operation long before that leaves this state; undefined where there is none. */
  #pathTo(state: number, required: ReadonlySet<number>): readonly number[] | undefined {
    const { states, call, ret, classOf, pure } = this.#part;
    if (state === states.initial) return [];
    const begin = Math.min(...[...required, this.#culprit].map((i) => call[i]!));
    return this.#others
      .filter((i) => ret[i]! < begin && pure[i] === 0 && states.next(states.initial, classOf[i]!) === state)
      .slice(-1);
  }

  #members(optional: readonly number[]): readonly ModelMember[] {
    const { call } = this.#part;
    const all = [...this.#required, ...optional].sort((a, b) => call[a]! - call[b]!);
    const asRecorded = new Set(all.filter((i) => this.#part.ret[i] !== NEVER));
    const isFixed = this.#required.every((i) => this.#verdictWithout(i, asRecorded, all) === 'order');
    const required = isFixed ? asRecorded : new Set(this.#required);
    const isRequired = new Set(this.#required);
    return all.map((operation) => {
      const rest = isRequired.has(operation) ? this.#verdictWithout(operation, required, all) : 'no-order';
      return {
        operation,
        pinned: rest !== 'order',
        optional: !required.has(operation),
        untried: rest === 'undecided',
      };
    });
  }

  /** What the rest comes to without this one. */
  #verdictWithout(operation: number, required: ReadonlySet<number>, all: readonly number[]): Trial['kind'] {
    const rest = new Set([...required].filter((i) => i !== operation));
    const others = all.filter((i) => i !== operation);
    return this.#trials.weakened(rest, others, NEVER).kind;
  }
}

/** The value that an operation puts in or takes out, as text, where the part is a collection that values can be taken from. */
function collectionValues<S>({
  model,
  classes,
  classOf,
}: ModelPart<S>): ((i: number) => string | undefined) | undefined {
  if (model.asCollection === undefined) return undefined;
  const values = classes.map(({ input, output }) => {
    const action = model.asCollection!(input, output);
    return action.kind === 'put' || action.kind === 'take' || action.kind === 'contains'
      ? canonical(action.value)
      : undefined;
  });
  return (i) => values[classOf[i]!];
}

function isReadAll<S>({ model, classes, classOf }: ModelPart<S>, i: number): boolean {
  const { input, output } = classes[classOf[i]!]!;
  return model.asCollection?.(input, output).kind === 'read-all';
}
