/** Redis, a primary, two replicas and three sentinels: what its clients know of what they asked, and what its asynchronous replication loses. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import type { ClientOptions, Place, Session } from '../../src/contract/index.ts';
import { REDIS } from '../../src/systems/redis/redis.ts';
import { onlyRun, processesNaming, resultOf, resultsFolder, stalemate } from '../e2e/program.ts';
import { startSystem, type Started } from './one-system.ts';
import { BIN_FLAGS, describeSystem } from './present.ts';
import { silentRelay } from './silent-relay.ts';

const OPTIONS: ClientOptions = {
  name: 'test',
  entry: 'n1',
  pinned: false,
  reads: 'primary',
  attemptTimeoutMs: 500,
  seed: 'redis',
};
const read = (key: string) => ({ f: 'read', key, value: null });
const write = (key: string, value: number) => ({ f: 'write', key, value });

describeSystem('redis', () => {
  let started: Started;
  let sessions: Session[] = [];
  beforeAll(async () => {
    started = await startSystem(REDIS);
  });
  afterAll(async () => {
    await Promise.all(sessions.map((session) => session.close()));
    await started.stop();
  });
  const session = (node: string, reads = 'primary', place: Place = started.place): Session => {
    const made = REDIS.session(node, place, { ...OPTIONS, reads });
    sessions = [...sessions, made];
    return made;
  };

  test('it serves within twenty seconds: one primary, whom the others name, and a sentinel beside each', async () => {
    expect(started.cluster.readyMs).toBeLessThan(20_000);
    const looks = await Promise.all(started.place.nodes.map((node) => REDIS.look(node, started.place, 1000)));
    expect(looks).toEqual([
      { role: 'leader', term: 1, leader: 'n1' },
      { role: 'follower', term: 1, leader: 'n1' },
      { role: 'follower', term: 1, leader: 'n1' },
    ]);
    expect(Object.values(started.cluster.pids().nodes).map((pids) => pids.length)).toEqual([2, 2, 2]);
  });

  test('the primary reads, writes and compares; replicas refuse what is not theirs to answer', async () => {
    const [primary, second] = [session('n1'), session('n2')];
    const from = { node: 'n1' };
    expect(await primary.ask(read('a'), 2000)).toEqual({ kind: 'ok', output: null, from });
    expect(await primary.ask({ f: 'cas', key: 'a', value: [null, 1] }, 2000)).toEqual({
      kind: 'ok',
      output: true,
      from,
    });
    expect(await primary.ask({ f: 'cas', key: 'a', value: [null, 2] }, 2000)).toEqual({
      kind: 'fail',
      error: 'mismatch',
      from,
    });
    expect(await primary.ask({ f: 'cas', key: 'a', value: [1, 'ü'] }, 2000)).toMatchObject({ kind: 'ok' });
    expect(await primary.ask(read('a'), 2000)).toEqual({ kind: 'ok', output: 'ü', from });
    expect(await second.ask(read('a'), 2000)).toEqual({ kind: 'refused', error: 'n2 is no primary' });
    expect(await second.ask(write('a', 2), 2000)).toMatchObject({ kind: 'refused', error: /^READONLY/ });
    // One that lags must not answer by itself that the value is another one.
    const cas = await second.ask({ f: 'cas', key: 'a', value: ['never', 3] }, 2000);
    expect(cas).toMatchObject({ kind: 'refused', error: /READONLY|read only/ });
  });

  test('a replica answers from what it has', async () => {
    const lone = await started.cluster.apply({ kind: 'pause', node: 'n1' });
    expect(await session('n3', 'replica').ask(read('a'), 2000)).toEqual({
      kind: 'ok',
      output: 'ü',
      from: { node: 'n3' },
    });
    expect(lone.evidence).toMatch(/^state T \(processes \d+ and \d+\)$/);
    expect((await lone.heal()).effective).toBe(true);
  });

  test('a connection that is cut after the send leaves it open whether the write was done: it was', async () => {
    const relay = await silentRelay(started.place.listen('n1', 'server'));
    const place: Place = { ...started.place, listen: () => relay.endpoint };
    const cut = session('n1', 'primary', place);
    expect(await cut.ask(write('b', 1), 2000)).toMatchObject({ kind: 'ok' });
    relay.silence();
    expect(await cut.ask(write('b', 2), 2000)).toMatchObject({ kind: 'unknown' });
    expect(await cut.ask({ f: 'cas', key: 'c', value: [null, 3] }, 2000)).toMatchObject({ kind: 'unknown' });
    expect(await session('n1').ask(read('b'), 2000)).toMatchObject({ output: 2 });
    expect(await session('n1').ask(read('c'), 2000)).toMatchObject({ output: 3 });
    expect(relay.asked).toBe(2);
    await relay.close();
    expect(await cut.ask(write('b', 4), 2000)).toEqual({ kind: 'refused', error: 'ECONNREFUSED' });
  });
});

describeSystem('redis', () => {
  const runOf = async (...flags: readonly string[]) => {
    const results = resultsFolder();
    onTestFinished(results.remove);
    const args = ['run', '--system', 'redis', ...BIN_FLAGS, '--rate', '500', ...flags, '--out', results.path];
    const { exitCode, stdout, stderr } = await stalemate(args);
    const run = onlyRun(results.path);
    const found = { exitCode, stdout, stderr, result: resultOf(run), left: processesNaming(results.path) };
    for (const log of ['redis.log', 'sentinel.log']) expect(existsSync(join(run, 'nodes/n3', log))).toBe(true);
    return found;
  };

  test('without faults nothing is wrong', async () => {
    const { exitCode, stderr, result, left } = await runOf('--faults', 'none', '--time', '2s');
    expect({ exitCode, stderr, left }).toEqual({ exitCode: 0, stderr: '', left: [] });
    expect(result).toMatchObject({
      verdict: 'linearizable',
      reads: 'primary',
      promise: /^may be stale, and acknowledged/,
    });
  });

  test('a replica that is cut off answers from its past', async () => {
    const { exitCode, stdout, result } = await runOf(
      '--reads',
      'replica',
      '--faults',
      'partition:follower',
      '--time',
      '5s',
    );
    expect(exitCode).toBe(1);
    expect(result.anomalies[0]?.class).toBe('stale-read');
    expect(stdout).toContain('was a replica that had fallen behind.');
  });

  test('a primary that is cut off acknowledges writes, and they are lost when it meets its successor', async () => {
    const { exitCode, stdout, result, left } = await runOf(
      '--faults',
      'partition:leader',
      '--time',
      '12s',
      '--seed',
      '1',
    );
    expect({ exitCode, left }).toEqual({ exitCode: 1, left: [] });
    expect(result.leaderChanges).toBeGreaterThan(0);
    expect(stdout).toMatch(/acknowledged write was lost/i);
    // It was acknowledged long before anybody read what it had replaced.
    expect(Math.max(...result.anomalies.map(({ newer }) => newer?.gapNs ?? 0))).toBeGreaterThan(1e9);
  });
});
