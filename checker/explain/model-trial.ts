/**
 * Judges weakened histories of any model. Of an operation that is not *required* only this much is kept: it may have taken
 * effect inside its interval, answered as it was, or not at all. Whatever order the history has, the weaker one has it too; so if
 * the weaker one has none, neither has the history, and the required operations are what the proof needs. (Leaving an operation
 * out altogether would prove nothing: it may have made possible what came after it.)
 */
import { closureOf } from '../generic/closure.ts';
import { problemOf } from '../generic/problem.ts';
import { telling, type ModelPart } from '../generic/model-part.ts';
import { Search } from '../generic/search.ts';
import { withoutUnseen } from '../generic/unseen.ts';

/** What a trial came to; `used`: the operations that were not required and took effect nonetheless. */
export type Trial =
  | { readonly kind: 'no-order' }
  | { readonly kind: 'order'; readonly from: number; readonly used: readonly number[] }
  | { readonly kind: 'undecided' };

const TRIAL_STEPS = 5_000;
const TRIAL_BYTES = 1 << 26;

/** Trials on one part, up to the return of its culprit. */
export class Trials<S> {
  readonly part: ModelPart<S>;
  /** Event index of the culprit's return: what was called later cannot have mattered. */
  readonly until: number;
  /** By number, in order of call: what was called by then and says or changes something. */
  readonly candidates: readonly number[];
  /** The states possible at all, where these are few. */
  readonly closure: readonly number[] | undefined;
  /** Steps that all trials together may still take. */
  #stepsLeft: number;
  readonly #shouldStop: (() => boolean) | undefined;

  constructor(
    part: ModelPart<S>,
    { culprit, steps, shouldStop }: { culprit: number; steps: number; shouldStop: (() => boolean) | undefined },
  ) {
    this.part = part;
    this.until = part.ret[culprit]!;
    this.candidates = telling(part)
      .filter((i) => part.call[i]! < this.until)
      .sort((a, b) => part.call[a]! - part.call[b]!);
    this.closure = closureOf(part);
    this.#stepsLeft = steps;
    this.#shouldStop = shouldStop;
  }

  get isSpent(): boolean {
    return this.#stepsLeft <= 0;
  }

  /**
   * Tries the history in which only these are required.
   * @param others those that are not required and may take effect, if not all of them
   * @param until event index up to which to look
   */
  weakened(
    required: ReadonlySet<number>,
    others: readonly number[] = this.candidates,
    until: number = this.until,
  ): Trial {
    if (this.isSpent) return { kind: 'undecided' };
    const { part, closure } = this;
    const begin = this.#beginOf(required);
    const allowed = others.filter((i) => !required.has(i) && part.pure[i] === 0);
    const isCut = closure !== undefined && others === this.candidates && allowed.some((i) => part.call[i]! < begin);
    const kept = [...required, ...(isCut ? allowed.filter((i) => part.ret[i]! > begin) : allowed)];
    for (const initial of isCut ? closure : [part.states.initial]) {
      const trial = this.#from(initial, { required, kept, until });
      if (trial.kind !== 'no-order') return trial;
    }
    return { kind: 'no-order' };
  }

  #from(
    initial: number,
    { required, kept, until }: { required: ReadonlySet<number>; kept: readonly number[]; until: number },
  ): Trial {
    const { part } = this;
    const isOptional = (i: number): boolean => !required.has(i);
    const seen = withoutUnseen(part, kept, isOptional);
    const choice = { kept: seen, isOptional, until };
    // A list that only grows has too many states to be searched as it is.
    const search = new Search(
      part.growing === undefined
        ? problemOf(part, choice, initial)
        : problemOf({ ...part, ...part.growing.along(part.classOf, required) }, choice),
    );
    const result = search.run({
      maxSteps: Math.min(TRIAL_STEPS + 2 * kept.length, this.#stepsLeft),
      maxBytes: part.states.bytes + TRIAL_BYTES,
      ...(this.#shouldStop === undefined ? {} : { shouldStop: this.#shouldStop }),
    });
    this.#stepsLeft -= search.steps + kept.length;
    if (result.kind === 'none') return { kind: 'no-order' };
    if (result.kind === 'gave-up') return { kind: 'undecided' };
    return { kind: 'order', from: initial, used: result.order.filter(isOptional) };
  }

  #beginOf(required: ReadonlySet<number>): number {
    let begin = this.until;
    for (const i of required) begin = Math.min(begin, this.part.call[i]!);
    return begin;
  }
}
