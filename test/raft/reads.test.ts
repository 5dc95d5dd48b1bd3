/** Client interaction (Raft 8; thesis 6.4) as far as it concerns the core: the no-op and reads without a log entry. Sessions are the replica's. */
import { describe, expect, test } from 'vitest';
import { Table } from './harness.ts';
import { appendEntries, appendEntriesReply, requestVoteReply } from './messages.ts';

const led = (options: ConstructorParameters<typeof Table>[0] = {}): Table => {
  const table = new Table(options);
  table.elect('n1');
  return table;
};

describe('Raft 8, client interaction', () => {
  test('a leader must know which entries are committed: each commits a blank no-op entry at the start of its term', () => {
    const table = led();
    expect(table.raft('n1').entry(2)).toMatchObject({ term: 2, kind: 'noop', data: new Uint8Array(0) });
    expect(table.raft('n1').commitIndex).toBe(2);
  });

  test('a read before the no-op is committed waits for it', () => {
    const table = new Table();
    table.timeOut('n1');
    table.take();
    table.deliver(requestVoteReply({ term: 2 }));
    const read = table.read('n1', 'read-index');
    table.take(({ message }) => message.kind === 'appendEntries' && message.entries.length > 0);
    table.settle();
    expect([table.raft('n1').commitIndex, table.said(read)]).toEqual([0, []]);
    table.wake('n1');
    table.settle();
    expect([table.raft('n1').commitIndex, table.said(read)]).toEqual([2, ['ready']]);
  });

  test('a leader must check whether it has been deposed: it exchanges heartbeats with a majority before it answers a read', () => {
    const table = led({ nodes: 5 });
    const read = table.read('n1', 'read-index');
    const beats = table.take();
    expect(beats.map(({ to }) => to)).toEqual(['n2', 'n3', 'n4', 'n5']);
    table.deliver(beats[0]!);
    table.settle();
    expect(table.said(read)).toEqual([]);
    table.deliver(beats[1]!);
    table.settle();
    expect(table.said(read)).toEqual(['ready']);
  });

  test('a read is confirmed at once and not with the next heartbeat', () => {
    const table = led();
    const { nowMs } = table;
    const read = table.read('n1', 'read-index');
    table.settle();
    expect([table.said(read), table.nowMs]).toEqual([['ready'], nowMs]);
  });

  test('a read never counts acknowledgements of a round that was sent before it came', () => {
    const table = led();
    table.wake('n1');
    const earlier = table.take();
    earlier.forEach((it) => table.deliver(it));
    const acknowledgements = table.take();
    const read = table.read('n1', 'read-index');
    acknowledgements.forEach((it) => table.deliver(it));
    expect(table.said(read)).toEqual([]);
    table.settle();
    expect(table.said(read)).toEqual(['ready']);
  });

  test('a read that comes while a round is under way waits for the next one, together with all others that come', () => {
    const table = led();
    const first = table.read('n1', 'read-index');
    const round = table.take();
    const [second, third] = [table.read('n1', 'read-index'), table.read('n1', 'read-index')];
    expect(table.messages).toEqual([]);
    round.forEach((it) => table.deliver(it));
    const [reply] = table.take();
    table.deliver(reply!);
    expect([first, second, third].map((id) => table.said(id))).toEqual([['ready'], [], []]);
    expect(table.sent('appendEntries')).toHaveLength(2);
    table.settle();
    expect([second, third].map((id) => table.said(id))).toEqual([['ready'], ['ready']]);
  });

  test('a round that was lost is made good by the next heartbeat', () => {
    const table = led();
    const read = table.read('n1', 'read-index');
    table.take();
    const late = table.read('n1', 'read-index');
    table.wake('n1');
    table.settle();
    expect([table.said(read), table.said(late)]).toEqual([['ready'], ['ready']]);
  });

  test('round numbers differ between terms, and acknowledgements of another term confirm nothing', () => {
    const table = led();
    table.read('n1', 'read-index');
    const [old] = table.sent('appendEntries', { to: 'n2' });
    table.settle();
    table.timeOut('n2');
    table.settle();
    table.elect('n1');
    const read = table.read('n1', 'read-index');
    const [fresh] = table.sent('appendEntries', { to: 'n2' });
    expect(fresh!.message.round).toBeGreaterThan(old!.message.round);
    table.take();
    table.deliver(appendEntriesReply({ term: 2, round: fresh!.message.round }));
    expect(table.said(read)).toEqual([]);
    table.deliver(appendEntriesReply({ term: 4, round: fresh!.message.round - 1 }));
    expect(table.said(read)).toEqual([]);
    table.deliver(appendEntriesReply({ term: 4, round: fresh!.message.round }));
    expect(table.said(read)).toEqual(['ready']);
  });

  test('a refusal of the same term confirms leadership as well as a success does', () => {
    const table = led();
    const read = table.read('n1', 'read-index');
    const { round } = table.sent('appendEntries')[0]!.message;
    table.deliver(appendEntriesReply({ term: 2, round, success: false, rejectedIndex: 2 }));
    expect(table.said(read)).toEqual(['ready']);
  });

  test('a read waits until its state machine has applied what was committed when it came', () => {
    const table = led();
    table.slowMachines.add('n1');
    table.command('n1', 'x');
    table.settle();
    const read = table.read('n1', 'read-index');
    table.settle();
    expect([table.raft('n1').commitIndex, table.raft('n1').lastApplied, table.said(read)]).toEqual([3, 2, []]);
    table.apply('n1');
    expect(table.said(read)).toEqual(['ready']);
  });

  test('the confirmation waits for the term at the follower and not for its disk’s entries', () => {
    const table = led();
    table.slowDisks.add('n2').add('n3');
    table.command('n1', 'x');
    const read = table.read('n1', 'read-index');
    table.settle();
    expect(table.said(read)).toEqual(['ready']);
    expect(table.raft('n1').commitIndex).toBe(2);
  });

  test('a single node answers reads on its own', () => {
    const table = new Table({ nodes: 1 });
    table.elect('n1');
    expect(table.said(table.read('n1', 'read-index'))).toEqual(['ready']);
  });

  test('on losing leadership every open read is refused, which is proven to be without effect', () => {
    const table = led();
    table.slowMachines.add('n1');
    table.command('n1', 'x');
    table.settle();
    const reads = [table.read('n1', 'read-index'), table.read('n1', 'read-index')];
    const applying = table.read('n1', 'leader');
    table.deliver(appendEntries({ term: 9 }));
    expect([...reads, applying].map((id) => table.said(id))).toEqual([['not-leader'], ['not-leader'], ['not-leader']]);
    expect(table.answers.at(-1)!.leader).toBe('n2');
  });

  test('a follower refuses a read and names the leader', () => {
    const table = led();
    table.read('n2', 'read-index');
    expect(table.answers.at(-1)).toMatchObject({ said: 'not-leader', leader: 'n1' });
  });

  test('a cancelled read is not answered, whatever it waits for', () => {
    const table = led();
    const unconfirmed = table.read('n1', 'read-index');
    table.step('n1', { kind: 'cancel', requestId: unconfirmed });
    table.settle();
    table.slowMachines.add('n1');
    table.command('n1', 'x');
    table.settle();
    const unapplied = table.read('n1', 'leader');
    table.step('n1', { kind: 'cancel', requestId: unapplied });
    table.apply('n1');
    expect([table.said(unconfirmed), table.said(unapplied)]).toEqual([[], []]);
  });
});

describe('a deposed leader that does not know it yet', () => {
  /** n1 was stopped; the others elected n2 and committed a write; nothing of that has reached n1. */
  const deposed = (confirmReads: boolean): Table => {
    const table = led({ rules: { confirmReads }, core: { preVote: true, checkQuorum: true } });
    table.cutOff.add('n1');
    table.wake('n1');
    table.settle();
    table.pass(300);
    table.elect('n2');
    table.command('n2', 'newer');
    table.settle();
    expect(table.commands('n2')).toEqual(['newer']);
    expect([table.raft('n1').role, table.commands('n1')]).toEqual(['leader', []]);
    return table;
  };

  test('does not answer a read-index read', () => {
    const table = deposed(true);
    const read = table.read('n1', 'read-index');
    table.settle();
    expect(table.said(read)).toEqual([]);
    table.cutOff.clear();
    table.step('n1', { kind: 'wake' });
    table.settle();
    expect(table.said(read)).toEqual(['not-leader']);
  });

  test('mutant M30 leader-local answers it, from an old state', () => {
    const table = deposed(false);
    expect(table.said(table.read('n1', 'read-index'))).toEqual(['ready']);
  });

  test('answers a leader read from an old state: that mode is wrong on purpose', () => {
    const table = deposed(true);
    expect(table.said(table.read('n1', 'leader'))).toEqual(['ready']);
  });
});

describe('the other read modes', () => {
  test('local is answered by any node at once', () => {
    const table = new Table();
    expect(table.said(table.read('n3', 'local'))).toEqual(['ready']);
  });

  test('leader is refused by a node that does not lead', () => {
    const table = led();
    expect(table.said(table.read('n2', 'leader'))).toEqual(['not-leader']);
  });
});
