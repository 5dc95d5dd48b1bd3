/** The matcher, through vitest's own expectations: what passes, what fails, and that the failure explains itself. */
import { expect, test } from 'vitest';
import {
  casRegister,
  HistoryError,
  ModelError,
  modelNamed,
  register,
  REJECTED,
  type Call,
  type Json,
  type Model,
  type Operation,
} from '../../checker/index.ts';
import { recorder } from '../../checker/record/recorder.ts';
import '../../src/vitest/index.ts';

const STALE = [
  '{"index":0,"time":0,"process":0,"type":"invoke","f":"write","key":"x","value":4,"node":"n1"}',
  '{"index":1,"time":1000000,"process":0,"type":"ok","f":"write","key":"x","value":4}',
  '{"index":2,"time":2000000,"process":1,"type":"invoke","f":"write","key":"x","value":5,"node":"n2"}',
  '{"index":3,"time":3000000,"process":1,"type":"ok","f":"write","key":"x","value":5}',
  '{"index":4,"time":321400000,"process":2,"type":"invoke","f":"read","key":"x","value":null,"node":"n1"}',
  '{"index":5,"time":322000000,"process":2,"type":"ok","f":"read","key":"x","value":4,"node":"n3"}',
];

const GOOD = [...STALE.slice(0, 5), STALE[5]!.replace('"value":4', '"value":5')];

function jsonl(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join('');
}

/** What an expectation says when it fails. */
function failureOf(expectation: () => void): string {
  let message: string | undefined;
  try {
    expectation();
  } catch (error) {
    message = (error as Error).message;
  }
  if (message === undefined) throw new Error('the expectation passed');
  return message;
}

test('a linearizable history passes, and fails with not', () => {
  expect(jsonl(GOOD)).toBeLinearizable(register);
  expect(jsonl(GOOD)).toBeLinearizable();
  expect(jsonl(GOOD)).toBeLinearizable('cas-register');
  expect(failureOf(() => expect(jsonl(GOOD)).not.toBeLinearizable(register))).toBe(
    'Expected the history not to be linearizable, but it is: 3 operations of a register have an order, and it was replayed.',
  );
});

test('a violation fails with its explanation, and passes with not', () => {
  expect(jsonl(STALE)).not.toBeLinearizable(register);
  expect(failureOf(() => expect(jsonl(STALE)).toBeLinearizable(register, { clients: 2 }))).toBe(
    [
      'The history is not linearizable: 3 operations of a register have no order.',
      '',
      'Client 0 read x = 4 from n3 at 0.321 s, although x = 5 had been acknowledged 318 ms before.',
      '',
      'The shortest history that shows it (3 operations):',
      '    client 0 → n1                  write x = 4  0.000000 – 0.001000 s  It wrote 4, which is observed here.',
      '    client 1 → n2                  write x = 5  0.002000 – 0.003000 s  It was answered: 5 was in effect by its return.',
      '  ✕ client 0 → n1, answered by n3  read x → 4   0.321400 – 0.322000 s  It fits nowhere.',
      '',
      'It breaks after 2 of the 3 operations on x: they have an order, but',
      '  read x → 4 of client 0 → n1, answered by n3 (0.321400 – 0.322000 s) then fits nowhere:',
      '    x = 5: the read saw 4',
    ].join('\n'),
  );
});

test('more anomalies are told by their sentences', () => {
  const twice = [
    ...STALE,
    ...STALE.slice(4).map((line, i) => line.replace(`"index":${i + 4},"time":32`, `"index":${i + 6},"time":42`)),
  ];
  expect(failureOf(() => expect(jsonl(twice)).toBeLinearizable())).toMatch(
    /\n\nAnd 1 more:\n {2}Client 2 read x = 4 from n3 at 0\.321 s, although x = 5 .* before\.$/,
  );
});

test('a verdict of unknown is a failure with and without not', () => {
  // A model of which only the step is known has to be searched.
  const plain: typeof register = { ...register };
  delete (plain as { asRegister?: unknown }).asRegister;
  const budget = { maxSteps: 1 };
  for (const expectation of [
    () => expect(jsonl(STALE)).toBeLinearizable(plain, { budget }),
    () => expect(jsonl(STALE)).not.toBeLinearizable(plain, { budget }),
  ]) {
    expect(failureOf(expectation)).toMatch(
      /^It could not be decided whether the history is linearizable \(3 operations of a register\)\. That is no pass\.\n {2}x: ran out of steps .*\nWhat helps: /,
    );
  }
  expect(jsonl(STALE)).not.toBeLinearizable(plain);
});

test('a history that shows nothing is a failure with and without not', async () => {
  const recording = recorder();
  expect(failureOf(() => expect(recording).toBeLinearizable(register))).toContain('the history is empty');
  await recording.client().write('x', 1, () => Promise.reject(new TypeError('db.put is not a function')));
  for (const expectation of [
    () => expect(recording).toBeLinearizable(register),
    () => expect(recording).not.toBeLinearizable(register),
  ]) {
    expect(failureOf(expectation)).toContain(
      'none of its 1 operation was answered (the first: db.put is not a function)',
    );
  }
});

test('a recorder and its history are judged alike', async () => {
  const recording = recorder();
  const client = recording.client();
  await client.write('x', 1, () => null);
  await client.read('x', () => 1);
  expect(recording).toBeLinearizable(casRegister);
  expect(recording.history()).toBeLinearizable(casRegister);
  await client.read('x', () => 2);
  expect(recording).not.toBeLinearizable(casRegister);
  expect(failureOf(() => expect(recording.history()).toBeLinearizable())).toMatch(
    / read x = 2 at .* s, although 2 was never written to x\./,
  );
  expect(recording.jsonl()).not.toBeLinearizable();
});

test('a model of one’s own is told in its operations', () => {
  const counter: Model<number, Call, Json> = {
    name: 'counter',
    initial: 0,
    key: (state) => state,
    isRead: ({ f }) => f === 'read',
    step: (state, { f }, output) => (f === 'add' ? state + 1 : output === state ? state : REJECTED),
  };
  const recorded = (id: number, f: string, value: Json, output: Json): Operation => ({
    id,
    process: 0,
    input: { f, value },
    callNs: 20 * id,
    outcome: { kind: 'ok', output, returnNs: 20 * id + 10 },
  });
  const operations = [recorded(0, 'add', 1, 1), recorded(1, 'read', null, 3)];
  const message = failureOf(() => expect({ operations, failed: [], warnings: [] }).toBeLinearizable(counter));
  expect(message).toContain('2 operations of a counter have no order');
  expect(message).toContain('✕ client 0  read → 3');
  expect(message).toContain('It breaks after 1 of the 2 operations in all');
});

test('an operation that was never answered is told with its reason', async () => {
  const recording = recorder({ clients: 3 });
  const reader = recording.client();
  await recording.client().write('x', 5, () => Promise.reject(new Error('timeout')));
  await reader.read('x', () => 5);
  await recording.client().read('x', () => null);
  expect(failureOf(() => expect(recording).toBeLinearizable(register))).toMatch(
    /\n {4}client 1 +write x = 5, no answer +from 0\.\d{6} s on \(timeout\) +It wrote 5, which is observed here\.\n/,
  );
});

test('a history in another format is recognised', () => {
  const edn = '{:process 0 :type :invoke :f :read :value nil}\n{:process 0 :type :ok :f :read :value 3}\n';
  expect(edn).not.toBeLinearizable('register');
  expect(edn.replaceAll('nil', '3')).toBeLinearizable(modelNamed('register', { initial: 3 }));
});

test('what cannot be judged is an error of its own', () => {
  expect(() => expect(jsonl(STALE).slice(20)).toBeLinearizable()).toThrow(HistoryError);
  expect(() => expect(jsonl(STALE)).toBeLinearizable('registers')).toThrow('no model is called registers: there are');
  expect(() => expect(42).toBeLinearizable()).toThrow(
    'toBeLinearizable is about a history, a recorder, or the text of a recorded one',
  );
  const foreign = jsonl(STALE.map((line) => line.replace('write', 'levitate')));
  expect(() => expect(foreign).toBeLinearizable()).toThrow('toBeLinearizable needs a model: no model is known');
  expect(() => expect(foreign).toBeLinearizable(register)).toThrow(ModelError);
});
