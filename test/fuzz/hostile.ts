/**
 * Bytes that no honest caller sends: real frames of each kind, flipped, cut short, drawn out, with lies about their length, or plain noise; and what
 * a node owes them. The judgement is made by the codecs, which have tests of their own; whether the node lives by it is the question here.
 */
import { keyed, type Random } from '../../src/base/random.ts';
import { WireError } from '../../src/wire/bytes.ts';
import { decodeRequest, encodeRequest } from '../../src/wire/client-codec.ts';
import type { Request } from '../../src/wire/client-protocol.ts';
import { decodeControlRequest, encodeControlRequest } from '../../src/wire/control-codec.ts';
import type { ControlRequest } from '../../src/wire/control-protocol.ts';
import { encodeFrame, FrameDecoder, MAX_FRAME_BYTES } from '../../src/wire/frames.ts';
import { decodeHello, encodeHello, type Hello } from '../../src/wire/hello.ts';
import { decodeMessage, encodeMessage } from '../../src/wire/raft-messages.ts';
import type { Message } from '../../src/raft/types.ts';

export type Role = Hello['role'];
type Damage = 'flip' | 'truncate' | 'extend' | 'splice' | 'shorter' | 'longer' | 'huge' | 'noise' | 'split' | 'none';

/** One connection's worth of bytes. `chunks` are written one after the other. */
export interface Attack {
  readonly about: string;
  readonly role: Role;
  /** How many frames of the attacker are in it, the honest hello not counted. */
  readonly frames: number;
  readonly chunks: readonly Uint8Array[];
  /**
   * `closed`: the node has to end the connection. `open`: harmless, or not whole yet: nothing is owed. `spared`: a valid order or the lie of a
   * member, which no node could tell from the truth; it is outside the fault model and is not sent.
   */
  readonly owed: 'closed' | 'open' | 'spared';
}

export interface Target {
  readonly clusterId: string;
  readonly node: string;
}

/** Of a term that nobody leads: to the cluster these are late messages, however they are damaged, unless the term is. */
const STALE_TERM = 1;
const FAR: Uint8Array = new Uint8Array(40).fill(7);

const MESSAGES: readonly Message[] = [
  { kind: 'requestVote', term: 1, candidateId: 'n2', lastLogIndex: 9, lastLogTerm: 1, pre: false, transfer: false },
  { kind: 'requestVote', term: 1, candidateId: 'n3', lastLogIndex: 300, lastLogTerm: 1, pre: true, transfer: true },
  { kind: 'requestVoteReply', term: 1, granted: true, pre: false, asked: 1 },
  {
    kind: 'appendEntries',
    term: 1,
    leaderId: 'n2',
    prevLogIndex: 3,
    prevLogTerm: 1,
    entries: [
      { index: 4, term: 1, kind: 'command', data: FAR },
      { index: 5, term: 1, kind: 'noop', data: new Uint8Array(0) },
    ],
    leaderCommit: 4,
    round: 2 ** 32 + 5,
  },
  {
    kind: 'appendEntriesReply',
    term: 1,
    success: true,
    matchIndex: 70,
    round: 9,
    rejectedIndex: 0,
    conflictTerm: 0,
    conflictIndex: 0,
  },
  {
    kind: 'installSnapshot',
    term: 1,
    leaderId: 'n3',
    lastIncludedIndex: 90,
    lastIncludedTerm: 1,
    offset: 0,
    data: FAR,
    done: true,
  },
  { kind: 'installSnapshotReply', term: 1, lastIncludedIndex: 90, lastIncludedTerm: 1, offset: 40, installed: true },
  { kind: 'timeoutNow', term: 1 },
];

const REQUESTS: readonly Request[] = [
  { kind: 'openSession', attempt: 1 },
  { kind: 'closeSession', attempt: 2, session: 1 },
  {
    kind: 'command',
    attempt: 3,
    session: 9,
    sequence: 1,
    operation: { f: 'write', key: 'fuzz', value: { a: [1, 2] } },
  },
  { kind: 'command', attempt: 4, session: 9, sequence: 2, operation: { f: 'cas', key: 'fuzz', from: 1, to: null } },
  { kind: 'command', attempt: 5, session: 9, sequence: 3, operation: { f: 'increment', key: 'fuzz', by: -4 } },
  { kind: 'read', attempt: 6, mode: 'read-index', key: 'fuzz' },
  { kind: 'read', attempt: 7, mode: 'local', key: 'fuzz' },
  { kind: 'changeMembers', attempt: 8, voters: ['n1'], learners: [], addresses: { n1: '127.0.0.1:1' } },
  { kind: 'transferLeadership', attempt: 9, target: 'n2' },
];

const ORDERS: readonly ControlRequest[] = [
  { kind: 'status', id: 1 },
  {
    kind: 'links',
    id: 2,
    cutOut: ['n2'],
    cutIn: [],
    disturbed: { n3: { delayMs: 5, duplicate: true, resetEveryMs: 0 } },
  },
  { kind: 'disk', id: 3, syncDelayMs: 10, full: false },
  { kind: 'clock', id: 4, rate: 1, jumpMs: 5 },
];

const DAMAGES: readonly Damage[] = [
  'flip',
  'flip',
  'flip',
  'truncate',
  'extend',
  'splice',
  'shorter',
  'longer',
  'huge',
  'noise',
  'split',
  'none',
];

/** The nth attack of a seed. */
export function drawAttack(seed: string, nth: number, target: Target): Attack {
  const draw = keyed(seed, 'attack', nth);
  const role = draw.pick(['peer', 'client', 'control'] as const);
  return draw.chance(0.2) ? onHello(draw, role, target) : behindHello(draw, role, target);
}

/** A hello of another cluster, for another node, of another version, or damaged. */
function onHello(draw: Random, role: Role, target: Target): Attack {
  const honest = helloOf(role, target);
  const lie = draw.pick(['cluster', 'node', 'version', 'damage', 'damage'] as const);
  if (lie === 'cluster' || lie === 'node') {
    const hello = lie === 'cluster' ? { ...honest, clusterId: 'elsewhere' } : { ...honest, to: 'nobody' };
    return { about: `hello: ${lie}`, role, frames: 1, chunks: [encodeFrame(encodeHello(hello))], owed: 'closed' };
  }
  const payload = encodeHello(honest);
  if (lie === 'version') {
    payload[4] = draw.between(3, 100);
    return { about: 'hello: version', role, frames: 1, chunks: [encodeFrame(payload)], owed: 'closed' };
  }
  const { damage, bytes } = damaged(draw, payload);
  const owed = judge(bytes, (it) => {
    const hello = decodeHello(it);
    const refused = hello.clusterId !== target.clusterId || hello.to !== target.node;
    // A peer that is believed is called back at the address that it gave: no traffic but to this machine.
    return refused ? 'closed' : hello.role === 'peer' ? 'spared' : 'open';
  });
  return { about: `hello: ${damage}`, role, frames: 1, chunks: chunksOf(draw, damage, bytes), owed };
}

/** An honest hello, and behind it one to three frames of which the last is damaged. */
function behindHello(draw: Random, role: Role, target: Target): Attack {
  const payload = payloadOf(draw, role);
  const { damage, bytes } = damaged(draw, payload);
  const owed = judge(bytes, (it) => harmOf(role, it));
  const hello = encodeFrame(encodeHello(helloOf(role, target)));
  return { about: `${role}: ${damage}`, role, frames: 1, chunks: [hello, ...chunksOf(draw, damage, bytes)], owed };
}

function payloadOf(draw: Random, role: Role): Uint8Array {
  switch (role) {
    case 'peer':
      return encodeMessage(draw.pick(MESSAGES));
    case 'client':
      return encodeRequest(draw.pick(REQUESTS));
    case 'control':
      return encodeControlRequest(draw.pick(ORDERS));
  }
}

/** What is believed of a payload that can be read. Throws WireError where it cannot. */
function harmOf(role: Role, payload: Uint8Array): Attack['owed'] {
  switch (role) {
    case 'peer':
      return decodeMessage(payload).term <= STALE_TERM ? 'open' : 'spared';
    case 'client': {
      const { kind } = decodeRequest(payload);
      return kind === 'changeMembers' || kind === 'transferLeadership' ? 'spared' : 'open';
    }
    case 'control':
      return decodeControlRequest(payload).kind === 'status' ? 'open' : 'spared';
  }
}

/** The worst of what the frames in `bytes` deserve, up to the first that ends the connection. */
function judge(bytes: Uint8Array, harm: (payload: Uint8Array) => Attack['owed']): Attack['owed'] {
  const decoder = new FrameDecoder();
  decoder.push(bytes);
  try {
    for (let payload = decoder.next(); payload !== undefined; payload = decoder.next()) {
      const owed = harm(payload);
      if (owed !== 'open') return owed;
    }
    return 'open';
  } catch (error) {
    if (error instanceof WireError) return 'closed';
    throw error;
  }
}

function damaged(draw: Random, payload: Uint8Array): { readonly damage: Damage; readonly bytes: Uint8Array } {
  const damage = draw.pick(DAMAGES);
  return { damage, bytes: damageTo(draw, damage, payload) };
}

function damageTo(draw: Random, damage: Damage, payload: Uint8Array): Uint8Array {
  switch (damage) {
    case 'flip': {
      const bytes = payload.slice();
      for (let n = draw.between(1, 8); n > 0; n--) bytes[draw.int(bytes.length)]! ^= 1 << draw.int(8);
      return encodeFrame(bytes);
    }
    case 'truncate':
      return encodeFrame(payload.slice(0, draw.int(payload.length)));
    case 'extend':
      return encodeFrame(joined(payload, noise(draw, draw.between(1, 50))));
    case 'splice': {
      const at = draw.int(payload.length);
      return encodeFrame(joined(payload.slice(0, at), noise(draw, draw.between(1, 9)), payload.slice(at)));
    }
    case 'shorter':
      return withLength(payload, draw.int(payload.length));
    case 'longer':
      return withLength(payload, payload.length + draw.between(1, 1_000_000));
    case 'huge':
      return withLength(payload, draw.between(MAX_FRAME_BYTES + 1, 2 ** 32 - 1));
    case 'noise':
      return noise(draw, draw.between(1, 300));
    case 'split':
    case 'none':
      return joined(encodeFrame(payload), noise(draw, draw.between(0, 20)));
  }
}

function chunksOf(draw: Random, damage: Damage, bytes: Uint8Array): readonly Uint8Array[] {
  if (damage !== 'split') return [bytes];
  const at = draw.int(bytes.length);
  return [bytes.slice(0, at), bytes.slice(at)];
}

function helloOf(role: Role, { clusterId, node: to }: Target): Hello {
  // A stranger, so that no member's connection is replaced; it has nobody at its address.
  return role === 'peer' ? { role, clusterId, from: 'stranger', to, address: '127.0.0.1:9' } : { role, clusterId, to };
}

function withLength(payload: Uint8Array, length: number): Uint8Array {
  const frame = encodeFrame(payload);
  new DataView(frame.buffer).setUint32(0, length);
  return frame;
}

function noise(draw: Random, length: number): Uint8Array {
  return Uint8Array.from({ length }, () => draw.int(256));
}

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}
