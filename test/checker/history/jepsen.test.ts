/** Histories of Jepsen and Knossos, and Porcupine's kv text: what each word means, and how each malformed one is named. */
import { expect, test } from 'vitest';
import { historyReader, readHistory } from '../../../checker/history/reader.ts';
import { tableOf } from '../../../checker/history/table.ts';
import { HistoryError, type History } from '../../../checker/index.ts';

function read(...lines: readonly string[]): History {
  return readHistory(lines.join('\n'), 'h', { format: 'edn' });
}

function kv(...lines: readonly string[]): History {
  return readHistory(lines.join('\n'), 'h', { format: 'kv-text' });
}

function reason(readIt: () => History): string {
  try {
    readIt();
  } catch (error) {
    if (error instanceof HistoryError) return error.message;
    throw error;
  }
  return 'no error';
}

const WRITE = '{:process 0, :type :invoke, :f :write, :value 3}';
const WROTE = '{:process 0, :type :ok, :f :write, :value 3}';
const READ = '{:process 1, :type :invoke, :f :read, :value nil}';

test('bare maps, a vector, a list and records say the same', () => {
  const bare = read(WRITE, WROTE).operations;
  expect(bare).toEqual([
    {
      id: 0,
      process: 0,
      input: { f: 'write', value: 3 },
      callNs: 0,
      outcome: { kind: 'ok', output: null, returnNs: 1 },
    },
  ]);
  expect(read('; a comment', `[${WRITE}`, '#_ {:discarded true}', `,${WROTE}]`).operations).toEqual(bare);
  expect(read(`(${WRITE} ${WROTE})`).operations).toEqual(bare);
  expect(read(`#jepsen.history.Op${WRITE}`, `#knossos.op.Op ${WROTE}`).operations).toEqual(bare);
  expect(read('{:value 3 :f :write :more {:a #{1}} :type :invoke :process 0}', WROTE).operations).toEqual(bare);
});

test('an index is the id, and the position of the form where there is none', () => {
  const indexed = read(WRITE.replace('}', ' :index 7}'), WROTE.replace('}', ' :index 9}'));
  expect(indexed.operations.map(({ id }) => id)).toEqual([7]);
  expect([...tableOf(indexed).completionId!]).toEqual([9]);
  const bare = read('{:process :nemesis :type :info :f :start}', READ, WRITE, WROTE);
  expect(bare.operations.map(({ id }) => id)).toEqual([1, 2]);
  expect([...tableOf(bare).completionId!]).toEqual([NaN, 3]);
});

test('what a read that was left out was, the others keep their completions', () => {
  const history = read(
    READ,
    READ.replace(':invoke', ':ok'),
    WRITE,
    WROTE,
    READ,
    READ.replace(':invoke', ':ok').replace('nil', '3'),
  );
  expect(history.operations.map(({ id }) => id)).toEqual([2, 4]);
  expect(history.failed).toEqual([]);
  expect([...tableOf(history).completionId!]).toEqual([3, 5]);
  expect(history.warnings).toEqual(['h: 1 operation left out: reads that were answered nil constrain nothing']);
});

test('info and open invocations are unknown; fail had no effect and is no observation, not even of a cas', () => {
  const cas = '{:process 0, :type :invoke, :f :cas, :value [1 2]}';
  const { operations, failed } = read(
    cas,
    cas.replace(':invoke', ':fail'),
    READ,
    READ.replace(':invoke', ':info').replace('}', ' :error :timeout}'),
    WRITE,
  );
  expect(failed).toMatchObject([{ id: 0, input: { f: 'cas', value: [1, 2] } }]);
  expect(operations.map(({ outcome }) => outcome)).toEqual([
    { kind: 'unknown', reason: 'timeout' },
    { kind: 'unknown', reason: 'never completed' },
  ]);
});

test('an ok says what was done: its value replaces the one that was asked, unless it has none', () => {
  expect(read(WRITE, WROTE.replace('3', '4')).operations[0]!.input.value).toBe(4);
  expect(read(WRITE, WROTE.replace('3', 'nil')).operations[0]!.input.value).toBe(3);
  expect(read(WRITE, '{:process 0 :type :ok :f :write}').operations[0]!.input.value).toBe(3);
  const lock = read('{:process 0 :type :invoke :f :acquire}', '{:process 0 :type :ok :f :acquire}');
  expect(lock.operations[0]).toMatchObject({
    input: { f: 'acquire', value: null },
    outcome: { kind: 'ok', output: null },
  });
});

test('lines of the nemesis and of other names are left out and counted', () => {
  const nemesis = '{:process :nemesis, :type :info, :f :start, :value #unknown/tag {"n1" #{:x}}}';
  const { operations, warnings } = read(nemesis, WRITE, nemesis, '{:process "setup" :type :info}');
  expect(operations).toHaveLength(1);
  expect(warnings).toEqual(['h: :nemesis: 2 forms left out', 'h: "setup": 1 form left out']);
  expect(read(nemesis).warnings).toEqual(['h: :nemesis: 1 form left out', 'h: no operation of a client in the file']);
});

test('a client with a name is refused, since leaving out its operations could hide a violation', () => {
  expect(reason(() => read(WRITE.replace('0', ':a')))).toBe("h:1: a client's process is a whole number, not :a");
});

test('the order of the file is real time, whatever the clock says', () => {
  const times = [50, 40, 40, 60, 60, 60];
  const lines = [WRITE, WROTE, READ, READ.replace(':invoke', ':ok').replace('nil', '3'), WRITE, WROTE].map((line, i) =>
    line.replace('}', ` :time ${times[i]}}`),
  );
  const table = tableOf(read(...lines));
  expect([...table.call.subarray(0, 3)]).toEqual([0, 2, 4]);
  expect([...table.ret.subarray(0, 3)]).toEqual([1, 3, 5]);
  expect([...table.callNs.subarray(0, 3)]).toEqual([50, 51, 61]);
  expect([...table.returnNs.subarray(0, 3)]).toEqual([50, 60, 61]);
});

test('a clock that began long before the run is counted from its first time', () => {
  const since1970 = '1700000000000000001';
  const { operations } = read(
    WRITE.replace('}', ` :time ${since1970}}`),
    WROTE.replace('}', ' :time 1700000000000000100}'),
  );
  expect(operations[0]).toMatchObject({ callNs: 0, outcome: { returnNs: 99 } });
  const negative = read(WRITE.replace('}', ' :time -5}'), WROTE.replace('}', ' :time 10}'));
  expect(negative.operations[0]).toMatchObject({ callNs: 0, outcome: { returnNs: 15 } });
});

test('tagged tuples of jepsen.independent give the key', () => {
  const tuple = (key: string, value: string): string => `#jepsen.independent.Tuple [${key} ${value}]`;
  const { operations } = read(
    WRITE.replace('3', tuple(':x', '3')),
    WROTE.replace('3', tuple(':x', '3')),
    READ.replace('nil', tuple('7', 'nil')),
    READ.replace(':invoke', ':ok').replace('nil', tuple('7', '4')),
    WRITE.replace('3', tuple('"y"', '[1 2]')),
    '{:process 0 :type :info :f :write :value nil}',
  );
  expect(operations.map(({ input }) => input)).toEqual([
    { f: 'write', key: 'x', value: 3 },
    { f: 'read', key: '7', value: null },
    { f: 'write', key: 'y', value: [1, 2] },
  ]);
});

test('untagged tuples give the key where every operation has one and reads are invoked with [key nil]', () => {
  const lines = [
    WRITE.replace('3', '[1 3]'),
    WROTE.replace('3', '[1 3]'),
    READ.replace('nil', '[2 nil]'),
    READ.replace(':invoke', ':ok').replace('nil', '[2 5]'),
    READ.replace('nil', '[2 nil]'),
    READ.replace(':invoke', ':ok').replace('nil', '[2 nil]'),
    '{:process 2 :type :invoke :f :cas :value [1 [3 4]]}',
    '{:process 2 :type :ok :f :cas :value [1 [3 4]]}',
  ];
  const { operations, warnings } = read(...lines);
  expect(operations.map(({ input, outcome }) => [input, outcome.kind === 'ok' && outcome.output])).toEqual([
    [{ f: 'write', key: '1', value: 3 }, null],
    [{ f: 'read', key: '2', value: null }, 5],
    [{ f: 'cas', key: '1', value: [3, 4] }, true],
  ]);
  expect(warnings).toEqual(['h: 1 operation left out: reads that were answered nil constrain nothing']);
  const withoutKey = read(...lines, '{:process 9 :type :invoke :f :write :value 8}');
  expect(withoutKey.operations[0]!.input).toEqual({ f: 'write', value: [1, 3] });
  expect(reason(() => read(...lines, ...lines.slice(2, 4).map((line) => line.replace('[2 5]', '[3 5]'))))).toBe(
    'h:10: values are [key value] in this history, but this ok has no such value, or another key',
  );
});

test('vectors of two are no tuples where reads are invoked with nil', () => {
  expect(read(READ, '{:process 2 :type :invoke :f :cas :value [1 2]}').operations.map(({ input }) => input)).toEqual([
    { f: 'read', value: null },
    { f: 'cas', value: [1, 2] },
  ]);
});

test('two keys that would have one name are refused', () => {
  const write = (key: string): string => WRITE.replace('3', `#independent/tuple [${key} 3]`);
  expect(reason(() => read(write(':x'), write('"x"').replace('0', '5')))).toBe(
    'h:2: two keys would both be called x: ":x" and "x"',
  );
  const untagged = (process: number, key: string): string =>
    READ.replace('1', String(process)).replace('nil', `[${key} nil]`);
  expect(reason(() => read(untagged(1, '5'), untagged(2, '6'), untagged(3, '"5"')))).toBe(
    'h:3: two keys would both be called 5: 5 and "5"',
  );
});

test('transactions of reads and writes become micro-operations, without the reads that were answered nil', () => {
  const txn = (type: string, value: string): string => `{:process 0 :type ${type} :f :txn :value ${value}}`;
  const { operations, warnings } = read(
    txn(':invoke', '[[:read :x nil] [:w 2 5]]'),
    txn(':ok', '[[:read :x 4] [:w 2 5]]'),
    txn(':invoke', '[[:r :x nil] [:r :y nil]]'),
    txn(':ok', '[[:r :x nil] [:r :y 1]]'),
    txn(':invoke', '[[:r :x nil]]'),
    txn(':ok', '[[:r :x nil]]'),
  );
  expect(operations.map(({ input, outcome }) => [input.value, outcome.kind === 'ok' && outcome.output])).toEqual([
    [
      [
        ['read', 'x', null],
        ['write', '2', 5],
      ],
      [
        ['read', 'x', 4],
        ['write', '2', 5],
      ],
    ],
    [[['read', 'y', 1]], [['read', 'y', 1]]],
  ]);
  expect(warnings).toEqual([
    'h: 1 operation left out: reads that were answered nil constrain nothing',
    'h: 2 reads of transactions left out: answered nil, which constrains nothing',
  ]);
  expect(reason(() => read(txn(':invoke', '[[:w :x 1]]'), txn(':ok', '[[:w :x 2]]')))).toBe(
    'h:2: the transaction completes as another one than was invoked',
  );
  expect(reason(() => read(txn(':invoke', '[[:w :x 1]]'), txn(':ok', '[[:w :x 1] [:r :y 2]]')))).toBe(
    'h:2: the transaction completes as another one than was invoked',
  );
  expect(reason(() => read(txn(':invoke', '[[:append 1 2]]')))).toBe(
    'h:1: transactions with :append are not judged here, only those of :read and :write (Elle judges them)',
  );
  expect(reason(() => read(txn(':invoke', '5')))).toContain('a transaction is a vector like');
});

test('what a set holds is an array where values are only added', () => {
  const add = '{:process 0 :type :invoke :f :add :value 2}';
  const sets = read(add, add.replace(':invoke', ':ok'), READ, READ.replace(':invoke', ':ok').replace('nil', '#{3 2}'));
  expect(sets.operations[1]!.outcome).toMatchObject({ output: [2, 3] });
  const register = read(READ, READ.replace(':invoke', ':ok').replace('nil', '#{3 2}'));
  expect(register.operations[0]!.outcome).toMatchObject({ output: { set: [2, 3] } });
});

test('each malformed form is named by its line', () => {
  expect(reason(() => read(WRITE, '', WROTE.replace(':ok', ':okay')))).toBe(
    'h:3: :type must be :invoke, :ok, :fail or :info, not :okay',
  );
  expect(reason(() => read('{:process 0,\n :type :invoke,\n :f 5,\n :value 3}'))).toBe(
    'h:3: :f must be a keyword like :read, not 5',
  );
  expect(reason(() => read('[', WRITE, WROTE.replace(':value', ':value #foo/bar'), ']'))).toBe(
    'h:3: unknown tag #foo/bar',
  );
  expect(reason(() => read(`#foo${WRITE}`))).toBe('h:1: unknown tag #foo');
  expect(reason(() => read('[1]'))).toBe('h:1: not a map like {:process 0, :type :invoke, :f :read, :value nil}: 1');
  expect(reason(() => read(WRITE.replace(':process 0', ':process 0.5')))).toContain(':process must be a whole number');
  expect(reason(() => read(WRITE.replace(':f', ':type :ok :f')))).toBe('h:1: :type stands twice in the map');
  expect(reason(() => read('{:process 0 :type :invoke :f :drain}'))).toContain(':drain takes many values at once');
  expect(reason(() => read(WROTE))).toBe('h:1: ok of process 0 without an invocation');
  expect(reason(() => read(WRITE, WRITE))).toBe('h:2: process 0 already has an open operation, invoked on line 1');
  expect(reason(() => read(WRITE, WROTE.replace(':write', ':read')))).toContain('h:2: ok does not match');
  expect(reason(() => read(WRITE, WROTE.replace(':ok', ':info'), WRITE))).toBe(
    'h:3: process 0 is used again after its info on line 2',
  );
  expect(reason(() => read(WRITE, '{:process 0 :type'))).toBe('no error');
  expect(reason(() => read(WRITE, '{:process 0 :type', ''))).toBe(
    'h:2: the file ends inside the element that begins here',
  );
  expect(reason(() => read(`[${WRITE}`, WROTE))).toBe(
    'h:2: the file ends before the ] that closes line 1: it was cut off',
  );
  expect(reason(() => read(`[${WRITE}]`, WROTE))).toBe('h:2: something follows the end of the history');
  expect(reason(() => read('[]'))).toBe('h:1: no operation in the file');
});

test('an index that does not grow is refused', () => {
  const index = (line: string, at: number): string => line.replace('}', ` :index ${at}}`);
  expect(reason(() => read(index(WRITE, 3), index(WROTE, 3)))).toBe('h:2: :index 3 stands twice');
  expect(reason(() => read(index(WRITE, 3), index(WROTE, 2)))).toBe('h:2: :index 2 comes after 3');
  expect(reason(() => read(index(WRITE, 3), WROTE))).toContain('h:2: :index must be a whole number');
});

test('a last form that a crash cut off is left out with a warning', () => {
  const { operations, warnings } = read(WRITE, WROTE, '{:process 1, :type :inv');
  expect(operations).toHaveLength(1);
  expect(warnings).toEqual(['h: the last form, on line 3, was cut off and is left out']);
});

test('bytes that are no UTF-8 are refused by their line, wherever the chunks end', () => {
  const bytes = new Uint8Array([...Buffer.from(`${WRITE}\n; \u00e9\n`), 0xc3, 0x28]);
  expect(reason(() => readHistory(bytes, 'h', { format: 'edn' }))).toBe('h:3: bytes that are no UTF-8 text');
});

test('characters of several bytes may straddle chunks, whose memory is used again', () => {
  const reader = historyReader('h', { format: 'edn' });
  const memory = new Uint8Array(1);
  for (const byte of Buffer.from(`\uFEFF${WRITE.replace('3', '"\u00e9\u20ac\u{1f600}"')}\n`)) {
    memory[0] = byte;
    reader.push(memory);
  }
  expect(reader.finish().operations[0]!.input.value).toBe('\u00e9\u20ac\u{1f600}');
});

test('kv text: get, put and append of strings, which stay as they are', () => {
  const put = '{:process 0, :type :invoke, :f :put, :key "0", :value ":a"}';
  const get = '{:process 1, :type :invoke, :f :get, :key "0", :value nil}';
  const got = '{:process 1, :type :ok, :f :get, :key "0", :value ":ab"}';
  expect(
    kv(put, put.replace(':invoke', ':ok'), get, got).operations.map(({ input, outcome }) => ({ input, outcome })),
  ).toEqual([
    { input: { f: 'put', key: '0', value: ':a' }, outcome: { kind: 'ok', output: ':a', returnNs: 1 } },
    { input: { f: 'get', key: '0', value: null }, outcome: { kind: 'ok', output: ':ab', returnNs: 3 } },
  ]);
  expect(reason(() => kv(put.replace(':put', ':write')))).toBe('h:1: kv text knows :get, :put and :append, not :write');
  expect(reason(() => kv(put.replace(':key "0",', '')))).toBe('h:1: a key is missing');
  expect(reason(() => kv(put.replace('":a"', '5')))).toBe('h:1: the value of a :put is a string, not 5');
  expect(reason(() => kv(get, got.replace('":ab"', 'nil')))).toBe('h:2: a :get completes with a string');
  expect(reason(() => kv(put, put.replace(':invoke', ':ok').replace(':a', ':b')))).toBe(
    'h:2: the :put was invoked with another value',
  );
});
