/** PostgreSQL, a primary and two replicas: what its clients know of what they asked, and how a replica lags. */
import { chmodSync, readdirSync } from 'node:fs';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import type { ClientOptions, Place, Session } from '../../src/contract/index.ts';
import { PgConnection } from '../../src/systems/postgresql/pg-connection.ts';
import { POSTGRESQL } from '../../src/systems/postgresql/postgresql.ts';
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
  seed: 'postgresql',
};
const read = (key: string) => ({ f: 'read', key, value: null });
const write = (key: string, value: number) => ({ f: 'write', key, value });
const cas = (key: string, from: number | string | null, to: number | string) => ({ f: 'cas', key, value: [from, to] });

describeSystem('postgresql', () => {
  let started: Started;
  let sessions: Session[] = [];
  beforeAll(async () => {
    started = await startSystem(POSTGRESQL);
  });
  afterAll(async () => {
    await Promise.all(sessions.map((session) => session.close()));
    await started.stop();
  });
  const session = (node: string, reads = 'primary', place: Place = started.place): Session => {
    const made = POSTGRESQL.session(node, place, { ...OPTIONS, reads });
    sessions = [...sessions, made];
    return made;
  };

  test('it serves within fifteen seconds: one primary, two that follow', async () => {
    expect(started.cluster.readyMs).toBeLessThan(15_000);
    const looks = await Promise.all(started.place.nodes.map((node) => POSTGRESQL.look(node, started.place, 1000)));
    expect(looks.map((it) => it?.role)).toEqual(['leader', 'follower', 'follower']);
  });

  test('the primary reads, writes and compares; replicas refuse what is not theirs to answer', async () => {
    const [primary, second] = [session('n1'), session('n2')];
    const from = { node: 'n1' };
    expect(await primary.ask(read('a'), 2000)).toEqual({ kind: 'ok', output: null, from });
    expect(await primary.ask(cas('a', null, "it's"), 2000)).toEqual({ kind: 'ok', output: true, from });
    expect(await primary.ask(cas('a', null, 2), 2000)).toEqual({ kind: 'fail', error: 'mismatch', from });
    expect(await primary.ask(cas('a', 7, 2), 2000)).toEqual({ kind: 'fail', error: 'mismatch', from });
    expect(await primary.ask(cas('a', "it's", 'ü'), 2000)).toEqual({ kind: 'ok', output: true, from });
    expect(await primary.ask(read('a'), 2000)).toEqual({ kind: 'ok', output: 'ü', from });
    expect(await second.ask(read('a'), 2000)).toEqual({ kind: 'refused', error: 'n2 is no primary' });
    expect(await second.ask(write('a', 2), 2000)).toMatchObject({ kind: 'refused', error: /read-only transaction/ });
    expect(await session('n3', 'replica').ask(read('never'), 2000)).toEqual({
      kind: 'ok',
      output: null,
      from: { node: 'n3' },
    });
  });

  test('of many that compare and set at once, one succeeds', async () => {
    await session('n1').ask(write('race', 0), 2000);
    const racers = Array.from({ length: 8 }, () => session('n1'));
    for (const racer of racers) expect(await racer.ask(read('race'), 2000)).toMatchObject({ output: 0 });
    const said = await Promise.all(racers.map((racer, i) => racer.ask(cas('race', 0, i + 1), 2000)));
    expect(said.map(({ kind }) => kind).toSorted()).toEqual([...Array<string>(7).fill('fail'), 'ok']);
  });

  test('a release that finds an earlier one of the same owner under way says that the lock was free, not that another holds it', async () => {
    const options = { ...OPTIONS, vocabulary: 'lock' };
    const [holder, again] = [1, 2].map(() => POSTGRESQL.session('n1', started.place, options));
    sessions = [...sessions, holder!, again!];
    const ask = (f: string, by = holder!) => by.ask({ f, key: 'twice', value: 1 }, 5000);
    expect(await ask('acquire')).toMatchObject({ output: true });
    const earlier = new PgConnection(started.place.listen('n1', 'server'));
    await earlier.ask(`BEGIN; DELETE FROM stalemate_registers WHERE key = 'twice'`, 2000);
    const later = ask('release', again);
    const waiting = () => earlier.ask(`SELECT count(*) FROM pg_locks WHERE NOT granted`, 2000);
    await expect.poll(waiting, { timeout: 4000 }).toMatchObject({ rows: [['1']] });
    await earlier.ask('COMMIT', 2000);
    expect(await later).toEqual({ kind: 'ok', output: false, from: { node: 'n1' } });
    earlier.close();
  });

  test('a connection that is cut after the send leaves it open whether the write was done: it was', async () => {
    const relay = await silentRelay(started.place.listen('n1', 'server'));
    const cut = session('n1', 'primary', { ...started.place, listen: () => relay.endpoint });
    expect(await cut.ask(write('b', 1), 2000)).toMatchObject({ kind: 'ok' });
    relay.silence();
    expect(await cut.ask(write('b', 2), 2000)).toMatchObject({ kind: 'unknown' });
    expect(await session('n1').ask(read('b'), 2000)).toMatchObject({ output: 2 });
    expect(relay.asked).toBe(1);
    await relay.close();
    expect(await cut.ask(write('b', 3), 2000)).toEqual({ kind: 'refused', error: 'ECONNREFUSED' });
    expect(await session('n1').ask(read('b'), 2000)).toMatchObject({ output: 2 });
  });

  test('a primary that was killed with all its processes comes back, or has a successor, with what it acknowledged', async () => {
    expect(await session('n1').ask(write('c', 1), 2000)).toMatchObject({ kind: 'ok' });
    const replicas = [session('n2', 'replica'), session('n3', 'replica')];
    for (const replica of replicas)
      await expect.poll(() => replica.ask(read('c'), 1000), { timeout: 20_000 }).toMatchObject({ output: 1 });
    const kill = await started.cluster.apply({ kind: 'kill', node: 'n1' });
    expect(await session('n1').ask(read('c'), 1000)).toMatchObject({ kind: 'refused' });
    expect((await kill.heal()).effective).toBe(true);
    const all = started.place.nodes.map((node) => session(node));
    const answers = () => Promise.all(all.map((it) => it.ask(read('c'), 1000)));
    const one = expect.arrayContaining([expect.objectContaining({ kind: 'ok', output: 1 })]);
    await expect.poll(answers, { timeout: 20_000 }).toEqual(one);
  });

  test('where a primary is missing a replica is promoted, and the old one follows it when it is back', async () => {
    const looks = () => Promise.all(started.place.nodes.map((node) => POSTGRESQL.look(node, started.place, 1000)));
    const settled = async () => {
      const found = await looks();
      const leaders = found.flatMap((it) => (it?.role === 'leader' ? [it] : []));
      return leaders.length === 1 && found.every((it) => it?.leader === leaders[0]!.leader) ? leaders[0]! : null;
    };
    await expect.poll(settled, { timeout: 30_000 }).not.toBeNull();
    const { term, leader } = (await settled())!;
    const kill = await started.cluster.apply({ kind: 'kill', node: leader! });
    const successor = async () => (await looks()).find((it) => it?.role === 'leader');
    await expect.poll(successor, { timeout: 30_000 }).toMatchObject({ term: term + 1 });
    await kill.heal();
    await expect.poll(settled, { timeout: 30_000 }).toMatchObject({ term: term + 1 });
  });
});

describeSystem('postgresql', () => {
  const runOf = async (...flags: readonly string[]) => {
    const results = resultsFolder();
    onTestFinished(results.remove);
    chmodSync(results.path, 0o755);
    const args = ['run', '--system', 'postgresql', ...BIN_FLAGS, '--rate', '300', ...flags];
    const { exitCode, stdout, stderr } = await stalemate([...args, '--out', results.path]);
    const result = resultOf(onlyRun(results.path));
    expect(processesNaming(results.path)).toEqual([]);
    return { exitCode, stdout, stderr, result };
  };

  test('a primary that is not replaced holds under pauses and kills of its replicas', async () => {
    const { exitCode, stderr, result } = await runOf('--faults', 'pause:follower,kill:follower', '--time', '6s');
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(result).toMatchObject({ verdict: 'linearizable', reads: 'primary', promise: /^may be stale, and ack/ });
    expect(result.leaderChanges).toBe(0);
  });

  test('a replica that is cut off answers from its past', async () => {
    const { exitCode, result } = await runOf('--reads', 'replica', '--faults', 'partition:follower', '--time', '6s');
    expect(exitCode).toBe(1);
    expect(result.anomalies[0]?.class).toBe('stale-read');
  });

  test('a primary that is cut off acknowledges writes, and they are lost when it meets its successor', async () => {
    const { exitCode, stdout, result } = await runOf('--faults', 'partition:leader', '--seed', '1', '--time', '10s');
    expect(exitCode).toBe(1);
    expect(result.leaderChanges).toBeGreaterThan(0);
    expect(stdout).toMatch(/acknowledged write was lost/i);
  });

  test.runIf(process.getuid?.() === 0)('root is told where the user that it runs as cannot get in', async () => {
    const results = resultsFolder();
    onTestFinished(results.remove);
    const args = ['run', '--system', 'postgresql', ...BIN_FLAGS, '--faults', 'none', '--time', '1s'];
    const { exitCode, stderr } = await stalemate([...args, '--out', results.path]);
    expect(exitCode).toBe(254);
    expect(stderr).toContain(`PostgreSQL does not run as root, and the user postgres cannot enter ${results.path}`);
    expect(readdirSync(results.path)).toEqual([]);
  });
});
