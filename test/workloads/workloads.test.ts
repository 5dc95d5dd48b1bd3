/** What clients draw: unique values, the mix of operations, and draws that do not depend on time; and what a run of it comes to. */
import { expect, test } from 'vitest';
import {
  check,
  guessModel,
  readJsonl,
  type Call,
  type Json,
  type Operation,
  type Verdict,
} from '../../checker/index.ts';
import { keyed } from '../../src/base/random.ts';
import type { PlanFlags } from '../../src/run/index.ts';
import { vacuousReasons } from '../../src/run/vacuous.ts';
import { findWorkload, hasReads, isRead, workloads } from '../../workloads/index.ts';
import { MemoryCluster } from '../run/memory-cluster.ts';
import { planOf, runOn, type Ran } from '../run/world.ts';

const OPTIONS = { keys: ['x', 'y', 'z'], slots: 10 };

function newValueOf({ f, value }: Call): Json {
  return f === 'cas' ? (value as readonly Json[])[1]! : value;
}

const WRITES = ['write', 'cas', 'put', 'append', 'enqueue', 'add'];

test.each(workloads.filter(({ name }) => name !== 'lock'))('$name writes no value twice in a run', async ({ name }) => {
  const { history } = await runOn(new MemoryCluster(), planOf({ workload: name, faults: 'none', time: '5s' }));
  const written = history.filter(({ type, f }) => type === 'invoke' && WRITES.includes(f)).map(newValueOf);
  expect(written.length).toBeGreaterThan(500);
  expect(new Set(written).size).toBe(written.length);
});

test('with 10 clients on 5 keys at least a tenth of the compare-and-sets succeed, and a tenth mismatch', async () => {
  const { history } = await runOn(new MemoryCluster(), planOf({ time: '10s' }));
  const answered = history.filter(({ f, type }) => f === 'cas' && (type === 'ok' || type === 'fail'));
  const succeeded = answered.filter(({ type }) => type === 'ok').length;
  const mismatched = answered.filter(({ error }) => error === 'mismatch').length;
  expect(answered.length).toBeGreaterThan(500);
  expect(succeeded / answered.length).toBeGreaterThan(0.1);
  expect(mismatched / answered.length).toBeGreaterThan(0.1);
});

test('a compare-and-set expects what this client last saw on the key', () => {
  const generator = findWorkload('cas-register').generator(0, 'client', { keys: ['x'], slots: 1 });
  let seen: Json | undefined;
  let compared = 0;
  for (let nth = 0; nth < 500; nth++) {
    const call = generator.next(keyed('a', nth));
    if (call.f === 'cas') {
      compared++;
      expect((call.value as readonly Json[])[0]).toEqual(seen);
    }
    if (nth % 7 === 0) {
      generator.saw(call, { kind: 'nothing' });
    } else {
      seen = call.f === 'read' ? nth : newValueOf(call);
      generator.saw(call, { kind: 'ok', output: call.f === 'read' ? nth : null });
    }
  }
  expect(compared).toBeGreaterThan(100);
});

test('after a mismatch, and before it ever saw the key, a client reads before it compares again', () => {
  const generator = findWorkload('cas-register').generator(0, 'client', { keys: ['x'], slots: 1 });
  let knows = false;
  let mismatches = 0;
  for (let nth = 0; nth < 500; nth++) {
    const call = generator.next(keyed('b', nth));
    if (call.f === 'cas') {
      expect(knows).toBe(true);
      mismatches++;
      generator.saw(call, { kind: 'mismatch' });
      knows = false;
    } else {
      generator.saw(call, { kind: 'ok', output: 1 });
      knows = true;
    }
  }
  expect(mismatches).toBeGreaterThan(50);
});

test.each(workloads.filter(hasReads))('a witness of $name only reads, and every key', (workload) => {
  const generator = workload.generator(7, 'witness', OPTIONS);
  const calls = Array.from({ length: 100 }, (_, nth) => generator.next(keyed('a', nth)));
  expect(calls.every((call) => isRead(workload, call))).toBe(true);
  expect(new Set(calls.map(({ key }) => key))).toEqual(new Set(OPTIONS.keys));
});

test('an unknown workload is refused with the nearest name, or all of them', () => {
  expect(() => findWorkload('cas-registr')).toThrow(
    expect.objectContaining({
      code: 'usage',
      message: '--workload cas-registr: no such workload',
      hint: 'did you mean cas-register?',
    }),
  );
  expect(() => findWorkload('bank')).toThrow(
    expect.objectContaining({ hint: 'one of cas-register, register, kv, queue, lock, counter, set, append' }),
  );
});

/** Runs the workload on the memory cluster, faults or not, and says what it comes to. */
async function judged(workload: string, flags: Partial<PlanFlags> = {}): Promise<Ran & { readonly verdict: Verdict }> {
  const ran = await runOn(new MemoryCluster(), planOf({ workload, time: '6s', ...flags }));
  const text = ran.history.map((line) => `${JSON.stringify(line)}\n`).join('');
  const history = readJsonl(text, 'history.jsonl', { clients: ran.plan.clients });
  expect(guessModel(history).model!.name, 'the model that `stalemate check` takes by itself').toBe(
    workload === 'register' ? 'register' : findWorkload(workload).model.name,
  );
  return { ...ran, verdict: check(history, findWorkload(workload).model) };
}

test.each(workloads)('$name on a correct cluster under faults is linearizable, and not vacuous', async ({ name }) => {
  const { plan, verdict, history, faults, outcome } = await judged(name, { time: '12s' });
  expect(verdict.anomalies.map(({ sentence }) => sentence)).toEqual([]);
  expect(verdict.kind).toBe('ok');
  const text = history.map((line) => `${JSON.stringify(line)}\n`).join('');
  const read = readJsonl(text, 'history.jsonl');
  expect(vacuousReasons({ plan, history: read, faults, finalReads: outcome.finalReads })).toEqual([]);
});

test.each(workloads.filter(hasReads))('$name: unchecked reads of a deposed leader are caught', async ({ name }) => {
  const { verdict, history } = await judged(name, {
    reads: 'leader',
    faults: 'partition:leader',
    keys: '1',
    clients: '7',
    time: '4s',
  });
  expect(verdict.kind).toBe('violation');
  const culprit = history.find(({ index }) => index === verdict.anomalies[0]!.operation)!;
  expect(isRead(findWorkload(name), culprit)).toBe(true);
});

test('a queue is drained at the end: what was put in and not lost in doubt has come out', async () => {
  const { history, outcome } = await judged('queue', { faults: 'none' });
  const answered = (f: string): readonly Json[] =>
    history.flatMap((line) => (line.type === 'ok' && line.f === f && line.value !== null ? [line.value] : []));
  const [taken, put] = [answered('dequeue'), answered('enqueue')];
  expect(new Set(taken)).toEqual(new Set(put));
  expect(taken.length).toBe(put.length);
  expect(taken.length).toBeGreaterThan(400);
  expect(outcome.finalReads.missing).toEqual([]);
});

test('a run of queues in which nothing was taken out, or of locks that nobody got, is vacuous', () => {
  const reasons = (workload: string, operations: readonly Operation[]): readonly string[] =>
    vacuousReasons({
      plan: planOf({ workload, keys: '1', faults: 'none' }),
      history: { operations, failed: [], warnings: [] },
      faults: [],
      finalReads: { keys: 1, missing: ['x'] },
    });
  const operation = (f: string, output: Json): Operation => ({
    id: 0,
    process: 0,
    input: { f, key: 'x', value: null },
    callNs: 0,
    outcome: { kind: 'ok', output, returnNs: 1 },
  });
  expect(reasons('queue', [operation('enqueue', null), operation('dequeue', null)])).toEqual([
    'no dequeue of a value of x succeeded',
    'no final look at x',
  ]);
  expect(reasons('lock', [operation('acquire', false), operation('release', true)])).toEqual([
    'no acquire of x succeeded',
    'no final look at x',
  ]);
});

test('locks change hands, are found held, and their holders release them', async () => {
  const { history } = await judged('lock', { faults: 'none' });
  const count = (f: string, value: Json): number =>
    history.filter((line) => line.type === 'ok' && line.f === f && line.value === value).length;
  expect(count('acquire', true)).toBeGreaterThan(150);
  expect(count('acquire', false)).toBeGreaterThan(50);
  expect(count('release', true)).toBeGreaterThan(150);
  expect(count('release', false)).toBeGreaterThan(5);
});

test('whoever does not know whether it got a lock releases it, and keeps trying until it is answered', () => {
  const generator = findWorkload('lock').generator(3, 'client', { keys: ['x'], slots: 5 });
  const acquire = Array.from({ length: 50 }, (_, nth) => keyed('a', nth))
    .map((draws) => generator.next(draws))
    .find(({ f }) => f === 'acquire')!;
  generator.saw(acquire, { kind: 'nothing' });
  const release: Call = { f: 'release', key: 'x', value: 3 };
  for (let nth = 0; nth < 5; nth++) {
    expect(generator.next(keyed('b', nth))).toEqual(release);
    generator.saw(release, { kind: 'nothing' });
  }
  generator.saw(release, { kind: 'mismatch' });
  const next = Array.from({ length: 20 }, (_, nth) => generator.next(keyed('c', nth)).f);
  expect(next).toContain('acquire');
});

test('lists stay short: a long one is left for the next, and all of them are read at the end', async () => {
  const { history, outcome } = await judged('append', { faults: 'none', keys: '1' });
  const reads = history.filter(({ type, f }) => type === 'ok' && f === 'read');
  const longest = reads.reduce((most, { value }) => Math.max(most, (value as readonly Json[]).length), 0);
  expect(longest).toBeGreaterThanOrEqual(48);
  expect(longest).toBeLessThan(90);
  const lists = new Set(history.map(({ key }) => key));
  expect(lists.size).toBeGreaterThan(5);
  expect([...lists].slice(0, 3)).toEqual(['x', 'x.2', 'x.3']);
  const last = reads.slice(-lists.size).map(({ key }) => key);
  expect(new Set(last)).toEqual(lists);
  expect(outcome.finalReads).toEqual({ keys: 1, missing: [] });
});

test('sets and texts stay short', async () => {
  for (const workload of ['set', 'kv']) {
    const { history } = await judged(workload, { faults: 'none' });
    const sizes = history.flatMap(({ type, f, value }) =>
      type === 'ok' && (f === 'read' || f === 'get') && value !== null
        ? [typeof value === 'string' ? value.split('<').length - 1 : (value as readonly Json[]).length]
        : [],
    );
    expect(sizes.filter((size) => size > 1).length / sizes.length, workload).toBeGreaterThan(0.3);
    expect(Math.max(...sizes), workload).toBeLessThan(60);
  }
});
