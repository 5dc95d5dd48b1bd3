/** The replica as a client, an operator and its host see it: answers, refusals, identity, probes. */
import { describe, expect, test } from 'vitest';
import { WireError } from '../../src/wire/bytes.ts';
import type { Operation } from '../../src/wire/client-protocol.ts';
import { Cluster, type Node } from './cluster.ts';

function followers(cluster: Cluster): readonly Node[] {
  const leader = cluster.leader();
  return cluster.nodes.filter((node) => node !== leader);
}

const write = (value: number): Operation => ({ f: 'write', key: 'x', value });

describe('requests', () => {
  test('a write is answered when it is applied, and every mode of read at the leader sees it', () => {
    const cluster = Cluster.started();
    const leader = cluster.leader();
    const { term } = leader.replica!.status();
    expect(cluster.write(leader, 'x', 5)).toMatchObject({ kind: 'result', output: null, node: leader.id, term });
    const applied = leader.replica!.status().lastApplied;
    for (const mode of ['read-index', 'leader', 'local'] as const) {
      expect(cluster.request(leader, { kind: 'read', mode, key: 'x' })).toMatchObject({ output: 5, applied });
    }
    expect(cluster.request(leader, { kind: 'read', mode: 'log', key: 'x' })).toMatchObject({
      output: 5,
      applied: applied + 1,
    });
  });

  test('a follower refuses what only a leader may do and names it; a local read it answers itself', () => {
    const cluster = Cluster.started();
    const leader = cluster.leader();
    cluster.write(leader, 'x', 5);
    cluster.run(100);
    const [follower] = followers(cluster);
    const refusal = { kind: 'refused', reason: 'not-leader', leader: leader.id, node: follower!.id };
    expect(cluster.request(follower!, { kind: 'openSession' })).toMatchObject(refusal);
    for (const mode of ['read-index', 'leader', 'log'] as const) {
      expect(cluster.request(follower!, { kind: 'read', mode, key: 'x' })).toMatchObject(refusal);
    }
    expect(cluster.request(follower!, { kind: 'read', mode: 'local', key: 'x' })).toMatchObject({
      kind: 'result',
      output: 5,
      node: follower!.id,
    });
  });

  test('a command of an unknown session is refused as session-expired', () => {
    const cluster = Cluster.started();
    const response = cluster.request(cluster.leader(), {
      kind: 'command',
      session: 999,
      sequence: 1,
      operation: write(1),
    });
    expect(response).toMatchObject({ kind: 'refused', reason: 'session-expired' });
  });

  test('a deposed leader answers what it had accepted with unknown, and a read it could not confirm too', () => {
    const cluster = Cluster.started();
    const old = cluster.leader();
    const session = cluster.openSession(old);
    cluster.isolate(old);
    const attempts = [
      cluster.ask(old, { kind: 'command', session, sequence: 1, operation: write(1) }),
      cluster.ask(old, { kind: 'read', mode: 'read-index', key: 'x' }),
    ];
    expect(cluster.until(() => attempts.every((attempt) => cluster.answerTo(old, attempt)), 1000)).toBe(true);
    expect(cluster.answerTo(old, attempts[0]!)).toMatchObject({ kind: 'unknown', reason: 'lost-leadership' });
    expect(cluster.answerTo(old, attempts[1]!)?.kind).not.toBe('result');
    expect(old.replica!.status().role).not.toBe('leader');
  });

  test('a command repeated at the next leader is answered as it was, and applied once', () => {
    const cluster = Cluster.started();
    const old = cluster.leader();
    const session = cluster.openSession(old);
    const operation: Operation = { f: 'cas', key: 'x', from: null, to: 1 };
    const request = { kind: 'command', session, sequence: 1, operation } as const;
    expect(cluster.request(old, request)).toMatchObject({ output: true });
    cluster.run(50);
    cluster.kill(old);
    const next = cluster.leader();
    expect(cluster.request(next, request)).toMatchObject({ output: true, node: next.id });
    expect(next.probes.filter((probe) => probe.kind === 'apply').length).toBe(1);
  });

  test('commands that come together go to each follower in one message, and each client has its own answer', () => {
    const cluster = Cluster.started();
    const leader = cluster.leader();
    const sessions = [1, 2, 3].map(() => cluster.openSession(leader));
    cluster.run(10);
    const { lastIndex } = leader.replica!.status();
    leader.sent.splice(0);
    const expected = [null, 1, 7];
    const attempts = sessions.map((session, nth) => {
      const operation: Operation = { f: 'cas', key: 'x', from: expected[nth]!, to: nth + 1 };
      return cluster.ask(leader, { kind: 'command', session, sequence: 1, operation }, nth);
    });
    expect(leader.replica!.status().lastIndex).toBe(lastIndex);
    cluster.run(10);
    const brought = leader.sent.flatMap(({ to, message }) =>
      message.kind === 'appendEntries' && message.entries.length > 0 ? [[to, message.entries.length]] : [],
    );
    expect(brought).toEqual(followers(cluster).map(({ id }) => [id, 3]));
    expect(attempts.map((attempt) => cluster.answerTo(leader, attempt))).toMatchObject([
      { kind: 'result', output: true, applied: lastIndex + 1 },
      { kind: 'result', output: true, applied: lastIndex + 2 },
      { kind: 'result', output: false, applied: lastIndex + 3 },
    ]);
  });

  test('commands that were gathered when the node died are never proposed', () => {
    const cluster = Cluster.started();
    const leader = cluster.leader();
    const session = cluster.openSession(leader);
    const { lastIndex } = leader.replica!.status();
    cluster.ask(leader, { kind: 'command', session, sequence: 1, operation: write(1) });
    cluster.kill(leader);
    cluster.start(leader);
    cluster.leader();
    cluster.run(100);
    expect(cluster.request(cluster.leader(), { kind: 'read', mode: 'read-index', key: 'x' })).toMatchObject({
      output: null,
    });
    // The next leader's no-op and nothing else.
    expect(cluster.leader().replica!.status().lastIndex).toBe(lastIndex + 1);
  });

  test('a command too large to be replicated is refused, and never enters the log', () => {
    const cluster = Cluster.started();
    const leader = cluster.leader();
    const session = cluster.openSession(leader);
    const { lastIndex } = leader.replica!.status();
    const operation: Operation = { f: 'write', key: 'x', value: 'y'.repeat(1024 * 1024) };
    const response = cluster.request(leader, { kind: 'command', session, sequence: 1, operation });
    expect(response).toMatchObject({ kind: 'refused', reason: 'malformed', node: leader.id });
    expect(leader.replica!.status().lastIndex).toBe(lastIndex);
    expect(cluster.write(leader, 'x', 5)).toMatchObject({ kind: 'result' });
  });

  test('a client that is gone is answered no more', () => {
    const cluster = Cluster.started();
    const leader = cluster.leader();
    const session = cluster.openSession(leader);
    const gone = cluster.ask(leader, { kind: 'command', session, sequence: 1, operation: write(1) }, 7);
    const read = cluster.ask(leader, { kind: 'read', mode: 'read-index', key: 'x' }, 7);
    const stays = cluster.ask(leader, { kind: 'read', mode: 'read-index', key: 'x' }, 8);
    leader.replica!.onClientClosed(7);
    cluster.run(100);
    expect([gone, read, stays].map((attempt) => cluster.answerTo(leader, attempt)?.kind)).toEqual([
      undefined,
      undefined,
      'result',
    ]);
    expect(leader.probes).toContainEqual({ kind: 'apply', index: session + 1, key: 'x', value: 1 });
  });

  test('malformed payloads throw WireError and change nothing', () => {
    const cluster = Cluster.started();
    const leader = cluster.leader();
    const status = leader.replica!.status();
    expect(() => leader.replica!.onClientRequest(1, Uint8Array.of(123))).toThrow(WireError);
    expect(() => leader.replica!.onPeerMessage('n2', Uint8Array.of(255))).toThrow(WireError);
    expect(leader.replica!.status()).toEqual(status);
    expect(cluster.write(leader, 'x', 5)).toMatchObject({ kind: 'result' });
  });
});

describe('starting', () => {
  test('an empty folder is refused without init', () => {
    const cluster = new Cluster();
    expect(() => cluster.start(cluster.node('n1'))).toThrow('the data folder of node n1 is empty');
  });

  test('a wiped node is refused under its old name', () => {
    const cluster = Cluster.started();
    cluster.leader();
    const node = cluster.node('n2');
    cluster.kill(node);
    for (const name of node.disk.list()) node.disk.remove(name);
    expect(() => cluster.start(node)).toThrow('empty');
  });

  test("another node's or cluster's folder is refused", () => {
    const cluster = Cluster.started();
    const node = cluster.node('n1');
    cluster.kill(node);
    expect(() => cluster.start(node, { clusterId: 'other' })).toThrow('belongs to node n1 of cluster test');
    expect(() => cluster.start(node, { id: 'n2' })).toThrow('belongs to node n1');
  });

  test('with init, a folder that holds a node already goes on as that node', () => {
    const cluster = Cluster.started({ nodes: 1 });
    const node = cluster.leader();
    cluster.write(node, 'x', 5);
    cluster.kill(node);
    cluster.start(node, { init: true });
    expect(cluster.request(cluster.leader(), { kind: 'read', mode: 'read-index', key: 'x' })).toMatchObject({
      output: 5,
    });
  });

  test('every member is born with the same first entry', () => {
    const cluster = Cluster.started();
    const born = cluster.nodes.map((node) => node.probes.find((probe) => probe.kind === 'append'));
    expect(born[0]).toMatchObject({ index: 1 });
    expect(born[1]).toEqual(born[0]);
    expect(born[2]).toEqual(born[0]);
  });

  test('a killed node comes back with its term, its vote and its log, and catches up', () => {
    const cluster = Cluster.started();
    const leader = cluster.leader();
    const [node] = followers(cluster);
    cluster.write(leader, 'x', 1);
    cluster.run(50);
    const { term, lastIndex } = node!.replica!.status();
    cluster.kill(node!);
    cluster.write(leader, 'x', 2);
    cluster.start(node!);
    expect(node!.probes.findLast((probe) => probe.kind === 'start')).toMatchObject({ term, lastIndex, commitIndex: 0 });
    const caughtUp = (): boolean => node!.replica!.status().lastApplied === leader.replica!.status().lastApplied;
    expect(cluster.until(caughtUp, 500)).toBe(true);
    expect(cluster.request(node!, { kind: 'read', mode: 'local', key: 'x' })).toMatchObject({ output: 2 });
  });
});

describe('probes', () => {
  test('tell what the map became, and leave out what changed nothing', () => {
    const cluster = Cluster.started();
    const leader = cluster.leader();
    const session = cluster.openSession(leader);
    const run = (sequence: number, operation: Operation): void => {
      cluster.request(leader, { kind: 'command', session, sequence, operation });
    };
    run(1, write(1));
    run(1, write(1));
    run(2, { f: 'cas', key: 'x', from: 9, to: 10 });
    run(3, { f: 'cas', key: 'x', from: 1, to: 2 });
    cluster.request(leader, { kind: 'read', mode: 'log', key: 'x' });
    const applied = leader.probes.filter((probe) => probe.kind === 'apply');
    expect(applied.map(({ key, value }) => [key, value])).toEqual([
      ['x', 1],
      ['x', 2],
    ]);
  });
});

test('the clock is asked once for each change of the deadline', () => {
  const cluster = Cluster.started();
  const leader = cluster.leader();
  const asked = leader.wakeAts.length;
  for (let i = 0; i < 20; i++) cluster.ask(leader, { kind: 'read', mode: 'local', key: 'x' });
  expect(leader.wakeAts.length).toBe(asked);
  cluster.run(1000);
  expect(leader.wakeAts.length).toBeGreaterThan(asked + 10);
  for (const [i, atNs] of leader.wakeAts.entries()) expect(atNs).not.toBe(leader.wakeAts[i - 1]);
});

test('the same seed and the same requests give the same life, probe for probe', () => {
  const live = (): unknown => {
    const cluster = Cluster.started();
    const old = cluster.leader();
    cluster.write(old, 'x', 1);
    cluster.losePower(old, 'seed');
    cluster.write(cluster.leader(), 'x', 2);
    cluster.start(old);
    cluster.run(500);
    return cluster.nodes.map(({ probes }) => probes);
  };
  expect(live()).toEqual(live());
});
