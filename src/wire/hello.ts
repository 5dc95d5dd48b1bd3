/**
 * The hello: the first frame of every connection says who calls and whom it means to reach, and the second one answers.
 * A node that was replaced on the same port, or belongs to another cluster, is found out here and not in the log.
 */
import { readAddress } from '../base/address.ts';
import { ByteReader, ByteWriter, WireError } from './bytes.ts';

/** Changes whenever any message of this room changes its layout. */
const PROTOCOL_VERSION = 2;
/** `STLM`. */
const MAGIC = 0x53544c4d;

export type Hello =
  /** A node of the cluster; speaks Raft messages, one way, and is answered at its own address. */
  | {
      readonly role: 'peer';
      readonly clusterId: string;
      readonly from: string;
      readonly to: string;
      readonly address: string;
    }
  /** Speaks the client protocol, or the control protocol. */
  | { readonly role: 'client' | 'control'; readonly clusterId: string; readonly to: string };

export type HelloAnswer = { readonly kind: 'accepted' } | { readonly kind: 'refused'; readonly reason: string };

const ROLES = ['peer', 'client', 'control'] as const;

export function encodeHello(hello: Hello): Uint8Array {
  return new ByteWriter()
    .u32(MAGIC)
    .varint(PROTOCOL_VERSION)
    .u8(ROLES.indexOf(hello.role))
    .text(hello.clusterId)
    .text(hello.role === 'peer' ? hello.from : '')
    .text(hello.to)
    .text(hello.role === 'peer' ? hello.address : '')
    .finish();
}

/** Throws WireError on anything else than a hello of this version. */
export function decodeHello(payload: Uint8Array): Hello {
  const reader = new ByteReader(payload);
  if (reader.u32() !== MAGIC) throw new WireError('not a stalemate connection');
  const version = reader.varint();
  if (version !== PROTOCOL_VERSION) throw new WireError(`protocol version ${version}; this is ${PROTOCOL_VERSION}`);
  const role = ROLES[reader.u8()];
  const clusterId = reader.text();
  const from = reader.text();
  const to = reader.text();
  const address = reader.text();
  reader.end();
  if (role === undefined) throw new WireError('a role that does not exist');
  if (role === 'peer' && readAddress(address) === undefined) throw new WireError('a peer without an address');
  return role === 'peer' ? { role, clusterId, from, to, address } : { role, clusterId, to };
}

/** What a hello turned out to be: of which peer, if it is a peer's. */
export type Greeting = { readonly kind: 'accepted'; readonly from: string } | Extract<HelloAnswer, { kind: 'refused' }>;

/** The node that is called. */
export interface Called {
  readonly clusterId: string;
  readonly id: string;
  /** Its peers in the configuration in force, host:port by id. */
  readonly peers: Readonly<Record<string, string>>;
  readonly rules: { readonly peersKnownById: boolean };
}

/**
 * What a node answers to a hello: the one check of identity, for real and simulated connections. A peer need not be a member as far
 * as this node knows: it may know more recent ones, and its vote or its entries may be needed (Raft 6).
 */
export function answerHello(hello: Hello, self: Called): Greeting {
  if (hello.clusterId !== self.clusterId) return refused(`this is cluster ${self.clusterId}, not ${hello.clusterId}`);
  if (hello.role === 'peer' && !self.rules.peersKnownById) return accepted(livingAt(hello.address, self) ?? hello.from);
  if (hello.to !== self.id) return refused(`this is node ${self.id}, not ${hello.to}`);
  if (hello.role !== 'peer') return accepted('');
  return hello.from === self.id ? refused(`this is ${self.id}, too`) : accepted(hello.from);
}

/** M63: whoever calls from a member's address is taken for that member. */
function livingAt(address: string, { peers }: Called): string | undefined {
  return Object.entries(peers).find(([, it]) => it === address)?.[0];
}

function accepted(from: string): Greeting {
  return { kind: 'accepted', from };
}

export function encodeHelloAnswer(answer: HelloAnswer): Uint8Array {
  const writer = new ByteWriter().flag(answer.kind === 'accepted');
  return (answer.kind === 'accepted' ? writer : writer.text(answer.reason)).finish();
}

/** Throws WireError where it is malformed. */
export function decodeHelloAnswer(payload: Uint8Array): HelloAnswer {
  const reader = new ByteReader(payload);
  const answer: HelloAnswer = reader.flag() ? { kind: 'accepted' } : refused(reader.text());
  reader.end();
  return answer;
}

function refused(reason: string): Extract<HelloAnswer, { kind: 'refused' }> {
  return { kind: 'refused', reason };
}
