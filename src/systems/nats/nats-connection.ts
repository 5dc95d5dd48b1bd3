/**
 * One connection to one server of NATS, opened when it is first used. It moves to no other server, keeps nothing back and resends nothing: when it
 * breaks, what was asked is left open.
 */
import { connect, type Socket } from 'node:net';
import type { Endpoint } from '../../contract/system.ts';
import { decodeSaid, encodePublish, type NatsSaid } from './nats-wire.ts';

type Message = Extract<NatsSaid, { kind: 'message' }>;

/** `unsent`: not one byte of it left, or nobody was there to hear it. */
export type NatsAnswer =
  | { readonly kind: 'answered'; readonly message: Message }
  | { readonly kind: 'unsent' | 'lost'; readonly error: string };

/** A question: the subject that it is published on, and what. */
export interface NatsQuestion {
  readonly subject: string;
  readonly payload: string;
  readonly headers?: Readonly<Record<string, string>>;
}

const HELLO = JSON.stringify({
  verbose: false,
  pedantic: false,
  headers: true,
  no_responders: true,
  lang: 'js',
  version: '1',
});
/** Where this connection is answered: nobody else listens there, and the number that follows says which question it was. */
const INBOX = '_INBOX.stalemate';
/** The server's word that nobody subscribes to the subject. */
const NO_RESPONDERS = 503;

/** A connection that was begun. */
interface Life {
  readonly socket: Socket;
  /** Resolves when the server listens to it. */
  readonly heard: Promise<void>;
  readonly open: Map<string, { resolve: (message: Message) => void; reject: (error: Error) => void }>;
}

let connections = 0;

export class NatsConnection {
  readonly #endpoint: Endpoint;
  readonly #inbox = `${INBOX}.${process.pid}.${++connections}`;
  #life: Life | null = null;
  #asked = 0;

  constructor(endpoint: Endpoint) {
    this.#endpoint = endpoint;
  }

  async ask(question: NatsQuestion, timeoutMs: number): Promise<NatsAnswer> {
    const life = (this.#life ??= this.#begin());
    let hasLeft = false;
    const timer = setTimeout(() => this.#end(life, 'timeout'), Math.max(1, timeoutMs));
    try {
      await life.heard;
      hasLeft = true;
      const message = await this.#send(life, question);
      if (message.status !== NO_RESPONDERS) return { kind: 'answered', message };
      return { kind: 'unsent', error: 'nobody hears it' };
    } catch (error) {
      return { kind: hasLeft ? 'lost' : 'unsent', error: (error as Error).message };
    } finally {
      clearTimeout(timer);
    }
  }

  close(): void {
    if (this.#life !== null) this.#end(this.#life, 'closed');
  }

  #send({ socket, open }: Life, question: NatsQuestion): Promise<Message> {
    const reply = `${this.#inbox}.${++this.#asked}`;
    return new Promise((resolve, reject) => {
      open.set(reply, { resolve, reject });
      socket.write(encodePublish({ ...question, reply }));
    });
  }

  #begin(): Life {
    const socket = connect({ ...this.#endpoint, noDelay: true });
    const open: Life['open'] = new Map();
    const heard = new Promise<void>((resolve, reject) => {
      open.set('', { resolve: () => resolve(), reject });
    });
    // Whoever asks hears of it; nobody may be asking.
    heard.catch(() => {});
    const life: Life = { socket, heard, open };
    let received: Buffer = Buffer.alloc(0);
    socket.once('connect', () => socket.write(`CONNECT ${HELLO}\r\nSUB ${this.#inbox}.* 1\r\nPING\r\n`));
    socket.on('data', (piece: Buffer) => {
      received = Buffer.concat([received, piece]);
      for (let next = decodeSaid(received); next !== null; next = decodeSaid(received)) {
        received = received.subarray(next.end);
        this.#onSaid(life, next.said);
      }
    });
    socket.on('error', (error: NodeJS.ErrnoException) => this.#end(life, error.code ?? error.message));
    socket.once('close', () => this.#end(life, 'closed'));
    return life;
  }

  #onSaid(life: Life, said: NatsSaid): void {
    if (said.kind === 'ping') life.socket.write('PONG\r\n');
    if (said.kind === 'refusal') this.#end(life, said.words);
    // The first PONG is the answer to the first PING: by then it is subscribed.
    const key = said.kind === 'pong' ? '' : said.kind === 'message' ? said.subject : undefined;
    if (key === undefined) return;
    life.open.get(key)?.resolve(said as Message);
    life.open.delete(key);
  }

  #end(life: Life, why: string): void {
    if (this.#life === life) this.#life = null;
    life.socket.destroy();
    for (const { reject } of life.open.values()) reject(new Error(why));
    life.open.clear();
  }
}
