/** Lease reads (thesis 6.4.1) as far as one leader and its voters can keep them; what clients see of it is tested on whole clusters. */
import { describe, expect, test } from 'vitest';
import { ELECTION_MIN_MS, HEARTBEAT_MS, Table } from './harness.ts';
import { appendEntries, requestVote, requestVoteReply } from './messages.ts';

/** 150 ms less a tenth, less a millisecond. */
const LEASE_MS = 134;
const core = { checkQuorum: true };

/** A leader whose last round has just been acknowledged by everybody. */
function led(options: ConstructorParameters<typeof Table>[0] = {}): Table {
  const table = new Table({ core, ...options });
  table.elect('n1');
  table.pass(HEARTBEAT_MS);
  table.wake('n1');
  table.settle();
  return table;
}

function answer(table: Table): string[] {
  return table.said(table.read('n1', 'lease'));
}

describe('a lease', () => {
  test('answers a read at once, and nothing is sent', () => {
    const table = led();
    expect(answer(table)).toEqual(['ready']);
    expect(table.messages).toEqual([]);
  });

  test('lasts for the shortest election timeout, less the drift, and not longer', () => {
    const table = led();
    table.pass(LEASE_MS - 1);
    expect(answer(table)).toEqual(['ready']);
    table.pass(1);
    expect(answer(table)).toEqual([]);
  });

  test('is shorter where clocks may differ by more', () => {
    const table = led({ core: { ...core, clockDrift: 0.5 } });
    table.pass(73);
    expect(answer(table)).toEqual(['ready']);
    table.pass(1);
    expect(answer(table)).toEqual([]);
  });

  test('that has run out makes the read wait for a round, and is not a refusal', () => {
    const table = led();
    table.pass(LEASE_MS);
    const read = table.read('n1', 'lease');
    expect(table.said(read)).toEqual([]);
    table.settle();
    expect(table.said(read)).toEqual(['ready']);
  });

  test('begins when the round left, however late the answers come', () => {
    const late = (rules: object): string[] => {
      const table = led({ rules });
      table.pass(HEARTBEAT_MS);
      table.wake('n1');
      table.pass(100);
      table.settle();
      table.pass(LEASE_MS - 100);
      return answer(table);
    };
    expect(late({})).toEqual([]);
    expect(late({ leaseFromSend: false })).toEqual(['ready']);
  });

  test('needs a quorum: one of four others is not enough', () => {
    const table = led({ nodes: 5 });
    for (const id of ['n3', 'n4', 'n5']) table.cutOff.add(id);
    table.pass(HEARTBEAT_MS);
    table.wake('n1');
    table.settle();
    table.pass(LEASE_MS - HEARTBEAT_MS);
    expect(answer(table)).toEqual([]);
  });

  test('is judged by the time of the read, not of the last wake', () => {
    const slept = (rules: object): string[] => {
      const table = led({ rules });
      table.pass(LEASE_MS + 50);
      return answer(table);
    };
    expect(slept({})).toEqual([]);
    expect(slept({ leaseByReadTime: false })).toEqual(['ready']);
  });

  test('does not answer before an entry of the own term is committed', () => {
    const table = new Table({ core });
    table.timeOut('n1');
    table.take();
    table.deliver(requestVoteReply({ term: 2 }));
    table.take();
    table.pass(HEARTBEAT_MS);
    table.wake('n1');
    for (const beat of table.take()) table.deliver(beat);
    for (const acknowledgement of table.take()) table.deliver(acknowledgement);
    table.take();
    const read = table.read('n1', 'lease');
    expect([table.raft('n1').commitIndex, table.said(read)]).toEqual([0, []]);
    table.pass(HEARTBEAT_MS);
    table.wake('n1');
    table.settle();
    expect([table.raft('n1').commitIndex, table.said(read)]).toEqual([2, ['ready']]);
  });

  test('there is none without CheckQuorum, for then nobody keeps to the leader', () => {
    const table = led({ core: { checkQuorum: false } });
    const read = table.read('n1', 'lease');
    expect(table.said(read)).toEqual([]);
    table.settle();
    expect(table.said(read)).toEqual(['ready']);
  });

  test('a follower has none', () => {
    const table = led();
    expect(table.said(table.read('n2', 'lease'))).toEqual(['not-leader']);
  });
});

describe('whoever acknowledged a leader votes for nobody else for the shortest election timeout', () => {
  const request = (term: number, pre = false) =>
    requestVote({ term, lastLogIndex: 9, lastLogTerm: 2, pre }, 'n3', 'n2');

  test('even where it heard of a higher term meanwhile and follows nobody', () => {
    const table = led();
    table.deliver(requestVoteReply({ term: 5, granted: false }, 'n3', 'n2'));
    expect([table.raft('n2').term, table.raft('n2').leaderId]).toEqual([5, null]);
    expect(table.ask(request(6), 'requestVoteReply').granted).toBe(false);
    expect(table.ask(request(6, true), 'requestVoteReply').granted).toBe(false);
    table.pass(ELECTION_MIN_MS);
    expect(table.ask(request(6), 'requestVoteReply').granted).toBe(true);
  });

  test('even over its own restart', () => {
    const table = led();
    table.crash('n2');
    table.restart('n2');
    expect(table.ask(request(6), 'requestVoteReply').granted).toBe(false);
    table.pass(ELECTION_MIN_MS);
    expect(table.ask(request(6), 'requestVoteReply').granted).toBe(true);
  });

  test('a member of a new cluster has acknowledged nobody and need not wait', () => {
    const table = new Table({ core });
    expect(table.ask(requestVote({ term: 2 }, 'n3', 'n2'), 'requestVoteReply').granted).toBe(true);
  });
});

describe('leadership transfer (thesis 3.10)', () => {
  const transferred = (rules: object = {}): Table => {
    const table = led({ rules });
    table.transfer('n1', 'n2');
    return table;
  };

  test('a target that is level is told at once, and wins past everybody who keeps to the leader', () => {
    const table = led();
    const request = table.transfer('n1', 'n2');
    expect(table.messages.map(({ to, message }) => [to, message.kind])).toEqual([['n2', 'timeoutNow']]);
    table.settle();
    expect([table.raft('n2').role, table.raft('n2').term]).toEqual(['leader', 3]);
    expect(table.said(request)).toEqual(['stepped-down']);
  });

  test('a target that lags is brought up to date first, and no command is taken meanwhile', () => {
    const table = led();
    table.cutOff.add('n2');
    table.command('n1', 'a');
    table.settle();
    table.cutOff.clear();
    const request = table.transfer('n1', 'n2');
    expect(table.sent('timeoutNow')).toEqual([]);
    expect(table.said(table.command('n1', 'b'))).toEqual(['not-ready']);
    table.pass(HEARTBEAT_MS);
    table.wake('n1');
    table.settle();
    expect([table.raft('n2').role, table.commands('n2')]).toEqual(['leader', ['a']]);
    expect(table.said(request)).toEqual(['stepped-down']);
  });

  test('is given up after an election timeout, and commands are taken again', () => {
    const table = led();
    table.cutOff.add('n2');
    const request = table.transfer('n1', 'n2');
    while (table.said(request).length === 0) {
      table.wake('n1');
      table.settle();
    }
    expect([table.raft('n1').role, table.said(request)]).toEqual(['leader', ['timed-out']]);
    expect(table.said(table.command('n1', 'c'))).toEqual(['accepted']);
  });

  test('TimeoutNow is said again where it was lost', () => {
    const table = transferred();
    table.take();
    table.pass(HEARTBEAT_MS);
    table.wake('n1');
    table.settle();
    expect(table.raft('n2').role).toBe('leader');
  });

  test('TimeoutNow of another term than the present one is ignored', () => {
    const table = led();
    for (const term of [1, 3]) table.deliver({ from: 'n1', to: 'n2', message: { kind: 'timeoutNow', term } });
    expect([table.raft('n2').role, table.raft('n2').term]).toEqual(['follower', 2]);
  });

  test('ends the lease before TimeoutNow leaves, for the rest of the term', () => {
    const table = transferred();
    expect(answer(table)).toEqual([]);
    table.take();
    table.cutOff.add('n2');
    for (let ms = 0; ms < 400; ms += HEARTBEAT_MS) {
      table.wake('n1');
      table.settle();
    }
    expect(table.raft('n1').role).toBe('leader');
    expect(answer(table)).toEqual([]);
    expect(answer(transferred({ transferEndsLease: false }))).toEqual(['ready']);
  });

  test('goes to a voter, by a leader, one at a time', () => {
    const table = led();
    expect(table.said(table.transfer('n1', 'n1'))).toEqual(['no-such-voter']);
    expect(table.said(table.transfer('n1', 'n9'))).toEqual(['no-such-voter']);
    expect(table.said(table.transfer('n3', 'n2'))).toEqual(['not-leader']);
    table.transfer('n1', 'n2');
    expect(table.said(table.transfer('n1', 'n3'))).toEqual(['busy']);
  });

  test('that was not begun before leadership was lost says so', () => {
    const table = led();
    table.cutOff.add('n2');
    table.command('n1', 'a');
    const request = table.transfer('n1', 'n2');
    table.deliver(appendEntries({ term: 7 }, 'n3'));
    expect(table.said(request)).toEqual(['lost-leadership']);
  });
});
