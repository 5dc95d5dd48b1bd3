/** What Maelstrom's answers and error codes mean for a history (doc/protocol.md, doc/workloads.md of jepsen-io/maelstrom). */
import { expect, test } from 'vitest';
import type { Call } from '../../checker/index.ts';
import { completionOf, requestOf } from '../../src/maelstrom/lin-kv.ts';
import { messageOf, type Body } from '../../src/maelstrom/message.ts';

const READ = { f: 'read', key: 'x', value: null };
const WRITE = { f: 'write', key: 'x', value: 5 };
const CAS = { f: 'cas', key: 'x', value: [5, 6] };
const FIRST_CAS = { f: 'cas', key: 'x', value: [null, 6] };

test('requests are those of the protocol', () => {
  expect(requestOf(READ)).toEqual({ type: 'read', key: 'x' });
  expect(requestOf(WRITE)).toEqual({ type: 'write', key: 'x', value: 5 });
  expect(requestOf(CAS)).toEqual({ type: 'cas', key: 'x', from: 5, to: 6 });
  expect(requestOf(FIRST_CAS)).toEqual({ type: 'cas', key: 'x', from: null, to: 6, create_if_not_exists: true });
});

test('answers are taken from the message of the right type, and no other', () => {
  const of = (call: Call, body: Body): unknown => completionOf(call, body, 'n1');
  expect(of(READ, { type: 'read_ok', value: 7 })).toEqual({ kind: 'ok', output: 7, from: { node: 'n1' } });
  expect(of(READ, { type: 'read_ok', value: null })).toMatchObject({ kind: 'ok', output: null });
  expect(of(CAS, { type: 'cas_ok' })).toMatchObject({ kind: 'ok', output: true });
  expect(of(CAS, { type: 'read_ok', value: 7 })).toEqual({ kind: 'unknown', error: 'answered with "read_ok"' });
  expect(of(CAS, {})).toEqual({ kind: 'unknown', error: 'answered with null' });
});

test.each([
  [0, 'unknown', 'timeout'],
  [1, 'refused', 'node-not-found'],
  [10, 'fail', 'not-supported'],
  [11, 'refused', 'temporarily-unavailable'],
  [12, 'fail', 'malformed-request'],
  [13, 'unknown', 'crash'],
  [14, 'fail', 'abort'],
  [20, 'fail', 'key-does-not-exist'],
  [21, 'fail', 'key-already-exists'],
  [22, 'fail', 'precondition-failed'],
  [30, 'refused', 'txn-conflict'],
  [2, 'unknown', 'error 2'],
  [1000, 'unknown', 'error 1000'],
  ['11', 'unknown', 'error "11"'],
  ['toString', 'unknown', 'error "toString"'],
])('of a write, error %s is %s: %s', (code, kind, error) => {
  expect(completionOf(WRITE, { type: 'error', code }, 'n1')).toMatchObject({ kind, error });
});

test('error 20 of a read is a key that was never written; 20 and 22 of a compare-and-set saw another value', () => {
  const of = (call: Call, code: number): unknown => completionOf(call, { type: 'error', code }, 'n1');
  expect(of(READ, 20)).toMatchObject({ kind: 'ok', output: null });
  expect(of(READ, 22)).toMatchObject({ kind: 'fail', error: 'precondition-failed' });
  expect(of(CAS, 22)).toMatchObject({ kind: 'fail', error: 'mismatch' });
  expect(of(CAS, 20)).toMatchObject({ kind: 'fail', error: 'mismatch' });
  expect(of(FIRST_CAS, 22)).toMatchObject({ kind: 'fail', error: 'mismatch' });
  // It expected null, and there is none: nothing that contradicts it was seen.
  expect(of(FIRST_CAS, 20)).toMatchObject({ kind: 'fail', error: 'key-does-not-exist' });
});

test('an indefinite error is told with its text', () => {
  const body = { type: 'error', code: 13, text: 'disk on fire' };
  expect(completionOf(WRITE, body, 'n1')).toEqual({ kind: 'unknown', error: 'crash: disk on fire' });
});

test('a line that is no message is told by what is wrong with it', () => {
  expect(messageOf('{"src":"n1","dest":"c1","body":{"type":"read_ok"}}', 'n1')).toMatchObject({ dest: 'c1' });
  expect(messageOf('hello', 'n1')).toBe('a line that is not JSON');
  expect(messageOf('[1]', 'n1')).toBe('a line that is no JSON object');
  expect(messageOf('{"src":"n2","dest":"c1","body":{}}', 'n1')).toBe('a message whose src is not n1');
  expect(messageOf('{"src":"n1","body":{}}', 'n1')).toBe('a message without a dest');
  expect(messageOf('{"src":"n1","dest":"c1","body":[]}', 'n1')).toBe('a message without a body');
});
