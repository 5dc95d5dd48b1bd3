/** What leaders believe of followers, and what clients were told: each break by the fewest probes, and silence beside it. */
import { describe, expect, test } from 'vitest';
import type { ProbeBody } from '../../src/contract/index.ts';
import { append, brokenBy, commit, configuration, follows, leads, snapshot, start } from './probes.ts';

const match = (matchIndex: number, nextIndex = matchIndex + 1, term = 1): ProbeBody => ({
  kind: 'match',
  term,
  follower: 'n2',
  matchIndex,
  nextIndex,
});
const answer = (index: number, entryTerm: number): ProbeBody => ({ kind: 'answer', index, entryTerm });

type Said = readonly [node: string, body: ProbeBody];

/** n1 leads term 1, and both have entries 1 and 2. */
const LEVEL: readonly Said[] = [
  ['n1', append(1, 1)],
  ['n1', append(2, 1)],
  ['n1', leads(1)],
  ['n2', append(1, 1)],
  ['n2', append(2, 1)],
];

describe('matchIndex and nextIndex (figure 2)', () => {
  test('an entry that the follower does not have breaks it', () => {
    expect(brokenBy(...LEVEL.slice(0, 4), ['n1', match(2)])).toEqual(['match-verified']);
    expect(brokenBy(...LEVEL.slice(0, 3), ['n1', match(2)])).toEqual(['match-verified']);
  });

  test('another entry at that index breaks it', () => {
    const other = [...LEVEL.slice(0, 4), ['n2', append(2, 0)]] as const;
    expect(brokenBy(...other, ['n1', match(2)])).toEqual(['match-verified']);
    expect(brokenBy(...other, ['n1', match(1)])).toEqual([]);
  });

  test('the same entry does not, nor one that a later leader has replaced since', () => {
    expect(brokenBy(...LEVEL, ['n1', match(2)])).toEqual([]);
    expect(brokenBy(...LEVEL, ['n2', follows(2)], ['n2', append(2, 2)], ['n1', match(2)])).toEqual([]);
  });

  test('a fall within a term breaks it; another term, a restart and a member that came anew do not', () => {
    const grown = [...LEVEL, ['n1', match(2)]] as const;
    expect(brokenBy(...grown, ['n1', match(1)])).toEqual(['match-verified']);
    expect(brokenBy(...grown, ['n1', leads(2)], ['n1', match(1, 2, 2)])).toEqual([]);
    expect(brokenBy(...grown, ['n1', start({ lastIndex: 2, lastTerm: 1 })], ['n1', match(1)])).toEqual([]);
    expect(brokenBy(...grown, ['n1', configuration(['n1'])], ['n1', match(1)])).toEqual([]);
    expect(brokenBy(...grown, ['n1', configuration(['n1', 'n2'])], ['n1', match(1)])).toEqual(['match-verified']);
  });

  test('a nextIndex that is not behind matchIndex breaks it', () => {
    expect(brokenBy(...LEVEL, ['n1', match(2, 2)])).toEqual(['match-verified']);
    expect(brokenBy(...LEVEL, ['n1', match(0, 1)])).toEqual([]);
  });

  test('a follower that lost what it was counted for breaks it when it starts again', () => {
    const counted = [...LEVEL, ['n1', match(2)]] as const;
    expect(brokenBy(...counted, ['n2', start({ term: 1, lastIndex: 1, lastTerm: 1 })])).toEqual(['match-verified']);
    expect(brokenBy(...counted, ['n2', start({ term: 1, lastIndex: 2, lastTerm: 1 })])).toEqual([]);
  });

  test('one whose log was replaced owes the rest of it', () => {
    const replaced = [...LEVEL, ['n1', match(2)], ['n2', follows(2)], ['n2', append(2, 2)]] as const;
    expect(brokenBy(...replaced, ['n2', start({ term: 2, lastIndex: 1, lastTerm: 1 })])).toEqual([]);
    expect(brokenBy(...replaced, ['n2', start({ term: 2 })])).toEqual(['match-verified']);
    const installed = [...LEVEL, ['n1', match(2)], ['n2', snapshot(1, { installed: true })]] as const;
    expect(brokenBy(...installed, ['n2', start({ term: 1, lastIndex: 1, lastTerm: 1 })])).toEqual([]);
  });
});

describe('answers (Raft 5.3)', () => {
  test('one for an entry that is not committed breaks it', () => {
    expect(brokenBy(...LEVEL, ['n1', commit(1, 1)], ['n1', answer(2, 1)])).toEqual(['acknowledged-committed']);
    expect(brokenBy(...LEVEL, ['n1', commit(2, 1)], ['n1', answer(2, 1)])).toEqual([]);
  });

  test('one for another entry than the committed one breaks it', () => {
    expect(brokenBy(...LEVEL, ['n1', commit(2, 1)], ['n1', answer(2, 0)])).toEqual(['acknowledged-committed']);
  });

  test('a leader of a later term without the entry breaks it, whichever is heard of first', () => {
    const lacking = ['leader-completeness', 'acknowledged-committed'];
    const answered = [
      ['n1', commit(2, 1)],
      ['n1', answer(2, 1)],
    ] as const;
    expect(brokenBy(...LEVEL, ...answered, ['n3', leads(2)])).toEqual(lacking);
    expect(brokenBy(...LEVEL, ['n3', leads(2)], ...answered)).toEqual(lacking);
    expect(brokenBy(...LEVEL, ...answered, ['n2', leads(2)])).toEqual([]);
    expect(brokenBy(['n3', leads(0)], ...LEVEL, ...answered)).toEqual([]);
    expect(brokenBy(...LEVEL, ...answered, ['n3', leads(0)])).toEqual([]);
  });
});
