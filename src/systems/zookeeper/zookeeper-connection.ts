/**
 * One session with one server of ZooKeeper, opened when it is first used. It moves to no other server and resends nothing: when it breaks, what was
 * asked is left open, and the next question begins a new session.
 */
import { connect, type Socket } from 'node:net';
import type { Endpoint } from '../../contract/system.ts';
import { firstFrame } from './jute.ts';
import { decodeReply, encodeConnect, encodeRequest, PING, type ZkReply, type ZkRequest } from './requests.ts';

/** A question that was not answered. `unsent`: not one byte of it left. */
export class NotAnswered extends Error {
  readonly kind: 'unsent' | 'lost';

  constructor(kind: 'unsent' | 'lost', message: string) {
    super(message);
    this.kind = kind;
  }
}

const SESSION_TIMEOUT_MS = 4000;
const PING_EVERY_MS = 1000;
/** Numbers of its own, so that nobody takes its answer for another one. */
const PING_XID = -2;

/** A session that was begun. */
interface Life {
  readonly socket: Socket;
  /** Resolves when the server has taken it. */
  readonly taken: Promise<void>;
  readonly open: Map<number, { resolve: (reply: ZkReply) => void; reject: (error: Error) => void }>;
}

export class ZookeeperConnection {
  readonly #endpoint: Endpoint;
  #life: Life | null = null;
  #xid = 0;

  constructor(endpoint: Endpoint) {
    this.#endpoint = endpoint;
  }

  /** Asks these in order, without waiting between them, and resolves to the reply to the last. Rejects with NotAnswered. */
  async ask(requests: readonly ZkRequest[], deadlineMs: number): Promise<ZkReply> {
    const life = (this.#life ??= this.#begin());
    let hasLeft = false;
    const timer = setTimeout(() => this.#end(life, 'timeout'), Math.max(1, deadlineMs - performance.now()));
    try {
      await life.taken;
      hasLeft = true;
      const replies = await Promise.all(requests.map((request) => this.#send(life, request)));
      return replies.at(-1)!;
    } catch (error) {
      this.#end(life, 'another question failed');
      throw new NotAnswered(hasLeft ? 'lost' : 'unsent', (error as Error).message);
    } finally {
      clearTimeout(timer);
    }
  }

  close(): void {
    if (this.#life !== null) this.#end(this.#life, 'closed');
  }

  #send({ socket, open }: Life, request: ZkRequest): Promise<ZkReply> {
    const xid = ++this.#xid;
    return new Promise((resolve, reject) => {
      open.set(xid, { resolve, reject });
      socket.write(encodeRequest(xid, request));
    });
  }

  #begin(): Life {
    const socket = connect({ ...this.#endpoint, noDelay: true });
    let received: Buffer = Buffer.alloc(0);
    let isTaken = false;
    const pings = setInterval(() => isTaken && socket.write(encodeRequest(PING_XID, PING)), PING_EVERY_MS);
    const open: Life['open'] = new Map();
    const taken = new Promise<void>((resolve, reject) => {
      open.set(0, { resolve: () => resolve(), reject });
    });
    // Whoever asks hears of it; nobody may be asking.
    taken.catch(() => {});
    const life: Life = { socket, taken, open };
    socket.once('connect', () => socket.write(encodeConnect(SESSION_TIMEOUT_MS)));
    socket.on('data', (piece: Buffer) => {
      received = Buffer.concat([received, piece]);
      for (let next = firstFrame(received); next !== null; next = firstFrame(received)) {
        received = next.rest;
        // The first answer is to the session itself.
        const reply = isTaken ? decodeReply(next.frame) : { xid: 0, error: 0, body: decodeReply(next.frame).body };
        isTaken = true;
        open.get(reply.xid)?.resolve(reply);
        open.delete(reply.xid);
      }
    });
    socket.on('error', (error: NodeJS.ErrnoException) => this.#end(life, error.code ?? error.message));
    socket.once('close', () => {
      clearInterval(pings);
      this.#end(life, 'closed');
    });
    return life;
  }

  #end(life: Life, why: string): void {
    if (this.#life === life) this.#life = null;
    life.socket.destroy();
    for (const { reject } of life.open.values()) reject(new Error(why));
    life.open.clear();
  }
}
