/** Rules about what a leader and its followers make of messages that come late, twice or out of order. */
import { describe, expect, test } from 'vitest';
import { rulesOf } from '../../src/raft/rules.ts';
import { brokenOn } from './broken.ts';
import { Table, type TableOptions } from './harness.ts';

function tableOf(mutant: string | null, options: TableOptions = {}): Table {
  return new Table({ ...options, rules: rulesOf(mutant)! });
}

/** n1's messages reach this node, whose answers are still under way. */
function reach(table: Table, id: string): void {
  for (const message of table.take(({ to }) => to === id)) table.deliver(message);
}

describe('M17 match-nonmonotonic', () => {
  /** The answers to two commands come in the wrong order. */
  const overtaken = (mutant: string | null): string[] => {
    const table = tableOf(mutant);
    table.elect('n1');
    for (const text of ['x', 'y']) table.command('n1', text);
    reach(table, 'n2');
    const [first, second] = table.take(({ from }) => from === 'n2');
    table.deliver(second!);
    table.deliver(first!);
    return brokenOn(table);
  };

  test('takes back what was acknowledged', () => {
    expect(overtaken('M17')).toEqual(['reported-by-node', 'match-verified']);
  });

  test('the correct node does not', () => expect(overtaken(null)).toEqual([]));
});

describe('M19 old-term-acks', () => {
  /**
   * n2 acknowledges 3@2 and 4@2, which n3 replaces as the leader of term 3. When n1 leads term 4, and its 4@4 is on n5 only, the answer of
   * term 2 arrives. Then those without 4@4 elect n2.
   */
  const fromBefore = (mutant: string | null): { readonly committed: number; readonly broken: readonly string[] } => {
    const table = tableOf(mutant, { nodes: 5 });
    table.elect('n1');
    for (const text of ['x', 'y']) table.command('n1', text);
    reach(table, 'n2');
    const late = table.take(({ from }) => from === 'n2');
    table.take();
    table.elect('n3');
    expect(table.terms('n2')).toEqual([1, 2, 3]);
    table.timeOut('n1');
    for (const id of ['n4', 'n5']) reach(table, id);
    for (const vote of table.take(({ to }) => to === 'n1')) table.deliver(vote);
    reach(table, 'n5');
    for (const answer of table.take(({ from }) => from === 'n5')) table.deliver(answer);
    for (const answer of late) table.deliver(answer);
    const committed = table.raft('n1').commitIndex;
    table.take();
    for (const id of ['n1', 'n5']) table.cutOff.add(id);
    table.timeOut('n2');
    table.take();
    table.elect('n2');
    return { committed, broken: brokenOn(table) };
  };

  test('commits what two of five have, and a later leader lacks it', () => {
    const { committed, broken } = fromBefore('M19');
    expect(committed).toBe(4);
    expect(broken.slice(0, 2)).toEqual(['match-verified', 'leader-completeness']);
  });

  test('the correct node does not', () => expect(fromBefore(null)).toEqual({ committed: 3, broken: [] }));
});

describe('M25 commit-regress', () => {
  /** A heartbeat comes after a later one. */
  const overtaken = (mutant: string | null): { readonly rise: number; readonly broken: readonly string[] } => {
    const table = tableOf(mutant);
    table.elect('n1');
    table.wake('n1');
    const late = table.take(({ to }) => to === 'n2');
    const before = table.raft('n2').commitIndex;
    table.command('n1', 'x');
    table.settle();
    for (const heartbeat of late) table.deliver(heartbeat);
    return { rise: table.raft('n2').commitIndex - before, broken: brokenOn(table) };
  };

  test('takes back what is committed', () => {
    expect(overtaken('M25')).toEqual({ rise: 0, broken: ['commit-monotonic'] });
  });

  test('the correct node does not', () => expect(overtaken(null)).toEqual({ rise: 1, broken: [] }));
});

describe('M26 next-below-match', () => {
  /** The first of two messages is lost, and the other one refused. Gives where the leader goes on. */
  const lost = (
    mutant: string | null,
  ): { readonly previous: readonly number[]; readonly broken: readonly string[] } => {
    const table = tableOf(mutant);
    table.elect('n1');
    for (const text of ['x', 'y']) table.command('n1', text);
    const [, second] = table.take(({ to }) => to === 'n2');
    table.deliver(second!);
    for (const refusal of table.take(({ from }) => from === 'n2')) table.deliver(refusal);
    const previous = table.sent('appendEntries', { to: 'n2' }).map(({ message }) => message.prevLogIndex);
    return { previous, broken: brokenOn(table) };
  };

  test('sends again what was acknowledged', () => {
    expect(lost('M26')).toEqual({ previous: [0], broken: ['reported-by-node', 'match-verified'] });
  });

  test('the correct node sends the rest', () => expect(lost(null)).toEqual({ previous: [2], broken: [] }));
});
