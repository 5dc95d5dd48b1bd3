/** Where the explorer lays operations out: event order is the order of events and nothing else, and a window sees all that it should. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { layOut, placesWithin } from '../../src/client/explorer/layout.ts';
import { Window } from '../../src/client/explorer/window.ts';
import { decodeRun, encodeRun, type RunColumns } from '../../src/report/explorer/run-columns.ts';
import type { Bar } from '../../src/report/scene.ts';

const operations = fc.array(
  fc.record({
    fromNs: fc.nat(50),
    tookNs: fc.option(fc.nat(20)),
    client: fc.nat(3),
    key: fc.constantFrom('x', 'y'),
  }),
  { minLength: 1, maxLength: 40 },
);
type Drawn = readonly {
  readonly fromNs: number;
  readonly tookNs: number | null;
  readonly client: number;
  readonly key: string;
}[];

test('in event order every event of the chosen key has a place of its own, answers before later invocations', () => {
  fc.assert(
    fc.property(operations, fc.constantFrom(-1, 0), (drawn, key) => {
      const run = runOf(drawn);
      const { lanes, start, end, length } = layOut(run, { key, isOrdered: true });
      const rows = lanes.flatMap((lane) => [...lane.rows]);
      expect(rows.toSorted((a, b) => a - b)).toEqual(
        [...run.key.keys()].filter((row) => key < 0 || run.key[row] === key),
      );
      const answered = rows.filter((row) => run.to[row] !== Infinity);
      const places = [...rows.map((row) => start[row]!), ...answered.map((row) => end[row]!)];
      expect(places.toSorted((a, b) => a - b)).toEqual(places.map((_, at) => at));
      expect(rows.filter((row) => run.to[row] === Infinity).every((row) => end[row] === length)).toBe(true);
      for (const a of rows) for (const b of rows) expect(end[a]! < start[b]!).toBe(run.to[a]! < run.from[b]!);
    }),
    { numRuns: 300 },
  );
});

test('a window sees exactly the operations that are in it, and perhaps some that an endless one hides', () => {
  fc.assert(
    fc.property(operations, fc.nat(60), fc.nat(30), (drawn, from, span) => {
      const { lanes, start, end } = layOut(runOf(drawn), { key: -1, isOrdered: false });
      for (const lane of lanes) {
        const [first, last] = placesWithin(lane, start, from, from + span);
        const seen = [...lane.rows.subarray(first, last)];
        const isIn = (row: number): boolean => start[row]! < from + span && end[row]! >= from;
        expect(seen).toEqual(expect.arrayContaining([...lane.rows].filter(isIn)));
        if (seen.length > 0) expect(isIn(seen[0]!)).toBe(true);
        expect(seen.every((row) => start[row]! < from + span)).toBe(true);
      }
    }),
    { numRuns: 300 },
  );
});

test('the window never leaves the run, and a zoom holds what is pointed at', () => {
  const window = new Window();
  window.reset(1000, 10);
  window.zoom(0.1, 300);
  expect([window.from, window.to].map(Math.round)).toEqual([270, 370]);
  window.moveBy(-100);
  expect([window.from, window.to].map(Math.round)).toEqual([0, 100]);
  window.moveBy(1e9);
  expect([window.from, window.to].map(Math.round)).toEqual([900, 1000]);
  window.zoom(1e-9, 950);
  expect(window.span).toBe(10);
  window.zoom(1e9, 950);
  expect([window.from, window.to]).toEqual([0, 1000]);
});

function runOf(drawn: Drawn): RunColumns {
  const bars = drawn
    .toSorted((left, right) => left.fromNs - right.fromNs)
    .map(({ fromNs, tookNs, client, key }, id): Bar => {
      const toNs = tookNs === null ? Infinity : fromNs + tookNs;
      const input = { f: 'write', key, value: id };
      const common = { id, input, entryNode: undefined };
      const outcome =
        tookNs === null
          ? ({ kind: 'unknown', reason: 'timeout' } as const)
          : ({ kind: 'ok', output: null, returnNs: toNs } as const);
      const kind = tookNs === null ? 'unknown' : 'change';
      const operation = { id, process: client, input, callNs: fromNs, outcome };
      return { ...common, client, kind, fromNs, toNs, operation, note: '' };
    });
  const meta = { isTimed: true, endNs: 70, unitNs: 1, total: bars.length, faults: [] };
  return decodeRun(encodeRun(bars, meta, new Set()));
}
