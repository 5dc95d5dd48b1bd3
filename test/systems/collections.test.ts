/** Queues, sets and locks in the systems that have them: the same words mean the same in all. */
import { chmodSync } from 'node:fs';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import type { ProcessSystem, Session } from '../../src/contract/index.ts';
import { PROCESS_SYSTEMS } from '../../src/systems/index.ts';
import { onlyRun, resultOf, resultsFolder, stalemate } from '../e2e/program.ts';
import { startSystem, type Started } from './one-system.ts';
import { BIN_FLAGS, describeSystem } from './present.ts';

const ATTEMPT_MS = 5000;

for (const system of PROCESS_SYSTEMS.filter(({ workloads }) => workloads.includes('queue')))
  describeSystem(system.name, () => describeCollections(system));

function describeCollections(system: ProcessSystem): void {
  let started: Started;
  let sessions: Session[] = [];
  beforeAll(async () => {
    started = await startSystem(system);
  });
  afterAll(async () => {
    await Promise.all(sessions.map((session) => session.close()));
    await started.stop();
  });

  /** What the word is answered: the output, or the error of a failure. */
  const client = (vocabulary: string) => {
    const session = system.session('n1', started.place, {
      name: vocabulary,
      entry: 'n1',
      pinned: false,
      reads: system.reads.strongest,
      vocabulary,
      attemptTimeoutMs: 500,
      seed: 'collections',
    });
    sessions = [...sessions, session];
    return async (f: string, value: unknown = null, key = vocabulary) => {
      const said = await session.ask({ f, key, value: value as null }, ATTEMPT_MS);
      if (said.kind === 'ok') return said.output;
      expect(said.kind).toBe('fail');
      return said.kind === 'fail' ? said.error : undefined;
    };
  };

  test('a queue gives back what was put in, the first one first, and each once', async () => {
    const ask = client('queue');
    expect(await ask('dequeue')).toBeNull();
    for (const value of [12, 3, 100]) expect(await ask('enqueue', value)).toBeNull();
    expect(await ask('enqueue', 7, 'b')).toBeNull();
    expect([await ask('dequeue'), await ask('dequeue'), await ask('dequeue')]).toEqual([12, 3, 100]);
    expect(await ask('dequeue')).toBeNull();
    expect(await ask('dequeue', null, 'b')).toBe(7);
  });

  test('of many that take out at once each gets another one, and nothing is left', async () => {
    const put = client('queue');
    const values = Array.from({ length: 24 }, (_, i) => i);
    for (const value of values) await put('enqueue', value, 'many');
    const takers = Array.from({ length: 6 }, () => client('queue'));
    const drained = async (take: (typeof takers)[number]) => {
      const taken: unknown[] = [];
      for (let value = await take('dequeue', null, 'many'); value !== null; value = await take('dequeue', null, 'many'))
        taken.push(value);
      return taken;
    };
    const taken = await Promise.all(takers.map(drained));
    expect(taken.flat().toSorted((a, b) => Number(a) - Number(b))).toEqual(values);
  });

  test('a set says whether it was changed, and what is in it', async () => {
    const ask = client('set');
    expect(await ask('read')).toEqual([]);
    expect(await ask('add', 5)).toBe(true);
    expect(await ask('add', 5)).toBe(false);
    expect(await ask('add', 6)).toBe(true);
    expect(new Set((await ask('read')) as Iterable<unknown>)).toEqual(new Set([5, 6]));
    expect(await ask('remove', 5)).toBe(true);
    expect(await ask('remove', 5)).toBe(false);
    expect(await ask('read')).toEqual([6]);
    expect(await ask('read', null, 'another')).toEqual([]);
  });

  test.runIf(system.workloads.includes('lock'))('a lock has one holder, who alone gives it back', async () => {
    const ask = client('lock');
    expect(await ask('release', 1)).toBe(false);
    expect(await ask('acquire', 1)).toBe(true);
    expect(await ask('acquire', 1)).toBe(false);
    expect(await ask('acquire', 2)).toBe(false);
    expect(await ask('release', 2)).toBe('not-holder');
    expect(await ask('release', 1)).toBe(true);
    expect(await ask('acquire', 2)).toBe(true);
  });

  test('clients that use a queue all at once find it in order', async () => {
    const results = resultsFolder();
    onTestFinished(results.remove);
    chmodSync(results.path, 0o755);
    const flags = ['--workload', 'queue', '--faults', 'none', '--keys', '1', '--rate', '200', '--time', '3s'];
    const args = ['run', '--system', system.name, ...BIN_FLAGS, ...flags, '--out', results.path];
    const { exitCode, stdout, stderr } = await stalemate(args);
    expect({ exitCode, stderr }, stdout).toEqual({ exitCode: 0, stderr: '' });
    expect(resultOf(onlyRun(results.path))).toMatchObject({ verdict: 'linearizable', finalReads: { missing: [] } });
  });
}
