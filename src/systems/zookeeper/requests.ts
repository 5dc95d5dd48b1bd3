/** The few requests of ZooKeeper's protocol that are asked here, and what they are answered. */
import { JuteReader, JuteWriter } from './jute.ts';

/** A request without its number. */
export interface ZkRequest {
  readonly type: number;
  readonly body: (writer: JuteWriter) => JuteWriter;
}

/** `error` is 0 where it was done. */
export interface ZkReply {
  readonly error: number;
  readonly body: JuteReader;
}

const TYPES = { create: 1, delete: 2, getData: 4, setData: 5, getChildren: 8, sync: 9, ping: 11 };
/** Everybody may do everything. */
const ACL = { permissions: 31, scheme: 'world', id: 'anyone' };
const ANY_VERSION = -1;
const NUMBERED = 2;
/** Of a node's state, what comes before its version: two zxids and two times. */
const BYTES_BEFORE_VERSION = 32;

export const NO_NODE = -101;
export const BAD_VERSION = -103;
export const NODE_EXISTS = -110;

export const PING: ZkRequest = { type: TYPES.ping, body: (writer) => writer };

/** `numbered`: a number that grows is put behind the name. */
export function create(path: string, data: string, kind: 'plain' | 'numbered' = 'plain'): ZkRequest {
  const { permissions, scheme, id } = ACL;
  return {
    type: TYPES.create,
    body: (writer) =>
      writer
        .text(path)
        .text(data)
        .int(1)
        .int(permissions)
        .text(scheme)
        .text(id)
        .int(kind === 'numbered' ? NUMBERED : 0),
  };
}

export function getData(path: string): ZkRequest {
  return { type: TYPES.getData, body: (writer) => writer.text(path).bool(false) };
}

export function setData(path: string, data: string, version: number = ANY_VERSION): ZkRequest {
  return { type: TYPES.setData, body: (writer) => writer.text(path).text(data).int(version) };
}

export function remove(path: string): ZkRequest {
  return { type: TYPES.delete, body: (writer) => writer.text(path).int(ANY_VERSION) };
}

export function getChildren(path: string): ZkRequest {
  return { type: TYPES.getChildren, body: (writer) => writer.text(path).bool(false) };
}

/** What `getChildren` was answered: names, in no order. */
export function readChildren({ body }: ZkReply): readonly string[] {
  return Array.from({ length: Math.max(0, body.int()) }, () => body.bytes()?.toString() ?? '');
}

/** Waits until this server has what the leader had when it was asked. */
export function sync(path: string): ZkRequest {
  return { type: TYPES.sync, body: (writer) => writer.text(path) };
}

/** What `getData` was answered. */
export function readData({ body }: ZkReply): { readonly data: string; readonly version: number } {
  const data = body.bytes()?.toString() ?? '';
  body.skip(BYTES_BEFORE_VERSION);
  return { data, version: body.int() };
}

/** As it goes over a connection. */
export function encodeRequest(xid: number, { type, body }: ZkRequest): Buffer {
  return body(new JuteWriter().int(xid).int(type)).frame();
}

/** The first that is sent: a new session, that ends where nothing is heard of it for that long. */
export function encodeConnect(sessionTimeoutMs: number): Buffer {
  const noPassword = Buffer.alloc(16);
  return new JuteWriter().int(0).long(0n).int(sessionTimeoutMs).long(0n).bytes(noPassword).bool(false).frame();
}

export function decodeReply(frame: Buffer): ZkReply & { readonly xid: number } {
  const body = new JuteReader(frame);
  const xid = body.int();
  body.long();
  return { xid, error: body.int(), body };
}
