/** Log replication: Raft 5.3 and figure 2's AppendEntries, one test a sentence, with figure 7; then pipelining and lost messages. */
import { describe, expect, test } from 'vitest';
import { HEARTBEAT_MS, Table, entryOf } from './harness.ts';
import { appendEntries, appendEntriesReply, requestVoteReply } from './messages.ts';

describe('Raft 5.3, log replication', () => {
  test('the leader appends the command to its log as a new entry, then issues AppendEntries in parallel to the others', () => {
    const table = new Table();
    table.elect('n1');
    const requestId = table.command('n1', 'x');
    expect(table.raft('n1').entry(3)).toMatchObject({ index: 3, term: 2, kind: 'command' });
    expect(table.said(requestId)).toEqual(['accepted']);
    expect(
      table.sent('appendEntries').map(({ to, message }) => [to, message.entries.map(({ index }) => index)]),
    ).toEqual([
      ['n2', [3]],
      ['n3', [3]],
    ]);
  });

  test('commands that came together are one write and one message to each follower, in their order', () => {
    const table = new Table();
    table.elect('n1');
    const requestIds = table.commandTogether('n1', ['x', 'y', 'z']);
    expect(requestIds.map((id) => table.said(id))).toEqual([['accepted'], ['accepted'], ['accepted']]);
    expect(
      table.sent('appendEntries').map(({ to, message }) => [to, message.entries.map(({ index }) => index)]),
    ).toEqual([
      ['n2', [3, 4, 5]],
      ['n3', [3, 4, 5]],
    ]);
    table.settle();
    expect(table.commands('n1')).toEqual(['x', 'y', 'z']);
    expect(table.commandTogether('n2', ['a', 'b']).map((id) => table.said(id))).toEqual([
      ['not-leader'],
      ['not-leader'],
    ]);
  });

  test('when the entry has been safely replicated, the leader applies it to its state machine', () => {
    const table = new Table();
    table.elect('n1');
    table.command('n1', 'x');
    expect(table.commands('n1')).toEqual([]);
    table.settle();
    expect(table.commands('n1')).toEqual(['x']);
  });

  test('if followers crash or run slowly, or packets are lost, the leader retries indefinitely until all store all entries', () => {
    const table = new Table();
    table.elect('n1');
    table.command('n1', 'x');
    table.take();
    for (let k = 0; k < 5; k++) {
      table.wake('n1');
      table.take();
    }
    table.crash('n3');
    table.wake('n1');
    table.settle();
    table.restart('n3');
    table.wake('n1');
    table.settle();
    table.wake('n1');
    table.settle();
    expect(table.ids.map((id) => table.commands(id))).toEqual([['x'], ['x'], ['x']]);
  });

  test('each log entry stores a command along with the term in which it was received, and an index that is its position', () => {
    const table = new Table();
    table.elect('n1');
    table.elect('n2');
    table.command('n2', 'x');
    table.settle();
    expect(table.log('n3').map(({ index, term, kind }) => [index, term, kind])).toEqual([
      [1, 1, 'configuration'],
      [2, 2, 'noop'],
      [3, 3, 'noop'],
      [4, 3, 'command'],
    ]);
  });

  test('an entry is committed once the leader that created it has replicated it on a majority of the servers', () => {
    const table = new Table({ nodes: 5 });
    table.elect('n1');
    table.command('n1', 'x');
    const sent = table.take();
    table.deliver(sent[0]!);
    table.settle();
    expect(table.raft('n1').commitIndex).toBe(2);
    table.deliver(sent[1]!);
    table.settle();
    expect(table.raft('n1').commitIndex).toBe(3);
  });

  test('this also commits all preceding entries in the leader’s log, including those created by previous leaders', () => {
    const table = new Table({ logs: { n1: [1, 1, 2], n2: [1], n3: [1] } });
    table.elect('n1');
    expect(table.raft('n1').commitIndex).toBe(4);
    expect(table.applied('n1').map(({ index }) => index)).toEqual([1, 2, 3, 4]);
  });

  test('the leader includes the highest committed index in future AppendEntries, so that the others find out', () => {
    const table = new Table();
    table.elect('n1');
    table.wake('n1');
    expect(table.sent('appendEntries').map(({ message }) => message.leaderCommit)).toEqual([2, 2]);
  });

  test('once a follower learns that an entry is committed, it applies it to its state machine, in log order', () => {
    const table = new Table();
    table.elect('n1');
    for (const text of ['a', 'b', 'c']) table.command('n1', text);
    table.settle();
    expect(table.commands('n2')).toEqual(['a', 'b', 'c']);
    expect(table.applied('n2').map(({ index }) => index)).toEqual([1, 2, 3, 4, 5]);
  });

  test('an idle follower learns of a commitment without waiting for the next heartbeat', () => {
    const table = new Table();
    table.elect('n1');
    table.command('n1', 'x');
    table.settle();
    expect(table.ids.map((id) => table.raft(id).commitIndex)).toEqual([3, 3, 3]);
  });

  test('a busy follower learns of a commitment with the entries that it gets anyway, and not by a message of its own', () => {
    const table = new Table();
    table.elect('n1');
    table.command('n1', 'a');
    table.command('n1', 'b');
    const [toN2, , toN3] = [...table.take(({ to }) => to === 'n2'), ...table.take(({ to }) => to === 'n3')];
    for (const it of [toN2!, toN3!]) table.deliver(it);
    for (const it of table.take()) table.deliver(it);
    expect(table.raft('n1').commitIndex).toBe(3);
    expect(table.messages).toEqual([]);
  });

  test('a leader includes the index and term of the entry that immediately precedes the new entries', () => {
    const table = new Table({ logs: { n1: [1, 3], n2: [1, 3], n3: [1, 3] } });
    table.timeOut('n1');
    table.take();
    table.deliver(requestVoteReply({ term: 4 }));
    expect(table.sent('appendEntries')[0]!.message).toMatchObject({ prevLogIndex: 2, prevLogTerm: 3 });
  });

  test('a leader never overwrites or deletes entries in its own log (leader append-only)', () => {
    const table = new Table({ logs: { n1: [1, 2, 2], n2: [1], n3: [1] } });
    table.elect('n1');
    expect(table.terms('n1')).toEqual([1, 2, 2, 3]);
    table.deliver(appendEntriesReply({ term: 3, success: false, rejectedIndex: 3, conflictIndex: 1, conflictTerm: 1 }));
    expect(table.terms('n1')).toEqual([1, 2, 2, 3]);
  });

  test('the logs of leader and followers come to agree without any special action, for every follower of figure 7', () => {
    const logs = {
      leader: [1, 1, 1, 4, 4, 5, 5, 6, 6, 6],
      a: [1, 1, 1, 4, 4, 5, 5, 6, 6],
      b: [1, 1, 1, 4],
      c: [1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 6],
      d: [1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 7, 7],
      e: [1, 1, 1, 4, 4, 4, 4],
      f: [1, 1, 1, 2, 2, 2, 3, 3, 3, 3, 3],
    };
    const table = new Table({ nodes: Object.keys(logs), logs, term: 7 });
    table.elect('leader');
    expect(table.raft('leader').term).toBe(8);
    for (const id of table.ids) expect([id, ...table.terms(id)]).toEqual([id, ...logs.leader, 8]);
    expect(new Set(table.ids.map((id) => JSON.stringify(table.log(id)))).size).toBe(1);
  });
});

describe('Raft 5.3, when the logs conflict', () => {
  /** Messages with which a leader finds where two logs meet. */
  const probesOf = (leader: readonly number[], follower: readonly number[], term: number): number => {
    const table = new Table({ logs: { n1: leader, n2: follower, n3: leader }, term });
    table.cutOff.add('n2');
    table.elect('n1');
    table.cutOff.clear();
    table.pass(HEARTBEAT_MS);
    let refusals = 0;
    table.step('n1', { kind: 'wake' });
    while (table.messages.length > 0) {
      const envelope = table.messages.shift()!;
      if (envelope.message.kind === 'appendEntriesReply' && !envelope.message.success) refusals++;
      table.deliver(envelope);
    }
    expect(table.terms('n2')).toEqual(table.terms('n1'));
    return refusals;
  };
  const repeat = (term: number, times: number): number[] => Array.from({ length: times }, () => term);

  test('a follower that lacks entries is met after one refusal, however many', () => {
    expect(probesOf(repeat(1, 500), [1], 1)).toBe(1);
  });

  test('one AppendEntries is required for each term with conflicting entries, rather than one for each entry', () => {
    const leader = [1, ...repeat(2, 50), ...repeat(5, 50)];
    const follower = [1, ...repeat(3, 50), ...repeat(4, 80)];
    expect(probesOf(leader, follower, 5)).toBeLessThanOrEqual(3);
  });

  test('a long tail of greater terms at the follower is skipped in one go', () => {
    expect(
      probesOf([1, 1, ...repeat(2, 3), 9], [1, 1, ...repeat(6, 100), ...repeat(7, 100), 8], 9),
    ).toBeLessThanOrEqual(2);
  });

  test('a long tail of greater terms at the leader is skipped in one go', () => {
    expect(probesOf([1, 1, ...repeat(3, 100), ...repeat(4, 100)], [1, 1, ...repeat(2, 300)], 4)).toBeLessThanOrEqual(2);
  });
});

describe('figure 2, AppendEntries at the receiver', () => {
  const logs = { n1: [1, 1, 2, 2], n2: [1], n3: [1] };
  const receive = (fields: Parameters<typeof appendEntries>[0]): Table => {
    const table = new Table({ logs });
    table.deliver(appendEntries(fields));
    return table;
  };

  test('1. reply false if term < currentTerm', () => {
    const table = new Table({ logs });
    expect(table.ask(appendEntries({ term: 1 }), 'appendEntriesReply')).toMatchObject({ term: 2, success: false });
  });

  test('2. reply false if the log does not contain an entry at prevLogIndex whose term matches prevLogTerm', () => {
    const table = new Table({ logs });
    const tooShort = appendEntries({ term: 3, prevLogIndex: 5, prevLogTerm: 2, entries: [entryOf(6, 3)] });
    const conflicting = appendEntries({ term: 3, prevLogIndex: 3, prevLogTerm: 1, entries: [entryOf(4, 3)] });
    for (const request of [tooShort, conflicting]) {
      expect(table.ask(request, 'appendEntriesReply')).toMatchObject({
        success: false,
        rejectedIndex: request.message.prevLogIndex,
      });
    }
    expect(table.terms('n1')).toEqual([1, 1, 2, 2]);
  });

  test('3. if an existing entry conflicts with a new one, delete the existing entry and all that follow it', () => {
    const table = receive({ term: 3, prevLogIndex: 2, prevLogTerm: 1, entries: [entryOf(3, 3)] });
    expect(table.terms('n1')).toEqual([1, 1, 3]);
  });

  test('4. append any new entries not already in the log', () => {
    const table = receive({
      term: 3,
      prevLogIndex: 3,
      prevLogTerm: 2,
      entries: [entryOf(4, 2), entryOf(5, 3), entryOf(6, 3)],
    });
    expect(table.terms('n1')).toEqual([1, 1, 2, 2, 3, 3]);
  });

  test('a delayed or repeated message that is shorter than the log cuts nothing off (RPCs are idempotent, 5.5)', () => {
    const table = receive({ term: 3, prevLogIndex: 1, prevLogTerm: 1, entries: [entryOf(2, 1)] });
    expect(table.terms('n1')).toEqual([1, 1, 2, 2]);
    expect(table.sent('appendEntriesReply')[0]!.message).toMatchObject({ success: true, matchIndex: 2 });
  });

  test('a heartbeat at an earlier entry cuts nothing off and acknowledges no more than it verified', () => {
    const table = receive({ term: 3, prevLogIndex: 2, prevLogTerm: 1 });
    expect(table.terms('n1')).toEqual([1, 1, 2, 2]);
    expect(table.sent('appendEntriesReply')[0]!.message).toMatchObject({ success: true, matchIndex: 2 });
  });

  test('5. if leaderCommit > commitIndex, set commitIndex = min(leaderCommit, index of last new entry)', () => {
    const bounded = receive({ term: 3, prevLogIndex: 1, prevLogTerm: 1, entries: [entryOf(2, 1)], leaderCommit: 4 });
    expect(bounded.raft('n1').commitIndex).toBe(2);
    const told = receive({ term: 3, prevLogIndex: 3, prevLogTerm: 2, leaderCommit: 2 });
    expect(told.raft('n1').commitIndex).toBe(2);
  });

  test('commitIndex and lastApplied start at 0 and increase monotonically', () => {
    const table = new Table({ logs });
    expect([table.raft('n1').commitIndex, table.raft('n1').lastApplied]).toEqual([0, 0]);
    table.deliver(appendEntries({ term: 3, prevLogIndex: 3, prevLogTerm: 2, leaderCommit: 3 }));
    table.deliver(appendEntries({ term: 3, prevLogIndex: 3, prevLogTerm: 2, leaderCommit: 1 }));
    expect([table.raft('n1').commitIndex, table.raft('n1').lastApplied]).toEqual([3, 3]);
    expect(table.applied('n1').map(({ index }) => index)).toEqual([1, 2, 3]);
  });

  test('the correct node stops rather than replace a committed entry', () => {
    const table = receive({ term: 3, prevLogIndex: 3, prevLogTerm: 2, leaderCommit: 3 });
    const impossible = appendEntries({ term: 4, prevLogIndex: 1, prevLogTerm: 1, entries: [entryOf(2, 4)] });
    expect(() => table.deliver(impossible)).toThrow('state-machine-safety');
  });

  test('a configuration takes effect when it is appended and is rolled back when it is truncated (Raft 6)', () => {
    const table = new Table({ nodes: 5 });
    const only = { voters: ['n1', 'n2', 'n3'], outgoing: [], learners: [], addresses: {} };
    const data = new TextEncoder().encode(JSON.stringify(only));
    table.deliver(appendEntries({ term: 2, entries: [{ index: 2, term: 2, kind: 'configuration', data }] }));
    expect(table.raft('n1').configuration.voters).toEqual(['n1', 'n2', 'n3']);
    table.deliver(appendEntries({ term: 3, entries: [entryOf(2, 3)] }, 'n3'));
    expect(table.raft('n1').configuration.voters).toEqual(['n1', 'n2', 'n3', 'n4', 'n5']);
  });
});

describe('figure 2, leaders', () => {
  test('nextIndex starts at the leader’s last log index + 1, and matchIndex at 0: nothing is committed by assumption', () => {
    const table = new Table({ logs: { n1: [1, 1, 1], n2: [1, 1, 1], n3: [1, 1, 1] }, term: 1 });
    table.timeOut('n1');
    table.take();
    table.deliver(requestVoteReply({ term: 2 }));
    expect(table.sent('appendEntries', { to: 'n2' })[0]!.message).toMatchObject({ prevLogIndex: 3, prevLogTerm: 1 });
    expect(table.raft('n1').commitIndex).toBe(0);
  });

  test('matchIndex never falls: a late reply to an earlier message takes nothing back', () => {
    const table = new Table();
    table.elect('n1');
    table.command('n1', 'a');
    const [early] = table.take(({ to }) => to === 'n2');
    table.command('n1', 'b');
    const late = table.take(({ to }) => to === 'n2');
    table.deliver(early!);
    const earlyReply = table.take(({ from }) => from === 'n2');
    late.forEach((it) => table.deliver(it));
    const lateReply = table.take(({ from }) => from === 'n2');
    table.take();
    lateReply.forEach((it) => table.deliver(it));
    expect(table.raft('n1').commitIndex).toBe(4);
    earlyReply.forEach((it) => table.deliver(it));
    table.take();
    table.wake('n1');
    expect(table.sent('appendEntries', { to: 'n2' })[0]!.message).toMatchObject({ prevLogIndex: 4 });
  });

  test('a late refusal of an entry that was acknowledged since is ignored, and the pipeline runs on', () => {
    const table = new Table();
    table.elect('n1');
    table.deliver(appendEntriesReply({ term: 2, success: false, rejectedIndex: 2 }));
    table.command('n1', 'a');
    table.command('n1', 'b');
    expect(table.sent('appendEntries', { to: 'n2' }).map(({ message }) => message.prevLogIndex)).toEqual([2, 3]);
  });

  test('a refusal never takes nextIndex back to what was acknowledged', () => {
    const table = new Table();
    table.elect('n1');
    for (const text of ['a', 'b', 'c']) table.command('n1', text);
    table.take();
    table.deliver(appendEntriesReply({ term: 2, success: false, rejectedIndex: 4 }));
    expect(table.sent('appendEntries', { to: 'n2' }).map(({ message }) => message.prevLogIndex)).toEqual([2]);
  });

  test('a refusal that comes twice moves nextIndex once', () => {
    const table = new Table({ logs: { n1: [1, 1, 1, 2], n2: [1], n3: [1] } });
    table.timeOut('n1');
    table.take();
    table.deliver(requestVoteReply({ term: 3 }));
    table.take(({ to }) => to === 'n2').forEach((it) => table.deliver(it));
    const [refusal] = table.take(({ from }) => from === 'n2');
    table.deliver(refusal!);
    table.deliver(refusal!);
    expect(table.sent('appendEntries', { to: 'n2' }).map(({ message }) => message.prevLogIndex)).toEqual([1]);
  });

  test('replies of an earlier term acknowledge nothing', () => {
    const table = new Table({ logs: { n1: [1, 2], n2: [1], n3: [1] } });
    table.timeOut('n1');
    table.take();
    table.deliver(requestVoteReply({ term: 3 }));
    table.take();
    table.deliver(appendEntriesReply({ term: 2, matchIndex: 3 }, 'n2'));
    table.deliver(appendEntriesReply({ term: 2, matchIndex: 3 }, 'n3'));
    expect(table.raft('n1').commitIndex).toBe(0);
    table.deliver(appendEntriesReply({ term: 3, matchIndex: 3 }, 'n2'));
    expect(table.raft('n1').commitIndex).toBe(3);
  });

  test('a learner’s acknowledgement does not count', () => {
    const configuration = { voters: ['n1', 'n2', 'n3'], outgoing: [], learners: ['n4'], addresses: {} };
    const table = new Table({ nodes: 4, configuration });
    table.elect('n1');
    table.command('n1', 'x');
    for (const it of table.take(({ to }) => to === 'n4')) table.deliver(it);
    table.take(({ to }) => to !== 'n1');
    table.settle();
    expect([table.raft('n4').lastIndex, table.raft('n1').commitIndex]).toEqual([3, 2]);
  });

  test('a leader that loses its term tells each open command once that its fate is unknown, and leaves committed ones alone', () => {
    const table = new Table();
    table.elect('n1');
    const requests = ['a', 'b', 'c'].map((text) => table.command('n1', text));
    const [first] = table.take(({ to }) => to === 'n2');
    table.deliver(first!);
    table.deliver(table.take(({ from }) => from === 'n2')[0]!);
    expect(table.raft('n1').commitIndex).toBe(3);
    table.deliver(requestVoteReply({ term: 9, granted: false, asked: 9 }));
    table.deliver(requestVoteReply({ term: 10, granted: false, asked: 10 }));
    expect(requests.map((id) => table.said(id))).toEqual([
      ['accepted'],
      ['accepted', 'lost-leadership'],
      ['accepted', 'lost-leadership'],
    ]);
  });

  test('a cancelled command is owed no answer', () => {
    const table = new Table();
    table.elect('n1');
    const requestId = table.command('n1', 'x');
    table.step('n1', { kind: 'cancel', requestId });
    table.deliver(requestVoteReply({ term: 9, granted: false, asked: 9 }));
    expect(table.said(requestId)).toEqual(['accepted']);
  });
});

describe('pipelining (thesis 10.2.1)', () => {
  const core = { maxInFlight: 3, maxEntriesPerMessage: 2 };
  const led = (): Table => {
    const table = new Table({ core });
    table.elect('n1');
    return table;
  };
  const indexes = (table: Table, to: string): number[][] =>
    table.sent('appendEntries', { to }).map(({ message }) => message.entries.map(({ index }) => index));

  test('entries leave without waiting for earlier ones to be acknowledged, up to the window', () => {
    const table = led();
    for (const text of ['a', 'b', 'c', 'd', 'e', 'f']) table.command('n1', text);
    expect(indexes(table, 'n2')).toEqual([[3], [4], [5]]);
  });

  test('an acknowledgement opens the window for what has piled up, as many entries in a message as allowed', () => {
    const table = led();
    for (const text of ['a', 'b', 'c', 'd', 'e', 'f']) table.command('n1', text);
    const [first] = table.take();
    table.deliver(first!);
    const [reply] = table.take();
    table.deliver(reply!);
    expect(indexes(table, 'n2')).toEqual([[6, 7]]);
  });

  test('a message carries at most 1 MiB of entries, so that no frame is too large; a larger entry goes alone', () => {
    const table = new Table({ nodes: 2, core: { maxInFlight: 1, maxEntriesPerMessage: 100 } });
    table.elect('n1');
    table.command('n1', 'first');
    for (const kib of [400, 400, 400, 2000, 400, 400]) table.command('n1', 'x'.repeat(kib * 1024));
    const sent: number[][] = [];
    for (let [next] = table.take(); next !== undefined; [next] = table.take()) {
      if (next.message.kind === 'appendEntries') sent.push(next.message.entries.map(({ index }) => index));
      table.deliver(next);
    }
    expect(sent.filter((entries) => entries.length > 0)).toEqual([[3], [4, 5], [6], [7], [8, 9]]);
    expect(table.terms('n2').length).toBe(9);
  });

  test('when a message in the middle is lost, the follower’s refusal of the next one fetches it', () => {
    const table = led();
    for (const text of ['a', 'b', 'c']) table.command('n1', text);
    const [first, , third] = table.take(({ to }) => to === 'n2');
    table.deliver(first!);
    table.deliver(third!);
    table.settle();
    expect(table.terms('n2')).toEqual([1, 2, 2, 2, 2]);
  });

  test('when the last messages of a pipeline are lost, the next answered heartbeat finds out', () => {
    const table = led();
    for (const text of ['a', 'b', 'c', 'd']) table.command('n1', text);
    table.take();
    table.wake('n1');
    table.settle();
    expect(table.ids.map((id) => table.terms(id))).toEqual(table.ids.map(() => [1, 2, 2, 2, 2, 2]));
  });

  test('when a probe is lost, the next answered heartbeat repeats it', () => {
    const table = new Table({ logs: { n1: [1, 1], n2: [1], n3: [1] }, core });
    table.timeOut('n1');
    table.take();
    table.deliver(requestVoteReply({ term: 2 }));
    table.take();
    table.wake('n1');
    table.settle();
    expect(table.ids.map((id) => table.terms(id))).toEqual(table.ids.map(() => [1, 1, 2]));
  });

  test('a slow disk is not taken for a lost message: nothing is sent twice, and one acknowledgement covers all', () => {
    const table = led();
    table.slowDisks.add('n2');
    for (const text of ['a', 'b', 'c']) table.command('n1', text);
    table.settle();
    for (let k = 0; k < 3; k++) {
      table.wake('n1');
      const again = table.sent('appendEntries', { to: 'n2' }).filter(({ message }) => message.entries.length > 0);
      expect(again).toEqual([]);
      table.settle();
    }
    table.fsync('n2');
    table.settle();
    table.command('n1', 'd');
    expect(indexes(table, 'n2')).toEqual([[6]]);
  });
});
