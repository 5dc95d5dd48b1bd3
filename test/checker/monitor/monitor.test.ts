/** What the monitors say of chosen histories, word for word, and what replaying an order refuses. */
import { expect, test } from 'vitest';
import type { Call, Json, Operation } from '../../../checker/index.ts';
import type { Model } from '../../../checker/model/model.ts';
import { queue } from '../../../checker/model/collections.ts';
import { monitor } from '../../../checker/monitor/monitor.ts';
import { verifyCollection } from '../../../checker/monitor/verify-collection.ts';
import { explained, partOf, type Structure } from './random-parts.ts';

const MS = 1_000_000;

/** An operation of its own process, from one millisecond to another; without an end its outcome is unknown. */
function op(
  f: string,
  [fromMs, toMs]: readonly [number, number?],
  { asked = null, answer = null }: { readonly asked?: Json; readonly answer?: Json } = {},
): Omit<Operation, 'id' | 'process'> {
  return {
    input: { f, value: asked },
    callNs: fromMs * MS,
    outcome:
      toMs === undefined ? { kind: 'unknown', reason: 'timeout' } : { kind: 'ok', output: answer, returnNs: toMs * MS },
  };
}

function put(value: Json, times: readonly [number, number?], f = 'enqueue'): Omit<Operation, 'id' | 'process'> {
  return op(f, times, { asked: value });
}

function take(value: Json, times: readonly [number, number?], f = 'dequeue'): Omit<Operation, 'id' | 'process'> {
  return op(f, times, { answer: value });
}

function numbered(drafts: readonly Omit<Operation, 'id' | 'process'>[]): Operation[] {
  return drafts.map((draft, id) => ({ ...draft, id, process: id }));
}

/** The sentence, the minimal history with what is pinned in it, and the state before. */
function told(structure: Structure, drafts: readonly Omit<Operation, 'id' | 'process'>[]): readonly unknown[] {
  const operations = numbered(drafts);
  const part = partOf(operations, structure)!;
  const explanation = explained(part, operations);
  if (explanation === undefined) return [monitor(part)?.kind];
  const { counterexample, anomalies } = explanation;
  return [
    anomalies[0]!.class,
    anomalies[0]!.sentence,
    counterexample.minimal.map(({ operation, pinned }) => `${operation.id}${pinned ? ' pinned' : ''}`),
    counterexample.states,
  ];
}

test('a queue that gives back the second value first is told with both puts and the take', () => {
  expect(
    told('queue', [put(4, [0, 10]), put(5, [20, 30]), put(6, [22, 32]), take(5, [40, 50]), take(4, [60, 70])]),
  ).toEqual([
    'lost',
    'Client 3 dequeued 5 from the queue at 0.040 s, although 4 had been enqueued before it, by 0.010 s and was dequeued only from 0.060 s on.',
    ['0', '1 pinned', '3'],
    [{ state: 'the queue = [4, 5, 6]', reason: 'a dequeue gives 4 there' }],
  ]);
});

test('a crashed dequeue may have taken the value that is missing', () => {
  const drafts = [put(4, [0, 10]), put(5, [20, 30]), take(5, [40, 50])];
  expect(monitor(partOf(numbered(drafts), 'queue')!)?.kind).toBe('violation');
  const operations = numbered([...drafts, take(null, [45])]);
  const part = partOf(operations, 'queue')!;
  const result = monitor(part)!;
  expect(result.kind).toBe('ok');
  if (result.kind === 'ok') expect([...result.order]).toEqual([0, 1, 3, 2]);
});

test('one crashed dequeue cannot have taken two values, nor one before it began', () => {
  const missing = [put(3, [0, 1]), put(4, [2, 10]), put(5, [20, 30]), take(5, [40, 50])];
  expect(monitor(partOf(numbered([...missing, take(null, [15])]), 'queue')!)).toBeUndefined();
  expect(monitor(partOf(numbered([...missing.slice(1), take(null, [55])]), 'queue')!)).toBeUndefined();
});

test('what the seen takes prove holds whatever a crashed one took, and the seen takes stay in the proof', () => {
  const drafts = [take(null, [0]), put(4, [1, 10]), put(5, [20, 30]), take(5, [40, 50]), take(4, [60, 70])];
  expect(told('queue', drafts).slice(0, 3)).toEqual([
    'out-of-order',
    "Client 4's dequeue → 4 at 0.060 s fits in no order of the operations before it.",
    ['1 pinned', '2 pinned', '3', '4 pinned'],
  ]);
});

test('an empty answer while a value is in is told with the value', () => {
  expect(told('queue', [put(4, [0, 10]), take(null, [20, 30]), take(4, [25, 40])])).toEqual(['ok']);
  expect(told('queue', [put(4, [0, 10]), take(null, [20, 30]), take(4, [35, 40])])).toEqual([
    'lost',
    'Client 1 found the queue empty at 0.020 s, although 4 had been enqueued by 0.010 s and was dequeued only from 0.035 s on.',
    ['0', '1'],
    [{ state: 'the queue = [4]', reason: 'it is not empty' }],
  ]);
});

test('an empty answer that two values cover together is told with both', () => {
  const drafts = [put(4, [0, 10]), take(null, [20, 30]), put(5, [22, 24]), take(4, [26, 40]), take(5, [50, 60])];
  expect(told('unordered-queue', drafts).slice(0, 3)).toEqual([
    'lost',
    'Client 1 found the queue empty at 0.020 s, although 4 and 5 were in it one after another all the while.',
    ['0 pinned', '1', '2', '3 pinned'],
  ]);
});

test('a stack that gives back what is under another value is told with both', () => {
  const drafts = [
    put(4, [0, 10], 'push'),
    put(5, [20, 30], 'push'),
    take(4, [40, 50], 'pop'),
    take(5, [60, 70], 'pop'),
  ];
  expect(told('stack', drafts)).toEqual([
    'out-of-order',
    'Client 2 popped 4 from the stack at 0.040 s, although 5 had been pushed after it, by 0.030 s and was popped only from 0.060 s on.',
    ['0 pinned', '1', '2'],
    [{ state: 'the stack = [4, 5]', reason: 'a pop gives 5 there' }],
  ]);
});

test('three values of which each is in the way of another are no stack, though each two are', () => {
  const drafts = [
    put(1, [0, 10], 'push'),
    put(2, [5, 30], 'push'),
    put(3, [20, 50], 'push'),
    take(1, [40, 80], 'pop'),
    take(2, [60, 70], 'pop'),
    take(3, [75, 90], 'pop'),
  ];
  for (const value of [1, 2, 3]) {
    const others = drafts.filter(
      ({ input, outcome }) => input.value !== value && (outcome as { output?: Json }).output !== value,
    );
    expect(monitor(partOf(numbered(others), 'stack')!)?.kind).toBe('ok');
  }
  expect(monitor(partOf(numbered(drafts), 'stack')!)?.kind).toBe('ok');
  const worse = drafts.with(4, take(2, [60, 65], 'pop')).with(5, take(3, [66, 90], 'pop'));
  expect(monitor(partOf(numbered(worse), 'stack')!)?.kind).toBe('ok');
});

test('a value that nobody put in, one taken before it was put in, and one taken twice are told as such', () => {
  expect(told('stack', [take(9, [0, 10], 'pop')]).slice(0, 3)).toEqual([
    'never-written',
    'Client 0 popped 9 from the stack at 0.000 s, although 9 was never pushed.',
    ['0'],
  ]);
  expect(told('queue', [take(9, [0, 10]), put(9, [20, 30])]).slice(0, 3)).toEqual([
    'future-read',
    'Client 0 dequeued 9 from the queue at 0.000 s, 10 ms before 9 was first enqueued.',
    ['0'],
  ]);
  expect(told('unordered-queue', [put(9, [0, 5]), take(9, [0, 10]), take(9, [20, 30])]).slice(0, 3)).toEqual([
    'duplicate',
    'Client 2 dequeued 9 from the queue at 0.020 s, although client 1 dequeued it at 0.000 s and it was enqueued only once.',
    ['0 pinned', '1', '2'],
  ]);
});

test('a set that has lost a value is told with who added it', () => {
  const drafts = [
    op('add', [0, 10], { asked: 4 }),
    op('add', [0, 10], { asked: 5 }),
    op('contains', [20, 30], { asked: 4, answer: true }),
    op('contains', [40, 50], { asked: 4, answer: false }),
  ];
  expect(told('set', drafts)).toEqual([
    'lost',
    'Client 3 found 4 not in the set at 0.040 s, although it had been added by 0.010 s and nobody had removed it.',
    ['0', '3'],
    [{ state: 'the set = [4, 5]', reason: '4 is in it' }],
  ]);
});

test('a value that is put in twice decides nothing, but what is wrong with the others is wrong', () => {
  const twice = [put(1, [0, 1]), put(1, [2, 3])];
  expect(monitor(partOf(numbered(twice), 'queue')!)).toBeUndefined();
  expect(monitor(partOf(numbered([...twice, take(7, [4, 5])]), 'queue')!)?.kind).toBe('violation');
});

test('a value that is put in again later makes nothing undecided that was wrong before', () => {
  const drafts = [
    put(3, [0, 1]),
    put(4, [2, 12]),
    take(null, [3, 8]),
    take(5, [4, 9]),
    take(4, [5, 6]),
    take(null, [7, 11]),
    put(4, [10, 13]),
  ];
  expect(told('queue', drafts).slice(0, 3)).toEqual([
    'lost',
    'Client 4 dequeued 4 from the queue at 0.005 s, although 3 had been enqueued before it, by 0.001 s and nobody had dequeued it.',
    ['0', '1 pinned', '4'],
  ]);
});

test('operations that no monitor knows are left to the search', () => {
  expect(partOf(numbered([op('read', [0, 1], { answer: [] })]), 'set')).toBeUndefined();
  expect(partOf(numbered([op('enqueue', [0, 1], { asked: 3, answer: 4 })]), 'queue')).toBeUndefined();
  expect(partOf(numbered([op('peek', [0, 1])]), 'queue')).toBeUndefined();
});

test('a put is acknowledged with null, true or its own value', () => {
  for (const answer of [null, true, 3]) {
    const part = partOf(numbered([op('enqueue', [0, 1], { asked: 3, answer }), take(3, [2, 3])]), 'queue');
    expect(part && monitor(part)?.kind).toBe('ok');
  }
});

test('a model of another name is asked for its actions', () => {
  const own: Model<never, Call, Json> = { ...(queue() as Model<never, Call, Json>), name: 'mailbox' };
  const operations = numbered([
    put(4, [0, 10]),
    put(5, [20, 30]),
    take(null, [35]),
    take(5, [40, 50]),
    take(null, [60, 70]),
  ]);
  const told = monitor(partOf(operations, own)!);
  expect(told).toMatchObject({ kind: 'ok', order: Int32Array.of(0, 1, 2, 3, 4) });
  expect(told).toEqual(monitor(partOf(operations, 'queue')!));
});

test('replaying refuses an order that is late, short, doubled or not the collection’s', () => {
  const part = partOf(numbered([put(4, [0, 10]), put(5, [5, 30]), take(4, [40, 50]), take(null, [41])]), 'queue')!;
  const fault = (order: readonly number[], took?: readonly number[]): string | undefined =>
    verifyCollection(part, {
      order: Int32Array.from(order),
      took: took === undefined ? undefined : Int32Array.from(took),
    });
  expect(fault([0, 1, 2])).toBeUndefined();
  expect(fault([0, 1, 2, 3], [-1, -1, -1, 1])).toMatch('operation 3 is not possible');
  expect(fault([0, 1, 2, 3], [-1, -1, -1, part.value[1]!])).toBeUndefined();
  expect(fault([0, 1])).toBe('operation 2 is missing in the order');
  expect(fault([0, 1, 2, 2])).toBe('operation 2 stands twice in the order, or is not of this part');
  expect(fault([1, 0, 2])).toBe('operation 2 is not possible where it stands');
  expect(fault([0, 2, 1])).toBe('operation 1 stands after one that was called after its return');
});
