/** What can be wrong with a queue, a stack, a bag, a set or a list, in words. */
import type { ModelPart } from '../generic/model-part.ts';
import type { Json, Operation } from '../history/operation.ts';
import { canonical, sameJson } from '../model/json.ts';
import { REJECTED, type CollectionAction } from '../model/model.ts';
import {
  answerOf,
  anyOf,
  certainOthers,
  endOf,
  objectName,
  opening,
  somebody,
  type Broken,
  type Trouble,
} from './model-telling.ts';
import { instant, show, span } from './sentence.ts';

type Action = CollectionAction | undefined;

/** Undefined where the part is no collection, or the culprit does something else to it. */
export function collectionTrouble<S>(broken: Broken<S>): Trouble | undefined {
  const action = actionOf(broken.part, broken.culprit);
  switch (action?.kind) {
    case 'take':
      return takeTrouble(broken, action.value);
    case 'empty':
      return emptyTrouble(broken);
    case 'contains':
      return containsTrouble(broken, action);
    case 'read-all':
      return readAllTrouble(broken, action.values);
    case 'put':
    case 'take-unseen':
    case 'nothing':
    case 'other':
    case undefined:
      return undefined;
  }
}

/** Why the culprit is not possible in this state. */
export function collectionReason<S>(broken: Broken<S>, state: number): string | undefined {
  const { part, culprit } = broken;
  const action = actionOf(part, culprit);
  switch (action?.kind) {
    case 'take': {
      if (part.model.collection === 'any' || part.model.collection === 'set')
        return `${show(action.value)} is not in it`;
      const possible = takesIn(broken, state);
      const { f } = part.operations[culprit]!.input;
      if (possible.length > 0) return `a ${f} gives ${anyOf(possible.map(show))} there`;
      return `a ${f} does not give ${show(action.value)} there`;
    }
    case 'empty':
      return 'it is not empty';
    case 'contains':
      return `${show(action.value)} is ${action.isIn ? 'not ' : ''}in it`;
    case 'read-all':
      return `the read saw ${show(action.values)}`;
    case 'put':
    case 'take-unseen':
    case 'nothing':
    case 'other':
    case undefined:
      return undefined;
  }
}

/** The values that the culprit could have taken in this state, of those that were put in. */
function takesIn<S>({ part, culprit }: Broken<S>, state: number): readonly Json[] {
  const { model, states, classes, operations } = part;
  const { input } = operations[culprit]!;
  // Only where an answer is the value itself can another answer be made up.
  const own = actionOf(part, culprit);
  if (own?.kind !== 'take' || !sameJson(answerOf(operations[culprit]!) as Json, own.value)) return [];
  const puts = classes.map((it) => model.asCollection?.(it.input, it.output));
  const values = new Map(puts.flatMap((put) => (put?.kind === 'put' ? [[canonical(put.value), put.value]] : [])));
  return [...values.values()].filter((value) => model.step(states.value(state), input, value) !== REJECTED);
}

function takeTrouble<S>(broken: Broken<S>, value: Json): Trouble {
  const { part, culprit, telling } = broken;
  const { f } = part.operations[culprit]!.input;
  const did = opening(broken, `${past(f)} ${show(value)} from ${nameOf(broken)}`);
  const puts = numbersOf(part, (action) => action?.kind === 'put' && sameJson(action.value, value));
  const early = puts.filter((i) => part.call[i]! < part.ret[culprit]!);
  const putWord = past(putName(part));
  if (puts.length === 0) return never(`${did}, although ${show(value)} was never ${putWord}.`);
  if (early.length === 0) return future(broken, { did, put: puts[0]!, putWord, value });
  const takes = numbersOf(part, (action) => action?.kind === 'take' && sameJson(action.value, value)).filter(
    (i) => i !== culprit && part.ret[i]! <= part.ret[culprit]!,
  );
  if (takes.length >= early.length) {
    const taker = part.operations[takes[0]!]!;
    const although =
      early.length === 1
        ? `${somebody(telling, taker)} ${past(f)} it at ${instant(telling, taker.callNs)} and it was ${putWord} only once`
        : `it was ${putWord} ${early.length} times and had been ${past(f)} as often by others`;
    return { class: 'duplicate', sentence: `${did}, although ${although}.` };
  }
  return orderTrouble(broken, { did, value, putWord });
}

function orderTrouble<S>(
  broken: Broken<S>,
  { did, value, putWord }: { did: string; value: Json; putWord: string },
): Trouble {
  const { part, states } = broken;
  const { collection } = part.model;
  if (collection !== 'fifo' && collection !== 'lifo') {
    return {
      class: 'no-order',
      sentence: `${did}, although ${show(value)} was not in it in any order of the operations before.`,
    };
  }
  const first = new Set(states.flatMap((state) => takesIn(broken, state)).map(show));
  const ahead = certainOthers(broken).find((i) => {
    const action = actionOf(part, i);
    return action?.kind === 'put' && first.size === 1 && first.has(show(action.value));
  });
  const place = collection === 'fifo' ? 'ahead of it' : 'on top of it';
  const although =
    ahead === undefined
      ? `something else was ${place} in every order of the operations before`
      : `${[...first][0]!}, ${putWord} by ${endOf(broken.telling, part.operations[ahead]!)}, was still ${place}`;
  return { class: 'out-of-order', sentence: `${did}, although ${although}.` };
}

function emptyTrouble<S>(broken: Broken<S>): Trouble {
  const { part } = broken;
  const putWord = past(putName(part));
  const takeWord = past(part.operations[broken.culprit]!.input.f);
  const did = opening(broken, `found ${nameOf(broken)} empty`);
  const lost = certainOthers(broken).find((i) => {
    const action = actionOf(part, i);
    return action?.kind === 'put' && isTakenByNobody(broken, action.value) && part.ret[i]! < part.call[broken.culprit]!;
  });
  const put = lost === undefined ? undefined : actionOf(part, lost);
  const although =
    put?.kind === 'put'
      ? `${show(put.value)} had been ${putWord} by ${endOf(broken.telling, part.operations[lost!]!)} and nobody had ${takeWord} it`
      : 'something was in it in every order of the operations before';
  return { class: 'lost', sentence: `${did}, although ${although}.` };
}

/** Also no crashed operation can have taken anything. */
function isTakenByNobody<S>({ part, culprit }: Broken<S>, value: Json): boolean {
  const takes = numbersOf(
    part,
    (action) => action?.kind === 'take-unseen' || (action?.kind === 'take' && sameJson(action.value, value)),
  );
  return takes.every((i) => part.call[i]! > part.ret[culprit]!);
}

function containsTrouble<S>(broken: Broken<S>, { value, isIn }: { value: Json; isIn: boolean }): Trouble {
  const { part } = broken;
  const did = opening(broken, `found ${show(value)} ${isIn ? 'in' : 'not in'} ${nameOf(broken)}`);
  const puts = numbersOf(part, (action) => action?.kind === 'put' && sameJson(action.value, value));
  if (isIn && puts.length === 0) return never(`${did}, although ${show(value)} was never ${past(putName(part))}.`);
  const put = certainOthers(broken).find((i) => puts.includes(i));
  if (!isIn && put !== undefined) {
    return {
      class: 'lost',
      sentence: `${did}, although it had been ${past(putName(part))} by ${endOf(broken.telling, part.operations[put]!)} and was in it in every order of the operations before.`,
    };
  }
  return {
    class: 'no-order',
    sentence: `${did}, although it was ${isIn ? 'not in' : 'in'} it in every order of the operations before.`,
  };
}

function readAllTrouble<S>(broken: Broken<S>, values: readonly Json[]): Trouble {
  const { part, states, telling } = broken;
  const did = opening(broken, `read ${nameOf(broken)} = ${show(values)}`);
  const puts = numbersOf(part, (action) => action?.kind === 'put');
  const putValue = (i: number): Json => (actionOf(part, i) as { readonly value: Json }).value;
  const foreign = values.find((value) => !puts.some((i) => sameJson(putValue(i), value)));
  const putWord = past(putName(part));
  if (foreign !== undefined) return never(`${did}, although ${show(foreign)} was never ${putWord}.`);
  const lost = certainOthers(broken).find(
    (i) =>
      puts.includes(i) &&
      !values.some((value) => sameJson(putValue(i), value)) &&
      part.ret[i]! < part.call[broken.culprit]!,
  );
  if (lost !== undefined) {
    return {
      class: 'lost',
      sentence: `${did}, although ${show(putValue(lost))} had been ${putWord} by ${endOf(broken.telling, part.operations[lost]!)}.`,
    };
  }
  const possible = states.map((state) => part.model.describeState?.(part.states.value(state), telling.part) ?? '');
  const although =
    possible.length === 0
      ? 'no order of the operations before leaves that'
      : `it can only have been so: ${anyOf(possible)}`;
  return { class: part.model.name === 'list' ? 'out-of-order' : 'no-order', sentence: `${did}, although ${although}.` };
}

function future<S>(
  { part, culprit, telling }: Broken<S>,
  { did, put, putWord, value }: { did: string; put: number; putWord: string; value: Json },
): Trouble {
  const { outcome, callNs } = part.operations[culprit]!;
  const beforeNs = part.operations[put]!.callNs - (outcome.kind === 'ok' ? outcome.returnNs : callNs);
  return {
    class: 'future-read',
    sentence: `${did}, ${span(telling, beforeNs)} before ${show(value)} was first ${putWord}.`,
  };
}

function never(sentence: string): Trouble {
  return { class: 'never-written', sentence };
}

/** A list is told of as a collection too, though no monitor knows it. */
function actionOf<S>({ model, operations }: ModelPart<S>, i: number): Action {
  const operation: Operation = operations[i]!;
  const answer = answerOf(operation);
  if (model.name !== 'list') return model.asCollection?.(operation.input, answer);
  if (operation.input.f === 'append') return { kind: 'put', value: operation.input.value };
  return Array.isArray(answer) ? { kind: 'read-all', values: answer as readonly Json[] } : { kind: 'nothing' };
}

function numbersOf<S>(part: ModelPart<S>, isWanted: (action: Action) => boolean): readonly number[] {
  return Array.from({ length: part.count }, (_none, i) => i).filter((i) => isWanted(actionOf(part, i)));
}

/** How putting in is called here. */
function putName<S>(part: ModelPart<S>): string {
  const [put] = numbersOf(part, (action) => action?.kind === 'put');
  if (put !== undefined) return part.operations[put]!.input.f;
  return part.model.knows?.find((f) => PUTS.has(f)) ?? 'put';
}

const PUTS: ReadonlySet<string> = new Set(['enqueue', 'push', 'add', 'append']);

function nameOf<S>({ part, telling }: Broken<S>): string {
  const kinds: Readonly<Record<string, string>> = { fifo: 'queue', lifo: 'stack', any: 'queue', set: 'set' };
  return objectName(telling, kinds[part.model.collection ?? ''] ?? 'list');
}

const PAST: Readonly<Record<string, string>> = {
  put: 'put in',
  take: 'taken',
  pop: 'popped',
  push: 'pushed',
  get: 'got',
};

/** `dequeued`, of `dequeue`. */
export function past(f: string): string {
  return PAST[f] ?? (f.endsWith('e') ? `${f}d` : `${f}ed`);
}
