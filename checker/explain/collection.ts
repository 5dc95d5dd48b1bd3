/**
 * Explains a queue, stack, bag or set that a monitor found to have no linearization: the operation at which it breaks, what was in
 * before, a minimal history of two to four operations mostly, and one sentence. The sentence claims only what the minimal history
 * shows.
 */
import type { Json, Operation } from '../history/operation.ts';
import { NEVER } from '../history/table.ts';
import { stateWords } from '../model/calls.ts';
import { bracketed, linesOf } from '../model/lines.ts';
import { UNSEEN } from '../model/model.ts';
import { EMPTY, HAS, INSERT, LACKS, NONE, PUT, TAKE, type CollectionPart } from '../monitor/collection-part.ts';
import { contentsAfter } from '../monitor/contents.ts';
import { breakOf, type CollectionBreak, type Evidence } from '../monitor/evidence.ts';
import type { CollectionFault, CollectionViolation } from '../monitor/monitored.ts';
import type { AnomalyClass, Counterexample, MinimalOperation } from '../verdict/verdict.ts';
import type { Explanation, List } from './anomalies.ts';
import { past } from './model-collection.ts';
import { answerOf, endOf, objectName, somebody } from './model-telling.ts';
import { client, from, instant, noOrder, show, span, type Telling } from './sentence.ts';

/** A violating part, and what is known of it. */
export interface ViolatingCollection {
  readonly name: string;
  readonly clients: number | undefined;
  readonly untimed: boolean;
  readonly part: CollectionPart;
  readonly violation: CollectionViolation;
  /** By number in the part. */
  readonly operations: List<Operation>;
}

/** Explains a collection that has no linearization. */
export function explainCollection(violating: ViolatingCollection): Explanation {
  return new Explaining(violating).run();
}

const CLASSES: Readonly<Record<CollectionFault, AnomalyClass>> = {
  'never-put': 'never-written',
  future: 'future-read',
  duplicate: 'duplicate',
  'out-of-order': 'out-of-order',
  lost: 'lost',
  'no-order': 'no-order',
};

class Explaining {
  readonly #part: CollectionPart;
  readonly #operations: List<Operation>;
  readonly #broken: CollectionBreak;
  readonly #evidence: Evidence;
  readonly #telling: Telling;

  constructor({ name, clients, untimed, part, violation, operations }: ViolatingCollection) {
    this.#part = part;
    this.#operations = operations;
    this.#broken = breakOf(part, violation);
    this.#evidence = this.#broken.evidence;
    this.#telling = { part: name, clients, untimed };
  }

  run(): Explanation {
    const { culprit } = this.#evidence;
    const minimal = this.#evidence.members.map((i) => this.#minimalOperation(i));
    const { before } = this.#broken;
    return {
      counterexample: {
        minimal,
        culprit: this.#at(culprit),
        prefix: before?.kind === 'ok' ? Array.from(before.order, (i) => this.#at(i).id) : [],
        states: this.#states(),
      },
      anomalies: [
        {
          class: CLASSES[this.#evidence.class],
          part: this.#telling.part,
          sentence: this.#sentence(),
          operation: this.#at(culprit).id,
          minimal,
        },
      ],
    };
  }

  #sentence(): string {
    const { culprit } = this.#evidence;
    switch (this.#evidence.class) {
      case 'never-put':
        return `${this.#did()}, although ${this.#value(culprit)} was never ${this.#putWord()}.`;
      case 'future': {
        const put = this.#where((i) => this.#isPutOf(i, culprit))[0]!;
        const beforeNs = this.#at(put).callNs - returnNs(this.#at(culprit));
        return `${this.#did()}, ${span(this.#telling, beforeNs)} before ${this.#value(culprit)} was first ${this.#putWord()}.`;
      }
      case 'duplicate': {
        const other = this.#others().find((i) => this.#part.kind[i] === TAKE)!;
        return `${this.#did()}, although ${somebody(this.#telling, this.#at(other))} ${past(this.#at(other).input.f)} it at ${instant(this.#telling, this.#at(other).callNs)} and it was ${this.#putWord()} only once.`;
      }
      case 'out-of-order':
      case 'lost':
        return this.#passedOver();
      case 'no-order':
        return this.#fitsNowhere();
    }
  }

  /** Something else had to come first, or was in where nothing should have been. */
  #passedOver(): string {
    const { culprit } = this.#evidence;
    const { order, kind, value } = this.#part;
    const puts = this.#others().filter((i) => isPut(kind[i]!) && (order === 'set' || value[i] !== value[culprit]));
    const [put] = puts;
    if (put === undefined || puts.length > 1) return this.#manyPassedOver(puts);
    const shown = order === 'set' ? 'it' : this.#value(put);
    const by = endOf(this.#telling, this.#at(put));
    if (kind[culprit] === EMPTY)
      return `${this.#did()}, although ${shown} had been ${this.#putWord()} by ${by}${this.#takenLater(put)}.`;
    if (order === 'set')
      return `${this.#did()}, although it had been ${this.#putWord()} by ${by}${this.#takenLater(put)}.`;
    const own = this.#where((i) => this.#isPutOf(i, culprit))[0]!;
    const isRight = order === 'fifo' ? this.#precedes(put, own) : this.#precedes(own, put);
    if (!isRight) return this.#fitsNowhere();
    const place = order === 'fifo' ? 'before it' : 'after it';
    return `${this.#did()}, although ${shown} had been ${this.#putWord()} ${place}, by ${by}${this.#takenLater(put)}.`;
  }

  #manyPassedOver(puts: readonly number[]): string {
    if (puts.length === 0 || this.#part.kind[this.#evidence.culprit] !== EMPTY) return this.#fitsNowhere();
    const values = puts.map((put) => this.#value(put));
    return `${this.#did()}, although ${values.slice(0, -1).join(', ')} and ${values.at(-1)!} were in it one after another all the while.`;
  }

  /** When the value was taken that was passed over: `and nobody had dequeued it`, as far as anybody saw. */
  #takenLater(put: number): string {
    const { kind, value, call } = this.#part;
    const { culprit } = this.#evidence;
    const all = Array.from(kind, (_kind, i) => i);
    const outs = all.filter(
      (i) => value[i] === value[put] && i !== culprit && !isPut(kind[i]!) && kind[i] !== HAS && kind[i] !== LACKS,
    );
    const word = past(this.#takeName());
    const [out] = outs;
    if (out === undefined) return ` and nobody had ${word} it`;
    if (outs.length > 1 || call[out]! < call[culprit]!) return '';
    return ` and was ${word} only from ${instant(this.#telling, this.#at(out).callNs)} on`;
  }

  #fitsNowhere(): string {
    return noOrder(this.#telling, this.#at(this.#evidence.culprit), this.#described());
  }

  /** `Client 3 dequeued 5 from the queue from n2 at 12.402 s`. */
  #did(): string {
    const operation = this.#at(this.#evidence.culprit);
    const what = this.#what(operation);
    return `${client(this.#telling, operation)} ${what}${from(operation)} at ${instant(this.#telling, operation.callNs)}`;
  }

  #what(operation: Operation): string {
    const { culprit } = this.#evidence;
    const name = objectName(this.#telling, this.#kindName());
    switch (this.#part.kind[culprit]!) {
      case TAKE:
        return `${past(operation.input.f)} ${this.#value(culprit)} from ${name}`;
      case EMPTY:
        return `found ${name} empty`;
      case HAS:
        return `found ${this.#value(culprit)} in ${name}`;
      case LACKS:
        return `found ${this.#value(culprit)} not in ${name}`;
      default:
        return `${past(operation.input.f)} ${this.#value(culprit)}`;
    }
  }

  #described(): string {
    const operation = this.#at(this.#evidence.culprit);
    const answer = answerOf(operation);
    const asked = operation.input.value === null ? '' : ` ${show(operation.input.value)}`;
    return `${operation.input.f}${asked}${answer === UNSEEN || answer === null ? '' : ` → ${show(answer)}`}`;
  }

  #minimalOperation(i: number): MinimalOperation {
    const isPinned = this.#evidence.pinned.has(i);
    const isOptional = this.#evidence.optional.has(i);
    return {
      operation: this.#at(i),
      pinned: isPinned,
      ...(isOptional ? { optional: true } : {}),
      why: isOptional ? 'It may have taken effect or not: there is no order either way.' : this.#why(i, isPinned),
    };
  }

  #why(i: number, isPinned: boolean): string {
    const { kind } = this.#part;
    if (i === this.#evidence.culprit) return 'It fits nowhere.';
    const value = kind[i] === EMPTY ? '' : this.#value(i);
    if (isPut(kind[i]!)) {
      if (isPinned) return `It ${this.#putWord()} ${value}, which is taken or seen here.`;
      return `It was answered: ${value} was in by its return.`;
    }
    if (kind[i] === EMPTY) return 'It was answered that there is nothing.';
    if (kind[i] === HAS || kind[i] === LACKS) return 'What it saw is needed.';
    return isPinned ? `It shows that ${value} was in until its call.` : `It took ${value} out.`;
  }

  #states(): Counterexample['states'] {
    const { before } = this.#broken;
    if (before?.kind !== 'ok') return [];
    const contents = contentsAfter(this.#part, before).map((put) => this.#at(put).input.value);
    const state = stateWords(this.#kindName(), this.#telling.part, bracketed(linesOf(contents)));
    return [{ state, reason: this.#reason(contents) }];
  }

  #reason(contents: readonly Json[]): string {
    const { order, kind } = this.#part;
    const { culprit } = this.#evidence;
    if (kind[culprit] === EMPTY) return 'it is not empty';
    if (order === 'set' || order === 'any') {
      const isOut = kind[culprit] === TAKE || kind[culprit] === HAS;
      return `${this.#value(culprit)} is ${isOut ? 'not ' : ''}in it`;
    }
    const next = order === 'fifo' ? contents[0] : contents.at(-1);
    const { f } = this.#at(culprit).input;
    return next === undefined ? 'it is empty' : `a ${f} gives ${show(next)} there`;
  }

  #kindName(): string {
    const names = { fifo: 'queue', lifo: 'stack', any: 'queue', set: 'set' } as const;
    return names[this.#part.order];
  }

  #putWord(): string {
    const put = this.#where((i) => isPut(this.#part.kind[i]!))[0];
    if (put !== undefined) return past(this.#at(put).input.f);
    return { fifo: 'enqueued', lifo: 'pushed', any: 'enqueued', set: 'added' }[this.#part.order];
  }

  #takeName(): string {
    const take = this.#where((i) => this.#part.kind[i] === TAKE || this.#part.kind[i] === EMPTY)[0];
    return take === undefined ? 'remove' : this.#at(take).input.f;
  }

  /** The value of an operation, as it is written. */
  #value(i: number): string {
    const { kind } = this.#part;
    const { input } = this.#at(i);
    if (kind[i] !== TAKE || input.value !== null) return show(input.value);
    const answer = answerOf(this.#at(i));
    return answer === UNSEEN ? '?' : show(answer);
  }

  #isPutOf(i: number, operation: number): boolean {
    const { kind, value } = this.#part;
    return isPut(kind[i]!) && value[i] === value[operation] && value[i] !== NONE;
  }

  #precedes(a: number, b: number): boolean {
    return this.#part.ret[a] !== NEVER && this.#part.ret[a]! < this.#part.call[b]!;
  }

  #others(): readonly number[] {
    return this.#evidence.members.filter((i) => i !== this.#evidence.culprit);
  }

  #where(isWanted: (i: number) => boolean): readonly number[] {
    const found: number[] = [];
    for (let i = 0; i < this.#part.count && found.length === 0; i++) if (isWanted(i)) found.push(i);
    return found;
  }

  #at(i: number): Operation {
    return this.#operations.at(i)!;
  }
}

function isPut(kind: number): boolean {
  return kind === PUT || kind === INSERT;
}

function returnNs({ outcome }: Operation): number {
  return outcome.kind === 'ok' ? outcome.returnNs : Infinity;
}
