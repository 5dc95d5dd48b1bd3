/** Reading and writing history.jsonl: what is taken, and how each malformed line is named. */
import { expect, test } from 'vitest';
import { HistoryError, readJsonl } from '../../checker/index.ts';

type Line = Readonly<Record<string, unknown>>;

/** Lines of a file; index, time, process, f and value have defaults, so that a case says only what it is about. */
function file(...lines: readonly Line[]): string {
  const defaults = (i: number): Line => ({
    index: i,
    time: i * 10,
    process: 0,
    type: 'invoke',
    f: 'read',
    value: null,
  });
  return lines.map((line, i) => `${JSON.stringify({ ...defaults(i), ...line })}\n`).join('');
}

const ok = { type: 'ok' };

test('an invocation and its completion become one operation', () => {
  const text = file(
    { f: 'write', key: 'x', value: 5, node: 'n2' },
    { f: 'write', key: 'x', value: 5, type: 'ok', node: 'n1', term: 3, applied: 17 },
  );
  expect(readJsonl(text, 'h').operations).toEqual([
    {
      id: 0,
      process: 0,
      input: { f: 'write', key: 'x', value: 5 },
      callNs: 0,
      outcome: { kind: 'ok', output: null, returnNs: 10 },
      entryNode: 'n2',
      node: 'n1',
      term: 3,
      applied: 17,
    },
  ]);
});

test('a read answers what its completion says', () => {
  const [read] = readJsonl(file({}, { type: 'ok', value: 7 }), 'h').operations;
  expect(read?.outcome).toEqual({ kind: 'ok', output: 7, returnNs: 10 });
});

test('a compare-and-set refused for a mismatch is an observation', () => {
  const cas = { f: 'cas', value: [1, 2] };
  const { operations, failed } = readJsonl(file(cas, { ...cas, type: 'fail', error: 'mismatch' }), 'h');
  expect(operations[0]?.outcome).toEqual({ kind: 'ok', output: false, returnNs: 10 });
  expect(failed).toEqual([]);
});

test('any other fail had no effect and observed nothing', () => {
  const cas = { f: 'cas', value: [1, 2] };
  const { operations, failed } = readJsonl(file(cas, { ...cas, type: 'fail', error: 'no-leader' }), 'h');
  expect(operations).toEqual([]);
  expect(failed).toMatchObject([{ id: 0, error: 'no-leader', callNs: 0, returnNs: 10 }]);
});

test('info and open invocations have an unknown outcome', () => {
  const { operations } = readJsonl(file({}, { type: 'info', error: 'timeout' }, { process: 1 }), 'h');
  expect(operations.map(({ id, outcome }) => [id, outcome.kind])).toEqual([
    [0, 'unknown'],
    [2, 'unknown'],
  ]);
});

test('operations come in order of invocation, whatever order they completed in', () => {
  const text = file({ process: 1 }, { process: 2 }, { process: 2, ...ok }, { process: 1, ...ok });
  expect(readJsonl(text, 'h').operations.map(({ id }) => id)).toEqual([0, 1]);
});

test('a last line that a crash cut off is left out with a warning', () => {
  const history = readJsonl(file({}, ok) + '{"index":2,"ti', 'h');
  expect(history.operations).toHaveLength(1);
  expect(history.warnings).toEqual(['h:3: the last line was cut off and is left out']);
});

test('a last line without a newline counts if it is whole', () => {
  const history = readJsonl(file({}, ok).trimEnd(), 'h');
  expect(history.operations[0]?.outcome.kind).toBe('ok');
  expect(history.warnings).toEqual([]);
});

const malformed: readonly (readonly [about: string, text: string, line: number, reason: string])[] = [
  ['an empty file', '', 1, 'the file is empty'],
  ['only a cut line', '{"ind', 1, 'no complete line'],
  ['a cut line that is not the last', `{"index":0\n${file({})}`, 1, 'not JSON'],
  ['a cut last line with a newline', `${file({}, ok)}{"index":2\n`, 3, 'not JSON'],
  ['an empty line', `${file({}, ok)}\n${file({})}`, 3, 'an empty line'],
  ['an array', '[1]\n', 1, 'not a JSON object'],
  ['an unknown type', file({ type: 'invoked' }), 1, 'type must be invoke, ok, fail or info, not "invoked"'],
  ['a missing type', file({ type: undefined }), 1, 'type must be invoke, ok, fail or info, not missing'],
  ['a missing time', file({ time: undefined }), 1, 'time must be a whole number of nanoseconds from 0 on, not missing'],
  ['a fractional time', file({ time: 1.5 }), 1, 'time must be a whole number of nanoseconds from 0 on, not 1.5'],
  ['a negative time', file({ time: -1 }), 1, 'time must be a whole number of nanoseconds from 0 on, not -1'],
  [
    'a time too large to be exact',
    file({ time: 2 ** 60 }),
    1,
    `time must be a whole number of nanoseconds from 0 on, not ${2 ** 60}`,
  ],
  ['a time before the last', file({ time: 9 }, { ...ok, time: 8 }), 2, 'time 8 is before 9 on the line above'],
  ['an index twice', file({ index: 4 }, { ...ok, index: 4 }), 2, 'index 4 stands twice'],
  ['an index that goes back', file({ index: 4 }, { ...ok, index: 3 }), 2, 'index 3 comes after 4'],
  [
    'a process that is a word',
    file({ process: 'nemesis' }),
    1,
    'process must be a whole number from 0 on, not "nemesis"',
  ],
  ['a missing f', file({ f: undefined }), 1, 'f must be a string, not missing'],
  ['a key that is no string', file({ key: 5 }), 1, 'key must be a string, not 5'],
  ['a missing value', file({ value: undefined }), 1, 'value is missing'],
  ['a node that is no string', file({ node: 1 }), 1, 'node must be a string, not 1'],
  ['a term that is no number', file({ term: '1' }), 1, 'term must be a whole number from 0 on, not "1"'],
  ['a completion without an invocation', file(ok), 1, 'ok of process 0 without an invocation'],
  ['a second completion', file({}, ok, ok), 3, 'ok of process 0 without an invocation'],
  ['two open operations', file({}, {}), 2, 'process 0 already has an open operation, invoked on line 1'],
  [
    'a process used again after info',
    file({}, { type: 'info' }, {}),
    3,
    'process 0 is used again after its info on line 2',
  ],
  [
    'a completion of something else',
    file({}, { ...ok, f: 'write' }),
    2,
    'ok does not match what process 0 invoked on line 1',
  ],
  [
    'a completion on another key',
    file({ key: 'x' }, { ...ok, key: 'y' }),
    2,
    'ok does not match what process 0 invoked on line 1',
  ],
  [
    'a write of one value answered as another',
    file({ f: 'write', value: 1 }, { ...ok, f: 'write', value: 2 }),
    2,
    'ok does not match what process 0 invoked on line 1',
  ],
];

test.each(malformed)('%s is refused with its line and reason', (_about, text, line, reason) => {
  let thrown: unknown;
  try {
    readJsonl(text, 'h.jsonl');
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toBeInstanceOf(HistoryError);
  expect(thrown).toMatchObject({ file: 'h.jsonl', line, reason, message: `h.jsonl:${line}: ${reason}` });
});
