/** Snapshots at one replica and between them (Raft 7, figure 13): what is written, when, what is accepted, and what a crash leaves. */
import { describe, expect, test } from 'vitest';
import { keyed } from '../../src/base/random.ts';
import { msToNs } from '../../src/base/time.ts';
import type { ProbeBody } from '../../src/contract/probe.ts';
import { encodeCommand } from '../../src/kv/commands.ts';
import { newCluster } from '../../src/raft/configuration.ts';
import { ALL_RULES } from '../../src/raft/rules.ts';
import type { Entry, Message } from '../../src/raft/types.ts';
import { encodeMessage } from '../../src/wire/raft-messages.ts';
import { Cluster, type ClusterOptions, type Node } from './cluster.ts';

/** After every tenth entry, at once, in one slice. */
const SMALL = {
  everyEntries: 10,
  everyBytes: Infinity,
  keepEntries: 0,
  sliceBytes: 1_000_000,
  pauseNs: msToNs(1),
} as const;

type Of<K extends Message['kind']> = Extract<Message, { kind: K }>;
type SnapshotProbe = Extract<ProbeBody, { kind: 'snapshot' }>;

const snapshotsOf = (node: Node): readonly SnapshotProbe[] => node.probes.filter((it) => it.kind === 'snapshot');
const savedOf = (node: Node): readonly SnapshotProbe[] => snapshotsOf(node).filter((it) => !it.installed);
const installedOf = (node: Node): readonly SnapshotProbe[] => snapshotsOf(node).filter((it) => it.installed);
const filesOf = (node: Node): readonly string[] => node.disk.list().filter((name) => name.endsWith('.snap'));

function sentOf<K extends Message['kind']>(node: Node, kind: K): readonly Of<K>[] {
  return node.sent.map(({ message }) => message).filter((message): message is Of<K> => message.kind === kind);
}

/** A cluster that leads and has written `k1` to `k<writes>`, each to its own number. */
function written(writes: number, options: ClusterOptions = {}): { cluster: Cluster; leader: Node; others: Node[] } {
  const cluster = Cluster.started({ snapshots: SMALL, segmentBytes: 500, ...options });
  const leader = cluster.leader();
  write(cluster, leader, 1, writes);
  return { cluster, leader, others: cluster.nodes.filter((it) => it !== leader) };
}

function write(cluster: Cluster, leader: Node, from: number, to: number): void {
  for (let nth = from; nth <= to; nth++) expect(cluster.write(leader, `k${nth}`, nth).kind).toBe('result');
}

/** The values of `k1` to `k<keys>` in this node's own state. */
function valuesOf(cluster: Cluster, node: Node, keys: number): unknown[] {
  return Array.from({ length: keys }, (_, i) => {
    const answer = cluster.request(node, { kind: 'read', key: `k${i + 1}`, mode: 'local' });
    return answer.kind === 'result' ? answer.output : answer.kind;
  });
}

const upTo = (last: number): number[] => Array.from({ length: last }, (_, i) => i + 1);

describe('a node that takes snapshots', () => {
  test('cuts its log: whole segments are removed, and one snapshot stays', () => {
    const { cluster, leader } = written(30);
    cluster.run(100);
    expect(savedOf(leader).length).toBeGreaterThan(4);
    expect(filesOf(leader)).toEqual([`snapshot-${String(savedOf(leader).at(-1)!.index).padStart(16, '0')}.snap`]);
    const segments = leader.disk.list().filter((name) => name.endsWith('.wal'));
    expect(segments[0]).not.toBe('log-0000000000000000.wal');
    expect(segments.length).toBeLessThan(5);
  });

  test('recovers from snapshot and log, after a crash and after a power loss, with all values', () => {
    const { cluster, leader, others } = written(25);
    cluster.run(100);
    const { lastIndex } = leader.replica!.status();
    for (const [nth, node] of others.entries()) {
      if (nth === 0) cluster.kill(node);
      else cluster.losePower(node, 'lost');
      cluster.start(node);
      const start = node.probes.findLast((probe) => probe.kind === 'start');
      expect(start?.commitIndex).toBe(savedOf(node).at(-1)!.index);
      cluster.until(() => node.replica!.status().lastApplied >= lastIndex);
      expect(valuesOf(cluster, node, 25)).toEqual(upTo(25));
    }
  });

  test('equal indexes have equal snapshots on all nodes', () => {
    const { cluster } = written(30);
    cluster.run(100);
    const hashes = new Map<number, Set<number>>();
    for (const probe of cluster.nodes.flatMap(savedOf)) {
      hashes.set(probe.index, (hashes.get(probe.index) ?? new Set()).add(probe.hash));
    }
    expect(hashes.size).toBeGreaterThan(4);
    for (const [index, of] of hashes) expect([index, of.size]).toEqual([index, 1]);
  });

  test('writes them in slices, and answers in between', () => {
    const slow = { ...SMALL, everyEntries: 20, sliceBytes: 30, pauseNs: msToNs(5) };
    const { cluster, leader } = written(11, { snapshots: slow });
    expect(savedOf(leader)).toEqual([]);
    expect(leader.disk.list()).toContain('snapshot.tmp');
    expect(cluster.write(leader, 'k12', 12).kind).toBe('result');
    expect(savedOf(leader)).toEqual([]);
    cluster.run(200);
    expect(savedOf(leader).length).toBe(1);
    expect(leader.disk.list()).not.toContain('snapshot.tmp');
  });

  test('never gives one its name before the log is durable up to its end', () => {
    const { cluster, leader, others } = written(4);
    cluster.run(50);
    cluster.syncMs = 40;
    const follower = others[0]!;
    const begun = savedOf(leader).length + savedOf(follower).length;
    for (let nth = 0; nth < 12; nth++) cluster.ask(leader, { kind: 'openSession' });
    // Committed by what the others have synced; nothing here fails if nobody saves, so that is asked at the end.
    for (const node of cluster.nodes) {
      let seen = savedOf(node).length;
      cluster.until(() => {
        if (savedOf(node).length === seen) return false;
        seen = savedOf(node).length;
        return true;
      }, 300);
    }
    expect(savedOf(leader).length + savedOf(follower).length).toBeGreaterThan(begun);
    for (const node of cluster.nodes) {
      cluster.losePower(node, 'now');
      cluster.start(node);
      const start = node.probes.findLast((probe) => probe.kind === 'start')!;
      expect(start.kind === 'start' && start.lastIndex >= savedOf(node).at(-1)!.index).toBe(true);
    }
  });

  test('refuses to start on a damaged one, and says which', () => {
    const { cluster, others } = written(12);
    cluster.run(50);
    const node = others[0]!;
    cluster.kill(node);
    const [name] = filesOf(node);
    const bytes = node.disk.read(name!)!;
    for (const at of [0, 4, 20, bytes.length - 1]) {
      const wrong = bytes.slice();
      wrong[at]! ^= 1;
      overwrite(node, name!, wrong);
      expect(() => cluster.start(node)).toThrow(`${name} is damaged: its checksum is wrong`);
    }
    overwrite(node, name!, bytes.subarray(0, 3));
    expect(() => cluster.start(node)).toThrow(`${name} is damaged`);
    overwrite(node, name!, bytes);
    cluster.start(node);
  });

  test('refuses to start where the log begins behind its newest snapshot', () => {
    const { cluster, others } = written(30);
    cluster.run(50);
    const node = others[0]!;
    cluster.kill(node);
    for (const name of filesOf(node)) node.disk.remove(name);
    expect(() => cluster.start(node)).toThrow(/log-\d+\.wal is damaged at byte 0: the log begins behind entry \d+/);
  });
});

function overwrite(node: Node, name: string, bytes: Uint8Array): void {
  node.disk.remove(name);
  node.disk.create(name);
  node.disk.append(name, bytes);
  node.disk.syncNow(name);
  node.disk.syncFolder();
}

describe('a follower that was away while the log was cut', () => {
  test.each([
    ['one chunk', 1_000_000],
    ['many chunks', 30],
  ])('gets a snapshot in %s, then the rest of the log, and holds the same state', (_, sliceBytes) => {
    const { cluster, leader, others } = written(3, { snapshots: { ...SMALL, sliceBytes } });
    const away = others[0]!;
    cluster.kill(away);
    write(cluster, leader, 4, 30);
    cluster.run(200);
    cluster.start(away);
    const { lastIndex } = leader.replica!.status();
    expect(cluster.until(() => away.replica!.status().lastApplied === lastIndex)).toBe(true);
    expect(installedOf(away).length).toBe(1);
    expect(valuesOf(cluster, away, 30)).toEqual(upTo(30));
    const chunks = sentOf(leader, 'installSnapshot');
    if (sliceBytes === 30) expect(new Set(chunks.map((it) => it.offset)).size).toBeGreaterThan(10);
    else expect(new Set(chunks.map((it) => it.offset)).size).toBe(1);
    // What it has is its own by now.
    cluster.losePower(away, 'after');
    cluster.start(away);
    cluster.until(() => away.replica!.status().lastApplied === lastIndex);
    expect(valuesOf(cluster, away, 30)).toEqual(upTo(30));
    expect(cluster.write(leader, 'k31', 31).kind).toBe('result');
  });

  test('needs none as long as the entries it lacks are kept in memory', () => {
    const { cluster, leader, others } = written(3, { snapshots: { ...SMALL, keepEntries: 1000 } });
    const away = others[0]!;
    cluster.kill(away);
    write(cluster, leader, 4, 30);
    cluster.run(50);
    expect(savedOf(leader).length).toBeGreaterThan(3);
    cluster.start(away);
    const { lastIndex } = leader.replica!.status();
    expect(cluster.until(() => away.replica!.status().lastApplied === lastIndex)).toBe(true);
    expect(sentOf(leader, 'installSnapshot')).toEqual([]);
  });

  test('a snapshot on its way to a follower is finished although newer ones are saved meanwhile', () => {
    const { cluster, leader, others } = written(3, { snapshots: { ...SMALL, sliceBytes: 20 } });
    const away = others[0]!;
    cluster.kill(away);
    write(cluster, leader, 4, 30);
    cluster.run(200);
    cluster.start(away);
    cluster.until(() => sentOf(leader, 'installSnapshot').length > 3);
    const sending = sentOf(leader, 'installSnapshot').at(-1)!.lastIncludedIndex;
    const saved = savedOf(leader).length;
    for (let nth = 0; nth < 12; nth++) cluster.ask(leader, { kind: 'openSession' });
    cluster.until(() => installedOf(away).length > 0);
    expect(savedOf(leader).length).toBeGreaterThanOrEqual(saved);
    expect(installedOf(away)[0]!.index).toBe(sending);
    const { lastIndex } = leader.replica!.status();
    expect(cluster.until(() => away.replica!.status().lastApplied >= lastIndex)).toBe(true);
    expect(installedOf(away).length).toBe(1);
  });
});

/** One replica of three that hears only what a test tells it, as if by n2, leader of term 5. */
function alone(options: ClusterOptions = {}): { cluster: Cluster; node: Node } {
  const cluster = new Cluster({ snapshots: { ...SMALL, everyEntries: Infinity }, syncMs: 10, ...options });
  const node = cluster.node('n1');
  cluster.start(node, { init: true });
  cluster.isolate(node);
  return { cluster, node };
}

/** A snapshot of another cluster of the same name and members: up to `index`, of term 4. */
function foreignSnapshot(index: number): Uint8Array {
  const cluster = new Cluster({ snapshots: { ...SMALL, everyEntries: index }, syncMs: 1 });
  const node = cluster.node('n1');
  cluster.start(node, { init: true });
  cluster.isolate(node);
  append(node, entriesOf(4, 2, index), { term: 4, leaderCommit: index });
  cluster.run(50);
  const bytes = node.disk.read(filesOf(node)[0] ?? 'none');
  expect(savedOf(node).map((probe) => probe.index)).toEqual([index]);
  return bytes!;
}

function entriesOf(term: number, from: number, to: number): Entry[] {
  return Array.from({ length: to - from + 1 }, (_, i) => ({
    index: from + i,
    term,
    kind: 'command',
    data: encodeCommand({ kind: 'openSession' }),
  }));
}

function append(node: Node, entries: readonly Entry[], more: Partial<Of<'appendEntries'>> = {}): void {
  const place = { prevLogIndex: 1, prevLogTerm: 1, leaderCommit: 0, round: 1 };
  const message: Message = { kind: 'appendEntries', term: 5, leaderId: 'n2', ...place, entries, ...more };
  node.replica!.onPeerMessage('n2', encodeMessage(message));
}

function install(node: Node, index: number, data: Uint8Array, more: Partial<Of<'installSnapshot'>> = {}): void {
  const place = { leaderId: 'n2', lastIncludedIndex: index, lastIncludedTerm: 4, offset: 0, done: true };
  node.replica!.onPeerMessage('n2', encodeMessage({ kind: 'installSnapshot', term: 5, ...place, data, ...more }));
}

/** What was answered, once everything is durable. */
function answers(cluster: Cluster, node: Node): readonly (readonly [offset: number, installed: boolean])[] {
  cluster.run(30);
  return sentOf(node, 'installSnapshotReply').map((it) => [it.offset, it.installed] as const);
}

describe('InstallSnapshot at the receiver (figure 13)', () => {
  const bytes = foreignSnapshot(20);

  test('a snapshot that ends behind commitIndex replaces an empty log; the next entries follow it', () => {
    const { cluster, node } = alone();
    install(node, 20, bytes);
    expect(answers(cluster, node)).toEqual([[bytes.length, true]]);
    expect(node.replica!.status()).toMatchObject({ commitIndex: 20, lastApplied: 20, lastIndex: 20, term: 5 });
    append(node, entriesOf(5, 21, 22), { prevLogIndex: 20, prevLogTerm: 4, leaderCommit: 22 });
    expect(node.replica!.status()).toMatchObject({ commitIndex: 22, lastApplied: 22, lastIndex: 22 });
  });

  test('one that ends at or before commitIndex is not installed (M49), and answered as what is there already', () => {
    const { cluster, node } = alone();
    append(node, entriesOf(4, 2, 25), { leaderCommit: 20 });
    cluster.run(30);
    install(node, 20, bytes);
    expect(answers(cluster, node)).toEqual([[0, true]]);
    expect(installedOf(node)).toEqual([]);
    expect(node.replica!.status()).toMatchObject({ commitIndex: 20, lastIndex: 25 });
    const mutant = alone({ rules: { ...ALL_RULES, snapshotAheadOfCommit: false } });
    append(mutant.node, entriesOf(4, 2, 25), { leaderCommit: 25 });
    install(mutant.node, 20, bytes);
    expect(mutant.node.replica!.status().commitIndex).toBe(20);
  });

  test('the answer about what is there already waits until it is durable', () => {
    const { cluster, node } = alone();
    append(node, entriesOf(4, 2, 25), { leaderCommit: 20 });
    install(node, 20, bytes);
    expect(sentOf(node, 'installSnapshotReply')).toEqual([]);
    expect(answers(cluster, node)).toEqual([[0, true]]);
  });

  test('entries behind it stay if the entry at its end is the same, and are durable with it', () => {
    const { cluster, node } = alone();
    append(node, entriesOf(4, 2, 25));
    install(node, 20, bytes);
    expect(answers(cluster, node)).toEqual([[bytes.length, true]]);
    expect(node.replica!.status()).toMatchObject({ commitIndex: 20, lastIndex: 25 });
    expect(restarted(cluster, node)).toMatchObject({ lastIndex: 25, lastTerm: 4, commitIndex: 20 });
  });

  test('entries behind it go if the entry at its end is another, for good; a mutant keeps them (M48)', () => {
    const { cluster, node } = alone();
    append(node, entriesOf(3, 2, 25), { term: 3 });
    install(node, 20, bytes);
    expect(answers(cluster, node)).toEqual([[bytes.length, true]]);
    expect(node.replica!.status().lastIndex).toBe(20);
    append(node, entriesOf(5, 21, 21), { prevLogIndex: 20, prevLogTerm: 4 });
    cluster.run(30);
    expect(restarted(cluster, node)).toMatchObject({ lastIndex: 21, lastTerm: 5, commitIndex: 20 });
    const mutant = alone({ rules: { ...ALL_RULES, snapshotDropsConflict: false } });
    append(mutant.node, entriesOf(3, 2, 25), { term: 3 });
    install(mutant.node, 20, bytes);
    expect(mutant.node.replica!.status().lastIndex).toBe(25);
  });

  test('what is answered as installed survives a power loss at that moment', () => {
    for (let seed = 0; seed < 20; seed++) {
      const { cluster, node } = alone();
      append(node, entriesOf(3, 2, 25), { term: 3 });
      install(node, 20, bytes);
      cluster.until(() => sentOf(node, 'installSnapshotReply').length > 0);
      expect(restarted(cluster, node, `${seed}`)).toMatchObject({
        lastIndex: 20,
        lastTerm: 4,
        commitIndex: 20,
        term: 5,
      });
    }
  });

  test('chunks follow one another; one that is out of place is answered with the place', () => {
    const { cluster, node } = alone();
    const chunk = (from: number, to: number, done = false): void =>
      install(node, 20, bytes.subarray(from, to), { offset: from, done });
    chunk(0, 50);
    chunk(100, 150);
    chunk(0, 50);
    chunk(50, 100);
    chunk(100, bytes.length, true);
    expect(answers(cluster, node)).toEqual([
      [50, false],
      [50, false],
      [50, false],
      [100, false],
      [bytes.length, true],
    ]);
    expect(installedOf(node).length).toBe(1);
  });

  test.each([
    ['another term', { term: 6 }],
    ['another end', { lastIncludedIndex: 19 }],
    ['another term of its end', { lastIncludedTerm: 3 }],
  ])('a chunk of %s does not continue it', (_, other) => {
    const { cluster, node } = alone();
    install(node, 20, bytes.subarray(0, 50), { done: false });
    install(node, 20, bytes.subarray(50, 100), { offset: 50, done: false, ...other });
    expect(answers(cluster, node).at(-1)).toEqual([0, false]);
  });

  test('one that is damaged on its way is not installed, and can be sent again', () => {
    const { cluster, node } = alone();
    const wrong = bytes.slice();
    wrong[60]! ^= 1;
    install(node, 20, wrong);
    expect(answers(cluster, node)).toEqual([]);
    expect(node.replica!.status().commitIndex).toBe(0);
    install(node, 20, bytes);
    expect(answers(cluster, node)).toEqual([[bytes.length, true]]);
  });

  test('one of an earlier term is answered with the present one', () => {
    const { cluster, node } = alone();
    append(node, [], { term: 7 });
    install(node, 20, bytes);
    expect(answers(cluster, node)).toEqual([[0, false]]);
    expect(sentOf(node, 'installSnapshotReply')[0]!.term).toBe(7);
    expect(installedOf(node)).toEqual([]);
  });

  test('the configuration comes with it, and a restart finds it; a mutant that leaves it out finds the first one (M50)', () => {
    const four = { voters: ['n1', 'n2', 'n3', 'n4'], outgoing: [], learners: [], addresses: { n4: 'd:4' } };
    const [change] = newCluster(four).entries;
    const configured = (rules = ALL_RULES): unknown => {
      const { cluster, node } = alone({ rules, snapshots: { ...SMALL, everyEntries: 20 }, segmentBytes: 100 });
      cluster.cuts.add('n1>n4');
      append(node, [{ ...change!, index: 2, term: 4 }, ...entriesOf(4, 3, 20)], { leaderCommit: 20 });
      cluster.run(50);
      expect(savedOf(node).length).toBe(1);
      cluster.losePower(node, 'changed');
      cluster.start(node);
      cluster.until(() => sentOf(node, 'requestVote').length > 4, 2000);
      return new Set(node.sent.filter((it) => it.message.kind === 'requestVote').map((it) => it.to));
    };
    expect(configured()).toEqual(new Set(['n2', 'n3', 'n4']));
    expect(configured({ ...ALL_RULES, snapshotHoldsConfiguration: false })).toEqual(new Set(['n2', 'n3']));
  });
});

/** What it finds after a power loss. */
function restarted(cluster: Cluster, node: Node, seed = 'restarted'): ProbeBody {
  cluster.losePower(node, seed);
  cluster.start(node);
  return node.probes.findLast((probe) => probe.kind === 'start')!;
}

test('a power loss at any moment while snapshots are written and installed loses nothing that was answered', () => {
  let during = 0;
  for (let seed = 0; seed < 60; seed++) {
    const random = keyed('any moment', seed);
    const snapshots = { ...SMALL, sliceBytes: 40, pauseNs: msToNs(8) };
    const { cluster, leader, others } = written(4, { snapshots });
    const away = others[0]!;
    cluster.kill(away);
    write(cluster, leader, 5, 14);
    cluster.start(away);
    cluster.run(random.int(40));
    if (cluster.nodes.some((node) => node.disk.list().some((name) => name.endsWith('.tmp')))) during++;
    for (const node of cluster.nodes) cluster.losePower(node, `${seed}`);
    for (const node of cluster.nodes) cluster.start(node);
    const next = cluster.leader();
    expect(cluster.write(next, 'k15', 15).kind).toBe('result');
    const { lastIndex } = next.replica!.status();
    cluster.until(() => cluster.nodes.every((node) => node.replica!.status().lastApplied >= lastIndex));
    for (const node of cluster.nodes) expect(valuesOf(cluster, node, 15)).toEqual(upTo(15));
  }
  expect(during).toBeGreaterThan(10);
});
