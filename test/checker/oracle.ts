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

/** The same by a search over (set of operations, state) that visits each such pair once. For up to 30 operations. */
export function hasOrderBySets(operations: readonly Operation[]): boolean {
  const seen = new Set<string>();
  const visit = (taken: number, state: Json): boolean => {
    const key = `${taken} ${JSON.stringify(state)}`;
    if (seen.has(key)) return false;
    seen.add(key);
    const left = operations.filter((_operation, i) => (taken & (1 << i)) === 0);
    if (left.every(({ outcome }) => outcome.kind === 'unknown')) return true;
    return operations.some((next, i) => {
      if ((taken & (1 << i)) !== 0 || left.some((operation) => operation !== next && precedes(operation, next)))
        return false;
      const after = apply(state, next);
      return after !== undefined && visit(taken | (1 << i), after);
    });
  };
  return visit(0, null);
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
