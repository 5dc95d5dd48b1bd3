/** Every message survives its codec, and whatever is no message is refused with WireError: it never crashes, never passes. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Json } from '../../src/base/json.ts';
import { decodeUtf8, encodeUtf8 } from '../../src/base/utf8.ts';
import type { Entry, Message } from '../../src/raft/types.ts';
import { WireError } from '../../src/wire/bytes.ts';
import { decodeRequest, decodeResponse, encodeRequest, encodeResponse } from '../../src/wire/client-codec.ts';
import { REFUSALS, type Operation, type Request, type Response } from '../../src/wire/client-protocol.ts';
import {
  decodeControlRequest,
  decodeControlResponse,
  encodeControlRequest,
  encodeControlResponse,
} from '../../src/wire/control-codec.ts';
import type { ControlRequest, ControlResponse } from '../../src/wire/control-protocol.ts';
import {
  answerHello,
  decodeHello,
  decodeHelloAnswer,
  encodeHello,
  encodeHelloAnswer,
  type Hello,
  type HelloAnswer,
} from '../../src/wire/hello.ts';
import { decodeMessage, encodeMessage } from '../../src/wire/raft-messages.ts';

const number = fc.maxSafeNat();
const id = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER });
const text = fc.string({ unit: 'grapheme' });
const flag = fc.boolean();
const bytes = fc.uint8Array({ maxLength: 300 });
/** JSON as it comes out of JSON.parse: without -0. */
const json = fc.jsonValue({ maxDepth: 4 }).map((value) => JSON.parse(JSON.stringify(value)) as Json);

const entry: fc.Arbitrary<Entry> = fc.record({
  index: number,
  term: number,
  kind: fc.constantFrom('noop', 'command', 'configuration'),
  data: bytes,
});

const message: fc.Arbitrary<Message> = fc.oneof(
  fc.record({
    kind: fc.constant('requestVote' as const),
    term: number,
    candidateId: text,
    lastLogIndex: number,
    lastLogTerm: number,
    pre: flag,
    transfer: flag,
  }),
  fc.record({ kind: fc.constant('requestVoteReply' as const), term: number, granted: flag, pre: flag, asked: number }),
  fc
    .record({
      kind: fc.constant('appendEntries' as const),
      term: number,
      leaderId: text,
      prevLogIndex: number,
      prevLogTerm: number,
      entries: fc.array(entry, { maxLength: 5 }),
      leaderCommit: number,
      round: number,
    })
    .map((it) => ({
      ...it,
      prevLogIndex: Math.floor(it.prevLogIndex / 2),
      entries: it.entries.map((each, i) => ({
        ...each,
        index: Math.floor(it.prevLogIndex / 2) + 1 + i,
        term: it.term,
      })),
    })),
  fc.record({
    kind: fc.constant('appendEntriesReply' as const),
    term: number,
    success: flag,
    matchIndex: number,
    round: number,
    rejectedIndex: number,
    conflictTerm: number,
    conflictIndex: number,
  }),
  fc.record({
    kind: fc.constant('installSnapshot' as const),
    term: number,
    leaderId: text,
    lastIncludedIndex: number,
    lastIncludedTerm: number,
    offset: number,
    data: bytes,
    done: flag,
  }),
  fc.record({
    kind: fc.constant('installSnapshotReply' as const),
    term: number,
    lastIncludedIndex: number,
    lastIncludedTerm: number,
    offset: number,
    installed: flag,
  }),
  fc.record({ kind: fc.constant('timeoutNow' as const), term: number }),
);

const operation: fc.Arbitrary<Operation> = fc.oneof(
  fc.record({ f: fc.constantFrom('read', 'shift'), key: text }),
  fc.record({ f: fc.constantFrom('write', 'push', 'insert', 'remove'), key: text, value: json }),
  fc.record({ f: fc.constant('cas' as const), key: text, from: json, to: json }),
  fc.record({ f: fc.constant('concat' as const), key: text, text: fc.string({ unit: 'binary' }) }),
  fc.record({ f: fc.constant('increment' as const), key: text, by: fc.maxSafeInteger() }),
  fc.record({ f: fc.constantFrom('acquire', 'release'), key: text, owner: json }),
);

const request: fc.Arbitrary<Request> = fc.oneof(
  fc.record({ kind: fc.constant('openSession' as const), attempt: number }),
  fc.record({ kind: fc.constant('closeSession' as const), attempt: number, session: id }),
  fc.record({ kind: fc.constant('command' as const), attempt: number, session: id, sequence: id, operation }),
  fc.record({
    kind: fc.constant('read' as const),
    attempt: number,
    mode: fc.constantFrom('read-index', 'lease', 'leader', 'local', 'log'),
    key: text,
  }),
  fc.record({
    kind: fc.constant('changeMembers' as const),
    attempt: number,
    voters: fc.array(text),
    learners: fc.array(text),
    addresses: mapTo(text),
  }),
  fc.record({ kind: fc.constant('transferLeadership' as const), attempt: number, target: text }),
);

const leader = fc.option(text, { nil: null });

const response: fc.Arbitrary<Response> = fc.oneof(
  fc.record({ kind: fc.constant('sessionOpened' as const), attempt: number, session: id }),
  fc.record({
    kind: fc.constant('result' as const),
    attempt: number,
    output: json,
    node: text,
    term: number,
    applied: number,
  }),
  fc.record({
    kind: fc.constant('refused' as const),
    attempt: number,
    reason: fc.constantFrom(...REFUSALS),
    leader,
    node: text,
  }),
  fc.record({ kind: fc.constant('unknown' as const), attempt: number, reason: text, leader, node: text }),
);

function mapTo<T>(value: fc.Arbitrary<T>): fc.Arbitrary<Record<string, T>> {
  return fc.dictionary(
    text.filter((name) => name !== '__proto__'),
    value,
    { noNullPrototype: true },
  );
}

const controlRequest: fc.Arbitrary<ControlRequest> = fc.oneof(
  fc.record({
    kind: fc.constant('links' as const),
    id: number,
    cutOut: fc.array(text),
    cutIn: fc.array(text),
    disturbed: mapTo(fc.record({ delayMs: number, duplicate: fc.boolean(), resetEveryMs: number })),
  }),
  fc.record({ kind: fc.constant('status' as const), id: number }),
  fc.record({ kind: fc.constant('disk' as const), id: number, syncDelayMs: number, full: fc.boolean() }),
  fc.record({
    kind: fc.constant('clock' as const),
    id: number,
    rate: fc.double({ min: 0.001, max: 1000, noNaN: true }),
    jumpMs: number,
  }),
);

const counters = fc.record({
  sent: number,
  received: number,
  droppedOut: number,
  droppedIn: number,
  delayed: number,
  duplicated: number,
  resets: number,
});

const controlResponse: fc.Arbitrary<ControlResponse> = fc.oneof(
  fc.record({ kind: fc.constantFrom('linksSet', 'done'), id: number }),
  fc.record({
    kind: fc.constant('status' as const),
    id: number,
    role: text,
    term: number,
    leader,
    commitIndex: number,
    lastIndex: number,
    links: mapTo(counters),
    syncs: number,
    delayedSyncs: number,
    clockNs: number,
    hostNs: number,
    members: fc.record({ voters: fc.array(text), outgoing: fc.array(text), learners: fc.array(text) }),
    attestedThrough: number,
  }),
  fc.record({
    kind: fc.constant('role' as const),
    time: number,
    node: text,
    role: fc.constantFrom('follower', 'pre-candidate', 'candidate', 'leader'),
    term: number,
    leader,
  }),
);

const hello: fc.Arbitrary<Hello> = fc.oneof(
  fc.record({ role: fc.constant('peer' as const), clusterId: text, from: text, to: text, address: fc.constant('h:1') }),
  fc.record({ role: fc.constantFrom('client', 'control'), clusterId: text, to: text }),
);

const helloAnswer: fc.Arbitrary<HelloAnswer> = fc.oneof(
  fc.record({ kind: fc.constant('accepted' as const) }),
  fc.record({ kind: fc.constant('refused' as const), reason: text }),
);

interface Codec<T> {
  readonly values: fc.Arbitrary<T>;
  readonly encode: (value: T) => Uint8Array;
  readonly decode: (payload: Uint8Array) => T;
}

/** Hides `T`, so that codecs of different things fit in one table. */
function codec<T>(of: Codec<T>): Codec<unknown> {
  return of as unknown as Codec<unknown>;
}

const CODECS: Readonly<Record<string, Codec<unknown>>> = {
  'Raft message': codec({ values: message, encode: encodeMessage, decode: decodeMessage }),
  request: codec({ values: request, encode: encodeRequest, decode: decodeRequest }),
  response: codec({ values: response, encode: encodeResponse, decode: decodeResponse }),
  'control request': codec({
    values: controlRequest,
    encode: encodeControlRequest,
    decode: decodeControlRequest,
  }),
  'control response': codec({
    values: controlResponse,
    encode: encodeControlResponse,
    decode: decodeControlResponse,
  }),
  hello: codec({ values: hello, encode: encodeHello, decode: decodeHello }),
  'hello answer': codec({ values: helloAnswer, encode: encodeHelloAnswer, decode: decodeHelloAnswer }),
};

describe.each(Object.entries(CODECS))('a %s', (_name, { values, encode, decode }) => {
  test('is read back as it was written', () => {
    fc.assert(
      fc.property(values, (value) => {
        expect(decode(encode(value))).toEqual(value);
      }),
    );
  });

  test('that is cut short or has a byte too many is refused', () => {
    const cut = fc.tuple(values, fc.nat());
    fc.assert(
      fc.property(cut, ([value, at]) => {
        const whole = encode(value);
        expect(() => decode(whole.subarray(0, at % whole.length))).toThrow(WireError);
        expect(() => decode(Uint8Array.from([...whole, 0]))).toThrow(WireError);
      }),
    );
  });

  test('made of any bytes, or with bytes changed, is a value or a WireError, nothing else', () => {
    const changed = fc.tuple(values, fc.nat(), fc.nat({ max: 255 })).map(([value, at, byte]) => {
      const whole = encode(value);
      whole[at % whole.length] = byte;
      return whole;
    });
    fc.assert(
      fc.property(fc.oneof(bytes, changed), (payload) => {
        try {
          decode(payload);
        } catch (error) {
          expect(error).toBeInstanceOf(WireError);
        }
      }),
    );
  });
});

test('a list that announces more items than there are bytes is refused before memory is taken', () => {
  const empty = encodeMessage({
    kind: 'appendEntries',
    term: 1,
    leaderId: 'a',
    prevLogIndex: 0,
    prevLogTerm: 0,
    entries: [],
    leaderCommit: 0,
    round: 0,
  });
  // kind, term, 'a' with its length, prevLogIndex, prevLogTerm, then the count
  const lying = Uint8Array.from([...empty.subarray(0, 6), 0xff, 0xff, 0xff, 0xff, 0x7f, ...empty.subarray(7)]);
  expect(() => decodeMessage(lying)).toThrow(/items announced/);
});

test.each([
  ['a field of the wrong type', { kind: 'openSession', attempt: '1' }],
  ['a missing field', { kind: 'openSession' }],
  ['a field that does not belong', { kind: 'openSession', attempt: 1, session: 4 }],
  ['a negative number', { kind: 'openSession', attempt: -1 }],
  ['a fraction', { kind: 'openSession', attempt: 1.5 }],
  ['a number beyond 2^53', { kind: 'openSession', attempt: 2 ** 53 }],
  ['sequence zero', { kind: 'command', attempt: 1, session: 1, sequence: 0, operation: { f: 'read', key: 'x' } }],
  ['an unknown operation', { kind: 'command', attempt: 1, session: 1, sequence: 1, operation: { f: 'rm', key: 'x' } }],
  [
    'an increment by half',
    { kind: 'command', attempt: 1, session: 1, sequence: 1, operation: { f: 'increment', key: 'x', by: 0.5 } },
  ],
  [
    'a text that is a number',
    { kind: 'command', attempt: 1, session: 1, sequence: 1, operation: { f: 'concat', key: 'x', text: 5 } },
  ],
  ['an unknown read mode', { kind: 'read', attempt: 1, mode: 'fast', key: 'x' }],
  ['an unknown kind', { kind: 'constructor', attempt: 1 }],
  ['a list', []],
  ['null', null],
])('a request with %s is refused', (_what, document) => {
  expect(() => decodeRequest(encodeUtf8(JSON.stringify(document)))).toThrow(WireError);
});

test('a value nested so deep that walking it would overflow the stack is refused', () => {
  const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
  const command = `{"kind":"command","attempt":1,"session":1,"sequence":1,"operation":{"f":"write","key":"x","value":${deep}}}`;
  expect(() => decodeRequest(encodeUtf8(command))).toThrow(WireError);
});

test('a hello of another version, or no hello at all, is refused with the reason', () => {
  const payload = encodeHello({ role: 'client', clusterId: 'c', to: 'n1' });
  payload[4] = 9;
  expect(() => decodeHello(payload)).toThrow('protocol version 9; this is 2');
  expect(() => decodeHello(encodeUtf8('GET / HTTP/1.1'))).toThrow('not a stalemate connection');
});

test('a hello for another cluster or another node is refused; one of a node that is not known as a member is not', () => {
  const rules = { peersKnownById: true };
  const self = { clusterId: 'c', id: 'n1', peers: { n2: 'h:2' }, rules };
  const peer: Hello = { role: 'peer', clusterId: 'c', from: 'n2', to: 'n1', address: 'h:2' };
  const refused = (call: Hello): boolean => answerHello(call, self).kind === 'refused';
  expect(answerHello(peer, self)).toEqual({ kind: 'accepted', from: 'n2' });
  expect(answerHello({ ...peer, from: 'n9' }, self)).toEqual({ kind: 'accepted', from: 'n9' });
  expect(refused({ role: 'client', clusterId: 'c', to: 'n1' })).toBe(false);
  expect(refused({ ...peer, clusterId: 'd' })).toBe(true);
  expect(refused({ role: 'client', clusterId: 'c', to: 'n2' })).toBe(true);
  expect(refused({ ...peer, to: 'n2' })).toBe(true);
  expect(refused({ ...peer, from: 'n1' })).toBe(true);
});

test('the hello of a peer without an address is malformed', () => {
  const bytes = encodeHello({ role: 'peer', clusterId: 'c', from: 'n2', to: 'n1', address: 'nowhere' });
  expect(() => decodeHello(bytes)).toThrow('a peer without an address');
});

test('documents are plain JSON, for whoever watches the wire', () => {
  expect(JSON.parse(decodeUtf8(encodeRequest({ kind: 'openSession', attempt: 7 })))).toEqual({
    kind: 'openSession',
    attempt: 7,
  });
});

test('entries that leave a gap, go back in their terms or come from a later one than their message are no message', () => {
  const withEntries = (places: readonly (readonly [index: number, term: number])[]): Uint8Array =>
    encodeMessage({
      kind: 'appendEntries',
      term: 3,
      leaderId: 'n1',
      prevLogIndex: 4,
      prevLogTerm: 1,
      entries: places.map(([index, term]) => ({ index, term, kind: 'noop', data: new Uint8Array(0) })),
      leaderCommit: 0,
      round: 1,
    });
  expect(() =>
    decodeMessage(
      withEntries([
        [5, 1],
        [6, 3],
      ]),
    ),
  ).not.toThrow();
  for (const wrong of [
    [[6, 1]],
    [
      [5, 1],
      [7, 1],
    ],
    [
      [5, 2],
      [6, 1],
    ],
    [[5, 4]],
  ] as const) {
    expect(() => decodeMessage(withEntries(wrong))).toThrow(WireError);
  }
});
