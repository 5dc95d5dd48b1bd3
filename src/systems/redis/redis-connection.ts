/**
 * One connection to Redis or a sentinel, opened when it is first used. No offline queue, no retry, no resend: what was not answered is told to
 * whoever asked. Client libraries have all three, and each would make a lost answer look like something else.
 */
import { connect, type Socket } from 'node:net';
import type { Endpoint } from '../../contract/system.ts';
import { decodeReplies, encodeCommand, type Reply } from './resp.ts';

/** `unsent`: not one byte left. `lost`: it left, and was not answered, or not in time. */
export type RedisAnswer =
  | { readonly kind: 'answered'; readonly replies: readonly Reply[] }
  | { readonly kind: 'unsent' | 'lost'; readonly error: string };

export class RedisConnection {
  readonly #endpoint: Endpoint;
  #socket: Socket | null = null;

  constructor(endpoint: Endpoint) {
    this.#endpoint = endpoint;
  }

  /** Sends the commands at once, and resolves to a reply for each. One call at a time. */
  async ask(commands: readonly (readonly string[])[], timeoutMs: number): Promise<RedisAnswer> {
    const socket = (this.#socket ??= this.#open());
    const answer = await answered(socket, commands, timeoutMs);
    // Whatever still comes on it would be taken for the answer to the next question.
    if (answer.kind !== 'answered') this.close();
    return answer;
  }

  close(): void {
    this.#socket?.destroy();
    this.#socket = null;
  }

  #open(): Socket {
    const socket = connect({ ...this.#endpoint, noDelay: true });
    socket.on('error', () => {});
    socket.once('close', () => {
      if (this.#socket === socket) this.#socket = null;
    });
    return socket;
  }
}

function answered(socket: Socket, commands: readonly (readonly string[])[], timeoutMs: number): Promise<RedisAnswer> {
  return new Promise((resolve) => {
    let received = Buffer.alloc(0);
    const replies: Reply[] = [];
    let hasLeft = !socket.connecting;
    const onConnect = (): void => void (hasLeft = true);
    const failed = (error: string): void => settle({ kind: hasLeft ? 'lost' : 'unsent', error });
    const timer = setTimeout(() => failed('timeout'), timeoutMs);
    const onData = (piece: Buffer): void => {
      received = Buffer.concat([received, piece]);
      const decoded = decodeReplies(received);
      received = received.subarray(decoded.taken);
      replies.push(...decoded.replies);
      if (replies.length >= commands.length) settle({ kind: 'answered', replies });
    };
    const onError = (error: NodeJS.ErrnoException): void => failed(error.code ?? error.message);
    const onClose = (): void => failed('closed');
    const settle = (answer: RedisAnswer): void => {
      clearTimeout(timer);
      socket.off('connect', onConnect).off('data', onData).off('error', onError).off('close', onClose);
      resolve(answer);
    };
    socket.on('connect', onConnect).on('data', onData).on('error', onError).on('close', onClose);
    socket.write(commands.map(encodeCommand).join(''));
  });
}
