/** What clients draw: unique values, the mix of operations, and draws that do not depend on time. */
import { expect, test } from 'vitest';
import type { Call, Json } from '../../checker/index.ts';
import { keyed } from '../../src/base/random.ts';
import { findWorkload, workloads } from '../../workloads/index.ts';
import { MemoryCluster } from '../run/memory-cluster.ts';
import { planOf, runOn } from '../run/world.ts';

const OPTIONS = { keys: ['x', 'y', 'z'], slots: 10 };

function newValueOf({ f, value }: Call): Json {
  return f === 'cas' ? (value as readonly Json[])[1]! : value;
}

test.each(workloads)('$name writes no value twice in a run', async ({ name }) => {
  const { history } = await runOn(new MemoryCluster(), planOf({ workload: name, faults: 'none', time: '5s' }));
  const written = history.filter(({ type, f }) => type === 'invoke' && f !== 'read').map(newValueOf);
  expect(written.length).toBeGreaterThan(1000);
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

test.each(workloads)('a witness of $name only reads, and every key', (workload) => {
  const generator = workload.generator(7, 'witness', OPTIONS);
  const calls = Array.from({ length: 100 }, (_, nth) => generator.next(keyed('a', nth)));
  expect(new Set(calls.map(({ f }) => f))).toEqual(new Set(['read']));
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
  expect(() => findWorkload('bank')).toThrow(expect.objectContaining({ hint: 'one of cas-register, register' }));
});
