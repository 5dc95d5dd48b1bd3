/** Splits a history into the parts that are judged alone (locality: Herlihy & Wing 1990). */
import type { Call } from '../history/operation.ts';

/** The operations of one part, in the order of the history. Parts come in the order of their first operation. */
export interface Part<O> {
  readonly name: string;
  readonly operations: readonly O[];
}

/** The parts of a history's operations. */
export function split<O extends { readonly input: Call }>(
  operations: readonly O[],
  model: { partition?(input: Call): string },
): readonly Part<O>[] {
  const parts = new Map<string, O[]>();
  for (const operation of operations) {
    const name = model.partition?.(operation.input) ?? '';
    const part = parts.get(name);
    if (part === undefined) parts.set(name, [operation]);
    else part.push(operation);
  }
  return [...parts].map(([name, its]) => ({ name, operations: its }));
}
