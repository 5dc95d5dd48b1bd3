/** NATS with JetStream, three servers: what its clients know of what they asked, and what a replica that is cut off answers. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ClientOptions, Place, Session } from '../../src/contract/index.ts';
import { NATS } from '../../src/systems/nats/nats.ts';
import { onlyRun, processesNaming, resultOf, resultsFolder, stalemate } from '../e2e/program.ts';
import { startSystem, type Started } from './one-system.ts';
import { BIN_FLAGS, describeSystem } from './present.ts';
import { silentRelay } from './silent-relay.ts';

const OPTIONS: ClientOptions = {
  name: 'test',
  entry: 'n1',
  pinned: false,
  reads: 'leader',
  attemptTimeoutMs: 500,
  seed: 'nats',
};
const read = (key: string) => ({ f: 'read', key, value: null });
const write = (key: string, value: number) => ({ f: 'write', key, value });
const cas = (key: string, from: number | null, to: number | string) => ({ f: 'cas', key, value: [from, to] });

describeSystem('nats', () => {
  let started: Started;
  let sessions: Session[] = [];
  beforeAll(async () => {
    started = await startSystem(NATS);
  });
  afterAll(async () => {
    await Promise.all(sessions.map((session) => session.close()));
    await started.stop();
  });
  const session = (node: string, reads = 'leader', place: Place = started.place): Session => {
    const made = NATS.session(node, place, { ...OPTIONS, reads });
    sessions = [...sessions, made];
    return made;
  };

  test('it serves within twenty seconds, and all agree on who leads the bucket', async () => {
    expect(started.cluster.readyMs).toBeLessThan(20_000);
    const looks = await Promise.all(started.place.nodes.map((node) => NATS.look(node, started.place, 1000)));
    expect(new Set(looks.map((it) => it?.leader)).size).toBe(1);
    expect(looks.filter((it) => it?.role === 'leader')).toHaveLength(1);
  });

  test('reads, writes and compare-and-sets by number; a "no" observes nothing', async () => {
    const one = session('n1');
    expect(await one.ask(read('a'), 2000)).toEqual({ kind: 'ok', output: null });
    expect(await one.ask(cas('a', 1, 2), 2000)).toEqual({ kind: 'fail', error: 'another value there' });
    expect(await one.ask(cas('a', null, 1), 2000)).toEqual({ kind: 'ok', output: true });
    expect(await one.ask(cas('a', 1, 'ü'), 2000)).toEqual({ kind: 'ok', output: true });
    expect(await session('n2').ask(read('a'), 2000)).toEqual({ kind: 'ok', output: 'ü' });
    expect(await session('n3').ask(write('a', 3), 2000)).toEqual({ kind: 'ok', output: null });
    expect(await one.ask(read('a'), 2000)).toEqual({ kind: 'ok', output: 3 });
    expect(await session('n2', 'direct').ask(read('never'), 2000)).toEqual({ kind: 'ok', output: null });
  });

  test('a connection that is cut after the send leaves it open whether the write was done: it was', async () => {
    const relay = await silentRelay(started.place.listen('n1', 'client'));
    const cut = session('n1', 'leader', { ...started.place, listen: () => relay.endpoint });
    expect(await cut.ask(write('b', 1), 2000)).toMatchObject({ kind: 'ok' });
    relay.silence();
    expect(await cut.ask(write('b', 2), 2000)).toMatchObject({ kind: 'unknown' });
    expect(await session('n2').ask(read('b'), 2000)).toMatchObject({ output: 2 });
    expect(relay.asked).toBe(1);
    await relay.close();
    expect(await cut.ask(write('b', 3), 2000)).toEqual({ kind: 'refused', error: 'ECONNREFUSED' });
    expect(await session('n2').ask(read('b'), 2000)).toMatchObject({ output: 2 });
  });

  test('the last server that is left answers directly from its replica, and the leader of the bucket does not', async () => {
    const direct = session('n3', 'direct');
    const kills = [];
    for (const node of ['n1', 'n2']) kills.push(await started.cluster.apply({ kind: 'kill', node }));
    await expect.poll(() => direct.ask(read('a'), 500), { timeout: 10_000 }).toEqual({ kind: 'ok', output: 3 });
    expect((await session('n3').ask(write('a', 4), 1000)).kind).not.toBe('ok');
    for (const kill of kills) expect((await kill.heal()).effective).toBe(true);
    await expect.poll(() => session('n1').ask(write('a', 5), 1000), { timeout: 30_000 }).toMatchObject({ kind: 'ok' });
  });
});

describeSystem('nats', () => {
  const runOf = async (...flags: readonly string[]) => {
    const results = resultsFolder();
    const args = ['run', '--system', 'nats', ...BIN_FLAGS, '--rate', '500', '--workload', 'register', ...flags];
    const { exitCode, stderr } = await stalemate([...args, '--out', results.path]);
    const result = resultOf(onlyRun(results.path));
    expect(processesNaming(results.path)).toEqual([]);
    results.remove();
    return { exitCode, stderr, result };
  };

  test('reads of the leader and writes are in order where nothing is wrong', async () => {
    const { exitCode, stderr, result } = await runOf('--faults', 'none', '--time', '2s');
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(result).toMatchObject({ verdict: 'linearizable', reads: 'leader', promise: /^may be stale/ });
  });

  test('a replica that is cut off answers from its past', async () => {
    const { exitCode, result } = await runOf('--reads', 'direct', '--faults', 'partition:follower', '--time', '6s');
    expect(exitCode).toBe(1);
    expect(result.anomalies[0]?.class).toBe('stale-read');
  });
});
