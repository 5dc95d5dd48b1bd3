/**
 * What the checker is held against: code so plain that it can be read and believed. Both follow the definition and share
 * nothing with the engine, not even the model: the register is spelled out here again.
 */
import type { Json, Operation } from '../../checker/index.ts';

/** Tries every order of every subset that has all answered operations in it. For up to about 8 operations. */
export function hasOrder(operations: readonly Operation[]): boolean {
  return extend(operations, null);
}

function extend(left: readonly Operation[], state: Json): boolean {
  if (left.every(({ outcome }) => outcome.kind === 'unknown')) return true;
  return left.some((next) => {
    const rest = left.filter((operation) => operation !== next);
    if (rest.some((operation) => precedes(operation, next))) return false;
    const after = apply(state, next);
    return after !== undefined && extend(rest, after);
  });
}

/** A set of operations by number: a bit each, in two words. */
const WORD = 24;
/** The most operations that `hasOrderBySets` knows. */
const SETS_MAX = 46;

/**
 * The same by a search over (set of operations taken, state) that visits each such pair once. For up to 46 operations; each
 * crashed write that any moment could need doubles the number of pairs.
 */
export function hasOrderBySets(history: readonly Operation[]): boolean {
  // A crashed read changes nothing and shows nothing.
  const operations = history.filter(({ input, outcome }) => input.f !== 'read' || outcome.kind === 'ok');
  if (operations.length > SETS_MAX) throw new Error(`${operations.length} operations are too many for sets`);
  const before = operations.map((next) => setOf(operations, (operation) => precedes(operation, next)));
  const answered = setOf(operations, ({ outcome }) => outcome.kind === 'ok');
  const states: Json[] = [];
  const seen = new Set<number>();
  /** Numbers the pair; below 2^53, because there are at most as many states as operations, and the initial one. */
  const numberOf = (low: number, high: number, state: Json): number => {
    const known = states.indexOf(state);
    return (high * 2 ** WORD + low) * 64 + (known < 0 ? states.push(state) - 1 : known);
  };
  const visit = (low: number, high: number, state: Json): boolean => {
    if ((answered.low & ~low) === 0 && (answered.high & ~high) === 0) return true;
    const number = numberOf(low, high, state);
    if (seen.has(number)) return false;
    seen.add(number);
    return operations.some((next, i) => {
      const isLow = i < WORD;
      const bit = 1 << (isLow ? i : i - WORD);
      if (((isLow ? low : high) & bit) !== 0) return false;
      if ((before[i]!.low & ~low) !== 0 || (before[i]!.high & ~high) !== 0) return false;
      const after = apply(state, next);
      return after !== undefined && visit(isLow ? low | bit : low, isLow ? high : high | bit, after);
    });
  };
  return visit(0, 0, null);
}

function setOf(
  operations: readonly Operation[],
  isIn: (operation: Operation) => boolean,
): { readonly low: number; readonly high: number } {
  const bits = (from: number): number =>
    operations.slice(from, from + WORD).reduce((word, operation, i) => (isIn(operation) ? word | (1 << i) : word), 0);
  return { low: bits(0), high: bits(WORD) };
}

/** Why the order is not one, or undefined: `verify` written a second time, pair by pair. */
export function faultOf(operations: readonly Operation[], order: readonly number[]): string | undefined {
  const placed = order.map((id) => operations.find((operation) => operation.id === id));
  if (placed.includes(undefined) || new Set(order).size !== order.length) return 'foreign or repeated operations';
  if (operations.some(({ id, outcome }) => outcome.kind === 'ok' && !order.includes(id)))
    return 'an answered one is missing';
  let state: Json = null;
  for (const [i, operation] of placed.entries()) {
    if (placed.slice(i + 1).some((later) => precedes(later!, operation!)))
      return `operation ${operation!.id} is too early`;
    const after = apply(state, operation!);
    if (after === undefined) return `operation ${operation!.id} is impossible`;
    state = after;
  }
  return undefined;
}

/** Really before, whatever the order. Equal times are concurrent. */
function precedes(a: Operation, b: Operation): boolean {
  return a.outcome.kind === 'ok' && a.outcome.returnNs < b.callNs;
}

/** The register after the operation, undefined where its answer is impossible. Values are numbers or null. */
function apply(state: Json, { input, outcome }: Operation): Json | undefined {
  const output = outcome.kind === 'ok' ? outcome.output : undefined;
  if (input.f === 'read') return output === undefined || output === state ? state : undefined;
  if (input.f === 'write') return input.value;
  const [from, to] = input.value as readonly [Json, Json];
  if (output === undefined) return state === from ? to : state;
  if ((state === from) !== output) return undefined;
  return state === from ? to : state;
}
