/**
 * The red tests of votes and of what a leader makes of its log and its answers: for each mutant a story in which its rule decides. What
 * clients saw is judged as well as the invariants; the correct node comes through the same story unharmed.
 */
import { describe, expect, test } from 'vitest';
import { TestCluster, type TestClient } from './cluster.ts';
import { judge } from './judge.ts';
import { isLevel } from './stories.ts';

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

/** Nothing that hides what a rule is for: no pre-votes, no stickiness. */
const BARE = { preVote: false, checkQuorum: false } as const;

interface Begun {
  readonly it: TestCluster;
  readonly leader: string;
  readonly others: readonly [string, string];
  readonly client: TestClient;
}

/** Three nodes that all hold x = 1. */
function begin(mutant: string | null, syncMs: readonly [number, number] = [0.1, 0.5]): Begun {
  const it = new TestCluster({ mutant, core: BARE, syncMs }).start();
  const leader = it.awaitLeader();
  const client = it.client(leader);
  expect(client.write('x', 1).kind).toBe('ok');
  it.until('everyone to be level', () => it.ids.every((id) => isLevel(it, id, leader)));
  return { it, leader, others: it.followers(leader) as [string, string], client };
}

function leads(it: TestCluster, id: string): boolean {
  return it.simulation.node(id).status()?.role === 'leader';
}

/** Runs until that node says something new that fits. */
function untilSaid(it: TestCluster, node: string, fits: Partial<Record<string, unknown>>): void {
  const before = it.probes.length;
  const isIt = (probe: object): boolean =>
    Object.entries({ node, ...fits }).every(([field, value]) => (probe as Record<string, unknown>)[field] === value);
  it.until(`${node} to say ${JSON.stringify(fits)}`, () => it.probes.slice(before).some(isIt));
}

/** Whoever leads but these is asked for x. */
function readAfter(it: TestCluster, gone: readonly string[]): End {
  const next = it.awaitLeader(gone);
  expect(it.client(next, { pinned: true }).read('x').kind).toBe('ok');
  return endOf(it);
}

describe.each([
  ['M01', 'vote-not-persisted', 'losePower'],
  ['M02', 'term-not-persisted', 'crash'],
] as const)('%s %s', (mutant, _, end) => {
  /** The voter goes down the moment that its candidate leads; it comes back, and elects another one. Then both are heard. */
  const voteTwice = (isOn: boolean): End => {
    const { it, leader, others } = begin(isOn ? mutant : null, [20, 20]);
    const { simulation } = it;
    simulation.crash(leader);
    it.until('a leader', () => others.some((id) => leads(it, id)));
    const first = others.find((id) => leads(it, id))!;
    const voter = others.find((id) => id !== first)!;
    if (end === 'losePower') simulation.losePower([voter]);
    else simulation.crash(voter);
    simulation.isolate([first]);
    simulation.startAll();
    const second = it.awaitLeader([first]);
    expect(it.client(second, { pinned: true }).write('x', 2).kind).toBe('ok');
    simulation.healAll();
    simulation.isolate([second]);
    it.client(first, { pinned: true }).write('x', 3);
    simulation.crash(first);
    simulation.healAll();
    return readAfter(it, [first]);
  };

  test('is caught: two leaders of one term, and each acknowledges a write at the same place', () => {
    const { broken, verdict } = voteTwice(true);
    expect(broken).toContain('election-safety');
    expect(verdict).toBe('violation');
  });

  test('the correct node does not vote twice', () => {
    expect(voteTwice(false)).toEqual(UNHARMED);
  });
});

describe('M05 vote-index-only', () => {
  /** A leader is cut off with a long tail of an old term; it stands against a node that holds a later write. */
  const longTail = (mutant: string | null): End => {
    const { it, leader } = begin(mutant);
    it.simulation.isolate([leader]);
    for (let value = 0; value < 5; value++) {
      it.client(leader, { pinned: true }).begin({ f: 'write', key: 'y', value });
    }
    const next = it.awaitLeader([leader]);
    expect(it.client(next).write('x', 2).kind).toBe('ok');
    it.simulation.crash(next);
    it.simulation.healAll();
    it.until('the old leader to be unseated', () => !leads(it, leader));
    return readAfter(it, [next]);
  };

  test('is caught: the longer log leads and lacks what was acknowledged', () => {
    const { broken, verdict } = longTail('M05');
    expect(broken).toContain('leader-completeness');
    expect(verdict).toBe('violation');
  });

  test('the correct node prefers the later term', () => {
    expect(longTail(null)).toEqual(UNHARMED);
  });
});

describe.each([
  ['M06', 'vote-and', 'leader-completeness'],
  ['M07', 'vote-by-commit', 'leader-completeness'],
  ['M27', 'leader-truncates-self', 'leader-append-only'],
])('%s %s', (mutant, _, invariant) => {
  /** A write is on the leader, which dies, and on one follower, which does not know that it is committed. The other one stands first. */
  const lagging = (isOn: boolean): End => {
    const { it, leader, others, client } = begin(isOn ? mutant : null);
    const [stale, complete] = others;
    const { simulation } = it;
    simulation.isolate([stale]);
    untilSaid(it, stale, { kind: 'role', role: 'candidate' });
    const answer = client.begin({ f: 'write', key: 'x', value: 2 });
    untilSaid(it, complete, { kind: 'append' });
    simulation.cut(leader, complete);
    it.until('the write', () => answer()?.kind === 'ok');
    simulation.crash(leader);
    // What it still said about the commitment is lost.
    simulation.runFor(2);
    simulation.healAll();
    return readAfter(it, [leader]);
  };

  test(`is caught by ${invariant}, and clients do not find what was acknowledged`, () => {
    const { broken, verdict } = lagging(true);
    expect(broken).toContain(invariant);
    expect(verdict).toBe('violation');
  });

  test('the correct node loses nothing', () => {
    expect(lagging(false)).toEqual(UNHARMED);
  });
});

describe('M13 ignore-higher-term', () => {
  /** A leader that was cut off hears the follower of its successor, and not the successor; it is asked for x. */
  const askDeposed = (mutant: string | null): { readonly end: End; readonly read: string } => {
    const { it, leader } = begin(mutant);
    const witness = it.client(leader, { pinned: true });
    it.simulation.isolate([leader]);
    const next = it.awaitLeader([leader]);
    expect(it.client(next).write('x', 2).kind).toBe('ok');
    it.simulation.healAll();
    it.simulation.cut(next, leader);
    const read = witness.read('x').kind;
    return { end: endOf(it), read };
  };

  test('is caught: a refusal confirms a read, and the read is stale, though no invariant of the log is broken', () => {
    expect(askDeposed('M13')).toEqual({ end: { broken: [], verdict: 'violation' }, read: 'ok' });
  });

  test('the correct node steps down', () => {
    expect(askDeposed(null)).toEqual({ end: UNHARMED, read: 'fail' });
  });
});

describe('M14 no-prev-check', () => {
  /** A tail that nobody else has lies where the next leaders put their entries; the third of them asks behind it. */
  const behindATail = (mutant: string | null): End => {
    const { it, leader } = begin(mutant);
    const { simulation } = it;
    simulation.isolate([leader]);
    for (let value = 0; value < 5; value++) {
      it.client(leader, { pinned: true }).begin({ f: 'write', key: 'y', value });
    }
    const next = it.awaitLeader([leader]);
    expect(it.client(next).write('x', 2).kind).toBe('ok');
    simulation.crash(next);
    simulation.start(next);
    const third = it.awaitLeader([leader]);
    simulation.healAll();
    it.until('the old leader to be level', () => isLevel(it, leader, third));
    simulation.transferLeadership(third, leader);
    return readAfter(it, it.followers(leader));
  };

  test('is caught: a log with a foreign middle, and clients who do not find what was acknowledged', () => {
    const { broken, verdict } = behindATail('M14');
    expect(broken).toContain('log-matching');
    expect(verdict).toBe('violation');
  });

  test('the correct node replaces the tail', () => {
    expect(behindATail(null)).toEqual(UNHARMED);
  });
});

describe('M21 small-quorum', () => {
  const alone = (mutant: string | null): End => {
    const { it, leader } = begin(mutant);
    it.simulation.isolate([leader]);
    it.client(leader, { pinned: true }).write('x', 2);
    return readAfter(it, [leader]);
  };

  test('is caught: one of three acknowledges what the others never hear of', () => {
    const { broken, verdict } = alone('M21');
    expect(broken).toContain('leader-completeness');
    expect(verdict).toBe('violation');
  });

  test('the correct node does not acknowledge it', () => {
    expect(alone(null)).toEqual(UNHARMED);
  });
});
