/** What a finished run comes to, from its files alone: verdicts, counts, vacuous runs, exit codes. */
import { expect, test } from 'vitest';
import { readJsonl } from '../../checker/index.ts';
import type { FaultLine, Plan, Probe, RunEnd, RunFile, RunResult } from '../../src/contract/index.ts';
import { commandFor, evaluate } from '../../src/run/index.ts';
import { exitCode } from '../../src/run/evaluate.ts';
import { vacuousReasons } from '../../src/run/vacuous.ts';
import { DEFAULT_WORLD } from '../../src/explore/world.ts';
import { MemoryCluster } from './memory-cluster.ts';
import { planOf, runOn, type Ran } from './world.ts';

const ENDED: RunEnd = {
  interrupted: false,
  durationNs: 20e9,
  readyMs: 700,
  eventLoopDelayMs: { p99: 1, max: 2 },
  finalReads: { keys: 5, missing: [] },
};

function runFileOf(plan: Plan, ended: RunEnd | null, expected: RunResult['expected'] = 'ok'): RunFile {
  return {
    format: 1,
    run: 'run',
    plan,
    expected,
    command: commandFor(plan, expected),
    startedMs: 0,
    system: { name: 'memory', version: '1', nodes: plan.nodes },
    machine: { node: 'v20', platform: 'linux', cpus: 2 },
    ended,
  };
}

/** Judges what was run; parts of it replaced. */
function judge(
  ran: Pick<Ran, 'plan' | 'history'>,
  it: {
    ended?: RunEnd | null;
    faults?: readonly FaultLine[];
    probes?: readonly Probe[];
    expected?: RunResult['expected'];
  },
): RunResult {
  const text = ran.history.map((line) => `${JSON.stringify(line)}\n`).join('');
  const record = {
    run: runFileOf(ran.plan, it.ended === undefined ? ENDED : it.ended, it.expected),
    history: readJsonl(text, 'history.jsonl', { clients: ran.plan.clients }),
    faults: it.faults ?? [],
    probes: it.probes ?? [],
  };
  return evaluate(record, { nowMs: () => 0 }).result;
}

test('a good run is linearizable, with the numbers of its files', async () => {
  const cluster = new MemoryCluster();
  const ran = await runOn(cluster, planOf());
  const result = judge(ran, { faults: ran.faults, probes: cluster.probes });
  expect(result).toMatchObject({ verdict: 'linearizable', reason: null, exit: 0, invariants: [] });
  expect(result.faults.map(({ kind, total, effective }) => [kind, total, effective])).toEqual(
    ['pause', 'kill', 'partition'].map((kind) => {
      const steps = ran.plan.steps.filter((step) => step.kind === kind).length;
      return [kind, steps, steps];
    }),
  );
  const lines = (type: string): number => ran.history.filter((line) => line.type === type).length;
  expect(result.ops).toMatchObject({
    ok: lines('ok'),
    fail: lines('fail'),
    unknown: lines('info'),
    total: lines('invoke'),
  });
  expect(result.ops.reads + result.ops.writes).toBe(result.ops.ok);
  expect(result.ops.mismatch).toBe(ran.history.filter(({ error }) => error === 'mismatch').length);
  expect(result.ops.okDuringFaults).toBeGreaterThan(100);
  expect(result.ops.okDuringFaults).toBeLessThan(result.ops.ok);
  expect(result.leaderChanges).toBe(
    new Set(cluster.probes.flatMap((it) => (it.kind === 'role' && it.role === 'leader' ? [it.term] : []))).size - 1,
  );
  expect(result.check).toMatchObject({ keys: 5, decided: 5 });
});

test.each(['pause:leader', 'partition:leader'])(
  'unchecked leader reads under %s are caught as stale',
  async (faults) => {
    const cluster = new MemoryCluster();
    const ran = await runOn(cluster, planOf({ reads: 'leader', faults, time: '15s' }));
    const result = judge(ran, { faults: ran.faults, probes: cluster.probes });
    expect(result).toMatchObject({ verdict: 'not-linearizable', exit: 1 });
    expect(result.faults[0]!.windows).toBeGreaterThan(1);
    expect(result.anomalies[0]!.class).toBe('stale-read');
    expect(result.staleness.reads).toBeGreaterThan(0);
    expect(result.staleness.maxMs).toBeGreaterThanOrEqual(result.staleness.p50Ms);
  },
);

test('a run whose faults did nothing is vacuous, each missing condition named', async () => {
  const ran = await runOn(
    new MemoryCluster({ invulnerable: true }),
    planOf({ faults: 'kill,pause:leader', time: '5s' }),
  );
  expect(judge(ran, { faults: ran.faults })).toMatchObject({
    verdict: 'unknown',
    exit: 2,
    reason: 'vacuous: kill was never effective; pause:leader was never effective',
  });
});

test('a fault of another target than the one asked for does not count', async () => {
  const ran = await runOn(new MemoryCluster(), planOf({ faults: 'pause:follower', time: '5s' }));
  const asked = { ...ran.plan, requested: [{ kind: 'pause', target: 'leader' }] } as const;
  expect(judge({ ...ran, plan: asked }, { faults: ran.faults }).reason).toBe(
    'vacuous: pause:leader was never effective',
  );
});

test('a run without a successful operation during its faults is vacuous', async () => {
  const ran = await runOn(new MemoryCluster(), planOf({ faults: 'kill', time: '5s' }));
  const before = ran.faults.map((line) => ({ ...line, time: 1 }));
  expect(judge(ran, { faults: before }).reason).toBe('vacuous: no operation succeeded during a fault');
});

test('a fault that leaves no majority by request asks for no success while it holds', async () => {
  const ran = await runOn(new MemoryCluster(), planOf({ faults: 'kill:majority', time: '5s' }));
  expect(ran.faults.some((line) => line.event === 'heal' && line.effective)).toBe(true);
  const before = ran.faults.map((line) => ({ ...line, time: 1 }));
  expect(judge(ran, { faults: before }).reason).toBe(null);
});

test('a success during a fault that did nothing is none during a fault', async () => {
  const ran = await runOn(new MemoryCluster(), planOf({ faults: 'kill', time: '5s' }));
  const instant = ran.faults.map((line) => ({ ...line, time: 1 }));
  const idle = ran.faults.map((line) => ({
    ...line,
    id: line.id + 100,
    ...(line.event === 'heal' && { effective: false }),
  }));
  const result = judge(ran, { faults: [...instant, ...idle] });
  expect(result.reason).toBe('vacuous: no operation succeeded during a fault');
  expect(result.ops.okDuringFaults).toBe(0);
});

test('a run that never wrote or read a key is vacuous', async () => {
  const ran = await runOn(new MemoryCluster({ deafKeys: ['y'] }), planOf({ faults: 'none', time: '2s' }));
  expect(judge(ran, { ended: { ...ENDED, finalReads: ran.outcome.finalReads } })).toMatchObject({
    verdict: 'unknown',
    exit: 2,
    reason: 'vacuous: no read of y succeeded; no write of y succeeded; no final read of y',
  });
});

test('a plan that says what each client asks needs no more than that', async () => {
  const write = { atMs: 100, call: { f: 'write', key: 'x', value: 1 } };
  const plan: Plan = { ...planOf({ faults: 'none', time: '2s', clients: '3' }), calls: [[write], [], []] };
  const ran = await runOn(new MemoryCluster({}), plan);
  expect(judge(ran, {})).toMatchObject({ verdict: 'linearizable', exit: 0, reason: null });
});

test('a violation is never hidden by a vacuous run', async () => {
  const ran = await runOn(new MemoryCluster(), planOf({ reads: 'leader', faults: 'pause:leader', time: '15s' }));
  expect(judge(ran, { faults: [] })).toMatchObject({ verdict: 'not-linearizable', exit: 1, reason: null });
});

test('an interrupted run without a violation is unknown and ends with 130', async () => {
  const ran = await runOn(new MemoryCluster(), planOf({ time: '5s' }), 2500);
  expect(judge(ran, { ended: { ...ENDED, interrupted: true, durationNs: 2500e6 } })).toMatchObject({
    verdict: 'unknown',
    exit: 130,
    interrupted: true,
    reason: 'interrupted after 2.5 s, nothing wrong until then',
  });
});

test('a run whose controller was killed counts as interrupted where its history ends', async () => {
  const ran = await runOn(new MemoryCluster(), planOf({ time: '5s' }));
  const cut = ran.history.filter(({ time }) => time < 2000e6);
  const result = judge({ plan: ran.plan, history: cut }, { ended: null });
  expect(result).toMatchObject({ verdict: 'unknown', interrupted: true });
  expect(result.durationNs).toBe(cut.at(-1)!.time);
});

test('the clock error is what was measured, and none where the nodes are simulated', async () => {
  const ran = await runOn(new MemoryCluster(), planOf());
  expect(judge(ran, {})).not.toHaveProperty('clockErrorsMs');
  expect(judge(ran, { ended: { ...ENDED, clockErrorsMs: { n1: 0.5 } } }).clockErrorsMs).toEqual({ n1: 0.5 });
  const simulated = { ...ran, plan: { ...ran.plan, world: DEFAULT_WORLD } };
  expect(judge(simulated, {}).clockErrorsMs).toBe('shared');
});

test('a broken invariant fails a run in which no client saw anything', async () => {
  const cluster = new MemoryCluster();
  const ran = await runOn(cluster, planOf({ faults: 'none', time: '2s' }));
  const second: Probe = { time: 1e9, node: 'n2', kind: 'role', role: 'leader', term: 1, leader: 'n2' };
  const result = judge(ran, { probes: [...cluster.probes, second] });
  expect(result).toMatchObject({ verdict: 'linearizable', exit: 1, invariants: [{ name: 'election-safety' }] });
});

test('exit codes: as expected is 0, a violation or a missing one 1, unknown 2', () => {
  const of = (outcome: RunResult['verdict'], broken = false): readonly number[] =>
    (['ok', 'violation', 'any'] as const).map((expected) => exitCode(outcome, expected, broken));
  expect(of('linearizable')).toEqual([0, 1, 0]);
  expect(of('not-linearizable')).toEqual([1, 0, 0]);
  expect(of('unknown')).toEqual([2, 2, 2]);
  expect(of('unknown', true)).toEqual([1, 0, 0]);
});

test('of many keys that nobody touched the first few are named, and the rest counted', () => {
  const reasons = vacuousReasons({
    plan: planOf({ keys: '500', faults: 'none' }),
    history: { operations: [], failed: [], warnings: [] },
    faults: [],
    finalReads: { keys: 500, missing: [] },
  });
  expect(reasons[0]).toBe('no read of x, y, z, k4, k5, k6, k7, k8 and 492 more succeeded');
});
