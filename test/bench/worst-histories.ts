/**
 * Histories as bad as could be thought of: nothing is acknowledged but reads, so that every order of a hundred crashed
 * operations is possible, and what makes them bad is a count that no single read and no stretch of reads shows. Each has no
 * order; proving it takes more than any memory.
 */
import type { Json, Operation } from '../../checker/index.ts';
import { keyed, type Random } from '../../src/base/random.ts';

/** A history, and the model that it is of. */
export interface WorstHistory {
  readonly name: string;
  readonly model: string;
  readonly operations: readonly Operation[];
}

/** @param size how many crashed operations; 100 is hopeless, 8 is decided at once */
export function worstHistories(size: number, seed: string): readonly WorstHistory[] {
  return [
    { name: 'walk', model: 'cas-register', operations: walk(size, keyed(seed, 'walk')) },
    { name: 'registers', model: 'multi-register', operations: registers(size, keyed(seed, 'registers')) },
    { name: 'drain', model: 'queue', operations: drain(size, keyed(seed, 'drain')) },
  ];
}

const STATES = 5;

/**
 * Compare-and-sets between five values, the same number between any two, all of them crashed: a walk on a graph in which each
 * edge may be taken once. The reads see the walk now and then, and come to the value 4 once more often than edges lead to it.
 */
function walk(size: number, random: Random): Operation[] {
  const asked = Array.from({ length: size }, (_none, i): readonly [number, number] => {
    const from = i % STATES;
    return [from, (from + 1 + (Math.floor(i / STATES) % (STATES - 1))) % STATES];
  });
  const entries = asked.filter(([, to]) => to === STATES - 1).length;
  const seen = Array.from({ length: entries + 1 }, () => [random.int(STATES - 1), STATES - 1]).flat();
  return [
    answered(0, { f: 'write', key: 'x', value: 0 }, null),
    ...asked.map((value, i) => crashed(1 + i, { f: 'cas', key: 'x', value: [...value] })),
    ...seen.map((value, i) => answered(1 + size + i, { f: 'read', key: 'x', value: null }, value)),
  ];
}

const REGISTERS = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'] as const;

/**
 * Crashed transactions that write two of eight registers each. The reads see all registers, each with values that were
 * written; the last write of one of them comes back once too often.
 */
function registers(size: number, random: Random): Operation[] {
  const writes = Array.from({ length: size }, () => {
    const [first, second] = random.shuffle(REGISTERS);
    return [['write', first!, random.int(3)] as const, ['write', second!, random.int(3)] as const];
  });
  const state = new Map<string, Json>(REGISTERS.map((register) => [register, null]));
  const look = (): Json => REGISTERS.map((register) => ['read', register, state.get(register) ?? null]);
  const looks: Json[] = [];
  // Every second one takes effect, in an order that nobody knows; three more between two looks each time.
  for (const [i, micros] of random
    .shuffle(writes)
    .slice(0, Math.ceil(size / 2))
    .entries()) {
    for (const [, register, value] of micros) state.set(register, value);
    if (i % 3 === 2) looks.push(look());
  }
  const flips = size + 1;
  for (let i = 0; i < flips; i++) looks.push([['read', 'a', i % 2]]);
  const nothing = REGISTERS.map((register): Json => ['read', register, null]);
  return [
    ...writes.map((value, i) => crashed(i, { f: 'txn', value: value.map((micro) => [...micro]) })),
    ...looks.map((output, i) => {
      const asked = Array.isArray(output) && output.length === 1 ? [['read', 'a', null]] : nothing;
      return answered(size + i, { f: 'txn', value: asked }, output);
    }),
  ];
}

/**
 * Crashed enqueues of three values and crashed dequeues. The answered dequeues take the values in an order that can be had in
 * very many ways, and one more of a value than was ever put in.
 */
function drain(size: number, random: Random): Operation[] {
  const kinds = 3;
  const puts = Array.from({ length: size }, (_none, i) => i % kinds);
  const taken = random.shuffle([...puts.slice(0, Math.ceil(size * 0.8)), 0]);
  while (taken.filter((value) => value === 0).length <= puts.filter((value) => value === 0).length) taken.push(0);
  return [
    ...puts.map((value, i) => crashed(i, { f: 'enqueue', key: 'q', value })),
    ...taken.map((value, i) => answered(size + i, { f: 'dequeue', key: 'q', value: null }, value)),
  ];
}

/** Asked at the start; nobody knows whether it happened. */
function crashed(id: number, input: Operation['input']): Operation {
  return { id, process: id, input, callNs: id, outcome: { kind: 'unknown', reason: 'timeout' } };
}

/** Asked and answered before the next one is asked. */
function answered(id: number, input: Operation['input'], output: Json): Operation {
  return {
    id,
    process: id,
    input,
    callNs: 1000 * (id + 1),
    outcome: { kind: 'ok', output, returnNs: 1000 * (id + 1) + 1 },
  };
}
