/** Leader election: Raft 5.1, 5.2, 5.4.1 and figure 2's RequestVote, one test a sentence; then PreVote, stickiness and CheckQuorum. */
import { describe, expect, test } from 'vitest';
import { ELECTION_MAX_MS, ELECTION_MIN_MS, HEARTBEAT_MS, MS, Table } from './harness.ts';
import { appendEntries, requestVote, requestVoteReply } from './messages.ts';

describe('Raft 5.1, terms', () => {
  test('a server begins as a follower and is passive: it issues no requests on its own', () => {
    const table = new Table();
    expect(table.ids.map((id) => table.raft(id).role)).toEqual(['follower', 'follower', 'follower']);
    expect(table.messages).toEqual([]);
  });

  test('if a client contacts a follower, the follower redirects it to the leader', () => {
    const table = new Table();
    table.elect('n2');
    const requestId = table.command('n1', 'x');
    expect(table.answers.at(-1)).toEqual({ node: 'n1', requestId, said: 'not-leader', leader: 'n2' });
  });

  test('if one server has a smaller current term than the other, it updates to the larger value', () => {
    const table = new Table();
    table.deliver(requestVote({ term: 9, lastLogTerm: 0, lastLogIndex: 0 }));
    expect(table.raft('n1').term).toBe(9);
  });

  test('if a candidate or leader discovers that its term is out of date, it immediately reverts to follower state', () => {
    const candidate = new Table();
    candidate.timeOut('n1');
    candidate.deliver(requestVoteReply({ term: 9, granted: false, asked: 2 }));
    expect([candidate.raft('n1').role, candidate.raft('n1').term]).toEqual(['follower', 9]);
    const leader = new Table();
    leader.elect('n1');
    leader.deliver(requestVote({ term: 9 }));
    expect([leader.raft('n1').role, leader.raft('n1').term]).toEqual(['follower', 9]);
  });

  test('if a server receives a request with a stale term number, it rejects the request', () => {
    const table = new Table({ logs: { n1: [1], n2: [1], n3: [1] }, term: 5 });
    expect(table.ask(requestVote({ term: 4 }), 'requestVoteReply')).toMatchObject({ granted: false, term: 5 });
    expect(table.ask(appendEntries({ term: 4 }), 'appendEntriesReply')).toMatchObject({ success: false, term: 5 });
  });

  test('current terms increase monotonically, over a crash too', () => {
    const table = new Table();
    table.timeOut('n1');
    table.timeOut('n1');
    table.crash('n1');
    table.restart('n1');
    expect(table.raft('n1').term).toBe(3);
    table.timeOut('n1');
    expect(table.raft('n1').term).toBe(4);
  });

  test('servers retry requests if they do not receive a response in a timely manner, and issue them in parallel', () => {
    const table = new Table({ nodes: 5 });
    table.timeOut('n1');
    expect(table.take().map(({ to }) => to)).toEqual(['n2', 'n3', 'n4', 'n5']);
    table.deliver(requestVoteReply({ term: 2, granted: false }, 'n3'));
    table.wake('n1');
    expect(table.take().map(({ to, message }) => [to, message.term])).toEqual([
      ['n2', 2],
      ['n4', 2],
      ['n5', 2],
    ]);
  });
});

describe('Raft 5.2, leader election', () => {
  test('a server remains a follower as long as it receives valid RPCs from a leader', () => {
    const table = new Table();
    table.elect('n2');
    for (let k = 0; k < 20; k++) {
      table.pass(ELECTION_MIN_MS - 1);
      table.step('n1', { kind: 'wake' });
      table.deliver(appendEntries({ term: 2, prevLogIndex: 2, prevLogTerm: 2 }));
    }
    expect(table.raft('n1').role).toBe('follower');
  });

  test('leaders send periodic heartbeats to all followers, also when idle', () => {
    const table = new Table();
    table.elect('n1');
    for (let beat = 0; beat < 3; beat++) {
      const beforeMs = table.nowMs;
      table.wake('n1');
      expect(table.nowMs - beforeMs).toBeLessThanOrEqual(HEARTBEAT_MS);
      expect(table.sent('appendEntries').map(({ to, message }) => [to, message.entries.length])).toEqual([
        ['n2', 0],
        ['n3', 0],
      ]);
      table.settle();
    }
  });

  test('if a follower receives no communication over the election timeout, it begins an election', () => {
    const table = new Table();
    expect(table.raft('n1').deadlineNs()).toBeGreaterThanOrEqual((table.nowMs + ELECTION_MIN_MS) * MS);
    table.pass(ELECTION_MIN_MS - 1);
    table.step('n1', { kind: 'wake' });
    expect(table.raft('n1').role).toBe('follower');
    table.timeOut('n1');
    expect(table.raft('n1').role).toBe('candidate');
  });

  test('to begin an election a follower increments its current term, transitions to candidate, votes for itself and asks all others', () => {
    const table = new Table();
    table.timeOut('n1');
    const { role, term, votedFor, leaderId } = table.raft('n1');
    expect({ role, term, votedFor, leaderId }).toEqual({ role: 'candidate', term: 2, votedFor: 'n1', leaderId: null });
    expect(table.sent('requestVote').map(({ to }) => to)).toEqual(['n2', 'n3']);
    expect(table.sent('requestVote')[0]!.message).toEqual({
      kind: 'requestVote',
      term: 2,
      candidateId: 'n1',
      lastLogIndex: 1,
      lastLogTerm: 1,
      pre: false,
      transfer: false,
    });
  });

  test('a candidate wins an election if it receives votes from a majority of the servers in the full cluster for the same term', () => {
    const table = new Table({ nodes: 5 });
    table.timeOut('n1');
    table.deliver(requestVoteReply({ term: 2 }, 'n2'));
    table.deliver(requestVoteReply({ term: 2 }, 'n2'));
    expect(table.raft('n1').role).toBe('candidate');
    table.deliver(requestVoteReply({ term: 2 }, 'n3'));
    expect(table.raft('n1').role).toBe('leader');
  });

  test('votes of an earlier term are not counted', () => {
    const table = new Table();
    table.timeOut('n1');
    table.timeOut('n1');
    table.deliver(requestVoteReply({ term: 2, asked: 2 }));
    expect(table.raft('n1').role).toBe('candidate');
    table.deliver(requestVoteReply({ term: 3, asked: 3 }));
    expect(table.raft('n1').role).toBe('leader');
  });

  const secondVote = (voteOncePerTerm: boolean): boolean => {
    const table = new Table({ rules: { voteOncePerTerm } });
    expect(table.ask(requestVote({ term: 2 }, 'n2'), 'requestVoteReply').granted).toBe(true);
    return table.ask(requestVote({ term: 2 }, 'n3'), 'requestVoteReply').granted;
  };

  test('each server votes for at most one candidate in a given term, first come first served', () => {
    expect(secondVote(true)).toBe(false);
  });

  test('mutant M03 double-vote votes twice, and two leaders of one term come of it', () => {
    expect(secondVote(false)).toBe(true);
    const table = new Table({ rules: { voteOncePerTerm: false } });
    table.timeOut('n1');
    const [toN2, toN3] = table.take();
    table.timeOut('n2');
    table.take(({ to }) => to === 'n1');
    table.deliver(toN3!);
    table.settle();
    table.deliver(toN2!);
    expect(['n1', 'n2'].map((id) => [table.raft(id).role, table.raft(id).term])).toEqual([
      ['leader', 2],
      ['leader', 2],
    ]);
    table.settle();
    expect(table.probes.some(({ probe }) => probe.kind === 'invariant' && probe.name === 'election-safety')).toBe(true);
  });

  test('a vote is granted again to the same candidate, whose request may have been repeated, and is not written again', () => {
    const table = new Table();
    expect(table.ask(requestVote({ term: 2 }), 'requestVoteReply').granted).toBe(true);
    table.slowDisks.add('n1');
    expect(table.ask(requestVote({ term: 2 }), 'requestVoteReply').granted).toBe(true);
    expect(table.hasUnsynced('n1')).toBe(false);
  });

  test('a server votes once a term over a crash, for term and vote are on stable storage', () => {
    const table = new Table();
    table.ask(requestVote({ term: 2 }, 'n2'), 'requestVoteReply');
    table.crash('n1');
    table.restart('n1');
    expect(table.ask(requestVote({ term: 2 }, 'n3'), 'requestVoteReply').granted).toBe(false);
  });

  test('once a candidate wins an election, it sends heartbeat messages to all of the other servers', () => {
    const table = new Table();
    table.timeOut('n1');
    table.take();
    table.deliver(requestVoteReply({ term: 2 }));
    expect(table.sent('appendEntries').map(({ to, message }) => [to, message.term, message.leaderId])).toEqual([
      ['n2', 2, 'n1'],
      ['n3', 2, 'n1'],
    ]);
  });

  test('a candidate that hears a leader whose term is at least as large recognises it and returns to follower state', () => {
    const table = new Table();
    table.timeOut('n1');
    table.deliver(appendEntries({ term: 2 }));
    expect([table.raft('n1').role, table.raft('n1').leaderId]).toEqual(['follower', 'n2']);
  });

  test('if the term in the RPC is smaller than the candidate’s, the candidate rejects it and continues in candidate state', () => {
    const table = new Table();
    table.timeOut('n1');
    expect(table.ask(appendEntries({ term: 1 }), 'appendEntriesReply')).toMatchObject({ success: false, term: 2 });
    expect(table.raft('n1').role).toBe('candidate');
  });

  test('with votes split, each candidate times out and starts a new election by incrementing its term', () => {
    const table = new Table({ nodes: 4 });
    table.timeOut('n1');
    const first = table.take();
    table.timeOut('n2');
    const second = table.take();
    [...first.filter(({ to }) => to === 'n3'), ...second.filter(({ to }) => to === 'n4')].forEach((it) =>
      table.deliver(it),
    );
    table.settle();
    expect(['n1', 'n2'].map((id) => table.raft(id).role)).toEqual(['candidate', 'candidate']);
    table.timeOut('n1');
    table.settle();
    expect([table.raft('n1').role, table.raft('n1').term]).toEqual(['leader', 3]);
  });

  test('election timeouts are chosen randomly from a fixed interval, freshly at the start of each election', () => {
    const draws: string[] = [];
    const table = new Table({
      draw: (node, term, attempt) => {
        draws.push(`${node} ${term}.${attempt}`);
        return draws.length % 2 === 0 ? 0 : 0.5;
      },
    });
    draws.length = 0;
    const timeouts = [1, 2, 3, 4].map(() => {
      const beforeMs = table.nowMs;
      table.timeOut('n1');
      return table.nowMs - beforeMs;
    });
    expect(draws).toEqual(['n1 2.0', 'n1 3.0', 'n1 4.0', 'n1 5.0']);
    expect(new Set(timeouts.slice(1))).toEqual(new Set([ELECTION_MIN_MS, (ELECTION_MIN_MS + ELECTION_MAX_MS) / 2]));
  });

  test('a follower draws a fresh timeout for each term that it enters', () => {
    const draws: string[] = [];
    const draw = (node: string, term: number): number => draws.push(`${node} of term ${term}`) / 100;
    const table = new Table({ draw });
    draws.length = 0;
    table.elect('n2');
    expect(draws.filter((it) => it.startsWith('n1'))).toEqual(['n1 of term 2']);
  });

  test('a repeated pre-vote draws a fresh timeout too, though the term stays', () => {
    const draws: string[] = [];
    const draw = (node: string, term: number, attempt: number): number =>
      draws.push(`${node} ${term}.${attempt}`) / 100;
    const table = new Table({ core: { preVote: true }, draw });
    draws.length = 0;
    table.timeOut('n1');
    table.timeOut('n1');
    expect(draws).toEqual(['n1 1.1', 'n1 1.2']);
  });
});

describe('figure 2, RequestVote and followers', () => {
  test('granting a vote restarts the election timer, refusing one does not', () => {
    const granted = new Table();
    const before = granted.raft('n1').deadlineNs();
    granted.pass(100);
    granted.deliver(requestVote({ term: 2 }));
    expect(granted.raft('n1').deadlineNs()).toBeGreaterThan(before);
    const refused = new Table();
    refused.pass(100);
    refused.deliver(requestVote({ term: 2, lastLogIndex: 0, lastLogTerm: 0 }));
    expect(refused.raft('n1').term).toBe(2);
    expect(refused.raft('n1').deadlineNs()).toBe(before);
  });

  test('an AppendEntries of an earlier term does not restart the election timer', () => {
    const table = new Table({ logs: { n1: [1], n2: [1], n3: [1] }, term: 5 });
    const before = table.raft('n1').deadlineNs();
    table.pass(100);
    table.deliver(appendEntries({ term: 4 }));
    expect(table.raft('n1').deadlineNs()).toBe(before);
  });

  test('a single node elects itself once its own vote is durable', () => {
    const table = new Table({ nodes: 1 });
    table.slowDisks.add('n1');
    table.timeOut('n1');
    expect(table.raft('n1').role).toBe('candidate');
    table.fsync('n1');
    expect(table.raft('n1').role).toBe('leader');
  });

  test('a node without a vote never starts an election', () => {
    const configuration = { voters: ['n1', 'n2'], outgoing: [], learners: ['n3'], addresses: {} };
    const table = new Table({ configuration });
    expect(table.raft('n3').deadlineNs()).toBe(Infinity);
    table.pass(10_000);
    table.step('n3', { kind: 'wake' });
    expect(table.raft('n3').role).toBe('follower');
  });

  test('in a joint configuration a candidate needs a majority of each half (Raft 6)', () => {
    const configuration = { voters: ['n1', 'n2', 'n3'], outgoing: ['n1', 'n4', 'n5'], learners: [], addresses: {} };
    const table = new Table({ nodes: 5, configuration });
    table.timeOut('n1');
    expect(table.take().map(({ to }) => to)).toEqual(['n2', 'n3', 'n4', 'n5']);
    table.deliver(requestVoteReply({ term: 2 }, 'n2'));
    table.deliver(requestVoteReply({ term: 2 }, 'n3'));
    expect(table.raft('n1').role).toBe('candidate');
    table.deliver(requestVoteReply({ term: 2 }, 'n4'));
    expect(table.raft('n1').role).toBe('leader');
  });
});

describe('Raft 5.4.1, election restriction', () => {
  const logs = { n1: [1, 2, 2], n2: [1, 2, 2], n3: [1, 2, 2] };
  const grants = (lastLogTerm: number, lastLogIndex: number): boolean =>
    new Table({ logs }).ask(requestVote({ term: 9, lastLogTerm, lastLogIndex }), 'requestVoteReply').granted;

  test('the voter denies its vote if its own log is more up-to-date than that of the candidate', () => {
    expect(grants(2, 2)).toBe(false);
    expect(grants(2, 3)).toBe(true);
  });

  test('if the logs have last entries with different terms, the log with the later term is more up-to-date, however short', () => {
    expect(grants(3, 1)).toBe(true);
    expect(grants(1, 99)).toBe(false);
  });

  test('if the logs end with the same term, whichever log is longer is more up-to-date', () => {
    expect(grants(2, 4)).toBe(true);
    expect(grants(2, 2)).toBe(false);
  });
});

describe('PreVote (thesis 9.6)', () => {
  const core = { preVote: true, checkQuorum: true };

  test('a pre-vote changes nothing durable, neither at the candidate nor at the voter', () => {
    const table = new Table({ core });
    table.slowDisks.add('n1').add('n2');
    table.timeOut('n1');
    expect([table.raft('n1').role, table.raft('n1').term]).toEqual(['pre-candidate', 1]);
    const [request] = table.take(({ to }) => to === 'n2');
    const reply = table.ask(request!, 'requestVoteReply');
    expect(reply).toEqual({ kind: 'requestVoteReply', term: 2, granted: true, pre: true, asked: 2 });
    expect([table.raft('n2').term, table.raft('n2').votedFor]).toEqual([1, null]);
    expect(table.hasUnsynced('n1') || table.hasUnsynced('n2')).toBe(false);
  });

  test('a node that a majority would vote for goes on to a real election', () => {
    const table = new Table({ core });
    table.elect('n1');
    expect(table.raft('n1').term).toBe(2);
  });

  test('granted pre-votes are not votes', () => {
    const table = new Table({ nodes: 5, core });
    table.timeOut('n1');
    table.deliver(requestVoteReply({ term: 2, pre: true }, 'n2'));
    table.deliver(requestVoteReply({ term: 2, pre: true }, 'n3'));
    expect(table.raft('n1').role).toBe('candidate');
    table.deliver(requestVoteReply({ term: 2, pre: true }, 'n4'));
    table.deliver(requestVoteReply({ term: 2, pre: true }, 'n5'));
    expect(table.raft('n1').role).toBe('candidate');
  });

  test('a node that was cut off does not disturb the others when it returns', () => {
    const table = new Table({ core });
    table.elect('n1');
    table.cutOff.add('n3');
    for (let k = 0; k < 5; k++) {
      table.timeOut('n3');
      table.wake('n1');
      table.settle();
    }
    expect(table.raft('n3').term).toBe(2);
    table.cutOff.clear();
    table.timeOut('n3');
    table.wake('n1');
    table.settle();
    expect(table.ids.map((id) => [table.raft(id).leaderId, table.raft(id).term])).toEqual([
      ['n1', 2],
      ['n1', 2],
      ['n1', 2],
    ]);
  });

  test('a pre-vote is refused to a log that is not up-to-date, with the voter’s own term', () => {
    const table = new Table({ core, logs: { n1: [1, 3], n2: [1], n3: [1] }, term: 3 });
    const request = requestVote({ term: 4, pre: true, lastLogIndex: 1, lastLogTerm: 1 });
    expect(table.ask(request, 'requestVoteReply')).toMatchObject({ granted: false, term: 3, asked: 4 });
  });
});

describe('stickiness and CheckQuorum (thesis 4.2.3, 6.2)', () => {
  const core = { checkQuorum: true };

  test('a server that heard a leader within the minimum election timeout refuses, and changes neither term nor timer', () => {
    const table = new Table({ core });
    table.elect('n2');
    const deadlineNs = table.raft('n1').deadlineNs();
    table.pass(ELECTION_MIN_MS - 1);
    const request = requestVote({ term: 9, lastLogIndex: 9, lastLogTerm: 2 }, 'n3');
    expect(table.ask(request, 'requestVoteReply').granted).toBe(false);
    expect([table.raft('n1').term, table.raft('n1').deadlineNs()]).toEqual([2, deadlineNs]);
    table.pass(1);
    expect(table.ask(request, 'requestVoteReply').granted).toBe(true);
  });

  test('a live leader is itself sticky', () => {
    const table = new Table({ core });
    table.elect('n1');
    table.deliver(requestVote({ term: 9, lastLogIndex: 9, lastLogTerm: 2 }, 'n3'));
    expect([table.raft('n1').role, table.raft('n1').term]).toEqual(['leader', 2]);
  });

  test('an election begun by TimeoutNow passes stickiness', () => {
    const table = new Table({ core });
    table.elect('n1');
    const request = requestVote({ term: 9, lastLogIndex: 9, lastLogTerm: 2, transfer: true }, 'n3');
    expect(table.ask(request, 'requestVoteReply').granted).toBe(true);
  });

  test('a node stuck at a higher term makes the leader of a sticky majority step down, by answering its heartbeat', () => {
    const table = new Table({ core });
    table.elect('n1');
    table.cutOff.add('n3');
    table.timeOut('n3');
    table.cutOff.clear();
    table.messages = [];
    expect(table.raft('n3').term).toBe(3);
    table.step('n1', { kind: 'wake' });
    const [beat] = table.sent('appendEntries', { to: 'n3' });
    table.take();
    table.deliver(beat!);
    table.settle();
    expect([table.raft('n1').role, table.raft('n1').term]).toEqual(['follower', 3]);
  });

  test('a leader that no majority answers steps down within the longest election timeout', () => {
    const table = new Table({ core: { ...core, heartbeatNs: 70 * MS } });
    table.elect('n1');
    const startMs = table.nowMs;
    table.cutOff.add('n1');
    while (table.raft('n1').role === 'leader') table.wake('n1');
    expect(table.nowMs - startMs).toBe(ELECTION_MAX_MS);
  });

  test('a leader that one of two followers answers stays', () => {
    const table = new Table({ core });
    table.elect('n1');
    table.cutOff.add('n3');
    for (let k = 0; k < 20; k++) {
      table.wake('n1');
      table.settle();
    }
    expect(table.raft('n1').role).toBe('leader');
  });

  test('a leader that slept through its quorum accepts no command when it wakes up, whatever comes first', () => {
    const table = new Table({ core });
    table.elect('n1');
    const last = table.raft('n1').lastIndex;
    table.pass(60_000);
    const requestId = table.command('n1', 'x');
    expect(table.said(requestId)).toEqual(['not-leader']);
    expect([table.raft('n1').role, table.raft('n1').lastIndex]).toEqual(['follower', last]);
  });

  test('a leader that slept through its quorum is not sticky any more when a candidate asks it first', () => {
    const table = new Table({ core });
    table.elect('n1');
    table.pass(60_000);
    const request = requestVote({ term: 9, lastLogIndex: 9, lastLogTerm: 2 }, 'n3');
    expect(table.ask(request, 'requestVoteReply')).toMatchObject({ granted: true, term: 9 });
  });

  test('without CheckQuorum a leader that nobody answers stays', () => {
    const table = new Table();
    table.elect('n1');
    table.pass(60_000);
    table.step('n1', { kind: 'wake' });
    expect(table.raft('n1').role).toBe('leader');
  });
});
