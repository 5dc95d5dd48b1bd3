/**
 * Names what went wrong in a part that has no linearization, and proves each with a minimal history: every stale read; every
 * observer that no writer can have served; and where there is neither, the operation at which the history breaks.
 */
import type { Call, FailedOperation, Json, Operation } from '../history/operation.ts';
import { NEVER } from '../linear/columns.ts';
import { locate } from '../linear/counterexample.ts';
import type { Break, Violation } from '../linear/decide.ts';
import { minimise, type MinimalMember } from '../linear/minimise.ts';
import { firstWithoutSource, Writers } from '../linear/precheck.ts';
import { CAS, INITIAL, isObserver, MISMATCH, NONE, READ, type RegisterPart } from '../linear/register-part.ts';
import type { Member } from '../linear/subset.ts';
import { UNSEEN, type Model } from '../model/model.ts';
import { agesOf, type Age } from '../staleness/staleness.ts';
import type { Anomaly, AnomalyClass, Budget, Counterexample, MinimalOperation } from '../verdict/verdict.ts';
import * as sentence from './sentence.ts';

/** A violating part, and what is known of it. */
export interface Violating<S> {
  readonly name: string;
  readonly operations: List<Operation>;
  readonly failed: List<FailedOperation>;
  readonly clients: number | undefined;
  readonly untimed: boolean;
  readonly budget: Budget;
  readonly model: Model<S, Call, Json>;
  readonly part: RegisterPart;
  /** What deciding it found out. */
  readonly violation: Violation;
}

/** Made when asked for: a long history has an object only for what is told of it. */
export interface List<T> {
  readonly length: number;
  at(i: number): T;
}

/** An anomaly before it has its number in the verdict. */
export type Unnumbered = Omit<Anomaly, 'id'>;

/** What went wrong in a part. */
export interface Explanation {
  readonly counterexample: Counterexample;
  /** In order of invocation, one or more. */
  readonly anomalies: readonly Unnumbered[];
}

/** Explains a register that has no linearization. */
export function explainRegister<S>(violating: Violating<S>): Explanation {
  return new Explaining(violating).run();
}

class Explaining<S> {
  readonly #violating: Violating<S>;
  readonly #part: RegisterPart;
  readonly #operations: List<Operation>;
  readonly #writers: Writers;
  readonly #ages: readonly (Age | undefined)[];
  readonly #telling: sentence.Telling;

  constructor(violating: Violating<S>) {
    this.#violating = violating;
    this.#part = violating.part;
    this.#operations = violating.operations;
    this.#writers = new Writers(violating.part);
    this.#ages = agesOf(violating.part);
    this.#telling = { part: violating.name, clients: violating.clients, untimed: violating.untimed };
  }

  run(): Explanation {
    const broken = locate(this.#part, this.#violating.violation);
    const named = this.#misplaced();
    const anomalies = named.length > 0 ? named : [this.#undirected(broken.culprit)];
    const own = anomalies.find(({ operation }) => operation === this.#operations.at(broken.culprit).id);
    return {
      counterexample: {
        minimal: (own ?? anomalies[0]!).minimal,
        culprit: this.#operations.at(broken.culprit),
        prefix: Array.from(broken.prefix, (operation) => this.#operations.at(operation).id),
        states: this.#states(broken),
      },
      anomalies,
    };
  }

  /**
   * Every observer that is certainly to blame. One that is merely at odds with another observer is not: after a stale read
   * of 4, a correct read of 5 is at odds with it too.
   */
  #misplaced(): readonly Unnumbered[] {
    const found: Unnumbered[] = [];
    for (let i = 0; i < this.#part.count; i++) {
      if (!isObserver(this.#part, i)) continue;
      const age = this.#ages[i];
      if (age !== undefined && age.versions > 0) found.push(this.#stale(i, age));
      else if (this.#writers.hasNoSource(i)) found.push(...this.#unserved(i));
    }
    return found;
  }

  /** Where nobody is certainly to blame: the first observer that is at odds with others, or where the history breaks. */
  #undirected(culprit: number): Unnumbered {
    const observer = firstWithoutSource(this.#part, this.#writers);
    if (observer === NONE) return this.#orderless(culprit);
    return this.#overwritten(observer, this.#writers.overwriterOf(observer, { writesOnly: false }));
  }

  #stale(observer: number, age: Age): Unnumbered {
    const newer = this.#newer(observer, age.newerWrite, age.newerShown);
    const { newerWrite, newerShown, ownShown } = age;
    // The newer write alone proves it if it was acknowledged in time, else whoever saw its value does; and where the write of
    // the value that was read was not acknowledged before the newer one began, whoever saw that one.
    const proofs = [[newerWrite], [newerShown], [newerWrite, ownShown], [newerShown, ownShown]];
    const seeds = proofs.map((proof) => [whole(observer), ...this.#evidence(proof, observer)]);
    const words =
      this.#part.kind[observer] === CAS
        ? sentence.lostUpdate(this.#telling, this.#operations.at(observer), newer)
        : sentence.staleRead(this.#telling, this.#operations.at(observer), this.#valueSeen(observer), newer);
    return {
      ...this.#anomaly(observer, this.#part.kind[observer] === CAS ? 'lost-update' : 'stale-read', words, seeds),
      newer: { ...this.#newerFields(newer, newerShown), versions: age.versions },
    };
  }

  /** An observer without a possible source whose age is not the trouble, or not known. */
  #unserved(observer: number): readonly Unnumbered[] {
    const value = this.#part.needs[observer]!;
    const writers = this.#writers.of(value).filter((writer) => writer !== observer);
    const operation = this.#operations.at(observer);
    const seen = this.#valueSeen(observer);
    const alone = [[whole(observer)]];
    if (writers.length === 0 && value !== INITIAL) {
      const failed = this.#failedWriteOf(seen);
      return [
        failed === undefined
          ? this.#anomaly(observer, 'never-written', sentence.neverWritten(this.#telling, operation, seen), alone)
          : this.#anomaly(
              observer,
              'failed-write-read',
              sentence.failedWriteRead(this.#telling, operation, seen, failed),
              alone,
            ),
      ];
    }
    const first = writers[0];
    if (value !== INITIAL && first !== undefined && this.#part.call[first]! > this.#part.ret[observer]!) {
      const beforeNs = this.#operations.at(first).callNs - returnNs(operation);
      return [
        this.#anomaly(observer, 'future-read', sentence.futureRead(this.#telling, operation, seen, beforeNs), alone),
      ];
    }
    const shown = this.#writers.overwriterOf(observer, { writesOnly: true });
    return shown === NONE ? [] : [this.#overwritten(observer, shown)];
  }

  /** Every writer of what was seen is certainly overwritten, but how many versions ago is not certain. */
  #overwritten(observer: number, shown: number): Unnumbered {
    const newer = this.#newer(observer, this.#part.kind[shown] === READ ? NONE : shown, shown);
    const own = this.#writers.shownBy(this.#part.needs[observer]!);
    const seeds = [[shown], [shown, own]].map((proof) => [whole(observer), ...this.#evidence(proof, observer)]);
    const operation = this.#operations.at(observer);
    const isCas = this.#part.kind[observer] === CAS;
    const words = isCas
      ? sentence.lostUpdate(this.#telling, operation, newer)
      : sentence.staleRead(this.#telling, operation, this.#valueSeen(observer), newer);
    return {
      ...this.#anomaly(observer, isCas ? 'lost-update' : 'stale-read', words, seeds),
      newer: { ...this.#newerFields(newer, shown), versions: 1 },
    };
  }

  /** Where no single observer is to blame: the operation at which the history breaks. */
  #orderless(culprit: number): Unnumbered {
    const operation = this.#operations.at(culprit);
    const { window } = this.#violating.violation;
    const seeds = window === undefined ? [] : this.#inWindow(window);
    switch (this.#part.kind[culprit]!) {
      case CAS:
        return this.#anomaly(culprit, 'lost-update', sentence.lostUpdate(this.#telling, operation, undefined), seeds);
      case MISMATCH:
        return this.#anomaly(
          culprit,
          'impossible-mismatch',
          sentence.impossibleMismatch(this.#telling, operation),
          seeds,
        );
      default:
        return this.#anomaly(
          culprit,
          'no-order',
          sentence.noOrder(this.#telling, operation, this.#describe(operation)),
          seeds,
        );
    }
  }

  /** What was in flight in a window that has no order: the answered ones, which bring along who they may have seen, then all. */
  #inWindow({ from, to, withMismatches }: NonNullable<Violation['window']>): readonly (readonly Member[])[] {
    const { count, call, ret, kind, leaves } = this.#part;
    const answered: Member[] = [];
    const all: Member[] = [];
    for (let i = 0; i < count && call[i]! <= to; i++) {
      const isOther = kind[i] === MISMATCH && !withMismatches;
      if (ret[i]! < from || isOther || (ret[i] === NEVER && leaves[i] === NONE)) continue;
      all.push(whole(i));
      if (ret[i] !== NEVER) answered.push(whole(i));
    }
    return [answered, all];
  }

  #anomaly(culprit: number, kind: AnomalyClass, words: string, seeds: readonly (readonly Member[])[]): Unnumbered {
    const minimal = minimise(this.#part, this.#writers, { seeds, culprit });
    return {
      class: kind,
      part: this.#violating.name,
      sentence: words,
      operation: this.#operations.at(culprit).id,
      minimal: minimal.map((member) => this.#minimalOperation(member, culprit)),
    };
  }

  #minimalOperation(member: MinimalMember, culprit: number): MinimalOperation {
    const operation = this.#operations.at(member.operation);
    const as: Call | undefined = member.weak
      ? { ...operation.input, f: 'write', value: this.#value(this.#part.leaves[member.operation]!) }
      : undefined;
    return {
      operation,
      pinned: member.pinned,
      ...(member.isUntried === true ? { untried: true } : {}),
      ...(as === undefined ? {} : { as }),
      why: this.#why(member, culprit),
    };
  }

  #why({ operation, pinned, isUntried }: MinimalMember, culprit: number): string {
    if (operation === culprit) return 'It fits nowhere.';
    if (isUntried === true) return UNTRIED;
    const wrote = JSON.stringify(this.#value(this.#part.leaves[operation]!));
    const saw = JSON.stringify(this.#value(this.#part.needs[operation]!));
    const { kind, ret } = this.#part;
    if (pinned) return `It wrote ${wrote}, which is observed here.`;
    if (kind[operation] === READ) return `It saw ${saw}, so that value was in effect by its return.`;
    if (kind[operation] === MISMATCH) return `It was answered that the value is not ${saw}.`;
    if (ret[operation] === NEVER)
      return `Its outcome is unknown; it can have written ${wrote} at any time after its call.`;
    return `It was answered: ${wrote} was in effect by its return.`;
  }

  #states({ culprit, states }: Break): Counterexample['states'] {
    const { model, name } = this.#violating;
    const seen = JSON.stringify(this.#value(this.#part.needs[culprit]!));
    const reason = [
      `the read saw ${seen}`,
      'the write is impossible',
      `the compare-and-set needed ${seen}`,
      `the answer was that the value is not ${seen}`,
    ];
    return states.map((state) => ({
      state: model.describeState?.(this.#value(state) as S, name) ?? JSON.stringify(this.#value(state)),
      reason: reason[this.#part.kind[culprit]!]!,
    }));
  }

  /** Members that prove something by having returned, as weak as the proof allows. */
  #evidence(proof: readonly number[], observer: number): readonly Member[] {
    const { kind, needs } = this.#part;
    return [...new Set(proof)]
      .filter((operation) => operation !== NONE && operation !== observer)
      .map((operation) => ({ operation, weak: kind[operation] === CAS && needs[operation] !== needs[observer] }));
  }

  #newer(observer: number, write: number, shown: number): sentence.Newer {
    const { callNs } = this.#operations.at(observer);
    const { leaves, needs } = this.#part;
    return {
      value: this.#value(write === NONE ? needs[shown]! : leaves[write]!),
      gapNs: callNs - returnNs(this.#operations.at(shown)),
      by: shown === write ? 'acknowledged' : 'already read',
    };
  }

  #newerFields({ value, gapNs }: sentence.Newer, shown: number): Omit<NonNullable<Anomaly['newer']>, 'versions'> {
    const operation = this.#operations.at(shown);
    return { operation: operation.id, value, sinceNs: returnNs(operation), gapNs };
  }

  #failedWriteOf(value: Json): FailedOperation | undefined {
    const { failed } = this.#violating;
    for (let i = 0; i < failed.length; i++) {
      const operation = failed.at(i);
      const { f, value: asked } = operation.input;
      const written = f === 'cas' && Array.isArray(asked) ? (asked[1] as Json) : asked;
      if (f !== 'read' && JSON.stringify(written) === JSON.stringify(value)) return operation;
    }
    return undefined;
  }

  #describe(operation: Operation): string {
    const { model } = this.#violating;
    const output = operation.outcome.kind === 'ok' ? operation.outcome.output : UNSEEN;
    return model.describe?.(operation.input, output) ?? operation.input.f;
  }

  #valueSeen(observer: number): Json {
    return this.#value(this.#part.needs[observer]!);
  }

  #value(number: number): Json {
    return this.#part.values.at(number) ?? null;
  }
}

/** Why an operation is here that nobody tried to leave out. */
export const UNTRIED = 'Nobody tried to leave it out: the effort was spent before.';

function whole(operation: number): Member {
  return { operation, weak: false };
}

function returnNs({ callNs, outcome }: Operation): number {
  return outcome.kind === 'ok' ? outcome.returnNs : callNs;
}
