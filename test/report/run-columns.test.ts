/** What the explorer's data brings is what went in, whatever the operations were, and as many as fit a page. */
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Json } from '../../checker/index.ts';
import { embed } from '../../src/report/explorer/embed.ts';
import { barAt, decodeRun, encodeRun, type RunMeta, unitFor } from '../../src/report/explorer/run-columns.ts';
import { type Bar, barsOf } from '../../src/report/scene.ts';
import { wholeAxis } from '../../src/report/whole/axis.ts';
import { staleRun } from './fixture.ts';

const META: RunMeta = { isTimed: true, endNs: 1, unitNs: 1, total: 0, faults: [] };

const name = fc.option(fc.string({ maxLength: 6 }), { nil: undefined });
const value: fc.Arbitrary<Json> = fc.oneof(
  fc.integer(),
  fc.constantFrom(2 ** 52, -(2 ** 50), 0.5, null, true, '', '[1,2]'),
  fc.tuple(fc.integer(), fc.integer()),
  fc.array(fc.integer({ max: 9, min: 0 }), { maxLength: 5 }),
  fc.string({ maxLength: 20, unit: 'grapheme' }),
);

interface Drawn {
  readonly kind: Bar['kind'];
  readonly gapNs: number;
  readonly tookNs: number | null;
  readonly client: number;
  readonly id: number;
  readonly f: string;
  readonly key: string | undefined;
  readonly asked: Json;
  readonly answered: Json;
  readonly entryNode: string | undefined;
  readonly node: string | undefined;
  readonly note: string;
}

const drawn: fc.Arbitrary<Drawn> = fc.record({
  kind: fc.constantFrom('change', 'read', 'mismatch', 'unknown', 'refused'),
  gapNs: fc.nat(2 ** 30),
  tookNs: fc.option(fc.nat(2 ** 40)),
  client: fc.integer({ min: 0, max: 2 ** 31 }),
  id: fc.nat(2 ** 31),
  f: fc.string({ maxLength: 4 }),
  key: name,
  asked: value,
  answered: value,
  entryNode: name,
  node: name,
  note: fc.string({ maxLength: 5 }),
});

test('every operation comes back as it was', () => {
  fc.assert(
    fc.property(fc.array(drawn, { maxLength: 60 }), fc.array(fc.nat(59)), (operations, wrong) => {
      const bars = barsFrom(operations);
      const bad = new Set(wrong.flatMap((at) => bars[at]?.id ?? []));
      const run = decodeRun(encodeRun(bars, META, bad));
      expect(run.count).toBe(bars.length);
      expect(bars.map((_, at) => barAt(run, at))).toEqual(bars);
      expect([...run.isBad].map((it) => it === 1)).toEqual(bars.map(({ id }) => bad.has(id)));
    }),
    { numRuns: 300 },
  );
});

test('a value that is too long for a page is cut, and said to be', () => {
  const [bar] = barsFrom([{ ...PLAIN, asked: Array.from({ length: 500 }, (_, at) => at) }]);
  const kept = barAt(decodeRun(encodeRun([bar!], META, new Set())), 0).input.value as string;
  expect(kept).toMatch(/^\[0,1,2,3.*…$/);
  expect(kept.length).toBeLessThan(200);
});

test('times of a long run are kept to the microsecond, those of a short one and of event numbers exactly', () => {
  expect([unitFor(1000, true), unitFor(1_000_000, true), unitFor(1_000_000, false)]).toEqual([1, 1000, 1]);
  const [bar] = barsFrom([{ ...PLAIN, gapNs: 1_234_567_890, tookNs: 7_654_321 }]);
  const kept = barAt(decodeRun(encodeRun([bar!], { ...META, unitNs: 1000 }, new Set())), 0);
  expect([kept.fromNs, kept.toNs]).toEqual([1_234_568_000, 1_242_222_000]);
});

test('what does not fit brings the operations around the anomaly, and says how many of how many', () => {
  const bars = barsOf(staleRun().history);
  const axis = wholeAxis({ bars, faults: [], badNs: [], isTimed: true });
  const input = { axis, bars, bad: new Set<number>(), atNs: bars[500]!.fromNs };
  const whole = embed(input);
  expect(whole).toMatchObject({ shown: bars.length, total: bars.length });
  const most = Math.floor(whole.base64.length / 2);
  const part = embed(input, most);
  expect(part.base64.length).toBeLessThanOrEqual(most);
  expect(part.total).toBe(bars.length);
  const run = decodeRun(gunzipSync(Buffer.from(part.base64, 'base64')));
  expect(run.count).toBe(part.shown);
  expect(part.shown).toBeGreaterThan(bars.length / 4);
  expect([...run.id]).toContain(bars[500]!.id);
  expect(run.meta.total).toBe(bars.length);
  const [first, last] = [run.id[0]!, run.id.at(-1)!];
  expect([...run.id]).toEqual(bars.map(({ id }) => id).slice(idAt(bars, first), idAt(bars, last) + 1));
});

function idAt(bars: readonly Bar[], id: number): number {
  return bars.findIndex((bar) => bar.id === id);
}

const PLAIN: Drawn = {
  kind: 'change',
  gapNs: 1,
  tookNs: 1,
  client: 0,
  id: 0,
  f: 'write',
  key: 'x',
  asked: 1,
  answered: null,
  entryNode: 'n1',
  node: 'n1',
  note: '',
};

/** Bars as the timeline has them: only what can be known of each kind. */
function barsFrom(operations: readonly Drawn[]): readonly Bar[] {
  let atNs = 0;
  return operations.map((it): Bar => {
    atNs += it.gapNs;
    const { kind, id, client } = it;
    const isAnswered = kind !== 'unknown' && kind !== 'refused';
    const toNs = kind === 'unknown' && it.tookNs === null ? Infinity : atNs + (it.tookNs ?? 0);
    const input = { f: it.f, value: it.asked, ...(it.key === undefined ? {} : { key: it.key }) };
    const entryNode = kind === 'refused' ? undefined : it.entryNode;
    const node = it.node ?? entryNode;
    const note = isAnswered ? '' : it.note;
    const common = { id, client, input, kind, fromNs: atNs, toNs, entryNode, note };
    if (kind === 'refused') return { ...common, operation: null };
    const outcome = isAnswered
      ? ({ kind: 'ok', output: it.answered, returnNs: toNs } as const)
      : ({ kind: 'unknown', reason: note } as const);
    const nodes = { ...(entryNode === undefined ? {} : { entryNode }), ...(node === undefined ? {} : { node }) };
    return { ...common, operation: { id, process: client, input, callNs: atNs, outcome, ...nodes } };
  });
}
