/** The state machine as bytes: what a snapshot of it holds. */
import { expect, test } from 'vitest';
import { encodeCommand } from '../../src/kv/commands.ts';
import { KvMachine } from '../../src/kv/machine.ts';
import { decodeState, encodeState } from '../../src/kv/snapshot.ts';
import { ALL_RULES } from '../../src/raft/rules.ts';
import { WireError } from '../../src/wire/bytes.ts';
import type { Operation } from '../../src/wire/client-protocol.ts';

/** Two sessions, and writes to many keys; the second session was used last. */
function filled(keys = 20): KvMachine {
  const machine = new KvMachine(ALL_RULES);
  const apply = (command: Parameters<typeof encodeCommand>[0]): void =>
    void machine.apply({
      index: machine.lastApplied + 1,
      term: 1,
      kind: 'command',
      data: encodeCommand(command),
    });
  apply({ kind: 'openSession' });
  apply({ kind: 'openSession' });
  for (let nth = 1; nth <= keys; nth++) {
    const operation = { f: 'write', key: `key ${nth}`, value: { nth, list: [null, 'é'] } } as const;
    apply({ kind: 'command', session: (nth % 2) + 1, sequence: nth, operation });
  }
  return machine;
}

function bytesOf(machine: KvMachine, pieceBytes = 1000, rules = ALL_RULES): Uint8Array {
  return Buffer.concat([...encodeState(machine.state(), { rules, pieceBytes })]);
}

test('values and sessions come back, the sessions in the order of their use', () => {
  const machine = filled();
  const again = KvMachine.from(decodeState(bytesOf(machine)), { lastApplied: machine.lastApplied, rules: ALL_RULES });
  expect(again.state()).toEqual(machine.state());
  expect([...again.state().sessions.keys()]).toEqual([...machine.state().sessions.keys()]);
  expect(again.lastApplied).toBe(22);
  expect(again.read('key 7')).toEqual({ nth: 7, list: [null, 'é'] });
});

test('every kind of object comes back: the machines have one hash, and go on alike', () => {
  const machine = new KvMachine(ALL_RULES);
  const ask = (of: KvMachine, sequence: number, operation: Operation): unknown => {
    const data = encodeCommand({ kind: 'command', session: 1, sequence, operation });
    return of.apply({ index: of.lastApplied + 1, term: 1, kind: 'command', data });
  };
  machine.apply({ index: 1, term: 1, kind: 'command', data: encodeCommand({ kind: 'openSession' }) });
  const operations: readonly Operation[] = [
    { f: 'concat', key: 'text', text: '<1>' },
    { f: 'push', key: 'list', value: 1 },
    { f: 'push', key: 'list', value: 2 },
    { f: 'increment', key: 'counter', by: -7 },
    { f: 'insert', key: 'set', value: { a: 1 } },
    { f: 'acquire', key: 'held', owner: 3 },
    { f: 'acquire', key: 'free', owner: 3 },
    { f: 'release', key: 'free', owner: 3 },
  ];
  for (const [nth, operation] of operations.entries()) ask(machine, nth + 1, operation);
  const again = KvMachine.from(decodeState(bytesOf(machine)), { lastApplied: machine.lastApplied, rules: ALL_RULES });
  expect(again.stateHash()).toBe(machine.stateHash());
  for (const last of [
    { f: 'shift', key: 'list' },
    { f: 'insert', key: 'set', value: { a: 1 } },
    { f: 'acquire', key: 'held', owner: 4 },
    { f: 'acquire', key: 'free', owner: 4 },
  ] as const) {
    const sequence = machine.lastApplied + 100;
    expect(ask(again, sequence, last)).toEqual(ask(machine, sequence, last));
  }
  expect(again.stateHash()).toBe(machine.stateHash());
});

test('a retry across a snapshot is answered as before and not applied again; without sessions it is expired (M41)', () => {
  const machine = filled();
  const retry = {
    index: 23,
    term: 1,
    kind: 'command',
    data: encodeCommand({
      kind: 'command',
      session: 1,
      sequence: 20,
      operation: { f: 'write', key: 'key 20', value: 0 },
    }),
  } as const;
  const afterwards = (rules = ALL_RULES): KvMachine =>
    KvMachine.from(decodeState(bytesOf(machine, 1000, rules)), { lastApplied: 22, rules });
  expect(afterwards().apply(retry)).toEqual({ kind: 'output', output: null, changed: null });
  expect(afterwards({ ...ALL_RULES, snapshotHoldsSessions: false }).apply(retry)).toEqual({ kind: 'session-expired' });
});

test('the pieces make up the same bytes, however small they are', () => {
  const machine = filled();
  const whole = bytesOf(machine, 1_000_000);
  expect([...encodeState(machine.state(), { rules: ALL_RULES, pieceBytes: 100 })].length).toBeGreaterThan(5);
  for (const pieceBytes of [1, 7, 100]) expect(bytesOf(machine, pieceBytes)).toEqual(whole);
});

test('what is applied later does not show in a state that is being written', () => {
  const machine = filled();
  const before = bytesOf(machine);
  const pieces = encodeState(machine.state(), { rules: ALL_RULES, pieceBytes: 100 });
  const first = pieces.next().value as Uint8Array;
  const operation = { f: 'write', key: 'key 20', value: 'later' } as const;
  machine.apply({
    index: 23,
    term: 1,
    kind: 'command',
    data: encodeCommand({ kind: 'command', session: 1, sequence: 99, operation }),
  });
  expect(Buffer.concat([first, ...pieces])).toEqual(Buffer.from(before));
  expect(bytesOf(machine)).not.toEqual(before);
});

test('bytes that are no state are refused, at every length', () => {
  const bytes = bytesOf(filled(3));
  for (let length = 0; length < bytes.length; length++) {
    expect(() => decodeState(bytes.subarray(0, length))).toThrow(WireError);
  }
  expect(() => decodeState(Uint8Array.of(9, 0, 0))).toThrow('state version 9');
});
