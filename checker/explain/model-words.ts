/**
 * The class and the sentence of a violation of a model that is not a register, and why the culprit fits in none of the states
 * that are possible: in the words of the object where it is known, in general ones where it is not. A sentence claims only what
 * holds in every order.
 */
import type { Json, Operation } from '../history/operation.ts';
import { UNSEEN } from '../model/model.ts';
import { collectionReason, collectionTrouble } from './model-collection.ts';
import {
  answerOf,
  anyOf,
  certainOthers,
  describe,
  endOf,
  objectName,
  opening,
  somebody,
  type Broken,
  type Trouble,
} from './model-telling.ts';
import { noOrder, show, type Telling } from './sentence.ts';

/** Names what went wrong. */
export function troubleOf<S>(broken: Broken<S>): Trouble {
  const { part, culprit, telling } = broken;
  const operation = part.operations[culprit]!;
  return (
    lockTrouble(broken) ??
    collectionTrouble(broken) ??
    readTrouble(broken) ?? { class: 'no-order', sentence: noOrder(telling, operation, describe(part, operation)) }
  );
}

/** Why the culprit is not possible in this state. */
export function reasonIn<S>(broken: Broken<S>, state: number): string {
  const { part, culprit } = broken;
  const operation = part.operations[culprit]!;
  if (part.model.name === 'lock') return lockReason(operation);
  const reason = collectionReason(broken, state);
  if (reason !== undefined) return reason;
  const answer = answerOf(operation);
  if (isPlainRead(operation) && answer !== UNSEEN) return `the ${operation.input.f} saw ${show(answer)}`;
  return `${describe(part, operation)} is not possible`;
}

function lockTrouble<S>(broken: Broken<S>): Trouble | undefined {
  const { part, culprit, telling } = broken;
  const operation = part.operations[culprit]!;
  if (part.model.name !== 'lock' || answerOf(operation) === false) return undefined;
  const isAcquire = operation.input.f === 'acquire';
  const name = objectName(telling, 'lock');
  const did = opening(broken, `${isAcquire ? 'acquired' : 'released'} ${name}`);
  const same = certainOthers(broken).filter(
    (i) => part.operations[i]!.input.f === operation.input.f && answerOf(part.operations[i]!) !== false,
  );
  const other = same.length === 1 && part.ret[same[0]!]! < part.call[culprit]! ? part.operations[same[0]!] : undefined;
  const counted = other === undefined ? countedWords(broken, isAcquire) : undefined;
  return isAcquire
    ? { class: 'two-holders', sentence: `${did}, although ${counted ?? heldWords(telling, other)}.` }
    : { class: 'not-held', sentence: `${did}, although ${counted ?? freeWords(telling, other)}.` };
}

/**
 * Where operations overlap without end, counting may be the only proof: acquires and releases take turns, so that no more of the
 * one can have succeeded than the other was asked for, and one.
 */
function countedWords<S>({ part, culprit }: Broken<S>, isAcquire: boolean): string | undefined {
  const end = part.ret[culprit]!;
  const [own, opposite] = isAcquire ? ['acquire', 'release'] : ['release', 'acquire'];
  let succeeded = 0;
  let asked = 0;
  for (const [i, operation] of part.operations.entries()) {
    if (answerOf(operation) === false || part.call[i]! > end) continue;
    if (operation.input.f === opposite) asked++;
    else if (operation.input.f === own && part.ret[i]! < end) succeeded++;
  }
  const isPossibleFirst = (part.states.value(part.states.initial) as unknown) === !isAcquire;
  if (succeeded < asked + Number(isPossibleFirst)) return undefined;
  return `${succeeded} ${succeeded === 1 ? own : `${own}s`} had succeeded by then and only ${asked} ${asked === 1 ? `${opposite} had` : `${opposite}s had`} been asked for`;
}

function heldWords(telling: Telling, holder: Operation | undefined): string {
  if (holder === undefined) return 'it was held in every order of the operations before';
  return `${somebody(telling, holder)} had held it since ${endOf(telling, holder)} and no release can have come in between`;
}

function freeWords(telling: Telling, releaser: Operation | undefined): string {
  if (releaser === undefined) return 'it was free in every order of the operations before';
  return `${somebody(telling, releaser)} had released it by ${endOf(telling, releaser)} already and no acquire can have come in between`;
}

function lockReason(operation: Operation): string {
  if (answerOf(operation) === false) return `the ${operation.input.f} was refused`;
  return operation.input.f === 'acquire'
    ? 'it can be acquired only when it is free'
    : 'it can be released only when it is held';
}

/** Reads of what is no collection: a count, or the values that it can only have been. */
function readTrouble<S>(broken: Broken<S>): Trouble | undefined {
  const { part, culprit, telling } = broken;
  const operation = part.operations[culprit]!;
  const answer = answerOf(operation);
  if (!isPlainRead(operation) || answer === UNSEEN || broken.states.length === 0) return undefined;
  const lost = part.model.name === 'kv' ? lostTexts(broken, answer) : undefined;
  if (lost !== undefined) return lost;
  const isCount = typeof answer === 'number' && typeof part.states.value(0) === 'number';
  const did = opening(broken, `read ${objectName(telling, isCount ? 'counter' : 'value')} = ${show(answer)}`);
  const possible = broken.states.map((state) => shortState(broken, state));
  return {
    class: isCount ? 'wrong-count' : 'no-order',
    sentence: `${did}, although it can only have been ${anyOf(possible)}.`,
  };
}

/** An acknowledged text that no put can have replaced and that the get does not show. */
function lostTexts<S>(broken: Broken<S>, answer: Json): Trouble | undefined {
  const { part, culprit, telling } = broken;
  if (typeof answer !== 'string') return undefined;
  const lost = certainOthers(broken)
    .filter((i) => part.ret[i]! < part.call[culprit]!)
    .map((i) => part.operations[i]!)
    .find(({ input }) => typeof input.value === 'string' && !answer.includes(input.value));
  if (lost === undefined) return undefined;
  const did = opening(broken, `read ${objectName(telling, 'value')} = ${show(answer)}`);
  const done = lost.input.f === 'put' ? 'put' : 'appended';
  return {
    class: 'lost',
    sentence: `${did}, although ${show(lost.input.value)} had been ${done} by ${endOf(telling, lost)}.`,
  };
}

function isPlainRead({ input }: Operation): boolean {
  return input.f === 'read' || input.f === 'get';
}

/** `5`, `"ab"`; the model's own words where the state is a structure. */
function shortState<S>({ part, telling }: Broken<S>, state: number): string {
  const value: unknown = part.states.value(state);
  if (typeof value === 'number' || part.model.name === 'kv') return JSON.stringify(value);
  return part.model.describeState?.(value as S, telling.part) ?? String(part.model.key(value as S));
}
