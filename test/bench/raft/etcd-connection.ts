/**
 * Load for etcd, over gRPC as its own clients do it, but with HTTP/2 of Node and bodies that are put together by hand: the two
 * messages that are sent are a few bytes of protocol buffers (etcd's rpc.proto), and of an answer only the status is looked at.
 */
import { connect, type ClientHttp2Session } from 'node:http2';
import type { LoadConnection, LoaderTask } from './loader-task.ts';

const PUT = '/etcdserverpb.KV/Put';
const RANGE = '/etcdserverpb.KV/Range';
const STATUS = '/etcdserverpb.Maintenance/Status';
/** Wire type 2, length-delimited. */
const LENGTH_DELIMITED = 2;

/** Connects to the leader. */
export async function connectEtcd({ leader, valueBytes }: LoaderTask): Promise<LoadConnection> {
  const session = await open(leader);
  const valueOf = (number: number): Buffer => field(2, Buffer.from(String(number).padEnd(valueBytes, 'v')));
  const key = (number: number): Buffer => field(1, Buffer.from(`k${number}`));
  return {
    client: () =>
      Promise.resolve({
        put: async (number: number, value: number) =>
          (await call(session, PUT, Buffer.concat([key(number), valueOf(value)]))) !== undefined,
        // Without `serializable` a range is linearizable.
        get: async (number: number) => ((await call(session, RANGE, key(number))) === undefined ? undefined : null),
      }),
    close: () => {
      session.destroy();
    },
  };
}

/** Whether the member at this address leads, or undefined where it does not answer (yet). */
export async function leads(address: string): Promise<boolean | undefined> {
  const session = await open(address).catch(() => undefined);
  if (session === undefined) return undefined;
  const answer = await call(session, STATUS, Buffer.alloc(0));
  session.destroy();
  if (answer === undefined) return undefined;
  const status = fields(answer);
  const header = status.get(1);
  if (!Buffer.isBuffer(header)) return undefined;
  const [own, leader] = [fields(header).get(2), status.get(4)];
  return own !== undefined && own === leader;
}

function open(address: string): Promise<ClientHttp2Session> {
  return new Promise((resolve, reject) => {
    const session = connect(`http://${address}`);
    session.once('error', reject);
    session.once('connect', () => {
      // What ends it later shows in the streams.
      session.on('error', () => undefined);
      resolve(session);
    });
  });
}

/** One unary call. Resolves to the message, or to undefined where it failed. */
function call(session: ClientHttp2Session, path: string, message: Buffer): Promise<Buffer | undefined> {
  return new Promise((resolve) => {
    const stream = session.request({
      ':method': 'POST',
      ':path': path,
      'content-type': 'application/grpc',
      te: 'trailers',
    });
    const received: Buffer[] = [];
    let isOk = false;
    stream.on('trailers', (trailers) => {
      isOk = trailers['grpc-status'] === '0';
    });
    stream.on('data', (chunk: Buffer) => received.push(chunk));
    stream.on('error', () => undefined);
    stream.on('close', () => {
      resolve(isOk ? Buffer.concat(received).subarray(PREFIX_BYTES) : undefined);
    });
    stream.end(framed(message));
  });
}

/** A gRPC message begins with a flag (compressed or not) and its length. */
const PREFIX_BYTES = 5;

function framed(message: Buffer): Buffer {
  const bytes = Buffer.alloc(PREFIX_BYTES + message.length);
  bytes.writeUInt32BE(message.length, 1);
  message.copy(bytes, PREFIX_BYTES);
  return bytes;
}

function field(number: number, content: Buffer): Buffer {
  return Buffer.concat([Buffer.from([(number << 3) | LENGTH_DELIMITED]), varint(content.length), content]);
}

function varint(number: number): Buffer {
  const bytes: number[] = [];
  for (let rest = number; ; rest >>>= 7) {
    if (rest < 128) return Buffer.from([...bytes, rest]);
    bytes.push((rest & 127) | 128);
  }
}

/** The last value of each field: a number for a varint, bytes for what has a length. */
function fields(message: Buffer): ReadonlyMap<number, bigint | Buffer> {
  const found = new Map<number, bigint | Buffer>();
  let at = 0;
  const next = (): bigint => {
    let number = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = message[at++]!;
      number |= BigInt(byte & 127) << shift;
      if (byte < 128) return number;
    }
  };
  while (at < message.length) {
    const tag = Number(next());
    if ((tag & 7) === LENGTH_DELIMITED) {
      const length = Number(next());
      found.set(tag >> 3, message.subarray(at, (at += length)));
    } else if ((tag & 7) === 0) {
      found.set(tag >> 3, next());
    } else {
      throw new Error(`a field of wire type ${tag & 7}`);
    }
  }
  return found;
}
