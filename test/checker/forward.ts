/**
 * A third way to decide a register, for histories of any length with few clients: goes through the events in order and keeps
 * every configuration that is possible, (value, which of the operations open now have taken effect). No search, no memory of
 * failures, no pruning. Shares nothing with the engine.
 */
import type { Json, Operation } from '../../checker/index.ts';

/** The most operations open at once, crashed ones included. */
const SLOTS_MAX = 20;

/** Whether the history has an order. Values are numbers or null. */
export function hasOrderForward(history: readonly Operation[]): boolean {
  const operations = history.filter(({ input, outcome }) => input.f !== 'read' || outcome.kind === 'ok');
  const states: Json[] = [null];
  const free = Array.from({ length: SLOTS_MAX }, (_none, slot) => slot);
  const open = new Map<Operation, number>();
  let configurations = new Set([0]);
  for (const { operation, isReturn } of eventsOf(operations)) {
    if (!isReturn) {
      const slot = free.pop();
      if (slot === undefined) throw new Error(`more than ${SLOTS_MAX} operations are open at once`);
      open.set(operation, slot);
      continue;
    }
    const slot = open.get(operation)!;
    const bit = 1 << slot;
    const all = closureOf(configurations, open, states);
    configurations = new Set([...all].filter((it) => (it & bit) !== 0).map((it) => it - bit));
    if (configurations.size === 0) return false;
    open.delete(operation);
    free.push(slot);
  }
  return true;
}

/** Everything that can have happened by now. A configuration is its bits, and the number of its value above them. */
function closureOf(
  from: ReadonlySet<number>,
  open: ReadonlyMap<Operation, number>,
  states: Json[],
): ReadonlySet<number> {
  const all = new Set(from);
  // A set hands out what is added while it is walked.
  for (const configuration of all) {
    const taken = configuration % 2 ** SLOTS_MAX;
    const state = states[Math.floor(configuration / 2 ** SLOTS_MAX)]!;
    for (const [operation, slot] of open) {
      if ((taken & (1 << slot)) !== 0) continue;
      const after = apply(state, operation);
      if (after !== undefined) all.add(numberOf(after, states) * 2 ** SLOTS_MAX + taken + 2 ** slot);
    }
  }
  return all;
}

function numberOf(value: Json, states: Json[]): number {
  const known = states.indexOf(value);
  return known < 0 ? states.push(value) - 1 : known;
}

/** Calls come before the returns of the same instant: equal times are concurrent. */
function eventsOf(operations: readonly Operation[]): { operation: Operation; isReturn: boolean }[] {
  const calls = operations.map((operation) => ({ operation, isReturn: false, ns: operation.callNs }));
  const returns = operations.flatMap((operation) =>
    operation.outcome.kind === 'ok' ? [{ operation, isReturn: true, ns: operation.outcome.returnNs }] : [],
  );
  return [...calls, ...returns].sort((a, b) => a.ns - b.ns || Number(a.isReturn) - Number(b.isReturn));
}

function apply(state: Json, { input, outcome }: Operation): Json | undefined {
  switch (input.f) {
    case 'read':
      return outcome.kind === 'ok' && outcome.output === state ? state : undefined;
    case 'write':
      return input.value;
    default: {
      const [from, to] = input.value as readonly [Json, Json];
      const isMismatch = outcome.kind === 'ok' && outcome.output === false;
      if (isMismatch) return state === from ? undefined : state;
      return state === from ? to : undefined;
    }
  }
}
