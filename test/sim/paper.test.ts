/**
 * Sentences of the Raft paper (Ongaro & Ousterhout 2014, sections 5.1 to 5.4 and 8) that only a whole cluster can hold to.
 * What one node does by itself is tested beside the core. After every story no invariant may be broken, no node may have died,
 * and what the clients saw must be linearizable.
 */
import { expect, test } from 'vitest';
import type { Completion } from '../../src/contract/index.ts';
import { isLevel, judgedClusters } from './stories.ts';

const cluster = judgedClusters();

const outputOf = (completion: Completion): unknown => (completion.kind === 'ok' ? completion.output : completion);

test('5.2: servers that start together elect one leader, and the others follow it', () => {
  for (const nodes of [1, 2, 3, 5]) {
    const it = cluster({ nodes });
    const leader = it.awaitLeader();
    it.until('followers', () => it.ids.every((id) => it.simulation.node(id).status()?.leader === leader));
    const term = it.simulation.node(leader).status()!.term;
    it.simulation.runFor(3000);
    // Heartbeats keep it in office.
    expect(it.simulation.node(leader).status()).toMatchObject({ role: 'leader', term });
  }
});

test('5.2: when the leader crashes another one is elected, in a higher term, and the old one comes back as a follower', () => {
  const it = cluster();
  const first = it.awaitLeader();
  const term = it.simulation.node(first).status()!.term;
  it.simulation.crash(first);
  const second = it.awaitLeader([first]);
  expect(it.simulation.node(second).status()!.term).toBeGreaterThan(term);
  it.simulation.start(first);
  it.until('the old leader to follow', () => it.simulation.node(first).status()?.leader === second);
});

test('5.2: without a majority there is no leader', () => {
  const it = cluster();
  const first = it.awaitLeader();
  const [second, third] = it.followers(first);
  it.simulation.crash(first);
  it.simulation.crash(second!);
  it.simulation.runFor(5000);
  expect(it.simulation.node(third!).status()?.role).not.toBe('leader');
});

test('5.1: a leader that finds its term out of date steps down', () => {
  const it = cluster({ core: { checkQuorum: false } });
  const old = it.awaitLeader();
  it.simulation.isolate([old]);
  const next = it.awaitLeader([old]);
  expect(it.simulation.node(old).status()?.role).toBe('leader');
  it.simulation.healAll();
  it.until('the old leader to step down', () => it.simulation.node(old).status()?.role === 'follower');
  expect(it.simulation.node(next).status()?.role).toBe('leader');
});

test('5.3: a follower that was away gets every entry that it missed', () => {
  for (const maxEntriesPerMessage of [1, 1000]) {
    const it = cluster({ core: { maxEntriesPerMessage } });
    const leader = it.awaitLeader();
    const [away] = it.followers(leader);
    it.simulation.crash(away!);
    const client = it.client(leader);
    for (let value = 1; value <= 40; value++) expect(client.write('x', value).kind).toBe('ok');
    it.simulation.start(away!);
    it.until('the follower to catch up', () => isLevel(it, away!, leader));
    const applied = it.probes.filter((probe) => probe.node === away && probe.kind === 'apply');
    expect(applied.at(-1)).toMatchObject({ key: 'x', value: 40 });
  }
});

test('5.3: entries of a minority leader are overwritten, and its client is told that it is not known what became of them', () => {
  for (const checkQuorum of [true, false]) {
    const it = cluster({ nodes: 5, core: { checkQuorum } });
    const old = it.awaitLeader();
    const [companion] = it.followers(old);
    // It waits for longer than it takes the leader to learn that it is none.
    const doubtful = it.client(old, { pinned: true, attemptTimeoutMs: 1800 });
    expect(doubtful.write('x', 0).kind).toBe('ok');
    it.simulation.isolate([old, companion!]);
    const answer = doubtful.begin({ f: 'write', key: 'x', value: 1 });
    const next = it.awaitLeader([old, companion!]);
    const abandoned = it.probes.findLast((probe) => probe.node === old && probe.kind === 'append');
    expect(it.client(next).write('x', 2).kind).toBe('ok');
    it.simulation.healAll();
    it.until('the client to be told', () => answer() !== undefined);
    expect(answer()!.kind).toBe('unknown');
    it.until('the old leader to catch up', () => isLevel(it, old, next) && isLevel(it, companion!, next));
    for (const node of [old, companion!]) {
      const overwrites = it.probes.filter(
        (probe) =>
          probe.node === node &&
          probe.kind === 'append' &&
          abandoned?.kind === 'append' &&
          probe.index === abandoned.index &&
          probe.entryTerm > abandoned.entryTerm,
      );
      expect(overwrites).toHaveLength(1);
    }
    expect(outputOf(it.client(next).read('x'))).toBe(2);
  }
});

test('5.3: a slow or silent follower does not hold the others up', () => {
  const it = cluster();
  const leader = it.awaitLeader();
  it.simulation.pause(it.followers(leader)[0]!);
  expect(it.client(leader).write('x', 1).kind).toBe('ok');
});

test('5.4.1: a server whose log lacks committed entries is not elected, though it asks first', () => {
  const it = cluster();
  const leader = it.awaitLeader();
  const [stale, complete] = it.followers(leader);
  it.simulation.crash(stale!);
  expect(it.client(leader).write('x', 1).kind).toBe('ok');
  // Cut off, it asks for votes in vain and its timer runs out first when the others are allowed to hear it.
  it.simulation.isolate([stale!]);
  it.simulation.start(stale!);
  it.simulation.runFor(1000);
  it.simulation.crash(leader);
  it.simulation.healAll();
  expect(it.awaitLeader([leader])).toBe(complete);
  expect(outputOf(it.client(complete!).read('x'))).toBe(1);
});

test('5.4.2, 8: a new leader commits what it found of earlier terms by its own first entry, without any client', () => {
  const it = cluster();
  const first = it.awaitLeader();
  const followers = it.followers(first);
  const client = it.client(first);
  expect(client.write('x', 1).kind).toBe('ok');
  // Both followers get the entry and neither answer arrives: it stands on all servers and is not committed.
  for (const id of followers) it.simulation.cut(id, first);
  const before = it.probes.length;
  const answer = client.begin({ f: 'write', key: 'x', value: 2 });
  const gotIt = (id: string): boolean => it.probes.slice(before).some((p) => p.node === id && p.kind === 'append');
  it.until('both followers to append', () => followers.every(gotIt));
  it.simulation.runFor(5);
  it.simulation.crash(first);
  it.simulation.healAll();
  const next = it.awaitLeader([first]);
  expect(outputOf(it.client(next).read('x'))).toBe(2);
  it.until('an answer', () => answer() !== undefined);
});

test('5.3, figure 2: what was answered survives a power loss of every server', () => {
  for (let nth = 0; nth < 20; nth++) {
    const it = cluster({ seed: `power ${nth}`, syncMs: [1, 20] });
    const client = it.client(it.awaitLeader());
    expect(client.write('x', 1).kind).toBe('ok');
    expect(client.cas('x', 1, 2)).toMatchObject({ kind: 'ok', output: true });
    // Another write is under way.
    client.begin({ f: 'write', key: 'y', value: 3 });
    it.simulation.runFor(nth);
    it.simulation.losePower(it.ids);
    it.simulation.startAll();
    expect(outputOf(it.client(it.awaitLeader()).read('x'))).toBe(2);
  }
});

test('5.2: a vote that was counted is not forgotten in a power loss: nobody else leads that term', () => {
  for (let nth = 0; nth < 20; nth++) {
    const it = cluster({ seed: `vote ${nth}`, core: { preVote: false }, syncMs: [5, 5] });
    const elected = (): string | undefined => it.simulation.leader();
    it.until('a leader', () => elected() !== undefined);
    const first = elected()!;
    const { term } = it.simulation.node(first).status()!;
    // Its voters fail at the very instant of its election.
    it.simulation.isolate([first]);
    it.simulation.losePower(it.followers(first));
    it.simulation.startAll();
    expect(it.simulation.node(it.awaitLeader([first])).status()!.term).toBeGreaterThan(term);
  }
});

test('8: a command whose answer was lost with its leader is answered by the next one, and applied once', () => {
  const it = cluster();
  const first = it.awaitLeader();
  const client = it.client(first);
  expect(client.write('x', 1).kind).toBe('ok');
  it.simulation.cut(first, 'client0');
  const answer = client.begin({ f: 'cas', key: 'x', value: [1, 2] });
  it.until('it to be applied', () => it.probes.some((p) => p.node === first && p.kind === 'apply' && p.value === 2));
  it.simulation.crash(first);
  it.until('an answer', () => answer() !== undefined);
  // Applied twice, the second one would be a mismatch.
  expect(answer()).toMatchObject({ kind: 'ok', output: true });
  expect(answer()).not.toMatchObject({ from: { node: first } });
  for (const id of it.followers(first)) {
    expect(it.probes.filter((p) => p.node === id && p.kind === 'apply' && p.value === 2)).toHaveLength(1);
  }
});

test('8: a client that asks a follower is led to the leader', () => {
  const it = cluster();
  const leader = it.awaitLeader();
  for (const follower of it.followers(leader)) {
    expect(it.client(follower).write('x', follower)).toMatchObject({ kind: 'ok', from: { node: leader } });
  }
});

test('8: a deposed leader does not answer reads', () => {
  for (const checkQuorum of [true, false]) {
    const it = cluster({ core: { checkQuorum } });
    const old = it.awaitLeader();
    const witness = it.client(old, { pinned: true });
    expect(it.client(old).write('x', 1).kind).toBe('ok');
    expect(outputOf(witness.read('x'))).toBe(1);
    it.simulation.isolate([old]);
    const next = it.awaitLeader([old]);
    expect(it.client(next).write('x', 2).kind).toBe('ok');
    expect(witness.read('x').kind).not.toBe('ok');
    it.simulation.healAll();
  }
});

test('8: nor does one that slept through its deposition, in either order of waking', () => {
  for (const order of ['input-first', 'timers-first'] as const) {
    const it = cluster();
    const old = it.awaitLeader();
    const witness = it.client(old, { pinned: true });
    expect(outputOf(witness.read('x'))).toBe(null);
    it.simulation.pause(old);
    const next = it.awaitLeader([old]);
    expect(it.client(next).write('x', 2).kind).toBe('ok');
    // The read waits in the sleeper's buffers, before anything that the others say to it on its waking.
    const answer = witness.begin({ f: 'read', key: 'x', value: null });
    it.simulation.runFor(20);
    it.simulation.resume(old, order);
    it.until('an answer', () => answer() !== undefined);
    expect(answer()!.kind).not.toBe('ok');
  }
});
