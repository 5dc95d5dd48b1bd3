/** Operations as Porcupine holds them: order, times, clients, and which inputs and outputs are known. */
import { expect, test } from 'vitest';
import { readHistory } from '../../../checker/history/reader.ts';
import { tableOf } from '../../../checker/history/table.ts';
import { HistoryError, type History } from '../../../checker/index.ts';

type Row = Readonly<Record<string, unknown>>;

const WRITE = { client: 0, call: 10, return: 20, input: { f: 'write', key: 'x', value: 5 }, output: null };
const READ = { client: 1, call: 15, return: 30, input: { f: 'read', key: 'x' }, output: 5 };

function read(...rows: readonly Row[]): History {
  return readText(rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
}

function readText(text: string): History {
  return readHistory(text, 'h', { format: 'rows' });
}

function reason(readIt: () => unknown): string {
  try {
    readIt();
  } catch (error) {
    if (error instanceof HistoryError) return error.message;
    throw error;
  }
  return 'no error';
}

/** What one row with this input and output is read as. */
function meaning(input: unknown, output?: unknown): unknown {
  const [operation] = read({ client: 0, call: 0, return: 1, input, output }).operations;
  const { outcome } = operation!;
  return [operation!.input, outcome.kind === 'ok' ? outcome.output : 'unknown'];
}

test('lines, one array, and the names of Go say the same', () => {
  const { operations } = read(WRITE, READ);
  expect(operations).toEqual([
    {
      id: 0,
      process: 0,
      input: { f: 'write', key: 'x', value: 5 },
      callNs: 10,
      outcome: { kind: 'ok', output: null, returnNs: 20 },
    },
    {
      id: 1,
      process: 1,
      input: { f: 'read', key: 'x', value: null },
      callNs: 15,
      outcome: { kind: 'ok', output: 5, returnNs: 30 },
    },
  ]);
  expect(readText(JSON.stringify([WRITE, READ], null, 2)).operations).toEqual(operations);
  const go = [WRITE, READ].map(({ client, call, return: end, input, output }) => ({
    ClientId: client,
    Input: input,
    Call: call,
    Output: output,
    Return: end,
    Metadata: {},
  }));
  expect(read(...go).operations).toEqual(operations);
});

test('rows come in any order', () => {
  const table = tableOf(read(READ, WRITE));
  expect([...table.id]).toEqual([1, 0]);
  expect([...table.call]).toEqual([0, 1]);
  expect([...table.ret]).toEqual([2, 3]);
});

test('equal times are concurrent', () => {
  const table = tableOf(read(WRITE, { ...READ, call: 20 }));
  expect(table.ret[0]).toBeGreaterThan(table.call[1]!);
  const after = tableOf(read(WRITE, { ...READ, call: 21 }));
  expect(after.ret[0]).toBeLessThan(after.call[1]!);
});

test('an operation without a return is of unknown outcome', () => {
  const { operations } = read({ ...WRITE, return: null }, { client: 1, call: 12, input: WRITE.input });
  expect(operations.map(({ outcome }) => outcome)).toEqual(Array(2).fill({ kind: 'unknown', reason: 'no return' }));
});

test('a client does one thing at a time; after an unknown outcome it may go on', () => {
  expect(read(WRITE, { ...READ, client: 0, call: 20 }).operations).toHaveLength(2);
  expect(
    read({ ...WRITE, return: 10 }, { ...WRITE, return: 10 }, { ...READ, client: 0, call: 10 }).operations,
  ).toHaveLength(3);
  expect(read({ ...WRITE, return: null }, { ...READ, client: 0 }).operations).toHaveLength(2);
  expect(reason(() => read(READ, WRITE, { ...WRITE, client: 1, call: 29, return: null }))).toBe(
    'h:3: client 1 does two things at once: this and line 1',
  );
});

test('rows without clients are each of their own', () => {
  const rows = [WRITE, READ].map((row) => ({ ...row, client: undefined }));
  expect(read(...rows).operations.map(({ process }) => process)).toEqual([0, 1]);
  expect(reason(() => read(WRITE, rows[1]!))).toBe('h:2: client stands in some rows and not in others');
});

test('times since 1970 are read exactly, and counted from the first', () => {
  const line = (call: string, end: string): string =>
    `{"client":0,"input":{"f":"write","value":{"call":1}},"output":"\\"call\\":1","call":${call},"return" : ${end}}\n`;
  const { operations } = readText(
    line('1700000000000000001', '1700000000000000003') + line('1699999999999999990', '1699999999999999991'),
  );
  expect(operations.map(({ id, callNs, outcome }) => [id, callNs, outcome.kind === 'ok' && outcome.returnNs])).toEqual([
    [1, 0, 1],
    [0, 11, 13],
  ]);
  expect(reason(() => readText(line('5', '9223372036854775807')))).toContain(
    'h:1: return 9223372036854775807 is too far from 0 to be held exactly',
  );
  expect(reason(() => readText(line('1e30', '5')))).toContain('call must be a whole number of nanoseconds, not 1e30');
});

test('our own calls', () => {
  expect(meaning({ f: 'cas', value: [1, 2] }, false)).toEqual([{ f: 'cas', value: [1, 2] }, false]);
  expect(meaning({ f: 'dequeue' }, { value: 3 })).toEqual([{ f: 'dequeue', value: null }, { value: 3 }]);
  expect(meaning({ op: 'Write', key: 3, value: 5 }, 'ok')).toEqual([{ f: 'write', key: '3', value: 5 }, null]);
  expect(meaning({ op: 'get', key: 'x' }, { value: 'a' })).toEqual([{ f: 'get', key: 'x', value: null }, 'a']);
});

test("Porcupine's kv: get, put, append by number", () => {
  expect(meaning({ op: 0, key: 'x', value: '' }, { value: 'ab' })).toEqual([{ f: 'get', key: 'x', value: '' }, 'ab']);
  expect(meaning({ Op: 1, Key: 'x', Value: 'a' }, { Value: '' })).toEqual([{ f: 'put', key: 'x', value: 'a' }, null]);
  expect(meaning({ op: 2, key: 'x', value: 'b' }, {})).toEqual([{ f: 'append', key: 'x', value: 'b' }, null]);
});

test("Porcupine's etcd: read, write, compare-and-set by number, and answers that nobody saw", () => {
  const answer = { ok: false, exists: true, value: 4, unknown: false };
  expect(meaning({ op: 0, arg1: 0, arg2: 0 }, answer)).toEqual([{ f: 'read', value: null }, 4]);
  expect(meaning({ op: 0, arg1: 0, arg2: 0 }, { ...answer, exists: false })).toEqual([
    { f: 'read', value: null },
    null,
  ]);
  expect(meaning({ op: 1, arg1: 7, arg2: 0 }, answer)).toEqual([{ f: 'write', value: 7 }, null]);
  expect(meaning({ op: 2, arg1: 7, arg2: 8 }, answer)).toEqual([{ f: 'cas', value: [7, 8] }, false]);
  expect(meaning({ op: 2, arg1: 7, arg2: 8 }, { ...answer, unknown: true })).toEqual([
    { f: 'cas', value: [7, 8] },
    'unknown',
  ]);
});

test("Porcupine's register: get and put by a boolean, with a word about what it starts with", () => {
  expect(meaning({ op: true, value: 0 }, 100)).toEqual([{ f: 'read', value: null }, 100]);
  const { operations, warnings } = read({ ...WRITE, input: { op: false, value: 3 } });
  expect(operations[0]!.input).toEqual({ f: 'write', value: 3 });
  expect(warnings).toEqual(["h: Porcupine's register starts at 0, ours at null unless --initial 0 is given"]);
});

test('inputs and outputs of another shape are refused', () => {
  const refused = (input: unknown, output?: unknown): string => reason(() => meaning(input, output));
  for (const input of [5, null, [1], {}, { op: 3, key: 'x' }, { op: 1 }, { op: 1, value: 5 }, { f: 1 }]) {
    expect(refused(input)).toMatch(/^h:1: input is not known here: .*; known are /);
  }
  expect(refused({ f: 'write', value: 5, ttl: 3 })).toBe('h:1: input has a name that means nothing here: "ttl"');
  expect(refused({ f: 'read', op: 'read' })).toBe('h:1: input has a name that means nothing here: "f"');
  expect(refused({ f: 'cas', value: [1, 2] }, 1)).toBe('h:1: a cas is answered true or false, not 1');
  expect(refused({ f: 'read', key: [] }, 1)).toBe('h:1: key must be a string, not a list');
  expect(refused({ op: 0, arg1: 0 }, { value: 4 })).toContain('a read is answered {"exists": true | false');
  expect(refused({ op: 2, arg1: 0 }, {})).toContain('a cas is answered {"ok": true | false}');
});

test('each malformed row is named by its line', () => {
  const good = JSON.stringify(WRITE);
  expect(reason(() => readText(`${good}\n{"call":1 "return"}`))).toBe('h:2: not JSON');
  expect(reason(() => readText(`${good}\n\n{"call":1,"call":2,"input":{"f":"read"}}`))).toBe(
    'h:3: the name "call" stands twice',
  );
  expect(reason(() => read({ ...WRITE, Call: 3 }))).toBe('h:1: call stands twice');
  expect(reason(() => read({ ...WRITE, return: 9 }))).toBe('h:1: returns before it is called');
  expect(reason(() => read({ ...WRITE, call: undefined }))).toBe('h:1: call is missing');
  expect(reason(() => read({ ...WRITE, input: undefined }))).toBe('h:1: input is missing');
  expect(reason(() => read({ ...WRITE, client: -1 }))).toContain('client must be a whole number');
  expect(reason(() => read({ ...WRITE, call: 1.5 }))).toContain('call must be a whole number of nanoseconds, not 1.5');
  expect(reason(() => readText(good.replace('5', '9007199254740993')))).toContain('a whole number beyond 2^53');
  expect(reason(() => readText('5'))).toContain('not a row like');
  expect(reason(() => readText(`[${good} ${good}]`))).toContain('not a row like');
  expect(reason(() => readText(`[${good},,${good}]`))).toContain('not a row like');
  expect(reason(() => readText(`[${good}]]`))).toContain('not a row like');
  expect(reason(() => readText(`[\n${good}`))).toBe('h:2: the file ends before the ] of its array: it was cut off');
  expect(reason(() => readText(`[${good},\n${good.slice(0, 20)}`))).toBe(
    'h:2: the file ends inside the object that begins here',
  );
  expect(reason(() => readText('[]'))).toBe('h:1: no operation in the file');
  expect(reason(() => readText(' '))).toBe('h:1: no operation in the file');
});

test('a last row that a crash cut off is left out with a warning', () => {
  const { operations, warnings } = readText(`${JSON.stringify(WRITE)}\n{"call":1,"inp`);
  expect(operations).toHaveLength(1);
  expect(warnings).toEqual(['h: the last row, on line 2, was cut off and is left out']);
});
