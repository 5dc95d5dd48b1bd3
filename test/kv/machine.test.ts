/** The replicated map and its sessions: the sentences of Raft 8 and thesis 6.3. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { AssertionError } from '../../src/base/assert.ts';
import type { Json } from '../../src/base/json.ts';
import { type Command, decodeCommand, encodeCommand } from '../../src/kv/commands.ts';
import { type ApplyResult, KvMachine } from '../../src/kv/machine.ts';
import { ALL_RULES, type Rules, rulesOf } from '../../src/raft/rules.ts';
import type { Operation } from '../../src/wire/client-protocol.ts';
import { WireError } from '../../src/wire/bytes.ts';

/** A machine that is fed commands as the next entries of a log. */
class Fed {
  readonly machine: KvMachine;

  constructor(maxSessions?: number) {
    this.machine = new KvMachine(ALL_RULES, maxSessions);
  }

  apply(command: Command): ApplyResult {
    return this.machine.apply({
      index: this.machine.lastApplied + 1,
      term: 1,
      kind: 'command',
      data: encodeCommand(command),
    });
  }

  open(): number {
    const result = this.apply({ kind: 'openSession' });
    if (result.kind !== 'sessionOpened') throw new Error(result.kind);
    return result.session;
  }

  run(session: number, sequence: number, operation: Operation): ApplyResult {
    return this.apply({ kind: 'command', session, sequence, operation });
  }
}

const write = (key: string, value: Json): Operation => ({ f: 'write', key, value });
const cas = (key: string, from: Json, to: Json): Operation => ({ f: 'cas', key, from, to });

test('a key that was never written reads null, and null is what a first compare-and-set expects', () => {
  const fed = new Fed();
  const session = fed.open();
  expect(fed.machine.read('x')).toBe(null);
  expect(fed.run(session, 1, cas('x', null, 1))).toEqual({
    kind: 'output',
    output: true,
    changed: { key: 'x', value: 1 },
  });
  expect(fed.machine.read('x')).toBe(1);
});

test('a compare-and-set of another value changes nothing and answers false', () => {
  const fed = new Fed();
  const session = fed.open();
  fed.run(session, 1, write('x', 1));
  expect(fed.run(session, 2, cas('x', 2, 3))).toEqual({ kind: 'output', output: false, changed: null });
  expect(fed.machine.read('x')).toBe(1);
});

test('values are compared as JSON, whatever the order of their members', () => {
  const fed = new Fed();
  const session = fed.open();
  fed.run(session, 1, write('x', { a: [1, { b: 2, c: null }], d: 'e' }));
  const reordered = JSON.parse('{"d":"e","a":[1,{"c":null,"b":2}]}') as Json;
  expect(fed.run(session, 2, cas('x', reordered, 1))).toMatchObject({ output: true });
  expect(fed.run(session, 3, cas('x', '1', 2))).toMatchObject({ output: false });
});

test('the id of a session is the index of the entry that opened it', () => {
  const fed = new Fed();
  fed.machine.apply({ index: 1, term: 1, kind: 'noop', data: new Uint8Array() });
  expect(fed.open()).toBe(2);
  expect(fed.open()).toBe(3);
});

test('a command whose serial number has already been executed is answered without executing it again (Raft 8)', () => {
  const fed = new Fed();
  const [a, b] = [fed.open(), fed.open()];
  fed.run(a, 1, cas('x', null, 1));
  fed.run(b, 1, write('x', 2));
  expect(fed.run(a, 1, cas('x', null, 1))).toEqual({ kind: 'output', output: true, changed: null });
  expect(fed.machine.read('x')).toBe(2);
});

test('a mismatch is remembered too: the repeated compare-and-set stays answered "no", though it would succeed now', () => {
  const fed = new Fed();
  const [a, b] = [fed.open(), fed.open()];
  expect(fed.run(a, 1, cas('x', 1, 2))).toMatchObject({ output: false });
  fed.run(b, 1, write('x', 1));
  expect(fed.run(a, 1, cas('x', 1, 2))).toEqual({ kind: 'output', output: false, changed: null });
  expect(fed.machine.read('x')).toBe(1);
});

test('a command older than the last one of its session is not applied again', () => {
  const fed = new Fed();
  const session = fed.open();
  fed.run(session, 1, write('x', 1));
  fed.run(session, 2, write('x', 2));
  expect(fed.run(session, 1, write('x', 1))).toEqual({ kind: 'superseded' });
  expect(fed.machine.read('x')).toBe(2);
});

test('sequence numbers may skip: a command that was never sent leaves a gap', () => {
  const fed = new Fed();
  const session = fed.open();
  expect(fed.run(session, 5, write('x', 1))).toMatchObject({ kind: 'output' });
});

test('a command of an unknown or closed session is refused and not applied', () => {
  const fed = new Fed();
  expect(fed.run(99, 1, write('x', 1))).toEqual({ kind: 'session-expired' });
  const session = fed.open();
  fed.apply({ kind: 'closeSession', session });
  expect(fed.run(session, 1, write('x', 1))).toEqual({ kind: 'session-expired' });
  expect(fed.machine.read('x')).toBe(null);
});

test('when the table is full, the session least recently used in the log is evicted', () => {
  const fed = new Fed(3);
  const [a, b, c] = [fed.open(), fed.open(), fed.open()];
  fed.run(a, 1, write('x', 1));
  const d = fed.open();
  expect(fed.run(b, 1, write('x', 2))).toEqual({ kind: 'session-expired' });
  for (const session of [a, c, d]) expect(fed.run(session, 7, write('y', session))).toMatchObject({ kind: 'output' });
});

test('a read in the log answers what was written before it', () => {
  const fed = new Fed();
  const session = fed.open();
  fed.run(session, 1, write('x', 1));
  expect(fed.apply({ kind: 'read', key: 'x' })).toEqual({ kind: 'output', output: 1, changed: null });
});

test('a repeated take answers what the first one took, and takes nothing more', () => {
  const fed = new Fed();
  const session = fed.open();
  for (const [i, value] of [1, 2].entries()) fed.run(session, i + 1, { f: 'push', key: 'q', value });
  const taken = { kind: 'output', output: 1, changed: { key: 'q', value: [2] } };
  expect(fed.run(session, 3, { f: 'shift', key: 'q' })).toEqual(taken);
  expect(fed.run(session, 3, { f: 'shift', key: 'q' })).toEqual({ ...taken, changed: null });
  expect(fed.machine.read('q')).toEqual([2]);
});

test('a refused command is remembered as refused, though it could be carried out now', () => {
  const fed = new Fed();
  const session = fed.open();
  fed.run(session, 1, write('x', 'text'));
  const add = { f: 'increment', key: 'x', by: 1 } as const;
  expect(fed.run(session, 2, add)).toEqual({ kind: 'output', output: 'wrong-type', changed: null });
  const other = fed.open();
  fed.run(other, 1, write('x', 5));
  expect(fed.run(session, 2, add)).toEqual({ kind: 'output', output: 'wrong-type', changed: null });
  expect(fed.machine.read('x')).toBe(5);
});

test('machines that applied the same entries have the same hash, whatever order their values were written in', () => {
  const [one, two] = [new Fed(), new Fed()];
  for (const fed of [one, two]) fed.open();
  const value = { a: 1, b: [2] };
  one.run(1, 1, write('x', value));
  one.run(1, 2, write('y', 1));
  two.run(1, 1, write('y', 1));
  two.run(1, 2, write('x', JSON.parse('{"b":[2],"a":1}') as Json));
  expect(one.machine.stateHash()).toBe(two.machine.stateHash());
});

test.each<[string, (fed: Fed, session: number) => unknown]>([
  ['a value', (fed, session) => fed.run(session, 1, write('x', 2))],
  ['a key', (fed, session) => fed.run(session, 1, write('y', 1))],
  ['a sequence number', (fed, session) => fed.run(session, 2, write('x', 1))],
  ['an answer that is kept', (fed, session) => fed.run(session, 1, cas('x', null, 1))],
])('another hash tells of another state: %s', (what, differ) => {
  const hashOf = (last: (fed: Fed, session: number) => unknown): number => {
    const fed = new Fed();
    last(fed, fed.open());
    return fed.machine.stateHash();
  };
  const usual = (fed: Fed, session: number): unknown => fed.run(session, 1, write('x', 1));
  expect(hashOf(usual)).toBe(hashOf(usual));
  expect(hashOf(differ), what).not.toBe(hashOf(usual));
});

test.each<[string, Command]>([
  ['a session was opened', { kind: 'openSession' }],
  ['a session was closed', { kind: 'closeSession', session: 1 }],
  ['only the index is another', { kind: 'read', key: 'x' }],
])('the hash is another one after an entry: %s', (_what, command) => {
  const fed = new Fed();
  fed.run(fed.open(), 1, write('x', 1));
  const before = fed.machine.stateHash();
  fed.apply(command);
  expect(fed.machine.stateHash()).not.toBe(before);
});

test('the order in which sessions were used is part of the state: it decides which is evicted', () => {
  const hashOf = (order: readonly number[]): number => {
    const fed = new Fed();
    const sessions = [fed.open(), fed.open()];
    for (const which of order) fed.run(sessions[which]!, 1, cas('x', 9, 9));
    return fed.machine.stateHash();
  };
  expect(hashOf([0, 1])).not.toBe(hashOf([1, 0]));
});

test('a read leaves no trace in the state, because every node serves others; mutant M44 lets it', () => {
  const hashAfterRead = (rules: Rules): readonly [before: number, after: number] => {
    const machine = new KvMachine(rules);
    const before = machine.stateHash();
    expect(machine.read('x')).toBeNull();
    return [before, machine.stateHash()];
  };
  const [before, after] = hashAfterRead(ALL_RULES);
  expect(after).toBe(before);
  const [mutantBefore, mutantAfter] = hashAfterRead(rulesOf('M44')!);
  expect(mutantAfter).not.toBe(mutantBefore);
});

test('entries are applied one after the other, none twice and none left out', () => {
  const fed = new Fed();
  fed.open();
  const data = encodeCommand({ kind: 'openSession' });
  expect(() => fed.machine.apply({ index: 1, term: 1, kind: 'command', data })).toThrow('entry 1');
  expect(() => fed.machine.apply({ index: 3, term: 1, kind: 'command', data })).toThrow('entry 3');
});

test('a committed entry that holds no command is a defect, not a malformed message', () => {
  const apply = (): unknown =>
    new KvMachine(ALL_RULES).apply({ index: 1, term: 1, kind: 'command', data: Uint8Array.of(9) });
  expect(apply).toThrow(AssertionError);
});

const id = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER });
const json = fc.jsonValue({ maxDepth: 3 }).map((value) => JSON.parse(JSON.stringify(value)) as Json);
const key = fc.string({ unit: 'grapheme' });
const operation: fc.Arbitrary<Operation> = fc.oneof(
  fc.record({ f: fc.constantFrom('read', 'shift'), key }),
  fc.record({ f: fc.constantFrom('write', 'push', 'insert', 'remove'), key, value: json }),
  fc.record({ f: fc.constant('cas' as const), key, from: json, to: json }),
  fc.record({ f: fc.constant('concat' as const), key, text: fc.string({ unit: 'binary' }) }),
  fc.record({ f: fc.constant('increment' as const), key, by: fc.maxSafeInteger() }),
  fc.record({ f: fc.constantFrom('acquire', 'release'), key, owner: json }),
);
const command: fc.Arbitrary<Command> = fc.oneof(
  fc.record({ kind: fc.constant('openSession' as const) }),
  fc.record({ kind: fc.constant('closeSession' as const), session: id }),
  fc.record({ kind: fc.constant('command' as const), session: id, sequence: id, operation }),
  fc.record({ kind: fc.constant('read' as const), key }),
);

test('commands are read back as they were written; cut short, or of another version, they are refused', () => {
  fc.assert(
    fc.property(command, fc.nat(), (value, at) => {
      const data = encodeCommand(value);
      expect(decodeCommand(data)).toEqual(value);
      expect(() => decodeCommand(data.subarray(0, at % data.length))).toThrow(WireError);
      data[0] = 2;
      expect(() => decodeCommand(data)).toThrow('command version 2');
    }),
  );
});
