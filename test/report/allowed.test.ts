/** The "x must be" lane: which values the acknowledgements leave possible. */
import { describe, expect, test } from 'vitest';
import type { Operation } from '../../checker/index.ts';
import { allowedSpans, versionsOf } from '../../src/report/allowed.ts';
import { operation } from './fixture.ts';

const write = (value: number, callNs: number, returnNs: number): Operation =>
  operation({ id: callNs, process: 0, f: 'write', value, output: null, callNs, returnNs, node: 'n1' });
const read = (output: number | null, callNs: number, returnNs: number): Operation =>
  operation({ id: callNs, process: 1, f: 'read', value: null, output, callNs, returnNs, node: 'n1' });
const cas = (from: number, to: number, callNs: number, returnNs: number, output = true): Operation =>
  operation({ id: callNs, process: 2, f: 'cas', value: [from, to], output, callNs, returnNs, node: 'n1' });
const lost = ({ id, process, input, callNs }: Operation): Operation => ({
  id,
  process,
  input,
  callNs,
  outcome: { kind: 'unknown', reason: 'timeout' },
});

/** The values possible at an instant. */
function possible(operations: readonly Operation[], timeNs: number): readonly unknown[] {
  return versionsOf(operations)!
    .filter(({ fromNs, goneNs }) => fromNs <= timeNs && timeNs <= goneNs)
    .map(({ value }) => value);
}

describe('a value', () => {
  const history = [write(1, 10, 20), write(2, 50, 60)];

  test('is null before the first write', () => expect(possible(history, 5)).toEqual([null]));
  test('may be old or new while a write is open', () => expect(possible(history, 15)).toEqual([null, 1]));
  test('is certain once acknowledged', () => expect(possible(history, 30)).toEqual([1]));
  test('may be either at the very instant of the acknowledgement', () => expect(possible(history, 60)).toEqual([1, 2]));
  test('is gone once a newer one is acknowledged', () => expect(possible(history, 61)).toEqual([2]));
});

test('of two writes at once either may be the last', () => {
  expect(possible([write(1, 10, 20), write(2, 12, 22)], 100)).toEqual([1, 2]);
});

test('a value that was read is current from then on, before its write was acknowledged', () => {
  const history = [write(1, 10, 20), write(2, 50, 90), read(2, 55, 60)];
  expect(possible(history, 59)).toEqual([1, 2]);
  expect(possible(history, 61)).toEqual([2]);
});

test('a write without an answer stays possible once somebody saw it', () => {
  const history = [write(1, 10, 20), lost(write(2, 30, 40)), read(2, 70, 75)];
  expect(possible(history, 60)).toEqual([1, 2]);
  expect(possible(history, 80)).toEqual([2]);
});

test('a write without an answer that nobody saw is left out', () => {
  expect(possible([write(1, 10, 20), lost(write(2, 30, 40))], 60)).toEqual([1]);
});

test('a compare-and-set writes its new value, one answered no writes nothing', () => {
  const history = [write(1, 10, 20), cas(1, 2, 30, 40), cas(1, 3, 50, 60, false)];
  expect(possible(history, 70)).toEqual([2]);
});

test('there is no lane where a value was written twice', () => {
  expect(versionsOf([write(1, 10, 20), write(1, 30, 40)])).toBeNull();
});

test('there is no lane for operations that are not a register’s', () => {
  const enqueue = operation({
    id: 0,
    process: 0,
    f: 'enqueue',
    value: 1,
    output: null,
    callNs: 0,
    returnNs: 1,
    node: 'n1',
  });
  expect(versionsOf([enqueue])).toBeNull();
});

test('a window is cut where the possible values change', () => {
  const spans = allowedSpans(versionsOf([write(1, 10, 20), write(2, 50, 60)])!, { fromNs: 15, toNs: 70 });
  expect(spans).toEqual([
    { fromNs: 15, toNs: 20, values: [null, 1] },
    { fromNs: 20, toNs: 50, values: [1] },
    { fromNs: 50, toNs: 60, values: [1, 2] },
    { fromNs: 60, toNs: 70, values: [2] },
  ]);
});
