/** What a replica promises, and when: "updated on stable storage before responding to RPCs" (Raft figure 2). */
import { describe, expect, test } from 'vitest';
import { encodeUtf8 } from '../../src/base/utf8.ts';
import { msToNs } from '../../src/base/time.ts';
import { ALL_RULES } from '../../src/raft/rules.ts';
import type { Entry, Message } from '../../src/raft/types.ts';
import { encodeMessage } from '../../src/wire/raft-messages.ts';
import { Cluster, type Node } from './cluster.ts';

type Of<K extends Message['kind']> = Extract<Message, { kind: K }>;

function sentOf<K extends Message['kind']>(node: Node, kind: K): readonly Of<K>[] {
  return node.sent.map(({ message }) => message).filter((message): message is Of<K> => message.kind === kind);
}

/** One replica of three that hears only what a test tells it. */
function alone(options: ConstructorParameters<typeof Cluster>[0] = {}): { cluster: Cluster; node: Node } {
  const cluster = new Cluster({ syncMs: 10, ...options });
  const node = cluster.node('n1');
  cluster.start(node, { init: true });
  cluster.isolate(node);
  return { cluster, node };
}

const ENTRY: Entry = { index: 2, term: 5, kind: 'noop', data: new Uint8Array() };

function append(node: Node, entries: readonly Entry[], round: number): void {
  const message: Message = {
    kind: 'appendEntries',
    term: 5,
    leaderId: 'n2',
    prevLogIndex: 1,
    prevLogTerm: 1,
    entries,
    leaderCommit: 0,
    round,
  };
  node.replica!.onPeerMessage('n2', encodeMessage(message));
}

function requestVote(node: Node, from: string): void {
  const message: Message = {
    kind: 'requestVote',
    term: 5,
    candidateId: from,
    lastLogIndex: 9,
    lastLogTerm: 4,
    pre: false,
    transfer: false,
  };
  node.replica!.onPeerMessage(from, encodeMessage(message));
}

/** What the node finds after losing power and starting again. */
function afterPowerLoss(cluster: Cluster, node: Node): Extract<Node['probes'][number], { kind: 'start' }> {
  cluster.losePower(node, 'lost');
  cluster.start(node);
  const start = node.probes.findLast((probe) => probe.kind === 'start');
  if (start?.kind !== 'start') throw new Error('it did not start');
  return start;
}

describe('a vote', () => {
  test('is granted only when term and vote are durable', () => {
    const { cluster, node } = alone();
    cluster.run(1);
    requestVote(node, 'n2');
    expect(sentOf(node, 'requestVoteReply')).toEqual([]);
    cluster.run(9.9);
    expect(sentOf(node, 'requestVoteReply')).toEqual([]);
    cluster.run(0.2);
    expect(sentOf(node, 'requestVoteReply')).toMatchObject([{ granted: true, term: 5 }]);
    expect(afterPowerLoss(cluster, node)).toMatchObject({ term: 5, votedFor: 'n2' });
    requestVote(node, 'n3');
    cluster.run(20);
    expect(sentOf(node, 'requestVoteReply').slice(1)).toMatchObject([{ granted: false }]);
  });

  test('asked for a second time while the first write is under way, waits for that write', () => {
    const { cluster, node } = alone();
    requestVote(node, 'n2');
    cluster.run(5);
    requestVote(node, 'n2');
    expect(sentOf(node, 'requestVoteReply')).toEqual([]);
    cluster.run(5.1);
    expect(sentOf(node, 'requestVoteReply').length).toBe(2);
  });

  test('that a crash overtakes is never sent', () => {
    const { cluster, node } = alone();
    requestVote(node, 'n2');
    cluster.run(5);
    cluster.kill(node);
    cluster.run(50);
    expect(sentOf(node, 'requestVoteReply')).toEqual([]);
  });

  test('is asked for by a candidate only when its own term and vote are durable', () => {
    const cluster = Cluster.started({ syncMs: 10 });
    const asked = (node: Node): Of<'requestVote'> | undefined => sentOf(node, 'requestVote').find(({ pre }) => !pre);
    expect(cluster.until(() => cluster.nodes.some((node) => asked(node)))).toBe(true);
    const candidate = cluster.nodes.find((node) => asked(node))!;
    const { term } = asked(candidate)!;
    expect(afterPowerLoss(cluster, candidate)).toMatchObject({ term, votedFor: candidate.id });
  });
});

describe('an acknowledgement of entries', () => {
  test('waits until they are durable, also for a duplicate that arrives while the first is unsynced', () => {
    const { cluster, node } = alone();
    append(node, [ENTRY], 1);
    cluster.run(5);
    append(node, [ENTRY], 2);
    const matched = (): readonly Of<'appendEntriesReply'>[] =>
      sentOf(node, 'appendEntriesReply').filter(({ success, matchIndex }) => success && matchIndex >= 2);
    expect(matched()).toEqual([]);
    cluster.run(5.1);
    expect(matched().map(({ round }) => round)).toEqual([1, 2]);
    expect(afterPowerLoss(cluster, node)).toMatchObject({ lastIndex: 2, lastTerm: 5 });
  });

  test('does not wait in mutant M23, and then a power loss takes back what was promised', () => {
    const { cluster, node } = alone({ rules: { ...ALL_RULES, ackAfterFsync: false }, syncMs: 50 });
    append(node, [], 1);
    cluster.run(60);
    append(node, [ENTRY], 2);
    expect(sentOf(node, 'appendEntriesReply').at(-1)).toMatchObject({ success: true, matchIndex: 2 });
    expect(afterPowerLoss(cluster, node)).toMatchObject({ lastIndex: 1 });
  });
});

test('a leader counts itself only when its own entry is durable', () => {
  const cluster = Cluster.started({ nodes: 1, syncMs: 10 });
  const leader = cluster.leader();
  const session = cluster.openSession(leader);
  const askedNs = cluster.clock.nowNs();
  cluster.request(leader, {
    kind: 'command',
    session,
    sequence: 1,
    operation: { f: 'write', key: 'x', value: 1 },
  });
  expect(cluster.clock.nowNs() - askedNs).toBeGreaterThanOrEqual(msToNs(10));
  cluster.losePower(leader, 'lost');
  cluster.start(leader);
  cluster.leader();
  expect(cluster.request(leader, { kind: 'read', mode: 'read-index', key: 'x' })).toMatchObject({ output: 1 });
});

test('an acknowledged write survives a power loss of all nodes at that very moment', () => {
  for (const seed of ['a', 'b', 'c', 'd', 'e']) {
    const cluster = Cluster.started({ syncMs: 3 });
    expect(cluster.write(cluster.leader(), 'x', 5)).toMatchObject({ kind: 'result' });
    for (const node of cluster.nodes) cluster.losePower(node, seed);
    for (const node of cluster.nodes) cluster.start(node);
    expect(cluster.request(cluster.leader(), { kind: 'read', mode: 'read-index', key: 'x' })).toMatchObject({
      output: 5,
    });
  }
});

describe('a log that goes idle', () => {
  test('attests its last record within 10 ms, so that damage there is refused', () => {
    const cluster = Cluster.started({ nodes: 1 });
    const node = cluster.leader();
    cluster.write(node, 'x', 123456789);
    cluster.run(10);
    cluster.kill(node);
    const [name] = node.disk.list();
    const bytes = node.disk.read(name!)!;
    const value = [...encodeUtf8('123456789')];
    const at = bytes.findLastIndex((_, i) => value.every((byte, k) => bytes[i + k] === byte));
    expect(at).toBeGreaterThan(0);
    bytes[at]! ^= 1;
    node.disk.remove(name!);
    node.disk.create(name!);
    node.disk.append(name!, bytes);
    expect(() => cluster.start(node)).toThrow(`${name} is damaged at byte`);
  });

  test('writes nothing more until there is something to say', () => {
    const cluster = Cluster.started();
    cluster.write(cluster.leader(), 'x', 1);
    cluster.run(50);
    const sizes = (): readonly number[] => cluster.nodes.map(({ disk }) => disk.read(disk.list()[0]!)!.length);
    const before = sizes();
    cluster.run(500);
    expect(sizes()).toEqual(before);
  });
});
