/**
 * What the models of calls in Jepsen's words have in common: one object for each key, refusing what is not theirs, and words for
 * people. An operation that changes something and tells nothing (`enqueue`) is *acknowledged*: with null, with true, or with
 * the value that was asked, as Jepsen writes it.
 */
import type { Call, Json } from '../history/operation.ts';
import { sameJson } from './json.ts';
import { ModelError, UNSEEN, type Model } from './model.ts';

/** The object that a call is about: each key has one of its own, and '' stands for no key. */
export function keyOf({ key }: Call): string {
  return key ?? '';
}

/** For a model whose objects are the keys. */
export const byKey: Pick<Model<never, Call, never>, 'partition' | 'partitionedByKey'> = {
  partition: keyOf,
  partitionedByKey: true,
};

/** @throws ModelError if the model has no operation of this name */
export function requireKnown(model: string, knows: readonly string[], { f }: Call): void {
  if (knows.includes(f)) return;
  throw new ModelError(`the model ${model} knows ${knows.join(', ')}, not ${JSON.stringify(f)}`);
}

/** @throws ModelError if the answer is more than an acknowledgement */
export function requireAcknowledged({ f, value }: Call, output: Json | typeof UNSEEN): void {
  if (isAcknowledgement(value, output)) return;
  throw odd(f, 'null, true or the value that was asked', output as Json);
}

/** True for an answer that only says that it was done, and for one that nobody saw. */
export function isAcknowledgement(value: Json, output: Json | typeof UNSEEN): boolean {
  return output === UNSEEN || output === null || output === true || sameJson(output, value);
}

/** The error about an answer that the operation cannot have. */
export function odd(f: string, allowed: string, output: Json): ModelError {
  return new ModelError(`${withArticle(f)} answers ${allowed}, not ${JSON.stringify(output)}`);
}

/** `an append`, `a read`. */
export function withArticle(f: string): string {
  return `${/^[aeiou]/.test(f) ? 'an' : 'a'} ${f}`;
}

/** `enqueue q 5`, `contains s 5 → true`: the parts that are undefined are left out. */
export function inWords(
  { f, key }: Call,
  { asked, answer }: { readonly asked?: Json | undefined; readonly answer?: string | undefined },
): string {
  const words = [f, key, asked === undefined ? undefined : JSON.stringify(asked)].filter((word) => word !== undefined);
  return answer === undefined ? words.join(' ') : `${words.join(' ')} → ${answer}`;
}

/** An answer in words; undefined where nobody saw it. */
export function answerWords(output: Json | typeof UNSEEN): string | undefined {
  return output === UNSEEN ? undefined : JSON.stringify(output);
}

/** `q = [5, 6]`, `the queue = [5, 6]` where there is no key. */
export function stateWords(thing: string, part: string, state: string): string {
  return `${part === '' ? `the ${thing}` : part} = ${state}`;
}
