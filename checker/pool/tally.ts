/**
 * What has been judged so far, and which parts still matter. Whatever the order in which judgements arrive, the outcome is that
 * of judging the parts one after another: it ends at the lowest part that is a violation (unless all are wanted) or an error, and
 * everything above that part is dropped.
 */
import type { Judged } from '../judge.ts';

export class Tally {
  /** By part. */
  readonly #judged: (Judged | undefined)[];
  readonly #all: boolean;
  #count = 0;
  #end: number;
  #failure: { readonly error: unknown } | undefined;

  constructor(parts: number, all: boolean) {
    this.#judged = Array.from({ length: parts }, () => undefined);
    this.#all = all;
    this.#end = parts - 1;
  }

  /** The highest part that still matters. */
  get end(): number {
    return this.#end;
  }

  /** True where the part is judged or does not matter. */
  isSettled(part: number): boolean {
    return part > this.#end || this.#judged[part] !== undefined || (this.#failure !== undefined && part === this.#end);
  }

  /** True where nothing is left to judge. */
  get isDone(): boolean {
    return this.#count === this.#end + 1 - (this.#failure === undefined ? 0 : 1);
  }

  add(part: number, judged: Judged): void {
    if (this.isSettled(part)) return;
    this.#judged[part] = judged;
    this.#count++;
    if (judged.result.kind !== 'violation' || this.#all) return;
    // A failure is of a higher part, which matters no longer.
    this.#failure = undefined;
    this.#endAt(part);
  }

  fail(part: number, error: unknown): void {
    if (this.isSettled(part)) return;
    this.#failure = { error };
    this.#endAt(part);
  }

  /** The judgements, in order of the parts, up to the one that ended it. Throws the error that did. */
  finish(): readonly Judged[] {
    if (this.#failure !== undefined) throw this.#failure.error;
    return this.#judged.slice(0, this.#end + 1).map((judged) => judged!);
  }

  #endAt(part: number): void {
    this.#end = part;
    this.#count = 0;
    for (let i = 0; i <= part; i++) if (this.#judged[i] !== undefined) this.#count++;
  }
}
