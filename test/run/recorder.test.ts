/** The recorder: the order of lines and fields, retired processes, and what is open at the end. */
import { expect, test } from 'vitest';
import type { Call, Json } from '../../checker/index.ts';
import type { Client, Completion, HistoryLine } from '../../src/contract/index.ts';
import { perform } from '../../src/run/client-loop.ts';
import { Recorder } from '../../src/run/recorder.ts';
import { MemoryCluster } from './memory-cluster.ts';

/** Performs one call whose answer is given, and returns the lines as written. */
async function record(
  call: Call,
  answer: Completion | Error,
  role: 'client' | 'witness' = 'client',
): Promise<readonly string[]> {
  const lines: string[] = [];
  const recorder = new Recorder(new MemoryCluster(), (line) => lines.push(JSON.stringify(line)));
  const client: Client = {
    target: 'n2',
    invoke: async () => {
      expect(lines.length, 'the invocation is written before the request leaves').toBe(1);
      if (answer instanceof Error) throw answer;
      return answer;
    },
    close: async () => {},
  };
  await perform(call, 1000, { slot: { slot: 3, role, entry: 'n4' }, client, world: { recorder }, process: 13 });
  return lines;
}

const write: Call = { f: 'write', key: 'x', value: 5 };
const cas: Call = { f: 'cas', key: 'x', value: [5, 6] };

test('an answered write', async () => {
  expect(await record(write, { kind: 'ok', output: null, from: { node: 'n1', term: 2, applied: 17 } })).toEqual([
    '{"index":0,"time":0,"process":13,"type":"invoke","f":"write","key":"x","value":5,"node":"n2"}',
    '{"index":1,"time":0,"process":13,"type":"ok","f":"write","key":"x","value":5,"node":"n1","term":2,"applied":17}',
  ]);
});

test('a witness’s read goes to its own node and completes with what it read', async () => {
  expect(await record({ f: 'read', key: 'x', value: null }, { kind: 'ok', output: 4 }, 'witness')).toEqual([
    '{"index":0,"time":0,"process":13,"type":"invoke","f":"read","key":"x","value":null,"node":"n4"}',
    '{"index":1,"time":0,"process":13,"type":"ok","f":"read","key":"x","value":4}',
  ]);
});

test('a compare-and-set that was answered no is a failure named mismatch, however the client says it', async () => {
  const line =
    '{"index":1,"time":0,"process":13,"type":"fail","f":"cas","key":"x","value":[5,6],"error":"mismatch","node":"n1"}';
  expect((await record(cas, { kind: 'ok', output: false, from: { node: 'n1' } }))[1]).toBe(line);
  expect((await record(cas, { kind: 'fail', error: 'mismatch', from: { node: 'n1' } }))[1]).toBe(line);
});

test('a compare-and-set that succeeded keeps its value', async () => {
  expect((await record(cas, { kind: 'ok', output: true }))[1]).toBe(
    '{"index":1,"time":0,"process":13,"type":"ok","f":"cas","key":"x","value":[5,6]}',
  );
});

test('an answer that says more than that it was done stands in place of what was asked', async () => {
  const line = async (call: Call, output: Json): Promise<unknown> =>
    (JSON.parse((await record(call, { kind: 'ok', output }))[1]!) as HistoryLine).value;
  expect(await line({ f: 'dequeue', key: 'q', value: null }, 5)).toBe(5);
  expect(await line({ f: 'dequeue', key: 'q', value: null }, null)).toBe(null);
  expect(await line({ f: 'acquire', key: 'l', value: 3 }, false)).toBe(false);
  expect(await line({ f: 'enqueue', key: 'q', value: 5 }, null)).toBe(5);
  expect(await line({ f: 'read', key: 's', value: null }, [])).toEqual([]);
});

test('doubt is info, and so is a client that throws', async () => {
  const info = (error: string): string =>
    `{"index":1,"time":0,"process":13,"type":"info","f":"write","key":"x","value":5,"error":"${error}"}`;
  expect((await record(write, { kind: 'unknown', error: 'timeout' }))[1]).toBe(info('timeout'));
  expect((await record(write, new Error('socket gone')))[1]).toBe(info('the client threw: socket gone'));
});

test('an answer that comes after the end changes nothing: its operation is info already', () => {
  const types: string[] = [];
  const recorder = new Recorder(new MemoryCluster(), ({ type }) => types.push(type));
  recorder.invoke({ process: 1, call: write, entry: null, witnessOf: null });
  recorder.close('interrupted');
  recorder.complete(1, { kind: 'ok', output: null });
  expect(types).toEqual(['invoke', 'info']);
});

test('a process that asks twice at once is a defect', () => {
  const recorder = new Recorder(new MemoryCluster(), () => {});
  recorder.invoke({ process: 1, call: write, entry: null, witnessOf: null });
  expect(() => recorder.invoke({ process: 1, call: write, entry: null, witnessOf: null })).toThrow(
    /one operation open/,
  );
});
