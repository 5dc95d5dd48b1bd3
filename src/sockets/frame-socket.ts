/**
 * One TCP connection that carries frames, at either end of it: the node's listener and peer links, the controller's control
 * connection and the clients all speak through this. Payloads sent within one turn of the event loop leave in one write;
 * whatever does not decode ends this connection and nothing else.
 */
import { connect, type Socket } from 'node:net';
import { readAddress } from '../base/address.ts';
import { StalemateError } from '../base/errors.ts';
import { decodeHelloAnswer, encodeHello, type Hello } from '../wire/hello.ts';
import { FrameDecoder } from '../wire/frames.ts';
import { WireError } from '../wire/bytes.ts';

/** Runs `work` once, after the events at hand were handled. */
export type AtTurnEnd = (work: () => void) => void;

const HEADER_BYTES = 4;
const KEEPALIVE_MS = 5000;

/** What the owner of a connection wants to hear. `onPayload` may throw WireError, which ends the connection. */
export interface FrameHandlers {
  onPayload(payload: Uint8Array): void;
  /** Once, whoever ended it and why. */
  onClose(reason: string): void;
}

/** A connection that sends and receives payloads. */
export class FrameSocket {
  readonly #socket: Socket;
  readonly #atTurnEnd: AtTurnEnd;
  readonly #decoder = new FrameDecoder();
  #handlers: FrameHandlers;
  #outgoing: Uint8Array[] = [];
  #outgoingBytes = 0;
  #reason = 'closed';
  #closed = false;

  constructor(socket: Socket, handlers: FrameHandlers, atTurnEnd: AtTurnEnd = setImmediate) {
    this.#socket = socket;
    this.#handlers = handlers;
    this.#atTurnEnd = atTurnEnd;
    socket.setNoDelay(true);
    socket.setKeepAlive(true, KEEPALIVE_MS);
    socket.on('data', (chunk: Buffer) => this.#receive(chunk));
    socket.on('error', (error) => (this.#reason = error.message));
    socket.on('close', () => this.#ended());
  }

  /** Bytes that the other side has not taken yet. */
  get bufferedBytes(): number {
    return this.#outgoingBytes + this.#socket.writableLength;
  }

  /** Takes no larger payload from the next frame on. */
  set maxFrameBytes(bytes: number) {
    this.#decoder.maxBytes = bytes;
  }

  /** From now on these hear of the connection. */
  use(handlers: FrameHandlers): void {
    this.#handlers = handlers;
  }

  /** Takes `payload` along at the end of this turn; dropped if the connection is gone. */
  send(payload: Uint8Array): void {
    if (this.#closed) return;
    if (this.#outgoing.length === 0) this.#atTurnEnd(() => this.#flush());
    this.#outgoing.push(payload);
    this.#outgoingBytes += HEADER_BYTES + payload.length;
  }

  /** Ends the connection after what was sent has left. */
  end(): void {
    this.#flush();
    this.#closed = true;
    this.#socket.end();
  }

  /**
   * Ends the connection at once: nothing that comes in is heard any more, and what still waits here to be sent is lost. (Not
   * by `resetAndDestroy`: on Node 20 it first waits until everything was sent, for ever if the other side is stopped; and if the
   * other side hangs up meanwhile the socket is never closed, and the process spins at its end.)
   */
  drop(reason: string): void {
    this.#closed = true;
    this.#reason = reason;
    this.#outgoing = [];
    this.#outgoingBytes = 0;
    this.#socket.destroy();
  }

  /** One copy of every payload and one write: cheaper than a vectored write for frames of this size. */
  #flush(): void {
    if (this.#outgoing.length === 0) return;
    const bytes = Buffer.allocUnsafe(this.#outgoingBytes);
    let at = 0;
    for (const payload of this.#outgoing) {
      at = bytes.writeUInt32BE(payload.length, at);
      bytes.set(payload, at);
      at += payload.length;
    }
    this.#outgoing = [];
    this.#outgoingBytes = 0;
    this.#socket.write(bytes);
  }

  #receive(chunk: Buffer): void {
    // Whoever was refused and talks on fills no memory here.
    if (this.#closed) return;
    this.#decoder.push(chunk);
    try {
      for (;;) {
        const payload = this.#closed ? undefined : this.#decoder.next();
        if (payload === undefined) return;
        this.#handlers.onPayload(payload);
      }
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      this.drop(`malformed: ${error.message}`);
    }
  }

  #ended(): void {
    this.#closed = true;
    this.#handlers.onClose(this.#reason);
  }
}

/** As FrameHandlers, for the side that called. What is sent before `onAccepted` waits in the other side's buffers. */
export interface DialHandlers extends FrameHandlers {
  onAccepted(): void;
}

/** Connects to `address` (host:port) and says `hello`. A refusal ends the connection with `refused: …` as its reason. */
export function dial(address: string, hello: Hello, handlers: DialHandlers, atTurnEnd?: AtTurnEnd): FrameSocket {
  const { host, port } = parseAddress(address);
  const connection = new FrameSocket(
    connect({ host, port }),
    {
      onPayload: (payload) => {
        const answer = decodeHelloAnswer(payload);
        if (answer.kind === 'refused') return connection.drop(`refused: ${answer.reason}`);
        connection.use(handlers);
        return handlers.onAccepted();
      },
      onClose: (reason) => handlers.onClose(reason),
    },
    atTurnEnd,
  );
  connection.send(encodeHello(hello));
  return connection;
}

/** The parts of `host:port`. Throws a usage error where it is none. */
export function parseAddress(address: string): { readonly host: string; readonly port: number } {
  const parts = readAddress(address);
  if (parts === undefined) {
    throw new StalemateError('usage', `${address}: not an address`, 'write host:port, as in 127.0.0.1:20001');
  }
  return parts;
}
