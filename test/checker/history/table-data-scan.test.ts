/** Copies of rows for another thread, and numbered values: what is sent is what arrives, with calls and returns in their order. */
import { expect, test } from 'vitest';
import type { Json, Operation } from '../../../checker/index.ts';
import { buffersOf, tableData, tableFromData } from '../../../checker/history/table-data.ts';
import { callAt, NEVER, operationAt, tableOf, type Table } from '../../../checker/history/table.ts';
import { NULL_VALUE, TRUE_VALUE, Values } from '../../../checker/history/values.ts';
import { keyed, type Random } from '../../../src/base/random.ts';
import { randomHistory } from '../generate.ts';

const VALUES: readonly Json[] = [
  null,
  true,
  false,
  0,
  7,
  -7,
  70_000,
  2 ** 40,
  0.5,
  '7',
  '',
  [1, 2],
  [1, [2, 'a']],
  [1, 2, 3],
  { a: 1, b: [] },
  [],
  {},
];

test('equal values have equal numbers and different ones different numbers, before and after they were sent', () => {
  const values = new Values();
  const numbers = VALUES.map((value) => values.of(value));
  expect(new Set(numbers).size).toBe(VALUES.length);
  const sent = Values.fromData(structuredClone(values.toData()));
  for (const pool of [values, sent]) {
    expect(numbers.map((number) => pool.get(number))).toEqual(VALUES);
    expect(VALUES.map((value) => pool.of(value))).toEqual(numbers);
    expect(pool.of({ b: [], a: 1 })).toBe(numbers[14]);
    const { size } = pool;
    expect(pool.of('new')).toBe(size);
  }
});

test('minus zero is zero', () => {
  const values = new Values();
  expect(values.of(-0)).toBe(values.of(0));
  expect(Object.is(values.get(values.of(-0)), 0)).toBe(true);
});

test('a number keeps its number when it becomes one of the small ones', () => {
  const values = new Values();
  const far = [3_000_000, 300_000, 66_000, -1, 0.5].map((value) => values.of(value));
  for (let value = 0; value < 1_000_000; value++) values.of(value);
  expect([3_000_000, 300_000, 66_000, -1, 0.5].map((value) => values.of(value))).toEqual(far);
  expect(values.size).toBe(3 + 1_000_000 + 3);
});

test('a number is not taken for the pair of the value with that number and null', () => {
  const values = new Values();
  const far = values.of(70_000);
  for (let value = 1; values.size <= 70_000; value++) values.of(-value);
  expect(values.ofPair(70_000, NULL_VALUE)).not.toBe(far);
});

test('many pairs and far numbers are all told apart', () => {
  const values = new Values();
  const pairs = Array.from({ length: 3000 }, (_none, i) => values.of([i % 50, -i]));
  expect(new Set(pairs).size).toBe(3000);
  expect(pairs.every((pair, i) => values.isPair(pair) && values.get(values.second(pair)) === (i === 0 ? 0 : -i))).toBe(
    true,
  );
  expect(Array.from({ length: 3000 }, (_none, i) => values.of([i % 50, -i]))).toEqual(pairs);
});

test('sent rows are the same operations, and precede each other as before', () => {
  for (let seed = 0; seed < 200; seed++) {
    const random = keyed('table-data', seed);
    const table = tableOf({ operations: mixed(random), failed: [], warnings: [] });
    const rows = Int32Array.from({ length: table.count }, (_none, row) => row).filter(() => random.chance(0.6));
    const data = structuredClone(tableData(table, rows));
    const copy = tableFromData(structuredClone(data, { transfer: buffersOf(data) }));
    expect(copy.count, `seed ${seed}`).toBe(rows.length);
    const operations = (of: Table, at: ArrayLike<number>): Operation[] => Array.from(at, (row) => operationAt(of, row));
    const all = Int32Array.from(rows.keys());
    expect(operations(copy, all), `seed ${seed}`).toEqual(operations(table, rows));
    expect(precedences(copy, all), `seed ${seed}`).toEqual(precedences(table, rows));
    expect(eventsOf(copy), `seed ${seed}`).toEqual(Array.from({ length: copy.end }, (_none, event) => event));
    expect(copy.values.of(null)).toBe(NULL_VALUE);
    expect(copy.values.of(true)).toBe(TRUE_VALUE);
  }
});

test('a small part of a large table is small', () => {
  const operations = Array.from({ length: 1000 }, (_none, id): Operation => {
    const input = { f: 'write', key: `k${id}`, value: id };
    return { id, process: 0, input, callNs: 2 * id, outcome: { kind: 'ok', output: null, returnNs: 2 * id + 1 } };
  });
  const data = tableData(tableOf({ operations, failed: [], warnings: [] }), Int32Array.of(5, 900));
  expect(data.names).toEqual(['write', 'k5', 'k900']);
  expect(data.values.kinds).toHaveLength(5);
  expect(data.end).toBe(4);
  expect(callAt(tableFromData(data), 1)).toEqual({ f: 'write', key: 'k900', value: 900 });
});

test('where completions stand in the file is sent too', () => {
  const table = tableOf({ operations: mixed(keyed('completions', 1)), failed: [], warnings: [] });
  const completionId = Float64Array.from({ length: table.count }, (_none, row) => 10 * row);
  const data = tableData({ ...columnsOf(table), completionId }, Int32Array.of(2, 5));
  expect(tableFromData(data).completionId).toEqual(Float64Array.of(20, 50));
  expect(buffersOf(data)).toContain(data.columns.completionId!.buffer);
  expect(tableFromData(tableData(table, Int32Array.of(2, 5))).completionId).toBeUndefined();
});

/** A table as a plain object. */
function columnsOf(table: Table): Table {
  return tableFromData(
    tableData(
      table,
      Int32Array.from({ length: table.count }, (_none, row) => row),
    ),
  );
}

/** With nodes, and values of every kind. */
function mixed(random: Random): Operation[] {
  const shape = { operations: 12, processes: 3, values: 4, cas: true, crashChance: 0.2, mutations: 0 };
  return randomHistory(random, shape).map((operation) => ({
    ...operation,
    ...(random.chance(0.5) ? { node: random.pick(['n1', 'n2']), term: random.int(3) } : {}),
    ...(operation.input.f === 'write' ? { input: { f: 'write', value: random.pick(VALUES) } } : {}),
  }));
}

function precedences(table: Table, rows: Int32Array): boolean[] {
  return Array.from(rows).flatMap((a) => Array.from(rows, (b) => table.ret[a]! < table.call[b]!));
}

function eventsOf(table: Table): number[] {
  return [...table.call, ...table.ret].filter((event) => event !== NEVER).sort((a, b) => a - b);
}
