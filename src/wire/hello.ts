/**
 * The hello: the first frame of every connection says who calls and whom it means to reach, and the second one answers.
 * A node that was replaced on the same port, or belongs to another cluster, is found out here and not in the log.
 */
import { ByteReader, ByteWriter, WireError } from './bytes.ts';

/** Changes whenever any message of this room changes its layout. */
const PROTOCOL_VERSION = 1;
/** `STLM`. */
const MAGIC = 0x53544c4d;

export type Hello =
  /** A member of the cluster; speaks Raft messages, one way. */
  | { readonly role: 'peer'; readonly clusterId: string; readonly from: string; readonly to: string }
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
  reader.end();
  if (role === undefined) throw new WireError('a role that does not exist');
  return role === 'peer' ? { role, clusterId, from, to } : { role, clusterId, to };
}

/** What a node answers to a hello: the one check of identity, for real and simulated connections. */
export function answerHello(
  hello: Hello,
  self: { readonly clusterId: string; readonly id: string; readonly members: readonly string[] },
): HelloAnswer {
  if (hello.clusterId !== self.clusterId) return refused(`this is cluster ${self.clusterId}, not ${hello.clusterId}`);
  if (hello.to !== self.id) return refused(`this is node ${self.id}, not ${hello.to}`);
  if (hello.role === 'peer' && (hello.from === self.id || !self.members.includes(hello.from))) {
    return refused(`${hello.from} is not a peer of ${self.id}`);
  }
  return { kind: 'accepted' };
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

function refused(reason: string): HelloAnswer {
  return { kind: 'refused', reason };
}
