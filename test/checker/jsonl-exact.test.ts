/** history.jsonl as bytes: what stands around the lines, what JSON.parse would lose without a word, and what would overflow a stack. */
import { expect, test } from 'vitest';
import { HistoryError, readJsonl, type History } from '../../checker/index.ts';
import { MAX_DEPTH, numberFault } from '../../checker/history/exact-json.ts';
import { JsonlReader } from '../../checker/history/jsonl.ts';
import { decodeUtf8, encodedPieces, encodeUtf8 } from '../../checker/history/utf8.ts';
import { keyed } from '../../src/base/random.ts';
import { bytesOf, joined } from './history/lines.ts';

/** The line of a write's invocation whose value is this JSON. */
function line(value: string, rest = ''): string {
  return `{"index":0,"time":0,"process":0,"type":"invoke","f":"write","value":${value}${rest}}\n`;
}

/** The values that were asked to be written, or why the file was refused. */
function read(content: string | Uint8Array): unknown {
  try {
    return valuesOf(readJsonl(content, 'h'));
  } catch (error) {
    if (!(error instanceof HistoryError)) throw error;
    return error.message;
  }
}

function valuesOf({ operations }: History): unknown {
  return operations.map(({ input }) => input.value);
}

test('a byte order mark is skipped, however the file is cut into pieces', () => {
  const bytes = bytesOf(`\uFEFF${line('1')}`);
  expect(read(bytes)).toEqual([1]);
  const reader = new JsonlReader('h');
  for (const byte of bytes) reader.push(Uint8Array.of(byte));
  expect(valuesOf(reader.finish())).toEqual([1]);
  expect(read(`\uFEFF${line('1').trimEnd()}`)).toEqual([1]);
  expect(read('\uFEFF')).toBe('h:1: the file is empty');
  expect(read(`${line('1')}\uFEFF${line('2')}`)).toBe('h:2: not JSON');
  const second = new JsonlReader('h');
  second.push(bytesOf(line('1')));
  expect(() => {
    second.push(bytesOf(`\uFEFF${line('2')}`));
  }).toThrow('h:2: not JSON');
});

test('lines may end as on Windows', () => {
  expect(read(line('1').replace('\n', '\r\n'))).toEqual([1]);
  expect(read(line('{"a": 1}').replace('\n', '\r\n'))).toEqual([{ a: 1 }]);
  expect(read(`${line('1').replace('\n', '\r\n')}\r\n`)).toBe('h:2: an empty line');
});

test('what is not text is refused', () => {
  expect(read(line('"\0"'))).toBe('h:1: a NUL byte');
  expect(read(`\0${line('1')}`)).toBe('h:1: a NUL byte');
  expect(read(joined([bytesOf(line('"a').trimEnd()), Uint8Array.of(0xff), bytesOf('"}\n')]))).toBe('h:1: not UTF-8');
  expect(read(line('"\ud800"'))).toBe('h:1: not UTF-8');
  expect(read(joined([bytesOf(line('1')), Uint8Array.of(0xc3)]))).toEqual([1]);
});

test('characters beyond ASCII are read, and cut anywhere', () => {
  const bytes = bytesOf(line('"Größe 🎈"'));
  for (let cut = 0; cut <= bytes.length; cut++) {
    const reader = new JsonlReader('h');
    reader.push(bytes.subarray(0, cut));
    reader.push(bytes.subarray(cut));
    expect(valuesOf(reader.finish()), `cut at ${cut}`).toEqual(['Größe 🎈']);
  }
  expect(read(line('"\\ud83c\\udf88"') + line('"🎈"').replace('0', '1').replace('s":0', 's":1'))).toEqual(['🎈', '🎈']);
});

test('a name that stands twice is refused, except where nobody looks', () => {
  expect(read(line('1', ',"value":2'))).toBe('h:1: the name "value" stands twice');
  expect(read(line('1', ',"other":{"a":[]},"value":2'))).toBe('h:1: the name "value" stands twice');
  expect(read(`{"other":{"a":[]},${line('{"a":1,"a":2}').slice(1)}`)).toBe('h:1: the name "a" stands twice');
  expect(read(line('1', ',"f":"read"'))).toBe('h:1: the name "f" stands twice');
  expect(read(line('1', ',"\\u0066":"read"'))).toBe('h:1: the name "f" stands twice');
  expect(read(line('{"a":1,"a":1}'))).toBe('h:1: the name "a" stands twice');
  expect(read(line('[0,{"b":{"a":1,"a":1}}]'))).toBe('h:1: the name "a" stands twice');
  expect(read(line('[{"a":1},{"a":"a"}]', ',"other":{"a":1,"a":2}'))).toEqual([[{ a: 1 }, { a: 'a' }]]);
  expect(read(line('1', `,"${'long'.repeat(99)}":1,"${'long'.repeat(99)}":1`))).toMatch(
    /^h:1: the name ".{58}… stands/u,
  );
});

test('__proto__ is a name like any other', () => {
  expect(read(`{"__proto__":${line('1').trimEnd()}}\n`)).toBe(
    'h:1: index must be a whole number from 0 on, not missing',
  );
  const [value] = read(line('{"__proto__":5}')) as object[];
  expect(Object.keys(value!)).toEqual(['__proto__']);
  const other = line('{"__proto__":6}').replace('invoke', 'ok').replace('0', '1');
  expect(read(line('{"__proto__":5}') + other)).toBe('h:2: ok does not match what process 0 invoked on line 1');
});

test.each([
  ['9007199254740992', 'a whole number beyond 2^53 is not exact: 9007199254740992; write it as a string'],
  ['-9007199254740992', 'a whole number beyond 2^53 is not exact: -9007199254740992; write it as a string'],
  ['[1,9007199254740993]', 'a whole number beyond 2^53 is not exact: 9007199254740993; write it as a string'],
  ['{"a":[[1e16]]}', 'a whole number beyond 2^53 is not exact: 1e16; write it as a string'],
  ['1e999', 'a number that is not exact: 1e999; write it as a string'],
  ['1e-999', 'a number that is not exact: 1e-999; write it as a string'],
  ['0.12345678901234567', 'a number that is not exact: 0.12345678901234567; write it as a string'],
  ['0.30000000000000000001', 'a number that is not exact: 0.30000000000000000001; write it as a string'],
  [`0.${'0'.repeat(100_000)}`, `a number that is not exact: 0.${'0'.repeat(57)}…; write it as a string`],
])('%.40s is refused as a value', (value, reason) => {
  expect(read(line(value))).toBe(`h:1: ${reason}`);
});

test('numbers that a double holds are taken, and others where nobody looks', () => {
  const values = '[9007199254740991,-9007199254740991,0.1,1.50,-0.0,1e3,2.5E-7,1.7976931348623157e+300,5e-324]';
  const [list] = read(line(values.replace('1.7976931348623157e+300,', ''))) as [number[]];
  expect(list).toEqual([2 ** 53 - 1, 1 - 2 ** 53, 0.1, 1.5, -0, 1000, 2.5e-7, 5e-324]);
  expect(read(line('1', ',"hash":12345678901234567890,"time2":1e999'))).toEqual([1]);
});

test('a double survives being written and read, and a digit more does not', () => {
  const random = keyed('doubles', 1);
  for (let i = 0; i < 3000; i++) {
    const value = (random.next() - 0.5) * 10 ** (random.int(40) - 25);
    expect([value, numberFault(String(value))]).toEqual([value, undefined]);
    const longer = String(value).replace(/(\.\d+)/, `$1${'0'.repeat(20)}1`);
    if (longer !== String(value)) expect([longer, numberFault(longer)]).toEqual([longer, expect.any(String)]);
  }
});

test('a value that is nested too deeply is refused, and everything else may be', () => {
  const nested = (depth: number): string => `${'['.repeat(depth)}${']'.repeat(depth)}`;
  const objects = (depth: number): string => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;
  expect(read(line(nested(MAX_DEPTH)))).toHaveLength(1);
  expect(read(line(objects(MAX_DEPTH)))).toHaveLength(1);
  for (const value of [nested(MAX_DEPTH + 1), objects(MAX_DEPTH + 1), nested(200_000), `[1,${nested(200_000)}]`]) {
    expect(read(line(value))).toBe(`h:1: nested more than ${MAX_DEPTH} deep`);
  }
  expect(read(line('1', `,"other":${nested(100_000)}`))).toEqual([1]);
  expect(read(line('1').replace('"write"', nested(100_000)))).toBe('h:1: f must be a string, not a list');
});

test('a message does not repeat a long text', () => {
  expect(read(line('1').replace('"invoke"', `"${'x'.repeat(1000)}"`))).toBe(
    `h:1: type must be invoke, ok, fail or info, not "${'x'.repeat(58)}…`,
  );
});

test('a line without an end is refused before it fills the memory', () => {
  const reader = new JsonlReader('h');
  const piece = new Uint8Array(1 << 20).fill(0x20);
  const pushAll = (): void => {
    for (let pieces = 0; pieces < 100; pieces++) reader.push(piece);
  };
  expect(pushAll).toThrow('h:1: a line of more than 64 MiB');
});

test('an earlier line that cannot be paired is named before a later one that is malformed', () => {
  const twice = line('1') + line('2').replace('0', '1');
  expect(read(`${twice}nonsense\n`)).toBe('h:2: process 0 already has an open operation, invoked on line 1');
});

test('process numbers may be large', () => {
  const call = line('1').replace('"process":0', '"process":9007199254740991');
  const answer = call.replace('invoke', 'ok').replace('"index":0', '"index":1').replace('"time":0', '"time":1');
  expect(readJsonl(call + answer, 'h').operations).toMatchObject([{ process: 2 ** 53 - 1, outcome: { kind: 'ok' } }]);
  expect(read(call + answer.replace('"ok"', '"invoke"'))).toBe(
    'h:2: process 9007199254740991 already has an open operation, invoked on line 1',
  );
});

test('a file without an operation is a history for who says so', () => {
  const empty = new JsonlReader('h', { mayBeEmpty: true }).finish();
  expect([empty.operations, empty.warnings]).toEqual([[], []]);
});

test('a history at equal times is read with calls before returns', () => {
  const second = line('2').replace('"index":0', '"index":2').replace('"process":0', '"process":1');
  const answer = line('1').replace('invoke', 'ok').replace('"index":0', '"index":1');
  const history = readJsonl(line('1') + answer + second, 'h');
  const { table } = history as unknown as { table: { call: Int32Array; ret: Int32Array } };
  expect(table.call[1]!).toBeLessThan(table.ret[0]!);
});

test('UTF-8 is decoded as the platform decodes it, and refused where it refuses', () => {
  const random = keyed('utf8', 1);
  const bytes = [0x00, 0x41, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xe1, 0xed, 0xee];
  bytes.push(0xef, 0xf0, 0xf1, 0xf4, 0xf5, 0xff);
  let valid = 0;
  for (let i = 0; i < 20_000; i++) {
    const input = Uint8Array.from({ length: 1 + random.int(5) }, () => random.pick(bytes));
    const expected = platformText(input);
    if (expected !== undefined) valid++;
    expect([[...input], decodeUtf8(input, 0, input.length)]).toEqual([[...input], expected]);
    if (expected !== undefined) expect(encodeUtf8(expected)).toEqual(input);
  }
  expect(valid).toBeGreaterThan(500);
});

function platformText(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

test('a text in pieces is the same bytes, and no character is cut in two', () => {
  const text = 'a🎈ß'.repeat(50);
  for (let units = 1; units < 9; units++) {
    expect(joined([...encodedPieces(text, units)]), `${units} units`).toEqual(bytesOf(text));
  }
});
