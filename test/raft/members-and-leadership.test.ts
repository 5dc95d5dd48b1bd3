/** Where changes of the members meet what else a leader does: transfers, reads and leases. */
import { expect, test } from 'vitest';
import { HEARTBEAT_MS, Table } from './harness.ts';

/** n1 leads, and nothing is under way. */
function led(nodes: number, voters: readonly string[], learners: readonly string[] = []): Table {
  const configuration = { voters, outgoing: [], learners, addresses: {} };
  const table = new Table({ nodes, configuration, core: { checkQuorum: true } });
  table.elect('n1');
  beat(table);
  return table;
}

function beat(table: Table): void {
  for (let beats = 0; beats < 3; beats++) {
    table.settle();
    table.pass(HEARTBEAT_MS);
    table.step('n1', { kind: 'wake' });
  }
  table.settle();
}

test('the members are not changed while the leadership is handed over', () => {
  const table = led(4, ['n1', 'n2', 'n3'], ['n4']);
  table.cutOff.add('n2');
  table.command('n1', 'a');
  table.settle();
  table.transfer('n1', 'n2');
  expect(table.said(table.changeTo('n1', ['n1', 'n2', 'n3', 'n4']))).toEqual(['not-ready']);
});

test('the leadership is not handed to a voter that is on its way out', () => {
  const table = led(5, ['n1', 'n2', 'n3'], ['n4', 'n5']);
  table.cutOff.add('n4').add('n5');
  table.changeTo('n1', ['n1', 'n4', 'n5']);
  table.settle();
  expect(table.raft('n1').configuration.outgoing).toEqual(['n1', 'n2', 'n3']);
  expect(table.said(table.transfer('n1', 'n2'))).toEqual(['no-such-voter']);
});

test('a read that waited for a majority is answered when the leader is the only voter left', () => {
  const table = led(2, ['n1', 'n2']);
  table.cutOff.add('n2');
  const read = table.read('n1', 'read-index');
  table.settle();
  const change = table.changeTo('n1', ['n1']);
  beat(table);
  expect([table.said(change), table.said(read)]).toEqual([['changed'], ['ready']]);
});

test('what learners acknowledge is no lease', () => {
  const table = led(5, ['n1', 'n2', 'n3'], ['n4', 'n5']);
  expect(table.said(table.read('n1', 'lease'))).toEqual(['ready']);
  table.cutOff.add('n2').add('n3');
  beat(table);
  expect([table.raft('n1').role, table.said(table.read('n1', 'lease'))]).toEqual(['leader', []]);
});

test('a joint configuration needs both halves for a lease', () => {
  const table = led(5, ['n1', 'n2', 'n3'], ['n4', 'n5']);
  table.cutOff.add('n4').add('n5');
  table.changeTo('n1', ['n1', 'n4', 'n5']);
  beat(table);
  expect(table.raft('n1').configuration.outgoing).toEqual(['n1', 'n2', 'n3']);
  expect([table.raft('n1').role, table.said(table.read('n1', 'lease'))]).toEqual(['leader', []]);
});

test('a leader that is no voter any more does not count itself for a lease', () => {
  const table = led(3, ['n1', 'n2', 'n3']);
  table.cutOff.add('n3');
  table.changeTo('n1', ['n2', 'n3']);
  beat(table);
  expect([table.raft('n1').role, table.said(table.read('n1', 'lease'))]).toEqual(['leader', []]);
});
