/** Logs of Jepsen's early etcd test: which lines are events, and what they mean. */
import { expect, test } from 'vitest';
import { readHistory } from '../../../checker/history/reader.ts';
import {
  check,
  explanationLines,
  HistoryError,
  modelNamed,
  stalenessSummary,
  type History,
} from '../../../checker/index.ts';

function read(...lines: readonly string[]): History {
  return readHistory(lines.map((line) => `${line}\n`).join(''), 'h', { format: 'etcd-log' });
}

function event(words: string): string {
  return `INFO  jepsen.util - ${words.replaceAll(' :', '\t:')}`;
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

test('reads show values, nil among them; a failed cas shows that the value was another one', () => {
  const { operations, failed } = read(
    event('0 :invoke :read nil'),
    event('0 :ok :read nil'),
    event('3 :invoke :cas [1 4]'),
    event('3 :fail :cas [1 4]'),
    event('0 :invoke :read nil'),
    event('0 :ok :read 3'),
  );
  expect(operations.map(({ id, outcome }) => [id, outcome])).toEqual([
    [1, { kind: 'ok', output: null, returnNs: 2 }],
    [3, { kind: 'ok', output: false, returnNs: 4 }],
    [5, { kind: 'ok', output: 3, returnNs: 6 }],
  ]);
  expect(failed).toEqual([]);
});

test('there is no clock: times are the lines, and no sentence takes them for seconds', () => {
  const history = read(
    event('0 :invoke :write 1'),
    event('0 :ok :write 1'),
    event('1 :invoke :read nil'),
    event('1 :ok :read nil'),
  );
  const model = modelNamed('cas-register')!;
  const verdict = check(history, model);
  expect(history.untimed).toBe(true);
  expect(verdict.anomalies.map(({ sentence }) => sentence)).toEqual([
    'Client 1 read the register = null at event 3, although the register = 1 had been acknowledged 1 event before.',
  ]);
  const lines = explanationLines({ history, model, verdict }).join('\n');
  expect(lines).toContain('events 1 – 2');
  expect(lines).not.toMatch(/\d s\b/);
  const { versions, ms } = stalenessSummary(history, model).ofStale;
  expect([versions.max, ms]).toEqual([1, undefined]);
});

test('a fail with a word in place of the values, or after them, had no effect and shows nothing', () => {
  const { operations, failed } = read(
    event('0 :invoke :read nil'),
    event('0 :fail :read :timed-out'),
    event('1 :invoke :cas [1 4]'),
    event('1 :fail :cas :timed-out'),
    event('2 :invoke :cas [1 4]'),
    event('2 :fail :cas [1 4] connection refused'),
  );
  expect(operations).toEqual([]);
  expect(failed.map(({ error }) => error)).toEqual(['timed-out', 'timed-out', 'connection refused']);
});

test('info is unknown, and its process is not used again', () => {
  const lines = [event('0 :invoke :write 4'), event('0 :info :write :timed-out')];
  expect(read(...lines).operations[0]!.outcome).toEqual({ kind: 'unknown', reason: 'timed-out' });
  expect(reason(() => read(...lines, event('0 :invoke :read nil')))).toBe(
    'h:3: process 0 is used again after its info on line 2',
  );
});

test('other lines are left out and counted, hints are not looked at, blanks stand for tabs', () => {
  const { operations, warnings } = read(
    'INFO jepsen.core - Starting test',
    'INFO  jepsen.util - 6 \t:invoke :write \t38 \t:hint 0',
    '',
    '2020-01-01 00:00:00,000{GMT}\tINFO\t[jepsen nemesis] jepsen.util: :nemesis\t:info\t:start\tnil',
    'INFO  jepsen.util - 6 \t:ok :write \t38 \t:hint 2',
    'INFO  [2020] jepsen worker 7 - jepsen.util 7   :invoke   :read   nil',
  );
  expect(operations.map(({ process }) => process)).toEqual([6, 7]);
  expect(warnings).toEqual(['h: 2 other lines of the log left out']);
});

test('each malformed event is named by its line', () => {
  expect(reason(() => read(event('0 :invoke :write')))).toBe('h:1: the value is missing');
  expect(reason(() => read(event('0 :invoke :write [1')))).toBe(
    'h:1: the file ends inside the element that begins here',
  );
  expect(reason(() => read(event('0 :invoke :write 1 2')))).toBe('h:1: a word after the value: 2');
  expect(reason(() => read(event('0 :invoke :write 1'), event('0 :ok :write :lost')))).toBe(
    'h:2: the value of a :write is missing before :lost',
  );
  expect(reason(() => read(event('0 :invoke :write #foo 1')))).toBe('h:1: unknown tag #foo');
  expect(reason(() => read(event(`${'9'.repeat(30)} :invoke :read nil`)))).toContain('is no number that can be held');
  expect(reason(() => read(event('0 :invoke :write 1'), event('0 :ok :write 2')))).toContain('h:2: ok does not match');
  expect(reason(() => read('nothing'))).toBe('h:1: no operation in the file');
});

test('a last line without an end counts if it is whole', () => {
  const lines = [event('0 :invoke :read nil'), event('1 :invoke :write 4')].join('\n');
  expect(readHistory(lines, 'h', { format: 'etcd-log' }).operations).toHaveLength(2);
  const cut = readHistory(`${lines}\n${event('1 :o')}`, 'h', { format: 'etcd-log' });
  expect(cut.operations).toHaveLength(2);
  expect(cut.warnings).toEqual(['h:3: the last line was cut off and is left out']);
});
