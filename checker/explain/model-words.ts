/**
 * The class and the sentence of a violation of a model that is not a register, and why the culprit fits in none of the states
 * that are possible: in the words of the object where it is known, in general ones where it is not. A sentence claims only what
 * holds in every order.
 */
import type { ModelPart } from '../generic/model-part.ts';
import type { Json, Operation } from '../history/operation.ts';
import { UNSEEN } from '../model/model.ts';
import type { AnomalyClass } from '../verdict/verdict.ts';
import { collectionReason, collectionTrouble } from './model-collection.ts';
import type { ModelMember } from './model-minimal.ts';
import { client, from, noOrder, seconds, show, type Telling } from './sentence.ts';

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

/** `Client 3 acquired the lock at 12.402 s`. */
export function opening<S>({ part, culprit, telling }: Broken<S>, what: string): string {
  const operation = part.operations[culprit]!;
  return `${client(telling, operation)} ${what}${from(operation)} at ${seconds(operation.callNs)} s`;
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
  return isAcquire
    ? { class: 'two-holders', sentence: `${did}, although ${heldWords(telling, other)}.` }
    : { class: 'not-held', sentence: `${did}, although ${freeWords(telling, other)}.` };
}

function heldWords(telling: Telling, holder: Operation | undefined): string {
  if (holder === undefined) return 'it was held in every order of the operations before';
  return `${somebody(telling, holder)} had held it since ${endOf(holder)} s and no release can have come in between`;
}

function freeWords(telling: Telling, releaser: Operation | undefined): string {
  if (releaser === undefined) return 'it was free in every order of the operations before';
  return `${somebody(telling, releaser)} had released it by ${endOf(releaser)} s already and no acquire can have come in between`;
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
  const lost = certainOthers(broken)
    .filter((i) => part.ret[i]! < part.call[culprit]!)
    .map((i) => part.operations[i]!)
    .find(({ input }) => typeof input.value === 'string' && !String(answer).includes(input.value));
  if (lost === undefined) return undefined;
  const did = opening(broken, `read ${objectName(telling, 'value')} = ${show(answer)}`);
  const done = lost.input.f === 'put' ? 'put' : 'appended';
  return {
    class: 'lost',
    sentence: `${did}, although ${show(lost.input.value)} had been ${done} by ${endOf(lost)} s.`,
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

const SHOWN = 4;

/** `3`, `3 or 4`, `3, 4, 5, 6 or one of 7 others`. */
export function anyOf(all: readonly string[]): string {
  const words = [...new Set(all)];
  const shown = words.length <= SHOWN + 1 ? words : [...words.slice(0, SHOWN), `one of ${words.length - SHOWN} others`];
  return shown.length === 1 ? shown[0]! : `${shown.slice(0, -1).join(', ')} or ${shown.at(-1)!}`;
}

/** When the operation had returned, in seconds. */
export function endOf({ callNs, outcome }: Operation): string {
  return seconds(outcome.kind === 'ok' ? outcome.returnNs : callNs);
}
