/** Rules that hide behind each other in drawn schedules: for each the few steps in which breaking it shows, and the correct node beside it. */
import { describe, expect, test } from 'vitest';
import { rulesOf } from '../../src/raft/rules.ts';
import { Table, type TableOptions } from './harness.ts';

function tableOf(mutant: string | null, options: TableOptions = {}): Table {
  return new Table({ ...options, rules: rulesOf(mutant)! });
}

/** Delivers n1's requests for votes to n2, and its vote back; what n1 then sends as a leader is lost. */
function leadWithVoteOf2(table: Table): void {
  table.timeOut('n1');
  for (const request of table.take(({ to }) => to === 'n2')) table.deliver(request);
  for (const vote of table.take(({ from }) => from === 'n2')) table.deliver(vote);
  expect(table.raft('n1').role).toBe('leader');
  table.take();
}

/** n1's next heartbeat reaches n2, and the answer n1; nothing else does. */
function beatWith2(table: Table): void {
  table.wake('n1');
  for (const beat of table.take(({ to }) => to === 'n2')) table.deliver(beat);
  for (const answer of table.take(({ from }) => from === 'n2')) table.deliver(answer);
}

describe('M18 ack-own-last', () => {
  /** n2 has 2@2 3@2 where the leader has 2@3 3@4, and answers a heartbeat at the beginning of the log. */
  const committed = (mutant: string | null): number => {
    const table = tableOf(mutant, { logs: { n1: [1, 3], n2: [1, 2, 2], n3: [1] }, term: 3 });
    leadWithVoteOf2(table);
    beatWith2(table);
    expect(table.terms('n2')).toEqual([1, 2, 2]);
    return table.raft('n1').commitIndex;
  };

  test('commits entries that only the leader has', () => expect(committed('M18')).toBe(3));
  test('the correct node commits nothing there', () => expect(committed(null)).toBe(0));
});

describe('M22 leader-counts-unsynced', () => {
  /** An entry is on the disk of n2 and not yet on the leader's, when the power of the leader fails. */
  const run = (mutant: string | null): readonly [committed: string[], leftOn: number] => {
    const table = tableOf(mutant);
    table.elect('n1');
    table.slowDisks.add('n1');
    table.command('n1', 'x');
    table.take(({ to }) => to === 'n3');
    table.settle();
    const commands = table.commands('n1');
    table.crash('n1');
    table.restart('n1');
    return [commands, table.ids.filter((id) => table.raft(id).lastIndex === 3).length];
  };

  test('applies what one disk of three holds', () => expect(run('M22')).toEqual([['x'], 1]));
  test('the correct node does not', () => expect(run(null)).toEqual([[], 1]));
});

describe('M31 readindex-no-noop', () => {
  /** 2@2 may be committed, for it is on a majority; the new leader does not know, and its heartbeat is answered before its no-op is. */
  const said = (mutant: string | null): readonly [answers: string[], applied: number] => {
    const table = tableOf(mutant, { logs: { n1: [1, 2], n2: [1, 2], n3: [1] }, term: 2 });
    leadWithVoteOf2(table);
    const read = table.read('n1', 'read-index');
    for (const beat of table.take(({ to }) => to === 'n2')) table.deliver(beat);
    for (const answer of table.take(({ from }) => from === 'n2')) table.deliver(answer);
    return [table.said(read), table.applied('n1').length];
  };

  test('answers from a state without what was committed before', () => expect(said('M31')).toEqual([['ready'], 0]));
  test('the correct node waits', () => expect(said(null)).toEqual([[], 0]));
});
