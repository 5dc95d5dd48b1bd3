/** Committing entries from previous terms (Raft 5.4.2): figure 8 as a script, with and without the rule, and the no-op. */
import { expect, test } from 'vitest';
import { Table } from './harness.ts';

const LOGS = { s1: [1], s2: [1], s3: [1], s4: [1], s5: [1] };

/**
 * Figure 8 up to (c). Each leader's no-op is the entry that the figure shows. One entry a message, so that the old entry can
 * be replicated without the new one.
 */
function untilC(commitOwnTermOnly: boolean): Table {
  const table = new Table({
    nodes: ['s1', 's2', 's3', 's4', 's5'],
    logs: LOGS,
    rules: { commitOwnTermOnly },
    core: { maxEntriesPerMessage: 1 },
  });
  const reachOnly = (...ids: string[]): void => {
    table.cutOff.clear();
    for (const id of table.ids) if (!ids.includes(id)) table.cutOff.add(id);
  };
  // (a) s1 leads term 2 and replicates its entry to s2 only.
  reachOnly('s1', 's2', 's3');
  table.timeOut('s1');
  for (const it of table.take()) table.deliver(it);
  for (const it of table.take()) table.deliver(it);
  reachOnly('s1', 's2');
  for (const it of table.take(({ to }) => to === 's2')) table.deliver(it);
  table.crash('s1');
  table.take();
  // (b) s5 leads term 3 with the votes of s3 and s4, and gets its entry no further than its own log.
  reachOnly('s3', 's4', 's5');
  while (table.raft('s5').term < 3) table.timeOut('s5');
  for (const it of table.take()) table.deliver(it);
  for (const it of table.take()) table.deliver(it);
  table.crash('s5');
  table.take();
  // (c) s1 is back, leads term 4, and replicates the entry of term 2 to s3 and s4, but not yet its own.
  table.restart('s1');
  reachOnly('s1', 's2', 's3', 's4');
  while (table.raft('s1').term < 4) table.timeOut('s1');
  while (table.messages.length > 0) {
    const envelope = table.messages.shift()!;
    const { message, to } = envelope;
    const isOwn = message.kind === 'appendEntries' && message.entries.some(({ term }) => term === 4);
    const isRefused = table.raft(to).lastIndex < 2;
    if (!isOwn || isRefused) table.deliver(envelope);
  }
  return table;
}

/** (d) s1 crashes; s5 leads term 5 with the votes of s2, s3 and s4, and its entry of term 3 replaces that of term 2 everywhere. */
function goOnToD(table: Table): void {
  table.crash('s1');
  table.restart('s5');
  table.cutOff.clear();
  while (table.raft('s5').term < 5) table.timeOut('s5');
  table.settle();
}

test('figure 8 (c): an entry of an earlier term stands on a majority', () => {
  const table = untilC(true);
  expect(table.ids.map((id) => table.terms(id))).toEqual([
    [1, 2, 4],
    [1, 2],
    [1, 2],
    [1, 2],
    [1, 3],
  ]);
  expect([table.raft('s1').role, table.raft('s1').term]).toEqual(['leader', 4]);
});

test('a leader cannot conclude that an entry from a previous term is committed once it is stored on a majority', () => {
  expect(untilC(true).raft('s1').commitIndex).toBe(0);
});

test('figure 8 (d): the entry of the earlier term is overwritten by a future leader, and nobody has applied it', () => {
  const table = untilC(true);
  const appliedAtS1 = table.applied('s1').map(({ term }) => term);
  goOnToD(table);
  expect(table.terms('s3')).toEqual([1, 3, 5]);
  expect(appliedAtS1).toEqual([]);
  expect(table.applied('s5').map(({ term }) => term)).toEqual([1, 3, 5]);
});

test('mutant M20 commit-prior-term: figure 8 gives two state machines different entries at the same index', () => {
  const table = untilC(false);
  const appliedAtS1 = table.applied('s1').map(({ index, term }) => [index, term]);
  goOnToD(table);
  expect(appliedAtS1).toContainEqual([2, 2]);
  expect(table.applied('s5').map(({ index, term }) => [index, term])).toContainEqual([2, 3]);
});

test('figure 8 (e): once an entry of the leader’s own term is on a majority, s5 cannot win an election', () => {
  const table = untilC(true);
  table.wake('s1');
  table.settle();
  table.wake('s1');
  table.settle();
  expect(table.raft('s1').commitIndex).toBe(3);
  table.crash('s1');
  table.restart('s5');
  table.cutOff.clear();
  for (let k = 0; k < 3; k++) {
    table.timeOut('s5');
    table.settle();
  }
  expect(table.raft('s5').role).toBe('candidate');
});

test('once an entry of the current term has been committed, all prior entries are committed indirectly', () => {
  const table = new Table({ nodes: ['s1', 's2', 's3', 's4', 's5'], logs: { ...LOGS, s1: [1, 2, 2, 2] } });
  table.elect('s1');
  expect(table.raft('s1').commitIndex).toBe(5);
});

test('in a joint configuration an entry commits when a majority of each half has it (Raft 6)', () => {
  const configuration = { voters: ['n1', 'n2', 'n3'], outgoing: ['n1', 'n4', 'n5'], learners: [], addresses: {} };
  const table = new Table({ nodes: 5, configuration });
  table.timeOut('n1');
  for (const request of table.sent('requestVote')) table.deliver(request);
  for (const vote of table.sent('requestVoteReply')) table.deliver(vote);
  expect(table.raft('n1').role).toBe('leader');
  table.cutOff.add('n4').add('n5');
  table.settle();
  expect([table.raft('n2').lastIndex, table.raft('n1').commitIndex]).toEqual([2, 0]);
  table.cutOff.clear();
  table.wake('n1');
  table.settle();
  expect(table.raft('n1').commitIndex).toBeGreaterThanOrEqual(2);
});

test('the majority is one of the configured servers, not of those that answer', () => {
  const table = new Table({ nodes: 5 });
  table.elect('n1');
  table.cutOff.add('n3').add('n4').add('n5');
  table.command('n1', 'x');
  for (let k = 0; k < 10; k++) {
    table.wake('n1');
    table.settle();
  }
  expect([table.raft('n2').lastIndex, table.raft('n1').commitIndex]).toEqual([3, 2]);
});
