/** Each invariant is shown firing, by the fewest probes that break it, and silent beside it where it must be. */
import { describe, expect, test } from 'vitest';
import type { ProbeBody } from '../../src/contract/index.ts';
import { Invariants } from '../../src/invariants/index.ts';
import { append, apply, brokenBy, commit, configuration, follows, leads, snapshot, start, vote } from './probes.ts';

describe('snapshots (Raft 7)', () => {
  test('two that differ at one index break it, in content or in term', () => {
    expect(brokenBy(['n1', snapshot(3)], ['n2', snapshot(3, { hash: 2 })])).toEqual(['snapshot-equality']);
    expect(brokenBy(['n1', snapshot(3)], ['n2', snapshot(3, { entryTerm: 2 })])).toEqual(['snapshot-equality']);
  });

  test('equal ones, and others at other indexes, do not', () => {
    expect(brokenBy(['n1', snapshot(3)], ['n2', snapshot(3)], ['n2', snapshot(4, { hash: 2 })])).toEqual([]);
  });

  test('one that is installed at or before commitIndex breaks it; one behind it does not, and commitment goes on from there', () => {
    const log = [append(1, 1), append(2, 1), append(3, 1), commit(2, 1)].map((body) => ['n1', body] as const);
    expect(brokenBy(...log, ['n1', snapshot(2, { installed: true })])).toEqual(['commit-monotonic']);
    expect(
      brokenBy(...log, ['n1', snapshot(3, { installed: true })], ['n1', append(4, 1)], ['n1', commit(4, 1)]),
    ).toEqual([]);
  });

  test('a change left out behind a snapshot, installed or recovered, breaks it', () => {
    const told = [apply(1, 1), apply(2, 2), apply(3, 3)].map((body) => ['n1', body] as const);
    const installed = snapshot(1, { installed: true });
    expect(brokenBy(...told, ['n2', installed], ['n2', apply(3, 3)])).toEqual(['state-machine-safety']);
    expect(brokenBy(...told, ['n2', installed], ['n2', apply(2, 2)])).toEqual([]);
    expect(brokenBy(...told, ['n2', start({ commitIndex: 2 })], ['n2', apply(3, 3)])).toEqual([]);
    expect(brokenBy(...told, ['n2', start({ commitIndex: 1 })], ['n2', apply(3, 3)])).toEqual(['state-machine-safety']);
  });
});

describe('states (Raft 5.4.3)', () => {
  const state = (index: number, hash: number): ProbeBody => ({ kind: 'state', index, hash });

  test('two that differ after one entry break it, also those of one node in two lives', () => {
    expect(brokenBy(['n1', state(5, 7)], ['n2', state(5, 8)])).toEqual(['state-equality']);
    expect(brokenBy(['n1', state(5, 7)], ['n1', start()], ['n1', state(5, 8)])).toEqual(['state-equality']);
  });

  test('equal ones, and others after other entries, do not', () => {
    expect(brokenBy(['n1', state(5, 7)], ['n2', state(5, 7)], ['n2', state(10, 8)])).toEqual([]);
  });
});

describe('members (Raft 6)', () => {
  test('two configurations by one entry break it, whatever the order of names', () => {
    expect(brokenBy(['n1', configuration(['n1', 'n2'])], ['n2', configuration(['n1'])])).toEqual([
      'configuration-equality',
    ]);
    expect(brokenBy(['n1', configuration(['n1', 'n2'])], ['n2', configuration(['n2', 'n1'])])).toEqual([]);
  });

  test('others than the committed entries up to there say break it', () => {
    const committed = [
      ['n1', append(1, 1)],
      ['n1', append(2, 1)],
      ['n1', configuration(['n1', 'n2'], 1)],
      ['n1', commit(2, 1)],
    ] as const;
    expect(brokenBy(...committed, ['n2', configuration(['n1'], 2)])).toEqual(['configuration-equality']);
    expect(brokenBy(...committed, ['n2', configuration(['n1', 'n2'], 2)])).toEqual([]);
  });
});

describe('election safety (Raft 5.2)', () => {
  test('two leaders of one term break it', () => {
    expect(brokenBy(['n1', leads(2)], ['n2', leads(2)])).toEqual(['election-safety']);
  });

  test('leaders of different terms at one time do not', () => {
    expect(brokenBy(['n1', leads(2)], ['n2', leads(3)])).toEqual([]);
  });

  test('a node that leads the same term again after a restart breaks it', () => {
    expect(brokenBy(['n1', leads(2)], ['n1', start({ term: 1 })], ['n1', leads(2)])).toEqual(['election-safety']);
  });
});

describe('one vote a term (Raft 5.2)', () => {
  test('two candidates with one vote break it', () => {
    expect(brokenBy(['n1', vote(2, 'n2')], ['n1', vote(2, 'n3')])).toEqual(['single-vote']);
  });

  test('the same vote told twice, and votes of several nodes, do not', () => {
    expect(brokenBy(['n1', vote(2, 'n2')], ['n1', vote(2, 'n2')], ['n2', vote(2, 'n3')])).toEqual([]);
  });

  test('a released vote that a restart forgot breaks it', () => {
    expect(brokenBy(['n1', vote(2, 'n2')], ['n1', start({ term: 2 })])).toEqual(['single-vote']);
    expect(brokenBy(['n1', vote(2, 'n2')], ['n1', start({ term: 1 })])).toEqual(['single-vote']);
  });

  test('a restart that remembers it, or a later term, does not', () => {
    expect(brokenBy(['n1', vote(2, 'n2')], ['n1', start({ term: 2, votedFor: 'n2' })])).toEqual([]);
    expect(brokenBy(['n1', vote(2, 'n2')], ['n1', start({ term: 3 })])).toEqual([]);
  });
});

describe('leader append-only (Raft 5.3)', () => {
  test('a leader that overwrites its log breaks it', () => {
    expect(brokenBy(['n1', append(1, 1)], ['n1', leads(2)], ['n1', append(1, 2)])).toEqual(['leader-append-only']);
  });

  test('a follower that does, and a leader that appends, do not', () => {
    expect(brokenBy(['n1', append(1, 1)], ['n1', follows(2)], ['n1', append(1, 2)])).toEqual([]);
    expect(brokenBy(['n1', append(1, 1)], ['n1', leads(2)], ['n1', append(2, 2)])).toEqual([]);
  });
});

describe('log matching (Raft 5.3)', () => {
  test('one index and term with two histories breaks it', () => {
    expect(brokenBy(['n1', append(1, 1, 7)], ['n2', append(1, 1, 8)])).toEqual(['log-matching']);
  });

  test('it is remembered over a restart that lost the log', () => {
    expect(brokenBy(['n1', append(1, 1, 7)], ['n1', start()], ['n2', append(1, 1, 8)])).toEqual(['log-matching']);
  });

  test('different terms at one index do not break it', () => {
    expect(brokenBy(['n1', append(1, 1)], ['n2', append(1, 2)])).toEqual([]);
  });
});

describe('leader completeness (Raft 5.4)', () => {
  const committedInTerm1 = [
    ['n1', append(1, 1)],
    ['n1', leads(1)],
    ['n1', commit(1, 1)],
  ] as const;

  test('a later leader without a committed entry breaks it', () => {
    expect(brokenBy(...committedInTerm1, ['n2', leads(2)])).toEqual(['leader-completeness']);
  });

  test('a later leader with another entry there breaks it', () => {
    expect(brokenBy(...committedInTerm1, ['n2', append(1, 2)], ['n2', append(2, 2)], ['n2', leads(3)])).toEqual([
      'leader-completeness',
    ]);
  });

  test('a later leader that has it does not, nor does an earlier one that lacks it', () => {
    expect(brokenBy(...committedInTerm1, ['n2', append(1, 1)], ['n2', leads(2)])).toEqual([]);
    expect(brokenBy(['n2', leads(0)], ...committedInTerm1)).toEqual([]);
  });

  test('the commit may become known after the election', () => {
    expect(brokenBy(['n1', append(1, 1)], ['n1', leads(1)], ['n2', leads(2)], ['n1', commit(1, 1)])).toEqual([
      'leader-completeness',
    ]);
  });

  test('a restart of every node forgets no committed entry', () => {
    expect(brokenBy(...committedInTerm1, ['n1', start({ term: 1 })], ['n1', leads(2)])).toEqual([
      'leader-completeness',
    ]);
  });

  test('a restarted leader is known to have what its last entry stands for', () => {
    const restarted = start({ term: 1, lastIndex: 1, lastTerm: 1 });
    expect(brokenBy(...committedInTerm1, ['n1', restarted], ['n1', leads(2)])).toEqual([]);
  });
});

describe('state machine safety (Raft 5.4.3)', () => {
  test('different entries committed at one index break it', () => {
    expect(brokenBy(['n1', append(1, 1)], ['n1', commit(1, 1)], ['n2', append(1, 2)], ['n2', commit(1, 2)])).toEqual([
      'state-machine-safety',
    ]);
  });

  test('committing beyond the own log breaks it', () => {
    expect(brokenBy(['n1', append(1, 1)], ['n1', commit(2, 1)])).toEqual(['state-machine-safety']);
  });

  test('different changes at one index, and a change left out, break it', () => {
    expect(brokenBy(['n1', apply(3, 1)], ['n2', apply(3, 2)])).toEqual(['state-machine-safety']);
    expect(
      brokenBy(['n1', apply(3, 1)], ['n1', apply(4, 2)], ['n1', apply(5, 3)], ['n2', apply(3, 1)], ['n2', apply(5, 3)]),
    ).toEqual(['state-machine-safety']);
  });

  test('a node that applies all of it again after a restart does not', () => {
    const all = [
      ['n1', apply(3, 1)],
      ['n1', apply(5, 2)],
    ] as const;
    expect(brokenBy(...all, ['n1', start()], ...all)).toEqual([]);
  });
});

describe('commitIndex (figure 2)', () => {
  test('a fall within a life breaks its monotony', () => {
    expect(brokenBy(['n1', append(1, 1)], ['n1', append(2, 1)], ['n1', commit(2, 1)], ['n1', commit(1, 1)])).toEqual([
      'commit-monotonic',
    ]);
  });

  test('a restart begins it anew', () => {
    const again = start({ term: 1, lastIndex: 2, lastTerm: 1 });
    expect(
      brokenBy(['n1', append(1, 1)], ['n1', append(2, 1)], ['n1', commit(2, 1)], ['n1', again], ['n1', commit(1, 1)]),
    ).toEqual([]);
  });
});

test('what a node reports of itself is kept', () => {
  expect(brokenBy(['n1', { kind: 'invariant', name: 'some-fact', message: 'does not hold' }])).toEqual([
    'reported-by-node',
  ]);
});

test('only the first break of each kind is kept, with the probe that showed it', () => {
  const invariants = new Invariants();
  for (const node of ['n1', 'n2', 'n3'])
    invariants.observe({ time: 5, node, kind: 'role', role: 'leader', term: 2, leader: null });
  expect(invariants.broken).toHaveLength(1);
  expect(invariants.broken[0]).toMatchObject({
    message: 'n2: n1 and n2 both became leader of term 2',
    probe: { time: 5, node: 'n2' },
  });
});
