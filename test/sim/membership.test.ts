/**
 * Sentences of the paper's section 6 and of the thesis' chapter 4 about changing the members, on whole simulated clusters. After
 * every story no invariant may be broken, no node may have died, and what the clients saw must be linearizable.
 */
import { expect, test } from 'vitest';
import { msToNs } from '../../src/base/time.ts';
import type { Probe } from '../../src/contract/index.ts';
import type { TestCluster } from './cluster.ts';
import { isLevel, judgedClusters } from './stories.ts';

const cluster = judgedClusters();

/** The voters as this node has them, the old half of a joint configuration aside. */
function votersOf(it: TestCluster, id: string): readonly string[] {
  const probe = it.probes.findLast((probe) => probe.node === id && probe.kind === 'configuration');
  return probe?.kind === 'configuration' ? probe.voters : [];
}

/** A write that clients need not know the members for. */
function write(it: TestCluster, value: number): void {
  expect(it.client(it.awaitLeader()).write('x', value)).toMatchObject({ kind: 'ok' });
}

test('a node that joins gets the whole log, and its vote keeps the cluster going', () => {
  const it = cluster();
  write(it, 1);
  it.change(['n1', 'n2', 'n3', 'n4']);
  const leader = it.awaitLeader();
  const gone = it.followers(leader).find((id) => id !== 'n4')!;
  it.simulation.crash(gone);
  write(it, 2);
  it.until('n4 to be level', () => isLevel(it, 'n4', leader));
  expect(it.client('n4').read('x')).toMatchObject({ output: 2 });
});

test('a node that joins long after the log was cut gets a snapshot, members included, and finds them after a restart', () => {
  const it = cluster({ snapshots: { everyEntries: 5, everyBytes: Infinity, keepEntries: 0 } });
  for (let value = 1; value <= 12; value++) write(it, value);
  it.change(['n1', 'n2', 'n3', 'n4']);
  const ofNewcomer = it.probes.filter(({ node }) => node === 'n4');
  const installed = ofNewcomer.findIndex((probe) => probe.kind === 'snapshot' && probe.installed);
  const next = ofNewcomer.slice(installed + 1).find((probe) => probe.kind === 'configuration');
  const { index, entryTerm } = ofNewcomer[installed] as Probe & { kind: 'snapshot' };
  expect(next).toMatchObject({ index, entryTerm, voters: ['n1', 'n2', 'n3'] });
  for (let value = 1; value <= 12; value++) write(it, value);
  const saved = it.probes.filter((probe) => probe.node === 'n4' && probe.kind === 'snapshot' && !probe.installed);
  expect(saved.length).toBeGreaterThan(0);
  it.simulation.crash('n4');
  it.simulation.start('n4');
  expect(votersOf(it, 'n4')).toEqual(['n1', 'n2', 'n3', 'n4']);
  it.until('n4 to be level', () => isLevel(it, 'n4', it.awaitLeader()));
});

test('4.2.2: a leader that is removed leads until the change is committed, then leaves, and is not heard of again', () => {
  const it = cluster();
  write(it, 1);
  const removed = it.awaitLeader();
  it.change(it.followers(removed));
  it.until('it to leave', () => it.simulation.node(removed).status()?.role === 'follower');
  const leader = it.awaitLeader([removed]);
  const { term } = it.simulation.node(leader).status()!;
  it.simulation.runFor(3000);
  expect(it.simulation.node(leader).status()).toMatchObject({ role: 'leader', term });
  expect(it.simulation.node(removed).status()!.role).toBe('follower');
  write(it, 2);
});

test('3.10, 4.2.2: a leader that is removed is followed by another at once, and not after an election timeout', () => {
  const it = cluster();
  write(it, 1);
  const removed = it.awaitLeader();
  it.change(it.followers(removed));
  it.until('it to leave', () => it.simulation.node(removed).status()?.role === 'follower');
  const leftNs = it.simulation.clock.nowNs();
  it.awaitLeader([removed]);
  // No follower's timeout is shorter than 150 ms, of which a heartbeat may be over.
  expect(it.simulation.clock.nowNs() - leftNs).toBeLessThan(msToNs(100));
  write(it, 2);
});

test('4.2.2: a leader that is no voter by its own last entry still seeks election while nobody else can win one', () => {
  const it = cluster({ nodes: 2 });
  write(it, 1);
  const leader = it.awaitLeader();
  const other = it.followers(leader)[0]!;
  it.change(['n1', 'n2'], ['n3']);
  it.simulation.runFor(200);
  it.askToChange(leader, [other, 'n3']);
  const isNew = (id: string): boolean => {
    const probe = it.probes.findLast((probe) => probe.node === id && probe.kind === 'configuration');
    return probe?.kind === 'configuration' && probe.outgoing.length === 0 && probe.voters.includes('n3');
  };
  it.until('the new configuration at the leader', () => isNew(leader));
  it.simulation.isolate([leader]);
  it.simulation.runFor(20);
  it.simulation.crash(leader);
  it.simulation.healAll();
  it.simulation.runFor(1000);
  // Both halves of the joint configuration are needed, and the old one has no other log that is as long.
  expect([other, 'n3'].map(isNew)).toEqual([false, false]);
  it.simulation.start(leader);
  it.until('the others to have left the joint configuration', () => isNew(other) && isNew('n3'));
  expect(it.client(it.awaitLeader([leader])).write('x', 2).kind).toBe('ok');
});

test('4.2.3: a removed follower that does not know it asks for votes, and disturbs nobody', () => {
  const it = cluster({ nodes: 4 });
  write(it, 1);
  const leader = it.awaitLeader();
  const { term } = it.simulation.node(leader).status()!;
  const removed = it.followers(leader)[0]!;
  it.change(it.ids.filter((id) => id !== removed));
  it.until('it to ask', () => it.simulation.node(removed).status()?.role === 'pre-candidate');
  it.simulation.runFor(3000);
  expect(it.simulation.node(leader).status()).toMatchObject({ role: 'leader', term });
});

test('6: all members are replaced in one change, through a joint configuration', () => {
  const it = cluster();
  write(it, 1);
  it.change(['n4', 'n5', 'n6']);
  for (const old of ['n1', 'n2', 'n3']) it.simulation.crash(old);
  write(it, 2);
  expect(votersOf(it, 'n5')).toEqual(['n4', 'n5', 'n6']);
  const joint = it.probes.filter((probe) => probe.kind === 'configuration' && probe.outgoing.length > 0);
  expect(new Set(joint.map(({ node }) => node))).toEqual(new Set(['n1', 'n2', 'n3', 'n4', 'n5', 'n6']));
});

test('6: a joint configuration that its leader did not live to leave is left by the next one', () => {
  const it = cluster({ nodes: 5 });
  write(it, 1);
  const leader = it.awaitLeader();
  const [a, b] = it.followers(leader) as [string, string];
  const rest = it.ids.filter((id) => id !== a && id !== b);
  it.askToChange(leader, rest);
  const hasJoint = (id: string): boolean =>
    it.probes.some((probe) => probe.node === id && probe.kind === 'configuration' && probe.outgoing.length > 0);
  it.until('the joint configuration to be everywhere', () => it.ids.every(hasJoint));
  it.simulation.crash(leader);
  it.awaitLeader([leader]);
  const others = rest.filter((id) => id !== leader);
  const hasLeft = (id: string): boolean => {
    const inForce = it.probes.findLast((probe) => probe.node === id && probe.kind === 'configuration');
    return inForce?.kind === 'configuration' && inForce.outgoing.length === 0 && inForce.voters.length === 3;
  };
  it.until('the others to have left it', () => others.every(hasLeft));
});

test('a configuration that was not committed goes with its entry', () => {
  const it = cluster();
  write(it, 1);
  const old = it.awaitLeader();
  it.change(['n1', 'n2', 'n3'], ['n4']);
  it.simulation.runFor(200);
  it.simulation.isolate([old]);
  it.askToChange(old, ['n1', 'n2', 'n3', 'n4']);
  it.until('the old leader to take it up', () => votersOf(it, old).length === 4);
  it.awaitLeader([old]);
  write(it, 2);
  it.simulation.healAll();
  it.until('it to be rolled back', () => votersOf(it, old).length === 3);
});

test('a change is refused by a follower with the leader, while another is under way, and when a new voter has not caught up', () => {
  const it = cluster();
  write(it, 1);
  const leader = it.awaitLeader();
  const [follower, other] = it.followers(leader) as [string, string];
  const answerTo = (id: string, voters: readonly string[], learners: readonly string[] = []): unknown => {
    const answer = it.askToChange(id, voters, learners);
    it.until('an answer', () => answer() !== undefined);
    return answer();
  };
  expect(answerTo(follower, ['n1', 'n2'])).toMatchObject({ kind: 'refused', reason: 'not-leader', leader });
  it.simulation.join('n4');
  expect(answerTo(leader, ['n1', 'n2', 'n3', 'n4'])).toMatchObject({ kind: 'refused', reason: 'not-caught-up' });
  expect(answerTo(leader, [])).toMatchObject({ kind: 'refused', reason: 'malformed' });
  it.simulation.cut(leader, follower);
  it.simulation.cut(leader, other);
  const had = it.probes.length;
  it.askToChange(leader, ['n1', 'n2', 'n3'], ['n4']);
  it.until('it to be under way', () => it.probes.slice(had).some((probe) => probe.kind === 'configuration'));
  expect(answerTo(leader, ['n1', 'n2', 'n3'])).toMatchObject({ kind: 'refused', reason: 'change-pending' });
});

test('4.2.1: a learner that lags is not made a voter; once level it is', () => {
  const it = cluster();
  write(it, 1);
  const leader = it.awaitLeader();
  it.change(['n1', 'n2', 'n3'], ['n4']);
  it.simulation.runFor(200);
  it.simulation.isolate(['n4']);
  it.simulation.runFor(500);
  const refused = it.askToChange(leader, ['n1', 'n2', 'n3', 'n4']);
  it.until('an answer', () => refused() !== undefined);
  expect(refused()).toMatchObject({ kind: 'refused', reason: 'not-caught-up' });
  it.simulation.healAll();
  it.change(['n1', 'n2', 'n3', 'n4']);
});

test('a learner has no voice: a cluster that lost its majority commits nothing with it', () => {
  const it = cluster();
  write(it, 1);
  const leader = it.awaitLeader();
  it.change(['n1', 'n2', 'n3'], ['n4']);
  it.simulation.isolate(it.followers(leader).filter((id) => id !== 'n4'));
  expect(it.client(leader, { pinned: true }).write('x', 2).kind).not.toBe('ok');
});

test('a node that is retired twice takes no other one out of what clients know', () => {
  const it = cluster();
  const first = it.awaitLeader();
  if (first !== 'n3') it.simulation.transferLeadership(first, 'n3');
  it.until('n3 to lead', () => it.simulation.node('n3').status()?.role === 'leader');
  it.simulation.join('m1');
  it.simulation.retire('m1');
  it.simulation.retire('m1');
  expect(it.client('n1').write('x', 1)).toMatchObject({ kind: 'ok' });
});
