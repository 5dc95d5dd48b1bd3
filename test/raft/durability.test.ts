/**
 * What waits for the disk: "Persistent state … (Updated on stable storage before responding to RPCs)" (figure 2). A promise
 * carries the write that covers it, and dies with the crash that undoes it.
 */
import { describe, expect, test } from 'vitest';
import { Table, entryOf } from './harness.ts';
import { appendEntries, requestVote, requestVoteReply } from './messages.ts';

describe('votes', () => {
  test('a vote is not released before term and vote are durable', () => {
    const table = new Table();
    table.slowDisks.add('n1');
    table.deliver(requestVote({ term: 2 }));
    expect(table.messages).toEqual([]);
    table.deliver(requestVote({ term: 2 }));
    expect(table.messages).toEqual([]);
    table.fsync('n1');
    expect(table.sent('requestVoteReply').map(({ message }) => message.granted)).toEqual([true, true]);
  });

  test('a vote that a crash undid was never seen, so that the next one may go to another candidate', () => {
    const table = new Table();
    table.slowDisks.add('n1');
    table.deliver(requestVote({ term: 2 }, 'n2'));
    table.crash('n1');
    table.restart('n1');
    table.deliver(requestVote({ term: 2 }, 'n3'));
    table.fsync('n1');
    expect(table.messages.map(({ to }) => to)).toEqual(['n3']);
    expect(table.probes.filter(({ probe }) => probe.kind === 'vote')).toHaveLength(1);
  });

  test('a candidate’s requests wait for its own term and vote', () => {
    const table = new Table();
    table.slowDisks.add('n1');
    table.timeOut('n1');
    expect(table.messages).toEqual([]);
    table.fsync('n1');
    expect(table.sent('requestVote')).toHaveLength(2);
  });

  test('a candidate counts its own vote only when it is durable', () => {
    const table = new Table();
    table.slowDisks.add('n1');
    table.timeOut('n1');
    table.deliver(requestVoteReply({ term: 2 }));
    expect(table.raft('n1').role).toBe('candidate');
    table.fsync('n1');
    expect(table.raft('n1').role).toBe('leader');
  });

  test('a vote whose write completes in a later term is not counted in that term', () => {
    const table = new Table();
    table.slowDisks.add('n1');
    table.timeOut('n1');
    table.timeOut('n1');
    table.deliver(requestVoteReply({ term: 3 }));
    table.fsync('n1', 1);
    expect(table.raft('n1').role).toBe('candidate');
    table.fsync('n1');
    expect(table.raft('n1').role).toBe('leader');
  });
});

describe('entries', () => {
  const fromLeader = appendEntries({ term: 2, entries: [entryOf(2, 2)] });

  test('an append is acknowledged only when its entries are durable', () => {
    const table = new Table();
    table.slowDisks.add('n1');
    table.deliver(fromLeader);
    expect(table.messages).toEqual([]);
    table.fsync('n1');
    expect(table.sent('appendEntriesReply').map(({ message }) => message.matchIndex)).toEqual([2]);
  });

  test('a duplicate that arrives while the first is unsynced is not acknowledged freely', () => {
    const table = new Table();
    table.slowDisks.add('n1');
    table.deliver(fromLeader);
    table.deliver(fromLeader);
    expect(table.messages).toEqual([]);
    table.fsync('n1');
    expect(table.messages).toHaveLength(2);
  });

  test('an acknowledgement waits for the write that covers it and for no later one', () => {
    const table = new Table();
    table.slowDisks.add('n1');
    table.deliver(fromLeader);
    table.deliver(appendEntries({ term: 2, prevLogIndex: 2, prevLogTerm: 2, entries: [entryOf(3, 2)] }));
    table.deliver(fromLeader);
    const writes = 3; // term, entry 2, entry 3
    table.fsync('n1', writes - 1);
    expect(table.messages.map(({ message }) => message.kind === 'appendEntriesReply' && message.matchIndex)).toEqual([
      2, 2,
    ]);
  });

  test('an acknowledgement of entries that were durable long ago waits for the term only', () => {
    const table = new Table();
    table.slowDisks.add('n1');
    table.deliver(appendEntries({ term: 2 }));
    expect(table.messages).toEqual([]);
    table.fsync('n1');
    table.messages = [];
    table.deliver(fromLeader);
    table.deliver(appendEntries({ term: 2, round: 7 }));
    expect(table.messages.map(({ message }) => message.kind === 'appendEntriesReply' && message.round)).toEqual([7]);
  });

  test('a leader counts its own copy of an entry only when it is durable', () => {
    const table = new Table();
    table.elect('n1');
    table.slowDisks.add('n1');
    table.cutOff.add('n3');
    table.command('n1', 'x');
    table.settle();
    expect([table.raft('n2').lastIndex, table.raft('n1').commitIndex]).toEqual([3, 2]);
    table.fsync('n1');
    expect(table.raft('n1').commitIndex).toBe(3);
  });

  test('entries commit without the leader’s disk if a majority of the others has them', () => {
    const table = new Table();
    table.elect('n1');
    table.slowDisks.add('n1');
    table.command('n1', 'x');
    table.settle();
    expect(table.raft('n1').commitIndex).toBe(3);
  });

  test('a late completion of entries that were truncated since makes nothing durable that replaced them', () => {
    const table = new Table();
    table.slowDisks.add('n1');
    table.deliver(appendEntries({ term: 2, entries: [entryOf(2, 2), entryOf(3, 2)] }));
    table.deliver(appendEntries({ term: 3, entries: [entryOf(2, 3), entryOf(3, 3)] }, 'n3'));
    table.fsync('n1', 3); // term 2, its entries, term 3
    expect(table.sent('appendEntriesReply', { to: 'n3' })).toEqual([]);
    table.fsync('n1');
    expect(table.sent('appendEntriesReply', { to: 'n3' }).map(({ message }) => message.matchIndex)).toEqual([3]);
  });

  test('truncated entries that were durable are not, once others stand in their place', () => {
    const table = new Table({ logs: { n1: [1, 1, 1], n2: [1], n3: [1] } });
    table.slowDisks.add('n1');
    table.deliver(appendEntries({ term: 2, entries: [entryOf(2, 2), entryOf(3, 2)] }));
    table.fsync('n1', 1);
    expect(table.messages).toEqual([]);
    table.crash('n1');
    table.restart('n1');
    expect(table.terms('n1')).toEqual([1, 1, 1]);
  });
});

describe('ackAfterFsync', () => {
  /** n1 commits on n2's word; n2 loses power; n2 and n3 elect n3. Returns what n1 applied and what n3 then has. */
  const losePower = (ackAfterFsync: boolean): { readonly acknowledged: string[]; readonly later: string[] } => {
    const table = new Table({ rules: { ackAfterFsync } });
    table.elect('n1');
    table.cutOff.add('n3');
    table.slowDisks.add('n2');
    table.command('n1', 'x');
    table.settle();
    const acknowledged = table.commands('n1');
    table.crash('n2');
    table.crash('n1');
    table.slowDisks.clear();
    table.cutOff.clear();
    table.restart('n2');
    table.messages = [];
    table.elect('n3');
    return { acknowledged, later: table.commands('n3') };
  };

  test('what was acknowledged survives the loss of power', () => {
    expect(losePower(true)).toEqual({ acknowledged: [], later: [] });
  });

  test('mutant M23 ack-before-fsync loses an acknowledged entry', () => {
    expect(losePower(false)).toEqual({ acknowledged: ['x'], later: [] });
  });
});
