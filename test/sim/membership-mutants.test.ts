/**
 * The red tests of the rules about members (Raft 6, thesis 4): for each a story in which the rule decides. The mutant is caught by
 * the invariant, the clients or the unrest that the story ends in; the correct node comes through the same story unharmed.
 */
import { describe, expect, test } from 'vitest';
import { TestCluster } from './cluster.ts';
import { judge } from './judge.ts';

/** What was wrong when a story had ended. */
interface End {
  readonly broken: readonly string[];
  readonly verdict: string;
}

const UNHARMED: End = { broken: [], verdict: 'ok' };

function endOf(it: TestCluster): End {
  expect(it.simulation.failures).toEqual([]);
  return { broken: it.invariants.broken.map(({ name }) => name), verdict: judge(it.load.lines).kind };
}

/** Three voters that hold x = 1, and learners that are level with them. */
function withLearners(mutant: string, isOn: boolean, learners: readonly string[]): { it: TestCluster; leader: string } {
  const it = new TestCluster({ mutant: isOn ? mutant : null }).start();
  const leader = it.awaitLeader();
  expect(it.client(leader).write('x', 1).kind).toBe('ok');
  it.change(['n1', 'n2', 'n3'], learners);
  it.simulation.runFor(200);
  return { it, leader };
}

/** The other two voters, who heard nothing, elect one of them; it is asked for x. */
function readFromTheOthers(it: TestCluster, leader: string): End {
  const next = it.awaitLeader([leader, 'n4', 'n5']);
  expect(it.client(next, { pinned: true }).read('x').kind).toBe('ok');
  return endOf(it);
}

/** Two majorities that do not overlap: one acknowledges what the other never hears of. */
const SPLIT: End = {
  broken: ['leader-completeness', 'acknowledged-committed', 'state-machine-safety'],
  verdict: 'violation',
};

describe('M58 change-before-own-commit', () => {
  /** The schedule of July 2015: two leaders in turn change the members by one, each without knowing of the other's change. */
  const twoLeaders = (isOn: boolean): End => {
    const core = { preVote: false, checkQuorum: false };
    const it = new TestCluster({ nodes: 4, mutant: isOn ? 'M58' : null, core }).start();
    const leads = (id: string): boolean => it.simulation.node(id).status()?.role === 'leader';
    const first = it.awaitLeader();
    expect(it.client(first).write('x', 1).kind).toBe('ok');
    it.change(it.ids.slice(0, 4), ['n5']);
    it.simulation.runFor(200);
    const rest = it.followers(first).filter((id) => id !== 'n5');
    it.simulation.isolate([first, 'n5']);
    it.askToChange(first, ['n1', 'n2', 'n3', 'n4', 'n5']);
    it.until('the first to add n5', () => configuredAt(it, 'n5').includes('n5'));
    it.until('a second leader', () => rest.some(leads));
    const second = rest.find(leads)!;
    const [near, far] = rest.filter((id) => id !== second) as [string, string];
    // Its no-op reaches two of four.
    it.simulation.isolate([far]);
    it.askToChange(second, rest, ['n5']);
    it.client(second, { pinned: true }).write('x', 2);
    it.simulation.crash(second);
    it.simulation.crash(near);
    it.simulation.healAll();
    it.until(
      'somebody to lead',
      () => [first, far].some((id) => leads(id) && it.simulation.node(id).status()!.term > 3),
      20_000,
    );
    const last = it.awaitLeader([second, near]);
    expect(it.client(last, { pinned: true }).read('x').kind).toBe('ok');
    return endOf(it);
  };

  test('is caught: the first leader comes back and overwrites what the second committed', () => {
    expect(twoLeaders(true)).toEqual({ ...SPLIT, broken: ['change-after-own-commit', ...SPLIT.broken] });
  });

  test('the correct node refuses the second change', () => {
    expect(twoLeaders(false)).toEqual(UNHARMED);
  });
});

describe('M59 concurrent-changes', () => {
  const twoAtOnce = (isOn: boolean): End => {
    const { it, leader } = withLearners('M59', isOn, ['n4', 'n5']);
    it.simulation.isolate([leader, 'n4', 'n5']);
    it.askToChange(leader, ['n1', 'n2', 'n3', 'n4'], ['n5']);
    it.until('the first change', () => configuredAt(it, leader).length === 4);
    it.askToChange(leader, ['n1', 'n2', 'n3', 'n4', 'n5']);
    it.client(leader, { pinned: true }).write('x', 2);
    return readFromTheOthers(it, leader);
  };

  test('is caught: two changes by one are a change by two, without the joint configuration', () => {
    expect(twoAtOnce(true)).toEqual(SPLIT);
  });

  test('the correct node refuses the second change', () => {
    expect(twoAtOnce(false)).toEqual(UNHARMED);
  });
});

describe('M60 direct-swap', () => {
  const fromThreeToFive = (isOn: boolean): End => {
    const { it, leader } = withLearners('M60', isOn, ['n4', 'n5']);
    it.simulation.isolate([leader, 'n4', 'n5']);
    it.askToChange(leader, ['n1', 'n2', 'n3', 'n4', 'n5']);
    it.until('the change', () => configuredAt(it, leader).length === 5);
    it.client(leader, { pinned: true }).write('x', 2);
    return readFromTheOthers(it, leader);
  };

  test('is caught: three of five and two of three decide at the same time', () => {
    expect(fromThreeToFive(true)).toEqual(SPLIT);
  });

  test('the correct node needs both majorities', () => {
    expect(fromThreeToFive(false)).toEqual(UNHARMED);
  });
});

describe('M61 config-not-rolled-back', () => {
  const cutOffInAChange = (isOn: boolean): End => {
    const { it, leader } = withLearners('M61', isOn, ['n4']);
    it.simulation.isolate([leader]);
    it.askToChange(leader, ['n1', 'n2', 'n3', 'n4']);
    it.until('the change', () => configuredAt(it, leader).length === 4);
    const next = it.awaitLeader([leader]);
    expect(it.client(next).write('x', 2).kind).toBe('ok');
    it.simulation.healAll();
    it.until('the old leader to follow', () => it.simulation.node(leader).status()?.leader === next);
    it.simulation.runFor(200);
    return endOf(it);
  };

  test('is caught: a configuration is in force that no entry holds', () => {
    expect(cutOffInAChange(true).broken).toEqual(['reported-by-node']);
  });

  test('the correct node goes back to the one before', () => {
    expect(cutOffInAChange(false)).toEqual(UNHARMED);
  });
});

describe('M62 learner-in-quorum', () => {
  const aloneWithALearner = (isOn: boolean): End => {
    const { it, leader } = withLearners('M62', isOn, ['n4']);
    it.simulation.isolate([leader, 'n4']);
    it.client(leader, { pinned: true }).write('x', 2);
    return readFromTheOthers(it, leader);
  };

  test('is caught: a write is acknowledged that one voter of three has', () => {
    expect(aloneWithALearner(true)).toEqual(SPLIT);
  });

  test('the correct node does not acknowledge it', () => {
    expect(aloneWithALearner(false)).toEqual(UNHARMED);
  });
});

describe('M63 reused-address', () => {
  /** One of two that hold a write dies; another node starts where it was, and is asked for a vote by the one that lacks the write. */
  const samePort = (isOn: boolean): { end: End; hasLeader: boolean } => {
    const it = new TestCluster({ mutant: isOn ? 'M63' : null }).start();
    const leader = it.awaitLeader();
    const [lagging, holder] = it.followers(leader) as [string, string];
    expect(it.client(leader).write('x', 1).kind).toBe('ok');
    it.simulation.isolate([lagging]);
    expect(it.client(leader).write('x', 2).kind).toBe('ok');
    it.simulation.retire(holder);
    it.simulation.join('n4', it.simulation.addressOf(holder));
    it.simulation.crash(leader);
    it.simulation.healAll();
    const leads = (): boolean => it.simulation.node(lagging).status()?.role === 'leader';
    const hasLeader = it.simulation.runUntil(leads, 5000);
    it.client(lagging, { pinned: true }).read('x');
    return { end: endOf(it), hasLeader };
  };

  test('is caught: a newcomer votes in the name of the node that lived there', () => {
    const broken = [...SPLIT.broken.slice(0, 2), 'match-verified', 'state-machine-safety', 'state-equality'];
    const end = { ...SPLIT, broken };
    expect(samePort(true)).toEqual({ end, hasLeader: true });
  });

  test('the correct node finds nobody to vote for it', () => {
    expect(samePort(false)).toEqual({ end: UNHARMED, hasLeader: false });
  });
});

describe('M64 removed-node-disrupts', () => {
  /** Elections won in the five seconds after a node was removed that is left running. */
  const electionsAfter = (isOn: boolean): number => {
    const it = new TestCluster({ nodes: 4, mutant: isOn ? 'M64' : null }).start();
    const leader = it.awaitLeader();
    it.change(it.ids.filter((id) => id !== it.followers(leader)[0]));
    const had = it.probes.length;
    it.simulation.runFor(5000);
    expect(it.invariants.broken).toEqual([]);
    return it.probes.slice(had).filter((probe) => probe.kind === 'role' && probe.role === 'leader').length;
  };

  test('is caught: the removed node unseats one leader after another', () => {
    expect(electionsAfter(true)).toBeGreaterThan(5);
  });

  test('the correct node keeps its leader', () => {
    expect(electionsAfter(false)).toBe(0);
  });
});

describe('M50 snapshot-no-config', () => {
  const restartAfterAChange = (isOn: boolean): End => {
    const snapshots = { everyEntries: 5, everyBytes: Infinity, keepEntries: 0 };
    const it = new TestCluster({ mutant: isOn ? 'M50' : null, snapshots }).start();
    const leader = it.awaitLeader();
    it.change(['n1', 'n2', 'n3', 'n4']);
    for (let value = 0; value < 12; value++) expect(it.client(it.awaitLeader()).write('x', value).kind).toBe('ok');
    it.simulation.runFor(200);
    const follower = it.followers(leader)[0]!;
    it.simulation.crash(follower);
    it.simulation.start(follower);
    it.simulation.runFor(500);
    return endOf(it);
  };

  test('is caught: a restarted node counts the votes of a cluster that is no more', () => {
    expect(restartAfterAChange(true).broken).toContain('configuration-equality');
  });

  test('the correct node finds the members in its snapshot', () => {
    expect(restartAfterAChange(false)).toEqual(UNHARMED);
  });
});

/** The voters that this node has in force. */
function configuredAt(it: TestCluster, id: string): readonly string[] {
  const probe = it.probes.findLast((probe) => probe.node === id && probe.kind === 'configuration');
  return probe?.kind === 'configuration' ? probe.voters : [];
}
