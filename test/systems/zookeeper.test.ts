/** ZooKeeper, three servers: what its clients know of what they asked, and how far a server lags that answers by itself. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ClientOptions, NodeId, Place, Session } from '../../src/contract/index.ts';
import { canMakeHosts } from '../../src/cluster/hosts.ts';
import { canLosePower } from '../../src/cluster/lossy-disks.ts';
import { ZOOKEEPER } from '../../src/systems/zookeeper/zookeeper.ts';
import { onlyRun, processesNaming, resultOf, resultsFolder, stalemate } from '../e2e/program.ts';
import { startSystem, type Started } from './one-system.ts';
import { BIN_FLAGS, describeSystem } from './present.ts';
import { silentRelay } from './silent-relay.ts';

const OPTIONS: ClientOptions = {
  name: 'test',
  entry: 'n1',
  pinned: false,
  reads: 'quorum',
  attemptTimeoutMs: 500,
  seed: 'zookeeper',
};
const read = (key: string) => ({ f: 'read', key, value: null });
const write = (key: string, value: number) => ({ f: 'write', key, value });
const cas = (key: string, from: number | null, to: number) => ({ f: 'cas', key, value: [from, to] });

describeSystem('zookeeper', () => {
  let started: Started;
  let sessions: Session[] = [];
  let followers: readonly NodeId[];
  beforeAll(async () => {
    started = await startSystem(ZOOKEEPER);
    const { place } = started;
    const looks = await Promise.all(place.nodes.map((node) => ZOOKEEPER.look(node, place, 1000)));
    followers = place.nodes.filter((_, i) => looks[i]?.role === 'follower');
  });
  afterAll(async () => {
    await Promise.all(sessions.map((session) => session.close()));
    await started.stop();
  });
  const session = (node: string, reads = 'quorum', place: Place = started.place): Session => {
    const made = ZOOKEEPER.session(node, place, { ...OPTIONS, reads });
    sessions = [...sessions, made];
    return made;
  };

  test('it serves within ten seconds, and one of three leads', () => {
    expect(started.cluster.readyMs).toBeLessThan(10_000);
    expect(followers).toHaveLength(2);
  });

  test('reads, writes and compare-and-sets by version; a "no" observes nothing', async () => {
    const one = session('n1');
    const from = { node: 'n1' };
    expect(await one.ask(read('a'), 2000)).toEqual({ kind: 'ok', output: null, from });
    expect(await one.ask(cas('a', 1, 2), 2000)).toEqual({ kind: 'fail', error: 'it does not exist here' });
    expect(await one.ask(cas('a', null, 1), 2000)).toEqual({ kind: 'ok', output: true, from });
    expect(await one.ask(cas('a', null, 2), 2000)).toEqual({ kind: 'fail', error: 'it exists' });
    expect(await one.ask(cas('a', 7, 2), 2000)).toEqual({ kind: 'fail', error: 'another value here' });
    expect(await one.ask(cas('a', 1, 2), 2000)).toEqual({ kind: 'ok', output: true, from });
    expect(await one.ask(write('a', 3), 2000)).toEqual({ kind: 'ok', output: null, from });
    expect(await one.ask(write('fresh', 4), 2000)).toEqual({ kind: 'ok', output: null, from });
    for (const reads of ['quorum', 'sync'])
      expect(await session('n2', reads).ask(read('a'), 2000)).toMatchObject({ kind: 'ok', output: 3 });
  });

  test('a key with a slash, as runs over --endpoints have them, is a key like any other', async () => {
    const one = session('n1');
    expect(await one.ask(write('run/x', 1), 2000)).toMatchObject({ kind: 'ok' });
    expect(await one.ask(cas('run/y', null, 2), 2000)).toMatchObject({ kind: 'ok' });
    expect(await one.ask(read('run/x'), 2000)).toMatchObject({ kind: 'ok', output: 1 });
    expect(await one.ask(read('run/y'), 2000)).toMatchObject({ kind: 'ok', output: 2 });
  });

  test('of many that compare and set at once, one succeeds', async () => {
    await session('n1').ask(write('race', 0), 2000);
    const racers = ['n1', 'n2', 'n3', 'n1', 'n2', 'n3'].map((node) => session(node, 'sync'));
    // All of them have seen what they expect.
    for (const racer of racers) expect(await racer.ask(read('race'), 2000)).toMatchObject({ output: 0 });
    const said = await Promise.all(racers.map((racer, i) => racer.ask(cas('race', 0, i + 1), 2000)));
    expect(said.filter(({ kind }) => kind === 'ok')).toHaveLength(1);
    expect(said.filter(({ kind }) => kind === 'fail')).toHaveLength(5);
  });

  test('a connection that is cut after the send leaves it open whether the write was done: it was', async () => {
    const relay = await silentRelay(started.place.listen('n1', 'client'));
    const cut = session('n1', 'quorum', { ...started.place, listen: () => relay.endpoint });
    expect(await cut.ask(write('b', 1), 2000)).toMatchObject({ kind: 'ok' });
    relay.silence();
    expect(await cut.ask(write('b', 2), 2000)).toMatchObject({ kind: 'unknown' });
    expect(await session('n2').ask(read('b'), 2000)).toMatchObject({ output: 2 });
    // The write, and nothing again: a new session would be a question, too.
    expect(relay.asked).toBe(1);
    await relay.close();
    expect(await cut.ask(write('b', 3), 2000)).toEqual({ kind: 'refused', error: 'ECONNREFUSED' });
    expect(await session('n2').ask(read('b'), 2000)).toMatchObject({ output: 2 });
  });

  /** How many of so many reads at that follower miss a write that was acknowledged before; stops at the first. */
  async function firstStale(reads: string, most: number): Promise<number | null> {
    const writer = session(started.place.nodes.find((node) => !followers.includes(node))!);
    const readers = followers.map((node) => session(node, reads));
    for (let nth = 1; nth <= most; nth++) {
      expect(await writer.ask(write('s', nth), 2000)).toMatchObject({ kind: 'ok' });
      const said = await Promise.all(readers.map((reader) => reader.ask(read('s'), 2000)));
      for (const it of said) if (it.kind !== 'ok' || it.output !== nth) return nth;
    }
    return null;
  }

  test('a follower that answers by itself misses what was acknowledged, on a healthy cluster', async () => {
    expect(await firstStale('local', 20_000)).not.toBeNull();
  });

  test('after a write of its own it does not', async () => {
    expect(await firstStale('quorum', 200)).toBeNull();
  });
});

describeSystem('zookeeper', () => {
  test('quorum reads hold under pauses and kills, and nothing is left', async () => {
    const results = resultsFolder();
    const flags = ['--faults', 'pause,kill', '--time', '6s', '--rate', '300', '--seed', '1', '--out', results.path];
    const { exitCode, stderr } = await stalemate(['run', '--system', 'zookeeper', ...BIN_FLAGS, ...flags]);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    const result = resultOf(onlyRun(results.path));
    expect(result).toMatchObject({ verdict: 'linearizable', reads: 'quorum', promise: 'linearizable' });
    expect(result.system.version).toMatch(/^3\.\d+\.\d+$/);
    expect(processesNaming(results.path)).toEqual([]);
    results.remove();
  });

  test.skipIf(!canMakeHosts())('on hosts of their own servers can be cut off: local reads are stale then', async () => {
    const results = resultsFolder();
    const flags = [
      '--reads',
      'local',
      '--faults',
      'partition:follower',
      '--time',
      '6s',
      '--seed',
      '1',
      '--expect',
      'violation',
      '--out',
      results.path,
    ];
    const { exitCode, stdout } = await stalemate(['run', '--system', 'zookeeper', ...BIN_FLAGS, ...flags]);
    expect({ exitCode, stdout }).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('stale') });
    const run = onlyRun(results.path);
    expect(resultOf(run)).toMatchObject({
      verdict: 'not-linearizable',
      promise: expect.stringContaining('may be stale'),
    });
    const [cuts] = resultOf(run).faults;
    expect(cuts).toMatchObject({ kind: 'partition', effective: cuts!.total });
    expect(cuts!.total).toBeGreaterThan(0);
    expect(processesNaming(results.path)).toEqual([]);
    results.remove();
  });

  test.skipIf(!canMakeHosts() || !canLosePower())('power loss and partition together are refused', async () => {
    const args = ['run', '--system', 'zookeeper', ...BIN_FLAGS, '--faults', 'power-loss,partition'];
    const { exitCode, stderr } = await stalemate(args);
    expect(exitCode).toBe(254);
    expect(stderr).toContain('zookeeper cannot have it together with partition');
  });

  test('links that are slow or break are refused, and it is said why', async () => {
    const args = ['run', '--system', 'zookeeper', ...BIN_FLAGS, '--faults', 'slow-link'];
    const { exitCode, stderr } = await stalemate(args);
    expect(exitCode).toBe(254);
    expect(stderr).toContain(
      'this cluster cannot do that (link-trouble) (servers answer a call for votes past any proxy',
    );
  });
});
