/** Whole runs on a cluster in memory under virtual time: faults, final reads, Ctrl-C. */
import { expect, test } from 'vitest';
import { NS_PER_MS } from '../../src/base/time.ts';
import type { FaultLine, FaultStep, HistoryLine, Plan } from '../../src/contract/index.ts';
import { MemoryCluster } from './memory-cluster.ts';
import { keyNames } from '../../src/run/plan.ts';
import { planOf, runOn, type Ran } from './world.ts';

/** A step as a plan would hold it. */
function stepOf(step: Partial<FaultStep> & Pick<FaultStep, 'id' | 'kind' | 'target'>): FaultStep {
  return { atMs: 500, forMs: 1000, maxMs: step.forMs ?? 1000, heal: 'time', draw: 0, ...step };
}

function withSteps(plan: Plan, steps: readonly FaultStep[]): Plan {
  return { ...plan, steps };
}

function linesOfProcess({ history }: Ran): ReadonlyMap<number, readonly HistoryLine[]> {
  const lines = new Map<number, HistoryLine[]>();
  for (const line of history) lines.set(line.process, [...(lines.get(line.process) ?? []), line]);
  return lines;
}

function heals(faults: readonly FaultLine[]): readonly Extract<FaultLine, { event: 'heal' }>[] {
  return faults.filter((line) => line.event === 'heal');
}

test('a run lasts its time, does every step and leaves the cluster healed', async () => {
  const cluster = new MemoryCluster();
  const { plan, outcome, faults } = await runOn(cluster, planOf());
  expect(outcome).toMatchObject({ interrupted: false, finalReads: { keys: 5, missing: [] } });
  expect(outcome.durationNs).toBeGreaterThanOrEqual(20_000 * NS_PER_MS);
  expect(faults.flatMap((line) => (line.event === 'inject' ? [line.id] : []))).toEqual(plan.steps.map(({ id }) => id));
  expect(heals(faults).map(({ effective }) => effective)).toEqual(plan.steps.map(() => true));
  expect(cluster.log.filter((it) => it.startsWith('heal ')).length).toBe(cluster.log.length / 2);
});

test('the same plan on the same cluster is the same history', async () => {
  const plan = planOf({ time: '5s' });
  const [first, second] = [await runOn(new MemoryCluster(), plan), await runOn(new MemoryCluster(), plan)];
  expect(second.history).toEqual(first.history);
  expect(second.faults).toEqual(first.faults);
});

test('lines count up from 0 and their times never run backwards', async () => {
  const { history } = await runOn(new MemoryCluster(), planOf({ time: '5s' }));
  expect(history.map(({ index }) => index)).toEqual(history.map((_, i) => i));
  expect(history.every(({ time }, i) => Number.isInteger(time) && time >= (history[i - 1]?.time ?? 0))).toBe(true);
});

test('a process has one operation open at a time and is never used again after info', async () => {
  const ran = await runOn(new MemoryCluster(), planOf({ faults: 'pause', time: '8s' }));
  const ofProcess = [...linesOfProcess(ran).values()].map((lines) => lines.map(({ type }) => type));
  for (const types of ofProcess) {
    expect(types.every((type, i) => (type === 'invoke') === (i % 2 === 0))).toBe(true);
    expect(types.indexOf('info')).toBeOneOf([-1, types.length - 1]);
  }
  expect(ofProcess.filter((types) => types.at(-1) === 'info').length).toBeGreaterThan(3);
});

test('after info a client goes on as process + number of clients', async () => {
  const ran = await runOn(new MemoryCluster(), planOf({ faults: 'pause', time: '8s', clients: '7' }));
  const processes = [...linesOfProcess(ran).keys()];
  for (const slot of [0, 1, 2, 3, 4, 5, 6]) {
    const ofSlot = processes.filter((process) => process % 7 === slot);
    expect(ofSlot).toEqual(ofSlot.map((_, i) => slot + 7 * i));
  }
  expect(processes.length).toBeGreaterThan(20);
});

test('at every node stands a witness, which only reads and only there', async () => {
  const ran = await runOn(new MemoryCluster(), planOf({ faults: 'none', time: '1s', reads: 'local' }));
  const loopEndNs = 1000 * NS_PER_MS;
  const asked = ran.history.filter(
    ({ type, process, time }) => type === 'invoke' && process % 10 >= 5 && time < loopEndNs,
  );
  expect(new Set(asked.map(({ f }) => f))).toEqual(new Set(['read']));
  const nodesOfWitnesses = [5, 6, 7, 8, 9].map((slot) => {
    return [...new Set(asked.flatMap(({ process, node }) => (process % 10 === slot ? [node] : [])))];
  });
  expect(nodesOfWitnesses).toEqual([['n1'], ['n2'], ['n3'], ['n4'], ['n5']]);
});

test('what a slot asks does not depend on timing', async () => {
  const flags = { workload: 'register', time: '5s', clients: '4' };
  const calm = await runOn(new MemoryCluster(), planOf({ ...flags, faults: 'none' }));
  const hurt = await runOn(new MemoryCluster(), planOf({ ...flags, faults: 'pause:leader,kill' }));
  for (const slot of [0, 1, 2, 3]) {
    const asked = ({ history }: Ran): readonly unknown[] =>
      history
        .filter((it) => it.type === 'invoke' && it.process % 4 === slot)
        .map(({ f, key, value }) => [f, key, value]);
    const common = Math.min(asked(calm).length, asked(hurt).length) - 20;
    expect(common).toBeGreaterThan(50);
    expect(asked(hurt).slice(0, common)).toEqual(asked(calm).slice(0, common));
  }
});

test('a paced run keeps to its rate', async () => {
  const { history } = await runOn(new MemoryCluster(), planOf({ faults: 'none', time: '5s', rate: '100/s' }));
  const begun = history.filter(({ type, time }) => type === 'invoke' && time < 5000 * NS_PER_MS).length;
  expect(begun).toBeGreaterThan(480);
  expect(begun).toBeLessThanOrEqual(510);
});

test('the final reads ask for every key in the strongest mode, and in a local mode at every node', async () => {
  const strong = await runOn(new MemoryCluster(), planOf({ faults: 'none', time: '1s' }));
  const local = await runOn(new MemoryCluster(), planOf({ faults: 'none', time: '1s', reads: 'local' }));
  const lastReads = ({ history }: Ran, count: number): readonly unknown[] =>
    history
      .filter(({ type, f }) => type === 'ok' && f === 'read')
      .slice(-count)
      .map(({ key }) => key!)
      .toSorted((a, b) => a.localeCompare(b));
  expect(lastReads(strong, 5)).toEqual(['k4', 'k5', 'x', 'y', 'z']);
  const each = ['k4', 'k5', 'x', 'y', 'z'].flatMap((key) => Array.from({ length: 6 }, () => key));
  expect(lastReads(local, 30)).toEqual(each);
});

test('a key whose final read is not answered for 30 s is named', async () => {
  const cluster = new MemoryCluster({ deafKeys: ['y'] });
  const { outcome } = await runOn(cluster, planOf({ faults: 'none', time: '1s', clients: '2' }));
  expect(outcome.finalReads).toEqual({ keys: 5, missing: ['y'] });
  expect(cluster.now()).toBeGreaterThan(30_000 * NS_PER_MS);
});

test('however many keys stay silent, the final reads end after 30 s', async () => {
  const deafKeys = keyNames(100);
  const cluster = new MemoryCluster({ deafKeys });
  const { outcome } = await runOn(cluster, planOf({ faults: 'none', time: '1s', clients: '2', keys: '100' }));
  expect(outcome.finalReads).toEqual({ keys: 100, missing: deafKeys });
  expect(cluster.now()).toBeLessThan(35_000 * NS_PER_MS);
});

test('an interrupted run heals, writes what is open as info and asks no more', async () => {
  const plan = withSteps(planOf({ faults: 'none' }), [stepOf({ id: 1, kind: 'pause', target: 'leader', forMs: 5000 })]);
  const cluster = new MemoryCluster();
  const { outcome, history, faults } = await runOn(cluster, plan, 700);
  expect(outcome.interrupted).toBe(true);
  expect(cluster.now()).toBeLessThan(750 * NS_PER_MS);
  expect(heals(faults).map(({ id }) => id)).toEqual([1]);
  const open =
    history.filter(({ type }) => type === 'invoke').length - history.filter(({ type }) => type !== 'invoke').length;
  expect(open).toBe(0);
  expect(history.at(-1)).toMatchObject({ type: 'info', error: 'interrupted' });
});

test('what still hurts at the end is undone in reverse order', async () => {
  const late = { atMs: 500, forMs: 60_000, maxMs: 60_000 };
  const plan = withSteps(planOf({ faults: 'none', time: '2s' }), [
    stepOf({ ...late, id: 1, kind: 'pause', target: 'any', draw: 0.9 }),
    stepOf({ ...late, id: 2, kind: 'partition', target: 'any', draw: 0.5, atMs: 600 }),
    stepOf({ ...late, id: 3, kind: 'kill', target: 'any', draw: 0.3, atMs: 700 }),
  ]);
  const { faults } = await runOn(new MemoryCluster(), plan);
  expect(faults.map(({ event, id }) => `${event} ${id}`)).toEqual([
    'inject 1',
    'inject 2',
    'inject 3',
    'heal 3',
    'heal 2',
    'heal 1',
  ]);
});

test('a fault of the leader lasts until a newer write was acknowledged and a witness asked the deposed leader again', async () => {
  const step = { heal: 'stale-window', forMs: 50, maxMs: 4000, target: 'leader' } as const;
  for (const kind of ['pause', 'partition'] as const) {
    const plan = withSteps(planOf({ faults: 'none', time: '6s' }), [stepOf({ id: 1, kind, ...step })]);
    const { faults, history } = await runOn(new MemoryCluster(), plan);
    const [inject, heal] = faults;
    expect(inject).toMatchObject({ event: 'inject', nodes: ['n1'], leader: { node: 'n1', term: 1 } });
    expect(heal).toMatchObject({ event: 'heal', effective: true, window: true });
    const between = history.filter(({ time }) => time > inject!.time && time <= heal!.time);
    const isNewer = (line: HistoryLine): boolean => line.type === 'ok' && line.f !== 'read' && line.term === 2;
    const asked = between.filter(({ type, process }) => type === 'invoke' && process % 10 === 5);
    expect(
      asked.some((read) => between.some((line) => isNewer(line) && line.key === read.key && line.index < read.index)),
    ).toBe(true);
  }
});

test('a stopped leader is woken while a witness waits for it, so that a stale answer is seen', async () => {
  const plan = withSteps(planOf({ faults: 'none', time: '6s', reads: 'leader' }), [
    stepOf({ id: 1, kind: 'pause', target: 'leader', heal: 'stale-window', maxMs: 4000 }),
  ]);
  const { faults, history } = await runOn(new MemoryCluster(), plan);
  const healedNs = heals(faults)[0]!.time;
  const answer = history.find(
    ({ type, node, time }) => type === 'ok' && node === 'n1' && time >= healedNs - 5 * NS_PER_MS,
  )!;
  const asked = history.findLast(({ type, process, index }) => {
    return type === 'invoke' && process === answer.process && index < answer.index;
  })!;
  const newer = history.find(({ type, f, key, term, index }) => {
    return type === 'ok' && f !== 'read' && key === asked.key && term === 2 && index < asked.index;
  });
  expect(answer.term).toBe(1);
  expect(newer).toBeDefined();
});

test('a leader fault without its window ends after its longest time and says so', async () => {
  const plan = withSteps(planOf({ faults: 'none', time: '6s', clients: '1' }), [
    stepOf({ id: 1, kind: 'partition', target: 'leader', heal: 'stale-window', forMs: 100, maxMs: 2000 }),
  ]);
  const { faults } = await runOn(new MemoryCluster(), plan);
  expect(faults[1]).toMatchObject({ event: 'heal', window: false });
  expect((faults[1]!.time - faults[0]!.time) / NS_PER_MS).toBeGreaterThanOrEqual(2000);
});

test('a step that finds no leader waits a while and is then skipped', async () => {
  const plan = withSteps(planOf({ faults: 'none', time: '6s' }), [
    stepOf({ id: 1, kind: 'kill', target: 'majority', forMs: 4000 }),
    stepOf({ id: 2, kind: 'pause', target: 'leader', atMs: 1000 }),
  ]);
  const { faults } = await runOn(new MemoryCluster(), plan);
  expect(faults.find(({ id }) => id === 2)).toMatchObject({ event: 'skip', reason: 'no leader is known' });
});

test('an idle fault is written as not effective', async () => {
  const { faults } = await runOn(new MemoryCluster({ invulnerable: true }), planOf({ faults: 'kill', time: '5s' }));
  expect(heals(faults).length).toBeGreaterThan(0);
  expect(heals(faults).every(({ effective }) => !effective)).toBe(true);
});
