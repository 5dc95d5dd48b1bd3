/** Changes of the members in one core among others (Raft 6; thesis 4): who counts for what, when, and what is refused. */
import { describe, expect, test } from 'vitest';
import { HEARTBEAT_MS, Table } from './harness.ts';

const THREE = ['n1', 'n2', 'n3'];

/** So many cores, of which `voters` form the cluster that n1 leads. */
function led(nodes: number, voters: readonly string[] = THREE, learners: readonly string[] = []): Table {
  const configuration = { voters, outgoing: [], learners, addresses: {} };
  const table = new Table({ nodes, configuration });
  table.elect('n1');
  return table;
}

/** Until everybody has heard everything, heartbeats included. */
function calmDown(table: Table, beats = 3): void {
  for (let k = 0; k < beats; k++) {
    table.settle();
    table.pass(HEARTBEAT_MS);
    table.step('n1', { kind: 'wake' });
  }
  table.settle();
}

function configurations(table: Table, id: string): string[] {
  return table
    .log(id)
    .filter(({ kind }) => kind === 'configuration')
    .map(({ data }) => {
      const { voters, outgoing, learners } = JSON.parse(Buffer.from(data).toString()) as Record<string, string[]>;
      return [voters, outgoing, learners].map((ids) => ids!.join(' ')).join(' | ');
    });
}

test('one voter more is one entry, two are a joint configuration that is left by itself', () => {
  const table = led(5, THREE, ['n4', 'n5']);
  calmDown(table);
  const one = table.changeTo('n1', ['n1', 'n2', 'n3', 'n4'], ['n5']);
  calmDown(table);
  const two = table.changeTo('n1', ['n3', 'n4', 'n5', 'n1']);
  calmDown(table);
  expect([table.said(one), table.said(two)]).toEqual([['changed'], ['changed']]);
  expect(configurations(table, 'n1').slice(1)).toEqual([
    'n1 n2 n3 n4 |  | n5',
    'n1 n3 n4 n5 | n1 n2 n3 n4 | ',
    'n1 n3 n4 n5 |  | ',
  ]);
});

test('a configuration is in force when it is appended, at the leader and at each follower', () => {
  const table = led(4, THREE, ['n4']);
  calmDown(table);
  table.changeTo('n1', ['n1', 'n2', 'n3', 'n4']);
  expect(table.raft('n1').configuration.voters).toHaveLength(4);
  expect(table.raft('n2').configuration.voters).toHaveLength(3);
  table.settle();
  expect(table.raft('n2').configuration.voters).toHaveLength(4);
});

test('a learner gets every entry, and its word counts for nothing', () => {
  const table = led(4, THREE, ['n4']);
  calmDown(table);
  table.cutOff.add('n2').add('n3');
  const before = table.raft('n1').commitIndex;
  table.command('n1', 'x');
  table.settle();
  expect(table.raft('n4').lastIndex).toBe(table.raft('n1').lastIndex);
  expect(table.raft('n1').commitIndex).toBe(before);
  expect(table.raft('n4').deadlineNs()).toBe(Infinity);
});

test('a voter that becomes a learner still gets every entry, and can become a voter again', () => {
  const table = led(5, ['n1', 'n2', 'n3', 'n4', 'n5']);
  calmDown(table);
  const change = table.changeTo('n1', ['n1', 'n2', 'n3'], ['n4', 'n5']);
  table.command('n1', 'x');
  calmDown(table);
  expect(table.raft('n4').lastIndex).toBe(table.raft('n1').lastIndex);
  const back = table.changeTo('n1', ['n1', 'n2', 'n3', 'n4'], ['n5']);
  calmDown(table);
  expect([table.said(change), table.said(back)]).toEqual([['changed'], ['changed']]);
  expect(configurations(table, 'n4').slice(1)).toEqual([
    'n1 n2 n3 | n1 n2 n3 n4 n5 | n4 n5',
    'n1 n2 n3 |  | n4 n5',
    'n1 n2 n3 n4 |  | n5',
  ]);
});

test('a round of reads is confirmed by a majority of each half', () => {
  const table = led(5, THREE, ['n4', 'n5']);
  calmDown(table);
  table.cutOff.add('n4').add('n5');
  table.changeTo('n1', ['n1', 'n4', 'n5']);
  table.settle();
  const read = table.read('n1', 'read-index');
  table.settle();
  expect([table.raft('n1').configuration.outgoing, table.said(read)]).toEqual([THREE, []]);
  table.cutOff.clear();
  table.pass(HEARTBEAT_MS);
  table.step('n1', { kind: 'wake' });
  table.settle();
  expect(table.said(read)).toEqual(['ready']);
});

test('CheckQuorum: a leader that hears a majority of one half only steps down', () => {
  const configuration = { voters: ['n1', 'n4', 'n5'], outgoing: THREE, learners: [], addresses: {} };
  const table = new Table({ nodes: 5, configuration, core: { checkQuorum: true } });
  table.timeOut('n1');
  for (const request of table.sent('requestVote')) table.deliver(request);
  for (const vote of table.sent('requestVoteReply')) table.deliver(vote);
  table.cutOff.add('n4').add('n5');
  for (let k = 0; k < 10; k++) {
    table.settle();
    if (table.raft('n1').role === 'leader') table.wake('n1');
  }
  expect(table.raft('n1').role).toBe('follower');
});

test('a leader that removes itself counts only the others, and steps down when that is committed', () => {
  const table = led(3);
  calmDown(table);
  const change = table.changeTo('n1', ['n2', 'n3']);
  const index = table.raft('n1').lastIndex;
  table.cutOff.add('n3');
  calmDown(table);
  expect([table.raft('n1').role, table.raft('n1').commitIndex]).toEqual(['leader', index - 1]);
  table.cutOff.clear();
  calmDown(table, 1);
  expect([table.raft('n1').role, table.raft('n1').commitIndex]).toEqual(['follower', index]);
  expect(table.said(change)).toEqual(['changed']);
  expect(table.raft('n1').deadlineNs()).toBe(Infinity);
});

test('a leader that leaves tells the voter that has most of the log to stand at once, and that one wins past stickiness', () => {
  const four = ['n1', 'n2', 'n3', 'n4'];
  const table = led(4, four);
  calmDown(table);
  table.changeTo('n1', ['n2', 'n3', 'n4']);
  const late = table.take(({ to }) => to === 'n4');
  table.take(({ to }) => to === 'n2');
  table.command('n1', 'x');
  table.take(({ to }) => to !== 'n3');
  table.settle();
  expect(table.raft('n1').role).toBe('leader');
  for (const envelope of late) table.deliver(envelope);
  table.deliver(table.messages.shift()!);
  expect(table.sent('timeoutNow').map(({ to }) => to)).toEqual(['n3']);
  expect(table.raft('n1').role).toBe('follower');
  const { term } = table.raft('n1');
  table.settle();
  expect([table.raft('n3').role, table.raft('n3').term]).toEqual(['leader', term + 1]);
  expect(table.commands('n3')).toEqual(['x']);
});

test('who does not follow any more is not sent anything, and who joins is from the first moment', () => {
  const table = led(4, THREE, ['n4']);
  calmDown(table);
  table.changeTo('n1', ['n1', 'n2', 'n4']);
  calmDown(table);
  table.command('n1', 'x');
  expect(table.sent('appendEntries').map(({ to }) => to)).toEqual(['n2', 'n4']);
});

test('a change that loses its leader is in doubt', () => {
  const table = led(4, THREE, ['n4']);
  calmDown(table);
  table.cutOff.add('n1');
  const change = table.changeTo('n1', ['n1', 'n2', 'n3', 'n4']);
  table.timeOut('n2');
  table.settle();
  table.cutOff.clear();
  table.wake('n1');
  table.settle();
  expect(table.said(change)).toEqual(['lost-leadership']);
  table.wake('n2');
  table.settle();
  expect(table.raft('n1').configuration.voters).toEqual(THREE);
});

test('who asked for a change and is gone is told nothing, and the change goes on', () => {
  const table = led(4, THREE, ['n4']);
  calmDown(table);
  const change = table.changeTo('n1', [...THREE, 'n4']);
  table.step('n1', { kind: 'cancel', requestId: change });
  calmDown(table);
  expect([table.said(change), table.raft('n2').configuration.voters.length]).toEqual([[], 4]);
});

test('the address of who left is forgotten with the configuration that named it', () => {
  const table = led(5, THREE, ['n4', 'n5']);
  calmDown(table);
  table.changeTo('n1', ['n1', 'n4', 'n5']);
  expect(Object.keys(table.raft('n1').configuration.addresses).toSorted()).toEqual(['n1', 'n2', 'n3', 'n4', 'n5']);
  calmDown(table);
  expect(Object.keys(table.raft('n5').configuration.addresses).toSorted()).toEqual(['n1', 'n4', 'n5']);
});

describe('refused is a change', () => {
  test('by who does not lead, with the leader', () => {
    const table = led(3);
    const change = table.changeTo('n2', ['n1', 'n2']);
    expect(table.answers.findLast(({ requestId }) => requestId === change)).toMatchObject({
      said: 'not-leader',
      leader: 'n1',
    });
  });

  test('before an entry of the leader’s own term is committed (the 2015 fix)', () => {
    const table = new Table({ nodes: 4, configuration: { voters: THREE, outgoing: [], learners: [], addresses: {} } });
    table.timeOut('n1');
    for (const request of table.sent('requestVote')) table.deliver(request);
    for (const vote of table.sent('requestVoteReply')) table.deliver(vote);
    expect(table.raft('n1').role).toBe('leader');
    expect(table.said(table.changeTo('n1', ['n1', 'n2']))).toEqual(['not-ready']);
  });

  test('while one before it is not committed, or is only half through', () => {
    const table = led(5, THREE, ['n4', 'n5']);
    calmDown(table);
    table.changeTo('n1', ['n1', 'n4', 'n5']);
    expect(table.said(table.changeTo('n1', THREE))).toEqual(['change-pending']);
    calmDown(table);
    const after = table.changeTo('n1', ['n1', 'n4']);
    calmDown(table);
    expect(table.said(after)).toEqual(['changed']);
  });

  test('when a new voter was no learner, or is not level', () => {
    const table = led(4);
    calmDown(table);
    expect(table.said(table.changeTo('n1', [...THREE, 'n4']))).toEqual(['not-caught-up']);
    table.cutOff.add('n4');
    table.changeTo('n1', THREE, ['n4']);
    calmDown(table);
    expect(table.said(table.changeTo('n1', [...THREE, 'n4']))).toEqual(['not-caught-up']);
    table.cutOff.clear();
    calmDown(table);
    const level = table.changeTo('n1', [...THREE, 'n4']);
    calmDown(table);
    expect(table.said(level)).toEqual(['changed']);
  });

  test.each([
    ['nobody votes', [], []],
    ['somebody is named twice', ['n1', 'n2'], ['n2']],
    ['a name is empty', ['n1', 'n2', ''], []],
    ['there are far too many', Array.from({ length: 101 }, (_, k) => `n${k + 1}`), []],
  ] as const)('when %s', (_, voters, learners) => {
    const table = led(3);
    calmDown(table);
    expect(table.said(table.changeTo('n1', voters, learners))).toEqual(['malformed']);
  });

  test('when two live at one address, or one lives nowhere, or a member would move', () => {
    const table = led(4);
    calmDown(table);
    let requestId = 100;
    const ask = (addresses: Record<string, string>): string[] => {
      const wanted = { voters: THREE, learners: ['n4'], addresses };
      table.step('n1', { kind: 'changeConfiguration', requestId: ++requestId, wanted });
      return table.said(requestId);
    };
    expect(ask({ n1: 'a:1', n2: 'a:2', n3: 'a:3', n4: 'a:3' })).toEqual(['malformed']);
    expect(ask({ n1: 'a:1', n2: 'a:2', n3: 'a:3', n4: 'somewhere' })).toEqual(['malformed']);
    expect(ask({ n1: 'a:1', n2: 'a:2', n3: 'a:3' })).toEqual(['malformed']);
    expect(ask({ n1: 'a:1', n2: 'a:2', n3: 'a:3', n4: 'a:4' })).toEqual([]);
    calmDown(table);
    expect(ask({ n1: 'a:1', n2: 'a:2', n3: 'a:9', n4: 'a:4' })).toEqual(['malformed']);
  });
});
