/**
 * Each cause is shown by a run of the simulator, mostly of a node with one broken rule, and what its sentence claims is looked up in the probes
 * again, by other code. The plans are drawn; the first that shows the cause is taken.
 */
import { expect, test } from 'vitest';
import { check, readJsonl, type Anomaly, type History, type Json, type Operation } from '../../checker/index.ts';
import type { Probe } from '../../src/contract/index.ts';
import { drawPlan, play, type PlanFrame } from '../../src/explore/index.ts';
import type { Cause } from '../../src/report/cause-kinds.ts';
import { causeOf, operationsById } from '../../src/report/cause.ts';
import { indexProbes } from '../../src/report/probe-index.ts';
import { findWorkload } from '../../workloads/index.ts';

/** Drawn plans that are tried. */
const MOST_PLANS = 150;

interface Shown {
  readonly cause: Cause;
  readonly anomaly: Anomaly;
  readonly read: Operation;
  readonly newer: Operation;
  readonly history: History;
  readonly probes: readonly Probe[];
}

interface Case {
  readonly kind: Cause['kind'];
  readonly of: string;
  readonly frame: PlanFrame;
  /** Draws before this one are known not to show it. */
  readonly from: number;
  /** Whether the files hold what the sentence says. */
  readonly holds: (shown: Shown, numbers: readonly number[]) => boolean;
}

type Apply = Extract<Probe, { readonly kind: 'apply' }>;

function appliesOf({ probes }: Shown, key: string, value: Json): readonly Apply[] {
  return probes.filter(
    (probe): probe is Apply =>
      probe.kind === 'apply' && probe.key === key && JSON.stringify(probe.value) === JSON.stringify(value),
  );
}

const keyOf = ({ read }: Shown): string => read.input.key!;
const returnOf = ({ outcome }: Operation): number => (outcome.kind === 'ok' ? outcome.returnNs : Infinity);
const near = (seconds: number, timeNs: number): boolean => Math.abs(seconds * 1e9 - timeNs) <= 500_001;

const CASES: readonly Case[] = [
  {
    kind: 'replica-behind',
    of: 'a follower answers reads by itself',
    frame: { mutant: 'M29', workload: 'register' },
    from: 0,
    holds: (shown, [reached, index]) =>
      shown.read.applied === reached &&
      reached! < index! &&
      appliesOf(shown, keyOf(shown), shown.anomaly.newer!.value).some(
        (one) => one.index === index && one.time < shown.read.callNs,
      ),
  },
  {
    kind: 'deposed-leader',
    of: 'a leader answers without asking whether it still leads',
    frame: { mutant: 'M30', workload: 'register' },
    from: 30,
    holds: ({ probes, read }, [term, , old]) =>
      old! < term! &&
      probes.some(
        (probe) =>
          probe.kind === 'role' &&
          probe.role === 'leader' &&
          probe.term === term &&
          probe.node !== read.node &&
          probe.time < read.callNs,
      ),
  },
  {
    kind: 'lost-entry',
    of: 'a leader acknowledges what it only appended, and another one replaces it',
    frame: { mutant: 'M38', workload: 'register' },
    from: 0,
    holds: ({ probes, read, newer }, numbers) => {
      const [at, index, term, , other] = numbers;
      const entry = (node: string | undefined, untilNs: number): Probe | undefined =>
        probes.findLast((it) => it.kind === 'append' && it.node === node && it.index === index && it.time <= untilNs);
      return (
        near(at!, returnOf(newer)) &&
        term !== other &&
        [entry(newer.node, returnOf(newer)), entry(read.node, read.callNs)].every(
          (probe, nth) => probe?.kind === 'append' && probe.entryTerm === [term, other][nth],
        )
      );
    },
  },
  {
    kind: 'acknowledged-early',
    of: 'a leader acknowledges what it only appended',
    frame: { mutant: 'M38', workload: 'register' },
    from: 0,
    holds: (shown, numbers) =>
      near(numbers[0]!, returnOf(shown.newer)) &&
      shown.newer.input.f === 'write' &&
      appliesOf(shown, keyOf(shown), shown.newer.input.value).every(({ time }) => time > returnOf(shown.newer)),
  },
  {
    kind: 'applied-twice',
    of: 'a client asks again under another number',
    frame: { mutant: 'M40', workload: 'register' },
    from: 0,
    holds: (shown, [first, between, , again]) => {
      const own = appliesOf(shown, keyOf(shown), shown.read.outcome.kind === 'ok' ? shown.read.outcome.output : null);
      const indexes = own.filter(({ node }) => node === shown.read.node).map(({ index }) => index);
      return first! < between! && between! < again! && indexes.includes(first!) && indexes.includes(again!);
    },
  },
  ...(['append', 'counter', 'queue', 'kv'] as const).map((workload): Case => ({
    kind: 'applied-twice',
    of: `a new leader does not know what its predecessor answered; ${workload}`,
    frame: { mutant: 'M42', workload },
    from: 0,
    // What each of the two entries added is looked up as the difference to the state before it.
    holds: ({ probes, read }, numbers) => {
      const [value, first, at, again, second] = numbers;
      const own = probes.filter(
        (probe): probe is Apply => probe.kind === 'apply' && probe.node === read.node && probe.key === read.input.key,
      );
      const adds = (index: number | undefined): boolean => {
        const nth = own.findIndex((probe) => probe.index === index);
        const [before, after] = [own[nth - 1]?.value, own[nth]?.value];
        if (typeof after === 'number') return after - Number(before) === value;
        if (typeof after === 'string') return typeof before === 'string' && after.slice(before.length) === `<${value}>`;
        return Array.isArray(after) && after.at(-1) === value;
      };
      const times = [at, again].map((time, nth) =>
        own.some((probe) => probe.index === [first, second][nth] && near(time!, probe.time)),
      );
      return first! < second! && adds(first) && adds(second) && times.every(Boolean);
    },
  })),
  {
    kind: 'dirty-read',
    of: 'a leader answers from entries that are not committed',
    frame: { mutant: 'M39', workload: 'register' },
    from: 50,
    holds: (shown, numbers) =>
      near(numbers[0]!, returnOf(shown.newer)) &&
      shown.newer.input.f === 'read' &&
      appliesOf(shown, keyOf(shown), shown.anomaly.newer!.value).every(({ time }) => time > returnOf(shown.newer)),
  },
  {
    kind: 'went-back',
    of: 'a node that started anew answers before it knows what is committed',
    frame: { mutant: null, workload: 'register', reads: 'local', kinds: ['kill'] },
    from: 0,
    holds: ({ probes, read }, [index, at, reached, restart]) =>
      read.applied === reached &&
      index! > reached! &&
      probes.some((it) => it.kind === 'apply' && it.node === read.node && it.index === index && near(at!, it.time)) &&
      probes.some(
        (it) => it.kind === 'start' && it.node === read.node && near(restart!, it.time) && it.time < read.callNs,
      ),
  },
  {
    kind: 'unknown',
    of: 'a follower that only the leader keeps from applying',
    frame: { mutant: 'M46', workload: 'register' },
    from: 0,
    holds: ({ cause }) => cause.headline === 'Cause not known.',
  },
];

test.each(CASES)('$kind: $of', async ({ kind, frame, from, holds }) => {
  const shown = await firstOf(kind, frame, from);
  const numbers = numbersOf(shown);
  expect(holds(shown, numbers), `${shown.anomaly.sentence} ${shown.cause.sentence}`).toBe(true);
  expect(
    holds(
      shown,
      numbers.map((number) => number + 1),
    ) && kind !== 'unknown',
  ).toBe(false);
});

test('of a correct node with reads that may be old no cause is told that only a broken one has', async () => {
  const told = new Set<string>();
  for (let nth = 0; nth < 40; nth++) {
    for (const reads of ['local', 'leader'] as const)
      for (const { cause } of await causesOf(drawPlan(`correct-${nth}`, { mutant: null, workload: 'register', reads })))
        told.add(cause.kind);
  }
  for (const workload of ['counter', 'append', 'kv'] as const)
    for (let nth = 0; nth < 12; nth++)
      for (const { cause } of await causesOf(drawPlan(`correct-${nth}`, { mutant: null, workload, reads: 'local' })))
        told.add(cause.kind);
  expect(told).toContain('replica-behind');
  expect(
    [...told].filter((kind) => !['replica-behind', 'deposed-leader', 'went-back', 'unknown'].includes(kind)),
  ).toEqual([]);
});

async function firstOf(kind: Cause['kind'], frame: PlanFrame, from: number): Promise<Shown> {
  for (let nth = from; nth < from + MOST_PLANS; nth++) {
    const found = (await causesOf(drawPlan(`cause-${frame.mutant}-${nth}`, frame))).find(
      ({ cause }) => cause.kind === kind,
    );
    if (found !== undefined) return found;
  }
  throw new Error(`no ${kind} in ${MOST_PLANS} plans`);
}

async function causesOf(plan: ReturnType<typeof drawPlan>): Promise<readonly Shown[]> {
  const { historyText, probes } = await play(plan);
  const history = readJsonl(historyText, 'simulation');
  const { anomalies } = check(history, findWorkload(plan.workload).model);
  const operations = operationsById(history.operations, anomalies);
  const index = indexProbes(probes);
  return anomalies.flatMap((anomaly) => {
    const cause = causeOf(anomaly, index, operations);
    const read = operations.get(anomaly.operation);
    // Only a stale read has a newer value; of others nobody asks for it.
    const newer = anomaly.newer === undefined ? read : operations.get(anomaly.newer.operation);
    return cause === null || read === undefined || newer === undefined
      ? []
      : [{ cause, anomaly, read, newer, history, probes }];
  });
}

/** Those of the sentence in their order, but for the numbers of nodes and the values of the key. */
function numbersOf({ cause, read }: Shown): readonly number[] {
  const words = cause.sentence
    .replaceAll(new RegExp(`\\b${read.input.key} = \\S+`, 'g'), 'it')
    .replace(/\bn\d+\b/g, 'node');
  return (words.match(/\d[\d,]*(?:\.\d+)?/g) ?? []).map((number) => Number(number.replaceAll(',', '')));
}
