/**
 * The node's one port. Peers, clients and the controller all come in here; the hello tells them apart, and whoever means
 * another cluster or another node is refused.
 */
import { createServer, type Server } from 'node:net';
import { MAX_FRAME_BYTES } from '../wire/frames.ts';
import { answerHello, decodeHello, encodeHelloAnswer, type Called, type Hello } from '../wire/hello.ts';
import { FrameSocket, parseAddress, type AtTurnEnd } from '../sockets/frame-socket.ts';

export interface ListenerOptions {
  readonly address: string;
  /** Who is called here, at this moment. */
  readonly called: () => Called;
  readonly atTurnEnd: AtTurnEnd;
  /** Takes the connection over with `connection.use`. `from` is the peer that it is of, if it is a peer's. */
  readonly onConnection: (hello: Hello, connection: FrameSocket, from: string) => void;
  /** The port could not be opened. */
  readonly onFatal: (error: Error) => void;
}

/** Who says nothing for so long is no client of ours. */
const HELLO_TIMEOUT_MS = 10_000;
/** A stranger fills no memory here: whoever has not said who he is gets no more than a hello takes. */
const MAX_HELLO_BYTES = 4096;

/** Listens on this node's own address and calls `onListening` once it does. */
export function listen(options: ListenerOptions, onListening: () => void): Server {
  const server = createServer({ noDelay: true }, (socket) => {
    const timer = setTimeout(() => connection.drop('no hello'), HELLO_TIMEOUT_MS);
    const connection = new FrameSocket(
      socket,
      {
        onPayload: (payload) => {
          clearTimeout(timer);
          greet(options, connection, payload);
        },
        onClose: () => clearTimeout(timer),
      },
      options.atTurnEnd,
    );
    connection.maxFrameBytes = MAX_HELLO_BYTES;
  });
  server.on('error', options.onFatal);
  return server.listen(parseAddress(options.address), onListening);
}

function greet(options: ListenerOptions, connection: FrameSocket, payload: Uint8Array): void {
  const hello = decodeHello(payload);
  const answer = answerHello(hello, options.called());
  connection.send(encodeHelloAnswer(answer));
  if (answer.kind === 'refused') return connection.end();
  connection.maxFrameBytes = MAX_FRAME_BYTES;
  return options.onConnection(hello, connection, answer.from);
}
