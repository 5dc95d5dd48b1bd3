/**
 * What the checker's other models are held against: the definition of linearizability, so plain that it can be read and
 * believed, over the objects of `plain-objects.ts`. Each key has an object of its own.
 */
import type { Json, Operation } from '../../../checker/index.ts';
import { isAnswerOf, plainInitial, plainOutcomes, type PlainName } from './plain-objects.ts';

/** Tries every order of every subset that has all answered operations in it. For up to about 8 operations. */
export function hasOrder(model: PlainName, operations: readonly Operation[], initial?: Json): boolean {
  return extend(model, operations, firstStates(model, operations, initial));
}

/** What each object holds, by key. */
type States = Readonly<Record<string, Json>>;

function extend(model: PlainName, left: readonly Operation[], states: States): boolean {
  if (left.every(({ outcome }) => outcome.kind === 'unknown')) return true;
  return left.some((next) => {
    const rest = left.filter((operation) => operation !== next);
    if (rest.some((operation) => precedes(operation, next))) return false;
    return after(model, states, next).some((then) => extend(model, rest, then));
  });
}

/** More pairs than this are not searched: one history in some thousands has hundreds of millions. */
const MOST_PAIRS = 4_000_000;

/** The search by sets has seen too much, and knows nothing. */
export class OracleLimit extends Error {
  override readonly name = 'OracleLimit';
}

/**
 * The same by a search over (set of operations, states) that visits each such pair once. For up to about 45 operations.
 * @throws OracleLimit where there are too many pairs
 */
export function hasOrderBySets(model: PlainName, operations: readonly Operation[], initial?: Json): boolean {
  const seen = new Set<string>();
  const bit = operations.map((_operation, i) => 1n << BigInt(i));
  const before = operations.map((next) =>
    operations.reduce((mask, operation, i) => (precedes(operation, next) ? mask | bit[i]! : mask), 0n),
  );
  const answered = operations.reduce((mask, { outcome }, i) => (outcome.kind === 'ok' ? mask | bit[i]! : mask), 0n);
  const visit = (taken: bigint, states: States): boolean => {
    if ((answered & ~taken) === 0n) return true;
    const key = `${taken} ${JSON.stringify(states)}`;
    if (seen.has(key)) return false;
    if (seen.size === MOST_PAIRS) throw new OracleLimit(`more than ${MOST_PAIRS} sets and states`);
    seen.add(key);
    return operations.some((next, i) => {
      if ((taken & bit[i]!) !== 0n || (before[i]! & ~taken) !== 0n) return false;
      return after(model, states, next).some((then) => visit(taken | bit[i]!, then));
    });
  };
  return visit(0n, firstStates(model, operations, initial));
}

/** Why the order of ids is not one of these operations, or undefined: every pair is looked at. */
export function faultOf(
  model: PlainName,
  operations: readonly Operation[],
  order: readonly number[],
  initial?: Json,
): string | undefined {
  const placed = order.map((id) => operations.find((operation) => operation.id === id));
  if (placed.includes(undefined) || new Set(order).size !== order.length) return 'foreign or repeated operations';
  if (operations.some(({ id, outcome }) => outcome.kind === 'ok' && !order.includes(id)))
    return 'an answered one is missing';
  let possible: readonly States[] = [firstStates(model, operations, initial)];
  for (const [i, operation] of placed.entries()) {
    if (placed.slice(i + 1).some((later) => precedes(later!, operation!)))
      return `operation ${operation!.id} is too early`;
    possible = possible.flatMap((states) => after(model, states, operation!));
    if (possible.length === 0) return `operation ${operation!.id} is impossible`;
  }
  return undefined;
}

/** Really before, whatever the order. Equal times are concurrent. */
function precedes(a: Operation, b: Operation): boolean {
  return a.outcome.kind === 'ok' && a.outcome.returnNs < b.callNs;
}

/** The objects of a multi-register are in one: a transaction is on several. */
function objectOf(model: PlainName, { input }: Operation): string {
  return model === 'multi-register' ? '' : (input.key ?? '');
}

function firstStates(model: PlainName, operations: readonly Operation[], initial: Json | undefined): States {
  const objects = operations.map((operation) => objectOf(model, operation)).sort();
  return Object.fromEntries(objects.map((object) => [object, plainInitial(model, initial)]));
}

/** Every way in which this can happen next. An answer that nobody saw may have been any. */
function after(model: PlainName, states: States, operation: Operation): readonly States[] {
  const { input, outcome } = operation;
  const object = objectOf(model, operation);
  return plainOutcomes(model, states[object]!, input)
    .filter((possible) => outcome.kind === 'unknown' || isAnswerOf(model, input, possible, outcome.output))
    .map(({ state }) => ({ ...states, [object]: state }));
}
