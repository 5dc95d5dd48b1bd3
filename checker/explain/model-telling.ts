/** What the words about any model have in common: who, what, when. */
import type { ModelPart } from '../generic/model-part.ts';
import type { Json, Operation } from '../history/operation.ts';
import { UNSEEN } from '../model/model.ts';
import type { AnomalyClass } from '../verdict/verdict.ts';
import type { ModelMember } from './model-minimal.ts';
import { client, from, instant, type Telling } from './sentence.ts';

/** A part without an order, and where it breaks. Operations and states by number. */
export interface Broken<S> {
  readonly part: ModelPart<S>;
  readonly telling: Telling;
  readonly culprit: number;
  readonly members: readonly ModelMember[];
  /** The states possible before the culprit. */
  readonly states: readonly number[];
}

/** What went wrong. */
export interface Trouble {
  readonly class: AnomalyClass;
  readonly sentence: string;
}

/** `Client 3 acquired the lock at 12.402 s`. */
export function opening<S>({ part, culprit, telling }: Broken<S>, what: string): string {
  const operation = part.operations[culprit]!;
  return `${client(telling, operation)} ${what}${from(operation)} at ${instant(telling, operation.callNs)}`;
}

/** `client 1`, inside a sentence. */
export function somebody(telling: Telling, operation: Operation): string {
  return client(telling, operation).replace('C', 'c');
}

/** `x`, or `the queue`. */
export function objectName({ part }: Telling, kind: string): string {
  return part === '' ? `the ${kind}` : part;
}

/** What was answered, or UNSEEN. */
export function answerOf({ outcome }: Operation): Json | typeof UNSEEN {
  return outcome.kind === 'ok' ? outcome.output : UNSEEN;
}

/** The operation in the model's words. */
export function describe<S>({ model }: ModelPart<S>, operation: Operation): string {
  return model.describe?.(operation.input, answerOf(operation)) ?? operation.input.f;
}

/** The other members that are certain, the last one that returned first. */
export function certainOthers<S>({ part, culprit, members }: Broken<S>): readonly number[] {
  return members
    .filter(({ operation, optional }) => operation !== culprit && !optional)
    .map(({ operation }) => operation)
    .toSorted((a, b) => part.ret[b]! - part.ret[a]!);
}

const SHOWN = 4;

/** `3`, `3 or 4`, `3, 4, 5, 6 or one of 7 others`. */
export function anyOf(all: readonly string[]): string {
  const words = [...new Set(all)];
  const shown = words.length <= SHOWN + 1 ? words : [...words.slice(0, SHOWN), `one of ${words.length - SHOWN} others`];
  return shown.length === 1 ? shown[0]! : `${shown.slice(0, -1).join(', ')} or ${shown.at(-1)!}`;
}

/** When the operation had returned. */
export function endOf(telling: Telling, { callNs, outcome }: Operation): string {
  return instant(telling, outcome.kind === 'ok' ? outcome.returnNs : callNs);
}
